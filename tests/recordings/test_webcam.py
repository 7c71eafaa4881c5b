"""A camera that is played by a list of pictures."""

from __future__ import annotations

from contextlib import suppress

import cv2
import numpy as np
import pytest

from micromask.core.errors import BadInputError
from micromask.recordings import webcam


class FakeCamera:
    def __init__(self, pictures, is_there=True):
        self.pictures = list(pictures)
        self.is_there = is_there
        self.asked = {}
        self.released = False

    def isOpened(self):  # noqa: N802
        return self.is_there

    def read(self):
        return (True, self.pictures.pop(0)) if self.pictures else (False, None)

    def set(self, prop, value):
        self.asked[prop] = value
        return True

    def release(self):
        self.released = True


def red(n):
    return [np.full((4, 6, 3), (0, 0, 200 + i), np.uint8) for i in range(n)]  # OpenCV's order is blue, green, red


def test_frames_have_the_moments_at_which_they_came():
    camera = FakeCamera(red(3))
    moments = iter([100.0, 100.04, 100.5, 100.6])
    with webcam(0, opener=lambda device: camera, clock=lambda: next(moments)) as source:
        frames = list(source)
    assert [f.index for f in frames] == [0, 1, 2]
    assert [f.time for f in frames] == pytest.approx([0, 0.04, 0.5])
    assert [f.image[0, 0].tolist() for f in frames] == [[200 + i, 0, 0] for i in range(3)]
    assert source.broke_at == 3
    assert "stopped" in source.reason
    assert camera.released


def test_times_ascend_even_on_a_coarse_clock():
    with webcam(opener=lambda device: FakeCamera(red(5)), clock=lambda: 7.0) as source:
        times = [f.time for f in source]
    assert (np.diff(times) > 0).all()


def test_the_camera_is_asked_for_size_and_rate_and_can_be_grey():
    camera = FakeCamera(red(1))
    with webcam(opener=lambda device: camera, colour=False, size=(480, 640), fps=60) as source:
        assert next(iter(source)).image.shape == (4, 6)
    assert camera.asked == {cv2.CAP_PROP_FRAME_HEIGHT: 480, cv2.CAP_PROP_FRAME_WIDTH: 640, cv2.CAP_PROP_FPS: 60}


def test_a_camera_is_given_back_after_an_error():
    camera = FakeCamera(red(2))
    with suppress(ZeroDivisionError), webcam(opener=lambda device: camera) as source:
        next(iter(source)).index / 0
    assert camera.released


def test_no_camera_is_one_clear_line():
    with pytest.raises(BadInputError, match="no camera 3: plug one in"):
        webcam(3, opener=lambda device: FakeCamera([], is_there=False))


def test_a_camera_without_pictures_is_one_clear_line():
    with webcam(opener=lambda device: FakeCamera([])) as source, pytest.raises(BadInputError, match="gives no picture"):
        list(source)


def test_a_camera_that_is_not_there_is_said_quietly(capfd):
    with pytest.raises(BadInputError, match="no camera 97"):
        webcam(97)
    assert capfd.readouterr() == ("", "")
