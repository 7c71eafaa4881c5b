"""What scikit-learn learns for each classical method, as the arrays that the method wants."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from micromask.models.classical.arrays import Method
from micromask.models.classical.clusters import CLUSTERS
from micromask.models.classical.machines import LINEAR, RADIAL
from micromask.models.classical.perceptron import LOGISTIC, PERCEPTRON
from micromask.models.classical.trees import TREES
from micromask.training.fit_svm import SvmRecipe, fit_features

Rows = NDArray[np.float32]
Codes = NDArray[np.int64]
Arrays = dict[str, NDArray[Any]]

LEAST_A_CLUSTER = 2
"""Samples for each cluster; of fewer samples fewer clusters are made."""

_LEAST_SPREAD = 0.01


@dataclass(frozen=True, slots=True)
class ClassicalRecipe:
    """How a baseline is fitted; each method reads what concerns it.

    ``cost`` is the C of an SVM or a logistic regression, weighted by class to balance them; ``mirrored`` adds a
    mirrored copy of each motion map; ``trees`` is the number of trees (a single one sees all samples and features);
    ``hidden`` and ``passes`` are a perceptron's units and the most passes over the data.
    """

    cost: float = 1.0
    mirrored: bool = False
    trees: int = 1
    hidden: int = 100
    passes: int = 200

    def __post_init__(self) -> None:
        if not self.cost > 0 or min(self.trees, self.hidden, self.passes) < 1:
            raise ValueError(f"cost > 0 and trees, hidden, passes >= 1 wanted, got {self}")


RECIPES = {
    "random-forest": ClassicalRecipe(trees=100),
    "lbp-top-svm": ClassicalRecipe(cost=10_000.0),
    "flow-histogram-svm": ClassicalRecipe(cost=3.0, mirrored=True),
    "flow-histogram-svm-soft": ClassicalRecipe(cost=3.0, mirrored=True),
    "hybridmicronet-enhanced": ClassicalRecipe(cost=10.0),
}
"""What differs from `ClassicalRecipe` as it stands, by model."""


def fit_method(method: Method, rows: Rows, codes: Codes, seed: int, recipe: ClassicalRecipe) -> Arrays:
    """The arrays of a method, ``present`` apart, fitted on rows (N, F) with codes 0 ... P - 1, each of which occurs.

    Raises
    ------
    ImportError
        If scikit-learn is not installed.
    """
    return _FITS[method.apply](rows, codes, seed, recipe)


def _radial(rows: Rows, codes: Codes, seed: int, recipe: ClassicalRecipe) -> Arrays:
    machine = fit_features(rows, None, codes, SvmRecipe(cost=recipe.cost))
    return {
        "support": machine.support,
        "per_class": machine.per_class,
        "dual": machine.dual,
        "intercept": machine.intercept,
        "gamma": np.array([machine.gamma]),
    }


def _linear(rows: Rows, codes: Codes, seed: int, recipe: ClassicalRecipe) -> Arrays:
    from sklearn.svm import SVC

    machine = SVC(kernel="linear", C=recipe.cost, class_weight="balanced", tol=1e-5).fit(rows.astype(np.float64), codes)
    # For two classes scikit-learn turns LIBSVM's signs around: there its positive side is the second class.
    sign = -1.0 if len(machine.classes_) == 2 else 1.0
    return {"weight": sign * machine.coef_, "intercept": sign * machine.intercept_}


def _trees(rows: Rows, codes: Codes, seed: int, recipe: ClassicalRecipe) -> Arrays:
    from sklearn.ensemble import RandomForestClassifier
    from sklearn.tree import DecisionTreeClassifier

    if recipe.trees == 1:
        grown = [DecisionTreeClassifier(class_weight="balanced", random_state=seed).fit(rows, codes)]
    else:
        forest = RandomForestClassifier(recipe.trees, class_weight="balanced", random_state=seed)
        grown = list(forest.fit(rows, codes).estimators_)
    parts, starts, start = [], [], 0
    for tree in (each.tree_ for each in grown):
        starts.append(start)
        parts.append(_nodes(tree, start))
        start += tree.node_count
    joined = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    return {"roots": np.array(starts), **joined}


def _nodes(tree: Any, start: int) -> Arrays:
    own = np.arange(tree.node_count)
    leaf = tree.children_left < 0
    value = tree.value[:, 0, :]
    return {
        "feature": np.where(leaf, 0, tree.feature),
        "threshold": _rounded_down(np.where(leaf, 0, tree.threshold)),
        "left": start + np.where(leaf, own, tree.children_left),
        "right": start + np.where(leaf, own, tree.children_right),
        "share": value / value.sum(axis=1, keepdims=True),
    }


def _rounded_down(thresholds: NDArray[np.float64]) -> NDArray[np.float32]:
    """The largest float32 at or below each: a float32 feature is at most the one where it is at most the other."""
    near = thresholds.astype(np.float32)
    return np.where(near > thresholds, np.nextafter(near, np.float32(-np.inf)), near)


def _perceptron(rows: Rows, codes: Codes, seed: int, recipe: ClassicalRecipe) -> Arrays:
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.neural_network import MLPClassifier

    with warnings.catch_warnings():
        # The number of passes is part of the recipe: that they were all used is no news.
        warnings.simplefilter("ignore", ConvergenceWarning)
        machine = MLPClassifier((recipe.hidden,), max_iter=recipe.passes, random_state=seed).fit(rows, codes)
    (hidden, last), (hidden_bias, bias) = machine.coefs_, machine.intercepts_
    return {"hidden_weight": hidden.T, "hidden_bias": hidden_bias, **_scores_each(last.T, bias)}


def _logistic(rows: Rows, codes: Codes, seed: int, recipe: ClassicalRecipe) -> Arrays:
    from sklearn.linear_model import LogisticRegression

    machine = LogisticRegression(C=recipe.cost, class_weight="balanced", max_iter=1000)
    machine.fit(rows.astype(np.float64), codes)
    return _scores_each(machine.coef_, machine.intercept_)


def _scores_each(weight: NDArray[np.float64], bias: NDArray[np.float64]) -> Arrays:
    """A linear layer with one unit a class; of two classes scikit-learn has one unit, which speaks for the second."""
    if len(bias) == 1:
        weight, bias = np.concatenate([-weight, weight]) / 2, np.concatenate([-bias, bias]) / 2
    return {"weight": weight, "bias": bias}


_FITS: dict[Callable[..., Any], Callable[[Rows, Codes, int, ClassicalRecipe], Arrays]] = {
    RADIAL.apply: _radial,
    LINEAR.apply: _linear,
    TREES.apply: _trees,
    PERCEPTRON.apply: _perceptron,
    LOGISTIC.apply: _logistic,
}
"""By what a method does, which stays the same where a model is copied."""


def fit_clusters(rows: Rows, seed: int) -> Arrays:
    """k-means on rows (N, F): ``centres`` (K, F) and ``spread`` (1,) of `models.classical.clusters.CLUSTERED`.

    The spread is at least a hundredth of the rows' own variance: where a few samples are their own centres, a sample
    that is nearly one of them still belongs to more than one.

    Source
    ------
    Lloyd 1982, doi:10.1109/TIT.1982.1056489; Arthur, Vassilvitskii 2007, k-means++
    """
    from sklearn.cluster import KMeans

    exact = rows.astype(np.float64)
    wanted = min(CLUSTERS, max(1, len(rows) // LEAST_A_CLUSTER), len(np.unique(exact, axis=0)))
    found = KMeans(wanted, n_init=10, random_state=seed).fit(exact)
    least = max(_LEAST_SPREAD * float(exact.var(axis=0).sum()), np.finfo(np.float32).tiny)
    return {"centres": found.cluster_centers_, "spread": np.array([max(found.inertia_ / len(rows), least)])}
