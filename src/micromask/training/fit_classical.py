"""Fit a classical baseline: scikit-learn learns on the model's own features, the model keeps the arrays."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from micromask.core.errors import BadInputError, MissingPartError
from micromask.models.catalogue import Model
from micromask.models.classical.arrays import Standardise
from micromask.models.classical.machines import LinearMachines, RbfMachines
from micromask.models.classical.network import ClassicalNetwork
from micromask.models.classical.perceptron import Perceptron
from micromask.models.classical.trees import Trees
from micromask.training.fit_svm import SvmRecipe, fit_features

_BATCH = 64
_LEAST_SPREAD = 1e-6

Labels = NDArray[np.integer[Any]]
Arrays = dict[str, NDArray[Any]]


@dataclass(frozen=True, slots=True)
class ClassicalRecipe:
    """How a baseline is fitted; each method reads what concerns it.

    ``cost`` is an SVM's C, weighted by class to balance them; ``mirrored`` adds a mirrored copy of each motion map;
    ``trees`` is the number of trees (a single one sees all samples and features); ``hidden`` and ``passes`` are a
    perceptron's units and the most passes over the data.
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
}
"""What differs from `ClassicalRecipe` as it stands, by model."""


def fit_classical(
    model: Model, inputs: Tensor, labels: Labels, *, seed: int = 0, recipe: ClassicalRecipe | None = None
) -> None:
    """Fit a model of the family ``classical`` in place.

    Parameters
    ----------
    model : Model
        What it held before is replaced.
    inputs : (N, *model.input.shape) float32
    labels : (N,) int, 0 ... n_classes - 1
        Two classes or more must occur; one that does not is never predicted.
    seed : int
        For the trees and the perceptron. The same seed and inputs give the same arrays.
    recipe : ClassicalRecipe
        The model's own where None is given.

    Raises
    ------
    BadInputError
        If the model is no classical one, or inputs and labels do not fit it.
    MissingPartError
        If scikit-learn is not installed.
    """
    network = _classical(model)
    recipe = recipe or RECIPES.get(model.name, ClassicalRecipe())
    truth = _checked(model, inputs, labels)
    features = _features(network, inputs)
    mirrored = _features(network, _mirrored(model, inputs)) if recipe.mirrored else None
    mean, spread = _mean_and_spread(features)
    if isinstance(network.scale, Standardise):
        features = (features - mean) / spread
    present, codes = np.unique(truth, return_inverse=True)
    arrays = _fitted(network, features, mirrored, codes, seed, recipe)
    # Nothing is filled before all is at hand: a fit that fails leaves the model as it was.
    found = {name: torch.from_numpy(np.ascontiguousarray(each)) for name, each in arrays.items()}
    network.decision.fill({"present": torch.from_numpy(present), **found})
    if isinstance(network.scale, Standardise):
        network.scale.fill({"mean": mean, "spread": spread})


def _classical(model: Model) -> ClassicalNetwork:
    if not isinstance(model.network, ClassicalNetwork):
        raise BadInputError(f"{model.name} is no classical model: training.fit.fit trains it")
    return model.network


def _checked(model: Model, inputs: Tensor, labels: Labels) -> NDArray[np.int64]:
    if inputs.ndim != len(model.input.shape) + 1 or tuple(inputs.shape[1:]) != model.input.shape:
        raise BadInputError(f"{model.name} reads {model.input}, got {tuple(inputs.shape)}")
    if not bool(torch.isfinite(inputs).all()):
        raise BadInputError(f"{model.name}: the inputs hold numbers that are not finite")
    truth = np.asarray(labels)
    if truth.shape != (len(inputs),) or truth.dtype.kind not in "iu":
        raise BadInputError(
            f"{model.name}: labels must be ({len(inputs)},) whole numbers, got {truth.shape} {truth.dtype}"
        )
    present = np.unique(truth)
    if len(present) < 2 or present[0] < 0 or present[-1] >= model.n_classes:
        raise BadInputError(
            f"{model.name}: labels must be 0 to {model.n_classes - 1}, two classes or more, got {present.tolist()}"
        )
    return truth.astype(np.int64)


