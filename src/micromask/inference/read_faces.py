"""What a model of single frames reads in the faces of one picture of a camera."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from micromask.core.types import FloatArray, Image
from micromask.faces.detect.landmarks import span
from micromask.inference.fitted import Fitted, face_probabilities

FILLS = 0.6
"""A close-up is so wide that the face fills this share of it, as in most collections of faces already cut out."""


def read_faces(model: Fitted, picture: Image, marks: Sequence[FloatArray]) -> list[dict[str, float]]:
    """How probable each class is for each face.

    Parameters
    ----------
    model : Fitted
        A model of single frames. One that was fitted on whole pictures reads a close-up of each face.
    picture : (H, W, 3) uint8
        RGB.
    marks : sequence of (68, 2) float
        Landmarks of each face, px.

    Returns
    -------
    list of dict
        Probabilities by class, in the order of the marks.

    Raises
    ------
    BadInputError
        If the model reads motion or sequences.
    """
    pictures, points = [picture] * len(marks), list(marks)
    if model.preparation is not None and model.preparation.crop == "whole":
        cut = [close_up(picture, each) for each in marks]
        pictures, points = [image for image, _ in cut], [moved for _, moved in cut]
    rows = face_probabilities(model, pictures, points)
    return [dict(zip(model.classes, map(float, row), strict=True)) for row in rows]


def close_up(picture: Image, marks: FloatArray) -> tuple[Image, FloatArray]:
    """The square around a face that it fills well, as far as the picture goes, and its landmarks there.

    >>> marks = np.linspace([40, 50], [100, 110], 68)
    >>> image, moved = close_up(np.zeros((200, 300, 3), np.uint8), marks)
    >>> image.shape, moved[0].tolist()
    ((100, 100, 3), [20.0, 20.0])
    """
    x0, y0, x1, y1 = span(marks)
    half = max(x1 - x0, y1 - y0) / FILLS / 2
    x, y = (x0 + x1) / 2, (y0 + y1) / 2
    height, width = picture.shape[:2]
    left, top = (int(np.clip(round(v - half), 0, end - 1)) for v, end in ((x, width), (y, height)))
    right, bottom = round(x + half), round(y + half)
    part = picture[top : max(bottom, top + 1), left : max(right, left + 1)]
    return np.ascontiguousarray(part), marks - np.array([left, top])
