from __future__ import annotations

import numpy as np
import pytest
import torch

from micromask.faces.align import aligned_landmarks
from micromask.models.classical.face_regions import ACTION_UNITS, ORIENTATIONS, REGIONS, SIDE, Region, UnitAppearance

LANDMARKS = {  # of the 68 points, what each box has to hold
    "brows": range(17, 27),
    "eyes": range(36, 48),
    "nose": range(29, 36),
    "mouth": range(48, 68),
    "chin": (8,),
}


@pytest.mark.parametrize("region", LANDMARKS)
def test_a_box_holds_its_part_of_an_aligned_face(region):
    (left, right, top, bottom), _ = REGIONS[region]
    points = aligned_landmarks(1)[list(LANDMARKS[region])]
    assert np.all((points > (left, top)) & (points < (right, bottom)))


def test_a_cheek_lies_below_its_eye_and_beside_the_nose():
    points = aligned_landmarks(1)
    for region, eye, wing in (("cheek_right", 41, 31), ("cheek_left", 46, 35)):
        (left, right, top, bottom), _ = REGIONS[region]
        assert top > points[eye][1]
        assert bottom < points[48][1] < REGIONS["mouth"][0][3]
        assert left < points[eye][0] < right
        assert not left < points[wing][0] < right


def test_every_region_says_which_action_units_show_in_it():
    assert list(ACTION_UNITS) == list(REGIONS)
    assert set().union(*ACTION_UNITS.values()) == {1, 2, 4, 5, 6, 7, 9, 10, 12, 14, 15, 17, 20, 23, 24, 25, 26}


def numbers_of(region: str, vector: torch.Tensor) -> torch.Tensor:
    """The part of one vector that is a region's, by orientation and cell."""
    lengths = [ORIENTATIONS * rows * columns for _, (rows, columns) in REGIONS.values()]
    part = vector.split(lengths)[list(REGIONS).index(region)]
    return part.reshape(ORIENTATIONS, -1)


def test_a_face_that_grows_brighter_to_the_right_has_gradients_to_the_right_alone():
    ramp = torch.arange(SIDE).expand(1, 1, SIDE, SIDE) / SIDE
    (vector,) = UnitAppearance(SIDE, SIDE)(ramp)
    found = numbers_of("mouth", vector)
    assert not found[1:7].any()
    # Of two orientations and 18 cells each has the same; the length is 1 but for the least gradient, 0.01.
    step = 1 / SIDE / 2
    torch.testing.assert_close(found[[0, 7]], torch.full((2, 18), step / (36 * step**2 + 1e-4) ** 0.5))


def test_what_changes_in_one_region_changes_that_region_alone():
    faces = torch.rand((1, 1, 128, 128), generator=torch.Generator().manual_seed(0)).repeat(2, 1, 1, 1)
    faces[1, 0, 108:120, 50:78] = 0.5  # well inside the chin's box
    one, other = UnitAppearance(128, 128)(faces)
    for region in REGIONS:
        assert torch.equal(numbers_of(region, one), numbers_of(region, other)) == (region != "chin")


def test_a_flat_face_gives_zeros_and_a_faint_one_stays_near_them():
    units = UnitAppearance(64, 64)
    assert not units(torch.full((1, 3, 64, 64), 0.4)).any()
    noise = torch.rand((1, 1, 64, 64), generator=torch.Generator().manual_seed(1))
    assert units(noise).square().sum() > 6.9  # of 7 regions
    assert units(0.4 + noise / 1000).square().sum() < 0.01


def test_grey_colour_and_size_make_no_difference():
    grey = torch.rand((2, 1, 64, 64), generator=torch.Generator().manual_seed(2))
    expected = UnitAppearance(64, 64)(grey)
    torch.testing.assert_close(UnitAppearance(64, 64)(grey.expand(-1, 3, -1, -1)), expected)
    large = grey.repeat_interleave(3, dim=2).repeat_interleave(2, dim=3)
    torch.testing.assert_close(UnitAppearance(192, 128)(large), expected)


def test_a_region_of_one_cell_is_the_mean_over_its_box():
    planes = torch.rand((1, ORIENTATIONS, SIDE, SIDE), generator=torch.Generator().manual_seed(3))
    mean = planes[..., 16:32, 32:64].mean((2, 3))
    found = Region((0.5, 1.0, 0.25, 0.5), (1, 1))(planes)
    torch.testing.assert_close(found, mean / (mean.square().sum() + 1e-4).sqrt())
