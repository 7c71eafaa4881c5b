"""Dense optical flow between two grey pictures, by name: how far, in pixels, each point of the first moved.

Every method keeps one convention: ``flow[:, y, x]`` is ``(u, v)``, and what ``first`` shows at ``(x, y)`` is found in
``second`` at ``(x + u, y + v)``; u is positive to the right and v downwards.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, Literal

import cv2
import numpy as np

from micromask.core.registry import Registry
from micromask.core.types import FloatArray, Image

FlowMethod = Callable[[Image, Image], FloatArray]
"""(first (H, W) uint8, second (H, W) uint8) -> (2, H, W) float32, px."""

flow_methods: Registry[Callable[..., FlowMethod]] = Registry("flow method")
"""Makers of flow methods by name. A maker needs no argument; what it makes may be used again and by several threads."""

SMALLEST = 32
"""Pictures narrower or lower than this many pixels are refused: DIS then reads past the end of its coarsest picture."""

_PRESETS = {
    "ultrafast": cv2.DISOPTICAL_FLOW_PRESET_ULTRAFAST,
    "fast": cv2.DISOPTICAL_FLOW_PRESET_FAST,
    "medium": cv2.DISOPTICAL_FLOW_PRESET_MEDIUM,
}


def _check(first: Image, second: Image) -> None:
    if first.ndim != 2 or first.shape != second.shape:
        raise ValueError(f"flow needs two grey pictures (H, W) of one size, got {first.shape} and {second.shape}")
    if first.dtype != np.uint8 or second.dtype != np.uint8:
        raise ValueError(f"flow needs uint8 pictures, got {first.dtype} and {second.dtype}")
    if min(first.shape) < SMALLEST:
        raise ValueError(f"flow needs pictures of at least {SMALLEST} x {SMALLEST} px, got {first.shape}")


def _planes(interleaved: FloatArray) -> FloatArray:
    """(H, W, 2) as OpenCV gives it to a contiguous (2, H, W)."""
    return np.ascontiguousarray(interleaved.transpose(2, 0, 1), dtype=np.float32)


class _Solver:
    """A stateful OpenCV flow object behind the common convention: each thread that calls it gets one of its own."""

    def __init__(self, make: Callable[[], Any]) -> None:
        self._make = make
        self._own = threading.local()

    def __call__(self, first: Image, second: Image) -> FloatArray:
        _check(first, second)
        solver = getattr(self._own, "solver", None)
        if solver is None:
            solver = self._own.solver = self._make()
        return _planes(solver.calc(np.ascontiguousarray(first), np.ascontiguousarray(second), None))


@flow_methods.add("tvl1")
def tvl1(*, scales: int = 5, warps: int = 5) -> FlowMethod:
    """TV-L1: total variation of the flow plus absolute difference of brightness; sharp at the edges of a movement.

    The most exact of the three and by far the slowest: for the one map from onset to apex.

    Parameters
    ----------
    scales : int
        Pictures in the pyramid, each 0.8 times the size of the one below.
    warps : int
        Times the second picture is warped back at each scale.

    Source
    ------
    Sánchez, Meinhardt-Llopis, Facciolo 2013, doi:10.5201/ipol.2013.26 (after Zach, Pock, Bischof 2007,
    doi:10.1007/978-3-540-74936-3_22)
    """
    if scales < 1 or warps < 1:
        raise ValueError(f"tvl1 needs at least one scale and one warp, got {scales} and {warps}")

    def make() -> Any:
        solver = cv2.optflow.createOptFlow_DualTVL1()
        solver.setScalesNumber(scales)
        solver.setWarpingsNumber(warps)
        return solver

    return _Solver(make)


@flow_methods.add("dis")
def dis(*, preset: Literal["ultrafast", "fast", "medium"] = "medium", smoothness: float = 10.0) -> FlowMethod:
    """DIS: inverse search of patches, then a short variational refinement. Fast enough for every frame of a film.

    Parameters
    ----------
    preset : {"ultrafast", "fast", "medium"}
        How dense the patches lie and down to which scale; only ``medium`` goes to half size.
    smoothness : float
        Weight of the flow's smoothness in the refinement. The presets' own 20 flattens a small movement more than 10
        does and is quieter by about as much: ``benchmarks/flow.py`` prints both.

    Source
    ------
    Kroeger, Timofte, Dai, Van Gool 2016, doi:10.1007/978-3-319-46493-0_29
    """
    if preset not in _PRESETS:
        raise ValueError(f"no DIS preset {preset!r}; known: {', '.join(_PRESETS)}")
    if not smoothness > 0:
        raise ValueError(f"smoothness must be positive, got {smoothness}")

    def make() -> Any:
        solver = cv2.DISOpticalFlow.create(_PRESETS[preset])
        solver.setVariationalRefinementAlpha(smoothness)
        return solver

    return _Solver(make)


@flow_methods.add("farneback")
def farneback(*, levels: int = 3, window: int = 15, iterations: int = 5, degree: int = 5) -> FlowMethod:
    """Farneback: each neighbourhood is a quadratic polynomial, and the flow is how its coefficients shift. Smooth.

    Parameters
    ----------
    levels : int
        Pictures in the pyramid, each half the size of the one below.
    window : int
        Side (px) of the Gaussian window over which the flow is averaged.
    iterations : int
        Rounds at each level.
    degree : int
        Side (px) of the neighbourhood that a polynomial describes, 5 or 7.

    Source
    ------
    Farnebäck 2003, doi:10.1007/3-540-45103-X_50
    """
    if degree not in (5, 7):
        raise ValueError(f"farneback describes neighbourhoods of 5 or 7 px, got {degree}")
    sigma = {5: 1.1, 7: 1.5}[degree]
    flags = cv2.OPTFLOW_FARNEBACK_GAUSSIAN

    pad, border = window + 1, cv2.BORDER_REFLECT_101

    def run(first: Image, second: Image) -> FloatArray:
        _check(first, second)
        # OpenCV treats the last row and column as unlike themselves: a still face would move by most of a pixel there.
        one, two = (cv2.copyMakeBorder(each, pad, pad, pad, pad, border) for each in (first, second))
        start: Any = None
        found = cv2.calcOpticalFlowFarneback(one, two, start, 0.5, levels, window, iterations, degree, sigma, flags)
        return _planes(found[pad:-pad, pad:-pad])

    return run


def flow(first: Image, second: Image, method: str = "tvl1") -> FloatArray:
    """How each point of ``first`` moved until ``second``.

    Parameters
    ----------
    first, second : (H, W) uint8
        Grey pictures of one size, at least 32 px on each side.
    method : str
        A name in ``flow_methods``. Who computes many pairs makes the method once: ``flow_methods["dis"]()``.

    Returns
    -------
    (2, H, W) float32
        (u, v): right and down, px.

    Raises
    ------
    ValueError
        If the pictures are not uint8, not grey, differ in size or are too small.
    BadInputError
        If there is no such method.

    Examples
    --------
    A smooth blob that moves one pixel to the right:

    >>> y, x = np.mgrid[0:48, 0:48]
    >>> def blob(x0):
    ...     return (200 * np.exp(-((x - x0) ** 2 + (y - 24) ** 2) / 40)).astype(np.uint8)
    >>> u, v = flow(blob(23), blob(24))[:, 20:28, 20:28]
    >>> bool(abs(u.mean() - 1) < 0.1 and abs(v.mean()) < 0.1)
    True
    """
    return flow_methods[method]()(first, second)
