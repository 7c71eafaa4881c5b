"""From two aligned faces to the small map that a recogniser reads: the flow between them, and the part that is kept."""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from micromask.core.types import FloatArray, Image
from micromask.faces.align import EYE_DISTANCE, EYE_HEIGHT
from micromask.faces.boxes import cover_boxes
from micromask.faces.cover import Region, check_region
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


def own_flow(onset: Image, apex: Image, method: str = "tvl1", *, kept: NDArray[np.bool_] | None = None) -> FloatArray:
    """Flow (2, H, W) px between two aligned grey faces (H, W), without what the head did.

    What the head did is told by the pixels that are ``kept`` (H, W) alone, where the rest of both faces was covered.
    """
    flow = flow_methods[method](**(TVL1_OPTIONS if method == "tvl1" else {}))(onset, apex)
    head, depth = _head(onset.shape[0], onset.shape[1])
    if kept is not None:
        head = HeadModel(depth.shape, steady_weights(size=onset.shape[0]) * kept, depth, step=2)
    return np.asarray(flow - head_field(head.fit(flow), depth.shape, depth), dtype=np.float32)


def window_map(flow: FloatArray, kept: NDArray[np.bool_] | None = None) -> Image:
    """The map (28, 28, 3) uint8 (u, v, strain) of a flow (2, H, W) over an aligned face, as the training maps are.

    Where ``kept`` (H, W) is False nothing moved and nothing was strained: the map is stretched by what is kept alone,
    and says nothing of the rest.
    """
    rows, columns = map_window(flow.shape[1])
    window = flow[:, rows, columns]
    strain = optical_strain(window)
    if kept is not None:
        inside = kept[rows, columns]
        # strain is a difference of neighbours: on the rim it still knows of what is covered
        core = cv2.erode(inside.astype(np.uint8), np.ones((3, 3), np.uint8), borderValue=1).astype(bool)
        window, strain = np.where(inside, window, 0), np.where(core, strain, 0)
    return encode_map(window, strain)


def cover_map(motion: Image, region: Region) -> Image:
    """A ready-made map (28, 28, 3) of which only the rows of a region are kept.

    Nobody knows where this face's own landmarks lie in it, so whole rows are covered, by where a frontal face has its
    lids and its nose. There the flow gets the median of what is kept, which is where skin rests, and the strain its
    lowest value; then each channel is stretched to 0-255 anew, so that the covered rows leave no trace in the scale.

    Parameters
    ----------
    motion : (H, W, 3) uint8
        u, v, strain as `motion.maps.encode_map` writes them.
    region : str
        ``whole`` gives the map as it is.
    """
    check_region(region)
    if region == "whole":
        return motion
    rows = kept_rows(region, motion.shape[0])
    kept = motion[:rows].astype(np.float32)
    rest = [float(np.median(kept[..., channel])) for channel in (0, 1)]
    planes = np.empty(motion.shape, dtype=np.float32)
    planes[:rows], planes[rows:] = kept, [*rest, float(kept[..., 2].min())]
    return encode_map(planes[..., :2].transpose(2, 0, 1), planes[..., 2], motion.shape[0])


def kept_rows(region: Region, size: int = 28) -> int:
    """How many rows of a ready-made map, from its top, show nothing but what is kept.

    >>> kept_rows("whole"), kept_rows("upper-face"), kept_rows("no-mouth")
    (28, 10, 16)
    """
    if region == "whole":
        return size
    window, _ = map_window()
    boxes = cover_boxes(size=FLOW_SIZE)
    ends = boxes["eyes"][3] if region == "upper-face" else boxes["mouth"][1]
    return int((ends - window.start) / (window.stop - window.start) * size)


@lru_cache(maxsize=4)
def _head(height: int, width: int) -> tuple[HeadModel, FloatArray]:
    depth = face_depth((height, width))
    return HeadModel((height, width), steady_weights(size=height), depth, step=4), depth
