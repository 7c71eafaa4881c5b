"""MicroExpSTCNN: one three-dimensional convolution over a sequence of frames."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from micromask.core.errors import BadInputError
from micromask.models.catalogue import Layer, ModelEntry, enter
from micromask.models.inputs import Input

SMALLEST = 5
"""Pixels a side below which nothing is left after the pool."""


class MicroExpSTCNN(nn.Module):
    """A 3D CNN over time and space at once.

    A convolution of 15 frames and 3 x 3 pixels with 32 filters, relu, a max pool of 3 x 3 x 3, dropout; a layer of 128
    units, relu, dropout, the classes.

    Parameters
    ----------
    classes : int
    shape : (channels, frames, height, width)
        17 frames or more and 5 pixels a side or more.
    dropout : float

    Raises
    ------
    BadInputError
        If the sequence is smaller.

    Source
    ------
    Reddy, Karri, Dubey, Mukherjee 2019, doi:10.1109/IJCNN.2019.8852419; code of the authors:
    https://github.com/bogireddytejareddy/micro-expression-recognition

    Examples
    --------
    >>> MicroExpSTCNN(3)(torch.zeros(2, 1, 18, 64, 64)).shape
    torch.Size([2, 3])
    """

    def __init__(
        self, classes: int = 3, shape: tuple[int, int, int, int] = (1, 18, 64, 64), dropout: float = 0.5
    ) -> None:
        super().__init__()
        channels, frames, height, width = shape
        if frames < 17 or min(height, width) < SMALLEST:
            raise BadInputError(
                f"cnn3d reads 17 frames or more of {SMALLEST} x {SMALLEST} px or more, "
                f"asked for {frames} frames of {height} x {width} px"
            )
        cells = (frames - 14) // 3 * ((height - 2) // 3) * ((width - 2) // 3)
        self.space_time = nn.Conv3d(channels, 32, (15, 3, 3))
        self.pool = nn.MaxPool3d(3)
        self.dropout = nn.Dropout(dropout)
        self.hidden = nn.Linear(32 * cells, 128)
        self.head = nn.Linear(128, classes)

    def forward(self, frames: Tensor) -> Tensor:
        """Sequences (N, channels, frames, height, width) float to logits (N, classes)."""
        planes = self.dropout(self.pool(torch.relu(self.space_time(frames))))
        logits: Tensor = self.head(self.dropout(torch.relu(self.hidden(planes.flatten(1)))))
        return logits


def _build(given: Input, n_classes: int, pretrained: bool) -> nn.Module:
    return MicroExpSTCNN(n_classes, (given.channels, given.frames, given.height, given.width))


enter(
    ModelEntry(
        name="cnn3d",
        title="3D CNN over a sequence of frames (MicroExpSTCNN)",
        family="sequence network",
        input=Input("frames", 1, 64, 64, frames=18, low=-1.0),
        build=_build,
        stages=(("space_time",), ("hidden",), ("head",)),
        paper="Reddy, Karri, Dubey, Mukherjee 2019, Spontaneous facial micro-expression recognition using 3D "
        "spatiotemporal convolutional neural networks (MicroExpSTCNN)",
        doi="10.1109/IJCNN.2019.8852419",
        resizable=True,
        any_channels=True,
        layers=(
            Layer("3D convolution 3 x 3 x 15, 32 filters, relu", "space_time"),
            Layer("3D max pool 3 x 3 x 3", "pool"),
            Layer("dropout 0.5", "dropout"),
            Layer("fully connected, 128, relu", "hidden"),
            Layer("dropout 0.5", "dropout"),
            Layer("fully connected, 128 to classes", "head"),
        ),
        open_points=(
            "The authors read 96 frames of 64 x 64 for CAS(ME)2 and 18 for SMIC. The 18 are built: 96 would mean 44 "
            "million weights in one layer and twenty times the time.",
            "The authors subtract the mean of all training pictures and divide by the largest value; here pictures go "
            "from -1 to 1, which needs nothing from the training set and is close to it.",
        ),
    )
)
