"""Names for the parts of an aligned face, and where they lie.

'Left' is the person's left: the right side of the picture.
"""

from __future__ import annotations

import cv2
import numpy as np
from scipy.sparse import csr_array

from micromask.core.types import FloatArray
from micromask.faces.align import ALIGNED_SIZE, EYE_DISTANCE, EYE_HEIGHT, aligned_landmarks

EXPRESSIVE = (
    "brow_right",
    "brow_left",
    "glabella",
    "nose",
    "cheek_right",
    "cheek_left",
    "mouth_right",
    "mouth_left",
    "lip_upper",
    "lip_lower",
    "chin",
)
"""Regions whose motion counts as an expression."""

EYES = ("eye_right", "eye_left")
"""Regions whose motion alone is a blink or a glance."""

REGIONS = EXPRESSIVE + EYES

ORBIT = ("orbit_right", "orbit_left")
"""Skin below and beside the eye, which a raised cheek gathers; measured for masked expressions, not for spotting."""


def _disc(canvas: FloatArray, centre: FloatArray, radii: tuple[float, float]) -> None:
    box = (float(centre[0]), float(centre[1])), (2 * radii[0], 2 * radii[1]), 0.0
    cv2.ellipse(canvas, box, 1.0, -1)


def _band(canvas: FloatArray, points: FloatArray, up: float, down: float) -> None:
    """A strip along ``points``, from ``up`` px above to ``down`` px below."""
    below = points + np.array([0, down])
    outline = np.concatenate([points - np.array([0, up]), below[::-1]])
    cv2.fillPoly(canvas, [np.round(outline).astype(np.int32)], 1.0)


def region_masks(landmarks: FloatArray | None = None, size: int = ALIGNED_SIZE) -> dict[str, FloatArray]:
    """Where each region lies: {name: (size, size) float32 of 0 and 1}.

    Parameters
    ----------
    landmarks : (68, 2) float, optional
        The face's own points in the aligned face; without them those of a frontal resting face.
    size : int
        Side of the aligned face, px.
    """
    points = aligned_landmarks(size) if landmarks is None else landmarks
    if points.shape != (68, 2):
        raise ValueError(f"68 points (68, 2) wanted, got {points.shape}")
    unit = EYE_DISTANCE * size
    masks = {name: np.zeros((size, size), dtype=np.float32) for name in REGIONS}
    _band(masks["brow_right"], points[17:22], 0.16 * unit, 0.05 * unit)
    _band(masks["brow_left"], points[22:27], 0.16 * unit, 0.05 * unit)
    _disc(masks["glabella"], (points[21] + points[22]) / 2 - [0, 0.05 * unit], (0.2 * unit, 0.2 * unit))
    for name, ring in (("eye_right", points[36:42]), ("eye_left", points[42:48])):
        _disc(masks[name], ring.mean(0), (0.32 * unit, 0.2 * unit))
    _band(masks["nose"], points[31:36], 0.3 * unit, 0.05 * unit)
    for name, corner, jaw, eye in (("right", 48, 3, 41), ("left", 54, 13, 46)):
        middle = 0.4 * points[corner] + 0.25 * points[jaw] + 0.35 * points[eye]
        _disc(masks[f"cheek_{name}"], middle, (0.24 * unit, 0.24 * unit))
        _disc(masks[f"mouth_{name}"], points[corner], (0.17 * unit, 0.2 * unit))
    _disc(masks["lip_upper"], points[50:53].mean(0), (0.26 * unit, 0.12 * unit))
    _disc(masks["lip_lower"], points[56:59].mean(0), (0.26 * unit, 0.14 * unit))
    _disc(masks["chin"], 0.55 * points[8] + 0.45 * points[57], (0.3 * unit, 0.16 * unit))
    return masks


