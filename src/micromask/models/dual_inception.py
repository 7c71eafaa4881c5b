"""Dual-Inception: two streams of inception blocks, one for the motion right and one for the motion down."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from micromask.models.catalogue import Layer, ModelEntry, enter
from micromask.models.inputs import Input


class InceptionBlock(nn.Module):
    """Four ways side by side over the same planes, each with ``filters`` planes and relu after each convolution:

    1 x 1; 1 x 1 and 3 x 3; 1 x 1 and 5 x 5; a max pool of 3 x 3 and 1 x 1. The size stays.
    """

    def __init__(self, planes: int, filters: int) -> None:
        super().__init__()
        self.point = nn.Sequential(nn.Conv2d(planes, filters, 1), nn.ReLU())
        self.three = self._wide(planes, filters, 3)
        self.five = self._wide(planes, filters, 5)
        self.pooled = nn.Sequential(nn.MaxPool2d(3, stride=1, padding=1), nn.Conv2d(planes, filters, 1), nn.ReLU())

    @staticmethod
    def _wide(planes: int, filters: int, side: int) -> nn.Sequential:
        return nn.Sequential(
            nn.Conv2d(planes, filters, 1), nn.ReLU(), nn.Conv2d(filters, filters, side, padding=side // 2), nn.ReLU()
        )

    def forward(self, planes: Tensor) -> Tensor:
        """(N, planes, H, W) to (N, 4 * filters, H, W)."""
        return torch.cat([self.point(planes), self.three(planes), self.five(planes), self.pooled(planes)], dim=1)


def _stream() -> nn.Sequential:
    """One plane (N, 1, 28, 28) to features (N, 3136)."""
    return nn.Sequential(InceptionBlock(1, 6), nn.MaxPool2d(2), InceptionBlock(24, 16), nn.MaxPool2d(2), nn.Flatten())


class DualInception(nn.Module):
    """Two streams, for u and v, for maps of 28 x 28 pixels.

    Each is an inception block of 4 x 6 planes, max pool, one of 4 x 16 planes, max pool. The 2 x 3136 features are
    joined and go through one layer of 1024 units. The strain is not used.

    Parameters
    ----------
    classes : int

    Source
    ------
    Zhou, Mao, Xue 2019, doi:10.1109/FG.2019.8756579; code of the authors: https://github.com/xly135846/MEGC2019

    Examples
    --------
    >>> DualInception(3)(torch.zeros(2, 3, 28, 28)).shape
    torch.Size([2, 3])
    """

    def __init__(self, classes: int = 3) -> None:
        super().__init__()
        self.right, self.down = _stream(), _stream()
        self.hidden = nn.Linear(2 * 64 * 7 * 7, 1024)
        self.head = nn.Linear(1024, classes)

    def forward(self, maps: Tensor) -> Tensor:
        """Maps (N, 3, 28, 28) float to logits (N, classes)."""
        joined = torch.cat([self.right(maps[:, 0:1]), self.down(maps[:, 1:2])], dim=1)
        logits: Tensor = self.head(torch.relu(self.hidden(joined)))
        return logits


enter(
    ModelEntry(
        name="dual-inception",
        title="Two streams of inception blocks",
        family="motion network",
        input=Input("motion", 3, 28, 28),
        build=lambda given, n_classes, pretrained: DualInception(n_classes),
        stages=(("right", "down"), ("hidden",), ("head",)),
        paper="Zhou, Mao, Xue 2019, Dual-Inception network for cross-database micro-expression recognition",
        doi="10.1109/FG.2019.8756579",
        layers=(
            Layer("flow right: inception block of 1 x 1, 3 x 3, 5 x 5 and pool, 6 filters each", "right.0"),
            Layer("max pool 2 x 2", "right.1"),
            Layer("inception block, 16 filters each", "right.2"),
            Layer("max pool 2 x 2", "right.3"),
            Layer("flow down: inception block, 6 filters each", "down.0"),
            Layer("max pool 2 x 2", "down.1"),
            Layer("inception block, 16 filters each", "down.2"),
            Layer("max pool 2 x 2", "down.3"),
            Layer("both joined, fully connected, 1024", "hidden"),
            Layer("fully connected, 1024 to classes", "head"),
        ),
        open_points=(
            "The number of filters and wide layers is taken from the authors' code, which has one layer of 1024 units "
            "and no dropout.",
            "The authors read each flow picture as a colour picture of three channels; our maps hold it in one plane, "
            "so that the first 1 x 1 convolutions have a third of the weights (96 fewer in all).",
            "The range of the values is the authors': 0 to 1.",
            "The input is the common motion map of three planes; the strain, the third, is left out.",
        ),
    )
)
