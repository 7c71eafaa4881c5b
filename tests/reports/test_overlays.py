"""Motion over a film: opacity is size, hue is direction, strain is told by lightness."""

from __future__ import annotations

import numpy as np

from micromask.reports.overlays import LEAST_STRAIN, flow_overlay, heat, strain_overlay, strain_scale
from micromask.reports.pictures import OPACITY, direction_colour

FULL = round(255 * OPACITY)


def test_flow_is_as_opaque_as_it_is_large_and_as_coloured_as_it_is_directed() -> None:
    flow = np.zeros((2, 1, 4))
    flow[:, 0, 1] = 1.5, 0  # half of full colour, to the right
    flow[:, 0, 2] = 0, 3  # full, down
    flow[:, 0, 3] = 0, -30  # beyond
    drawn = flow_overlay(flow, 3.0)[0]
    assert drawn[:, 3].tolist() == [0, round(255 * OPACITY / 2), FULL, FULL]
    for place, angle in ((1, 0.0), (2, np.pi / 2), (3, -np.pi / 2)):
        np.testing.assert_allclose(drawn[place, :3], 255 * direction_colour(np.array(angle)), atol=0.5)


def test_nothing_is_drawn_beside_the_face_or_where_motion_is_not_known() -> None:
    flow = np.full((2, 2, 2), 5.0)
    flow[0, 1, 1] = np.nan
    flow[1, 1, 1] = np.nan
    face = np.array([[1.0, 0.0], [0.5, 1.0]])
    assert flow_overlay(flow, 1.0, face)[..., 3].tolist() == [[FULL, 0], [round(FULL / 2), 0]]
    assert strain_overlay(np.full((2, 2), 0.1), 0.1, face)[..., 3].tolist() == [[FULL, 0], [round(FULL / 2), FULL]]


def test_the_colours_of_strain_rise_in_lightness() -> None:
    colours = heat(np.linspace(0, 1, 11))
    luminance = colours**2.2 @ [0.2126, 0.7152, 0.0722]
    assert (np.diff(luminance) > 0).all()
    assert luminance[0] < 0.01
    assert luminance[-1] > 0.8


def test_one_pixel_does_not_set_the_scale_and_noise_stays_pale() -> None:
    strain = np.full((20, 20), 0.05)
    strain[3, 3] = 40
    assert strain_scale(strain) == 0.05
    assert strain_scale(np.full((20, 20), 0.001)) == LEAST_STRAIN
    assert strain_scale(np.full((2, 2), np.nan)) == LEAST_STRAIN
