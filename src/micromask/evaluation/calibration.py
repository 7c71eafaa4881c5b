"""Whether probabilities mean what they say: reliability by bins, expected calibration error, Brier score."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from micromask.core.types import FloatArray, IntArray


@dataclass(frozen=True, slots=True)
class ReliabilityBin:
    """Samples whose top probability is in (low, high]: how many, how sure on average, and which share is right.

    ``confidence`` and ``accuracy`` are NaN where ``count`` is 0.
    """

    low: float
    high: float
    count: int
    confidence: float
    accuracy: float


def reliability_curve(probabilities: FloatArray, truth: IntArray, bins: int = 10) -> tuple[ReliabilityBin, ...]:
    """Equally wide bins of the top probability over [0, 1], all of them, empty ones too.

    Parameters
    ----------
    probabilities : (N, K) float
        Rows add to 1.
    truth : (N,) int
    bins : int

    Raises
    ------
    ValueError
        If the shapes do not fit, there are no samples, a row does not add to 1 or a label is none of the K classes.

    Source
    ------
    Guo et al. 2017, doi:10.48550/arXiv.1706.04599

    Examples
    --------
    >>> reliability_curve(np.array([[0.75, 0.25]] * 4), np.array([0, 0, 0, 1]), bins=2)[1]
    ReliabilityBin(low=0.5, high=1.0, count=4, confidence=0.75, accuracy=0.75)
    """
    _check(probabilities, truth)
    if bins < 1:
        raise ValueError(f"one bin or more, got {bins}")
    sure = probabilities.max(axis=1)
    right = probabilities.argmax(axis=1) == truth
    place = np.clip(np.ceil(sure * bins).astype(int) - 1, 0, bins - 1)
    found = []
    for number in range(bins):
        own = place == number
        confidence, accuracy = (float(sure[own].mean()), float(right[own].mean())) if own.any() else (np.nan, np.nan)
        found.append(ReliabilityBin(number / bins, (number + 1) / bins, int(own.sum()), confidence, accuracy))
    return tuple(found)


def expected_calibration_error(probabilities: FloatArray, truth: IntArray, bins: int = 10) -> float:
    """Mean distance between how sure the predictions are and how often they are right.

    Each bin of `reliability_curve`, whose parameters and errors these are, counts by the samples in it.

    Source
    ------
    Naeini, Cooper, Hauskrecht 2015, doi:10.1609/aaai.v29i1.9602

    Examples
    --------
    Four clips at 0.75, three right: perfectly calibrated.

    >>> expected_calibration_error(np.array([[0.75, 0.25]] * 4), np.array([0, 0, 0, 1]))
    0.0
    """
    curve = [each for each in reliability_curve(probabilities, truth, bins) if each.count]
    return sum(each.count * abs(each.confidence - each.accuracy) for each in curve) / len(truth)


def brier_score(probabilities: FloatArray, truth: IntArray) -> float:
    """Mean over samples of the squared distance between the probabilities and the truth (1 for it, 0 for the others).

    Summed over all classes, as it was first defined: 0 is perfect, 2 is sure and always wrong. With two classes it is
    twice the figure that some software prints.

    Parameters and errors are those of `reliability_curve`.

    Source
    ------
    Brier 1950, doi:10.1175/1520-0493(1950)078<0001:VOFEIT>2.0.CO;2

    Examples
    --------
    (0.75 - 1)^2 + 0.25^2:

    >>> brier_score(np.array([[0.75, 0.25]]), np.array([0]))
    0.125
    """
    _check(probabilities, truth)
    wanted: NDArray[np.float64] = np.eye(probabilities.shape[1])[truth]
    return float(((probabilities - wanted) ** 2).sum(axis=1).mean())


def _check(probabilities: FloatArray, truth: IntArray) -> None:
    if probabilities.ndim != 2 or truth.shape != (len(probabilities),) or not len(truth):
        raise ValueError(f"wanted (N, K) and (N,) with N >= 1, got {probabilities.shape} and {truth.shape}")
    off = np.abs(probabilities.sum(axis=1) - 1).max()
    if not off <= 1e-3:
        raise ValueError(f"each row of probabilities must add to 1, one is off by {off:.3g}")
    if truth.min() < 0 or truth.max() >= probabilities.shape[1]:
        raise ValueError(f"labels must be 0 ... {probabilities.shape[1] - 1}, got {truth.min()} ... {truth.max()}")
