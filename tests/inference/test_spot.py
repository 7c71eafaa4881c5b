"""Spotting on traces that are written down, not filmed: the truth is the formula."""

from __future__ import annotations

import numpy as np
import pytest

from micromask.evaluation.spotting import interval_overlap
from micromask.faces.regions import SPOT_NAMES
from micromask.inference.segments import MotionTrace
from micromask.inference.spot import Spotted, spot

SECONDS = 14.0


def bump(times: np.ndarray, onset: float, apex: float, offset: float) -> np.ndarray:
    """A raised-cosine journey from 0 to 1 and back."""
    rise = np.clip((times - onset) / (apex - onset), 0, 1)
    fall = np.clip((offset - times) / (offset - apex), 0, 1)
    return (1 - np.cos(np.pi * np.minimum(rise, fall))) / 2


def trace(times: np.ndarray, noise: float = 0.05, seed: int = 0) -> MotionTrace:
    rng = np.random.default_rng(seed)
    count = len(times)
    return MotionTrace(
        0, np.arange(count), times, SPOT_NAMES, rng.normal(0, noise, (count, len(SPOT_NAMES), 2)),
        np.zeros((count, 6)), np.zeros(count), np.zeros(count, dtype=int),
    )  # fmt: skip


def move(made: MotionTrace, region: str, course: np.ndarray, direction: tuple[float, float]) -> None:
    for index, name in enumerate(made.names):
        if name == region:
            made.travel[:, index] += course[:, None] * np.array(direction)


def clock(name: str) -> np.ndarray:
    if name == "varying":
        steps = np.random.default_rng(3).uniform(0.015, 0.052, 2000)
        times = np.concatenate([[0], steps.cumsum()])
        return times[times < SECONDS]
    return np.arange(int(SECONDS * int(name))) / int(name)


def spans(found: Spotted) -> list[tuple[str, float, float]]:
    return [(one.kind, one.onset_s, one.offset_s) for one in found.intervals]


@pytest.mark.parametrize("rate", ["25", "30", "60", "100", "200", "varying"])
def test_micro_and_macro_are_found_where_they_are_at_every_frame_rate(rate: str) -> None:
    times = clock(rate)
    made = trace(times)
    move(made, "brow_left", 3 * bump(times, 2.0, 2.2, 2.44), (0.2, -1))
    move(made, "mouth_right", 5 * bump(times, 6.0, 6.6, 7.6), (-1, -0.7))
    move(made, "cheek_right", 3 * bump(times, 6.0, 6.6, 7.6), (-0.5, -1))
    found = spot(made).intervals
    assert [one.kind for one in found] == ["micro", "macro"]
    for one, (onset, offset) in zip(found, [(2.0, 2.44), (6.0, 7.6)], strict=True):
        true = (int(np.searchsorted(times, onset)), int(np.searchsorted(times, offset)))
        assert interval_overlap((one.onset, one.offset), true) >= 0.7
        assert one.onset_s == times[one.onset]
        assert one.offset_s == times[one.offset]
    assert abs(found[0].apex_s - 2.2) <= 0.06
    assert found[0].regions == ("brow_left",)
    assert found[1].regions == ("mouth_right", "cheek_right")
    assert found[0].strength == pytest.approx(3, rel=0.15)


def test_half_a_second_is_still_micro_and_more_is_macro() -> None:
    times = clock("200")
    made = trace(times, noise=0.02)
    move(made, "chin", 4 * bump(times, 3.0, 3.2, 3.45), (0, -1))
    move(made, "chin", 4 * bump(times, 8.0, 8.35, 8.75), (0, -1))
    assert [kind for kind, _, _ in spans(spot(made))] == ["micro", "macro"]


def test_noise_alone_is_no_expression_however_strong() -> None:
    for noise in (0.02, 0.1, 0.3, 0.6):
        found = spot(trace(clock("30"), noise=noise, seed=int(noise * 100)))
        assert found.intervals == ()
        assert found.timeline.threshold >= 0.9


def test_a_noisy_film_raises_the_threshold() -> None:
    quiet, noisy = (spot(trace(clock("30"), noise=noise)).timeline.threshold for noise in (0.02, 0.5))
    assert quiet == 0.9
    assert noisy > 2


def test_a_blink_is_an_event_and_a_brow_it_drags_along_is_no_expression() -> None:
    times = clock("60")
    made = trace(times)
    move(made, "eye_left", 10 * bump(times, 4.0, 4.1, 4.25), (0, 1))
    move(made, "eye_right", 10 * bump(times, 4.0, 4.1, 4.25), (0, 1))
    move(made, "brow_left", 1.5 * bump(times, 4.0, 4.1, 4.25), (0, 1))
    found = spot(made)
    assert found.intervals == ()
    assert [(event.name, round(event.onset_s, 1)) for event in found.events] == [("blink", 4.0)]


