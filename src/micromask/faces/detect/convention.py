"""What every detector takes and what every box means: one picture format in, one kind of box out.

The box of a face reaches from the top of the eyebrows to the chin and from ear to ear: it is the smallest box around
the 68 points of the iBUG scheme (Sagonas et al. 2016, doi:10.1016/j.imavis.2016.01.002). Each detector was trained on
boxes of its own kind; a `BoxShape` says where such a box lies beside the common one, so that boxes of two detectors
can be compared and one replaced by another. ``python benchmarks/detector_boxes.py`` measures the numbers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from micromask.core.types import Detection, Image

Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class BoxShape:
    """How the common box lies in a detector's own box of width w and height h.

    ``right`` and ``down`` (share of w and h) lead from the centre of the detector's box to the centre of the common
    one; ``width`` and ``height`` are the common box's sides as shares of w and h.

    Examples
    --------
    >>> shape = BoxShape(right=0.0, down=0.1, width=0.8, height=0.6)
    >>> shape.to_common((0, 0, 100, 100))
    (10.0, 30.0, 90.0, 90.0)
    >>> shape.from_common((10, 30, 90, 90))
    (0.0, 0.0, 100.0, 100.0)
    """

    right: float
    down: float
    width: float
    height: float

    def to_common(self, box: Box) -> Box:
        """From the detector's own box (x0, y0, x1, y1) px to the common one."""
        x0, y0, x1, y1 = box
        w, h = x1 - x0, y1 - y0
        x, y = (x0 + x1) / 2 + self.right * w, (y0 + y1) / 2 + self.down * h
        return x - self.width * w / 2, y - self.height * h / 2, x + self.width * w / 2, y + self.height * h / 2

    def from_common(self, box: Box) -> Box:
        """From the common box to the one that the detector would have given."""
        x0, y0, x1, y1 = box
        w, h = (x1 - x0) / self.width, (y1 - y0) / self.height
        x, y = (x0 + x1) / 2 - self.right * w, (y0 + y1) / 2 - self.down * h
        return x - w / 2, y - h / 2, x + w / 2, y + h / 2


def check_request(image: Image, smallest: float) -> None:
    """Raise ValueError unless image is (H, W) or (H, W, 3) uint8 with at least one pixel and smallest is positive."""
    good = image.ndim == 2 or (image.ndim == 3 and image.shape[2] == 3)
    if not good or image.dtype != np.uint8 or not image.size:
        raise ValueError(f"a picture is (H, W) or (H, W, 3) uint8, got {image.shape} {image.dtype}")
    if not smallest > 0:
        raise ValueError(f"smallest is a face width in px and positive, got {smallest}")


def as_grey(image: Image) -> Image:
    """(H, W) or RGB (H, W, 3) to contiguous grey (H, W), uint8, by the weights of ITU-R BT.601."""
    grey = cv2.cvtColor(np.ascontiguousarray(image), cv2.COLOR_RGB2GRAY) if image.ndim == 3 else image
    return np.ascontiguousarray(grey)


def as_rgb(image: Image) -> Image:
    """(H, W) or RGB (H, W, 3) to contiguous RGB (H, W, 3), uint8."""
    rgb = np.repeat(image[:, :, None], 3, axis=2) if image.ndim == 2 else image
    return np.ascontiguousarray(rgb)


def largest_first(found: list[Detection]) -> list[Detection]:
    """Detections by the area of their boxes, descending; of equal ones the more confident first."""

    def size(one: Detection) -> tuple[float, float]:
        x0, y0, x1, y1 = one.box
        return (x1 - x0) * (y1 - y0), one.confidence

    return sorted(found, key=size, reverse=True)


def without_doubles(
    boxes: NDArray[np.floating[Any]], scores: NDArray[np.floating[Any]], overlap: float, of_smaller: bool = False
) -> list[int]:
    """Indices of the boxes (N, 4) that stay when each of a higher score (N,) suppresses those that it overlaps.

    ``overlap`` is the share above which a box is taken for the same face: the intersection over the union, or over the
    smaller of the two boxes with ``of_smaller``. Indices by descending score.
    """
    order = np.argsort(-scores, kind="stable")
    areas = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    kept: list[int] = []
    while len(order):
        best, rest = order[0], order[1:]
        kept.append(int(best))
        top = np.maximum(boxes[best, :2], boxes[rest, :2])
        bottom = np.minimum(boxes[best, 2:], boxes[rest, 2:])
        shared = np.prod(np.clip(bottom - top, 0, None), axis=1)
        whole = np.minimum(areas[best], areas[rest]) if of_smaller else areas[best] + areas[rest] - shared
        order = rest[shared <= overlap * whole]
    return kept
