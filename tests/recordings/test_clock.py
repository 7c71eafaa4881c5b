"""Whether the times of frames are what the film says."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from micromask.recordings import probe, read
from micromask.recordings.clock import rate_and_times, seconds_from_first


@pytest.mark.parametrize("rate", [Fraction(1), Fraction(25), Fraction(30000, 1001), Fraction(200)])
@pytest.mark.parametrize("container", ["mp4", "mkv", "avi"])
def test_a_uniform_clock_keeps_its_exact_rate_and_needs_no_times(tmp_path, encode, rate, container):
    codec = "mpeg4" if container == "avi" else "libx264"
    film = probe(encode(tmp_path / f"film.{container}", 12, rate=rate, codec=codec))
    assert film.times is None
    assert film.fps == pytest.approx(float(rate), rel=1e-4)
    if container != "mkv":  # a Matroska clock ticks in milliseconds
        assert film.fps == float(rate)
    assert film.n_frames == 12


def test_a_variable_clock_gives_each_frame_its_own_time(tmp_path, encode, numbers):
    ticks = np.cumsum([0, *np.random.default_rng(3).integers(1350, 4700, 29)]).tolist()
    film = probe(encode(tmp_path / "film.mp4", 30, ticks=ticks, tick=Fraction(1, 90_000)))
    np.testing.assert_allclose(film.times, np.array(ticks) / 90_000, atol=1e-9)
    assert film.fps == pytest.approx(29 / (ticks[-1] / 90_000))
    frames = list(read(film))
    assert numbers(frames) == list(range(30))
    assert [f.time for f in frames] == film.times.tolist()


def test_one_dropped_frame_makes_the_clock_variable(tmp_path, encode):
    ticks = [i + (i >= 5) for i in range(12)]
    film = probe(encode(tmp_path / "film.mp4", 12, ticks=ticks))
    np.testing.assert_allclose(film.times, np.array(ticks) / 30)


def test_times_count_from_the_first_frame_though_the_film_starts_late(tmp_path, encode, numbers):
    film = probe(encode(tmp_path / "film.ts", 20, ticks=list(range(50, 70))))
    assert film.times is None
    frames = list(read(film))
    assert frames[0].time == 0
    assert frames[3].time == pytest.approx(0.1)
    assert numbers(frames) == list(range(20))


def test_frames_that_an_edit_list_hides_are_not_counted(tmp_path, encode, numbers):
    path = encode(tmp_path / "film.mp4", 20)
    data = bytearray(path.read_bytes())
    at = data.index(b"elst") + 16  # the box's version, flags, number of entries and duration come before
    shown_from = int.from_bytes(data[at : at + 4], "big") + 4 * 512  # in ticks of 1/15360 s
    data[at : at + 4] = shown_from.to_bytes(4, "big")
    path.write_bytes(data)
    film = probe(path)
    stream = read(film)
    assert numbers(stream) == list(range(4, 20))
    assert (film.n_frames, film.declared_frames, stream.broke_at) == (16, 16, None)
    assert numbers(read(film, start=5, stop=7)) == [9, 10]


def test_dropped_frames_of_an_avi_are_gaps_and_no_damage(tmp_path, encode):
    film = probe(encode(tmp_path / "film.avi", 5, rate=25, ticks=[0, 1, 5, 6, 7], codec="mjpeg", pix_fmt="yuvj420p"))
    np.testing.assert_allclose(film.times, [0, 0.04, 0.2, 0.24, 0.28])
    stream = read(film)
    assert len(list(stream)) == 5
    assert stream.broke_at is None


def test_a_film_without_times_is_counted_at_its_rate(tmp_path, encode, numbers):
    film = probe(encode(tmp_path / "film.h264", 20, rate=50))
    assert (film.fps, film.n_frames, film.times) == (50.0, 20, None)
    frames = list(read(film, start=3, stop=9))
    assert numbers(frames) == list(range(3, 9))
    assert frames[0].time == pytest.approx(3 / 50)


def test_a_rate_given_by_hand_moves_times_and_not_numbers(tmp_path, encode, numbers):
    from dataclasses import replace

    film = replace(probe(encode(tmp_path / "film.mp4", 20, rate=25)), fps=200.0)
    frames = list(read(film, start=8, stop=12))
    assert numbers(frames) == [8, 9, 10, 11]
    assert frames[0].time == pytest.approx(8 / 200)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(-500, 500), min_size=1, max_size=30))
def test_times_always_ascend_and_distinct_ones_are_kept(ticks):
    ticks = np.sort(np.array(ticks))
    times = seconds_from_first(ticks, Fraction(1, 100))
    assert times[0] == 0
    assert (np.diff(times) > 0).all()
    firsts = np.unique(ticks, return_index=True)[1]
    np.testing.assert_allclose(times[firsts], (ticks[firsts] - ticks[0]) / 100, atol=1e-12)


def test_a_clock_that_drifts_from_the_declared_rate_is_uniform_at_its_own():
    times = np.arange(3000) / 29.5
    rate, kept = rate_and_times(times, Fraction(1, 90_000), [Fraction(30)])
    assert kept is None
    assert rate == pytest.approx(29.5)


def test_a_film_of_one_frame_has_the_declared_rate_or_the_default():
    assert rate_and_times(np.zeros(1), Fraction(1, 1000), [None, Fraction(24)]) == (24.0, None)
    assert rate_and_times(np.zeros(1), Fraction(1, 1000), [None, Fraction(0)]) == (25.0, None)
