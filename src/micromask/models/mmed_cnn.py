"""The small network of MMED-FST: three convolutions with a pool after each, and two dense layers."""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import Tensor, nn

from micromask.models.catalogue import Layer, ModelEntry, enter
from micromask.models.inputs import Input, check_size

SMALLEST = 22
"""Pixels a side that leave one after three valid convolutions and pools: 22, 20, 10, 8, 4, 2, 1."""


class MmedCNN(nn.Module):
    """Convolutions with 16, 32 and 64 filters of 3 x 3 without padding, each with relu and a 2 x 2 max pool.

    What is left is flattened and read by a dense layer of 128 units with relu and one with a unit a class.

    Parameters
    ----------
    given : Input
        Frames of 22 x 22 px or more.
    n_classes : int

    Raises
    ------
    BadInputError
        If the frames are smaller.

    Source
    ------
    Suresh et al. 2025, doi:10.47852/bonviewJCCE52026148, Table 2

    Examples
    --------
    >>> MmedCNN(Input("frame", 1, 64, 64), 5)(torch.zeros(2, 1, 64, 64)).shape
    torch.Size([2, 5])
    """

    def __init__(self, given: Input, n_classes: int) -> None:
        super().__init__()
        check_size("mmed-cnn", given, SMALLEST)
        widths = (given.channels, 16, 32, 64)
        self.convolutions = nn.ModuleList(nn.Conv2d(before, after, 3) for before, after in pairwise(widths))
        self.pool = nn.MaxPool2d(2)
        self.dense = nn.Linear(64 * _left(given.height) * _left(given.width), 128)
        self.head = nn.Linear(128, n_classes)

    def forward(self, frames: Tensor) -> Tensor:
        """Frames (N, C, H, W) float to logits (N, n_classes)."""
        planes = frames
        for convolution in self.convolutions:
            planes = self.pool(torch.relu(convolution(planes)))
        logits: Tensor = self.head(torch.relu(self.dense(planes.flatten(1))))
        return logits


def _left(side: int) -> int:
    """What three convolutions and pools leave of a side."""
    for _ in range(3):
        side = (side - 2) // 2
    return side


enter(
    ModelEntry(
        name="mmed-cnn",
        title="Custom CNN of MMED-FST",
        family="frame network",
        input=Input("frame", 1, 128, 128),
        build=lambda given, n_classes, pretrained: MmedCNN(given, n_classes),
        stages=(("convolutions.0",), ("convolutions.1",), ("convolutions.2",), ("dense",), ("head",)),
        paper=(
            "Suresh, Ramachandran Sugumaran, Palaniswamy, Arthanarisamy Ramaswamy 2025, Micro-expression and Masked "
            "Expression Classification Using Neural Networks, Journal of Computational and Cognitive Engineering"
        ),
        doi="10.47852/bonviewJCCE52026148",
        resizable=True,
        any_channels=True,
        layers=(
            Layer("convolution, 16 filters of 3 x 3, relu", "convolutions.0"),
            Layer("max pool 2 x 2, valid", "pool"),
            Layer("convolution, 32 filters of 3 x 3, relu", "convolutions.1"),
            Layer("max pool 2 x 2, valid", "pool"),
            Layer("convolution, 64 filters of 3 x 3, relu", "convolutions.2"),
            Layer("max pool 2 x 2, valid", "pool"),
            Layer("dense, 128 units, relu", "dense"),
            Layer("dense, number of classes", "head"),
        ),
        open_points=(
            "The size of the frames is not given: 128 x 128 px, or any size from 22 x 22 on.",
            "The padding of the convolutions is not given: none, as the pools have.",
            "Table 2 gives the last layer relu and the text softmax: the network gives logits and softmax is taken of "
            "them.",
            "The text speaks of images turned into vectors and padded to the longest: grey frames of one size need no "
            "padding.",
        ),
    )
)
