"""Frame n of a film is the one at n times the interval, whatever the film's clock."""

from __future__ import annotations

import numpy as np
import pytest

from micromask.datasets.synthetic import vfr_times
from micromask.studies.frames import Wish, frames_of, make_frames
from micromask.studies.kept_numbers import kept_numbers

HAAR = Wish(detector="haar", candidates=False)


def nearest(times, at):
    return min(range(len(times)), key=lambda frame: abs(times[frame] - at))


def kept_pictures(study, recording, number_on):
    return {frame.number: number_on(study / frame.path) for frame in frames_of(study, recording)}


def test_the_thirtieth_kept_frame_is_the_fifteenth_second(study, design, film_of, numbered, number_on):
    recording = film_of(numbered("even.mp4", 160, 10))
    make_frames(study, design, recording, HAAR)
    frames = {frame.number: frame for frame in frames_of(study, recording)}
    assert sorted(frames) == list(range(1, 32))
    assert (frames[30].frame, frames[30].time_s) == (150, 15.0)
    assert frames[30].path == f"frames/P01/{recording}/0030.png"
    assert number_on(study / frames[30].path) == 150
    assert kept_pictures(study, recording, number_on) == {n: 5 * n for n in range(1, 32)}


def test_on_a_rate_that_is_no_whole_number_the_nearest_frames_are_kept(study, design, film_of, numbered, number_on):
    recording = film_of(numbered("ntsc.mp4", 150, 30000 / 1001))
    make_frames(study, design, recording, HAAR)
    # frame n * 15 comes at n * 0.5005 s: the nearest to n * 0.5 s throughout these five seconds
    assert kept_pictures(study, recording, number_on) == {n: 15 * n for n in range(1, 10)}


def test_on_a_variable_rate_the_nearest_frames_are_kept(study, design, film_of, numbered, number_on):
    times = vfr_times(16, 25, seed=4)
    recording = film_of(numbered("irregular.mkv", len(times), 25, times))
    make_frames(study, design, recording, HAAR)
    assert kept_pictures(study, recording, number_on) == {n: nearest(times, n / 2) for n in range(1, 32)}
    told = {frame.number: frame.time_s for frame in frames_of(study, recording)}
    assert told[30] == pytest.approx(15, abs=0.027)
    assert told[30] == pytest.approx(times[nearest(times, 15)], abs=0.0011)


def test_a_gap_has_no_frames_and_those_behind_it_keep_their_numbers(study, design, film_of, numbered, number_on):
    times = [*(np.arange(41) / 10), *(7 + np.arange(21) / 10)]
    recording = film_of(numbered("gap.mkv", len(times), 10, [float(time) for time in times]))
    make_frames(study, design, recording, HAAR)
    expected = {n: 5 * n for n in range(1, 9)} | {n: 41 + 5 * (n - 14) for n in range(14, 19)}
    assert kept_pictures(study, recording, number_on) == expected


@pytest.mark.parametrize(
    ("times", "seconds", "expected"),
    [
        pytest.param([0.0, 0.75, 1.25], 0.5, {1: 1, 2: 2}, id="half way between two numbers: the first that is free"),
        pytest.param([0.0, 0.5, 0.75, 1.25], 0.5, {1: 1, 2: 2, 3: 3}, id="half way, and the first is taken"),
        pytest.param([0.0, 1.0, 2.0], 0.5, {2: 1, 4: 2}, id="fewer frames than numbers"),
        pytest.param([0.0, 0.1], 0.5, {}, id="shorter than the interval"),
        pytest.param([0.0], 0.5, {}, id="a single frame"),
    ],
)
def test_a_number_stands_for_one_frame_and_a_frame_for_one_number(times, seconds, expected):
    assert kept_numbers(np.array(times), seconds) == expected


def test_numbers_ascend_with_frames_on_any_clock():
    for seed in range(200):
        rng = np.random.default_rng(seed)
        times = np.concatenate([[0.0], np.cumsum(rng.choice([0.04, 0.125, 0.25, 0.5, 1.0], 40))])
        found = kept_numbers(times, 0.5)
        assert list(found) == sorted(found)
        assert list(found.values()) == sorted(set(found.values()))
        assert all(abs(times[frame] - 0.5 * number) <= 0.25 + 1e-9 for number, frame in found.items())