# Where each region is measured: name, landmarks whose mean is the spot's centre, shift (x, y) in distances between the
# eyes. A movement of one muscle fills a few spots; the strongest one speaks for its region.
_SPOTS: tuple[tuple[str, tuple[int, ...], tuple[float, float]], ...] = (
    ("brow_right", (17, 18), (0.0, -0.05)),
    ("brow_right", (19,), (0.0, -0.05)),
    ("brow_right", (20, 21), (0.0, -0.05)),
    ("brow_left", (25, 26), (0.0, -0.05)),
    ("brow_left", (24,), (0.0, -0.05)),
    ("brow_left", (22, 23), (0.0, -0.05)),
    ("glabella", (21, 22), (0.0, 0.0)),
    ("glabella", (21, 22), (0.0, -0.15)),
    ("nose", (31,), (-0.03, -0.1)),
    ("nose", (35,), (0.03, -0.1)),
    ("nose", (39, 31), (0.05, 0.0)),
    ("nose", (42, 35), (-0.05, 0.0)),
    ("cheek_right", (48, 41, 3), (0.0, 0.0)),
    ("cheek_right", (31, 48), (-0.05, 0.0)),
    ("cheek_right", (40, 41), (0.0, 0.28)),
    ("cheek_left", (54, 46, 13), (0.0, 0.0)),
    ("cheek_left", (35, 54), (0.05, 0.0)),
    ("cheek_left", (46, 47), (0.0, 0.28)),
    ("mouth_right", (48,), (0.0, 0.0)),
    ("mouth_right", (48,), (-0.1, -0.05)),
    ("mouth_right", (48,), (-0.05, 0.12)),
    ("mouth_left", (54,), (0.0, 0.0)),
    ("mouth_left", (54,), (0.1, -0.05)),
    ("mouth_left", (54,), (0.05, 0.12)),
    ("lip_upper", (49, 50), (0.0, 0.0)),
    ("lip_upper", (51,), (0.0, 0.0)),
    ("lip_upper", (52, 53), (0.0, 0.0)),
    ("lip_lower", (58, 59), (0.0, 0.0)),
    ("lip_lower", (57,), (0.0, 0.0)),
    ("lip_lower", (55, 56), (0.0, 0.0)),
    ("chin", (8, 57), (0.0, 0.0)),
    ("chin", (7, 58), (0.0, 0.0)),
    ("chin", (9, 56), (0.0, 0.0)),
    ("eye_right", (37, 38), (0.0, 0.02)),
    ("eye_right", (36, 39), (0.0, 0.0)),
    ("eye_left", (43, 44), (0.0, 0.02)),
    ("eye_left", (42, 45), (0.0, 0.0)),
    ("orbit_right", (36,), (-0.14, 0.06)),
    ("orbit_right", (40, 41), (0.0, 0.15)),
    ("orbit_left", (45,), (0.14, 0.06)),
    ("orbit_left", (46, 47), (0.0, 0.15)),
)

SPOT_NAMES = tuple(name for name, _, _ in _SPOTS)
"""The region that each spot of `spot_weights` belongs to."""


