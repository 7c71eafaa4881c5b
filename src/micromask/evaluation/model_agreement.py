"""Two models on the same unlabelled intervals: how often they name the same emotion, and how far beyond chance."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any, Literal

import numpy as np

from micromask import __version__
from micromask.core.errors import BadInputError
from micromask.evaluation.agreement_words import cautions_of, headline
from micromask.evaluation.judged import Judged, Rater
from micromask.evaluation.kappa import Chance, cohen
from micromask.evaluation.metrics import accuracy_each
from micromask.evaluation.rates import LEAST_PEOPLE
from micromask.evaluation.statistics import bootstrap_counts, subject_counts

FORMAT = "micromask-agreement/1"

_ONE_SHARED = {"value": None, "interval": None, "why": "one emotion is shared, and where both name it they agree"}

Unit = Literal["participants", "recordings", "participants, or recordings where nobody is named"]


def shared_emotions(first: Rater, second: Rater) -> tuple[str, ...]:
    """The emotions that both models know, in the first one's order.

    Raises
    ------
    BadInputError
        If there is none, or a model has two classes of one name.
    """
    for each in (first, second):
        if len(set(each.classes)) < len(each.classes):
            raise BadInputError(f"{each.name} has classes that are one and the same emotion: {', '.join(each.classes)}")
    shared = tuple(name for name in first.classes if name in second.classes)
    if not shared:
        raise BadInputError(
            f"{first.name} knows {', '.join(first.classes)} and {second.name} {', '.join(second.classes)}: no emotion "
            "is shared, so there is nothing to compare; take models of the same label set"
        )
    return shared


def model_agreement(judged: Sequence[Judged], first: Rater, second: Rater, *, command: str = "") -> dict[str, Any]:
    """How far two models agree on the intervals of some recordings, of which nobody knows the truth.

    A model names the most probable of its own emotions. Raw agreement and Cohen's kappa are over the intervals in which
    both name an emotion that both know; the others are counted. For a single emotion, 'this one or any other' is
    compared over all intervals that both could read, so that what only one model knows is 'any other'.

    Parameters
    ----------
    judged : sequence of Judged
    first, second : Rater
        Whose ``classes`` the probabilities are over.
    command : str
        The line that asked for it.

    Returns
    -------
    dict
        Ready for ``json.dumps(..., allow_nan=False)``. 95 % intervals are over new draws of ``unit``: participants
        where they are named, else recordings; of fewer than ``least_units`` there is none. ``intervals`` has every
        interval with what each model said; ``same`` is None where it does not count, and ``why`` says why not.
        ``table`` counts all intervals that both read, over all classes of each. ``cautions``: what one has to know,
        first of all that agreement is not accuracy. Where one emotion is shared, agreement where both name it is no
        finding: there is neither raw agreement nor kappa but that of the emotion against everything else.

    Raises
    ------
    BadInputError
        As `shared_emotions`; and if there is no interval.

    Source
    ------
    Kappa: Cohen 1960, doi:10.1177/001316446002000104; drawing people: Field, Welsh 2007,
    doi:10.1111/j.1467-9868.2007.00593.x
    """
    shared = shared_emotions(first, second)
    if not judged:
        raise BadInputError("no interval was spotted in these recordings, so there is nothing that models could name")
    rows = [_row(one, shared, first, second) for one in judged]
    both = [row for row in rows if row["first"] and row["second"]]
    used = [row for row in both if row["same"] is not None]
    said = np.array([[shared.index(row[side]["emotion"]) for row in used] for side in ("first", "second")], np.int64)
    kappa = cohen(said.reshape(2, len(used)), _units(used), shared)
    document: dict[str, Any] = {
        "format": FORMAT,
        "version": __version__,
        "command": command,
        "models": [_model(each, shared) for each in (first, second)],
        "shared": list(shared),
        "recordings": len({one.recording for one in judged}),
        "participants": len({one.participant for one in judged if one.participant}),
        "unit": unit_of(judged),
        "units": len(set(_units(used))),
        "least_units": LEAST_PEOPLE,
        "spotted": len(rows),
        "read": len(both),
        "compared": len(used),
        "not_shared": {side: sum(row[side]["emotion"] not in shared for row in both) for side in ("first", "second")},
        "not_read": {side: sum(row[side] is None for row in rows) for side in ("first", "second")},
        "same": sum(row["same"] for row in used),
        "raw": _raw(said, _units(used), shared),
        "kappa": _kappa(kappa, len(set(_units(used)))) if len(shared) > 1 else dict(_ONE_SHARED),
        "emotions": [_emotion(name, both, _units(both)) for name in shared],
        "table": _table(both, first, second),
        "by_recording": _by_recording(judged, rows),
        "intervals": rows,
    }
    document["words"] = headline(document)
    document["cautions"] = cautions_of(document)
    return document


def unit_of(judged: Sequence[Judged]) -> Unit:
    """What is drawn anew for the intervals of 95 %."""
    named = {bool(one.participant) for one in judged}
    if named == {True}:
        return "participants"
    return "recordings" if named == {False} else "participants, or recordings where nobody is named"


def _units(rows: Sequence[dict[str, Any]]) -> list[str]:
    """Whose each interval is, or of which film where that is not told."""
    return [row["participant"] or f"film {row['recording']}" for row in rows]


def _row(one: Judged, shared: Sequence[str], first: Rater, second: Rater) -> dict[str, Any]:
    told = [_named(chances) for chances in (one.first, one.second)]
    why, same = "", None
    silent = [each.name for each, said in zip((first, second), told, strict=True) if said is None]
    alone = [
        f"only {each.name} knows {said['emotion']}"
        for each, said in zip((first, second), told, strict=True)
        if said and said["emotion"] not in shared
    ]
    if silent:
        why = f"{' and '.join(silent)} could not read it"
    elif alone:
        why = "; ".join(alone)
    else:
        same = len({said["emotion"] for said in told if said}) == 1
    return {
        "recording": one.recording,
        "title": one.title,
        "participant": one.participant,
        "number": one.number,
        "face": one.face,
        "kind": one.kind,
        **dict(zip(("onset", "apex", "offset"), one.frames, strict=True)),
        **dict(zip(("onset_s", "apex_s", "offset_s"), one.seconds, strict=True)),
        "first": told[0],
        "second": told[1],
        "same": same,
        "why": why,
    }


def _named(chances: Any) -> dict[str, Any] | None:
    if not chances:
        return None
    emotion = max(chances, key=chances.__getitem__)
    return {"emotion": emotion, "probability": chances[emotion], "probabilities": dict(chances)}


def _model(each: Rater, shared: Sequence[str]) -> dict[str, Any]:
    return {
        "name": each.name,
        "describe": each.describe,
        "reads": each.reads,
        "classes": list(each.classes),
        "alone": [name for name in each.classes if name not in shared],
        "fitted_on": list(each.fitted_on),
    }


def _kappa(told: Chance, units: int) -> dict[str, Any]:
    """A kappa with its interval, or in words why there is none; in the words of intervals, not of coders' frames."""
    why, interval = "", told.interval
    if told.value is None:
        if not told.frames:
            why = "no interval in which both name an emotion that both know"
        else:
            why = "both always name one and the same emotion, so that agreement by chance is certain"
    elif units < LEAST_PEOPLE:
        why, interval = f"an interval needs {LEAST_PEOPLE} or more to draw from, got {units}", None
    ends = None if interval is None or not np.isfinite(interval).all() else list(interval)
    return {"value": told.value, "interval": ends, "why": why}


