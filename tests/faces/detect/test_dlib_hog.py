"""dlib's detector."""

from __future__ import annotations

import sys

import cv2
import numpy as np
import pytest
from skimage.data import astronaut

from micromask.core.errors import MissingPartError
from micromask.faces.detect import dlib_hog
from micromask.faces.detect.dlib_hog import DlibDetector


def test_the_box_is_what_the_landmarks_span():
    (face,) = DlibDetector()(astronaut()[20:250, 110:340])
    assert face.landmarks is not None
    assert face.box == (*face.landmarks.min(axis=0), *face.landmarks.max(axis=0))


def test_a_face_at_the_edge_of_the_picture_is_still_found():
    (face,) = DlibDetector()(astronaut()[84:200, 110:340])
    assert np.abs(np.array(face.box) - (70, 4, 161, 94)).max() < 8


def test_a_picture_that_would_grow_too_large_is_searched_for_larger_faces(monkeypatch):
    monkeypatch.setattr(dlib_hog, "MOST_PIXELS", 40_000)
    canvas = np.full((200, 200, 3), 128, np.uint8)
    canvas[:110, :110] = cv2.resize(astronaut()[20:250, 110:340], (110, 110), interpolation=cv2.INTER_AREA)
    assert DlibDetector()(canvas, smallest=40) == []
    monkeypatch.setattr(dlib_hog, "MOST_PIXELS", 2_000_000)
    assert len(DlibDetector()(canvas, smallest=40)) == 1


def test_without_dlib_the_way_to_get_it_is_said(monkeypatch):
    monkeypatch.setitem(sys.modules, "dlib", None)
    with pytest.raises(MissingPartError, match="pip install dlib-bin"):
        DlibDetector()