def _rows(region: str, *landmarks: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(row for row, (name, of, _) in enumerate(_SPOTS) if name == region and of in landmarks)


PARTS: dict[str, tuple[int, ...]] = {
    "mouth_corner_right": _rows("mouth_right", (48,)),
    "mouth_corner_left": _rows("mouth_left", (54,)),
    "upper_cheek_right": _rows("cheek_right", (40, 41)),
    "upper_cheek_left": _rows("cheek_left", (46, 47)),
    "lower_lid_right": _rows("orbit_right", (40, 41)),
    "lower_lid_left": _rows("orbit_left", (46, 47)),
    "eye_corner_right": _rows("orbit_right", (36,)),
    "eye_corner_left": _rows("orbit_left", (45,)),
    "inner_brow_right": _rows("brow_right", (20, 21)),
    "inner_brow_left": _rows("brow_left", (22, 23)),
    "outer_brow_right": _rows("brow_right", (17, 18), (19,)),
    "outer_brow_left": _rows("brow_left", (25, 26), (24,)),
    "lip_lower": _rows("lip_lower", (57,)),
    "chin": _rows("chin", (8, 57)),
}
"""Parts finer than regions, and the spots (rows of `spot_weights`) that measure them."""

SPOT_RADIUS = 0.09
"""Standard deviation of a spot's Gaussian window, in distances between the eyes."""


EDGE = 0.13
"""A spot nearer than this to the face's outline (in distances between the eyes) may look past the face."""


def face_outline(landmarks: FloatArray, size: int = ALIGNED_SIZE) -> FloatArray:
    """Corners (N, 2) of the face in the aligned face: the jaw from ear to ear and a forehead above the brows."""
    unit = EYE_DISTANCE * size
    temples = landmarks[[0, 16]] - [0, 0.6 * unit]
    top = np.array([[landmarks[27, 0], EYE_HEIGHT * size - 0.78 * unit]])
    return np.concatenate([landmarks[0:17], temples[[1]], top, temples[[0]]])


def spot_weights(landmarks: FloatArray | None = None, size: int = ALIGNED_SIZE) -> csr_array:
    """A sparse matrix (P, size * size) float32 whose rows average a picture over one small spot each.

    A spot that lies at the face's edge, as on the far side of a turned head, has a row of zeros: it would measure the
    background.

    Parameters
    ----------
    landmarks : (68, 2) float, optional
        The face's own points in the aligned face; without them those of a frontal resting face.
    size : int
        Side of the aligned face, px.
    """
    points = aligned_landmarks(size) if landmarks is None else landmarks
    unit = EYE_DISTANCE * size
    sigma, reach = SPOT_RADIUS * unit, int(np.ceil(2.5 * SPOT_RADIUS * unit))
    outline = face_outline(points, size).astype(np.float32)
    rows, columns, values = [], [], []
    for row, (_, of, shift) in enumerate(_SPOTS):
        centre = np.clip(points[list(of)].mean(0) + np.array(shift) * unit, 0, size - 1)
        if cv2.pointPolygonTest(outline, (float(centre[0]), float(centre[1])), True) < EDGE * unit:
            continue
        around = np.arange(-reach, reach + 1)
        x, y = around + round(float(centre[0])), around + round(float(centre[1]))
        x, y = x[(x >= 0) & (x < size)], y[(y >= 0) & (y < size)]
        window = np.exp(-((y[:, None] - centre[1]) ** 2 + (x[None, :] - centre[0]) ** 2) / (2 * sigma**2))
        rows.append(np.full(window.size, row))
        columns.append((y[:, None] * size + x[None, :]).ravel())
        values.append((window / window.sum()).ravel())
    where = np.concatenate(rows), np.concatenate(columns)
    return csr_array((np.concatenate(values).astype(np.float32), where), shape=(len(_SPOTS), size * size))


def steady_weights(landmarks: FloatArray | None = None, size: int = ALIGNED_SIZE) -> FloatArray:
    """How far each pixel (size, size) can be trusted to move with the skull: 1 on the nose and temples, 0 off the face.

    Brows, eyes, mouth and chin have next to none; the cheeks and the forehead some.
    """
    points = aligned_landmarks(size) if landmarks is None else landmarks
    unit = EYE_DISTANCE * size
    face = np.zeros((size, size), dtype=np.float32)
    cv2.fillPoly(face, [np.round(face_outline(points, size)).astype(np.int32)], 1.0)
    edge = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * round(0.1 * unit) + 1,) * 2)
    face = cv2.erode(face, edge)
    weights = 0.5 * face
    nose = np.zeros_like(face)
    _band(nose, points[31:36], points[33][1] - points[27][1], 0.0)
    weights = np.maximum(weights, nose * face)
    free = np.zeros_like(face)
    masks = region_masks(points, size)
    for name in ("brow_right", "brow_left", "glabella", "eye_right", "eye_left", "mouth_right", "mouth_left", "chin"):
        free = np.maximum(free, masks[name])
    cv2.fillPoly(free, [np.round(cv2.convexHull(points[48:60].astype(np.float32))).astype(np.int32)], 1.0)
    free = cv2.dilate(free, edge)
    free *= 1 - nose
    return np.asarray(np.maximum(weights * (1 - free), 0.03 * face), dtype=np.float32)
