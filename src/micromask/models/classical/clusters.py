"""Which cluster of the training data a sample belongs to, beside its features."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from micromask.models.classical.arrays import Arrays, Method, shape_misfit

CLUSTERS = 8
"""Numbers that say where a sample belongs; of fewer clusters the last ones are 0."""


class WeighAlike(nn.Module):
    """Standardised features of several kinds (N, sum of kinds), each over the root of its kind's length.

    Examples
    --------
    >>> WeighAlike((4, 1))(torch.ones(1, 5)).tolist()
    [[0.5, 0.5, 0.5, 0.5, 1.0]]
    """

    def __init__(self, kinds: tuple[int, ...]) -> None:
        super().__init__()
        self.kinds = kinds

    def forward(self, features: Tensor) -> Tensor:
        """(N, F) to (N, F): every kind has the same sum of squares on average."""
        kinds = torch.split(features, list(self.kinds), dim=1)
        return torch.cat([kind / kind.shape[1] ** 0.5 for kind in kinds], dim=1)


def membership(features: Tensor, arrays: Arrays) -> Tensor:
    """Shares (N, CLUSTERS) of each cluster in samples (N, F): exp(-d / spread) of its squared distance d, adding to 1.

    Examples
    --------
    Midway between two centres a sample belongs to both alike:

    >>> arrays = {"centres": torch.tensor([[0.0], [2.0]]), "spread": torch.tensor([1.0])}
    >>> membership(torch.tensor([[1.0]]), arrays).tolist()
    [[0.5, 0.5, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]]
    """
    centres = arrays["centres"]
    apart = features.square().sum(1, keepdim=True) + centres.square().sum(1) - 2 * features @ centres.T
    shares = (-apart / arrays["spread"]).softmax(dim=1)
    return functional.pad(shares, (0, CLUSTERS - len(centres)))


def _joined(features: Tensor, arrays: Arrays) -> Tensor:
    return torch.cat([features, membership(features, arrays)], dim=1)


def _misfit(arrays: Arrays, n_features: int) -> str:
    found = arrays["centres"].shape[:1].numel()
    if not 1 <= found <= CLUSTERS:
        return f"1 to {CLUSTERS} centres are wanted, got {found}"
    wrong = shape_misfit(arrays, centres=(found, n_features), spread=(1,))
    return wrong or ("" if bool((arrays["spread"] > 0).all()) else "the clusters' spread must be positive")


CLUSTERED = Method(dict.fromkeys(("centres", "spread"), torch.float32), _misfit, _joined)
"""Features with their membership, (N, F) to (N, F + CLUSTERS).

``centres`` (K, F), K <= CLUSTERS, and ``spread`` (1,), the mean squared distance of a training sample from its own
centre.
"""
