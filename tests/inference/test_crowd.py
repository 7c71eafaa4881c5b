"""Late looks: what a detector saw in an earlier picture is brought to a face that has gone on since."""

from __future__ import annotations

import numpy as np
import pytest

from micromask.core.types import Frame, Image
from micromask.datasets.synthetic import Script, landmarks_px, render
from micromask.faces.detect.landmarks import span
from micromask.faces.track import Look
from micromask.inference.crowd import Crowd

SCRIPT = Script(seconds=0.2, fps=30, size=240, noise=0.0)
STEP = 3
"""The face moves so many px to the right from frame to frame."""


@pytest.fixture(scope="module")
def face() -> Image:
    return next(iter(render(SCRIPT)))[..., 0]


def frame(face: Image, index: int) -> Frame:
    picture = np.full((260, 420), 110, np.uint8)
    x = 20 + STEP * index
    picture[10:250, x : x + 240] = face
    return Frame(index, index / 30, picture)


def look(index: int) -> Look:
    """What a perfect detector sees in a frame."""
    points = landmarks_px(SCRIPT) + [20 + STEP * index, 10]
    return Look(0, span(points), points, 0.99)


def right(crowd: Crowd, index: int) -> float:
    """How far the followed face is from its true place (px), sideways."""
    box, truth = crowd.known()[0], look(index).box
    return abs((box[0] + box[2]) / 2 - (truth[0] + truth[2]) / 2)


def test_a_late_look_at_a_moving_face_does_not_pull_it_back(face: Image) -> None:
    crowd = Crowd()
    crowd.take([look(0)], {}, frame(face, 0))
    for index in range(1, 21):
        crowd.follow(frame(face, index))
    assert right(crowd, 20) < 1.5
    # the detector began at frame 5 and is done at frame 20: the face is 45 px further by now
    segment = crowd.faces[0].segment
    fresh = crowd.take([look(5)], {0: None}, frame(face, 5), frame(face, 20))
    assert not fresh
    assert right(crowd, 20) < 1.5
    assert (crowd.faces[0].segment, crowd.faces[0].found) == (segment, 2)


def test_somebody_found_late_is_followed_from_where_they_were_to_where_they_are(face: Image) -> None:
    crowd = Crowd()
    assert crowd.take([look(2)], {}, frame(face, 2), frame(face, 6))
    assert crowd.faces[0].frames == [6]
    for index in range(7, 12):
        crowd.follow(frame(face, index))
    assert right(crowd, 11) < 2


def test_a_face_that_a_late_look_did_not_see_is_doubted_and_in_the_end_lost(face: Image) -> None:
    crowd = Crowd()
    crowd.take([look(0)], {}, frame(face, 0))
    for index in range(1, 6):
        crowd.follow(frame(face, index))
        assert crowd.faces[0].live
        crowd.take([], {0: None}, frame(face, index - 1), frame(face, index))
    assert not crowd.faces[0].live


def test_a_cut_is_seen_and_everybody_has_to_be_found_anew(face: Image) -> None:
    crowd = Crowd()
    assert not crowd.is_cut(frame(face, 0))
    crowd.take([look(0)], {}, frame(face, 0))
    assert not crowd.is_cut(frame(face, 1))
    assert list(crowd.known()) == [0]
    assert crowd.is_cut(Frame(2, 0.1, np.full((260, 420), 255, np.uint8)))
    assert crowd.known() == {}
