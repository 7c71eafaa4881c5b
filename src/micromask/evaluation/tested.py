"""The predictions of a run as arrays: a row a tested sample and fold, the same rows for every seed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from micromask.core.results import Prediction, Results
from micromask.evaluation.metrics import confusion
from micromask.evaluation.statistics import subject_counts


@dataclass(frozen=True, slots=True, eq=False)
class Tested:
    """What was said of what was tested, in the order of the folds.

    ``ids``, ``clips``, ``subjects`` and ``folds`` (M,) name each row, ``truth`` (M,) is its class. ``probabilities``
    (R, M, K) hold a layer a seed, in the order of ``seeds``. A sample that several folds test has a row in each.
    """

    labels: tuple[str, ...]
    seeds: tuple[int, ...]
    ids: NDArray[np.str_]
    clips: NDArray[np.str_]
    subjects: NDArray[np.str_]
    folds: NDArray[np.str_]
    truth: NDArray[np.int64]
    probabilities: NDArray[np.float64]

    @property
    def said(self) -> NDArray[np.int64]:
        """The class of the highest probability (R, M), the first of equals."""
        return np.asarray(self.probabilities.argmax(axis=2), np.int64)

    @property
    def right(self) -> NDArray[np.bool_]:
        """Whether it is the true one (R, M)."""
        return np.asarray(self.said == self.truth, bool)

    def where(self, rows: NDArray[np.bool_]) -> Tested:
        """Some of the rows."""
        ids, clips, subjects, folds = (each[rows] for each in (self.ids, self.clips, self.subjects, self.folds))
        return Tested(
            self.labels, self.seeds, ids, clips, subjects, folds, self.truth[rows], self.probabilities[:, rows]
        )

    def counts(self) -> NDArray[np.int64]:
        """Confusion counts of each seed (R, K, K), pooled over the folds."""
        return np.stack([confusion(self.truth, said, len(self.labels)) for said in self.said])

    def subject_counts(self) -> NDArray[np.int64]:
        """The same of each seed and person (R, S, K, K), people in the order of their names."""
        people = self.subjects.tolist()
        return np.stack([subject_counts(self.truth, said, people, len(self.labels)) for said in self.said])


def tested_of(results: Results) -> Tested:
    """The predictions of a run, a row a sample and fold.

    Raises
    ------
    ValueError
        If there are none, one names a sample, label or number of classes that the run does not have, two are of the
        same sample, fold and seed, or the seeds were not tested on the same.
    """
    if not results.predictions:
        raise ValueError("a run without predictions has no figures")
    by_seed: dict[int, dict[tuple[str, str], Prediction]] = {}
    for each in results.predictions:
        own = by_seed.setdefault(each.seed, {})
        if own.setdefault((each.fold, each.sample), each) is not each:
            raise ValueError(f"fold {each.fold} has two predictions of {each.sample} with seed {each.seed}")
    seeds = tuple(sorted(by_seed))
    rows = list(by_seed[seeds[0]])
    for seed in seeds[1:]:
        if set(by_seed[seed]) != set(rows):
            odd = min(set(by_seed[seed]) ^ set(rows))
            raise ValueError(f"seeds {seeds[0]} and {seed} were not tested on the same: {odd[1]} in fold {odd[0]}")
    samples = {sample.id: sample for sample in results.samples}
    codes = {label: code for code, label in enumerate(results.labels)}
    first = by_seed[seeds[0]]
    for (_, name), each in first.items():
        if name not in samples or each.truth not in codes:
            raise ValueError(f"a prediction of {name} with truth {each.truth!r} is of nothing that the run has")
    probabilities = [[by_seed[seed][row].probabilities for row in rows] for seed in seeds]
    if {len(told) for layer in probabilities for told in layer} != {len(codes)}:
        raise ValueError(f"every prediction has a probability for each of the {len(codes)} labels")
    return Tested(
        labels=results.labels,
        seeds=seeds,
        ids=np.array([name for _, name in rows]),
        clips=np.array([samples[name].clip for _, name in rows]),
        subjects=np.array([str(samples[name].subject) for _, name in rows]),
        folds=np.array([fold for fold, _ in rows]),
        truth=np.array([codes[first[row].truth] for row in rows], np.int64),
        probabilities=np.array(probabilities, np.float64),
    )


def by_clip(tested: Tested) -> Tested:
    """A row a clip and fold instead of one a frame: the mean of the probabilities of its frames.

    >>> two = np.array(["a#1", "a#2"]), np.array(["a", "a"]), np.array(["ann"] * 2), np.array(["1"] * 2)
    >>> frames = Tested(("x", "y"), (0,), *two, np.array([1, 1]), np.array([[[0.75, 0.25], [0.0, 1.0]]]))
    >>> by_clip(frames).probabilities.tolist(), by_clip(frames).right.tolist()
    ([[[0.375, 0.625]]], [[True]])
    """
    pairs = list(zip(tested.folds.tolist(), tested.clips.tolist(), strict=True))
    place = {pair: at for at, pair in enumerate(dict.fromkeys(pairs))}
    group = np.array([place[pair] for pair in pairs])
    first = np.unique(group, return_index=True)[1]
    sums = np.zeros((len(tested.seeds), len(place), len(tested.labels)))
    for layer, told in zip(sums, tested.probabilities, strict=True):
        np.add.at(layer, group, told)
    return Tested(
        tested.labels,
        tested.seeds,
        tested.clips[first],
        tested.clips[first],
        tested.subjects[first],
        tested.folds[first],
        tested.truth[first],
        sums / np.bincount(group)[:, None],
    )
