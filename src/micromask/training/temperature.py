"""Calibration with one number: the temperature that makes held-out scores into honest probabilities."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar


def fit_temperature(scores: NDArray[np.floating[Any]], labels: NDArray[np.integer[Any]]) -> float:
    """The T for which softmax(scores / T) gives the labels the highest likelihood.

    Dividing by one number changes how sure the predictions are, never which class is first. The scores must come from
    models that have not seen the clips (inner folds), else T is too small.

    Parameters
    ----------
    scores : (N, K) float
    labels : (N,) int

    Returns
    -------
    float
        Between 0.01 and 100.

    Source
    ------
    Guo et al. 2017, arXiv:1706.04599

    Examples
    --------
    Two in three clips go with a score of log 2, as its softmax says already:

    >>> round(fit_temperature(np.array([[np.log(2), 0.0]] * 3), np.array([0, 0, 1])), 3)
    1.0
    """
    if scores.ndim != 2 or labels.shape != (len(scores),) or not len(labels):
        raise ValueError(f"wanted scores (N, K) and labels (N,) with N >= 1, got {scores.shape} and {labels.shape}")

    def loss(log_temperature: float) -> float:
        logits = scores.astype(np.float64) / np.exp(log_temperature)
        logits = logits - logits.max(axis=1, keepdims=True)
        chosen = logits[np.arange(len(labels)), labels]
        return float((np.log(np.exp(logits).sum(axis=1)) - chosen).mean())

    found = minimize_scalar(loss, bounds=(np.log(0.01), np.log(100)), method="bounded", options={"xatol": 1e-6})
    return float(np.exp(found.x))
