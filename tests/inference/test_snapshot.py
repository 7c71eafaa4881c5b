"""One picture looked at closely: who is in it, how they look enhanced."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from micromask.core.types import Image
from micromask.datasets.synthetic import Script, landmarks_px, render
from micromask.faces.detect import detectors
from micromask.faces.detect.landmarks import span
from micromask.inference.snapshot import SnapFace, snapshot

SCRIPT = Script(seconds=0.2, fps=30, size=240)
PLACES = ((300, 20, 60), (20, 10, 200))
"""(x, y, side) of two rendered squares."""


def box_of(x: int, y: int, side: int) -> tuple[float, float, float, float]:
    return span(landmarks_px(SCRIPT) * (side / 240) + [x, y])


@pytest.fixture(scope="module")
def picture() -> Image:
    face = next(iter(render(SCRIPT)))
    whole = np.full((240, 420, 3), 110, np.uint8)
    for x, y, side in PLACES:
        whole[y : y + side, x : x + side] = cv2.resize(face, (side, side), interpolation=cv2.INTER_AREA)
    return whole


@pytest.fixture(scope="module")
def found(picture: Image) -> tuple[SnapFace, ...]:
    known = {7: box_of(*PLACES[0]), 3: (0.0, 0.0, 10.0, 10.0)}
    return snapshot(picture, detectors["mtcnn"](), smallest=16, known=known)


def test_a_large_and_a_very_small_face_are_found_from_left_to_right(found: tuple[SnapFace, ...]) -> None:
    assert len(found) == 2
    for face, place in zip(found, reversed(PLACES), strict=True):
        np.testing.assert_allclose(face.box, box_of(*place), atol=0.1 * place[2])


def test_a_face_that_is_followed_has_its_number_and_a_new_one_has_none(found: tuple[SnapFace, ...]) -> None:
    assert [face.face for face in found] == [None, 7]


def test_a_small_face_is_enlarged_and_that_is_said(found: tuple[SnapFace, ...]) -> None:
    assert all(face.enhanced.picture.shape == (256, 256, 3) for face in found)
    assert any(step.startswith("enlarged") for step in found[1].enhanced.steps)


def test_without_a_model_no_emotion_is_claimed(found: tuple[SnapFace, ...]) -> None:
    assert [face.probabilities for face in found] == [{}, {}]


def test_a_picture_without_people_has_no_faces() -> None:
    assert snapshot(np.full((200, 200, 3), 90, np.uint8), detectors["haar"]()) == ()
