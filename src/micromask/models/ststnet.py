"""STSTNet: three shallow streams over one motion map, joined before one linear layer."""

from __future__ import annotations

from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional

from micromask.models.catalogue import Layer, ModelEntry, enter
from micromask.models.inputs import Input


class Streams(nn.ModuleList):
    """The convolutions of the streams, computed as one: all read the same map, which is then read once.

    That takes two thirds of the time on a CPU, and the numbers are the same, since what follows works plane by plane.
    """

    def forward(self, maps: Tensor) -> Tensor:
        """Maps (N, 3, 28, 28) to the planes of all streams, joined (N, 16, 30, 30)."""
        streams = cast("list[nn.Conv2d]", list(self))
        weight = torch.cat([stream.weight for stream in streams])
        bias = torch.cat([cast(Tensor, stream.bias) for stream in streams])
        return functional.conv2d(maps, weight, bias, padding=2)


class STSTNet(nn.Module):
    """Shallow Triple Stream Three-dimensional CNN, for maps of 28 x 28 pixels.

    Each stream is a 3 x 3 convolution with 3, 5 or 8 filters, relu, batch norm, a 3 x 3 max pool of stride 3 and
    dropout; the 16 planes are joined, averaged 2 x 2 and read by one linear layer over 16 x 5 x 5 numbers. All streams
    see all three channels. Dropout of 0.5, a padding of 2 in the convolutions and of 1 in the max pool are those of the
    authors' PyTorch code, and so is the order of relu, batch norm, pool and dropout; the streams' batch norms are kept
    in one of 16 planes, which is the same.

    Parameters
    ----------
    classes : int
    dropout : float

    Source
    ------
    Liong et al. 2019, doi:10.1109/FG.2019.8756567; code of the authors: https://github.com/christy1206/STSTNet

    Examples
    --------
    >>> STSTNet(3)(torch.zeros(2, 3, 28, 28)).shape
    torch.Size([2, 3])
    """

    def __init__(self, classes: int = 3, dropout: float = 0.5) -> None:
        super().__init__()
        self.streams = Streams(nn.Conv2d(3, filters, 3, padding=2) for filters in (3, 5, 8))
        self.norm = nn.BatchNorm2d(16)
        self.pool = nn.MaxPool2d(3, stride=3, padding=1)
        self.dropout = nn.Dropout(dropout)
        self.average = nn.AvgPool2d(2)
        self.head = nn.Linear(16 * 5 * 5, classes)

    def forward(self, maps: Tensor) -> Tensor:
        """Maps (N, 3, 28, 28) float to logits (N, classes)."""
        planes = torch.relu_(self.streams(maps))
        planes = self.dropout(self.pool(self.norm(planes)))
        logits: Tensor = self.head(self.average(planes).flatten(1))
        return logits


enter(
    ModelEntry(
        name="ststnet",
        title="Shallow triple stream three-dimensional CNN",
        family="motion network",
        input=Input("motion", 3, 28, 28, low=0.0, high=255.0),
        build=lambda given, n_classes, pretrained: STSTNet(n_classes),
        stages=(("streams", "norm"), ("head",)),
        paper="Liong, Gan, See, Khor, Huang 2019, Shallow triple stream three-dimensional CNN (STSTNet)",
        doi="10.1109/FG.2019.8756567",
        layers=(
            Layer("three streams of one convolution each: 3, 5 and 8 filters of 3 x 3", "streams"),
            Layer("relu, then batch norm", "norm"),
            Layer("max pool 3 x 3, stride 3", "pool"),
            Layer("dropout 0.5", "dropout"),
            Layer("streams joined, average pool 2 x 2, stride 2", "average"),
            Layer("fully connected, 400 to classes", "head"),
        ),
        open_points=(
            "Dropout, padding, the order of relu and batch norm and the range of the values are not in the paper: all "
            "are taken from the authors' PyTorch code, which feeds the maps as they are stored, 0 to 255.",
            "The authors' code reads the three channels in the order strain, v, u. All streams see all channels and "
            "start from random weights, so the order does not matter; ours is u, v, strain.",
        ),
    )
)
