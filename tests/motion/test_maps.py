"""Motion maps: the same flow, seen small, each channel in its own range, as the published maps are."""

from __future__ import annotations

import csv

import cv2
import numpy as np
import pytest

from micromask.core.errors import BadInputError
from micromask.motion.maps import encode_map, motion_map
from micromask.motion.strain import optical_strain


def test_each_channel_runs_from_its_own_smallest_to_its_own_largest():
    y, x = np.mgrid[0:84, 0:84].astype(float)
    made = encode_map(np.stack([0.01 * x, 5 - 3 * y]), x * y)
    assert made.shape == (28, 28, 3)
    assert made.dtype == np.uint8
    assert (made.reshape(-1, 3).min(0) == 0).all()
    assert (made.reshape(-1, 3).max(0) == 255).all()
    assert (np.diff(made[14, :, 0].astype(int)) > 0).all()
    assert (np.diff(made[:, 14, 1].astype(int)) < 0).all()
    assert (made[14, :, 1] == made[14, 0, 1]).all()


def test_a_map_of_another_proportion_is_shrunk_by_averages():
    strain = np.zeros((56, 112))
    strain[0:2, 0:4] = 1  # exactly the first cell of 28 x 28
    strain[2:4, 4:8] = [[1, 0, 0, 1], [0, 0, 0, 0]]  # a quarter of the second row's second
    made = encode_map(np.zeros((2, 56, 112)), strain)[..., 2]
    assert made[0, 0] == 255
    assert made[1, 1] == 64
    assert made.sum() == 255 + 64


def test_a_channel_that_is_constant_is_nought():
    made = encode_map(np.full((2, 40, 40), -3.0), np.zeros((40, 40)))
    assert not made.any()


def test_a_map_smaller_than_wanted_is_enlarged_smoothly():
    ramp = np.tile(np.arange(10.0), (10, 1))
    row = encode_map(np.stack([ramp, ramp.T]), ramp)[14, :, 0].astype(int)
    assert (np.diff(row) >= 0).all()
    assert np.diff(row).max() < 20


@pytest.mark.parametrize(
    ("flow", "strain", "words"),
    [
        (np.zeros((2, 8, 8)), np.zeros((8, 9)), r"got \(2, 8, 8\) and \(8, 9\)"),
        (np.zeros((8, 8, 2)), np.zeros((8, 8)), r"flow must be \(2, H, W\)"),
        (np.full((2, 8, 8), np.nan), np.zeros((8, 8)), "not finite"),
    ],
)
def test_a_motion_that_cannot_be_drawn_is_refused(flow, strain, words):
    with pytest.raises(ValueError, match=words):
        encode_map(flow, strain)


def test_a_motion_map_holds_flow_and_its_strain_and_the_frames_it_is_of():
    rng = np.random.default_rng(1)
    first = cv2.GaussianBlur(rng.integers(0, 256, (64, 64)).astype(np.float32), (0, 0), 2)
    first = np.round((first - first.min()) * (255 / np.ptp(first))).astype(np.uint8)
    second = np.roll(first, 1, axis=1)
    made = motion_map(first, second, "dis", from_frame=7, to_frame=19)
    assert (made.from_frame, made.to_frame, made.method) == (7, 19, "dis")
    assert np.median(made.flow[0]) == pytest.approx(1, abs=0.1)
    np.testing.assert_array_equal(made.strain, optical_strain(made.flow))
    with pytest.raises(BadInputError, match="no flow method 'disk'; did you mean 'dis'"):
        motion_map(first, second, "disk")


@pytest.fixture(scope="module")
def published(shared):
    folder = shared / "data" / "megc-flow"
    with (folder / "manifest.csv").open() as file:
        rows = list(csv.DictReader(file))
    maps = np.stack([cv2.imread(str(folder / row["file"]))[..., ::-1] for row in rows]).astype(float)
    return maps, np.array([row["emotion"] for row in rows])


@pytest.mark.shared
def test_the_published_maps_were_stretched_after_they_were_shrunk(published):
    maps, _ = published
    assert (maps.min((1, 2)) == 0).all()
    assert (maps.max((1, 2)) == 255).all()
    assert np.median((maps == 255).sum((1, 2))) == 1


@pytest.mark.shared
def test_the_published_strain_was_taken_before_shrinking(published):
    """Strain of a map's own (u, v), at the best ratio of their scales, would else be its third channel."""
    maps, _ = published
    best = []
    for u, v, strain in maps[::6].transpose(0, 3, 1, 2):
        ratios = np.exp(np.linspace(-2.5, 2.5, 41))
        likeness = [np.corrcoef(optical_strain(np.stack([u, r * v])).ravel(), strain.ravel())[0, 1] for r in ratios]
        best.append(max(likeness))
    assert 0.8 < np.median(best) < 0.95


@pytest.mark.shared
def test_the_published_maps_have_u_to_the_right_and_v_downwards(published):
    """A smile draws the corners of the mouth apart, surprise lifts the brows."""
    maps, emotion = published
    flow = maps[..., :2] - np.median(maps[..., :2], axis=(1, 2), keepdims=True)
    smile = flow[emotion == "positive"].mean(0) - flow[emotion != "positive"].mean(0)
    mouth = slice(15, 21)
    assert smile[mouth, 3:9, 0].mean() < -5
    assert smile[mouth, 19:25, 0].mean() > 5
    surprise = flow[emotion == "surprise"].mean(0) - flow[emotion != "surprise"].mean(0)
    assert surprise[0:5, :, 1].mean() < -5
