"""OpenCV's detector: a cascade of Haar-like features."""

from __future__ import annotations

import math
from pathlib import Path

import cv2
import numpy as np

from micromask.core.errors import MissingPartError
from micromask.core.types import Detection, Image
from micromask.faces.detect.convention import BoxShape, as_grey, check_request, largest_first

CASCADE = "haarcascade_frontalface_alt2.xml"
"""Of OpenCV's four frontal cascades: as good as 'alt' and faster, no false finds where 'default' gave some."""

OWN_BOX = BoxShape(right=0.0, down=0.15, width=0.83, height=0.83)
"""The common box in the cascade's (see `convention`)."""

LAST_STAGE = 53.76
"""What the last stage of the cascade must add up to; the more it exceeds that, the surer the face."""

STEP, NEIGHBOURS = 1.1, 3
"""Ratio of two neighbouring search sizes; how many windows must agree on a face."""


class HaarDetector:
    """A cascade of Haar-like features (OpenCV's frontal 'alt2'): no landmarks, upright and near-frontal faces only.

    The box comes in steps of a tenth of the face, so it is a poor measure of motion; fit `landmarks68` in it.

    Source
    ------
    Viola and Jones 2001, doi:10.1109/CVPR.2001.990517; Lienhart et al. 2003, doi:10.1007/978-3-540-45243-0_39
    """

    name = "haar"
    landmarks = 0

    def __init__(self) -> None:
        # OpenCV 5 has neither the class nor the file
        folder = Path(getattr(getattr(cv2, "data", None), "haarcascades", ""))
        if not hasattr(cv2, "CascadeClassifier") or not (folder / CASCADE).is_file():
            raise MissingPartError(
                f"the detector 'haar' needs OpenCV 4 and its cascades, this is {cv2.__version__}: "
                "pip install 'opencv-contrib-python-headless<5'"
            )
        self._cascade = cv2.CascadeClassifier(str(folder / CASCADE))

    def __call__(self, image: Image, smallest: float = 40) -> list[Detection]:
        """Faces in a picture, largest first; see `micromask.faces.detect.Detector`."""
        check_request(image, smallest)
        grey = as_grey(image)
        side = math.floor(smallest / OWN_BOX.width / STEP)  # a face between two search sizes is found at the lower one
        boxes, _, sums = self._cascade.detectMultiScale3(
            grey, scaleFactor=STEP, minNeighbors=NEIGHBOURS, minSize=(side, side), outputRejectLevels=True
        )
        return largest_first(
            [
                Detection(OWN_BOX.to_common((x, y, x + w, y + h)), 1 - math.exp(min(0.0, (LAST_STAGE - total) / 1.5)))
                for (x, y, w, h), total in zip(
                    np.reshape(boxes, (-1, 4)).tolist(), np.ravel(sums).tolist(), strict=True
                )
            ]
        )
