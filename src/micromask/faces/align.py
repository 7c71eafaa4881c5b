"""Where a face stands, so that it can be held still: the face's own coordinates and the transforms into them.

The *aligned face* is a square picture in which the eyes' centres always lie on the same two points. Everything that is
measured on a face is measured there, in units of the distance between the eyes.
"""

from __future__ import annotations

import cv2
import numpy as np

from micromask.core.types import FloatArray, Image

ALIGNED_SIZE = 128
"""Side of the aligned face, px."""

EYE_DISTANCE = 0.375
"""Distance between the eyes' centres in the aligned face, as a share of its side (48 px of 128)."""

EYE_HEIGHT = 0.31
"""Height of the eyes' centres in the aligned face, as a share of its side from the top."""

# A frontal resting face in its own coordinates: 68 points in the order of the iBUG 300-W mark-up, origin midway between
# the eyes' centres, x to the image's right, y down, unit the distance between the eyes' centres. Mean of 20 fits of the
# 68-point model to scikit-image's public-domain astronaut portrait at four scales, made mirror-symmetric.
_JAW = [(-1.07, 0.07), (-1.05, 0.34), (-1.01, 0.61), (-0.96, 0.88), (-0.88, 1.14), (-0.72, 1.37), (-0.5, 1.55)]
_JAW += [(-0.27, 1.71), (0.0, 1.75), (0.27, 1.71), (0.5, 1.55), (0.72, 1.37), (0.88, 1.14), (0.96, 0.88)]
_JAW += [(1.01, 0.61), (1.05, 0.34), (1.07, 0.07)]
_BROWS = [(-0.91, -0.15), (-0.79, -0.29), (-0.6, -0.32), (-0.4, -0.3), (-0.23, -0.22)]
_BROWS += [(0.23, -0.22), (0.4, -0.3), (0.6, -0.32), (0.79, -0.29), (0.91, -0.15)]
_NOSE = [(0.0, -0.01), (0.0, 0.19), (0.0, 0.37), (0.0, 0.57)]
_NOSE += [(-0.23, 0.67), (-0.12, 0.7), (0.0, 0.73), (0.12, 0.7), (0.23, 0.67)]
_EYES = [(-0.7, 0.0), (-0.57, -0.08), (-0.42, -0.07), (-0.29, 0.04), (-0.43, 0.06), (-0.58, 0.06)]
_EYES += [(0.29, 0.04), (0.42, -0.07), (0.57, -0.08), (0.7, 0.0), (0.58, 0.06), (0.43, 0.06)]
_MOUTH = [(-0.52, 0.87), (-0.33, 0.86), (-0.14, 0.86), (0.0, 0.89), (0.14, 0.86), (0.33, 0.86), (0.52, 0.87)]
_MOUTH += [(0.34, 1.11), (0.15, 1.21), (0.0, 1.23), (-0.15, 1.21), (-0.34, 1.11)]
_MOUTH += [
    (-0.45, 0.89),
    (-0.14, 0.94),
    (0.0, 0.96),
    (0.14, 0.94),
    (0.45, 0.89),
    (0.14, 1.09),
    (0.0, 1.11),
    (-0.14, 1.09),
]
FRONTAL_FACE: FloatArray = np.array(_JAW + _BROWS + _NOSE + _EYES + _MOUTH)

# Points that expressions hardly move: the corners of the eyes, the bridge and the base of the nose.
_STEADY = [36, 39, 42, 45, 27, 28, 29, 30, 33]


def aligned_landmarks(size: int = ALIGNED_SIZE) -> FloatArray:
    """The frontal resting face's 68 points (68, 2) in an aligned face of ``size`` px."""
    return np.asarray(FRONTAL_FACE * (EYE_DISTANCE * size) + np.array([size / 2, EYE_HEIGHT * size]))


