"""SSSNet: one shallow stream of two convolutions over a motion map of 64 x 64 pixels."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from micromask.core.errors import BadInputError
from micromask.models.catalogue import Layer, ModelEntry, enter
from micromask.models.inputs import Input

SMALLEST = 16
"""Pixels a side below which nothing is left after both pools."""


class SSSNet(nn.Module):
    """Shallow Single Stream Network.

    A 5 x 5 convolution, relu, a max pool of 3, batch norm and dropout of whole planes; a 3 x 3 convolution, relu, a max
    pool of 2, batch norm and dropout of whole planes; a layer of ``widths[2]`` units, relu, dropout, the classes.

    Parameters
    ----------
    classes : int
    size : (height, width)
    widths : three int
        Planes of the two convolutions and units of the hidden layer. The paper's own code has (14, 28, 128) on maps of
        60 x 60, the authors' later library (32, 64, 256) on 64 x 64.
    dropout : float

    Raises
    ------
    BadInputError
        If the maps are smaller than 16 pixels a side.

    Source
    ------
    Varanka, Peng, Zhao 2021, doi:10.2352/ISSN.2470-1173.2021.11.HVEI-157; code of the authors:
    https://github.com/tvaranka/Noisy_MER and https://github.com/tvaranka/meb

    Examples
    --------
    >>> SSSNet(3)(torch.zeros(2, 3, 64, 64)).shape
    torch.Size([2, 3])
    """

    def __init__(
        self,
        classes: int = 3,
        size: tuple[int, int] = (64, 64),
        widths: tuple[int, int, int] = (32, 64, 256),
        dropout: float = 0.5,
    ) -> None:
        super().__init__()
        if min(size) < SMALLEST:
            asked = f"asked for {size[0]} x {size[1]} px"
            raise BadInputError(f"sssnet reads maps of {SMALLEST} x {SMALLEST} px or more, {asked}")
        first, second, hidden = widths
        rows, columns = (((side - 4) // 3 - 2) // 2 for side in size)
        self.first = nn.Sequential(
            nn.Conv2d(3, first, 5), nn.ReLU(), nn.MaxPool2d(3), nn.BatchNorm2d(first), nn.Dropout2d(dropout)
        )
        self.second = nn.Sequential(
            nn.Conv2d(first, second, 3), nn.ReLU(), nn.MaxPool2d(2), nn.BatchNorm2d(second), nn.Dropout2d(dropout)
        )
        self.hidden = nn.Linear(second * rows * columns, hidden)
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(hidden, classes)

    def forward(self, maps: Tensor) -> Tensor:
        """Maps (N, 3, height, width) float to logits (N, classes)."""
        hidden = torch.relu(self.hidden(self.second(self.first(maps)).flatten(1)))
        logits: Tensor = self.head(self.dropout(hidden))
        return logits


enter(
    ModelEntry(
        name="sssnet",
        title="Shallow single stream network",
        family="motion network",
        input=Input("motion", 3, 64, 64),
        build=lambda given, n_classes, pretrained: SSSNet(n_classes, (given.height, given.width)),
        stages=(("first",), ("second",), ("hidden",), ("head",)),
        paper="Varanka, Peng, Zhao 2021, Micro-expression recognition with noisy labels (SSSNet)",
        doi="10.2352/ISSN.2470-1173.2021.11.HVEI-157",
        resizable=True,
        layers=(
            Layer("convolution 5 x 5, 32 filters, relu", "first.0"),
            Layer("max pool 3 x 3", "first.2"),
            Layer("batch norm, dropout of planes 0.5", "first.3"),
            Layer("convolution 3 x 3, 64 filters, relu", "second.0"),
            Layer("max pool 2 x 2", "second.2"),
            Layer("batch norm, dropout of planes 0.5", "second.3"),
            Layer("fully connected, 256, relu, dropout 0.5", "hidden"),
            Layer("fully connected, 256 to classes", "head"),
        ),
        open_points=(
            "The authors have two sizes of one layout: 14, 28 and 128 on maps of 60 x 60 in the paper's own code, 32, "
            "64 and 256 on 64 x 64 in their later library, which gave the network its name. The later one is built.",
            "The paper's own code puts a softmax before the cross-entropy, which takes it again; here are logits.",
            "The authors feed the flow as it was measured, in pixels. Our maps are scaled per picture: 0 to 1.",
            "SSSN and DSSN (Khor et al. 2019, doi:10.1109/ICIP.2019.8802965) are other networks in spite of the names: "
            "AlexNet cut after its second convolution, on pictures of 227 x 227.",
        ),
    )
)
