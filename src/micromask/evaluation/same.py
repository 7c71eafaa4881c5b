"""Runs brought to the same rows, so that they can be compared: the same samples of the same people, the same truth."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from micromask.core.errors import BadInputError
from micromask.core.results import Results
from micromask.evaluation.tested import Tested, by_clip, tested_of

Compared = Literal["samples", "clips"]


def same_rows(runs: Mapping[str, Results]) -> tuple[dict[str, Tested], Compared]:
    """The predictions of runs in the same rows and with the labels in the same order, those of the first run.

    Where the runs read clips in different ways (one by frames, another as motion), their samples differ and their clips
    may be the same: then they are compared by clip, a clip's probabilities being the mean of its frames'.

    Raises
    ------
    BadInputError
        If the runs differ in labels, in what was tested or how often, in whose it is, or in what is true of it.
    """
    every = {}
    for name, results in runs.items():
        try:
            every[name] = tested_of(results)
        except ValueError as error:
            raise BadInputError(f"{name}: {error}") from error
    first, *others = every
    for other in others:
        _same_labels(first, every[first], other, every[other])
    compared: Compared = "samples"
    if len({_times(each) for each in every.values()}) > 1:
        compared = "clips"
        every = {name: by_clip(each) for name, each in every.items()}
    rows = {name: _in_order(each, every[first].labels) for name, each in every.items()}
    for other in others:
        _same_samples(first, rows[first], other, rows[other])
        _same_facts(first, rows[first], other, rows[other])
    return rows, compared


def _same_labels(first: str, one: Tested, second: str, other: Tested) -> None:
    if set(one.labels) != set(other.labels):
        raise BadInputError(
            f"{first} and {second} have other labels: {', '.join(one.labels)} and {', '.join(other.labels)}; "
            "compare runs with the same --labels"
        )


def _times(tested: Tested) -> frozenset[tuple[str, int]]:
    """How often each sample was tested."""
    return frozenset(Counter(tested.ids.tolist()).items())


def _in_order(tested: Tested, labels: tuple[str, ...]) -> Tested:
    """Rows by sample, then fold; labels in the order given."""
    rows = np.lexsort((tested.folds, tested.ids))
    columns = [tested.labels.index(label) for label in labels]
    place = np.argsort(columns)
    return replace(
        tested,
        labels=labels,
        ids=tested.ids[rows],
        clips=tested.clips[rows],
        subjects=tested.subjects[rows],
        folds=tested.folds[rows],
        truth=np.asarray(place[tested.truth[rows]], np.int64),
        probabilities=tested.probabilities[:, rows][:, :, columns],
    )


def _same_samples(first: str, one: Tested, second: str, other: Tested) -> None:
    here, there = (Counter(each.ids.tolist()) for each in (one, other))
    if here == there:
        return
    parts = [
        f"{len(extra)} only in {name} (such as {min(extra)})"
        for name, extra in ((first, here.keys() - there.keys()), (second, there.keys() - here.keys()))
        if extra
    ]
    if not parts:
        odd = min(name for name in here if here[name] != there[name])
        parts = [f"{odd} {here[odd]} and {there[odd]} times"]
    raise BadInputError(
        f"{first} and {second} were tested on other samples: {', '.join(parts)}; "
        "compare runs on the same data and protocol"
    )


def _same_facts(first: str, one: Tested, second: str, other: Tested) -> None:
    said = np.array(one.labels)
    facts: tuple[tuple[str, NDArray[np.str_], NDArray[np.str_]], ...] = (
        ("truth", said[one.truth], said[other.truth]),
        ("subjects", one.subjects, other.subjects),
    )
    for what, mine, theirs in facts:
        odd = np.flatnonzero(mine != theirs)
        if len(odd):
            at = odd[0]
            samples = len(set(one.ids[odd].tolist()))
            raise BadInputError(
                f"{first} and {second} have other {what}: {one.ids[at]} is {mine[at]!s} in {first} and {theirs[at]!s} "
                f"in {second} ({samples} such in all); compare runs on the same annotation"
            )


def folds_of(results: Results, compared: Compared) -> frozenset[tuple[frozenset[str], frozenset[str]]]:
    """What was tested and what was learnt from in each fold, whatever the folds are called."""
    name = {sample.id: sample.id if compared == "samples" else sample.clip for sample in results.samples}
    return frozenset(
        (
            frozenset(name[each] for each in split.test),
            frozenset(name[each] for each in split.train | split.validation),
        )
        for split in results.splits
    )
