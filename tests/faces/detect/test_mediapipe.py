"""The adapter to MediaPipe, with a stand-in for its package: the real one is optional and needs a file of its own."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest

from micromask.core.errors import BadInputError, MissingPartError
from micromask.faces.detect import detectors
from micromask.faces.detect.mediapipe import OUTLINE, VARIABLE, MediapipeDetector, squares


class Landmarker:
    """Sees a white rectangle as a face, and only where it is at least a sixth of the picture."""

    def __init__(self, options) -> None:
        self.options = options

    @classmethod
    def create_from_options(cls, options):
        if not Path(options.base_options.model_asset_path).read_bytes().startswith(b"PK"):
            raise RuntimeError("Unable to open zip archive.\nmore lines")
        return cls(options)

    def detect(self, picture):
        data = picture.data
        assert data.shape[0] == data.shape[1], "the landmarker must be given squares"
        rows, columns = np.nonzero(data[:, :, 0] > 200)
        if not len(rows) or np.ptp(columns) + 1 < data.shape[1] / 6:
            return SimpleNamespace(face_landmarks=[])
        points = [SimpleNamespace(x=float(columns.mean()) / len(data), y=float(rows.mean()) / len(data))] * 478
        corners = ((columns.min(), rows.min()), (columns.max() + 1, rows.max() + 1))
        for index, (x, y) in zip(OUTLINE, corners, strict=False):
            points[index] = SimpleNamespace(x=x / len(data), y=y / len(data))
        return SimpleNamespace(face_landmarks=[points])


@pytest.fixture
def stand_in(monkeypatch):
    package, tasks, python, vision = (ModuleType(name) for name in ("mediapipe", "tasks", "python", "vision"))
    package.Image = lambda image_format, data: SimpleNamespace(data=data)
    package.ImageFormat = SimpleNamespace(SRGB="srgb")
    python.BaseOptions = lambda model_asset_path: SimpleNamespace(model_asset_path=model_asset_path)
    python.vision, tasks.python, package.tasks = vision, python, tasks
    vision.FaceLandmarker = Landmarker
    vision.FaceLandmarkerOptions = lambda **options: SimpleNamespace(**options)
    vision.RunningMode = SimpleNamespace(IMAGE="image")
    names = ("mediapipe", "mediapipe.tasks", "mediapipe.tasks.python", "mediapipe.tasks.python.vision")
    for name, module in zip(names, (package, tasks, python, vision), strict=True):
        monkeypatch.setitem(sys.modules, name, module)


@pytest.fixture
def task(tmp_path) -> Path:
    path = tmp_path / "face.task"
    path.write_bytes(b"PK")
    return path


@pytest.mark.usefixtures("stand_in")
@pytest.mark.parametrize(("width", "height"), [(640, 360), (360, 640), (300, 300)])
@pytest.mark.parametrize("face", [(20, 30, 60, 75), (200, 250, 245, 299), (100, 100, 280, 260)])
def test_large_and_small_faces_are_found_once_and_in_the_picture_s_px(task, width, height, face):
    image = np.zeros((height, width, 3), np.uint8)
    x0, y0, x1, y1 = face
    image[y0:y1, x0:x1] = 255
    (found,) = MediapipeDetector(task)(image, smallest=40)
    np.testing.assert_allclose(found.box, face, atol=1e-6)
    assert found.landmarks.shape == (478, 2)
    assert found.confidence == 1.0


@pytest.mark.usefixtures("stand_in")
def test_the_file_may_be_named_by_the_environment(task, monkeypatch):
    monkeypatch.setenv(VARIABLE, str(task))
    assert detectors["mediapipe"]().landmarks == 478


@pytest.mark.usefixtures("stand_in")
def test_a_file_that_is_no_landmarker_is_named_in_one_line(tmp_path):
    path = tmp_path / "notes.task"
    path.write_text("hello")
    with pytest.raises(BadInputError, match=r"notes\.task: MediaPipe cannot use it.*Unable to open zip archive\.$"):
        MediapipeDetector(path)


@pytest.mark.usefixtures("stand_in")
def test_no_file_and_a_missing_file_are_told_apart(tmp_path, monkeypatch):
    monkeypatch.delenv(VARIABLE, raising=False)
    with pytest.raises(
        MissingPartError, match=r"needs a model: get face_landmarker\.task from https://.* and set MICRO"
    ):
        MediapipeDetector()
    with pytest.raises(MissingPartError, match=r"away\.task: no such file; get face_landmarker\.task"):
        MediapipeDetector(tmp_path / "away.task")


def test_without_the_package_the_way_to_get_it_is_said(monkeypatch, task):
    monkeypatch.setitem(sys.modules, "mediapipe", None)
    with pytest.raises(MissingPartError, match=r"pip install 'micromask\[mediapipe\]'"):
        MediapipeDetector(task)


def test_a_face_of_up_to_half_a_square_lies_whole_in_one_of_them():
    width, height, smallest = 640, 360, 20
    views = list(squares(width, height, smallest))
    sizes = sorted({side for _, _, side in views})
    assert sizes[0] == 120
    for side in sizes:
        face = side // 2 - 1
        for x in range(0, width - face, 13):
            for y in range(0, max(1, height - face), 13):
                assert any(
                    left <= x and top <= y and x + face <= left + s and y + face <= top + s
                    for left, top, s in views
                    if s == side
                )
