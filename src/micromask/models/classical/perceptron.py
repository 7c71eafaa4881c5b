"""A multi-layer perceptron with one hidden layer, its weights filled by a fit."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from micromask.models.classical.decision import Decision, shape_misfit


class Perceptron(Decision):
    """One hidden layer with relu, and a linear layer over it.

    ``hidden_weight`` (H, F), ``hidden_bias`` (H,), ``weight`` (P, H), ``bias`` (P,).

    Source
    ------
    Rumelhart, Hinton, Williams 1986, doi:10.1038/323533a0
    """

    hidden_weight: Tensor
    hidden_bias: Tensor
    weight: Tensor
    bias: Tensor

    def __init__(self, n_features: int, n_classes: int) -> None:
        kinds = dict.fromkeys(("hidden_weight", "hidden_bias", "weight", "bias"), torch.float32)
        super().__init__(n_features, n_classes, **kinds)

    def misfit(self, arrays: Mapping[str, Tensor]) -> str:
        """See `FittedArrays`."""
        classes, hidden = arrays["present"].numel(), arrays["hidden_bias"].numel()
        return super().misfit(arrays) or shape_misfit(
            arrays,
            hidden_weight=(hidden, self.n_features),
            hidden_bias=(hidden,),
            weight=(classes, hidden),
            bias=(classes,),
        )

    def scores(self, features: Tensor) -> Tensor:
        """See `Decision`."""
        hidden = torch.relu(nn.functional.linear(features, self.hidden_weight, self.hidden_bias))
        return nn.functional.linear(hidden, self.weight, self.bias)
