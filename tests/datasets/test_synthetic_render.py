from __future__ import annotations

import hashlib
import tracemalloc
from dataclasses import replace
from fractions import Fraction
from itertools import islice

import av
import cv2
import numpy as np
import pytest

from micromask.datasets.synthetic import (
    ACTIONS,
    HeadMove,
    LightChange,
    PlannedExpression,
    Script,
    demo_script,
    expression_field,
    frame_times,
    inter_ocular_px,
    landmarks_px,
    render,
    vfr_times,
    write,
)
from micromask.datasets.synthetic.actions import MOST_AMPLITUDE, unit_field
from micromask.datasets.synthetic.head import Pose, head_field


def at(*times, **script):
    """Frames at given times, without noise unless asked for, as integers that can be subtracted."""
    given = {"seconds": 10, "fps": 30, "noise": 0, "size": 480, "times": times} | script
    return [frame.astype(int) for frame in render(Script(**given))]


def one(name, amplitude=0.08):
    return PlannedExpression(1.0, 2.0, 3.0, ((name, amplitude),), "test")


def flow(before, after):
    grey = [cv2.cvtColor(picture.astype(np.uint8), cv2.COLOR_RGB2GRAY) for picture in (before, after)]
    return cv2.DISOpticalFlow_create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM).calc(*grey, None).transpose(2, 0, 1)


def around(point, reach):
    x, y = (round(float(value)) for value in point)
    return np.s_[y - reach : y + reach + 1, x - reach : x + reach + 1]


def test_the_same_seed_gives_the_same_bytes_and_another_does_not():
    script = replace(demo_script(), size=240, times=(0.0, 2.7, 4.2, 5.8))
    first, again, other = (
        hashlib.sha256(b"".join(frame.tobytes() for frame in render(one))).hexdigest()
        for one in (script, replace(script), replace(script, seed=9))
    )
    assert first == again
    assert first != other


@pytest.mark.parametrize("subject", [0, 3])
@pytest.mark.parametrize("name", list(ACTIONS))
def test_the_farthest_displacement_is_the_asked_amplitude(name, subject):
    script = Script(seconds=4, fps=30, expressions=(one(name, 0.05),), subject=subject)
    field = expression_field(script, 2.0)
    assert field.shape == (2, 480, 480)
    assert np.hypot(*field).max() == pytest.approx(0.05 * inter_ocular_px(script), rel=0.01)
    assert np.hypot(*expression_field(script, 1.5)).max() == pytest.approx(0.025 * inter_ocular_px(script), rel=0.01)
    for outside in (0.0, 1.0, 3.0, 3.9):
        assert not expression_field(script, outside).any()


@pytest.mark.parametrize("name", list(ACTIONS))
def test_optical_flow_between_rest_and_apex_is_the_planted_field(name):
    planned = one(name)
    rest, apex = at(0.5, 2.0, expressions=(planned,))
    planted = expression_field(Script(seconds=4, fps=30, expressions=(planned,)), 2.0)
    strong = np.hypot(*planted) > 0.5 * np.hypot(*planted).max()
    found = flow(rest, apex)
    error = np.hypot(*(found - planted))[strong].mean() / np.hypot(*planted)[strong].mean()
    assert error < 0.2


@pytest.mark.parametrize("name", list(ACTIONS))
def test_a_facial_action_leaves_the_eyes_and_the_background_alone(name):
    script = Script(seconds=4, fps=30, expressions=(one(name),))
    size = np.hypot(*expression_field(script, 2.0))
    eyes = landmarks_px(script)[[37, 38, 40, 41, 43, 44, 46, 47]]
    assert max(size[round(float(y)), round(float(x))] for x, y in eyes) < 0.3 * size.max()
    pupils = landmarks_px(script)[36:42].mean(0), landmarks_px(script)[42:48].mean(0)
    assert max(size[around(pupil, 3)].max() for pupil in pupils) < 0.1 * size.max()
    assert size[:, :80].max() == size[:, -80:].max() == size[:100].max() == 0


@pytest.mark.parametrize("subject", [0, 1, 8])
def test_no_movement_folds_the_picture_over_itself(subject):
    fields = [np.float32(MOST_AMPLITUDE) * unit_field(name, subject) for name in ACTIONS]
    for pose in (Pose(yaw=20), Pose(yaw=-20), Pose(pitch=20), Pose(pitch=-20), Pose(roll=20), Pose(zoom=0.25)):
        fields.append(head_field(pose, subject))
    for field in fields:
        (uy, ux), (vy, vx) = (np.gradient(120 * plane) for plane in field)
        assert ((1 + ux) * (1 + vy) - uy * vx).min() > 0.1


