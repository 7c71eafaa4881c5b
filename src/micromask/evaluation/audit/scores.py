"""Figures computed anew from the predictions of a table: pooled over folds, as means of folds, with intervals."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from micromask.evaluation.audit.case import TEST, Case, IntArray, codes, names

FloatArray = NDArray[np.float64]
DRAWS = 2000


@dataclass(frozen=True, slots=True, eq=False)
class Scored:
    """Test predictions of a case.

    ``labels`` are the classes; ``counts`` (S, F, K, K) are the confusion counts of each seed and fold, row the truth;
    ``folds`` is F; ``right``, ``major``, ``samples`` (P,) are, by person, the samples that were right, those of the
    most frequent class and all; ``share`` is the share of that class.
    """

    labels: tuple[str, ...]
    counts: IntArray
    right: IntArray
    major: IntArray
    samples: IntArray

    @property
    def folds(self) -> int:
        """How many folds were tested."""
        return int(self.counts.shape[1])

    @property
    def accuracy(self) -> float:
        """Share of all predictions that are right."""
        return float(self.right.sum() / self.samples.sum())

    @property
    def share(self) -> float:
        """Share of the most frequent class."""
        return float(self.major.sum() / self.samples.sum())


def scored(case: Case) -> Scored | None:
    """The test rows with truth and prediction, counted; None where there is none."""
    rows = case.rows
    rows = rows[(codes(rows, "split") == TEST) & (codes(rows, "truth") >= 0) & (codes(rows, "prediction") >= 0)]
    if not len(rows):
        return None
    labels = sorted({*names(rows, "truth"), *names(rows, "prediction"), *case.facts.labels})
    truth, predicted = (
        np.array([labels.index(name) for name in names(rows, column)])[codes(rows, column)]
        for column in ("truth", "prediction")
    )
    seeds, seed = np.unique(codes(rows, "seed"), return_inverse=True)
    folds, fold = np.unique(codes(rows, "fold"), return_inverse=True)
    many = len(labels)
    cell = ((seed * len(folds) + fold) * many + truth) * many + predicted
    counts = np.bincount(cell, minlength=len(seeds) * len(folds) * many**2)
    people, who = np.unique(codes(rows, "who"), return_inverse=True)
    most = int(np.bincount(truth, minlength=many).argmax())
    return Scored(
        tuple(labels),
        counts.reshape(len(seeds), len(folds), many, many),
        np.bincount(who, weights=truth == predicted, minlength=len(people)).astype(np.int64),
        np.bincount(who, weights=truth == most, minlength=len(people)).astype(np.int64),
        np.bincount(who, minlength=len(people)),
    )


def figures(counts: IntArray) -> dict[str, FloatArray]:
    """Figures of confusion counts (..., K, K), each (...,), by ``figure-average``.

    Classes that are neither shown nor said count 0 in ``...-all`` and are left out of the mean in ``...-macro``.

    >>> found = figures(np.array([[1, 1, 0], [0, 2, 0], [0, 0, 0]]))
    >>> {name: round(float(value), 3) for name, value in found.items() if name.startswith("f1")}
    {'f1-macro': 0.733, 'f1-all': 0.489, 'f1-weighted': 0.733}
    """
    hits = np.diagonal(counts, axis1=-2, axis2=-1).astype(float)
    shown, said = counts.sum(axis=-1).astype(float), counts.sum(axis=-2).astype(float)
    recall, precision = _part(hits, shown), _part(hits, said)
    f1 = _part(2 * hits, shown + said)
    there = (shown + said) > 0
    found = {"accuracy": _part(hits.sum(axis=-1), shown.sum(axis=-1))}
    for name, each in (("recall", recall), ("precision", precision), ("f1", f1)):
        found[f"{name}-macro"] = _part((each * there).sum(axis=-1), there.sum(axis=-1).astype(float))
        found[f"{name}-all"] = each.mean(axis=-1)
        found[f"{name}-weighted"] = _part((each * shown).sum(axis=-1), shown.sum(axis=-1))
    found["recall-shown"] = _part(recall.sum(axis=-1), (shown > 0).sum(axis=-1).astype(float))
    return found


def _part(part: FloatArray, whole: FloatArray) -> FloatArray:
    return np.asarray(np.divide(part, whole, out=np.zeros_like(part, dtype=float), where=whole > 0))


def spellings(score: Scored, figure: str, averages: tuple[str, ...]) -> tuple[dict[str, float], dict[str, float]]:
    """Every value that a figure can honestly be given, by how it was counted: pooled over folds, and as mean of folds.

    ``averages`` are such as ``macro``; with several seeds each seed and their mean are there.
    """
    pooled, meant = figures(score.counts.sum(axis=1)), figures(score.counts)
    found: tuple[dict[str, float], dict[str, float]] = ({}, {})
    for average in averages:
        name = f"{figure}-{average}" if average else figure
        for into, values in zip(found, (pooled[name], meant[name].mean(axis=1)), strict=True):
            words = average or figure
            into[words] = float(values.mean())
            for number, value in enumerate(values if len(values) > 1 else ()):
                into[f"{words}, seed {number + 1} of {len(values)}"] = float(value)
    return found


def bootstrap(part: IntArray, whole: IntArray) -> tuple[float, float]:
    """95 % percentile interval of sum(part) / sum(whole) over new draws of people (P,); needs two or more.

    Source: Field, Welsh 2007, doi:10.1111/j.1467-9868.2007.00593.x
    """
    people = len(whole)
    drawn = np.random.default_rng(0).multinomial(people, np.full(people, 1 / people), size=DRAWS)
    low, high = np.percentile((drawn @ part) / (drawn @ whole), [2.5, 97.5])
    return float(low), float(high)


def wilson(share: float, samples: int) -> tuple[float, float]:
    """95 % interval of a share of independent samples.

    Source: Wilson 1927, doi:10.1080/01621459.1927.10502953

    >>> low, high = wilson(0.5, 100)
    >>> round(low, 4), round(high, 4)
    (0.4038, 0.5962)
    """
    z = 1.959964
    middle = (share + z * z / (2 * samples)) / (1 + z * z / samples)
    half = z / (1 + z * z / samples) * (share * (1 - share) / samples + z * z / (4 * samples**2)) ** 0.5
    return middle - half, middle + half
