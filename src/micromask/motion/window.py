"""From two aligned faces to the small map that a recogniser reads: the flow between them, and the part that is kept."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from micromask.core.types import FloatArray, Image
from micromask.faces.align import EYE_DISTANCE, EYE_HEIGHT
from micromask.faces.regions import steady_weights
from micromask.motion.flow import flow_methods
from micromask.motion.head import HeadModel, face_depth, head_field
from micromask.motion.maps import encode_map
from micromask.motion.strain import optical_strain

FLOW_SIZE = 96
"""Side of the aligned face on which the flow of a map is computed, px: the map keeps 28 px of it."""

TVL1_OPTIONS = {"scales": 3, "warps": 3}
"""Two scales and warps fewer than usual: the face is aligned already. See benchmarks/film_maps.py."""

# Where the face lies in the training maps, measured on their mean eyelid and mouth-corner motion (see the model card):
# the eyes' centres at 0.20 and 0.78 of the width and 0.25 of the height, the mouth's corners at 0.65 of the height.
MAP_EYES = (0.20, 0.78)
MAP_EYE_HEIGHT = 0.25
MAP_MOUTH_HEIGHT = 0.65
MOUTH_BELOW_EYES = 0.87
"""The mouth's corners below the eyes in a frontal resting face, in distances between the eyes."""


def map_window(size: int = FLOW_SIZE) -> tuple[slice, slice]:
    """Rows and columns of the aligned face (size, size) that the training maps show."""
    unit = EYE_DISTANCE * size
    width = unit / (MAP_EYES[1] - MAP_EYES[0])
    height = MOUTH_BELOW_EYES * unit / (MAP_MOUTH_HEIGHT - MAP_EYE_HEIGHT)
    left = size / 2 - (MAP_EYES[0] + MAP_EYES[1]) / 2 * width
    top = EYE_HEIGHT * size - MAP_EYE_HEIGHT * height
    return slice(round(top), round(top + height)), slice(round(left), round(left + width))


def own_flow(onset: Image, apex: Image, method: str = "tvl1") -> FloatArray:
    """Flow (2, H, W) px between two aligned grey faces (H, W), without what the head did."""
    flow = flow_methods[method](**(TVL1_OPTIONS if method == "tvl1" else {}))(onset, apex)
    head, depth = _head(onset.shape[0], onset.shape[1])
    return np.asarray(flow - head_field(head.fit(flow), depth.shape, depth), dtype=np.float32)


def window_map(flow: FloatArray) -> Image:
    """The map (28, 28, 3) uint8 (u, v, strain) of a flow (2, H, W) over an aligned face, as the training maps are."""
    rows, columns = map_window(flow.shape[1])
    window = flow[:, rows, columns]
    return encode_map(window, optical_strain(window))


@lru_cache(maxsize=4)
def _head(height: int, width: int) -> tuple[HeadModel, FloatArray]:
    depth = face_depth((height, width))
    return HeadModel((height, width), steady_weights(size=height), depth, step=4), depth