def _raw(said: np.ndarray[Any, Any], names: Sequence[str], shared: Sequence[str]) -> dict[str, Any]:
    if not names or len(shared) == 1:
        return {"value": None, "interval": None}
    ends = None
    if len(set(names)) >= LEAST_PEOPLE:
        drawn = bootstrap_counts(subject_counts(said[0], said[1], names, len(shared)), accuracy_each)
        ends = [drawn.low, drawn.high]
    return {"value": float((said[0] == said[1]).mean()), "interval": ends}


def _emotion(name: str, both: Sequence[dict[str, Any]], names: Sequence[str]) -> dict[str, Any]:
    """One emotion against everything else, over all intervals that both models read."""
    said = np.array([[row[side]["emotion"] == name for row in both] for side in ("first", "second")], np.int64)
    said = said.reshape(2, len(both))
    first, second, common = int(said[0].sum()), int(said[1].sum()), int((said[0] & said[1]).sum())
    told = _kappa(cohen(said, names, ["other", name]), len(set(names)))
    if told["value"] is None and both:
        told["why"] = f"{'both always' if first else 'neither ever'} name{'' if first else 's'} it"
    return {
        "emotion": name,
        "first": first,
        "second": second,
        "both": common,
        "positive_agreement": 2 * common / (first + second) if first + second else None,
        "kappa": told,
    }


def _table(both: Sequence[dict[str, Any]], first: Rater, second: Rater) -> dict[str, Any]:
    pairs = Counter((row["first"]["emotion"], row["second"]["emotion"]) for row in both)
    return {
        "first": list(first.classes),
        "second": list(second.classes),
        "counts": [[pairs[one, other] for other in second.classes] for one in first.classes],
    }


def _by_recording(judged: Sequence[Judged], rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for one, row in zip(judged, rows, strict=True):
        told = found.setdefault(
            one.recording,
            {
                "recording": one.recording,
                "title": one.title,
                "participant": one.participant,
                "spotted": 0,
                "compared": 0,
                "same": 0,
            },
        )
        told["spotted"] += 1
        told["compared"] += row["same"] is not None
        told["same"] += bool(row["same"])
    return list(found.values())