def _features(network: ClassicalNetwork, inputs: Tensor) -> Tensor:
    device = network.decision.present.device
    with torch.no_grad():
        return torch.cat([network.features(batch.to(device)) for batch in torch.split(inputs, _BATCH)])


def _mirrored(model: Model, inputs: Tensor) -> Tensor:
    """The motion maps of the mirrored faces: left and right change places and u changes its sign."""
    turned = inputs.flip(-1)
    turned[:, 0] = model.input.low + model.input.high - turned[:, 0]
    return turned


def _mean_and_spread(features: Tensor) -> tuple[Tensor, Tensor]:
    exact = features.double()
    spread = exact.std(dim=0, correction=0)
    return exact.mean(dim=0).float(), torch.where(spread > _LEAST_SPREAD, spread, 1.0).float()


def _fitted(
    network: ClassicalNetwork,
    features: Tensor,
    mirrored: Tensor | None,
    codes: NDArray[np.int64],
    seed: int,
    recipe: ClassicalRecipe,
) -> Arrays:
    rows = features.cpu().numpy()
    copies = None if mirrored is None else mirrored.cpu().numpy()
    decision = network.decision
    try:
        if isinstance(decision, RbfMachines):
            return _radial(rows, copies, codes, recipe)
        if copies is not None:
            rows, codes = np.concatenate([rows, copies]), np.concatenate([codes, codes])
        if isinstance(decision, LinearMachines):
            return _linear(rows, codes, recipe)
        if isinstance(decision, Trees):
            return _trees(rows, codes, seed, recipe)
        if isinstance(decision, Perceptron):
            return _perceptron(rows, codes, seed, recipe)
    except ImportError as error:
        raise MissingPartError(f"fitting {network.name} needs scikit-learn: pip install 'micromask[train]'") from error
    raise TypeError(f"no way to fit a {type(decision).__name__}")


def _radial(
    rows: NDArray[np.float32], copies: NDArray[np.float32] | None, codes: NDArray[np.int64], recipe: ClassicalRecipe
) -> Arrays:
    machine = fit_features(rows, copies, codes, SvmRecipe(cost=recipe.cost, mirrored=recipe.mirrored))
    return {
        "support": machine.support,
        "per_class": machine.per_class,
        "dual": machine.dual,
        "intercept": machine.intercept,
        "gamma": np.array([machine.gamma]),
    }


def _linear(rows: NDArray[np.float32], codes: NDArray[np.int64], recipe: ClassicalRecipe) -> Arrays:
    from sklearn.svm import SVC

    machine = SVC(kernel="linear", C=recipe.cost, class_weight="balanced", tol=1e-5).fit(rows.astype(np.float64), codes)
    # For two classes scikit-learn turns LIBSVM's signs around: there its positive side is the second class.
    sign = -1.0 if len(machine.classes_) == 2 else 1.0
    return {"weight": sign * machine.coef_, "intercept": sign * machine.intercept_}


def _trees(rows: NDArray[np.float32], codes: NDArray[np.int64], seed: int, recipe: ClassicalRecipe) -> Arrays:
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


def _perceptron(rows: NDArray[np.float32], codes: NDArray[np.int64], seed: int, recipe: ClassicalRecipe) -> Arrays:
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.neural_network import MLPClassifier

    with warnings.catch_warnings():
        # The number of passes is part of the recipe: that they were all used is no news.
        warnings.simplefilter("ignore", ConvergenceWarning)
        machine = MLPClassifier((recipe.hidden,), max_iter=recipe.passes, random_state=seed).fit(rows, codes)
    (hidden, last), (hidden_bias, bias) = machine.coefs_, machine.intercepts_
    if len(bias) == 1:  # two classes: one unit, whose sigmoid is the second class's probability
        last, bias = np.concatenate([-last, last], axis=1) / 2, np.concatenate([-bias, bias]) / 2
    return {"hidden_weight": hidden.T, "hidden_bias": hidden_bias, "weight": last.T, "bias": bias}
