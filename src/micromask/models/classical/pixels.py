"""The plainest features: the grey pixels of a frame, pooled to one small size."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn

SIDE = 32
"""Frames are pooled to SIDE x SIDE pixels, whatever their size."""

_STEPS = 255 * 16
# Sums come out a whisker apart on other machines, and a whisker decides where a tree asks. 8-bit frames of 64 x 64 pool
# to whole numbers of these steps, of other usual sizes to numbers well away from the halves where rounding turns.


def area_weights(size: int, cells: int, first: float = 0.0, last: float = 1.0) -> Tensor:
    """(cells, size): how much each pixel of a line counts in each of so many equal stretches; rows add to 1.

    ``first`` and ``last`` are where the first stretch begins and the last one ends, in shares of the line.

    Examples
    --------
    Three pixels to two: the one in the middle belongs to both.

    >>> area_weights(3, 2).mul(3).tolist()
    [[2.0, 1.0, 0.0], [0.0, 1.0, 2.0]]
    """
    length = size * (last - first)
    edges = size * first + np.arange(cells + 1) * (length / cells)
    pixel = np.arange(size)
    shared = np.minimum(edges[1:, None], pixel + 1) - np.maximum(edges[:-1, None], pixel)
    return torch.from_numpy((np.maximum(shared, 0) * cells / length).astype(np.float32))


class Pixels(nn.Module):
    """A grey frame as a vector: pooled by area to 32 x 32, row by row, to a sixteenth of a grey level.

    Parameters
    ----------
    height, width : int
        Of the frames. The vector has the same length and meaning for every size.

    Examples
    --------
    >>> Pixels(64, 64)(torch.ones(2, 1, 64, 64)).unique()
    tensor([1.])
    """

    length = SIDE**2
    rows: Tensor
    columns: Tensor

    def __init__(self, height: int, width: int) -> None:
        super().__init__()
        self.register_buffer("rows", area_weights(height, SIDE), persistent=False)
        self.register_buffer("columns", area_weights(width, SIDE), persistent=False)

    def forward(self, frames: Tensor) -> Tensor:
        """Frames (N, 1, H, W) to (N, 1024)."""
        return (self.rows @ frames @ self.columns.T * _STEPS).round().flatten(1) / _STEPS
