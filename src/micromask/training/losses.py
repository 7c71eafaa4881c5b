"""What training makes small: cross-entropy, plain, weighted by class, or focal."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn

from micromask.training.recipe import Loss

FOCUS = 2.0
"""Focal loss: how much less a sample counts the surer the model is of it (gamma)."""


def class_weights(labels: Tensor, n_classes: int) -> Tensor:
    """Weights (K,) float32 with which every class counts alike: N / (K * clips of the class), 1 clip for an empty one.

    Examples
    --------
    >>> class_weights(torch.tensor([0, 0, 0, 1]), 2)
    tensor([0.6667, 2.0000])
    """
    counts = torch.bincount(labels, minlength=n_classes).float()
    return len(labels) / (counts.clamp(min=1) * len(counts))


def loss_of(name: Loss, labels: Tensor, n_classes: int) -> Callable[[Tensor, Tensor], Tensor]:
    """The loss: logits (N, K) and targets (N,) to a number; ``labels`` are those of the training side."""
    if name == "cross-entropy":
        return nn.functional.cross_entropy
    weights = class_weights(labels, n_classes)
    if name == "class-weighted":
        return nn.CrossEntropyLoss(weight=weights)
    return _Focal(weights)


class _Focal:
    """Lin et al. 2017, doi:10.1109/ICCV.2017.324, with the class weights as alpha."""

    def __init__(self, weights: Tensor) -> None:
        self.weights = weights

    def __call__(self, logits: Tensor, targets: Tensor) -> Tensor:
        chosen = logits.log_softmax(dim=1).gather(1, targets[:, None])[:, 0]
        weight = self.weights[targets]
        losses = -weight * (1 - chosen.exp()) ** FOCUS * chosen
        return losses.sum() / weight.sum()
