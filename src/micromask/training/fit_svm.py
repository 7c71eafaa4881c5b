"""One fold of the histogram machine: maps in, the arrays of a fitted support vector machine out."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from micromask.core.errors import MissingPartError
from micromask.models.flow_histogram import HistogramLayout, SupportVectorMachine, flow_histograms, mirror_maps


@dataclass(frozen=True, slots=True)
class SvmRecipe:
    """How the machine is fitted.

    ``cost`` is the SVM's C, weighted by class to balance them; the kernel's gamma is ``width`` / (features * variance);
    ``mirrored`` adds a mirrored copy of each map.
    """

    layout: HistogramLayout = field(default_factory=HistogramLayout)
    cost: float = 3.0
    width: float = 1.0
    mirrored: bool = True


def fit_svm(maps: NDArray[np.uint8], labels: NDArray[np.integer[Any]], recipe: SvmRecipe) -> SupportVectorMachine:
    """Fit the machine on maps (N, 28, 28, 3) uint8 and labels (N,) 0 ... K - 1, each of which must occur.

    The same input gives the same arrays: nothing is drawn at random.

    Raises
    ------
    MissingPartError
        If scikit-learn is not installed.
    ValueError
        If shapes do not fit or a class between 0 and the highest has no map.
    """
    mirrored = flow_histograms(mirror_maps(maps), recipe.layout) if recipe.mirrored else None
    return fit_features(flow_histograms(maps, recipe.layout), mirrored, labels, recipe)


def fit_features(
    features: NDArray[np.float32],
    mirrored: NDArray[np.float32] | None,
    labels: NDArray[np.integer[Any]],
    recipe: SvmRecipe,
) -> SupportVectorMachine:
    """``fit_svm`` where the histograms (N, F) are at hand, as when many folds share them; ``mirrored`` adds copies."""
    try:
        from sklearn.svm import SVC
    except ImportError as error:
        raise MissingPartError("fitting the SVM needs scikit-learn: pip install 'micromask[train]'") from error
    if labels.shape != (len(features),) or not len(labels):
        raise ValueError(f"labels must be ({len(features)},) and not empty, got {labels.shape}")
    present = np.unique(labels)
    if len(present) < 2 or not np.array_equal(present, np.arange(len(present))):
        raise ValueError(f"labels must be 0 ... K - 1, each at least once, K >= 2, got {present.tolist()}")
    if mirrored is not None:
        features, labels = np.concatenate([features, mirrored]), np.concatenate([labels, labels])
    spread = float(features.astype(np.float64).var())
    gamma = recipe.width / (features.shape[1] * spread) if spread > 0 else 1.0
    fitted = SVC(C=recipe.cost, gamma=gamma, class_weight="balanced", tol=1e-5).fit(features.astype(np.float64), labels)
    # For two classes scikit-learn turns LIBSVM's signs around: there its positive side is the second class.
    sign = -1.0 if len(present) == 2 else 1.0
    return SupportVectorMachine(
        support=np.asarray(fitted.support_vectors_, np.float32),
        per_class=np.asarray(fitted.n_support_, np.int32),
        dual=sign * np.asarray(fitted.dual_coef_, np.float64),
        intercept=sign * np.asarray(fitted.intercept_, np.float64),
        gamma=gamma,
    )
