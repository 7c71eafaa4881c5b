"""How good predictions are, from counts: accuracy, precision, recall, F1, UF1 and UAR, pooled over folds or by fold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from micromask.core.types import FloatArray, IntArray

Absent = Literal["left out", "zero", "one"]
"""What the figure of a class is in a fold where nobody shows it (and, for F1, nobody is said to)."""


def confusion(truth: IntArray, predicted: IntArray, classes: int) -> NDArray[np.int64]:
    """Counts (K, K): row the true class, column the predicted one, pooled over whatever is given.

    Raises
    ------
    ValueError
        If the two differ in length or hold anything but 0 ... classes - 1.

    Examples
    --------
    >>> confusion(np.array([0, 0, 1]), np.array([0, 1, 1]), 2)
    array([[1, 1],
           [0, 1]])
    """
    if truth.ndim != 1 or truth.shape != predicted.shape:
        raise ValueError(f"truth and predicted must be two (N,), got {truth.shape} and {predicted.shape}")
    both = np.concatenate([truth, predicted])
    if len(both) and (both.min() < 0 or both.max() >= classes):
        raise ValueError(f"labels must be 0 ... {classes - 1}, got {both.min()} ... {both.max()}")
    counted = np.bincount(truth * classes + predicted, minlength=classes**2)
    return np.asarray(counted.reshape(classes, classes), np.int64)


def uf1(counts: IntArray) -> float:
    """Unweighted F1: the mean over classes of 2 TP / (2 TP + FP + FN), counts pooled over folds.

    A class that nobody shows and nobody is said to show is left out of the mean.

    Parameters
    ----------
    counts : (K, K) int
        From ``confusion``.

    Source
    ------
    See et al. 2019 (MEGC 2019), doi:10.1109/FG.2019.8756611

    Examples
    --------
    Class 0: 2 * 1 / (2 + 0 + 1); class 1: 2 * 1 / (2 + 1 + 0):

    >>> uf1(np.array([[1, 1], [0, 1]]))
    0.6666666666666666
    """
    return float(uf1_each(counts))


def uar(counts: IntArray) -> float:
    """Unweighted average recall: the mean over classes of TP / true clips, counts pooled over folds.

    A class that nobody shows is left out of the mean.

    Examples
    --------
    >>> uar(np.array([[1, 1], [0, 1]]))
    0.75
    """
    return float(uar_each(counts))


def accuracy(counts: IntArray) -> float:
    """Share of samples that are predicted rightly; NaN without samples.

    Examples
    --------
    >>> accuracy(np.array([[1, 1], [0, 2]]))
    0.75
    """
    return float(accuracy_each(counts))


def uf1_each(counts: IntArray | FloatArray) -> FloatArray:
    """``uf1`` of each of many counts (..., K, K), as (...)."""
    return _mean(_shares(2 * _hits(counts), counts.sum(axis=-2) + counts.sum(axis=-1)), "left out")


def uar_each(counts: IntArray | FloatArray) -> FloatArray:
    """``uar`` of each of many counts (..., K, K), as (...)."""
    return _mean(_shares(_hits(counts), counts.sum(axis=-1)), "left out")


def accuracy_each(counts: IntArray | FloatArray) -> FloatArray:
    """``accuracy`` of each of many counts (..., K, K), as (...)."""
    return _shares(_hits(counts).sum(axis=-1), counts.sum(axis=(-2, -1)))


def recalls(counts: IntArray) -> NDArray[np.float64]:
    """Recall by class (K,); NaN for a class that nobody shows."""
    return _shares(_hits(counts), counts.sum(axis=-1))


def fold_mean_f1(folds: Sequence[IntArray], absent: Absent = "left out") -> float:
    """Mean over folds of each fold's UF1: what many papers print as F1, shown beside UF1 and never instead of it.

    F1 is not an average of samples, so its mean over folds is another figure than the F1 of all samples, and a biased
    one. With one person a fold most classes are absent from most folds, and the mean depends on what they count.

    Parameters
    ----------
    folds : sequence of (K, K) int
        Counts of each fold.
    absent : str
        What a class counts in a fold where nobody shows it and nobody is said to: ``left out``, ``zero`` (as a macro
        average over all labels counts it) or ``one`` (as some published code counts it). All three are in use.

    Raises
    ------
    ValueError
        If there are no folds.

    Source
    ------
    Forman, Scholz 2010, doi:10.1145/1882471.1882479

    Examples
    --------
    Two people, a fold each. One shows class 0 twice, read as 0 and 1: F1 is 2/3 and 0, class 2 is absent. The other
    shows 1 and 2, both read as 1: F1 is 2/3 and 0, class 0 is absent. Pooled, the classes have 2/3, 2/4 and 0.

    >>> folds = [np.array([[1, 1, 0], [0, 0, 0], [0, 0, 0]]), np.array([[0, 0, 0], [0, 1, 0], [0, 1, 0]])]
    >>> round(uf1(folds[0] + folds[1]), 3)
    0.389
    >>> [round(fold_mean_f1(folds, absent), 3) for absent in ("left out", "zero", "one")]
    [0.333, 0.222, 0.556]
    """
    each = _stacked(folds)
    return float(_mean(_shares(2 * _hits(each), each.sum(axis=-2) + each.sum(axis=-1)), absent).mean())


def fold_mean_recall(folds: Sequence[IntArray], absent: Absent = "left out") -> float:
    """Mean over folds of each fold's UAR; see `fold_mean_f1`, whose parameters, errors and faults it shares."""
    each = _stacked(folds)
    return float(_mean(_shares(_hits(each), each.sum(axis=-1)), absent).mean())