def similarity(source: FloatArray, target: FloatArray) -> FloatArray:
    """Least-squares similarity (2, 3) that takes points ``source`` (N, 2) to ``target`` (N, 2).

    Source
    ------
    Umeyama 1991, doi:10.1109/34.88573 (without reflections)

    Examples
    --------
    >>> square = np.array([[0, 0], [1, 0], [1, 1], [0, 1.0]])
    >>> similarity(square, 2 * square + [5, 3]).round(6)
    array([[ 2., -0.,  5.],
           [ 0.,  2.,  3.]])
    """
    if source.shape != target.shape or source.ndim != 2 or source.shape[1] != 2 or len(source) < 2:
        raise ValueError(f"two lists (N, 2) of N >= 2 points wanted, got {source.shape} and {target.shape}")
    centre, goal = source.mean(0), target.mean(0)
    a, b = (source - centre).T, (target - goal).T
    norm = float((a**2).sum())
    cos, sin = float((a * b).sum()) / norm, float((a[0] * b[1] - a[1] * b[0]).sum()) / norm
    turn = np.array([[cos, -sin], [sin, cos]])
    return np.column_stack([turn, goal - turn @ centre])


def face_transform(landmarks: FloatArray, size: int = ALIGNED_SIZE) -> FloatArray:
    """Similarity (2, 3) from picture px to the aligned face, from 68 points (68, 2) in the picture.

    Only points that expressions hardly move are used, so a smile or a blink does not move the face.
    """
    if landmarks.shape != (68, 2):
        raise ValueError(f"68 points (68, 2) wanted, got {landmarks.shape}")
    return similarity(landmarks[_STEADY], aligned_landmarks(size)[_STEADY])


def apply(transform: FloatArray, points: FloatArray) -> FloatArray:
    """Points (..., 2) moved by an affine transform (2, 3)."""
    return points @ transform[:, :2].T + transform[:, 2]


def invert(transform: FloatArray) -> FloatArray:
    """The affine transform (2, 3) that undoes ``transform``."""
    back = np.linalg.inv(transform[:, :2])
    return np.column_stack([back, -back @ transform[:, 2]])


def compose(after: FloatArray, before: FloatArray) -> FloatArray:
    """The affine transform (2, 3) that does ``before`` and then ``after``."""
    return np.column_stack([after[:, :2] @ before[:, :2], after[:, :2] @ before[:, 2] + after[:, 2]])


def scale_of(transform: FloatArray) -> float:
    """How much a transform enlarges: square root of its determinant."""
    return float(np.sqrt(abs(np.linalg.det(transform[:, :2]))))


def warp_face(image: Image, to_aligned: FloatArray, size: int = ALIGNED_SIZE) -> Image:
    """The aligned face (size, size[, 3]) out of a picture (H, W[, 3]).

    A face larger than the aligned one is first shrunk by area averages, so that fine texture does not turn into false
    motion; what lies outside the picture repeats its edge.
    """
    shrink = 1 / scale_of(to_aligned)
    factor = int(shrink)
    if factor < 2:
        warped = cv2.warpAffine(
            image, to_aligned, (size, size), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
        )
        return np.asarray(warped, dtype=np.uint8)
    corners = apply(invert(to_aligned), np.array([[0, 0], [size, 0], [size, size], [0, size]], dtype=np.float64))
    height, width = image.shape[:2]
    x0, y0 = (int(max(0, v)) // factor * factor for v in np.floor(corners.min(0) - factor))
    x1, y1 = (int(min(limit, v)) for limit, v in zip((width, height), np.ceil(corners.max(0) + factor), strict=True))
    columns, rows = (x1 - x0) // factor, (y1 - y0) // factor
    if columns < 1 or rows < 1:
        return np.zeros((size, size, *image.shape[2:]), dtype=np.uint8)
    window = image[y0 : y0 + rows * factor, x0 : x0 + columns * factor]
    small = cv2.resize(window, (columns, rows), interpolation=cv2.INTER_AREA)
    # A pixel's centre at x lies at (x - x0 + 0.5) / factor - 0.5 after shrinking.
    back = np.array([[factor, 0, x0 + factor / 2 - 0.5], [0, factor, y0 + factor / 2 - 0.5]])
    return warp_face(np.asarray(small, dtype=np.uint8), compose(to_aligned, back), size)
