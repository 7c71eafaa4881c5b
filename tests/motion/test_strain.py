"""Strain sees that skin is deformed, not that it moves."""

from __future__ import annotations

import numpy as np
import pytest

from micromask.motion.strain import optical_strain

Y, X = np.mgrid[-8:8, -10:10].astype("float32")


@pytest.mark.parametrize(
    ("u", "v", "expected"),
    [
        pytest.param(4 + 0 * X, -2 + 0 * X, 0.0, id="drift"),
        pytest.param(-0.02 * Y, 0.02 * X, 0.0, id="small rotation"),
        pytest.param(0.02 * X, 0 * X, 0.02, id="stretched sideways"),
        pytest.param(0 * X, -0.02 * Y, 0.02, id="squeezed from above"),
        pytest.param(0.02 * X, 0.02 * Y, 0.02 * 2**0.5, id="swelling"),
        pytest.param(0.02 * X, -0.02 * Y, 0.02 * 2**0.5, id="stretched and squeezed at once"),
        pytest.param(0.02 * Y, 0.02 * X, 0.02 * 2**0.5, id="pure shear"),
        pytest.param(0.02 * Y, 0 * X, 0.02 / 2**0.5, id="simple shear, half of it rotation"),
    ],
)
def test_strain_is_that_of_the_text_book_everywhere_also_at_the_border(u, v, expected):
    found = optical_strain(np.stack([u, v]))
    assert found.shape == X.shape
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, expected, atol=1e-6)


def test_strain_does_not_depend_on_how_the_picture_is_turned():
    flow = np.stack([0.03 * X + 0.01 * Y, 0.02 * X - 0.05 * Y])
    quarter = np.stack([np.rot90(flow[1]), -np.rot90(flow[0])])
    np.testing.assert_allclose(optical_strain(quarter), np.rot90(optical_strain(flow)), atol=1e-6)


def test_strain_grows_with_the_movement_and_not_with_its_sign():
    rng = np.random.default_rng(0)
    flow = rng.normal(size=(2, 12, 9))
    np.testing.assert_allclose(optical_strain(-3 * flow), 3 * optical_strain(flow), rtol=1e-5)


@pytest.mark.parametrize("shape", [(4, 4, 2), (2, 4), (3, 4, 4), (2, 1, 4), (2, 4, 1)])
def test_other_shapes_are_refused_by_name(shape):
    with pytest.raises(ValueError, match=r"flow must be \(2, H, W\) with H, W >= 2, got \("):
        optical_strain(np.zeros(shape))
