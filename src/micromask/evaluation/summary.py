"""The figures of a run for its document: with intervals over people, by seed, by class, ranked and calibrated."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from micromask.core.types import FloatArray, IntArray
from micromask.evaluation.calibration import brier_score, expected_calibration_error, reliability_curve
from micromask.evaluation.metrics import (
    Figures,
    accuracy_each,
    class_report,
    confusion,
    fold_mean_f1,
    fold_mean_recall,
    uar_each,
    uf1_each,
)
from micromask.evaluation.ranking import RocCurve, rank_classes
from micromask.evaluation.statistics import (
    DRAWS,
    FigureOfCounts,
    bootstrap_counts,
    bootstrap_difference,
    seed_spread,
    subject_counts,
)
from micromask.evaluation.tested import Tested

FIGURES: Mapping[str, FigureOfCounts] = {"uf1": uf1_each, "uar": uar_each, "accuracy": accuracy_each}
ROC_POINTS = 200
"""The most points that one ROC curve of a document has; its area is that of all of them."""


def metrics_of(tested: Tested) -> dict[str, Any]:
    """UF1, UAR and accuracy: the mean over seeds, its 95 % interval over people, and each seed's.

    Returns
    -------
    dict
        ``uf1``, ``uar``, ``accuracy``; ``intervals`` (figure -> [low, high], None with fewer than two people);
        ``draws`` of people that they are from; ``seeds``, a row each; ``spread`` over them.
    """
    people, pooled = tested.subject_counts(), tested.counts()
    values = {name: np.atleast_1d(figure(pooled)) for name, figure in FIGURES.items()}
    return {
        **{name: float(each.mean()) for name, each in values.items()},
        "intervals": {name: _interval(people, figure) for name, figure in FIGURES.items()},
        "draws": DRAWS,
        "seeds": [
            {"seed": seed, **{name: float(each[row]) for name, each in values.items()}}
            for row, seed in enumerate(tested.seeds)
        ],
        "spread": {name: asdict(seed_spread(each.tolist())) for name, each in values.items()},
    }


def _interval(people: IntArray, figure: FigureOfCounts) -> list[float] | None:
    if people.shape[1] < 2:
        return None
    found = bootstrap_counts(people, figure)
    return [found.low, found.high]


def fold_means(tested: Tested) -> dict[str, Any]:
    """The means over folds that many papers print, each the mean over seeds; F1 by what an absent class counts."""
    folds = [tested.where(tested.folds == name).counts() for name in dict.fromkeys(tested.folds.tolist())]
    seeds = [[fold[row] for fold in folds] for row in range(len(tested.seeds))]
    return {
        "fold_mean_f1": {
            absent: float(np.mean([fold_mean_f1(each, absent) for each in seeds]))
            for absent in ("left out", "zero", "one")
        },
        "fold_mean_recall": float(np.mean([fold_mean_recall(each) for each in seeds])),
        "fold_mean_accuracy": float(np.mean([[accuracy_each(fold) for fold in each] for each in seeds])),
    }


def majority_of(tested: Tested) -> dict[str, Any]:
    """What naming always the class that most tested rows are of would reach, and how much better the model is.

    No constant answer has a higher accuracy, so this is the strictest one. ``gain`` is figure -> difference, low, high:
    95 % over people, both on the same draws; None with fewer than two people.
    """
    most = int(np.bincount(tested.truth, minlength=len(tested.labels)).argmax())
    constant = np.full_like(tested.truth, most)
    pooled = confusion(tested.truth, constant, len(tested.labels))
    theirs = subject_counts(tested.truth, constant, tested.subjects.tolist(), len(tested.labels))
    gain = None
    if len(theirs) > 1:
        differences = {
            name: bootstrap_difference(tested.subject_counts(), theirs, figure) for name, figure in FIGURES.items()
        }
        gain = {name: [each.value, each.low, each.high] for name, each in differences.items()}
    return {
        "label": tested.labels[most],
        **{name: float(figure(pooled)) for name, figure in FIGURES.items()},
        "gain": gain,
    }


def classes_of(tested: Tested) -> dict[str, Any]:
    """Precision, recall, F1 and support by class, macro and weighted: each the mean over the seeds' own."""
    reports = [class_report(counts, tested.labels) for counts in tested.counts()]
    return {
        "classes": [
            {"label": label, **_mean([report.classes[at] for report in reports])}
            for at, label in enumerate(tested.labels)
        ],
        "macro": _mean([report.macro for report in reports]),
        "weighted": _mean([report.weighted for report in reports]),
    }


def _mean(figures: list[Figures]) -> dict[str, float]:
    table = np.array([(each.precision, each.recall, each.f1) for each in figures])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # a class that is neither shown nor said has no figure
        means = np.nanmean(table, axis=0)
    names = ("precision", "recall", "f1")
    return {**dict(zip(names, means.tolist(), strict=True)), "support": figures[0].support}


def confusion_of(tested: Tested) -> dict[str, Any]:
    """Counts, row the true class and column the said one: the mean over seeds, and each seed's."""
    counts = tested.counts()
    return {"mean": counts.mean(axis=0).tolist(), "seeds": counts.tolist()}


def ranking_of(tested: Tested) -> dict[str, Any]:
    """ROC curves of each class against the rest and the area under them; areas are means over seeds."""
    seeds = [rank_classes(told, tested.truth, tested.labels) for told in tested.probabilities]
    macro = [each.macro_area for each in seeds]
    return {
        "macro_auc": float(np.mean(macro)),
        "macro_auc_seeds": macro,
        "classes": [
            {
                "label": label,
                "auc": float(np.mean([each.curves[at].area for each in seeds])),
                "auc_seeds": [each.curves[at].area for each in seeds],
                "curves": [
                    {"seed": seed, **_thinned(each.curves[at])} for seed, each in zip(tested.seeds, seeds, strict=True)
                ],
            }
            for at, label in enumerate(tested.labels)
        ],
    }


def _thinned(curve: RocCurve) -> dict[str, list[float]]:
    """At most ROC_POINTS points, evenly along the curve's way right and up, its ends among them."""
    x, y = curve.false_positive_rate, curve.true_positive_rate
    if len(x) > ROC_POINTS:
        way = x + y
        kept = np.unique(np.searchsorted(way, np.linspace(0, way[-1], ROC_POINTS), side="left").clip(0, len(x) - 1))
        x, y = x[kept], y[kept]
    return {"false_positive_rate": _rounded(x), "true_positive_rate": _rounded(y)}


def _rounded(values: FloatArray) -> list[float]:
    return [round(float(value), 5) for value in values]


def calibration_of(tested: Tested) -> dict[str, Any]:
    """Whether probabilities mean what they say: ECE and Brier score, means over seeds; bins over all of them."""
    layers = list(tested.probabilities)
    every: NDArray[np.float64] = tested.probabilities.reshape(-1, len(tested.labels))
    ece = [expected_calibration_error(layer, tested.truth) for layer in layers]
    bins = reliability_curve(every, np.tile(tested.truth, len(layers)))
    return {
        "ece": float(np.mean(ece)),
        "ece_seeds": ece,
        "brier": float(np.mean([brier_score(layer, tested.truth) for layer in layers])),
        "bins": [asdict(each) for each in bins],
    }
