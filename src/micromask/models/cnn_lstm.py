"""A CNN that reads each frame and an LSTM that reads what it saw, after ELRCN."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from micromask.core.errors import BadInputError
from micromask.models.catalogue import Layer, ModelEntry, enter
from micromask.models.inputs import Input

FILTERS = (16, 32, 64)
FEATURES = 256
"""Numbers that the CNN makes of a frame, and the state of the LSTM."""

SMALLEST = 8
"""Pixels a side below which nothing is left after three pools."""


class CnnLstm(nn.Module):
    """A long-term recurrent convolutional network, small enough to be trained from nothing on a CPU.

    Each frame goes through three 3 x 3 convolutions with batch norm, relu and a 2 x 2 max pool after each, and becomes
    256 numbers. An LSTM reads them frame by frame; its last state goes through a layer of 128 units to the classes.

    Parameters
    ----------
    classes : int
    channels : int
    size : (height, width)
        Eight pixels a side or more.
    dropout : float
        Before the classes.

    Raises
    ------
    BadInputError
        If the frames are smaller than eight pixels a side.

    Source
    ------
    After Khor, See, Phan, Lin 2018 (ELRCN), doi:10.1109/FG.2018.00105; code of the authors:
    https://github.com/IcedDoggie/Micro-Expression-with-Deep-Learning

    Examples
    --------
    >>> CnnLstm(3)(torch.zeros(2, 1, 10, 64, 64)).shape
    torch.Size([2, 3])
    """

    def __init__(
        self, classes: int = 3, channels: int = 1, size: tuple[int, int] = (64, 64), dropout: float = 0.5
    ) -> None:
        super().__init__()
        if min(size) < SMALLEST:
            asked = f"asked for {size[0]} x {size[1]} px"
            raise BadInputError(f"cnn-lstm reads frames of {SMALLEST} x {SMALLEST} px or more, {asked}")
        steps: list[nn.Module] = []
        for planes, filters in zip((channels, *FILTERS[:-1]), FILTERS, strict=True):
            steps += [nn.Conv2d(planes, filters, 3, padding=1), nn.BatchNorm2d(filters), nn.ReLU(), nn.MaxPool2d(2)]
        self.frames = nn.Sequential(*steps)
        self.features = nn.Linear(FILTERS[-1] * (size[0] // 8) * (size[1] // 8), FEATURES)
        self.sequence = nn.LSTM(FEATURES, FEATURES, batch_first=True)
        self.hidden = nn.Linear(FEATURES, 128)
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(128, classes)

    def forward(self, frames: Tensor) -> Tensor:
        """Sequences (N, channels, frames, height, width) float to logits (N, classes)."""
        length = frames.shape[2]
        seen = self.frames(frames.transpose(1, 2).flatten(0, 1)).flatten(1)
        told = torch.relu(self.features(seen)).reshape(-1, length, FEATURES)
        states, _ = self.sequence(told)
        logits: Tensor = self.head(self.dropout(torch.relu(self.hidden(states[:, -1]))))
        return logits


enter(
    ModelEntry(
        name="cnn-lstm",
        title="CNN over each frame and LSTM over the sequence, after ELRCN",
        family="sequence network",
        input=Input("frames", 1, 64, 64, frames=10),
        build=lambda given, n_classes, pretrained: CnnLstm(n_classes, given.channels, (given.height, given.width)),
        stages=(("frames", "features"), ("sequence",), ("hidden",), ("head",)),
        paper="After Khor, See, Phan, Lin 2018, Enriched long-term recurrent convolutional network for facial "
        "micro-expression recognition (ELRCN)",
        doi="10.1109/FG.2018.00105",
        resizable=True,
        any_channels=True,
        layers=(
            Layer("convolutions of VGG-16 over each frame", "frames"),
            Layer("fully connected, 4096 numbers a frame", "features"),
            Layer("LSTM of 3000 over 10 frames, its last state", "sequence"),
            Layer("fully connected, 128, relu", "hidden"),
            Layer("fully connected, 128 to classes", "head"),
        ),
        open_points=(
            "After ELRCN and not equal to it. Its CNN is VGG-16 with face weights on 224 x 224, 4096 numbers a frame, "
            "and an LSTM of 3000: more than 200 million weights and 150 thousand million multiply-adds a clip. Here "
            "are three convolutions on 64 x 64, 256 numbers a frame and an LSTM of 256.",
            "Ten frames, as in the paper, which interpolates them with TIM; which frames are taken is not the model's "
            "business.",
            "The paper enriches the frames with flow and strain, as channels or as features side by side; here are the "
            "frames alone.",
            "The authors' code ends in a sigmoid under a categorical cross-entropy; here are logits.",
            "Batch norm and dropout of 0.5 are ours, because the CNN starts from random weights.",
        ),
    )
)
