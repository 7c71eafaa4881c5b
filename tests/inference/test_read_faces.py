"""What a model of single frames is given of a camera's picture: the picture and a place in it, or a close-up."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from micromask.core.types import FloatArray, Image
from micromask.datasets.preparation import Preparation
from micromask.faces.align import FRONTAL_FACE
from micromask.faces.detect.landmarks import span
from micromask.inference import read_faces as module
from micromask.inference.fitted import Fitted
from micromask.inference.read_faces import read_faces

MARKS = [FRONTAL_FACE * 30 + [150, 120], FRONTAL_FACE * 12 + [500, 300]]


def given(crop: Any, monkeypatch: pytest.MonkeyPatch) -> tuple[list[Image], list[FloatArray]]:
    """Pictures and landmarks that a model with this preparation is asked about."""
    asked: list[tuple[list[Image], list[FloatArray]]] = []

    def noted(model: Fitted, pictures: Sequence[Image], marks: Sequence[FloatArray]) -> FloatArray:
        asked.append((list(pictures), list(marks)))
        return np.array([[0.25, 0.75]] * len(pictures))

    monkeypatch.setattr(module, "face_probabilities", noted)
    model = Fitted("toy", "", ("a", "b"), {}, "frame", None, Preparation(crop=crop))  # type: ignore[arg-type]
    picture = np.arange(400 * 640 * 3, dtype=np.uint32).astype(np.uint8).reshape(400, 640, 3)
    assert read_faces(model, picture, MARKS) == [{"a": 0.25, "b": 0.75}] * 2
    return asked[0]


def test_a_model_of_faces_gets_the_whole_picture_and_where_each_face_is(monkeypatch: pytest.MonkeyPatch) -> None:
    pictures, marks = given("face", monkeypatch)
    assert [each.shape for each in pictures] == [(400, 640, 3)] * 2
    for got, true in zip(marks, MARKS, strict=True):
        np.testing.assert_array_equal(got, true)


def test_a_model_of_whole_pictures_gets_a_close_up_that_the_face_fills(monkeypatch: pytest.MonkeyPatch) -> None:
    pictures, marks = given("whole", monkeypatch)
    for picture, points in zip(pictures, marks, strict=True):
        x0, y0, x1, y1 = span(points)
        height, width = picture.shape[:2]
        assert height == pytest.approx(width, abs=2)
        assert max(x1 - x0, y1 - y0) / width == pytest.approx(0.6, abs=0.03)
        assert (x0 + x1) / 2 == pytest.approx(width / 2, abs=1.5)
        assert (y0 + y1) / 2 == pytest.approx(height / 2, abs=1.5)


def test_at_the_edge_a_close_up_ends_with_the_picture() -> None:
    picture = np.zeros((100, 120, 3), np.uint8)
    image, moved = module.close_up(picture, FRONTAL_FACE * 20 + [5, 10])
    assert image.shape[0] < 100
    np.testing.assert_allclose(moved, FRONTAL_FACE * 20 + [5, 10])
