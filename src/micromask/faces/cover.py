"""Parts of a face made blank before a model sees it: the mouth, or all but the eyes and brows."""

from __future__ import annotations

from typing import Literal, get_args

import cv2
import numpy as np
from numpy.typing import NDArray

from micromask.core.errors import BadInputError
from micromask.core.types import FloatArray, Image
from micromask.faces.align import ALIGNED_SIZE, EYE_DISTANCE, apply, face_transform, invert
from micromask.faces.boxes import cover_boxes

Region = Literal["whole", "upper-face", "no-mouth"]
"""What is kept of a face: all of it, eyes and brows only, or all but the mouth and chin."""

BLANK = 128
"""Grey level of what was covered: the middle, so that it is near 0 in most models' inputs."""

LIP_RIM = 0.08
"""At least this much above the lips is covered, in distances between the eyes."""


def check_region(region: str) -> None:
    """Refuse a region that is not known.

    Raises
    ------
    BadInputError
        With those that are.
    """
    if region not in get_args(Region):
        raise BadInputError(f"no region {region!r}: it is {', '.join(get_args(Region))}")


def kept_mask(region: Region, landmarks: FloatArray, shape: tuple[int, int]) -> NDArray[np.bool_]:
    """Which pixels of a picture (H, W) are kept.

    The boxes are laid in the aligned face and brought back, so they turn and grow with the face.

    Parameters
    ----------
    region : str
        ``whole`` keeps everything, also around the face; ``no-mouth`` all but a box over mouth and chin; ``upper-face``
        nothing but a box over eyes and brows. See `faces.boxes.cover_boxes`.
    landmarks : (68, 2) float
        The face's points in px of the picture.
    shape : (H, W)

    Examples
    --------
    >>> from micromask.faces.align import aligned_landmarks
    >>> [round(float(kept_mask(each, aligned_landmarks(), (128, 128)).mean()), 2) for each in get_args(Region)]
    [1.0, 0.22, 0.75]
    """
    check_region(region)
    if region == "whole":
        return np.ones(shape, dtype=bool)
    to_aligned = face_transform(landmarks)
    points = apply(to_aligned, landmarks)
    x0, y0, x1, y1 = cover_boxes(points)["eyes" if region == "upper-face" else "mouth"]
    if region == "no-mouth":  # in a head that bows, nose and lips come close to each other
        y0 = min(y0, float(points[48:68, 1].min()) - LIP_RIM * EYE_DISTANCE * ALIGNED_SIZE)
    corners = apply(invert(to_aligned), np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]]))
    inside = np.zeros(shape, dtype=np.uint8)
    cv2.fillPoly(inside, [np.round(corners).astype(np.int32)], 1)
    return inside.astype(bool) if region == "upper-face" else ~inside.astype(bool)


def cover(image: Image, region: Region, landmarks: FloatArray) -> Image:
    """A picture (H, W) or (H, W, 3) with what is not kept made blank; what is kept stays as it was, bit for bit."""
    kept = kept_mask(region, landmarks, image.shape[:2])
    return np.where(kept if image.ndim == 2 else kept[..., None], image, np.uint8(BLANK))
