"""Figures of one candidate over all folds: UF1, UAR, recalls, calibration, and its difference from another."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from micromask.evaluation.calibration import expected_calibration_error
from micromask.evaluation.metrics import confusion, recalls, uar, uf1
from micromask.evaluation.statistics import Interval, subject_bootstrap
from recognizer_data import CLASSES, Maps
from recognizer_folds import VARIANTS, Run

DRAWS = 2000
ECE_BINS = 10
K = len(CLASSES)


def figures(data: Maps, run: Run) -> dict[str, Any]:
    """What is reported of a run: means over its seeds, intervals over subjects, each seed's figures."""
    said = run.placed.argmax(axis=2)
    counts = [confusion(data.labels, one, K) for one in said]
    told: dict[str, Any] = {
        "seeds": len(said),
        "uf1": _interval(data, lambda clips: _mean(uf1, data.labels, said, clips)),
        "uar": _interval(data, lambda clips: _mean(uar, data.labels, said, clips)),
        "uf1 by seed": [round(uf1(one), 4) for one in counts],
        "uar by seed": [round(uar(one), 4) for one in counts],
        "recalls": dict(zip(CLASSES, np.mean([recalls(one) for one in counts], axis=0).round(3).tolist(), strict=True)),
        "confusion": (sum(counts) / len(counts)).round(1).tolist(),
        "accuracy": round(float(np.mean(said == data.labels)), 4),
        "ece": round(float(np.mean([expected_calibration_error(p, data.labels, ECE_BINS) for p in run.placed])), 4),
        "log loss": round(float(np.mean([_log_loss(p, data.labels) for p in run.placed])), 4),
        "uf1 misplaced": _misplaced(data, run),
        "uf1 by data set": _by_dataset(data, said),
    }
    if run.votes is not None:
        voted = confusion(data.labels, run.votes, K)
        told["by votes"] = {"uf1": round(uf1(voted), 4), "uar": round(uar(voted), 4)}
    return told


def difference(data: Maps, run: Run, bar: Run) -> dict[str, dict[str, float]]:
    """UF1 and UAR of a run less those of the bar, on the same draws of subjects."""
    mine, theirs = run.placed.argmax(axis=2), bar.placed.argmax(axis=2)
    return {
        name: _interval(
            data,
            lambda clips, of=of: _mean(of, data.labels, mine, clips) - _mean(of, data.labels, theirs, clips),
        )
        for name, of in (("uf1", uf1), ("uar", uar))
    }


def _mean(of: Callable[[NDArray[np.int64]], float], truth: Any, said: Any, clips: Any) -> float:
    return float(np.mean([of(confusion(truth[clips], one[clips], K)) for one in said]))


def _interval(data: Maps, of: Callable[[NDArray[np.int64]], float]) -> dict[str, float]:
    found: Interval = subject_bootstrap(of, list(data.subjects.values()), draws=DRAWS)
    return {"value": round(found.value, 4), "low": round(found.low, 4), "high": round(found.high, 4)}


def _log_loss(probabilities: NDArray[np.float64], truth: NDArray[np.int64]) -> float:
    return float(-np.log(np.maximum(probabilities[np.arange(len(truth)), truth], 1e-12)).mean())


def _misplaced(data: Maps, run: Run) -> dict[str, float]:
    by_name: dict[str, list[float]] = {}
    for (name, _), said in zip(VARIANTS, run.predictions[1:], strict=True):
        by_name.setdefault(name, []).append(_mean(uf1, data.labels, said.argmax(axis=2), np.arange(len(data.labels))))
    return {name: round(float(np.mean(values)), 4) for name, values in by_name.items()}


def _by_dataset(data: Maps, said: NDArray[np.int64]) -> dict[str, float]:
    own = np.array([person.dataset for person in data.subjects.values()])
    return {str(name): round(_mean(uf1, data.labels, said, np.flatnonzero(own == name)), 4) for name in np.unique(own)}
