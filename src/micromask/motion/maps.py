"""Motion maps: what a recogniser sees of an expression, the flow from onset to apex and its strain."""

from __future__ import annotations

import cv2
import numpy as np

from micromask.core.types import FloatArray, Image, MotionMap
from micromask.motion.flow import flow_methods
from micromask.motion.strain import optical_strain


def motion_map(
    first: Image, second: Image, method: str = "tvl1", *, from_frame: int = 0, to_frame: int = 1
) -> MotionMap:
    """Flow and strain between two grey pictures of one aligned face.

    Parameters
    ----------
    first, second : (H, W) uint8
        Onset and apex.
    method : str
        A name in ``flow_methods``.
    from_frame, to_frame : int
        Their frame numbers, kept with the map.

    Returns
    -------
    MotionMap
        flow (2, H, W) float32 px and strain (H, W) float32.

    Raises
    ------
    ValueError
        If the pictures are not grey uint8 of one size.
    BadInputError
        If there is no such flow method.
    """
    flow = flow_methods[method]()(first, second)
    return MotionMap(flow, optical_strain(flow), from_frame, to_frame, method)


def encode_map(flow: FloatArray, strain: FloatArray, size: int = 28) -> Image:
    """A motion map as a small picture, each channel stretched to 0-255 by itself.

    Parameters
    ----------
    flow : (2, H, W) float
        (u, v), px.
    strain : (H, W) float
        Its optical strain.
    size : int
        Side of the picture, px.

    Returns
    -------
    (size, size, 3) uint8
        u, v, strain: the smallest value of a channel is 0 and its largest 255; a constant channel is 0 throughout.

    Raises
    ------
    ValueError
        If the shapes disagree or hold values that are not finite.

    Notes
    -----
    The published maps (28 px, MEGC 2019) show how they were made, as far as that can be told from them:

    - each channel is stretched after it was shrunk: every map has its 0 and its 255, each on one pixel as a rule;
    - strain was taken of the flow in full size and then shrunk: no pair of scales makes the strain of a map's own
      (u, v) equal to its third channel, as it would if strain had been taken last;
    - shrinking averaged: picking single points of the strain would leave it rougher than it is. Area averages and a
      cubic filter of the same width (MATLAB's imresize) differ less than the maps do among themselves, so which of the
      two it was cannot be told. Here it is area averages.

    The factors of u and v are gone, so a map says nothing of px, of a drift of the whole face, or of which of the two
    directions moved more. Tests hold the first two facts to the maps.

    Source
    ------
    Liong, Gan, See, Khor, Huang 2019, doi:10.1109/FG.2019.8756567

    Examples
    --------
    >>> y, x = np.mgrid[0:56, 0:56].astype(float)
    >>> encode_map(np.stack([x, 0 * x]), 0 * x)[0, [0, 14, 27]].tolist()
    [[0, 0, 0], [132, 0, 0], [255, 0, 0]]
    """
    if flow.ndim != 3 or flow.shape[0] != 2 or strain.shape != flow.shape[1:]:
        raise ValueError(f"flow must be (2, H, W) and strain (H, W), got {flow.shape} and {strain.shape}")
    if size < 1:
        raise ValueError(f"size must be at least 1 px, got {size}")
    return np.stack([_stretch(_shrink(each, size)) for each in (flow[0], flow[1], strain)], axis=-1)


def _shrink(values: FloatArray, size: int) -> FloatArray:
    plane = np.ascontiguousarray(values, dtype=np.float32)
    how = cv2.INTER_AREA if min(plane.shape) >= size else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(plane, (size, size), interpolation=how))


def _stretch(values: FloatArray) -> Image:
    if not np.isfinite(values).all():
        raise ValueError("the motion holds values that are not finite")
    low, high = float(values.min()), float(values.max())
    if high - low <= 1e-6 * max(abs(low), abs(high)):  # constant, but for the rounding of averages
        return np.zeros(values.shape, dtype=np.uint8)
    return np.round((values - low) * (255 / (high - low))).astype(np.uint8)
