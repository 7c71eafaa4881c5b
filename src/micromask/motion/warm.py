"""Flow from one key frame to each following picture, begun from where the last one ended."""

from __future__ import annotations

import cv2
import numpy as np

from micromask.core.types import FloatArray, Image
from micromask.motion.flow import flow_methods


class WarmFlow:
    """Flow to picture after picture of one film, by a named method.

    DIS is tuned for small faces: down to full size, because what one small muscle moves is lost at half size; without
    smoothing, which flattens it; and each flow is searched from the one before, so that a smile that takes ten frames
    to spread is followed farther than one search reaches. A still picture keeps its flow at zero. The other methods
    begin from nothing each time.

    Parameters
    ----------
    method : str
        A name in ``motion.flow.flow_methods``.

    Source
    ------
    Kroeger, Timofte, Dai, Van Gool 2016, doi:10.1007/978-3-319-46493-0_29
    """

    def __init__(self, method: str = "dis") -> None:
        self._other = None if method == "dis" else flow_methods[method]()
        self._dis = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_FAST)
        self._dis.setFinestScale(0)
        self._dis.setPatchStride(6)
        self._dis.setGradientDescentIterations(16)
        self._dis.setVariationalRefinementIterations(0)

    def __call__(self, first: Image, second: Image, start: FloatArray | None = None) -> FloatArray:
        """Flow (2, H, W) float32 px between pictures (H, W) uint8, searched from ``start`` if given."""
        if self._other is not None:
            return self._other(first, second)
        begin = None if start is None else np.ascontiguousarray(start.transpose(1, 2, 0), dtype=np.float32)
        found = self._dis.calc(first, second, begin)
        return np.ascontiguousarray(found.transpose(2, 0, 1), dtype=np.float32)
