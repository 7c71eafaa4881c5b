"""Motion as a see-through picture to lay over a film: flow by direction and strength, strain by strength."""

from __future__ import annotations

import cv2
import numpy as np

from micromask.core.types import FloatArray, Image
from micromask.reports.pictures import OPACITY, direction_colour

LEAST_STRAIN = 0.01
"""Strain that has full colour where the skin is strained less: noise stays pale."""


def strain_scale(strain: FloatArray) -> float:
    """Strain that is drawn in full colour: what all but one per cent of the face stays below."""
    seen = strain[np.isfinite(strain)]
    return max(LEAST_STRAIN, float(np.percentile(seen, 99))) if seen.size else LEAST_STRAIN


def flow_overlay(flow: FloatArray, scale: float, face: FloatArray | None = None) -> Image:
    """Hue is direction as on `pictures.colour_wheel`, opacity is distance.

    Parameters
    ----------
    flow : (2, H, W) float
        (u, v): right and down, px.
    scale : float
        Motion of full colour, px.
    face : (H, W) float, optional
        0 where nothing is to be shown, 1 where all is.

    Returns
    -------
    (H, W, 4) uint8
        RGBA.

    Examples
    --------
    Skin at rest is not covered, skin that moves by ``scale`` is covered most:

    >>> moved = np.zeros((2, 1, 2))
    >>> moved[0, 0, 1] = 2.0
    >>> flow_overlay(moved, 2.0)[0, :, 3].tolist()
    [0, 217]
    """
    u, v = np.nan_to_num(flow.astype(np.float64))
    return _rgba(direction_colour(np.arctan2(v, u)), (np.hypot(u, v) / scale).clip(0, 1), face)


def strain_overlay(strain: FloatArray, scale: float, face: FloatArray | None = None) -> Image:
    """Strain (H, W), px per px, from dark and see-through to bright yellow at ``scale``: (H, W, 4) RGBA uint8.

    The colours are OpenCV's inferno: they rise in lightness, so that they can be told apart without seeing hues.
    """
    share = np.nan_to_num(strain.astype(np.float64) / scale).clip(0, 1)
    return _rgba(heat(share), share, face)


def heat(share: FloatArray) -> FloatArray:
    """Colours (..., 3) RGB in [0, 1] of values in [0, 1]: those of `strain_overlay`."""
    levels = np.round(255 * np.asarray(share, dtype=np.float64)).astype(np.uint8)
    colours = cv2.applyColorMap(levels.reshape(-1, 1), cv2.COLORMAP_INFERNO)[:, 0, ::-1] / 255
    return np.asarray(colours.reshape(*levels.shape, 3), dtype=np.float64)


def _rgba(colour: FloatArray, strength: FloatArray, face: FloatArray | None) -> Image:
    opacity = OPACITY * strength * (1.0 if face is None else face)
    return np.round(255 * np.concatenate([colour, opacity[..., None]], axis=-1)).astype(np.uint8)
