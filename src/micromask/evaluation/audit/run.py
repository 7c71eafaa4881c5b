"""The case of a run of ours."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from micromask.core.results import Results
from micromask.evaluation.audit.case import SIDES, Case, make_case, names
from micromask.evaluation.audit.facts import Facts
from micromask.evaluation.audit.looks import look_at
from micromask.evaluation.chance import seed_matters


def case_of(results: Results, facts: Facts | None = None, pictures: NDArray[np.uint8] | None = None) -> Case:
    """The rows of a run's folds with its predictions, and what it says of its selection, seeds and labels.

    Parameters
    ----------
    results : Results
        A sample's attributes ``apex_from``, ``person`` and ``image`` are used where they are there.
    facts : Facts, optional
        What else is known, such as the subjects of the pre-training; selection, seeds and labels are the run's own,
        and whether a seed matters follows from the model where it is not said.
    pictures : (N, H, W) or (N, H, W, 3) uint8, optional
        A picture of each sample, in the order of ``results.samples``, as `evaluation.material.stills` gives them. They
        are then called by their samples' names, and near-duplicates (LK003) are looked for among them.

    Raises
    ------
    ValueError
        If a fold or a prediction names a sample that the run does not have, or there are not as many pictures as
        samples.
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
    if pictures is not None:
        rows["image"] = [results.samples[each].id for each in samples]
    rows["fold"] = [results.splits[each].held_out for each in fold]
    rows["split"] = [SIDES[each] for each in side]
    rows["sample"] = [results.samples[each].id for each in samples]
    rows = rows.merge(_predictions(results), how="left", on=["fold", "split", "sample"])
    known = facts or Facts()
    if known.deterministic is None and len(results.seeds) == 1:
        known = replace(known, deterministic=not seed_matters(results.model))
    own = {"selection": results.selection, "seeds": tuple(results.seeds), "labels": tuple(results.labels)}
    case = make_case(results.model, rows, replace(known, **own))  # type: ignore[arg-type]
    if pictures is None:
        return case
    if len(pictures) != len(results.samples):
        raise ValueError(f"{len(pictures)} pictures of {len(results.samples)} samples")
    return replace(case, looks=look_at(pictures[[place[name] for name in names(case.rows, "image")]]))


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
