"""Masked expressions on traces that are written down, not filmed: the truth is the formula."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest

from micromask.core.types import MaskedInterval, Measure
from micromask.faces.regions import PARTS, SPOT_NAMES
from micromask.inference.masked import EYE_SHARE, LEAST_SMILE, find_masked
from micromask.inference.segments import MotionTrace
from micromask.inference.spot import spot

TIMES = np.arange(14 * 30) / 30
OUT = {"right": -1.0, "left": 1.0}
SMILE = {"mouth_corner": (0.75, 0.66), "upper_cheek": (0.05, 0.2)}
"""Outward and up, for a smile of length 1: the cheeks are pushed up a little by the corners of the mouth."""
EYES = {"upper_cheek": (0.0, 0.5), "lower_lid": (0.0, 0.35), "eye_corner": (-0.35, 0.0)}


def bump(onset: float, apex: float, offset: float) -> np.ndarray:
    rise = np.clip((TIMES - onset) / (apex - onset), 0, 1)
    fall = np.clip((offset - TIMES) / (offset - apex), 0, 1)
    return (1 - np.cos(np.pi * np.minimum(rise, fall))) / 2


def trace(noise: float = 0.04, seed: int = 0) -> MotionTrace:
    rng, count = np.random.default_rng(seed), len(TIMES)
    travel = rng.normal(0, noise, (count, len(SPOT_NAMES), 2))
    still = np.zeros((count, 6)), np.zeros(count), np.zeros(count, dtype=int)
    return MotionTrace(0, np.arange(count), TIMES, SPOT_NAMES, travel, *still)


def move(made: MotionTrace, ways: Mapping[str, tuple[float, float]], course: np.ndarray, sides=("right", "left")):
    for part, (outward, up) in ways.items():
        for side in sides:
            for row in PARTS[f"{part}_{side}"]:
                made.travel[:, row] += course[:, None] * np.array([OUT[side] * outward, -up])


def found(made: MotionTrace) -> tuple[MaskedInterval, ...]:
    """The marks; something was spotted, else there would be nothing to judge."""
    spotted = spot(made)
    assert spotted.intervals
    return find_masked(made, spotted)


LONG, BRIEF = bump(5.0, 5.5, 6.5), bump(5.0, 5.2, 5.42)


@pytest.mark.parametrize("course", [pytest.param(LONG, id="1.5 s"), pytest.param(BRIEF, id="0.42 s")])
@pytest.mark.parametrize("size", [3.0, 6.0])
def test_a_smile_of_the_mouth_alone_is_marked_where_it_is(course, size):
    made = trace()
    move(made, SMILE, size * course)
    (mark,) = found(made)
    assert mark.upper == "still"
    apex = int(np.argmax(course))
    assert abs(mark.apex - apex) <= 2
    assert mark.onset_s == pytest.approx(5.0, abs=0.12)
    assert mark.offset_s == pytest.approx(TIMES[np.flatnonzero(course > 0)[-1]], abs=0.15)
    assert mark.smile == (mark.onset, mark.apex, mark.offset)
    assert mark.score > 0.6
    assert mark.measures[0].value == pytest.approx(size, rel=0.1)


@pytest.mark.parametrize("course", [LONG, BRIEF])
@pytest.mark.parametrize("share", [0.6, 1.0])
def test_a_smile_of_the_whole_face_is_not_marked(course, share):
    made = trace()
    move(made, SMILE, 5 * course)
    move(made, EYES, 5 * share * course)
    assert found(made) == ()


@pytest.mark.parametrize(
    ("ways", "upper", "words"),
    [
        ({"inner_brow": (-0.3, -0.5), "outer_brow": (0, -0.1)}, "brows-lowered", "inner brows down"),
        ({"inner_brow": (0, 0.5)}, "inner-brows-raised", "inner brows up"),
        ({"inner_brow": (0, 0.5), "outer_brow": (0, 0.5)}, "brows-raised", "brows up"),
    ],
)
@pytest.mark.parametrize("eyes", [False, True])
def test_brows_that_do_something_else_are_marked_whether_the_eyes_smile_or_not(ways, upper, words, eyes):
    made = trace()
    move(made, SMILE, 5 * LONG)
    move(made, ways, 5 * LONG)
    if eyes:
        move(made, EYES, 5 * LONG)
    (mark,) = found(made)
    assert mark.upper == upper
    assert mark.measures[1] == Measure(words, mark.measures[1].value, mark.measures[1].limit)
    assert mark.measures[1].value == pytest.approx(2.5, rel=0.12)
    assert mark.measures[1].limit == pytest.approx(1.0, rel=0.1)  # a fifth of the smile
    assert mark.score == pytest.approx(1 - mark.measures[1].limit / (2 * mark.measures[1].value))


def test_brows_that_lower_for_a_moment_in_a_long_smile_are_marked_at_that_moment():
    made = trace()
    move(made, SMILE, 6 * bump(4.0, 4.6, 8.0))
    move(made, EYES, 6 * bump(4.0, 4.6, 8.0))
    move(made, {"inner_brow": (-0.3, -1)}, 2.5 * bump(5.2, 5.4, 5.65))
    (mark,) = found(made)
    assert mark.upper == "brows-lowered"
    assert (mark.onset_s, mark.offset_s) == (pytest.approx(5.2, abs=0.1), pytest.approx(5.65, abs=0.1))
    assert mark.smile[0] < mark.onset
    assert mark.smile[2] > mark.offset


def test_the_evidence_says_which_part_went_which_way():
    made = trace(noise=0.01)
    move(made, SMILE, 5 * LONG)
    move(made, {"inner_brow": (-0.3, -0.5)}, 5 * LONG)
    (mark,) = found(made)
    went = {one.part: (one.outward, one.up) for one in mark.movements}
    assert len(went) == 12
    for side in ("right", "left"):
        assert went[f"mouth_corner_{side}"] == pytest.approx((3.75, 3.3), abs=0.25)
        assert went[f"inner_brow_{side}"] == pytest.approx((-1.5, -2.5), abs=0.25)
        assert went[f"lower_lid_{side}"] == pytest.approx((0, 0), abs=0.15)
    assert len(mark.times) == len(mark.courses["inner brows up"]) <= 60
    assert min(mark.courses["inner brows up"]) == pytest.approx(-2.5, abs=0.2)


@pytest.mark.parametrize(
    ("ways", "sides"),
    [
        pytest.param({"mouth_corner": (0.75, 0.66)}, ("left",), id="one side: a dimple"),
        pytest.param({"mouth_corner": (1.0, 0.05)}, ("left", "right"), id="corners apart: a word"),
        pytest.param({"mouth_corner": (0.1, 1.0)}, ("left", "right"), id="corners straight up"),
        pytest.param({"mouth_corner": (0.2, -1.0)}, ("left", "right"), id="corners down"),
        pytest.param({"mouth_corner": (-1.0, 0.1)}, ("left", "right"), id="a pout"),
        pytest.param({"inner_brow": (0, 1.0)}, ("left", "right"), id="brows alone"),
    ],
)
def test_what_is_no_smile_is_not_judged(ways, sides):
    made = trace()
    move(made, ways, 5 * LONG, sides)
    move(made, {"upper_cheek": SMILE["upper_cheek"]}, 2.5 * LONG)
    assert found(made) == ()


def test_a_mouth_that_opens_farther_than_its_corners_go_talks_and_is_not_judged():
    made = trace()
    move(made, SMILE, 5 * BRIEF)
    for part in ("lip_lower", "chin"):
        for row in PARTS[part]:
            made.travel[:, row, 1] += 7 * BRIEF
    assert found(made) == ()


def test_a_smile_too_weak_for_its_eyes_to_be_seen_is_not_judged():
    made = trace(noise=0.02)
    move(made, SMILE, 0.8 * LEAST_SMILE * LONG)
    assert found(made) == ()


def test_in_noise_in_which_the_eyes_would_not_be_seen_nothing_is_marked_still():
    for seed in range(4):
        made = trace(noise=1.2, seed=seed)
        move(made, SMILE, 7 * LONG)
        assert [mark for mark in found(made) if mark.upper == "still"] == []


def test_cheeks_that_no_smile_leaves_where_they_are_were_not_seen():
    made = trace(noise=0.01)
    move(made, {"mouth_corner": SMILE["mouth_corner"]}, 6 * LONG)  # behind glasses
    assert found(made) == ()
    move(made, {"upper_cheek": SMILE["upper_cheek"]}, 6 * LONG, ("left",))  # a reflection over one eye
    assert found(made) == ()
    move(made, {"upper_cheek": SMILE["upper_cheek"]}, 6 * LONG, ("right",))
    assert [mark.upper for mark in found(made)] == ["still"]


def test_between_the_limits_nothing_is_claimed():
    made = trace(noise=0.01)
    move(made, SMILE, 5 * LONG)
    move(made, {"inner_brow": (0, 0.15)}, 5 * LONG)  # 0.75 %: neither still (below 0.5) nor raised (from 1.0)
    assert found(made) == ()
    hint = trace(noise=0.01)
    move(hint, SMILE, 5 * LONG)
    move(hint, {"lower_lid": (0, 1.0), "eye_corner": (-1.0, 0)}, 5 * 1.5 * EYE_SHARE * LONG)
    assert found(hint) == ()


def blink(made: MotionTrace, at: float, size: float = 10.0, brow: float = 0.0) -> None:
    lid = bump(at, at + 0.1, at + 0.28)
    for row, name in enumerate(SPOT_NAMES):
        if name.startswith("eye_"):
            made.travel[:, row, 1] += size * lid
    move(made, {"inner_brow": (0, -1.0)}, brow * lid)


def test_a_blink_in_a_long_smile_neither_hides_the_mark_nor_makes_one():
    made = trace()
    move(made, SMILE, 6 * bump(4.0, 4.6, 7.0))
    blink(made, 5.2, brow=2.5)
    (mark,) = found(made)
    assert mark.upper == "still"
    whole = trace()
    move(whole, SMILE, 6 * bump(4.0, 4.6, 7.0))
    move(whole, EYES, 6 * bump(4.0, 4.6, 7.0))
    blink(whole, 5.2, brow=2.5)
    assert found(whole) == ()


def test_brows_that_a_nodding_head_may_have_moved_are_not_marked():
    made = trace()
    move(made, SMILE, 6 * LONG)
    move(made, EYES, 6 * LONG)
    move(made, {"inner_brow": (0, -1.0)}, 2 * LONG)
    made.head[:, 5] = 9 * LONG
    assert found(made) == ()
    made.head[:] = 0
    assert [mark.upper for mark in found(made)] == ["brows-lowered"]


def test_where_one_side_of_the_face_is_not_seen_nothing_is_claimed():
    made = trace()
    move(made, SMILE, 6 * LONG)
    for part in PARTS:
        if part.endswith("_left"):
            made.travel[:, PARTS[part]] = 0
    assert found(made) == ()


def test_two_smiles_are_two_marks_and_a_gap_is_no_obstacle():
    made = trace()
    move(made, SMILE, 5 * bump(2.0, 2.5, 3.5))
    move(made, SMILE, 5 * bump(9.0, 9.5, 10.5))
    made.segment[180:] = 1
    made.travel[180:] += 30
    assert [round(mark.apex_s, 1) for mark in found(made)] == [pytest.approx(2.5, abs=0.1), pytest.approx(9.5, abs=0.1)]


def test_a_mark_refuses_what_cannot_be():
    with pytest.raises(ValueError, match="onset <= apex <= offset"):
        MaskedInterval(0, 5, 4, 6, 0.1, 0.1, 0.2, "still", 0.7, (4, 5, 6), (), ())
    with pytest.raises(ValueError, match="a score is 0 to 1"):
        MaskedInterval(0, 4, 5, 6, 0.1, 0.1, 0.2, "still", 1.7, (4, 5, 6), (), ())
    with pytest.raises(ValueError, match="one value for each of 2 times"):
        MaskedInterval(0, 4, 5, 6, 0.1, 0.1, 0.2, "still", 0.7, (4, 5, 6), (), (), (0.1, 0.2), {"x": (1.0,)})
