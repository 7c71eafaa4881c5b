"""MBCC-CNN as its paper trains it: the same face through 3 x 3 and 5 x 5 kernels, joined before the dense layers."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from micromask.models.catalogue import Layer, ModelEntry, enter
from micromask.models.inputs import Input, check_size

SMALLEST = 4
"""Pixels a side that two pools leave one of."""


class Branch(nn.Module):
    """Two convolutions, 32 and 64 filters, that keep the size, each with relu and a 2 x 2 max pool; flattened.

    >>> Branch(channels=1, kernel=5)(torch.zeros(2, 1, 64, 64)).shape
    torch.Size([2, 16384])
    """

    def __init__(self, channels: int, kernel: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(channels, 32, kernel, padding=kernel // 2)
        self.second = nn.Conv2d(32, 64, kernel, padding=kernel // 2)
        self.pool = nn.MaxPool2d(2)

    def forward(self, frames: Tensor) -> Tensor:
        """Frames (N, C, H, W) float to features (N, 64 * H/4 * W/4)."""
        planes = self.pool(torch.relu(self.first(frames)))
        features: Tensor = self.pool(torch.relu(self.second(planes))).flatten(1)
        return features


class MbccCNN(nn.Module):
    """Dual-branch CNN: fine texture through 3 x 3 kernels, wider structure through 5 x 5, 32,768 features together.

    A dense layer of 128 units with relu and dropout reads what the two branches give, and a linear layer has a unit a
    class.

    Parameters
    ----------
    given : Input
        Frames of 4 x 4 px or more; the paper's are 64 x 64, grey.
    n_classes : int
    dropout : float

    Raises
    ------
    BadInputError
        If the frames are smaller.

    Source
    ------
    Sharma et al. 2025, Journal of Information Systems Engineering and Management 10(61s), Figure 7

    Examples
    --------
    >>> MbccCNN(Input("frame", 1, 64, 64), 7)(torch.zeros(2, 1, 64, 64)).shape
    torch.Size([2, 7])
    """

    def __init__(self, given: Input, n_classes: int, dropout: float = 0.5) -> None:
        super().__init__()
        check_size("mbcc-cnn", given, SMALLEST)
        self.branches = nn.ModuleList(Branch(given.channels, kernel) for kernel in (3, 5))
        features = len(self.branches) * 64 * (given.height // 4) * (given.width // 4)
        self.dense = nn.Linear(features, 128)
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(128, n_classes)

    def forward(self, frames: Tensor) -> Tensor:
        """Frames (N, C, H, W) float to logits (N, n_classes)."""
        features = torch.cat([branch(frames) for branch in self.branches], dim=1)
        logits: Tensor = self.head(self.dropout(torch.relu(self.dense(features))))
        return logits


PAPER = (
    "Sharma, Singh, Nigam 2025, Enhanced Micro-Expression Recognition Using MBCC-CNN Architecture, Journal of "
    "Information Systems Engineering and Management 10(61s)"
)

enter(
    ModelEntry(
        name="mbcc-cnn",
        title="Multi-branch cross-connection CNN, dual-branch",
        family="frame network",
        input=Input("frame", 1, 64, 64),
        build=lambda given, n_classes, pretrained: MbccCNN(given, n_classes),
        stages=(
            ("branches.0.first", "branches.1.first"),
            ("branches.0.second", "branches.1.second"),
            ("dense",),
            ("head",),
        ),
        paper=f"{PAPER}, https://www.jisem-journal.com/index.php/journal/article/view/13337",
        doi="",
        resizable=True,
        any_channels=True,
        layers=(
            Layer("first branch: convolution, 32 filters of 3 x 3, relu", "branches.0.first"),
            Layer("first branch: max pool 2 x 2", "branches.0.pool"),
            Layer("first branch: convolution, 64 filters of 3 x 3, relu", "branches.0.second"),
            Layer("first branch: max pool 2 x 2", "branches.0.pool"),
            Layer("first branch: flatten, 16,384", "branches.0"),
            Layer("second branch: convolution, 32 filters of 5 x 5, relu", "branches.1.first"),
            Layer("second branch: max pool 2 x 2", "branches.1.pool"),
            Layer("second branch: convolution, 64 filters of 5 x 5, relu", "branches.1.second"),
            Layer("second branch: max pool 2 x 2", "branches.1.pool"),
            Layer("second branch: flatten, 16,384", "branches.1"),
            Layer("concatenation, 32,768", ""),
            Layer("dense, 128 units, relu", "dense"),
            Layer("dropout, 0.5", "dropout"),
            Layer("dense, number of classes, softmax", "head"),
        ),
        open_points=(
            "One paragraph gives the branches two separate images and equal kernels, the next the same image and "
            "kernels of 3 x 3 and 5 x 5: the second, which is the one that is trained.",
            "The padding is not given: that which keeps the size, as only it leaves 16,384 numbers a branch.",
            "Pixels may lie in [0, 1] or in [-1, 1]: [0, 1].",
            "The relu after the convolutions is not named: taken, as in the paper it is after.",
            "The figure has 20 classes: as many as the label set.",
        ),
    )
)
