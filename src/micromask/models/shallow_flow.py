"""One shallow stream over a motion map: wide filters, coarse pooling, one linear layer."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class ShallowFlowNet(nn.Module):
    """A single-stream network for maps of 28 x 28 pixels, about as small as such data bear.

    A 5 x 5 convolution with 16 filters and stride 2, batch norm, relu, a 2 x 2 average pool, dropout and one linear
    layer over 16 x 7 x 7 numbers: a learnt counterpart of orientation histograms over a grid of cells.

    Parameters
    ----------
    classes : int
    dropout : float

    Examples
    --------
    >>> ShallowFlowNet(3)(torch.zeros(2, 3, 28, 28)).shape
    torch.Size([2, 3])
    """

    def __init__(self, classes: int = 3, dropout: float = 0.5) -> None:
        super().__init__()
        self.filters = nn.Conv2d(3, 16, 5, stride=2, padding=2)
        self.norm = nn.BatchNorm2d(16)
        self.pool = nn.AvgPool2d(2)
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(16 * 7 * 7, classes)

    def forward(self, maps: Tensor) -> Tensor:
        """Maps (N, 3, 28, 28) float to logits (N, classes)."""
        planes = self.pool(torch.relu(self.norm(self.filters(maps))))
        logits: Tensor = self.head(self.dropout(planes).flatten(1))
        return logits