def test_a_blink_that_squeezes_the_cheeks_is_no_expression_and_a_smile_during_it_is_one() -> None:
    times = clock("60")
    made = trace(times)
    for start in (4.0, 8.0):
        lid = bump(times, start, start + 0.1, start + 0.25)
        for eye in ("eye_left", "eye_right"):
            move(made, eye, 5 * lid, (0, 1))
        move(made, "cheek_left", 3 * lid, (0, -1))
    assert spot(made).intervals == ()
    move(made, "mouth_left", 2 * bump(times, 7.9, 8.1, 8.3), (1, -1))
    (smile,) = spot(made).intervals
    assert "mouth_left" in smile.regions
    assert smile.onset_s == pytest.approx(7.95, abs=0.1)


def test_an_expression_beside_a_blink_is_found_when_it_is_stronger_than_what_a_lid_drags() -> None:
    times = clock("60")
    made = trace(times)
    move(made, "eye_left", 5 * bump(times, 4.0, 4.1, 4.25), (0, 1))
    move(made, "mouth_left", 4 * bump(times, 3.9, 4.1, 4.3), (1, -1))
    found = spot(made)
    assert [one.regions for one in found.intervals] == [("mouth_left",)]


def test_what_a_turning_head_leaves_behind_is_a_head_move() -> None:
    times = clock("30")
    made = trace(times)
    turn = bump(times, 4.0, 5.0, 6.0)
    made.head[:, 4] = 25 * turn
    move(made, "cheek_left", 3 * turn, (1, 0))
    found = spot(made)
    assert found.intervals == ()
    assert {event.name for event in found.events} == {"head-move"}


def test_an_expression_on_a_slowly_moving_head_is_found() -> None:
    times = clock("30")
    made = trace(times)
    made.head[:, 4] = 10 * np.sin(times)
    move(made, "brow_right", 3 * bump(times, 6.0, 6.2, 6.4), (0, -1))
    assert len(spot(made).intervals) == 1


def test_what_a_sudden_change_of_light_feigns_is_no_expression() -> None:
    times = clock("30")
    made = trace(times)
    lamp = bump(times, 5.0, 5.2, 5.4)
    made.light[:] = 0.25 * lamp
    move(made, "cheek_left", 2 * lamp, (1, 0))
    assert spot(made).intervals == ()
    made.light[:] = 0
    assert len(spot(made).intervals) == 1


def test_posture_that_comes_and_goes_slowly_is_no_expression() -> None:
    times = clock("30")
    made = trace(times)
    move(made, "chin", 3 * bump(times, 2.0, 6.0, 12.0), (0, 1))
    assert spot(made).intervals == ()


def test_two_expressions_with_a_valley_between_them_are_two() -> None:
    times = clock("100")
    made = trace(times)
    move(made, "lip_upper", 4 * bump(times, 3.0, 3.15, 3.35), (0, -1))
    move(made, "lip_upper", 4 * bump(times, 3.45, 3.6, 3.8), (0, -1))
    found = spot(made).intervals
    assert len(found) == 2
    assert found[0].offset < found[1].onset


def test_a_gap_separates_and_nothing_is_imagined_across_it() -> None:
    times = np.concatenate([clock("30")[:120], clock("30")[180:]])
    made = trace(times)
    made.segment[120:] = 1
    made.travel[120:] += 40
    found = spot(made)
    assert found.intervals == ()


def test_a_face_seen_for_an_instant_or_once_gives_an_empty_timeline_not_an_error() -> None:
    for count in (1, 2, 5):
        found = spot(trace(clock("30")[:count]))
        assert found.intervals == ()
        assert np.isnan(found.timeline.strength).all()


def test_an_expression_whose_apex_is_the_last_frame_is_not_claimed() -> None:
    times = clock("30")
    made = trace(times)
    move(made, "chin", 4 * np.clip((times - 13.5) / 0.5, 0, 1), (0, 1))
    assert spot(made).intervals == ()


def test_a_trace_refuses_arrays_that_do_not_fit() -> None:
    with pytest.raises(ValueError, match="a trace of 3 frames"):
        MotionTrace(
            0,
            np.arange(3),
            np.arange(4.0),
            ("chin",),
            np.zeros((3, 1, 2)),
            np.zeros((3, 6)),
            np.zeros(3),
            np.zeros(3, int),
        )
