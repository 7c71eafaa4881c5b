"""MediaPipe's face landmarker, where its package and a `.task` file are there: 478 landmarks."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from micromask.core.errors import BadInputError, MissingPartError
from micromask.core.types import Detection, Image
from micromask.faces.detect.convention import Box, as_rgb, check_request, largest_first, without_doubles
from micromask.faces.detect.landmarks import span

VARIABLE = "MICROMASK_MEDIAPIPE_TASK"
"""Environment variable with the path of the `.task` file, used where the factory is given none."""

PAGE = "https://ai.google.dev/edge/mediapipe/solutions/vision/face_landmarker"

REACH = 6
"""A face is found that has at least one in so many of a square's side: the landmarker looks for it at 128 px."""

OUTLINE = (
    *(70, 63, 105, 66, 107, 336, 296, 334, 293, 300),  # top of the eyebrows
    *(234, 93, 132, 58, 172, 136, 150, 149, 176, 148, 152),  # ear to chin, viewer's left
    *(377, 400, 378, 379, 365, 397, 288, 361, 323, 454),  # chin to ear, viewer's right
)
"""Points of the mesh that span the common box; the rest of its rim goes over the forehead."""


class MediapipeDetector:
    """MediaPipe's face landmarker on the whole picture and, for small faces, on overlapping squares of it.

    The landmarker reports no confidence: what it keeps (0.5 and more by its own count) is given as 1. Points 468 to
    477 are the irises. Needs ``pip install 'micromask[mediapipe]'`` and Google's ``face_landmarker.task``.

    Parameters
    ----------
    model : path, optional
        The `.task` file; else the environment variable MICROMASK_MEDIAPIPE_TASK names it.

    Raises
    ------
    MissingPartError
        If the package or the file is missing.
    BadInputError
        If the file cannot be used.

    Source
    ------
    Kartynnik et al. 2019, doi:10.48550/arXiv.1907.06724; Bazarevsky et al. 2019, doi:10.48550/arXiv.1907.05047
    """

    name = "mediapipe"
    landmarks = 478

    def __init__(self, model: str | Path | None = None) -> None:
        try:
            import mediapipe
            from mediapipe.tasks import python as tasks
            from mediapipe.tasks.python import vision
        except ImportError as error:
            raise MissingPartError(
                f"the detector 'mediapipe' needs its package ({error}): pip install 'micromask[mediapipe]'"
            ) from error
        given = model or os.environ.get(VARIABLE)
        if not given:
            raise MissingPartError(
                f"the detector 'mediapipe' needs a model: get face_landmarker.task from {PAGE} and set {VARIABLE} to it"
            )
        path = Path(given)
        if not path.is_file():
            raise MissingPartError(f"{path}: no such file; get face_landmarker.task from {PAGE} and set {VARIABLE}")
        options = vision.FaceLandmarkerOptions(
            base_options=tasks.BaseOptions(model_asset_path=str(path)),
            running_mode=vision.RunningMode.IMAGE,
            num_faces=16,
        )
        try:
            self._landmarker = vision.FaceLandmarker.create_from_options(options)
        except (RuntimeError, ValueError) as error:
            reason = str(error).splitlines()[0]
            raise BadInputError(f"{path}: MediaPipe cannot use it as a face landmarker: {reason}") from error
        self._mediapipe: Any = mediapipe

    def __call__(self, image: Image, smallest: float = 40) -> list[Detection]:
        """Faces in a picture, largest first; see `micromask.faces.detect.Detector`."""
        check_request(image, smallest)
        rgb = as_rgb(image)
        found = [
            one for x, y, side in squares(rgb.shape[1], rgb.shape[0], smallest) for one in self._see(rgb, x, y, side)
        ]
        if not found:
            return []
        boxes = np.array([one.box for one in found])
        # of two finds of one face the wider view comes first
        order = -np.arange(len(found), dtype=float)
        return largest_first([found[i] for i in without_doubles(boxes, order, 0.5, of_smaller=True)])

    def _see(self, rgb: Image, x: int, y: int, side: int) -> list[Detection]:
        part = rgb[y : y + side, x : x + side]
        height, width = part.shape[:2]
        edge = (max(0, width - height), max(0, height - width))  # below and to the right: a square keeps its shape
        square = np.ascontiguousarray(cv2.copyMakeBorder(part, 0, edge[0], 0, edge[1], cv2.BORDER_CONSTANT))
        picture = self._mediapipe.Image(image_format=self._mediapipe.ImageFormat.SRGB, data=square)
        found = []
        for face in self._landmarker.detect(picture).face_landmarks:
            points = np.array([(point.x, point.y) for point in face]) * square.shape[1::-1] + (x, y)
            box = span(points[list(OUTLINE)])
            if _whole(box, (x, y, side), rgb.shape[1], rgb.shape[0]):
                found.append(Detection(box, 1.0, points))
        return found


def squares(width: int, height: int, smallest: float) -> Iterator[tuple[int, int, int]]:
    """(x, y, side) of the squares in which to look so that every face of `smallest` px and more is found.

    First the whole picture, then overlapping squares of half the side, and so on down to `REACH` faces of the smallest
    kind; a face of up to half a square's side lies whole in one of them. Squares may reach over the picture's edge.

    Examples
    --------
    >>> list(squares(400, 200, smallest=100))
    [(0, 0, 400)]
    >>> list(squares(400, 200, smallest=40))
    [(0, 0, 400), (0, 0, 240), (80, 0, 240), (160, 0, 240)]
    """
    side = max(width, height)
    yield 0, 0, side
    while side > REACH * smallest:
        side = max(math.ceil(side / 2), math.ceil(REACH * smallest))
        for y in _starts(height, side):
            for x in _starts(width, side):
                yield x, y, side


def _whole(box: Box, view: tuple[int, int, int], width: int, height: int) -> bool:
    """False where a side of the square cuts the face though the picture goes on: another square shows it whole."""
    x, y, side = view
    return (
        (box[0] > x or x == 0)
        and (box[1] > y or y == 0)
        and (box[2] < x + side or x + side >= width)
        and (box[3] < y + side or y + side >= height)
    )


def _starts(length: int, side: int) -> list[int]:
    count = max(1, math.ceil(2 * (length - side) / side) + 1)
    return [round(i * max(0, length - side) / max(1, count - 1)) for i in range(count)]
