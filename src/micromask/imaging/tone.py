"""Grey, size and light of a picture: what is done to its pixels before anything is measured on them."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from micromask.core.types import Image

LIGHT_FLOOR = 10.0
"""Local contrast (standard deviation, grey levels) at which ``normalise_light`` stops lifting a flat region's noise."""

LIGHT_GAIN = 48.0
"""Grey levels that one local standard deviation becomes: 2.6 of them fit on each side of middle grey."""


def _grey_only(image: NDArray[Any], where: str) -> None:
    if image.ndim != 2 or image.size == 0:
        raise ValueError(f"{where} needs a grey picture (H, W), got {image.shape}")


def to_grey(image: Image) -> Image:
    """Brightness of a picture.

    Parameters
    ----------
    image : (H, W) or (H, W, 3) uint8
        Grey (returned as it is) or RGB, in this order.

    Returns
    -------
    (H, W) uint8
        0.299 R + 0.587 G + 0.114 B, rounded (Rec. ITU-R BT.601).

    Raises
    ------
    ValueError
        If the picture has another shape or is not uint8.

    Examples
    --------
    >>> to_grey(np.array([[[255, 0, 0], [0, 255, 0], [0, 0, 255]]], dtype=np.uint8))
    array([[ 76, 150,  29]], dtype=uint8)
    """
    if image.dtype != np.uint8 or image.size == 0:
        raise ValueError(f"a picture of uint8 is wanted, got {image.dtype} {image.shape}")
    if image.ndim == 2:
        return image
    if image.ndim != 3 or image.shape[2] != 3:
        raise ValueError(f"a picture is (H, W) or (H, W, 3), got {image.shape}")
    return np.asarray(cv2.cvtColor(np.ascontiguousarray(image), cv2.COLOR_RGB2GRAY), dtype=np.uint8)


def equalise(grey: Image, clip: float = 2.0, tiles: int = 8) -> Image:
    """Contrast-limited adaptive histogram equalisation (CLAHE): each part of the picture uses the range of greys.

    Parameters
    ----------
    grey : (H, W) uint8
        The picture.
    clip : float
        Most that a grey level may count, in multiples of the mean count; higher is harsher.
    tiles : int
        The picture is cut into tiles x tiles parts, between whose curves it interpolates.

    Returns
    -------
    (H, W) uint8

    Raises
    ------
    ValueError
        If the picture is not grey uint8, or clip or tiles are not positive.

    Source
    ------
    Zuiderveld 1994, Contrast limited adaptive histogram equalization, Graphics Gems IV, pp. 474-485
    """
    _grey_only(grey, "equalise")
    if grey.dtype != np.uint8:
        raise ValueError(f"equalise needs uint8, got {grey.dtype}")
    if not clip > 0 or tiles < 1:
        raise ValueError(f"clip and tiles must be positive, got {clip} and {tiles}")
    made = cv2.createCLAHE(clipLimit=clip, tileGridSize=(tiles, tiles)).apply(np.ascontiguousarray(grey))
    return np.asarray(made, dtype=np.uint8)


def resize(image: Image, size: tuple[int, int] | None = None, *, longest: int | None = None) -> Image:
    """A picture in another size: by area averages where it shrinks, by cubic interpolation where it grows.

    Parameters
    ----------
    image : (H, W) or (H, W, 3) uint8
        The picture.
    size : (H, W), optional
        The size wanted, px; the proportions may change.
    longest : int, optional
        Instead of ``size``: the longer side becomes this long, px; the proportions stay. Works both ways.

    Returns
    -------
    (H', W') or (H', W', 3) uint8
        The picture itself where it has that size already.

    Raises
    ------
    ValueError
        If not exactly one of size and longest is given, or a side would be shorter than 1 px.

    Examples
    --------
    >>> resize(np.zeros((100, 50), np.uint8), longest=20).shape
    (20, 10)
    """
    if image.ndim not in (2, 3) or image.size == 0:
        raise ValueError(f"a picture is (H, W) or (H, W, 3), got {image.shape}")
    if (size is None) == (longest is None):
        raise ValueError(f"give either size or longest, got size {size} and longest {longest}")
    h, w = image.shape[:2]
    if longest is not None:
        factor = longest / max(h, w)
        size = max(1, round(h * factor)), max(1, round(w * factor))
    assert size is not None
    if min(size) < 1 or (longest is not None and longest < 1):
        raise ValueError(f"a picture has sides of at least 1 px, wanted {size if longest is None else longest}")
    if size == (h, w):
        return image
    how = cv2.INTER_AREA if size[0] <= h and size[1] <= w else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(image, (size[1], size[0]), interpolation=how), dtype=np.uint8)


def normalise_light(grey: Image, sigma: float | None = None) -> Image:
    """A picture without its lighting: local mean 128, local contrast alike everywhere. What flow should be given.

    Flow methods take a change of brightness for motion; here the local mean is taken away and the local standard
    deviation divided out, so a lamp that is dimmed or moved to the side changes little. A region whose contrast is
    below ``LIGHT_FLOOR`` is lifted less, so that its noise is not taken for texture. What it gains under a change of
    light and costs without one is in the output of ``benchmarks/flow.py``.

    Parameters
    ----------
    grey : (H, W) uint8
        The picture.
    sigma : float, optional
        Size of the neighbourhood (standard deviation of a Gaussian, px); by default a sixteenth of the longer side.

    Returns
    -------
    (H, W) uint8

    Raises
    ------
    ValueError
        If the picture is not grey or sigma is not positive.

    Notes
    -----
    Mean and variance are averaged on a picture shrunk by half of sigma and enlarged again.
    """
    _grey_only(grey, "normalise_light")
    h, w = grey.shape
    width = max(h, w) / 16 if sigma is None else sigma
    if not width > 0:
        raise ValueError(f"sigma must be positive, got {sigma}")
    shrink = max(1, int(width / 2))
    small = max(1, round(w / shrink)), max(1, round(h / shrink))

    def around(values: NDArray[Any]) -> NDArray[Any]:
        coarse = cv2.resize(values, small, interpolation=cv2.INTER_AREA)
        coarse = cv2.GaussianBlur(coarse, (0, 0), width / shrink, borderType=cv2.BORDER_REFLECT)
        return np.asarray(cv2.resize(coarse, (w, h), interpolation=cv2.INTER_LINEAR))

    detail = grey.astype(np.float32)
    detail -= around(detail)
    spread = np.sqrt(np.maximum(around(detail * detail), 0) + np.float32(LIGHT_FLOOR**2))
    detail *= np.float32(LIGHT_GAIN)
    detail /= spread
    detail += np.float32(128.5)
    return np.clip(detail, 0, 255).astype(np.uint8)


def blur_measure(grey: Image) -> float:
    """How sharp a picture is: variance of its Laplacian (grey levels squared); higher is sharper.

    Pictures are comparable only in one size, and noise counts as sharpness.

    Raises
    ------
    ValueError
        If the picture is not grey.

    Source
    ------
    Pech-Pacheco et al. 2000, doi:10.1109/ICPR.2000.903548

    Examples
    --------
    >>> blur_measure(np.full((8, 8), 90, np.uint8))
    0.0
    """
    _grey_only(grey, "blur_measure")
    return float(cv2.Laplacian(np.ascontiguousarray(grey), cv2.CV_64F).var())