def test_frames_outside_an_expression_are_the_resting_face():
    rest, onset, inside, offset, after = at(0.0, 1.0, 1.3, 3.0, 4.0, expressions=(one("brow_lowerer"),))
    for frame in (onset, offset, after):
        np.testing.assert_array_equal(frame, rest)
    assert np.abs(inside - rest).max() > 20


def test_frames_of_a_still_film_differ_only_by_noise_of_the_asked_strength():
    frames = np.stack(at(*np.arange(8) / 30, noise=3.0)).astype(float)
    clean = at(0.0)[0]
    inside = (clean > 15) & (clean < 240)
    rest = (frames - clean)[:, inside]
    assert rest.std() == pytest.approx(3.0, rel=0.03)
    assert abs(rest.mean()) < 0.05
    first, second = (frames[n] - clean for n in (0, 1))
    middle = np.s_[100:380, 100:380]
    across_time = np.corrcoef(first[middle].ravel(), second[middle].ravel())[0, 1]
    across_channels = np.corrcoef(first[middle][..., 0].ravel(), first[middle][..., 1].ravel())[0, 1]
    assert abs(across_time) < 0.02
    assert 0.7 < across_channels < 0.9


@pytest.mark.parametrize(("degrees", "way"), [(10, 1), (-10, -1)])
def test_turning_the_head_moves_the_nose_more_than_the_eyes_and_those_more_than_the_ears(degrees, way):
    marks = landmarks_px(Script(seconds=1, fps=30)) / 480
    field = head_field(Pose(yaw=degrees), 0)
    x, y = ((marks + 0.25) / 1.5 * 180 - 0.5).round().astype(int).T
    across = way * field[0][y, x] * 480 / inter_ocular_px(Script(seconds=1, fps=30))
    assert across[30] > across[[36, 39, 42, 45]].max() > across[[36, 45]].min() > across[[1, 15]].max() > -0.05
    expected = (1.45 + 0.3) * np.sin(np.deg2rad(10))
    assert across[30] == pytest.approx(expected, rel=0.1)


def test_a_turn_of_the_head_is_seen_in_the_film_and_leaves_the_background():
    rest, turned = at(0.0, 1.0, head=(HeadMove("yaw", 0, 2, 4),))
    found = flow(rest, turned)[0]
    marks = landmarks_px(Script(seconds=1, fps=30))
    nose, ear = (np.median(found[around(marks[n], 8)]) for n in (30, 2))
    assert nose > 8
    assert nose > 2 * abs(ear)
    np.testing.assert_allclose(turned[:60, -30:], rest[:60, -30:], atol=6)


@pytest.mark.parametrize(
    ("kind", "amount", "expected"),
    [("shift_x", 0.1, (0.1, 0.0)), ("shift_y", -0.05, (0.0, -0.05)), ("roll", 5.0, None), ("zoom", 0.1, None)],
)
def test_shift_roll_and_zoom_move_the_face_as_one(kind, amount, expected):
    script = Script(seconds=1, fps=30)
    field = head_field(Pose(**{kind: amount}), 0) * 480 / inter_ocular_px(script)
    x, y = ((landmarks_px(script)[17:] / 480 + 0.25) / 1.5 * 180 - 0.5).round().astype(int).T
    moved = field[:, y, x]
    if expected is not None:
        upright = np.array(expected)
        lean = np.arctan2(*(landmarks_px(script)[42:48].mean(0) - landmarks_px(script)[36:42].mean(0))[::-1])
        turned = np.array([[np.cos(lean), -np.sin(lean)], [np.sin(lean), np.cos(lean)]]) @ upright
        np.testing.assert_allclose(moved.mean(axis=1), turned, atol=1e-3)
        assert moved.std(axis=1).max() < 1e-3
    else:
        points = np.stack([x, y]) * 1.5 / 180 * 480 / inter_ocular_px(script)
        fit = np.linalg.lstsq(np.vstack([points, np.ones(x.size)]).T, moved.T, rcond=None)[0]
        slopes = {"roll": np.sin(np.deg2rad(5)), "zoom": 0.1}
        assert (fit[0, 1] if kind == "roll" else fit[0, 0]) == pytest.approx(slopes[kind], rel=0.01)


def test_a_head_that_stays_turned_stays():
    rest, half, end, later = at(0.0, 0.5, 1.0, 5.0, head=(HeadMove("pitch", 0, 1, 5, there_and_back=False),))
    np.testing.assert_array_equal(end, later)
    assert np.abs(half - rest).max() > 20


def test_sway_is_slow_small_and_never_jumps():
    script = Script(seconds=12, fps=30, head=(HeadMove("sway", 0, 12, 0.05),))
    from micromask.datasets.synthetic.head import poses

    x = np.array([pose.shift_x for pose in poses(script, frame_times(script))])
    assert 0.005 < np.abs(x).max() <= 0.05
    assert np.abs(np.diff(x)).max() * 30 < 0.05 * 2 * np.pi * 0.5
    assert x[0] == 0


