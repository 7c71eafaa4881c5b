"""OpenCV's cascade."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from skimage.data import astronaut

from micromask.core.errors import MissingPartError
from micromask.faces.detect.haar import HaarDetector


def test_a_blurred_face_is_less_sure_than_a_sharp_one():
    detector = HaarDetector()
    head = astronaut()[20:250, 110:340]
    (sharp,), (blurred,) = detector(head), detector(cv2.GaussianBlur(head, (0, 0), 5))
    assert 0 < blurred.confidence < sharp.confidence < 1


def test_an_opencv_without_cascades_is_named_with_the_way_out(monkeypatch):
    monkeypatch.delattr(cv2, "CascadeClassifier")
    with pytest.raises(MissingPartError, match=r"needs OpenCV 4 and its cascades.*opencv-contrib-python-headless<5"):
        HaarDetector()


def test_faces_smaller_than_asked_for_are_left_out():
    head = astronaut()[20:250, 110:340]
    assert HaarDetector()(head, smallest=60)
    assert HaarDetector()(np.ascontiguousarray(head), smallest=180) == []
