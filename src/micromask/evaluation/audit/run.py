"""The case of a run of ours."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from micromask.core.results import Results
from micromask.evaluation.audit.case import SIDES, Case, make_case
from micromask.evaluation.audit.facts import Facts


def case_of(results: Results, facts: Facts | None = None) -> Case:
    """The rows of a run's folds with its predictions, and what it says of its selection, seeds and labels.

    Parameters
    ----------
    results : Results
        A sample's attributes ``apex_from``, ``person`` and ``image`` are used where they are there.
    facts : Facts, optional
        What else is known, such as the subjects of the pre-training; selection, seeds and labels are the run's own.

    Raises
    ------
    ValueError
        If a fold or a prediction names a sample that the run does not have.
    """
    place = {sample.id: at for at, sample in enumerate(results.samples)}
    folds = {split.held_out: at for at, split in enumerate(results.splits)}
    samples: list[int] = []
    fold: list[int] = []
    side: list[int] = []
    for split in results.splits:
        for number, ids in enumerate((split.train, split.validation, split.test)):
            samples += [_known(place, each) for each in sorted(ids)]
            fold += [folds[split.held_out]] * len(ids)
            side += [number] * len(ids)
    rows = _of_samples(results, np.array(samples, dtype=np.int64))
    rows["fold"] = [results.splits[each].held_out for each in fold]
    rows["split"] = [SIDES[each] for each in side]
    rows["sample"] = [results.samples[each].id for each in samples]
    rows = rows.merge(_predictions(results), how="left", on=["fold", "split", "sample"])
    own = {"selection": results.selection, "seeds": tuple(results.seeds), "labels": tuple(results.labels)}
    return make_case(results.model, rows, replace(facts or Facts(), **own))  # type: ignore[arg-type]


def _known(place: dict[str, int], sample: str) -> int:
    if sample not in place:
        raise ValueError(f"a fold names the sample {sample!r}, which the run does not have")
    return place[sample]


def _of_samples(results: Results, chosen: np.ndarray[tuple[int], np.dtype[np.int64]]) -> pd.DataFrame:
    every = pd.DataFrame(
        {
            "clip": [each.clip for each in results.samples],
            "subject": [each.subject.name for each in results.samples],
            "dataset": [each.subject.dataset for each in results.samples],
            "recording": [each.recording for each in results.samples],
            "frame": [None if each.frame is None else str(each.frame) for each in results.samples],
            "truth": [each.label for each in results.samples],
            **{
                name: [each.attributes.get(name) for each in results.samples]
                for name in ("apex_from", "person", "image")
            },
        },
        dtype=object,
    )
    return every.iloc[chosen].reset_index(drop=True)


def _predictions(results: Results) -> pd.DataFrame:
    """A row per prediction: on the test side of its fold, the label with the highest probability."""
    known = {sample.id for sample in results.samples}
    for each in results.predictions:
        if each.sample not in known:
            raise ValueError(f"a prediction names the sample {each.sample!r}, which the run does not have")
    best = [results.labels[int(np.argmax(each.probabilities))] for each in results.predictions]
    return pd.DataFrame(
        {
            "fold": [each.fold for each in results.predictions],
            "split": ["test"] * len(best),
            "sample": [each.sample for each in results.predictions],
            "seed": [str(each.seed) for each in results.predictions],
            "prediction": best,
        },
        dtype=object,
    )
