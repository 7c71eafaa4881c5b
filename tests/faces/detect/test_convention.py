"""Boxes, pictures and the choice among overlapping finds."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from micromask.core.types import Detection
from micromask.faces.detect.convention import BoxShape, as_grey, as_rgb, largest_first, without_doubles

numbers = st.floats(-100, 100)
sides = st.floats(1, 100)


@given(x=numbers, y=numbers, w=sides, h=sides, right=st.floats(-0.5, 0.5), width=st.floats(0.3, 2))
def test_there_and_back_is_the_same_box(x, y, w, h, right, width):
    shape = BoxShape(right=right, down=-right, width=width, height=1 / width)
    box = (x, y, x + w, y + h)
    np.testing.assert_allclose(shape.from_common(shape.to_common(box)), box, atol=1e-9)


def test_grey_weighs_red_green_and_blue_as_television_does():
    pure = np.eye(3, dtype=np.uint8)[None] * 255
    assert as_grey(pure).tolist() == [[76, 150, 29]]
    assert as_rgb(as_grey(pure)).shape == (1, 3, 3)
    assert (as_rgb(as_grey(pure)) == np.array([76, 150, 29])[:, None]).all()


def test_finds_are_sorted_by_area_and_equal_ones_by_confidence():
    small, sure, unsure = (Detection((0, 0, s, s), c) for s, c in ((1, 0.9), (2, 0.8), (2, 0.1)))
    assert largest_first([small, unsure, sure]) == [sure, unsure, small]


@pytest.mark.parametrize(
    ("overlap", "of_smaller", "kept"),
    [
        # box 1 shares 50 of 150 px with box 0; box 2 lies in box 0 with a quarter of its area; box 3 is far away
        pytest.param(0.2, False, [0, 3], id="a third of the union is too much"),
        pytest.param(0.5, False, [0, 1, 2, 3], id="a third of the union is allowed"),
        pytest.param(0.7, True, [0, 1, 3], id="what lies inside another is a double"),
    ],
)
def test_the_surest_of_overlapping_boxes_stays(overlap, of_smaller, kept):
    boxes = np.array([[0, 0, 10, 10], [5, 0, 15, 10], [0, 5, 5, 10], [50, 50, 60, 60]], dtype=float)
    assert sorted(without_doubles(boxes, np.array([0.9, 0.8, 0.7, 0.6]), overlap, of_smaller)) == kept


def test_no_boxes_leave_no_boxes():
    assert without_doubles(np.empty((0, 4)), np.empty(0), 0.5) == []
