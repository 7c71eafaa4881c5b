"""Whether a camera's picture is good enough to film somebody: a face, large, in good light and in focus."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from micromask.core.errors import BadInputError
from micromask.core.types import Detection, Image
from micromask.faces.detect import Detector
from micromask.imaging.tone import blur_measure, to_grey

SMALLEST = 40
"""Width in px of the smallest face that is looked for."""

LEAST_WIDTH = 80
"""Width in px of a face in which small movements can be seen; analyses caution below it."""

DARKEST, BRIGHTEST = 50, 215
"""Mean grey of a face in good light, 0 to 255."""

MOST_CLIPPED = 0.1
"""Share of a face's pixels that may be black or white: there no shade is left to tell a movement by."""

BLACK, WHITE = 3, 252

FOCUS_WIDTH = 128
FOCUS_LIGHT = 128.0
LEAST_FOCUS = 20.0
"""Variance of the Laplacian of a face in focus, brought to a width of FOCUS_WIDTH and a mean grey of FOCUS_LIGHT."""

LONGEST_SIDE = 4096


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at: its name, whether it is in order, and what is so or what to do about it."""

    name: str
    good: bool
    words: str


@dataclass(frozen=True, slots=True)
class CameraCheck:
    """What one picture of a camera shows.

    ``box`` (x0, y0, x1, y1) px is the largest face's, None where there is none; ``light`` its mean grey level,
    ``clipped`` the share of it that is black or white, ``focus`` the variance of its Laplacian at one size and one
    mean grey.
    """

    size: tuple[int, int]
    faces: int
    box: tuple[float, float, float, float] | None
    light: float | None
    clipped: float | None
    focus: float | None
    checks: tuple[Check, ...]


def read_picture(data: bytes) -> Image:
    """A JPEG or PNG picture as RGB.

    Raises
    ------
    BadInputError
        If it is none, or longer than 4096 px.
    """
    wanted = f"wanted a JPEG or PNG picture of at most {LONGEST_SIDE} px a side"
    size = _size(data)
    if size is None or max(size) > LONGEST_SIDE:
        raise BadInputError(
            f"{wanted}, got " + (f"{size[0]}x{size[1]} px" if size else f"{len(data)} bytes of another")
        )
    picture = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    if picture is None:
        raise BadInputError(f"{wanted}, got one that is broken")
    return np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2RGB), dtype=np.uint8)


def check_camera(image: Image, detector: Detector) -> CameraCheck:
    """Look at one picture of a camera.

    Parameters
    ----------
    image : (H, W, 3) RGB, uint8
    detector : Detector
        From `micromask.faces.detect.detectors`.

    Returns
    -------
    CameraCheck
        Its checks: face, size, light, focus. All four are bad where there is no face, or more than one.
    """
    height, width = image.shape[:2]
    faces = detector(image, SMALLEST)
    if len(faces) != 1:
        words = "no face is seen: sit in front of the camera, face it" if not faces else f"{len(faces)} faces are seen"
        nothing = tuple(Check(name, False, "needs one face") for name in ("size", "light", "focus"))
        return CameraCheck((height, width), len(faces), None, None, None, None, (Check("face", False, words), *nothing))
    box = faces[0].box
    grey = to_grey(_face(image, faces[0]))
    light, clipped = float(grey.mean()), float(((grey <= BLACK) | (grey >= WHITE)).mean())
    scaled = (FOCUS_WIDTH, max(1, round(FOCUS_WIDTH * grey.shape[0] / grey.shape[1])))
    focus = blur_measure(cv2.resize(grey, scaled, interpolation=cv2.INTER_AREA)) * (FOCUS_LIGHT / max(light, 1.0)) ** 2
    checks = (
        _whole(box, width, height),
        _large(box[2] - box[0]),
        _light(light, clipped),
        Check("focus", focus >= LEAST_FOCUS, "sharp" if focus >= LEAST_FOCUS else "blurred: focus or clean the camera"),
    )
    return CameraCheck((height, width), 1, box, light, clipped, focus, checks)


def _face(image: Image, face: Detection) -> Image:
    height, width = image.shape[:2]
    x0, y0, x1, y1 = (round(side) for side in face.box)
    return image[max(0, min(y0, height - 2)) : max(2, y1), max(0, min(x0, width - 2)) : max(2, x1)]


def _whole(box: tuple[float, float, float, float], width: int, height: int) -> Check:
    x0, y0, x1, y1 = box
    inside = x0 >= 0 and y0 >= 0 and x1 <= width and y1 <= height
    return Check("face", inside, "one face is seen" if inside else "the face is cut off: move into the middle")


def _large(width: float) -> Check:
    good = width >= LEAST_WIDTH
    words = f"{width:.0f} px wide"
    return Check("size", good, words if good else f"only {words}, {LEAST_WIDTH} are needed: come closer")


def _light(mean: float, clipped: float) -> Check:
    if mean < DARKEST:
        words = "too dark: put a lamp in front of you"
    elif mean > BRIGHTEST:
        words = "too bright: turn away from the lamp or the window"
    elif clipped > MOST_CLIPPED:
        words = f"{100 * clipped:.0f} % of the face is pure black or white: softer light, from the front"
    else:
        return Check("light", True, f"even enough, mean {mean:.0f} of 255")
    return Check("light", False, words)


def _size(data: bytes) -> tuple[int, int] | None:
    """Width and height as the picture's header says, before anything is decoded."""
    from io import BytesIO

    from PIL import Image as Pictures

    try:
        with Pictures.open(BytesIO(data), formats=["JPEG", "PNG"]) as picture:
            return picture.size
    except (OSError, SyntaxError, ValueError, Pictures.DecompressionBombError):
        return None
