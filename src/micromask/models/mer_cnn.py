"""CNN 1 and CNN 2: blocks of three convolutions with a pool after each, and three dense layers."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from micromask.core.errors import BadInputError
from micromask.models.catalogue import Layer, ModelEntry, enter
from micromask.models.inputs import Input

BLOCKS = ((32, 64, 64), (128, 128, 128), (256, 256, 256), (512, 512, 512))
"""Filters of the convolutions of each block; CNN 1 has the first three blocks."""


class MerCNN(nn.Module):
    """Blocks of three 3 x 3 convolutions that keep the size, relu after each, and a 2 x 2 max pool after each block.

    Dense layers of 1024 and 512 units with relu, and dropout where asked for, read what is left; a third has a unit a
    class. Weights are drawn as He et al. 2015 (doi:10.1109/ICCV.2015.123) do for relu: with PyTorch's own draw twelve
    layers without batch norm hardly begin to learn.

    Parameters
    ----------
    given : Input
        Frames of 2^blocks px a side or more.
    n_classes : int
    blocks : int
        3 for CNN 1, 4 for CNN 2.
    dropout : float
        After the dense layers of 1024 and 512 units: 0 for CNN 1, 0.5 for CNN 2.

    Raises
    ------
    BadInputError
        If the frames are smaller.

    Source
    ------
    Tadeo Sánchez García et al. 2023, Journal of Theoretical and Applied Information Technology 101(23), section 3.6

    Examples
    --------
    >>> MerCNN(Input("frame", 3, 16, 16), 7, blocks=4, dropout=0.5)(torch.zeros(2, 3, 16, 16)).shape
    torch.Size([2, 7])
    """

    def __init__(self, given: Input, n_classes: int, blocks: int, dropout: float) -> None:
        super().__init__()
        height, width = given.height // 2**blocks, given.width // 2**blocks
        if not (height and width):
            raise BadInputError(
                f"mer-cnn of {blocks} blocks reads {2**blocks} x {2**blocks} px or more, "
                f"asked for {given.height} x {given.width}"
            )
        self.blocks = nn.ModuleList()
        before = given.channels
        for filters in BLOCKS[:blocks]:
            self.blocks.append(_block(before, filters))
            before = filters[-1]
        self.dense = nn.ModuleList([nn.Linear(before * height * width, 1024), nn.Linear(1024, 512)])
        self.dropout = nn.Dropout(dropout) if dropout else nn.Identity()
        self.head = nn.Linear(512, n_classes)
        for part in (*self.blocks.modules(), *self.dense):
            if isinstance(part, nn.Conv2d | nn.Linear):
                nn.init.kaiming_normal_(part.weight, nonlinearity="relu")
                if part.bias is not None:
                    nn.init.zeros_(part.bias)

    def forward(self, frames: Tensor) -> Tensor:
        """Frames (N, C, H, W) float to logits (N, n_classes)."""
        features = frames
        for block in self.blocks:
            features = block(features)
        features = features.flatten(1)
        for dense in self.dense:
            features = self.dropout(torch.relu(dense(features)))
        logits: Tensor = self.head(features)
        return logits


def _block(before: int, filters: tuple[int, ...]) -> nn.Sequential:
    parts: list[nn.Module] = []
    for after in filters:
        parts += [nn.Conv2d(before, after, 3, padding=1), nn.ReLU()]
        before = after
    return nn.Sequential(*parts, nn.MaxPool2d(2))


PAPER = (
    "Tadeo Sánchez García, López Lin, Romero-Herrera 2023, Detection of Facial Micro-Expressions Using CNN, Journal of "
    "Theoretical and Applied Information Technology 101(23)"
)

OPEN_POINTS = (
    "The size of the frames is not given: 80 x 80 px in colour, as the paper's data set has (Irfan 2022, Kaggle).",
    "Filters and kernels are not given: 3 x 3 with padding of 1, and 32, 64, 128 and 256 filters, as in the network "
    "that the author of that data set published with it (k-m-irfan/MER_dataset_cleaning); a block's last number is "
    "repeated up to three convolutions.",
    "Section 3.3 counts 13 layers for CNN 1, which is that network with its six convolutions, three pools, flattening "
    "and three dense layers; the list of section 3.6 counts nine convolutions: the list is built.",
    "Batch norm is not named: none.",
    "How weights are drawn is not given: as He et al. 2015 do for relu, doi:10.1109/ICCV.2015.123.",
)


def _enter(name: str, title: str, blocks: int, dropout: float, more: tuple[str, ...]) -> None:
    rows = [
        row
        for number, filters in enumerate(BLOCKS[:blocks])
        for row in (
            *(
                Layer(f"block {number + 1}: convolution and relu, {count} filters", f"blocks.{number}.{2 * place}")
                for place, count in enumerate(filters)
            ),
            Layer(f"block {number + 1}: max pool", f"blocks.{number}.{2 * len(filters)}"),
        )
    ]
    for place, units in enumerate((1024, 512)):
        rows.append(Layer(f"linear, {units} units, relu", f"dense.{place}"))
        if dropout:
            rows.append(Layer(f"dropout, {dropout:g}", "dropout"))
    enter(
        ModelEntry(
            name=name,
            title=title,
            family="frame network",
            input=Input("frame", 3, 80, 80),
            build=lambda given, n_classes, pretrained: MerCNN(given, n_classes, blocks, dropout),
            stages=(*((f"blocks.{number}",) for number in range(blocks)), ("dense",), ("head",)),
            paper=PAPER,
            doi="",
            resizable=True,
            any_channels=True,
            layers=(*rows, Layer("linear, number of classes", "head")),
            open_points=(*OPEN_POINTS, *more),
        )
    )


_enter(
    "mer-cnn1",
    "CNN 1: nine convolutions in three blocks",
    blocks=3,
    dropout=0.0,
    more=("The units of the dense layers are given for CNN 2 alone, 1024 and 512: the same here.",),
)
_enter(
    "mer-cnn2",
    "CNN 2: twelve convolutions in four blocks",
    blocks=4,
    dropout=0.5,
    more=("The fourth block's filters are not given: 512, twice those of the third.",),
)
