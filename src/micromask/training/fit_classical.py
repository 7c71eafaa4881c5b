"""Fit a classical baseline: scikit-learn learns on the model's own features, the model keeps the arrays."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from micromask.core.errors import BadInputError, MissingPartError
from micromask.models.catalogue import Model
from micromask.models.classical.arrays import STANDARDISE, Arrays, Fitted
from micromask.models.classical.clusters import CLUSTERED
from micromask.models.classical.network import ClassicalNetwork
from micromask.training.classical_methods import RECIPES, ClassicalRecipe, fit_clusters, fit_method

__all__ = ["RECIPES", "ClassicalRecipe", "fit_classical"]

_BATCH = 16
_LEAST_SPREAD = 1e-6

Labels = NDArray[np.integer[Any]]


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
        For the trees, the perceptron and the clusters. The same seed and inputs give the same arrays.
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
    present, codes = np.unique(truth, return_inverse=True)
    rows = _features(network, inputs)
    if recipe.mirrored:
        rows, codes = torch.cat([rows, _features(network, _mirrored(model, inputs))]), np.tile(codes, 2)
    # Nothing is filled before all is at hand: a fit that fails leaves the model as it was.
    found: list[tuple[Fitted, Arrays]] = []
    if isinstance(network.scale, Fitted):
        found.append((network.scale, _mean_and_spread(rows)))
        rows = STANDARDISE.apply(rows, found[-1][1])
    try:
        if isinstance(network.clusters, Fitted):
            rows = network.weigh(rows)
            found.append((network.clusters, _tensors(fit_clusters(rows.cpu().numpy(), seed), rows)))
            rows = CLUSTERED.apply(rows, found[-1][1])
        decided = fit_method(network.method, rows.cpu().numpy(), codes, seed, recipe)
    except ImportError as error:
        raise MissingPartError(f"fitting {network.name} needs scikit-learn: pip install 'micromask[train]'") from error
    found.append((network.decision, _tensors({"present": present, **decided}, rows)))
    for part, arrays in found:
        part.fill(arrays)


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
    device = network.decision.get_buffer("present").device
    with torch.no_grad():
        return torch.cat([network.features(batch.to(device)) for batch in torch.split(inputs, _BATCH)])


def _mirrored(model: Model, inputs: Tensor) -> Tensor:
    """The motion maps of the mirrored faces: left and right change places and u changes its sign."""
    turned = inputs.flip(-1)
    turned[:, 0] = model.input.low + model.input.high - turned[:, 0]
    return turned


def _mean_and_spread(features: Tensor) -> dict[str, Tensor]:
    exact = features.double()
    spread = exact.std(dim=0, correction=0)
    return {"mean": exact.mean(dim=0).float(), "spread": torch.where(spread > _LEAST_SPREAD, spread, 1.0).float()}


def _tensors(arrays: Mapping[str, NDArray[Any]], like: Tensor) -> dict[str, Tensor]:
    found = {name: torch.from_numpy(np.ascontiguousarray(each)).to(like.device) for name, each in arrays.items()}
    return {name: each.to(like.dtype) if each.is_floating_point() else each for name, each in found.items()}
