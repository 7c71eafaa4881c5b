"""Sampling: which frames are taken, and films brought to another number of frames."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.linalg import eigh

from micromask.imaging.sample import around_apex, each_seconds, interpolate_frames, per_second


@pytest.mark.parametrize("fps", [7.5, 24000 / 1001, 25, 30, 200])
def test_the_thirtieth_frame_taken_each_half_second_is_the_fifteenth_second(fps):
    times = np.arange(int(20 * fps)) / fps
    taken = each_seconds(times, 0.5)
    assert len(taken) == 39  # the 40th would be the 20th second, at which the film is over
    assert times[taken[29]] == pytest.approx(15, abs=0.5 / fps)


def test_from_nought_the_first_frame_is_taken_too():
    times = np.arange(100) / 10
    assert each_seconds(times, 2.5, start=0).tolist() == [0, 25, 50, 75]


def test_a_film_of_variable_rate_is_sampled_by_its_times():
    times = np.array([0.0, 0.02, 0.4, 0.52, 0.6, 0.97, 1.4, 1.49, 1.7])
    assert each_seconds(times, 0.5).tolist() == [3, 5, 7]


def test_nothing_is_taken_twice_or_from_within_a_gap():
    times = np.array([0.0, 0.1, 0.3, 3.0, 3.1])
    assert each_seconds(times, 0.5).tolist() == [2, 3]
    assert each_seconds(times, 0.01, start=0).tolist() == [0, 1, 2, 3, 4]


def test_a_film_shorter_than_the_step_gives_no_frame():
    assert each_seconds(np.arange(5) / 30, 0.5).tolist() == []
    assert each_seconds(np.array([0.0]), 0.5).tolist() == []
    assert each_seconds(np.array([0.0]), 0.5, start=0).tolist() == [0]


@given(st.floats(1, 240), st.floats(0.01, 3), st.integers(1, 400))
@settings(max_examples=60, deadline=None)
def test_frames_taken_ascend_and_lie_about_one_step_apart(fps, seconds, n):
    times = np.arange(n) / fps
    taken = each_seconds(times, seconds, start=0)
    assert taken[0] == 0
    assert (np.diff(taken) > 0).all()
    if len(taken) > 1:
        gap = max(seconds, 1 / fps)
        assert np.abs(np.diff(times[taken]) - gap).max() <= max(seconds, 1 / fps) + 1e-9


def test_k_per_second_are_k_in_each_second():
    times = np.arange(600) / 200
    taken = per_second(times, 10)
    assert len(taken) == 30
    assert np.bincount(times[taken].astype(int)).tolist() == [10, 10, 10]
    assert per_second(np.arange(9) / 5, 60).tolist() == list(range(9))


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: each_seconds(np.array([0.0, 0.0]), 1), "ascend"),
        (lambda: each_seconds(np.zeros((2, 2)), 1), r"\(T,\)"),
        (lambda: each_seconds(np.arange(3.0), 0), "seconds must be positive"),
        (lambda: per_second(np.arange(3.0), 0), "must be positive"),
        (lambda: around_apex(10, 10, 2), "apex 10 is not in a film of 10 frames"),
        (lambda: around_apex(10, 5, -1), "n must be 0 or more"),
        (lambda: interpolate_frames(np.zeros((0, 4, 4)), 3), "at least one frame"),
        (lambda: interpolate_frames(np.zeros((2, 4, 4)), 0), "at least one frame must be wanted"),
        (lambda: interpolate_frames(np.zeros((2, 4, 4)), 3, method="cubic"), "known: linear, tim"),
    ],
)
def test_what_cannot_be_sampled_is_refused(call, words):
    with pytest.raises(ValueError, match=words):
        call()


@given(st.integers(1, 300), st.integers(0, 40), st.integers(1, 9), st.data())
@settings(max_examples=60, deadline=None)
def test_as_many_frames_are_taken_before_the_apex_as_after(n_frames, n, step, data):
    apex = data.draw(st.integers(0, n_frames - 1))
    taken = around_apex(n_frames, apex, n, step=step)
    assert taken[len(taken) // 2] == apex
    np.testing.assert_array_equal(taken + taken[::-1], 2 * apex)
    assert 0 <= taken[0] <= taken[-1] < n_frames
    sides = len(taken) // 2
    assert sides == n or taken[0] < step or taken[-1] >= n_frames - step


def film(t=9, seed=0):
    rng = np.random.default_rng(seed)
    return rng.normal(100, 30, (t, 6, 5))


def graph_embedding(frames, n):
    """The published model step by step: graph, eigenvectors, linear map to them, its inverse."""
    t = len(frames)
    mean = frames.reshape(t, -1).mean(0)
    x = (frames.reshape(t, -1) - mean).T
    joined = np.diag(np.ones(t - 1), 1) + np.diag(np.ones(t - 1), -1)
    laplacian = np.diag(joined.sum(0)) - joined
    basis, size, _ = np.linalg.svd(x, full_matrices=False)
    basis, q = basis[:, : t - 1], (basis[:, : t - 1].T @ x)
    assert size[t - 2] > 1e-6
    _, w = eigh(q @ laplacian @ q.T, q @ q.T)
    y = w.T @ q  # rows: what the frames are on each axis of the curve
    k, i = np.arange(1, t)[:, None], np.arange(1, t + 1)[None, :]
    curve = np.sin(np.pi * k * i / t + np.pi * (t - k) / (2 * t))
    scale = (y * curve).sum(1) / (curve**2).sum(1)
    np.testing.assert_allclose(y, scale[:, None] * curve, atol=1e-8)
    at = np.linspace(1 / t, 1, n)[None, :]
    places = scale[:, None] * np.sin(np.pi * k * at + np.pi * (t - k) / (2 * t))
    return (basis @ np.linalg.solve(w.T, places)).T.reshape(n, *frames.shape[1:]) + mean.reshape(frames.shape[1:])


@pytest.mark.parametrize("n", [4, 9, 10, 31])
def test_tim_is_the_published_graph_embedding(n):
    np.testing.assert_allclose(interpolate_frames(film(), n, method="tim"), graph_embedding(film(), n), atol=1e-7)


@pytest.mark.parametrize("method", ["linear", "tim"])
def test_as_many_frames_as_there_are_come_back_as_they_were(method):
    np.testing.assert_allclose(interpolate_frames(film(), 9, method=method), film(), atol=1e-9)


@pytest.mark.parametrize("method", ["linear", "tim"])
@pytest.mark.parametrize("n", [2, 5, 17])
def test_a_film_begins_and_ends_where_it_did_and_passes_through_its_frames(method, n):
    made = interpolate_frames(film(), n, method=method)
    assert made.shape == (n, 6, 5)
    np.testing.assert_allclose(made[[0, -1]], film()[[0, -1]], atol=1e-9)
    if n == 17:
        np.testing.assert_allclose(made[::2], film(), atol=1e-9)


def test_linear_interpolation_blends_the_two_frames_beside():
    made = interpolate_frames(film(), 17)
    np.testing.assert_allclose(made[1::2], (film()[1:] + film()[:-1]) / 2)


def test_tim_is_truer_than_blending_to_a_smooth_movement():
    def pixel(t):
        return 100 + 50 * np.cos(np.pi * (t + 0.5) / 8)

    known = pixel(np.arange(8.0))[:, None, None]
    true = pixel(np.linspace(0, 7, 29))
    blended, smooth = (interpolate_frames(known, 29, method=m).ravel() for m in ("linear", "tim"))
    assert np.abs(smooth - true).max() < 1e-9
    assert np.abs(blended - true).max() > 0.5


@pytest.mark.parametrize("method", ["linear", "tim"])
def test_colour_films_of_bytes_stay_so_and_within_their_range(method):
    rng = np.random.default_rng(3)
    frames = rng.choice([0, 255], (7, 4, 4, 3)).astype(np.uint8)
    made = interpolate_frames(frames, 20, method=method)
    assert made.dtype == np.uint8
    assert made.shape == (20, 4, 4, 3)
    np.testing.assert_array_equal(interpolate_frames(frames, 13, method=method)[::2], frames)


@pytest.mark.parametrize("method", ["linear", "tim"])
def test_a_film_of_one_frame_or_of_equal_frames_stands_still(method):
    assert (interpolate_frames(np.full((1, 3, 3), 7, np.uint8), 4, method=method) == 7).all()
    np.testing.assert_allclose(interpolate_frames(np.full((5, 3, 3), 7.0), 8, method=method), 7)
