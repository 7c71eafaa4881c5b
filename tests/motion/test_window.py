"""Of a map of the upper face nothing of the lower face is left."""

from __future__ import annotations

import numpy as np
import pytest

from micromask.core.errors import BadInputError
from micromask.faces.align import aligned_landmarks
from micromask.faces.cover import kept_mask
from micromask.motion.window import FLOW_SIZE, cover_map, kept_rows, map_window, window_map

KEPT = kept_mask("upper-face", aligned_landmarks(FLOW_SIZE), (FLOW_SIZE, FLOW_SIZE))


def flow(seed: int, brows: float = 1.0, mouth: float = 1.0) -> np.ndarray:
    """Smooth motion: the brows up, the mouth in a way of its own."""
    y, x = np.mgrid[0:FLOW_SIZE, 0:FLOW_SIZE] / FLOW_SIZE
    rng = np.random.default_rng(seed)
    up = -brows * np.exp(-(((y - 0.2) / 0.08) ** 2) - ((x - 0.5) / 0.3) ** 2)
    aside, down = rng.uniform(-3, 3, 2)
    lips = mouth * np.exp(-(((y - 0.65) / 0.1) ** 2) - ((x - 0.5) / 0.2) ** 2)
    return np.stack([aside * lips + 0.6 * up * (x - 0.4), up + down * lips]).astype(np.float32)


def test_a_map_of_the_upper_face_is_the_same_whatever_the_mouth_does():
    rng = np.random.default_rng(0)
    maps = []
    for seed in range(3):
        moved = flow(seed, mouth=0.0)
        moved[:, ~KEPT] = rng.uniform(-9, 9, (2, int((~KEPT).sum())))
        maps.append(window_map(moved, KEPT))
    np.testing.assert_array_equal(maps[0], maps[1])
    np.testing.assert_array_equal(maps[0], maps[2])
    assert window_map(flow(0)).tolist() != window_map(flow(1)).tolist()


def test_a_map_of_the_upper_face_shows_the_brows_and_rests_below_the_eyes():
    made = window_map(flow(1), KEPT).astype(int)
    below = made[14:]
    assert all(np.ptp(below[..., channel]) == 0 for channel in range(3))
    assert made[..., 1].min() == 0  # the brows went up
    assert np.argmin(made[..., 1]) // 28 < 9
    assert below[0, 0, 2] == 0  # no strain


def test_a_whole_map_is_what_it_was():
    everything = np.ones((FLOW_SIZE, FLOW_SIZE), bool)
    np.testing.assert_array_equal(window_map(flow(3), everything), window_map(flow(3)))


@pytest.mark.parametrize("region", ["upper-face", "no-mouth"])
def test_covered_rows_of_a_ready_map_are_at_rest_and_leave_no_trace(region):
    rows = kept_rows(region)
    first, second = (window_map(flow(seed, brows=2.0)) for seed in (4, 5))
    second[:rows] = first[:rows]
    assert first.tolist() != second.tolist()
    made = cover_map(first, region)
    np.testing.assert_array_equal(made, cover_map(second, region))
    assert (made.shape, made.dtype) == ((28, 28, 3), np.uint8)
    assert all(np.ptp(made[rows:, :, channel]) == 0 for channel in range(3))
    assert (made[rows:, :, 2] == 0).all()
    for channel in range(3):
        assert (made[..., channel].min(), made[..., channel].max()) == (0, 255)


def test_kept_rows_are_stretched_and_not_otherwise_changed():
    made, first = cover_map(window_map(flow(6)), "upper-face"), window_map(flow(6))
    rows = kept_rows("upper-face")
    for channel in range(3):
        assert np.corrcoef(made[:rows, :, channel].ravel(), first[:rows, :, channel].ravel())[0, 1] > 0.999


def test_rows_of_a_ready_map_end_below_the_lids_and_above_the_lips():
    points, (window, _) = aligned_landmarks(FLOW_SIZE), map_window()
    upper, above_lips = (
        window.start + kept_rows(each) / 28 * (window.stop - window.start) for each in ("upper-face", "no-mouth")
    )
    assert points[[40, 41, 46, 47], 1].max() < upper < points[30, 1] < above_lips < points[48:68, 1].min()


def test_an_unknown_region_is_refused():
    with pytest.raises(BadInputError, match="no region 'brows'"):
        cover_map(window_map(flow(0)), "brows")
