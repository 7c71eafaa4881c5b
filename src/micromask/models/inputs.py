"""What models read: declared once, made from pictures by one function."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from micromask.core.errors import BadInputError

Reads = Literal["frame", "frames", "motion"]


@dataclass(frozen=True, slots=True)
class Input:
    """What a model reads: a batch of frames, of frame sequences or of motion maps, as float32.

    ``frame`` is (N, channels, height, width) of one face; ``frames`` is (N, channels, frames, height, width), first
    frame first; ``motion`` is (N, 3, height, width): u right, v down, strain. ``low`` and ``high`` bound the values
    that are expected (0 and 1 for pictures). What a network wants beyond that, such as ImageNet's mean and spread, it
    does itself.
    """

    reads: Reads
    channels: int
    height: int
    width: int
    frames: int = 1
    low: float = 0.0
    high: float = 1.0

    def __post_init__(self) -> None:
        if min(self.channels, self.height, self.width, self.frames) < 1 or not self.low < self.high:
            raise ValueError(f"an input has channels, height, width and frames of 1 or more and low < high, got {self}")
        if (self.reads == "frames") != (self.frames > 1):
            raise ValueError(f"an input of {self.reads!r} cannot have {self.frames} frames")

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of one sample, without the batch: (C, H, W), or (C, T, H, W) for a sequence."""
        time = (self.frames,) if self.reads == "frames" else ()
        return (self.channels, *time, self.height, self.width)

    def __str__(self) -> str:
        sizes = ", ".join(str(each) for each in self.shape)
        return f"{self.reads} (N, {sizes}) float32 in [{self.low:g}, {self.high:g}]"


def check_size(model: str, given: Input, smallest: int) -> None:
    """Raise BadInputError for frames that are too small for a network: its convolutions and pools leave nothing.

    >>> check_size("mmed-cnn", Input("frame", 1, 22, 16), 22)
    Traceback (most recent call last):
    micromask.core.errors.BadInputError: mmed-cnn reads 22 x 22 px or more, asked for 22 x 16
    """
    if min(given.height, given.width) < smallest:
        raise BadInputError(
            f"{model} reads {smallest} x {smallest} px or more, asked for {given.height} x {given.width}"
        )


def to_input(pictures: NDArray[np.uint8], given: Input) -> Tensor:
    """Pictures as a model reads them: channels first, 0-255 scaled to its range.

    Parameters
    ----------
    pictures : (N, H, W), (N, H, W, C) or (N, T, H, W, C) uint8
        Frames, sequences of frames, or motion maps, of the model's size. Grey pictures serve a model of three channels
        too: the channel is repeated.
    given : Input

    Returns
    -------
    (N, *given.shape) float32

    Raises
    ------
    BadInputError
        If the shape does not fit.

    Examples
    --------
    >>> to_input(np.full((2, 4, 4), 255, np.uint8), Input("frame", 1, 4, 4, low=-1)).unique()
    tensor([1.])
    """
    planes: NDArray[Any] = pictures
    if planes.ndim == (4 if given.reads == "frames" else 3):
        planes = planes[..., None]
    planes = np.moveaxis(planes, -1, 1)
    if planes.dtype == np.uint8 and planes.shape[1] == 1 and given.channels == 3 and given.reads != "motion":
        planes = np.repeat(planes, 3, axis=1)
    if planes.dtype != np.uint8 or planes.shape[1:] != given.shape:
        raise BadInputError(f"the model reads {given}, got pictures {pictures.shape} {pictures.dtype}")
    scaled = planes.astype(np.float32) * np.float32((given.high - given.low) / 255) + np.float32(given.low)
    return torch.from_numpy(np.ascontiguousarray(scaled))


def example_inputs(given: Input, n: int, seed: int = 0) -> Tensor:
    """Random inputs (n, *shape) within the range that the model expects: for trying, timing and exporting.

    Each plane is a board of 4 x 4 fields, each with a level of its own, and a little noise. Noise alone would all be
    the same grey to a network that pools.

    Examples
    --------
    >>> example_inputs(Input("frame", 1, 64, 64), 2).shape
    torch.Size([2, 1, 64, 64])
    """
    generator = torch.Generator().manual_seed(seed)
    fields = torch.rand((n, *given.shape[:-2], 4, 4), generator=generator)
    rows, columns = (torch.arange(side) * 4 // side for side in (given.height, given.width))
    noise = torch.rand((n, *given.shape), generator=generator)
    levels = 0.75 * fields[..., rows, :][..., columns] + 0.25 * noise
    return levels * (given.high - given.low) + given.low
