"""Orientation histograms of a motion map in torch: the same numbers as `models.flow_histogram`, for one layout."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from micromask.models.flow_histogram import SIDE, HistogramLayout

LAYOUT = HistogramLayout()
"""7 x 7 cells of 8 orientations, a pixel in one of each: as in the recogniser that comes with the package."""

_GREYS = 255
_WHISKER = 1e-3
# A pixel whose direction is a bin's edge exactly belongs to the bin that begins there. In grey levels, directions of
# 8-bit maps miss the edges of 8 bins by a third or more; float32 misses them by far less than this.


class FlowOrientation(nn.Module):
    """Histograms of the orientation of (u, v) and of (v, strain), as `flow_histograms` makes them.

    Each channel less its median; each pixel counted with its magnitude in its cell and orientation; the square root of
    all counts, scaled to length 1.

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

    length = LAYOUT.length
    edges: Tensor

    def __init__(self) -> None:
        super().__init__()
        angles = [2 * math.pi * k / LAYOUT.bins for k in range(LAYOUT.bins)]
        edges = torch.tensor([[math.cos(angle), math.sin(angle)] for angle in angles])
        self.register_buffer("edges", edges, persistent=False)

    def forward(self, maps: Tensor) -> Tensor:
        """Maps (N, 3, 28, 28), u, v and strain each scaled to 0-1 on its own, to (N, 784)."""
        planes = maps * _GREYS
        ordered = planes.flatten(2).sort(dim=2).values
        middle = (ordered[..., SIDE * SIDE // 2 - 1] + ordered[..., SIDE * SIDE // 2]) / 2
        u, v, strain = (planes - middle[..., None, None]).unbind(1)
        roots = torch.cat([self._count(u, v), self._count(v, strain)], dim=1).sqrt()
        length = roots.square().sum(1, keepdim=True).sqrt()
        return roots / torch.where(length > 0, length, 1.0)

    def _count(self, along: Tensor, across: Tensor) -> Tensor:
        """(N, cells * cells * bins): the magnitude of (along, across) by cell and orientation."""
        cosine, sine = self.edges[:, 0, None, None], self.edges[:, 1, None, None]
        # How far each pixel's vector lies to the left of each edge: a bin is left of its own edge and not of the next.
        beyond = cosine * across[:, None] - sine * along[:, None] >= -_WHISKER
        inside = beyond & ~beyond.roll(-1, dims=1)
        magnitude = (along.square() + across.square()).sqrt()
        cells, width = LAYOUT.cells, SIDE // LAYOUT.cells
        counted = (inside * magnitude[:, None]).reshape(-1, LAYOUT.bins, cells, width, cells, width)
        return counted.sum(dim=(3, 5)).permute(0, 2, 3, 1).flatten(1)