@dataclass(frozen=True, slots=True)
class Figures:
    """Precision, recall and F1 of one class or an average of them; ``support`` is how many samples truly are of it."""

    precision: float
    recall: float
    f1: float
    support: int


@dataclass(frozen=True, slots=True)
class ClassReport:
    """Figures of each class, in the order of ``labels``, and their averages: ``macro`` counts every class alike,
    ``weighted`` by its support.
    """

    labels: tuple[str, ...]
    classes: tuple[Figures, ...]
    macro: Figures
    weighted: Figures
    accuracy: float


def class_report(counts: IntArray, labels: Sequence[str]) -> ClassReport:
    """Precision, recall, F1 and support by class, macro and weighted, from pooled counts.

    Divisions by nothing: a class that is never predicted has precision 0, and a class that nobody shows but that is
    predicted has recall 0; both have F1 0. A class that is neither shown nor predicted has NaN and is left out of the
    averages. These are scikit-learn's figures with ``zero_division=0``. So ``macro.f1`` is always UF1; ``macro.recall``
    is UAR unless a class is predicted that nobody shows, which UAR leaves out.

    Raises
    ------
    ValueError
        If counts are not (K, K) for K labels, or there are no samples.

    Examples
    --------
    >>> class_report(np.array([[1, 1], [0, 2]]), ["negative", "positive"]).classes[0]
    Figures(precision=1.0, recall=0.5, f1=0.6666666666666666, support=2)
    """
    if counts.shape != (len(labels), len(labels)) or not counts.sum():
        raise ValueError(f"wanted ({len(labels)}, {len(labels)}) counts of at least one sample, got {counts.shape}")
    hits, said, shown = _hits(counts), counts.sum(axis=0), counts.sum(axis=1)
    known = said + shown > 0
    parts = [_shares(part, whole) for part, whole in ((hits, said), (hits, shown), (2 * hits, said + shown))]
    table = np.stack([np.where(known, np.nan_to_num(part), np.nan) for part in parts], axis=1)
    total = int(shown.sum())
    macro, weighted = table[known].mean(axis=0), (shown[known] / total) @ table[known]
    return ClassReport(
        labels=tuple(labels),
        classes=tuple(_figures(row, support) for row, support in zip(table, shown, strict=True)),
        macro=_figures(macro, total),
        weighted=_figures(weighted, total),
        accuracy=accuracy(counts),
    )


def _figures(row: FloatArray, support: int) -> Figures:
    return Figures(float(row[0]), float(row[1]), float(row[2]), int(support))


def _hits(counts: IntArray | FloatArray) -> NDArray[np.float64]:
    return np.asarray(np.diagonal(counts, axis1=-2, axis2=-1), np.float64)


def _shares(part: IntArray | FloatArray, whole: IntArray | FloatArray) -> NDArray[np.float64]:
    """``part`` over ``whole``, NaN where the whole is nothing."""
    nothing = np.full(np.shape(whole), np.nan)
    return np.divide(part, whole, out=nothing, where=np.asarray(whole) > 0)


def _mean(shares: FloatArray, absent: Absent) -> FloatArray:
    """Mean over classes (the last axis); NaN where every class is absent and absent ones are left out."""
    known = ~np.isnan(shares)
    if absent == "left out":
        return _shares(np.where(known, shares, 0).sum(axis=-1), known.sum(axis=-1))
    counted = np.where(known, shares, {"zero": 0.0, "one": 1.0}[absent])
    return np.asarray(counted.mean(axis=-1), np.float64)


def _stacked(folds: Sequence[IntArray]) -> IntArray:
    each = [fold for fold in folds if fold.sum()]
    if not each:
        raise ValueError("a mean over folds needs a fold with samples")
    return np.stack(each)
