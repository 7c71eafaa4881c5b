"""Blinks: the upper lid comes down over the eye, its skin stretched, its lashes carried along."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from scipy.interpolate import PchipInterpolator

from micromask.datasets.synthetic.face import MARGIN, Plane, Points, shape_of

SKIN = 0.125
"""How far above the lid's edge the skin begins to stretch (distances between the eyes): just below the brow."""

LASHES = 0.065
"""Height of the band at the lid's edge that moves without stretching (same unit)."""


@dataclass(frozen=True, slots=True, eq=False)
class Lid:
    """One eye in pixels of the picture with its margin: edges per column, and the box (x0, y0, x1, y1) that it needs.

    ``upper`` and ``lower`` (S,) are y of the lids' edges, equal outside the eye.
    """

    upper: Plane
    lower: Plane
    box: tuple[float, float, float, float]
    unit: float


@lru_cache(maxsize=8)
def lids_of(subject: int, size: int) -> tuple[Lid, ...]:
    """Both eyes of a subject, left in the picture first."""
    shape = shape_of(subject)
    return tuple(_lid(upper, lower, shape.iod * size, size) for upper, lower in shape.lids)


def _lid(upper: Points, lower: Points, unit: float, size: int) -> Lid:
    margin = round(MARGIN * size)
    above, below = (edge * size + margin - 0.5 for edge in (upper, lower))
    column = np.arange(size + 2 * margin)
    edges = [
        PchipInterpolator(edge[:, 0], edge[:, 1])(np.clip(column, edge[0, 0], edge[-1, 0])) for edge in (above, below)
    ]
    inside = (column > above[0, 0]) & (column < above[-1, 0])
    low = np.where(inside, np.maximum(edges[0], edges[1]), edges[0])
    x0, x1 = float(above[0, 0]), float(above[-1, 0])
    y0, y1 = float(above[:, 1].min() - SKIN * unit), float(below[:, 1].max())
    return Lid(edges[0].astype(np.float32), low.astype(np.float32), (x0 - 2, y0 - 2, x1 + 2, y1 + 4), unit)


def close_eyes(
    picture: Plane, resting: Plane, map_x: Plane, map_y: Plane, closure: float, subject: int, size: int
) -> None:
    """Draw the lids of a picture, in place, ``closure`` (0 to 1) of the way down.

    Parameters
    ----------
    picture : (H, W, 3) float32
        What ``resting`` looks like through the maps; the lids go over it.
    resting : (S, S, 3) float32
        The subject at rest, with margin.
    map_x, map_y : (H, W) float32
        Pixel of ``resting`` that each pixel of the picture shows: so the lids go with head and brows.
    closure : float
        0 is open (as in the portrait), 1 shut.
    """
    for lid in lids_of(subject, size):
        x0, y0, x1, y1 = lid.box
        hit = (map_x > x0) & (map_x < x1) & (map_y > y0) & (map_y < y1)
        rows, columns = np.flatnonzero(hit.any(axis=1)), np.flatnonzero(hit.any(axis=0))
        if not rows.size:
            continue
        window = np.s_[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
        x, y = map_x[window], map_y[window]
        upper = np.interp(x, np.arange(lid.upper.size), lid.upper)
        drop = closure * (np.interp(x, np.arange(lid.lower.size), lid.lower) - upper)
        skin, lashes = SKIN * lid.unit, LASHES * lid.unit
        top, edge = upper - skin, upper + drop
        stretched = top + (y - top) * (skin - lashes) / (skin - lashes + drop)
        source = np.where(y <= top, y, np.where(y < edge - lashes, stretched, y - drop)).astype(np.float32)
        cover = np.clip((edge - y) / (0.012 * lid.unit) + 0.5, 0, 1) * np.clip(drop / (0.004 * lid.unit), 0, 1)
        drawn = cv2.remap(resting, np.ascontiguousarray(x), source, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT)
        picture[window] += (drawn - picture[window]) * cover[..., None].astype(np.float32)
