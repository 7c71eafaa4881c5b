"""LBP-TOP: how each pixel compares with its neighbours in the picture and along time, counted block by block."""

from __future__ import annotations

import math
from itertools import product

import numpy as np
import torch
from torch import Tensor, nn

from micromask.core.errors import BadInputError

PLANES = ((2, 1), (2, 0), (1, 0))
"""XY, XT and YT, as axes of (time, y, x): neighbours start along the first and turn towards the second's low end."""

_WHISKER = 1e-6
# A neighbour as bright as its centre counts as brighter, also where float32 says that it is a whisker darker. Equal
# grey levels of 8-bit frames, and mixtures of them, agree to far less than this.


def uniform_codes(neighbours: int) -> list[int]:
    """The bin of each code: one of its own where its circle changes at most twice, else one that they all share.

    >>> uniform_codes(4)  # 0101 and 1010 change four times
    [0, 1, 2, 3, 4, 14, 5, 6, 7, 8, 14, 9, 10, 11, 12, 13]
    """
    codes = range(2**neighbours)
    turned = [(code >> 1) | ((code & 1) << (neighbours - 1)) for code in codes]
    plain = [code for code in codes if (code ^ turned[code]).bit_count() <= 2]
    return [plain.index(code) if code in plain else len(plain) for code in codes]


class LbpTop(nn.Module):
    """Histograms of local binary patterns on three orthogonal planes, over a grid of blocks.

    A pixel's code in a plane has a bit for each neighbour on an ellipse round it, 1 where the neighbour is at least as
    bright; neighbours between pixels are interpolated. Pixels nearer to an edge of the sequence than the radii have no
    code. Each block has one histogram a plane over all frames, which adds to 1.

    Parameters
    ----------
    frames, height, width : int
        Of the sequences.
    radii : (x, y, time)
    neighbours : int
        In each plane. With 4 and whole radii nothing has to be interpolated.
    uniform : bool
        One bin for all codes whose circle changes more than twice.
    grid : (rows, columns)

    Raises
    ------
    BadInputError
        If the sequences are too small for the radii and the grid.

    Source
    ------
    Zhao, Pietikäinen 2007, doi:10.1109/TPAMI.2007.1110

    Examples
    --------
    >>> LbpTop(16, 64, 64)(torch.rand(2, 1, 16, 64, 64)).shape  # 5 * 5 blocks, 3 planes, 2^4 codes
    torch.Size([2, 1200])
    """

    bin_of: Tensor
    first_bin: Tensor
    per_block: Tensor

    def __init__(
        self,
        frames: int,
        height: int,
        width: int,
        radii: tuple[int, int, int] = (1, 1, 4),
        neighbours: int = 4,
        uniform: bool = False,
        grid: tuple[int, int] = (5, 5),
    ) -> None:
        super().__init__()
        self.radii = radii[::-1]  # time, y, x, as the axes are
        self.neighbours = neighbours
        room = [size - 2 * radius for size, radius in zip((frames, height, width), self.radii, strict=True)]
        if room[0] < 1 or room[1] < grid[0] or room[2] < grid[1]:
            least = [2 * radius + cells for radius, cells in zip(self.radii, (1, *grid), strict=True)]
            raise BadInputError(
                f"LBP-TOP wants sequences of at least {least[0]} frames of {least[1]} x {least[2]} px, "
                f"got {frames} of {height} x {width}"
            )
        bins = uniform_codes(neighbours) if uniform else list(range(2**neighbours))
        self.bins = max(bins) + 1
        self.blocks = grid[0] * grid[1]
        row, column = (np.arange(side) * cells // side for side, cells in zip(room[1:], grid, strict=True))
        block = np.tile((row[:, None] * grid[1] + column).ravel(), room[0])
        per_block = np.bincount(block).astype(np.float32)[:, None]
        self.register_buffer("bin_of", torch.tensor(bins), persistent=False)
        self.register_buffer("first_bin", torch.from_numpy(block * self.bins), persistent=False)
        self.register_buffer("per_block", torch.from_numpy(per_block), persistent=False)

    @property
    def length(self) -> int:
        """Numbers in one vector."""
        return len(PLANES) * self.blocks * self.bins

    def forward(self, sequences: Tensor) -> Tensor:
        """Grey sequences (N, 1, T, H, W) to (N, 3 * blocks * bins): by plane, block (row by row) and code."""
        return torch.cat([self._histograms(self.codes(sequences[:, 0], plane)) for plane in PLANES], dim=1)

    def codes(self, sequences: Tensor, plane: tuple[int, int]) -> Tensor:
        """(N, T, H, W) to the codes in one plane, (N, T - 2 Rt, H - 2 Ry, W - 2 Rx) int64."""
        centre = self._moved(sequences, (0, 0, 0))
        code = torch.zeros_like(centre, dtype=torch.int64)
        for bit in range(self.neighbours):
            angle = 2 * math.pi * bit / self.neighbours
            offset = [0.0, 0.0, 0.0]
            offset[plane[0]] = self.radii[plane[0]] * math.cos(angle)
            offset[plane[1]] = -self.radii[plane[1]] * math.sin(angle)
            code = code + 2**bit * (self._brighter(sequences, centre, offset) >= -_WHISKER).long()
        return code

    def _brighter(self, sequences: Tensor, centre: Tensor, offset: list[float]) -> Tensor:
        """How much brighter than the centre the sequence is at an offset, interpolated where it lies between pixels."""
        low = [math.floor(round(each, 9)) for each in offset]
        share = [round(each, 9) - whole for each, whole in zip(offset, low, strict=True)]
        total = torch.zeros_like(centre)
        for corner in product((0, 1), repeat=3):
            weight = math.prod(part if side else 1 - part for side, part in zip(corner, share, strict=True))
            if weight:
                place = (low[0] + corner[0], low[1] + corner[1], low[2] + corner[2])
                total = total + weight * (self._moved(sequences, place) - centre)
        return total

    def _moved(self, sequences: Tensor, by: tuple[int, int, int]) -> Tensor:
        """The part of the sequences that lies so far from the pixels that have codes."""
        for axis, (radius, step) in enumerate(zip(self.radii, by, strict=True), start=1):
            sequences = sequences.narrow(axis, radius + step, sequences.shape[axis] - 2 * radius)
        return sequences

    def _histograms(self, codes: Tensor) -> Tensor:
        slot = self.bin_of[codes].flatten(1) + self.first_bin
        counts = torch.zeros(slot.shape[0], self.blocks * self.bins, device=slot.device)
        counts = counts.scatter_add(1, slot, torch.ones_like(slot, dtype=counts.dtype))
        return (counts.reshape(-1, self.blocks, self.bins) / self.per_block).flatten(1)
