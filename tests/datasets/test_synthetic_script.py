from __future__ import annotations

import json
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from micromask.core.errors import BadInputError
from micromask.datasets.synthetic import (
    HeadMove,
    LightChange,
    PlannedExpression,
    Script,
    demo_script,
    frame_times,
    still_script,
    trap_script,
    truth,
    vfr_times,
)

MICRO = PlannedExpression(1.0, 1.15, 1.4, (("brow_lowerer", 0.04),), "negative")
MACRO = PlannedExpression(2.0, 2.5, 3.6, (("lip_corner_puller", 0.08),), "positive", hold_s=0.4)
CLOCKS = [
    pytest.param(30, None, id="30 frames a second"),
    pytest.param(200, None, id="200 frames a second"),
    pytest.param(23.976, None, id="a broken rate"),
    pytest.param(30, vfr_times(4, 30, seed=7), id="variable rate"),
]


@pytest.mark.parametrize(("fps", "times"), CLOCKS)
def test_true_frames_agree_with_the_clock(fps, times):
    script = Script(seconds=4, fps=fps, expressions=(MACRO, MICRO), blinks=(0.3,), times=times)
    clock = frame_times(script)
    found = truth(script)
    assert [one["onset_s"] for one in found["expressions"]] == [1.0, 2.0]
    for one in [*found["expressions"], *found["blinks"]]:
        assert clock[one["onset"] - 1] <= one["onset_s"] < clock[one["onset"]]
        assert clock[one["offset"]] < one["offset_s"] <= clock[one["offset"] + 1]
    for one, peak in zip(found["expressions"], (1.15, 2.7), strict=True):
        assert abs(clock[one["apex"]] - peak) == np.abs(clock - peak).min()
        assert one["apex_s"] == pytest.approx(peak)
    assert found["frames"] == clock.size
    assert found["seconds"] == pytest.approx(4, abs=0.06)
    assert found["fps"] == pytest.approx(fps, rel=0.03)


def test_half_a_second_is_the_longest_micro_expression():
    half = replace(MICRO, onset_s=0.9)
    longer = replace(MACRO, onset_s=2.0, apex_s=2.2, hold_s=0, offset_s=2.51)
    kinds = [one["kind"] for one in truth(Script(seconds=4, fps=30, expressions=(half, longer)))["expressions"]]
    assert kinds == ["micro", "macro"]


def test_an_expression_between_two_frames_of_a_slow_film_is_not_true():
    found = truth(Script(seconds=5, fps=1, expressions=(MICRO, MACRO), blinks=(0.1,)))
    assert [one["onset_s"] for one in found["expressions"]] == [2.0]
    assert found["blinks"] == []


def test_the_truth_is_json_and_names_regions_strongest_first():
    found = json.loads(json.dumps(truth(Script(seconds=4, fps=30, expressions=(MACRO,)))))
    assert found["expressions"][0]["regions"] == ["mouth_left", "mouth_right", "cheek_left", "cheek_right"]
    assert found["expressions"][0]["strength"] == pytest.approx(8, abs=0.01)
    assert found["expressions"][0]["emotion"] == "positive"
    assert found["faces"][0]["width_px"] == pytest.approx(0.45 * 480, abs=5)


def test_an_expression_rises_to_its_apex_and_is_nothing_outside():
    times = np.array([0, 1.0, 1.075, 1.15, 1.275, 1.4, 3])
    np.testing.assert_allclose(MICRO.strength(times), [0, 0, 0.5, 1, 0.5, 0, 0], atol=1e-9)
    np.testing.assert_allclose(MACRO.strength(np.array([2.5, 2.7, 2.9])), 1)


def test_a_variable_clock_has_the_intervals_of_a_browser():
    times = np.array(vfr_times(60, 30, seed=3))
    steps = np.diff(times)
    assert 0.0145 <= steps.min() < 0.02
    assert 0.045 < steps.max() <= 0.0525
    assert (times.size - 1) / times[-1] == pytest.approx(30, rel=0.03)
    assert times[0] == 0
    assert times[-1] < 60
    assert vfr_times(60, 30, seed=3) == tuple(times)
    assert vfr_times(60, 30, seed=4) != tuple(times)


@pytest.mark.parametrize("fps", [25, 30, 200])
def test_the_demo_has_three_micros_one_macro_and_two_blinks_apart(fps):
    found = truth(demo_script(fps))
    assert [one["kind"] for one in found["expressions"]] == ["micro", "micro", "micro", "macro"]
    assert {one["emotion"] for one in found["expressions"]} == {"surprise", "negative", "positive"}
    assert len(found["blinks"]) == 2
    events = sorted((one["onset"], one["offset"]) for one in [*found["expressions"], *found["blinks"]])
    assert all(after[0] - before[1] > 0.5 * fps for before, after in pairwise(events))
    assert 14 <= found["seconds"] <= 16


def test_still_and_trap_hold_no_expression():
    assert truth(still_script())["expressions"] == []
    trap = trap_script()
    assert truth(trap)["expressions"] == []
    assert len(truth(trap)["blinks"]) == 6
    assert {move.kind for move in trap.head} == {"yaw", "pitch"}
    assert trap.light


@pytest.mark.parametrize(
    ("make", "message"),
    [
        pytest.param(lambda: Script(seconds=1, fps=0.5), r"1 to 240 frames/s, got 0\.5", id="fps"),
        pytest.param(lambda: Script(seconds=0, fps=30), "length above 0 s", id="length"),
        pytest.param(lambda: Script(seconds=1, fps=30, size=481), "multiple of 4", id="size"),
        pytest.param(lambda: Script(seconds=1, fps=30, times=(0.1, 0.1)), "ascending", id="times"),
        pytest.param(lambda: Script(seconds=1, fps=30, noise=-1), "noise must be", id="noise"),
        pytest.param(lambda: Script(seconds=1, fps=30, blink_seconds=2), "a blink lasts", id="blink"),
        pytest.param(lambda: Script(seconds=1, fps=30, seed=-1), "count from 0", id="seed"),
        pytest.param(lambda: replace(MICRO, apex_s=0.9), "onset < apex", id="order"),
        pytest.param(lambda: replace(MICRO, actions=()), "no action", id="no action"),
        pytest.param(lambda: replace(MICRO, actions=(("brow_lowers", 0.1),)), "did you mean 'brow_lowerer'", id="name"),
        pytest.param(lambda: replace(MICRO, actions=(("chin_raiser", 0.3),)), r"at most 0\.15", id="amplitude"),
        pytest.param(lambda: HeadMove("nod", 0, 1, 5), "no head move 'nod'", id="head"),  # type: ignore[arg-type]
        pytest.param(lambda: HeadMove("yaw", 0, 1, 40), r"at most 20\.0 either way", id="yaw"),
        pytest.param(lambda: HeadMove("yaw", 1, 1, 4), "must end after it starts", id="no time"),
        pytest.param(lambda: LightChange("lamp", 0, 1), "no light change 'lamp'", id="light"),  # type: ignore[arg-type]
        pytest.param(lambda: LightChange("side", 0, 1, gain=3), "gain must be", id="gain"),
        pytest.param(lambda: vfr_times(3, 100), "20 to 62 frames/s", id="variable rate"),
    ],
)
def test_what_cannot_be_filmed_is_refused_with_a_reason(make, message):
    with pytest.raises(BadInputError, match=message):
        make()
