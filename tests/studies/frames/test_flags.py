"""Blurred frames, closed eyes and missing faces, on films where it is known which are which."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from micromask.datasets.synthetic import HeadMove, PlannedExpression, Script, landmarks_px, render
from micromask.datasets.synthetic.script import blink_closure, frame_times
from micromask.faces.align import aligned_landmarks, apply, face_transform, warp_face
from micromask.faces.boxes import cover_boxes
from micromask.faces.detect import landmarks68
from micromask.imaging.tone import to_grey
from micromask.recordings import write_film
from micromask.studies.flags import FaceLook, Usual, eye_opening, flags_of, sharpness, usual
from micromask.studies.frames import Wish, frames_of, make_frames

EACH = Wish(seconds=0.1, candidates=False, detector="haar")
SMILE = PlannedExpression(0.05, 0.5, 0.95, (("lip_corner_puller", 0.1),), "positive")


def look_at(image, script):
    points = landmarks_px(script)
    box = (*points.min(0).tolist(), *points.max(0).tolist())
    found = landmarks68(image, box, passes=2)
    place = face_transform(found)
    return FaceLook(sharpness(to_grey(warp_face(image, place)), apply(place, found)), eye_opening(found))


def moving(subject, size, **told):
    """A face that turns, nods and smiles; what is usual in it is measured on its own frames."""
    head = (HeadMove("yaw", 0, 1, 10), HeadMove("pitch", 0.1, 1.1, 6))
    return Script(1, 8, size=size, subject=subject, noise=2, head=head, expressions=(SMILE,), **told)


@pytest.mark.parametrize("subject", [0, 2, 5])
@pytest.mark.parametrize("size", [160, 400])
def test_blurred_frames_are_told_from_sharp_ones_at_any_size_of_the_face(subject, size):
    script = moving(subject, size)
    frames = list(render(script))
    film = usual([look_at(frame, script) for frame in frames])
    points = landmarks_px(script)
    eyes = float(np.hypot(*(points[36:42].mean(0) - points[42:48].mean(0))))
    rng = np.random.default_rng(7)

    def with_blur(frame, share):
        soft = cv2.GaussianBlur(frame, (0, 0), share * eyes).astype(np.float64)
        return np.clip(soft + rng.normal(0, 2, (*soft.shape[:2], 1)), 0, 255).astype(np.uint8)

    for frame in frames:
        assert flags_of(look_at(frame, script), film) == ()
        assert flags_of(look_at(with_blur(frame, 0.01), script), film) == ()
        assert "blurred" in flags_of(look_at(with_blur(frame, 0.032), script), film)


def test_a_film_that_is_blurred_throughout_is_blurred():
    script = Script(0.1, 10, size=240)
    (frame,) = render(script)
    look = look_at(cv2.GaussianBlur(frame, (0, 0), 2.5), script)
    assert flags_of(look, usual([look, look])) == ("blurred",)


def test_less_light_and_contrast_are_no_blur():
    script = Script(0.1, 10, size=240, noise=1)
    (frame,) = render(script)
    bright, dark = look_at(frame, script), look_at((frame * 0.35).astype(np.uint8), script)
    assert dark.sharpness == pytest.approx(bright.sharpness, rel=0.15)


def test_twice_the_detail_is_four_times_as_sharp_whatever_the_contrast():
    # a plane wave of w radians a pixel has a Laplacian of (2 - 2 cos w) times itself, and a blur keeps its shape
    columns = np.arange(128)
    waves = {w: np.tile(100 + 80 * np.sin(w * columns), (128, 1)) for w in (0.2, 0.4)}
    low, high = (sharpness(np.round(wave).astype(np.uint8), aligned_landmarks()) for _, wave in sorted(waves.items()))
    assert low == pytest.approx(1000 * (2 - 2 * np.cos(0.2)) ** 2, rel=0.05)
    assert high == pytest.approx(1000 * (2 - 2 * np.cos(0.4)) ** 2, rel=0.05)


@pytest.mark.parametrize("subject", [0, 1, 2, 3, 4, 5])
def test_eyes_are_closed_where_the_lids_are_down_and_open_where_they_are_up(subject):
    script = Script(
        1,
        20,
        size=240,
        subject=subject,
        noise=2,
        blinks=(0.2,),
        blink_seconds=0.6,
        head=(HeadMove("sway", 0, 1, 0.05),),
    )
    closure = blink_closure(script, frame_times(script))
    looks = [look_at(frame, script) for frame in render(script)]
    film = usual(looks)
    closed = ["eyes-closed" in flags_of(look, film) for look in looks]
    assert [flag for flag, shut in zip(closed, closure, strict=True) if shut > 0.9] == [True] * sum(closure > 0.9)
    assert not any(flag for flag, shut in zip(closed, closure, strict=True) if shut < 0.3)
    assert sum(closure > 0.9) >= 3


def test_usual_is_what_most_frames_of_a_film_have_and_flags_need_a_face():
    looks = [FaceLook(24, 0.3)] * 7 + [FaceLook(4, 0.08)] * 3 + [None] * 5
    assert usual(looks) == Usual(24, pytest.approx(0.3))
    assert usual([None]) == Usual(None, None)
    assert flags_of(None, Usual(None, None)) == ("no-face",)


def test_flags_of_a_film_name_its_blurred_frames_its_blink_and_the_frames_without_a_face(
    study, design, film_of, faces, tmp_path
):
    film = [*faces]
    film[5] = cv2.GaussianBlur(film[5], (0, 0), 3)
    film[8] = film[9] = np.full_like(film[0], 90)
    recording = film_of(write_film(tmp_path / "mixed.mp4", film, 10))
    made = make_frames(study, design, recording, EACH)
    found = {frame.frame: frame for frame in frames_of(study, recording)}
    # the blink of the script: the lids are down at 2.0 s and 85 % of the way at 2.1 s, 28 % at 1.9 s
    assert {n: frame.flags for n, frame in found.items() if frame.flags} == {
        5: ("blurred",),
        8: ("no-face",),
        9: ("no-face",),
        20: ("eyes-closed",),
        21: ("eyes-closed",),
    }
    assert made.flags == {"blurred": 1, "no-face": 2, "eyes-closed": 2}
    assert found[5].measures["sharpness"] < 0.5 * found[4].measures["sharpness"]
    assert found[20].measures["eye_opening"] < 0.5 * found[4].measures["eye_opening"]
    assert found[8].measures["sharpness"] is found[8].measures["landmarks"] is found[8].measures["box"] is None


def test_without_a_face_the_place_of_the_last_one_is_kept(study, design, film_of, faces, tmp_path):
    gone = np.random.default_rng(1).integers(60, 120, (200, 200, 3), dtype=np.uint8)
    recording = film_of(write_film(tmp_path / "gone.mkv", [gone, gone, faces[0], faces[1], gone], 10, crf=0))
    make_frames(study, design, recording, EACH)
    first, second, third, last = frames_of(study, recording)
    assert [each.flags for each in (first, second, third, last)] == [("no-face",), (), (), ("no-face",)]
    # before the first face: the whole of the square picture, 256 px for its 200
    assert first.measures["to_aligned"] == [[1.28, 0.0, 0.0], [0.0, 1.28, 0.0]]
    assert last.measures["to_aligned"] == third.measures["to_aligned"] != second.measures["to_aligned"]
    assert last.measures["regions"] == {
        name: pytest.approx(box, abs=0.1) for name, box in cover_boxes(size=256).items()
    }
    shown = cv2.imread(str(study / last.path))
    assert 60 <= shown.mean() <= 120
    assert shown.std() < 40
