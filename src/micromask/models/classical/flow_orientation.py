"""Orientation histograms of a motion map in torch: the same numbers as `models.flow_histogram`."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from micromask.models.flow_histogram import SIDE, HistogramLayout, cell_weights

_GREYS = 255
_WHISKER = 1e-3
# A pixel whose direction is a bin's edge exactly belongs to the bin that begins there. In grey levels, directions of
# 8-bit maps miss the edges of 8 bins by a third or more; float32 misses them by far less than this.


def soft_orientations(along: Tensor, across: Tensor, bins: int) -> Tensor:
    """Vectors (N, H, W) to (N, bins, H, W): their length, shared linearly between the two nearest orientations.

    Orientation 0 is centred half a bin on from the first axis.

    Examples
    --------
    A vector along the first axis lies midway between the last orientation and the first:

    >>> soft_orientations(torch.full((1, 1, 1), 3.0), torch.zeros(1, 1, 1), 4).flatten().tolist()
    [1.5, 0.0, 0.0, 1.5]
    """
    place = torch.atan2(across, along) * (bins / (2 * math.pi)) - 0.5
    orientation = torch.arange(bins, device=along.device)[:, None, None]
    apart = (place[:, None] - orientation + bins / 2) % bins - bins / 2
    return (1 - apart.abs()).clamp_min(0) * (along.square() + across.square()).sqrt()[:, None]


class FlowOrientation(nn.Module):
    """Histograms of the orientation of (u, v) and of (v, strain), as `flow_histograms` makes them.

    Each channel less its median; each pixel counted with its magnitude in its cell and orientation, or shared between
    neighbours of both where the layout is soft; the square root of all counts, scaled to length 1.

    Source
    ------
    Histograms of oriented flow: Dalal, Triggs, Schmid 2006, doi:10.1007/11744047_33

    Examples
    --------
    >>> one = torch.zeros(1, 3, 28, 28)
    >>> one[0, 0, 4:8, 8:12] = 1
    >>> FlowOrientation()(one).nonzero().tolist()  # cell row 1, column 2: (1 * 7 + 2) * 8
    [[0, 72]]
    """

    edges: Tensor
    to_cells: Tensor

    def __init__(self, layout: HistogramLayout | None = None) -> None:
        super().__init__()
        self.layout = layout or HistogramLayout()
        self.length = self.layout.length
        angles = [2 * math.pi * k / self.layout.bins for k in range(self.layout.bins)]
        edges = torch.tensor([[math.cos(angle), math.sin(angle)] for angle in angles])
        self.register_buffer("edges", edges, persistent=False)
        self.register_buffer("to_cells", torch.from_numpy(cell_weights(self.layout)).float(), persistent=False)

    def forward(self, maps: Tensor) -> Tensor:
        """Maps (N, 3, 28, 28), u, v and strain each scaled to 0-1 on its own, to (N, length)."""
        planes = maps * _GREYS
        ordered = planes.flatten(2).sort(dim=2).values
        middle = (ordered[..., SIDE * SIDE // 2 - 1] + ordered[..., SIDE * SIDE // 2]) / 2
        u, v, strain = (planes - middle[..., None, None]).unbind(1)
        roots = torch.cat([self._count(u, v), self._count(v, strain)], dim=1).sqrt()
        length = roots.square().sum(1, keepdim=True).sqrt()
        return roots / torch.where(length > 0, length, 1.0)

    def _count(self, along: Tensor, across: Tensor) -> Tensor:
        """(N, cells * cells * bins): the magnitude of (along, across) by cell and orientation."""
        by_pixel = (
            soft_orientations(along, across, self.layout.bins)
            if self.layout.soft
            else self._hard_orientations(along, across)
        )
        return (self.to_cells @ by_pixel @ self.to_cells.T).permute(0, 2, 3, 1).flatten(1)

    def _hard_orientations(self, along: Tensor, across: Tensor) -> Tensor:
        """(N, bins, H, W): the magnitude, in the one orientation that each pixel has."""
        cosine, sine = self.edges[:, 0, None, None], self.edges[:, 1, None, None]
        # How far each pixel's vector lies to the left of each edge: a bin is left of its own edge and not of the next.
        beyond = cosine * across[:, None] - sine * along[:, None] >= -_WHISKER
        inside = beyond & ~beyond.roll(-1, dims=1)
        return inside * (along.square() + across.square()).sqrt()[:, None]
