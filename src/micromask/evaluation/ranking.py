"""How well scores put the right samples first: ROC curves and the area under them, one class against the rest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from micromask.core.types import FloatArray, IntArray


@dataclass(frozen=True, slots=True, eq=False)
class RocCurve:
    """Points of a ROC curve, from (0, 0) to (1, 1).

    ``false_positive_rate`` and ``true_positive_rate`` (P,); ``thresholds`` (P,): a sample counts as found from this
    score on, the first being infinite (nothing is found). ``area`` is the AUC. A class that all samples are of, or
    none, has no curve: ``area`` is NaN and the arrays are empty.
    """

    false_positive_rate: FloatArray
    true_positive_rate: FloatArray
    thresholds: FloatArray
    area: float


@dataclass(frozen=True, slots=True, eq=False)
class Ranking:
    """A curve a class, in the order of ``labels``, each class against all others.

    ``macro_area`` is the mean of their areas, classes without a curve left out; NaN if none has one.
    """

    labels: tuple[str, ...]
    curves: tuple[RocCurve, ...]
    macro_area: float


def roc_curve(positive: NDArray[np.bool_], scores: NDArray[Any]) -> RocCurve:
    """ROC curve of one class; samples of equal score are found together, points on a straight line are left out.

    Parameters
    ----------
    positive : (N,) bool
        Which samples are of the class.
    scores : (N,) float
        Higher is more likely of the class; they need not be probabilities.

    Raises
    ------
    ValueError
        If the shapes differ or a score is not finite.

    Source
    ------
    Fawcett 2006, doi:10.1016/j.patrec.2005.10.010

    Examples
    --------
    Of the four pairs of a positive and a negative, three are in the right order:

    >>> roc_curve(np.array([False, False, True, True]), np.array([0.1, 0.4, 0.35, 0.8])).area
    0.75
    """
    if positive.ndim != 1 or positive.shape != scores.shape:
        raise ValueError(f"wanted two (N,), got {positive.shape} and {scores.shape}")
    if not np.isfinite(scores).all():
        raise ValueError("scores must be finite")
    positives = int(positive.sum())
    negatives = len(positive) - positives
    if not positives or not negatives:
        nothing = np.empty(0)
        return RocCurve(nothing, nothing, nothing, float("nan"))
    order = np.argsort(-scores, kind="stable")
    ranked = scores[order]
    last = np.append(np.flatnonzero(np.diff(ranked)), len(ranked) - 1)
    found = np.cumsum(positive[order])[last]
    wrong = 1 + last - found
    bend = np.ones(len(last), bool)
    bend[1:-1] = (np.diff(found, 2) != 0) | (np.diff(wrong, 2) != 0)
    hits = np.concatenate([[0], found[bend]]) / positives
    alarms = np.concatenate([[0], wrong[bend]]) / negatives
    area = float((np.diff(alarms) * (hits[1:] + hits[:-1]) / 2).sum())
    return RocCurve(alarms, hits, np.concatenate([[np.inf], ranked[last][bend]]), area)


def rank_classes(probabilities: FloatArray, truth: IntArray, labels: Sequence[str]) -> Ranking:
    """Each class against the rest, by its probability.

    Pooled over folds, the areas compare scores of models that never saw each other's scale: a fold that is surer than
    another moves them even where the order within each fold is perfect.

    Parameters
    ----------
    probabilities : (N, K) float
    truth : (N,) int
    labels : sequence of K str

    Raises
    ------
    ValueError
        If the shapes do not fit or a label is none of the K classes.

    Source
    ------
    Areas pooled over folds: Forman, Scholz 2010, doi:10.1145/1882471.1882479
    """
    if probabilities.shape != (len(truth), len(labels)) or truth.ndim != 1:
        raise ValueError(f"wanted (N, {len(labels)}) and (N,), got {probabilities.shape} and {truth.shape}")
    if len(truth) and (truth.min() < 0 or truth.max() >= len(labels)):
        raise ValueError(f"labels must be 0 ... {len(labels) - 1}, got {truth.min()} ... {truth.max()}")
    curves = tuple(roc_curve(truth == place, probabilities[:, place]) for place in range(len(labels)))
    areas = [curve.area for curve in curves if not np.isnan(curve.area)]
    return Ranking(tuple(labels), curves, float(np.mean(areas)) if areas else float("nan"))
