"""A face cut out of a picture for a person to look at: enlarged where it is small, and freed of noise, dark and blur.

A small face far from the camera, a dark room and a shaken hand are what people photograph; what is done here helps the
eye. It adds nothing that the picture does not hold: no detail is invented, and a model reads the picture itself unless
somebody asks for the enhanced one. When that helps a model was measured by benchmarks/enhance.py; docs/how-to/images.md
tells what was found.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from micromask.core.types import FloatArray, Image
from micromask.faces.align import ALIGNED_SIZE, apply, compose, face_transform, invert, scale_of, warp_face
from micromask.imaging.tone import blur_measure, equalise, to_grey

SIZE = 256
"""Side of the enhanced face, px."""

NOISY = 4.5
"""Noise of this standard deviation (grey levels) and more is smoothed."""

SMOOTHING = 0.8
"""How alike places must be to be averaged, in standard deviations of the noise."""

DARK, MIDDLE = 80.0, 118.0
"""A face whose median brightness is below DARK (grey levels) is brightened until it is about MIDDLE."""

FLAT = 90.0
"""A face whose greys, but for the darkest and lightest 5 %, span less than this gets more contrast."""

BLURRED = 60.0
"""A face whose Laplacian varies by less than this, at SIZE px, is sharpened; a sharp portrait has several hundred."""

LEAST_POWER, MOST_GAIN = 0.125, 6.0
"""Brightness is raised by no smaller a power and no pixel made brighter by more: black stays black, and its noise."""


@dataclass(frozen=True, slots=True, eq=False)
class Enhanced:
    """A face as a person sees it best.

    ``picture`` (size, size, 3) RGB, the eyes on the two points of the aligned face; ``to_picture`` (2, 3) takes px of
    the original there. ``steps`` say what was done, in words, and are empty where nothing was needed.
    """

    picture: Image
    to_picture: FloatArray
    steps: tuple[str, ...]


def enhance_face(image: Image, marks: FloatArray, size: int = SIZE) -> Enhanced:
    """Cut a face out and make it easier to see: brighten, smooth noise, enlarge, raise contrast, sharpen.

    In this order; each step is only taken where a measure says that it is needed. Noise is measured after the light,
    which raises it, and smoothed before the face is enlarged, while neighbouring pixels are still independent, by means
    over similar places. Light is a power of the brightness and contrast a local equalisation of it, both with the
    colours left as they are; sharpening subtracts a blurred copy.

    Parameters
    ----------
    image : (H, W, 3) uint8
        RGB.
    marks : (68, 2) float
        The face's landmarks, px of the picture.
    size : int
        Side of the result, px.

    Source
    ------
    Noise: Immerkaer 1996, doi:10.1006/cviu.1996.0060. Smoothing: Buades, Coll, Morel 2005, doi:10.1109/CVPR.2005.38.
    """
    to_picture = face_transform(marks) * (size / ALIGNED_SIZE)
    part, to_part = _around(image, to_picture, size)
    onto = compose(to_picture, invert(to_part))
    steps = []
    power = _power(float(np.median(_inner(to_grey(_cut(part, onto, size))))))
    if power < 1:
        curve = np.rint(255 * (np.arange(256) / 255) ** power)
        part = _relit(part, curve[to_grey(part)])
        steps.append("brightened")
    noise = noise_level(to_grey(part))
    if noise >= NOISY:
        strength = float(min(SMOOTHING * noise, 25.0))
        part = np.asarray(cv2.fastNlMeansDenoisingColored(part, None, strength, strength, 5, 15), np.uint8)
        steps.append(f"noise of {noise:.0f} grey levels smoothed")
    picture, times = _cut(part, onto, size), scale_of(onto)
    if times >= 1.5:
        steps.append(f"enlarged {times:.1f} times")
    low, high = np.percentile(_inner(to_grey(picture)), (5, 95))
    if 0 < high - low < FLAT:
        picture = _relit(picture, equalise(to_grey(picture), clip=2.0, tiles=4).astype(np.float64))
        steps.append("contrast raised")
    if blur_measure(to_grey(picture)) < BLURRED and noise < 2 * NOISY:
        soft = cv2.GaussianBlur(picture, (0, 0), size / 100)
        picture = np.asarray(cv2.addWeighted(picture, 2.0, soft, -1.0, 0), np.uint8)
        steps.append("sharpened")
    return Enhanced(picture, to_picture, tuple(steps))


def noise_level(grey: Image) -> float:
    """Standard deviation of a picture's noise, grey levels; edges count for little.

    Parameters
    ----------
    grey : (H, W) uint8

    Source
    ------
    Immerkaer 1996, doi:10.1006/cviu.1996.0060; with the median in place of the mean, which a textured picture lifts.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> grey = np.clip(np.rint(120 + rng.normal(0, 6, (200, 200))), 0, 255).astype(np.uint8)
    >>> round(noise_level(grey))
    6
    >>> noise_level(np.full((20, 20), 90, np.uint8))
    0.0
    """
    if min(grey.shape) < 3:
        return 0.0
    mask = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], np.float32)
    found = np.abs(cv2.filter2D(grey.astype(np.float32), -1, mask))[1:-1, 1:-1]
    return float(np.median(found)) / 0.6745 / 6


def _around(image: Image, to_picture: FloatArray, size: int) -> tuple[Image, FloatArray]:
    """The part of a picture that the face lies in, no larger than needed, and the way from the picture there (2, 3)."""
    corners = apply(invert(to_picture), np.array([[0.0, 0.0], [size, 0.0], [size, size], [0.0, size]]))
    height, width = image.shape[:2]
    x0, y0 = (int(np.clip(v, 0, end - 1)) for v, end in zip(np.floor(corners.min(0)) - 4, (width, height), strict=True))
    x1, y1 = (int(np.clip(v, 1, end)) for v, end in zip(np.ceil(corners.max(0)) + 4, (width, height), strict=True))
    part = image[y0 : max(y1, y0 + 1), x0 : max(x1, x0 + 1)]
    to_part = np.array([[1.0, 0.0, -x0], [0.0, 1.0, -y0]])
    shrink = scale_of(to_picture)
    if shrink >= 0.5:
        return np.ascontiguousarray(part), to_part
    # a face of thousands of px is brought to twice the size of the result: smoothing all of them would take a minute
    factor = 2 * shrink
    rows, columns = (max(1, round(side * factor)) for side in part.shape[:2])
    small = cv2.resize(part, (columns, rows), interpolation=cv2.INTER_AREA)
    sx, sy = columns / part.shape[1], rows / part.shape[0]
    onto = np.array([[sx, 0.0, (sx - 1) / 2], [0.0, sy, (sy - 1) / 2]])
    return np.asarray(small, np.uint8), compose(onto, to_part)


def _cut(part: Image, onto: FloatArray, size: int) -> Image:
    """The aligned face out of a part: by Lanczos' kernel where it grows, by means where it shrinks."""
    if scale_of(onto) <= 1:
        return warp_face(part, onto, size)
    how = cv2.INTER_LANCZOS4
    return np.asarray(cv2.warpAffine(part, onto, (size, size), flags=how, borderMode=cv2.BORDER_REPLICATE), np.uint8)


def _power(median: float) -> float:
    """The power of the brightness that a face of this median wants; 1 where it is light enough.

    >>> _power(120.0), round(_power(30.0), 2), round(255 * (30 / 255) ** _power(30.0))
    (1.0, 0.36, 118)
    """
    if median >= DARK:
        return 1.0
    return max(float(np.log(MIDDLE / 255) / np.log(max(median, 1.0) / 255)), LEAST_POWER)


def _relit(picture: Image, wanted: FloatArray) -> Image:
    """The picture with another brightness (H, W), its colours as they are."""
    gain = np.minimum(wanted / np.maximum(to_grey(picture), 1), MOST_GAIN)
    return np.clip(np.rint(picture * gain[..., None]), 0, 255).astype(np.uint8)


def _inner(grey: Image) -> Image:
    """The middle of an aligned face: skin, eyes and mouth, no background."""
    size = grey.shape[0]
    return grey[size // 5 : 9 * size // 10, size // 5 : 4 * size // 5]
