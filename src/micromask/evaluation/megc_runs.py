"""Runs of ours as the MEGC challenges want them: films by what was found in them, clips by what was predicted."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from micromask.core.errors import BadInputError
from micromask.core.results import Results
from micromask.core.types import Analysis
from micromask.evaluation.megc_log import LoggedPrediction
from micromask.evaluation.spotting import Spotted

CLASSES = ("negative", "positive", "surprise")
"""The classes of MEGC 2019 in the order of their numbers, 0 to 2."""


def spotted_films(analyses: Iterable[Analysis], subject: str = "") -> dict[str, tuple[Spotted, ...]]:
    """What was found in analysed films, by film; of several faces in a film all count.

    Parameters
    ----------
    analyses : iterable of Analysis
    subject : str
        Whose films they are, where the recordings do not say: then a film is called ``SUBJECT/VIDEO``, as the table
        with emotions wants it, else by its recording's id.

    Raises
    ------
    BadInputError
        If two films have one name: their intervals would be counted as of one.
    """
    found: dict[str, tuple[Spotted, ...]] = {}
    for analysis in analyses:
        recording = analysis.recording
        who = subject or (recording.subject.name if recording.subject else "")
        name = f"{who}/{recording.id}" if who else recording.id
        if name in found:
            raise BadInputError(f"two of these runs are of a film {name}: give each film once")
        found[name] = tuple(
            Spotted(each.onset, each.offset, each.kind, each.emotion or "") for each in analysis.expressions
        )
    return found


def logged_predictions(results: Results, seed: int | None = None) -> tuple[LoggedPrediction, ...]:
    """The predictions of a run as a recognition log of MEGC 2019 has them, person after person.

    Parameters
    ----------
    results : Results
        Of clips (not of frames), in classes of MEGC 2019, each tested once a seed.
    seed : int, optional
        Which seed's; the first one's, if not given.

    Raises
    ------
    BadInputError
        If the run is another one, or has no such seed.
    """
    strange = sorted(set(results.labels) - set(CLASSES))
    if strange:
        raise BadInputError(
            f"a recognition log has the classes {', '.join(CLASSES)}, and this run has {', '.join(strange)}: "
            "evaluate with --labels megc-3"
        )
    if any(sample.frame is not None for sample in results.samples):
        raise BadInputError("a recognition log has an answer a clip, and this run has one a frame")
    wanted = results.seeds[0] if seed is None else seed
    if wanted not in results.seeds:
        raise BadInputError(f"the run has the seeds {', '.join(map(str, results.seeds))}, not {wanted}")
    known = {sample.id: sample for sample in results.samples}
    own = [each for each in results.predictions if each.seed == wanted]
    if len({each.sample for each in own}) < len(own):
        raise BadInputError("a recognition log has each clip once, and this run tests some in several folds")
    told = [
        LoggedPrediction(
            known[each.sample].subject.dataset,
            known[each.sample].subject.name,
            known[each.sample].clip.rpartition("/")[2],
            CLASSES.index(each.truth),
            CLASSES.index(results.labels[int(np.argmax(each.probabilities))]),
        )
        for each in own
    ]
    return tuple(sorted(told, key=lambda each: (each.dataset, each.subject, each.file)))
