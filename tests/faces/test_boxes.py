"""Boxes that cover the eyes or the mouth."""

from __future__ import annotations

import numpy as np
import pytest

from micromask.datasets.synthetic import Script, landmarks_px
from micromask.faces.align import aligned_landmarks, apply, face_transform
from micromask.faces.boxes import cover_boxes


def inside(points, box):
    x0, y0, x1, y1 = box
    return ((points >= (x0, y0)) & (points <= (x1, y1))).all(axis=1)


@pytest.mark.parametrize("subject", range(6))
@pytest.mark.parametrize("size", [64, 256])
def test_each_box_holds_its_part_of_a_face_and_nothing_of_the_other(subject, size):
    points = landmarks_px(Script(1, 10, size=200, subject=subject)).astype(float)
    aligned = apply(face_transform(points, size), points)
    boxes = cover_boxes(aligned, size)
    upper, lower = aligned[[*range(17, 27), *range(36, 48)]], aligned[48:68]
    assert inside(upper, boxes["eyes"]).all()
    assert inside(lower, boxes["mouth"]).all()
    assert not inside(lower, boxes["eyes"]).any()
    assert not inside(upper, boxes["mouth"]).any()
    assert boxes["eyes"][3] <= boxes["mouth"][1]


def test_boxes_grow_with_the_picture_and_end_at_its_edge():
    assert np.allclose(np.array([*cover_boxes(size=256).values()]), 2 * np.array([*cover_boxes(size=128).values()]))
    low = aligned_landmarks(128) + np.array([0.0, 30.0])
    assert cover_boxes(low)["mouth"][3] == 128


def test_other_points_than_the_68_are_refused():
    with pytest.raises(ValueError, match=r"68 points \(68, 2\) wanted, got \(5, 2\)"):
        cover_boxes(np.zeros((5, 2)))
