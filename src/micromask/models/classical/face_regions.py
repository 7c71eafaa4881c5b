"""How the parts of a face look in which action units show: oriented gradients, region by region."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from micromask.models.classical.flow_orientation import soft_orientations
from micromask.models.classical.pixels import area_weights

Box = tuple[float, float, float, float]
"""Left, right, top, bottom, in shares of the picture's sides."""

REGIONS: dict[str, tuple[Box, tuple[int, int]]] = {
    "brows": ((0.12, 0.88, 0.08, 0.27), (2, 6)),
    "eyes": ((0.18, 0.82, 0.25, 0.38), (2, 6)),
    "nose": ((0.38, 0.62, 0.32, 0.60), (3, 2)),
    "cheek_right": ((0.10, 0.38, 0.38, 0.62), (2, 2)),
    "cheek_left": ((0.62, 0.90, 0.38, 0.62), (2, 2)),
    "mouth": ((0.22, 0.78, 0.58, 0.82), (3, 6)),
    "chin": ((0.32, 0.68, 0.78, 0.98), (2, 3)),
}
"""Where each region lies in the aligned face, whose eyes' centres are 0.375 of its side apart, 0.31 from the top; and
its rows and columns of cells. 'Left' is the person's left."""

ACTION_UNITS: dict[str, tuple[int, ...]] = {
    "brows": (1, 2, 4),
    "eyes": (5, 7),
    "nose": (9,),
    "cheek_right": (6,),
    "cheek_left": (6,),
    "mouth": (10, 12, 14, 15, 20, 23, 24, 25, 26),
    "chin": (17, 26),
}
"""The action units that show in each region, by their numbers in the Facial Action Coding System."""

SIDE = 64
"""Faces are pooled to SIDE x SIDE pixels, whatever their size."""

ORIENTATIONS = 8

_LEAST = 0.01
# A region whose cells have gradients of less than 2 or 3 grey levels is flat: it stays near 0 instead of being
# scaled to full length.


class Region(nn.Module):
    """Oriented gradients of one box, cell by cell, scaled to a length of nearly 1."""

    rows: Tensor
    columns: Tensor

    def __init__(self, box: Box, grid: tuple[int, int]) -> None:
        super().__init__()
        self.length = grid[0] * grid[1] * ORIENTATIONS
        left, right, top, bottom = box
        self.register_buffer("rows", area_weights(SIDE, grid[0], top, bottom), persistent=False)
        self.register_buffer("columns", area_weights(SIDE, grid[1], left, right), persistent=False)

    def forward(self, planes: Tensor) -> Tensor:
        """(N, ORIENTATIONS, SIDE, SIDE) to (N, length): by orientation, cell row and cell column."""
        cells = (self.rows @ planes @ self.columns.T).flatten(1)
        return cells / (cells.square().sum(1, keepdim=True) + _LEAST**2).sqrt()


class UnitAppearance(nn.Module):
    """A face (N, channels, height, width) in [0, 1] to (N, length): the regions in which action units show.

    The face is made grey and pooled by area to 64 x 64. Each pixel's gradient is shared between the two nearest of 8
    orientations; a cell has the mean over its pixels, a region is scaled to length 1. A muscle that pulls skin bends
    edges (brow, lid, lip line) and folds it (nose, cheek, chin), which turns and strengthens gradients there. Nothing
    is detected: the numbers say how a region looks, not which action unit is present.

    Source
    ------
    Oriented gradients: Dalal, Triggs 2005, doi:10.1109/CVPR.2005.177. Action units: Ekman, Friesen and Hager 2002,
    Facial Action Coding System.

    Examples
    --------
    >>> UnitAppearance(224, 224)(torch.zeros(2, 3, 224, 224)).shape
    torch.Size([2, 496])
    """

    rows: Tensor
    columns: Tensor

    def __init__(self, height: int, width: int) -> None:
        super().__init__()
        self.register_buffer("rows", area_weights(height, SIDE), persistent=False)
        self.register_buffer("columns", area_weights(width, SIDE), persistent=False)
        self.regions = nn.ModuleDict({name: Region(box, grid) for name, (box, grid) in REGIONS.items()})
        self.length = ORIENTATIONS * sum(rows * columns for _, (rows, columns) in REGIONS.values())

    def forward(self, faces: Tensor) -> Tensor:
        """Region after region, in the order of `REGIONS`."""
        grey = self.rows @ faces.mean(dim=1, keepdim=True) @ self.columns.T
        wide = functional.pad(grey, (1, 1, 1, 1), mode="replicate")[:, 0]
        right = (wide[:, 1:-1, 2:] - wide[:, 1:-1, :-2]) / 2
        down = (wide[:, 2:, 1:-1] - wide[:, :-2, 1:-1]) / 2
        planes = soft_orientations(right, down, ORIENTATIONS)
        return torch.cat([region(planes) for region in self.regions.values()], dim=1)
