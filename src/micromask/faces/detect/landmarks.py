"""The 68 landmarks of a face whose box is known, by dlib's ensemble of regression trees."""

from __future__ import annotations

import math
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from micromask.core.errors import MissingPartError
from micromask.core.types import Image
from micromask.faces.detect.convention import Box, BoxShape, as_grey, check_request

DLIB_BOX = BoxShape(right=0.0, down=0.09, width=0.945, height=0.94)
"""The common box in the one of dlib's HOG detector, on whose boxes the predictor was trained (see `convention`)."""

PATCH = 240
"""Side in px to which dlib's box is scaled before the fit: whole-pixel answers then cost nothing, at any face size."""

SMOOTH = 2.0
"""Blur of that patch in px (standard deviation): the trees compare single pixels, so noise goes straight into them."""


def model_path() -> Path:
    """Where the 68-point file lies; the package that ships it is found, not imported (that needs pkg_resources).

    Raises
    ------
    MissingPartError
        If the package or its file is not there.
    """
    spec = find_spec("face_recognition_models")
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        path = Path(folder) / "models" / "shape_predictor_68_face_landmarks.dat"
        if path.is_file():
            return path
    raise MissingPartError("the 68 landmarks need their model file: pip install face-recognition-models")


@lru_cache(maxsize=1)
def _predictor() -> tuple[Any, Any]:
    path = model_path()
    try:
        import dlib
    except ImportError as error:
        raise MissingPartError("the 68 landmarks need dlib: pip install dlib-bin") from error
    try:
        return dlib.shape_predictor(str(path)), dlib.rectangle
    except RuntimeError as error:
        raise MissingPartError(
            f"{path}: cannot be read ({error}); pip install --force-reinstall face-recognition-models"
        ) from error


def landmarks68(image: Image, box: Box, passes: int = 1) -> NDArray[np.float64]:
    """The 68 landmarks of the face in a box: jaw, brows, nose, eyes and mouth, in the order of the iBUG scheme.

    The face is brought to one size and slightly blurred first. Measured on a still portrait with noise, that halves
    the landmarks' jitter (``python benchmarks/detectors.py``).

    Parameters
    ----------
    image : (H, W) grey or (H, W, 3) RGB, uint8
        A whole picture or a crop around the face.
    box : (x0, y0, x1, y1)
        The face in px of image, eyebrows to chin and ear to ear; it may reach over the edge.
    passes : int
        With 2 the fit is repeated in the box that the first one spans, so that a box which is some per cent off
        matters less; each pass takes about 1 ms.

    Returns
    -------
    (68, 2) float64
        Points (x, y) in px of image; also a guess where the box holds no face, since the predictor cannot refuse.

    Raises
    ------
    ValueError
        If image has another shape or type, the box is empty or passes is below 1.
    MissingPartError
        If dlib or its 68-point file is not installed. The file is for non-commercial use only (iBUG 300-W).

    Source
    ------
    Kazemi and Sullivan 2014, doi:10.1109/CVPR.2014.241; Sagonas et al. 2016, doi:10.1016/j.imavis.2016.01.002
    """
    check_request(image, smallest=1)
    if not (box[2] > box[0] and box[3] > box[1]) or passes < 1:
        raise ValueError(f"landmarks need a box with x1 > x0, y1 > y0 and passes >= 1, got {box} and {passes}")
    points = _fit(image, box)
    for _ in range(passes - 1):
        points = _fit(image, span(points))
    return points


def span(points: NDArray[np.floating[Any]]) -> Box:
    """The common box of 68 landmarks (68, 2): the smallest that holds them all."""
    (x0, y0), (x1, y1) = points.min(axis=0), points.max(axis=0)
    return float(x0), float(y0), float(x1), float(y1)


def _fit(image: Image, box: Box) -> NDArray[np.float64]:
    x0, y0, x1, y1 = DLIB_BOX.from_common(box)
    x, y, side = (x0 + x1) / 2, (y0 + y1) / 2, math.sqrt((x1 - x0) * (y1 - y0))

    # the part of the picture that the trees may look at, and no more of it than that
    height, width = image.shape[:2]
    left, top = (int(np.clip(at - side, 0, end - 1)) for at, end in ((x, width), (y, height)))
    right, bottom = (int(np.clip(at + side, start + 1, end)) for at, start, end in ((x, left, width), (y, top, height)))
    part = as_grey(image[top:bottom, left:right])
    halved = 1
    while side / halved > 2 * PATCH:  # pixel (x, y) of a halved picture is pixel (2 x, 2 y) of the one before
        part, halved = cv2.pyrDown(part), 2 * halved

    edge = PATCH * 3 // 10
    scale = PATCH / side
    start = np.array([x - side / 2, y - side / 2]) - edge / scale  # picture px at the patch's corner
    onto = np.array([left, top])
    move = (onto - start) * scale
    patch = cv2.warpAffine(
        part,
        np.array([[scale * halved, 0, move[0]], [0, scale * halved, move[1]]]),
        (PATCH + 2 * edge, PATCH + 2 * edge),
        flags=cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )
    predict, rectangle = _predictor()
    shape = predict(cv2.GaussianBlur(patch, (0, 0), SMOOTH), rectangle(edge, edge, edge + PATCH - 1, edge + PATCH - 1))
    return np.array([(p.x, p.y) for p in shape.parts()], dtype=np.float64) / scale + start
