"""What is wrong with a kept frame: no face, blurred, eyes closed; each measured on the face and judged by its film."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np

from micromask.core.types import FloatArray, Image
from micromask.faces.regions import face_outline

Flag = Literal["no-face", "blurred", "eyes-closed"]

SMOOTH = 1.0
"""Blur (standard deviation, px of the aligned face of 128 px) before sharpness is measured: it takes the noise away."""

SHARP_SHARE = 0.5
"""A face with less than this share of its film's own sharpness is blurred."""

SHARP_FLOOR = 5.0
"""A face less sharp than this (per mille) is blurred, however the rest of the film is."""

OPEN_SHARE = 0.55
"""Eyes open less than this share of what is usual in their film are closed."""

OPEN_FLOOR = 0.12
"""Eyes open less than this (lids' distance over the eye's width) are closed, however the rest of the film is."""

USUAL = 0.75
"""The quantile over a film's frames that stands for its sharp frames and its open eyes."""

_EYES = (36, 42)


@dataclass(frozen=True, slots=True)
class FaceLook:
    """How sharp the face of one frame is (per mille, see `sharpness`) and how far its eyes are open."""

    sharpness: float
    eye_opening: float


@dataclass(frozen=True, slots=True)
class Usual:
    """What is usual in a film: the sharpness of its sharp frames and the opening of its open eyes; None: no face."""

    sharpness: float | None
    eye_opening: float | None


def sharpness(face: Image, landmarks: FloatArray) -> float:
    """How much of a face is fine detail: the variance of its Laplacian over the variance of the face, per mille.

    The division takes light and contrast out; see ``imaging.tone.blur_measure`` for the Laplacian alone.

    Parameters
    ----------
    face : (S, S) uint8
        The aligned face, grey. Comparable only in one size.
    landmarks : (68, 2) float
        Its points, px; what lies outside their outline does not count.

    Source
    ------
    Variance of the Laplacian: Pech-Pacheco et al. 2000, doi:10.1109/ICPR.2000.903548

    Examples
    --------
    >>> from micromask.faces.align import aligned_landmarks
    >>> sharpness(np.full((128, 128), 90, np.uint8), aligned_landmarks())
    0.0
    """
    size = face.shape[0]
    mask = np.zeros((size, size), np.uint8)
    cv2.fillPoly(mask, [np.round(face_outline(landmarks, size)).astype(np.int32)], 1)
    smooth = cv2.GaussianBlur(face.astype(np.float32), (0, 0), SMOOTH)
    inside = mask > 0
    if not inside.any():
        return 0.0
    spread = float(smooth[inside].var())
    return 1000 * float(cv2.Laplacian(smooth, cv2.CV_32F)[inside].var()) / spread if spread > 1e-6 else 0.0


def eye_opening(landmarks: FloatArray) -> float:
    """Distance between the lids over the width of the eye, the mean of both eyes: some 0.3 open, some 0.1 shut.

    Parameters
    ----------
    landmarks : (68, 2) float
        In any px.

    Source
    ------
    Soukupová and Čech 2016, Real-Time Eye Blink Detection using Facial Landmarks, Computer Vision Winter Workshop

    Examples
    --------
    Eyes 30 px wide with lids 9 px apart:

    >>> points = np.zeros((68, 2))
    >>> eye = [(0, 0), (10, -4.5), (20, -4.5), (30, 0), (20, 4.5), (10, 4.5)]
    >>> points[36:42], points[42:48] = eye, eye
    >>> round(eye_opening(points), 3)
    0.3
    """

    def of(first: int) -> float:
        corner, high_1, high_2, other, low_2, low_1 = landmarks[first : first + 6]
        lids = float(np.hypot(*(high_1 - low_1)) + np.hypot(*(high_2 - low_2)))
        return lids / max(2 * float(np.hypot(*(corner - other))), 1e-6)

    return sum(of(first) for first in _EYES) / len(_EYES)


def usual(looks: Sequence[FaceLook | None]) -> Usual:
    """What is usual in a film, from its frames; None stands for a frame without a face."""
    faces = [look for look in looks if look is not None]
    if not faces:
        return Usual(None, None)
    sharp = float(np.quantile([look.sharpness for look in faces], USUAL))
    return Usual(sharp, float(np.quantile([look.eye_opening for look in faces], USUAL)))


def flags_of(look: FaceLook | None, film: Usual) -> tuple[Flag, ...]:
    """What is wrong with a frame, given its own measures (None: no face) and what is usual in its film.

    Examples
    --------
    >>> flags_of(FaceLook(sharpness=9.0, eye_opening=0.1), Usual(25.0, 0.32))
    ('blurred', 'eyes-closed')
    """
    if look is None:
        return ("no-face",)
    found: list[Flag] = []
    if look.sharpness < max(SHARP_FLOOR, SHARP_SHARE * (film.sharpness or 0)):
        found.append("blurred")
    if look.eye_opening < max(OPEN_FLOOR, OPEN_SHARE * (film.eye_opening or 0)):
        found.append("eyes-closed")
    return tuple(found)
