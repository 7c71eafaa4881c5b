"""Linear scores, and a perceptron with one hidden layer under them, their weights filled by a fit."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from micromask.models.classical.arrays import Arrays, Method, shape_misfit


def _linear(features: Tensor, arrays: Arrays) -> Tensor:
    return functional.linear(features, arrays["weight"], arrays["bias"])


def _linear_misfit(arrays: Arrays, n_features: int) -> str:
    classes = arrays["present"].numel()
    return shape_misfit(arrays, weight=(classes, n_features), bias=(classes,))


def _layered(features: Tensor, arrays: Arrays) -> Tensor:
    return _linear(torch.relu(functional.linear(features, arrays["hidden_weight"], arrays["hidden_bias"])), arrays)


def _layered_misfit(arrays: Arrays, n_features: int) -> str:
    hidden = arrays["hidden_bias"].numel()
    wrong = shape_misfit(arrays, hidden_weight=(hidden, n_features), hidden_bias=(hidden,))
    return wrong or _linear_misfit(arrays, hidden)


LOGISTIC = Method(dict.fromkeys(("weight", "bias"), torch.float32), _linear_misfit, _linear)
"""Multinomial logistic regression: ``weight`` (P, F), ``bias`` (P,).

Source
------
Cox 1958, doi:10.1111/j.2517-6161.1958.tb00292.x
"""

PERCEPTRON = Method(
    dict.fromkeys(("hidden_weight", "hidden_bias", "weight", "bias"), torch.float32), _layered_misfit, _layered
)
"""One hidden layer with relu, and a linear layer over it.

``hidden_weight`` (H, F), ``hidden_bias`` (H,), ``weight`` (P, H), ``bias`` (P,).

Source
------
Rumelhart, Hinton, Williams 1986, doi:10.1038/323533a0
"""
