"""Where the eyes with their brows and where the mouth lie, as boxes: to cover one of them, or see nothing else."""

from __future__ import annotations

import numpy as np

from micromask.core.types import FloatArray
from micromask.faces.align import ALIGNED_SIZE, EYE_DISTANCE, aligned_landmarks

COVER_BOXES = ("eyes", "mouth")

AROUND_EYES = (0.12, 0.2, 0.18)
"""How far the box goes beyond brows and lids: to the sides, up, down; in distances between the eyes."""

AROUND_MOUTH = (0.3, 0.05)
"""How far the box goes beyond the corners of the mouth, and beyond the chin; in distances between the eyes."""

BELOW_NOSE = 0.25
"""Where the box of the mouth begins: this share of the way from the base of the nose to the upper lip."""


def cover_boxes(
    landmarks: FloatArray | None = None, size: int = ALIGNED_SIZE
) -> dict[str, tuple[float, float, float, float]]:
    """Two boxes (x0, y0, x1, y1) px within the aligned face: ``eyes`` (with the brows) and ``mouth`` (with the chin).

    They are wide enough for a raised brow and for a smile, and do not overlap.

    Parameters
    ----------
    landmarks : (68, 2) float, optional
        The face's own points in the aligned face; without them those of a frontal resting face.
    size : int
        Side of the aligned face, px.

    Examples
    --------
    >>> {name: tuple(round(side) for side in box) for name, box in cover_boxes().items()}
    {'eyes': (15, 15, 113, 51), 'mouth': (25, 76, 103, 126)}
    """
    points = aligned_landmarks(size) if landmarks is None else landmarks
    if points.shape != (68, 2):
        raise ValueError(f"68 points (68, 2) wanted, got {points.shape}")
    unit = EYE_DISTANCE * size
    brows_and_lids = points[[*range(17, 27), *range(36, 48)]]
    aside, up, down = AROUND_EYES
    (left, top), (right, bottom) = brows_and_lids.min(0), brows_and_lids.max(0)
    eyes = (left - aside * unit, top - up * unit, right + aside * unit, bottom + down * unit)
    aside, below = AROUND_MOUTH
    lips = points[48:68]
    top = float(points[33, 1] + BELOW_NOSE * (lips[:, 1].min() - points[33, 1]))
    bottom = max(float(lips[:, 1].max()), float(points[8, 1])) + below * unit
    mouth = (lips[:, 0].min() - aside * unit, max(top, eyes[3]), lips[:, 0].max() + aside * unit, bottom)
    return {name: _inside(box, size) for name, box in zip(COVER_BOXES, (eyes, mouth), strict=True)}


def _inside(box: tuple[float, ...], size: int) -> tuple[float, float, float, float]:
    x0, y0, x1, y1 = np.clip(box, 0, size).tolist()
    return x0, y0, x1, y1