def test_a_blink_covers_the_eye_and_leaves_the_brows():
    script = Script(seconds=1, fps=30)
    rest, shut, after = at(0.0, 1.1, 1.26, blinks=(1.0,))
    marks = landmarks_px(script)
    np.testing.assert_array_equal(after, rest)
    np.testing.assert_array_equal(
        shut[: round(float(marks[17:27, 1].min())) + 4], rest[: round(float(marks[17:27, 1].min())) + 4]
    )
    for mark in marks[17:27]:
        np.testing.assert_array_equal(shut[around(mark, 2)], rest[around(mark, 2)])
    iris, lid = (rest[around(marks[n : n + 6].mean(0), 3)].mean() for n in (36, 42)), shut
    for n, dark in zip((36, 42), iris, strict=True):
        assert lid[around(marks[n : n + 6].mean(0) - (0, 2), 2)].mean() > dark + 40
    below = round(float(marks[36:48, 1].max())) + 15
    np.testing.assert_array_equal(shut[below:], rest[below:])


def test_a_blink_goes_with_the_head():
    move = HeadMove("shift_x", 0, 1, 0.3, there_and_back=False)
    rest, shut = at(2.0, 3.1, blinks=(3.0,), head=(move,))
    script = Script(seconds=1, fps=30)
    changed = np.abs(shut - rest).max(axis=2) > 8
    middle = np.flatnonzero(changed.any(axis=0))[[0, -1]].mean()
    eyes = landmarks_px(script)[36:48, 0].mean()
    assert middle == pytest.approx(eyes + 0.3 * inter_ocular_px(script), abs=8)


@pytest.mark.parametrize(
    ("kind", "left", "right"), [("global", 1.2, 1.2), ("side", 1.2, 0.8)], ids=["everywhere", "from the side"]
)
def test_light_changes_by_its_gain(kind, left, right):
    dark, lit, back = at(0.0, 1.0, 2.0, light=(LightChange(kind, 0, 2, gain=1.2),))
    np.testing.assert_array_equal(dark, back)
    for column, gain in ((2, left), (-3, right)):
        usable = (dark[:, column] > 30) & (dark[:, column] < 200)
        ratio = lit[:, column][usable] / dark[:, column][usable]
        assert np.median(ratio) == pytest.approx(gain, abs=0.02)


def test_flicker_swings_about_rest():
    frames = at(*np.arange(1, 1 + 30) / 30, light=(LightChange("flicker", 0, 3, gain=1.1, hertz=2),), size=64)
    level = np.array([frame[20:40, 20:40].mean() for frame in frames])
    assert level[6:].max() / level[6:].min() == pytest.approx(1.1 / 0.9, rel=0.05)


def test_subjects_differ_in_shape_and_skin():
    pictures = [at(0.0, subject=subject)[0] for subject in range(5)]
    scripts = [Script(seconds=1, fps=1, subject=subject) for subject in range(5)]
    for n in range(5):
        for m in range(n):
            assert np.abs(pictures[n] - pictures[m]).mean() > 5
            assert np.abs(landmarks_px(scripts[n]) - landmarks_px(scripts[m])).max() > 3
    assert len({round(inter_ocular_px(script), 3) for script in scripts}) == 5


def test_an_action_is_on_the_persons_own_side_in_mirrored_faces_too():
    for subject in range(4):
        script = Script(seconds=4, fps=30, expressions=(one("dimpler_left"),), subject=subject)
        y, x = np.unravel_index(np.hypot(*expression_field(script, 2.0)).argmax(), (480, 480))
        corner = landmarks_px(script)[54]
        assert np.hypot(x - corner[0], y - corner[1]) < 0.15 * inter_ocular_px(script)


def test_frames_are_drawn_one_at_a_time():
    hour = replace(demo_script(), seconds=3600, size=64)
    frames = render(hour)
    next(frames)
    tracemalloc.start()
    for frame in islice(frames, 50):
        assert frame.shape == (64, 64, 3)
        assert frame.dtype == np.uint8
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 8e6


@pytest.mark.parametrize("times", [None, vfr_times(1, 30, seed=2)], ids=["steady", "variable"])
def test_a_written_film_has_every_frame_at_its_time(tmp_path, times):
    script = Script(seconds=1, fps=30, size=64, times=times)
    write(script, tmp_path / "film.mp4")
    with av.open(str(tmp_path / "film.mp4")) as film:
        stamps = [frame.pts * (frame.time_base or Fraction(1)) for frame in film.decode(video=0)]
    np.testing.assert_allclose([float(stamp - stamps[0]) for stamp in stamps], frame_times(script), atol=2e-3)
