"""What every detector promises, checked for each name in the registry."""

from __future__ import annotations

import subprocess
import sys
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np
import pytest
import skimage.data
from skimage.data import astronaut

from micromask.core.errors import BadInputError, MissingPartError
from micromask.faces.detect import Detector, describe_detectors, detectors

# the portrait's face, read off the picture by eye: ears at x = 180 and 271, brows at y = 88, chin at y = 178
FACE = np.array([180.0, 88.0, 271.0, 178.0])
WIDTH = FACE[2] - FACE[0]


@lru_cache
def build(name: str) -> Detector:
    return detectors[name]()


@pytest.fixture(params=sorted(detectors))
def detector(request) -> Detector:
    try:
        return build(request.param)
    except MissingPartError as error:
        pytest.skip(str(error))


def on_noise(face_px: float, height: int = 360, width: int = 480) -> tuple[np.ndarray, np.ndarray]:
    """The portrait with a face of that width, pasted on grey noise; and where its face is."""
    scale = face_px / WIDTH
    left, top, right, bottom = 110, 20, 340, 250
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    head = cv2.resize(astronaut()[top:bottom, left:right], None, fx=scale, fy=scale, interpolation=how)[:height]
    canvas = np.random.default_rng(0).normal(128, 12, (height, width, 3)).clip(0, 255).astype(np.uint8)
    canvas[: head.shape[0], : head.shape[1]] = head[:, :width]
    return canvas, (FACE - [left, top, left, top]) * scale


def overlap(a, b) -> float:
    sides = np.minimum(a[2:], b[2:]) - np.maximum(a[:2], b[:2])
    shared = np.prod(np.clip(sides, 0, None))
    return shared / (np.prod(np.subtract(a[2:], a[:2])) + np.prod(np.subtract(b[2:], b[:2])) - shared)


@pytest.mark.parametrize("face_px", [40, 60, 100, 200])
def test_a_face_from_40_px_on_is_found_where_it_is_and_nothing_else(detector, face_px):
    canvas, truth = on_noise(face_px)
    found = detector(canvas)
    assert len(found) == 1
    assert overlap(np.array(found[0].box), truth) > 0.7
    assert 0 <= found[0].confidence <= 1


def test_two_faces_come_largest_first(detector):
    canvas, large = on_noise(120, width=640)
    canvas[:150, 400:550], small = on_noise(55, 150, 150)
    found = detector(canvas)
    assert len(found) == 2
    assert overlap(np.array(found[0].box), large) > 0.6
    assert overlap(np.array(found[1].box), small + np.array([400, 0, 400, 0])) > 0.6


def test_there_is_no_face_in_noise_and_in_an_empty_picture(detector):
    noise = np.random.default_rng(5).integers(0, 256, (240, 320, 3), dtype=np.uint8)
    assert detector(noise) == []
    assert detector(np.zeros((240, 320), np.uint8)) == []


@pytest.mark.parametrize("shape", [(1, 1), (1, 300), (300, 1, 3), (9, 9, 3), (30, 200)])
def test_a_tiny_picture_is_no_error(detector, shape):
    assert detector(np.full(shape, 90, np.uint8)) == []


def test_a_grey_picture_serves_as_well(detector):
    canvas, truth = on_noise(100)
    (face,) = detector(cv2.cvtColor(canvas, cv2.COLOR_RGB2GRAY))
    assert overlap(np.array(face.box), truth) > 0.7


def test_the_layout_in_memory_makes_no_difference_and_nothing_is_written_to_it(detector):
    canvas, _ = on_noise(60)
    strided = np.zeros((360, 960, 3), np.uint8)[:, ::2]
    strided[:] = canvas
    strided.setflags(write=False)
    assert detector(strided)[0].box == detector(canvas)[0].box


def test_a_face_cut_by_the_edge_of_the_picture_is_no_error(detector):
    canvas, truth = on_noise(150)
    for crop in (canvas[:, int(truth[0] + 40) :], canvas[int(truth[1] + 20) :], canvas[: int(truth[3] - 15)]):
        assert len(detector(crop)) <= 1


def test_landmarks_are_as_many_as_promised(detector):
    face = detector(on_noise(100)[0])[0]
    assert (0 if face.landmarks is None else len(face.landmarks)) == detector.landmarks
    assert detector is build(detector.name)


def test_landmarks_follow_the_picture_when_it_is_moved_and_scaled(detector):
    if not detector.landmarks:
        pytest.skip("has no landmarks")
    one, two = (detector(on_noise(width)[0])[0].landmarks for width in (80, 160))
    assert np.abs(2 * one - two).max() < 0.12 * 160


@pytest.mark.parametrize(
    "image", [np.zeros((5, 5, 4), np.uint8), np.zeros((5, 5)), np.zeros((0, 5), np.uint8), np.zeros(5, np.uint8)]
)
def test_what_is_no_picture_is_refused(detector, image):
    with pytest.raises(ValueError, match=r"a picture is \(H, W\) or \(H, W, 3\) uint8, got"):
        detector(image)


def test_a_smallest_face_of_nothing_is_refused(detector):
    with pytest.raises(ValueError, match="smallest is a face width in px and positive, got 0"):
        detector(np.zeros((50, 50), np.uint8), 0)


def test_a_mistyped_name_is_answered_with_the_nearest():
    with pytest.raises(BadInputError, match=r"no detector 'mtcn'; did you mean 'mtcnn'\?"):
        detectors["mtcn"]


def test_the_portrait_is_shipped_and_not_downloaded():
    assert (Path(skimage.data.__file__).parent / "astronaut.png").is_file()


def test_the_registry_loads_no_detector_s_parts():
    program = (
        "import sys, micromask.faces.detect\n"
        "print(*{'torch', 'dlib', 'mediapipe', 'face_recognition_models', 'skimage'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


def test_the_description_says_what_works_what_is_missing_and_under_which_licence(monkeypatch):
    monkeypatch.delenv("MICROMASK_MEDIAPIPE_TASK", raising=False)
    states = {state.name: state for state in describe_detectors()}
    assert list(states) == sorted(detectors)
    assert all(states[name].works and "found the portrait's face" in states[name].note for name in ("haar", "dlib"))
    assert states["mtcnn"].works
    assert [states[name].landmarks for name in ("haar", "dlib", "mtcnn")] == [0, 68, 5]
    assert not states["mediapipe"].works
    assert "MICROMASK_MEDIAPIPE_TASK" in states["mediapipe"].note or "pip install" in states["mediapipe"].note
    assert "non-commercial use only" in states["dlib"].licence


def test_a_detector_that_breaks_is_described_and_not_raised(monkeypatch):
    def broken() -> Detector:
        raise OSError("the file is a directory")

    monkeypatch.setitem(detectors._entries, "haar", broken)
    state = next(state for state in describe_detectors() if state.name == "haar")
    assert not state.works
    assert state.note == "failed with OSError: the file is a directory"
