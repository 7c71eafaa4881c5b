from __future__ import annotations

import numpy as np
import pytest

from micromask.faces.align import aligned_landmarks
from micromask.faces.regions import (
    EXPRESSIVE,
    EYES,
    ORBIT,
    PARTS,
    REGIONS,
    SPOT_NAMES,
    region_masks,
    spot_weights,
    steady_weights,
)


def centre(mask: np.ndarray) -> np.ndarray:
    y, x = np.mgrid[0 : mask.shape[0], 0 : mask.shape[1]]
    return np.array([(mask * x).sum(), (mask * y).sum()]) / mask.sum()


def test_left_is_the_persons_left_and_so_on_the_right_of_the_picture() -> None:
    masks = region_masks()
    for name in ("brow", "cheek", "mouth", "eye"):
        assert centre(masks[f"{name}_left"])[0] > 64 > centre(masks[f"{name}_right"])[0]


def test_regions_lie_in_the_order_of_a_face() -> None:
    masks = region_masks()
    heights = [centre(masks[n])[1] for n in ("brow_left", "eye_left", "nose", "lip_upper", "lip_lower", "chin")]
    assert heights == sorted(heights)


def test_brows_and_eyes_share_no_pixel() -> None:
    masks = region_masks()
    for side in ("left", "right"):
        assert not (masks[f"brow_{side}"] * masks[f"eye_{side}"]).any()


@pytest.mark.parametrize("size", [64, 128, 256])
def test_every_region_has_spots_that_average_to_one_inside_it(size: int) -> None:
    weights = spot_weights(size=size)
    assert weights.shape == (len(SPOT_NAMES), size * size)
    assert set(SPOT_NAMES) - set(ORBIT) == set(REGIONS) == set(EXPRESSIVE) | set(EYES)
    np.testing.assert_allclose(weights.sum(1), 1, rtol=1e-5)


def test_a_spot_that_a_turned_head_brings_to_the_edge_is_silent() -> None:
    turned = aligned_landmarks().copy()
    turned[10:17, 0] = turned[25:27, 0].mean()
    silent = {SPOT_NAMES[i] for i in np.flatnonzero(spot_weights(turned).sum(1) == 0)}
    assert "brow_left" in silent
    assert not any(name.endswith("_right") for name in silent)


def test_a_spot_over_its_own_landmark_reads_what_happens_there() -> None:
    weights, points = spot_weights(), aligned_landmarks()
    picture = np.zeros((128, 128), dtype=np.float32)
    x, y = points[48].round().astype(int)
    picture[y - 4 : y + 5, x - 4 : x + 5] = 1
    read = weights @ picture.ravel()
    assert {SPOT_NAMES[i] for i in np.argsort(read)[-1:]} == {"mouth_right"}
    assert read[[i for i, name in enumerate(SPOT_NAMES) if name.startswith("brow")]].max() == 0


@pytest.mark.parametrize(
    ("part", "landmark"),
    [("mouth_corner", 48), ("inner_brow", 21), ("outer_brow", 18), ("eye_corner", 36), ("lower_lid", 41)],
)
def test_a_part_is_read_where_its_landmark_lies_on_its_own_side(part: str, landmark: int) -> None:
    weights, points = spot_weights(), aligned_landmarks()
    y, x = np.mgrid[0:128, 0:128]
    for side, mirror in (("right", 1), ("left", -1)):
        (first, *_) = PARTS[f"{part}_{side}"]
        spot = weights[[first]].toarray().reshape(128, 128)
        place = np.array([(spot * x).sum(), (spot * y).sum()])
        wanted = points[landmark] if mirror == 1 else [128 - points[landmark][0], points[landmark][1]]
        assert np.linalg.norm(place - wanted) < 0.25 * 48
        assert SPOT_NAMES[first].endswith(side)


def test_the_skull_is_steadier_than_the_mouth_and_nothing_off_the_face_counts() -> None:
    weights, points = steady_weights(), aligned_landmarks()

    def at(index: int) -> float:
        x, y = points[index].round().astype(int)
        return float(weights[y, x])

    assert at(29) == 1
    assert max(at(48), at(57), at(19), at(24)) < 0.1
    assert weights[0, 0] == weights[127, 0] == weights[127, 127] == 0
