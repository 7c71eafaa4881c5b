"""How good predictions are: counts pooled over all folds, and how sure one can be of the figure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

IntArray = NDArray[np.integer[Any]]
FloatArray = NDArray[np.floating[Any]]


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
    hits = np.diag(counts)
    weight = counts.sum(axis=0) + counts.sum(axis=1)
    return _mean_of_known(2 * hits, weight)


def uar(counts: IntArray) -> float:
    """Unweighted average recall: the mean over classes of TP / true clips, counts pooled over folds.

    A class that nobody shows is left out of the mean.

    Examples
    --------
    >>> uar(np.array([[1, 1], [0, 1]]))
    0.75
    """
    return _mean_of_known(np.diag(counts), counts.sum(axis=1))


def recalls(counts: IntArray) -> NDArray[np.float64]:
    """Recall by class (K,); NaN for a class that nobody shows."""
    shown = counts.sum(axis=1)
    return np.where(shown > 0, np.diag(counts) / np.maximum(shown, 1), np.nan)


def _mean_of_known(part: IntArray, whole: IntArray) -> float:
    known = whole > 0
    return float((part[known] / whole[known]).mean()) if known.any() else float("nan")


def expected_calibration_error(probabilities: FloatArray, truth: IntArray, bins: int = 10) -> float:
    """Mean distance between how sure the predictions are and how often they are right.

    Parameters
    ----------
    probabilities : (N, K) float
        Rows add to 1.
    truth : (N,) int
    bins : int
        Equally wide bins of the top probability over [0, 1]; each counts by the clips in it.

    Source
    ------
    Naeini, Cooper, Hauskrecht 2015, doi:10.1609/aaai.v29i1.9602

    Examples
    --------
    Four clips at 0.75, three right: perfectly calibrated.

    >>> expected_calibration_error(np.array([[0.75, 0.25]] * 4), np.array([0, 0, 0, 1]))
    0.0
    """
    if probabilities.ndim != 2 or truth.shape != (len(probabilities),) or not len(truth):
        raise ValueError(f"wanted (N, K) and (N,) with N >= 1, got {probabilities.shape} and {truth.shape}")
    sure = probabilities.max(axis=1)
    right = probabilities.argmax(axis=1) == truth
    place = np.clip(np.ceil(sure * bins).astype(int) - 1, 0, bins - 1)
    gaps = [abs(float(sure[place == b].sum() - right[place == b].sum())) for b in range(bins)]
    return sum(gaps) / len(truth)


@dataclass(frozen=True, slots=True)
class Interval:
    """A figure with its 95 % interval."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:.3f} [{self.low:.3f}, {self.high:.3f}]"


def subject_bootstrap(
    figure: Callable[[IntArray], float], subjects: Sequence[object], draws: int = 2000, seed: int = 0
) -> Interval:
    """A figure's 95 % percentile interval over new draws of people, not of clips.

    Clips of one person are alike, so drawing clips would promise too much. For the difference between two models on
    the same clips, let ``figure`` return the difference: the draws are then paired.

    Parameters
    ----------
    figure : callable
        From clip numbers (with repeats) to the figure over them.
    subjects : (N,)
        Whose each clip is.
    draws, seed : int

    Source
    ------
    Field, Welsh 2007, doi:10.1111/j.1467-9868.2007.00593.x
    """
    names = sorted({str(person) for person in subjects})
    if len(names) < 2:
        raise ValueError(f"a bootstrap over subjects needs two or more, got {len(names)}")
    own = np.array([str(person) for person in subjects])
    clips = [np.flatnonzero(own == name) for name in names]
    rng = np.random.default_rng(seed)
    drawn = [
        figure(np.concatenate([clips[i] for i in rng.integers(len(names), size=len(names))])) for _ in range(draws)
    ]
    low, high = np.nanpercentile(drawn, [2.5, 97.5])
    return Interval(float(figure(np.arange(len(own)))), float(low), float(high))
