"""Whether a camera's picture is good enough, on a face of known size, light and sharpness."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from micromask.core.errors import BadInputError
from micromask.core.types import Detection, Image
from micromask.datasets.synthetic import Script, render
from micromask.faces.detect import Detector, detectors
from micromask.studies.camera_check import check_camera, read_picture


@pytest.fixture(scope="module")
def detector() -> Detector:
    return detectors["haar"]()


@pytest.fixture(scope="module")
def portrait() -> Image:
    """(360, 640, 3): one face of about 150 px."""
    face = next(iter(render(Script(0.1, 30, size=360))))
    picture = np.full((360, 640, 3), 120, np.uint8)
    picture[:, 140:500] = face
    return picture


def good(image: Image, detector: Detector) -> dict[str, bool]:
    return {one.name: one.good for one in check_camera(image, detector).checks}


def test_a_good_picture_is_good_in_every_way(portrait: Image, detector: Detector) -> None:
    seen = check_camera(portrait, detector)
    assert all(one.good for one in seen.checks)
    assert [one.name for one in seen.checks] == ["face", "size", "light", "focus"]
    assert seen.faces == 1
    assert seen.size == (360, 640)


def test_a_picture_without_a_face_is_good_in_no_way(detector: Detector) -> None:
    seen = check_camera(np.full((240, 320, 3), 128, np.uint8), detector)
    assert (seen.faces, seen.box, seen.light) == (0, None, None)
    assert not any(one.good for one in seen.checks)


def test_two_faces_are_one_too_many(portrait: Image, detector: Detector) -> None:
    both = np.concatenate([portrait[:, 140:500], portrait[:, 140:500]], axis=1)
    assert check_camera(both, detector).checks[0].words == "2 faces are seen"


def test_a_small_face_is_only_too_small(portrait: Image, detector: Detector) -> None:
    small = np.full_like(portrait, 120)
    small[60:240, 230:410] = cv2.resize(portrait[:, 140:500], (180, 180), interpolation=cv2.INTER_AREA)
    assert good(small, detector) == {"face": True, "size": False, "light": True, "focus": True}


def test_a_dark_face_is_told_from_a_blurred_one(portrait: Image, detector: Detector) -> None:
    assert good((portrait * 0.2).astype(np.uint8), detector) == {
        "face": True,
        "size": True,
        "light": False,
        "focus": True,
    }
    blurred = np.asarray(cv2.GaussianBlur(portrait, (0, 0), 4), np.uint8)
    assert good(blurred, detector) == {"face": True, "size": True, "light": True, "focus": False}


def stands_at(box: tuple[float, float, float, float]) -> Detector:
    def found(image: Image, smallest: float = 40) -> list[Detection]:
        return [Detection(box, 1.0)]

    return found  # type: ignore[return-value]


def test_light_is_that_of_the_face_alone() -> None:
    image = np.zeros((200, 300, 3), np.uint8)
    image[50:150, 100:200] = 130
    seen = check_camera(image, stands_at((100, 50, 200, 150)))
    assert (seen.light, seen.clipped, seen.focus) == (130, 0, 0)
    image[50:100, 100:200] = 255
    seen = check_camera(image, stands_at((100, 50, 200, 150)))
    assert seen.clipped == 0.5
    assert seen.checks[2].words == "50 % of the face is pure black or white: softer light, from the front"
    image[50:150, 100:200] = 240
    assert "too bright" in check_camera(image, stands_at((100, 50, 200, 150))).checks[2].words


def test_a_face_that_is_cut_off_is_told() -> None:
    image = np.full((200, 300, 3), 130, np.uint8)
    seen = check_camera(image, stands_at((-20, 50, 100, 150)))
    assert seen.checks[0].words == "the face is cut off: move into the middle"


def test_pictures_are_read_and_others_refused(portrait: Image) -> None:
    sent = cv2.imencode(".png", portrait[..., ::-1])[1].tobytes()
    np.testing.assert_array_equal(read_picture(sent), portrait)
    for wrong in (b"", b"GIF89a", sent[:100]):
        with pytest.raises(BadInputError, match="wanted a JPEG or PNG picture"):
            read_picture(wrong)
    large = cv2.imencode(".png", np.zeros((8, 5000), np.uint8))[1].tobytes()
    with pytest.raises(BadInputError, match="got 5000x8 px"):
        read_picture(large)
