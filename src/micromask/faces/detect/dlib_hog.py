"""dlib's detector: histograms of oriented gradients and a linear SVM, with the 68 landmarks."""

from __future__ import annotations

import math

import cv2
import numpy as np

from micromask.core.errors import MissingPartError
from micromask.core.types import Detection, Image
from micromask.faces.detect.convention import Box, as_grey, check_request, largest_first
from micromask.faces.detect.landmarks import DLIB_BOX, landmarks68, model_path, span

WINDOW = 80
"""Side in px of the smallest box that dlib's frontal detector gives."""

MOST_PIXELS = 6_000_000
"""The picture is never made larger than this for the search (about 0.5 s); below, a face of `smallest` is 80 px."""


class DlibDetector:
    """Histograms of oriented gradients and a linear SVM; the 68 landmarks give the box.

    Faces of fewer than 80 px are beyond the detector, so the picture is resized until `smallest` has 80 px: the time
    goes with (W / smallest)^2. A picture that would need more than 6 million pixels for that is made no larger, and
    faces are then found from a larger size on. Near-frontal faces only (about 45 degrees to either side).

    Source
    ------
    King 2009 (Dlib-ml), doi:10.5555/1577069.1755843; Dalal and Triggs 2005, doi:10.1109/CVPR.2005.177;
    landmarks: see `landmarks68`, their file is for non-commercial use only
    """

    name = "dlib"
    landmarks = 68

    def __init__(self) -> None:
        model_path()
        try:
            import dlib
        except ImportError as error:
            raise MissingPartError("the detector 'dlib' needs dlib: pip install dlib-bin") from error
        self._detector = dlib.get_frontal_face_detector()

    def __call__(self, image: Image, smallest: float = 40) -> list[Detection]:
        """Faces in a picture, largest first; see `micromask.faces.detect.Detector`."""
        check_request(image, smallest)
        grey = as_grey(image)
        # the margin lets a face that hugs the picture's edge be seen whole, as far as it is there
        margin = round(smallest / 4)
        scale = min(WINDOW * DLIB_BOX.width / smallest, math.sqrt(MOST_PIXELS / grey.size))
        padded = cv2.copyMakeBorder(grey, margin, margin, margin, margin, cv2.BORDER_REPLICATE)
        how = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
        resized = cv2.resize(padded, None, fx=scale, fy=scale, interpolation=how)
        if min(resized.shape) < WINDOW:
            return []
        fx, fy = np.array(resized.shape[::-1]) / padded.shape[::-1]
        rectangles, scores, _ = self._detector.run(resized, 0, 0.0)
        found = []
        for r, score in zip(rectangles, scores, strict=True):
            own: Box = (r.left() / fx, r.top() / fy, (r.right() + 1) / fx, (r.bottom() + 1) / fy)
            box: Box = (own[0] - margin, own[1] - margin, own[2] - margin, own[3] - margin)
            points = landmarks68(grey, DLIB_BOX.to_common(box), passes=2)
            found.append(Detection(span(points), 1 / (1 + math.exp(-2 * score)), points))
        return largest_first(found)
