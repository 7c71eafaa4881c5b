"""Every flow method, whatever its name: the same signs, the same unit, errors small against what moved."""

from __future__ import annotations

import threading

import numpy as np
import pytest

from micromask.core.errors import BadInputError
from micromask.motion.flow import SMALLEST, flow, flow_methods

SIZE = 128
MARGIN = 10


def texture(x, y):
    """Brightness at any point, px: sixty waves of 7 to 40 px in all directions, exact between the pixels."""
    rng = np.random.default_rng(5)
    total = np.zeros(np.shape(x))
    for _ in range(60):
        length, angle, phase = rng.uniform(7, 40), rng.uniform(0, 2 * np.pi), rng.uniform(0, 2 * np.pi)
        wave = 2 * np.pi / length
        total += np.sqrt(length) * np.cos(wave * (np.cos(angle) * x + np.sin(angle) * y) + phase)
    return np.clip(128 + 1.4 * total, 0, 255)


def moved_pair(linear, shift=(0.0, 0.0)):
    """A picture, the same after its content moved by linear @ (x, y) + shift (px from the centre), and the flow."""
    y, x = np.mgrid[0:SIZE, 0:SIZE] - (SIZE - 1) / 2
    grid = np.stack([x, y])
    move = np.asarray(linear, dtype=float)
    offset = np.reshape(shift, (2, 1, 1))
    truth = np.einsum("ij,jhw->ihw", move, grid) + offset
    back = np.einsum("ij,jhw->ihw", np.linalg.inv(np.eye(2) + move), grid - offset)
    first = np.round(texture(*grid)).astype(np.uint8)
    second = np.round(texture(*back)).astype(np.uint8)
    return first, second, truth


def inner(field):
    return field[..., MARGIN:-MARGIN, MARGIN:-MARGIN]


MOTIONS = {
    "rest": (np.zeros((2, 2)), (0.0, 0.0)),
    "drift right": (np.zeros((2, 2)), (1.5, 0.0)),
    "drift left and down": (np.zeros((2, 2)), (-0.7, 1.2)),
    "a tenth of a pixel up": (np.zeros((2, 2)), (0.0, -0.1)),
    "clockwise rotation": ([[0.0, -0.02], [0.02, 0.0]], (0.0, 0.0)),
    "swelling": ([[0.02, 0.0], [0.0, 0.02]], (0.0, 0.0)),
    "shear": ([[0.0, 0.03], [0.0, 0.0]], (0.0, 0.0)),
}


@pytest.mark.parametrize("name", list(flow_methods))
@pytest.mark.parametrize("motion", list(MOTIONS))
def test_flow_is_where_the_content_went_right_and_down_in_pixels(name, motion):
    first, second, truth = moved_pair(*MOTIONS[motion])
    found = flow_methods[name]()(first, second)
    assert found.shape == (2, SIZE, SIZE)
    assert found.dtype == np.float32
    assert found.flags.c_contiguous
    error = np.sqrt(((inner(found) - inner(truth)) ** 2).sum(0))
    assert error.mean() < 0.07
    assert np.quantile(error, 0.99) < 0.2


@pytest.mark.parametrize("name", list(flow_methods))
def test_a_picture_that_does_not_change_has_no_flow_even_at_its_border(name):
    first, _, _ = moved_pair(np.zeros((2, 2)))
    assert np.abs(flow_methods[name]()(first, first)).max() < 1e-3


@pytest.mark.parametrize("name", list(flow_methods))
def test_a_small_local_bump_is_found_where_it_is_and_is_flattened_by_less_than_half(name):
    y, x = np.mgrid[0:SIZE, 0:SIZE].astype(float)
    bump = 1.5 * np.exp(-((x - 40) ** 2 + (y - 84) ** 2) / (2 * 10**2))
    back = x.copy()
    for _ in range(30):  # where the content at (x, y) came from, by fixed point: back + bump(back) = x
        back = x - 1.5 * np.exp(-((back - 40) ** 2 + (y - 84) ** 2) / (2 * 10**2))
    first, second = (np.round(texture(each, y)).astype(np.uint8) for each in (x, back))
    u, v = flow_methods[name]()(first, second)
    assert 0.75 < u[84, 40] < 1.65
    assert np.sqrt((u - bump) ** 2 + v**2).mean() < 0.06
    row, column = np.unravel_index(u.argmax(), u.shape)
    assert abs(row - 84) <= 6
    assert abs(column - 40) <= 6


@pytest.mark.parametrize("name", list(flow_methods))
def test_the_same_method_gives_the_same_answer_again_and_in_other_threads(name):
    method = flow_methods[name]()
    first, second, _ = moved_pair(*MOTIONS["shear"])
    expected = method(first, second)
    method(second, first)
    np.testing.assert_array_equal(method(first, second), expected)
    answers = [None] * 4

    def work(k):
        for _ in range(3):
            answers[k] = method(first, second)

    threads = [threading.Thread(target=work, args=(k,)) for k in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for answer in answers:
        np.testing.assert_array_equal(answer, expected)


@pytest.mark.parametrize("name", list(flow_methods))
@pytest.mark.parametrize("shape", [(SMALLEST, SMALLEST), (SMALLEST, 401), (63, 33)])
def test_small_and_narrow_pictures_are_measured(name, shape):
    y, x = np.mgrid[0 : shape[0], 0 : shape[1]]
    first, second = (np.round(texture(x - dx, y)).astype(np.uint8) for dx in (0.0, 0.5))
    u, v = flow_methods[name]()(first, second)
    assert np.median(u) == pytest.approx(0.5, abs=0.1)
    assert np.median(v) == pytest.approx(0, abs=0.1)


@pytest.mark.parametrize("name", list(flow_methods))
def test_views_that_are_not_contiguous_are_measured_like_copies(name):
    first, second, _ = moved_pair(*MOTIONS["drift right"])
    method = flow_methods[name]()
    np.testing.assert_array_equal(
        method(first[::2, ::2], second[::2, ::2]), method(first[::2, ::2].copy(), second[::2, ::2].copy())
    )


@pytest.mark.parametrize("name", list(flow_methods))
@pytest.mark.parametrize(
    ("first", "second", "words"),
    [
        (np.zeros((64, 64), np.uint8), np.zeros((64, 60), np.uint8), r"one size, got \(64, 64\) and \(64, 60\)"),
        (np.zeros((64, 64, 3), np.uint8), np.zeros((64, 64, 3), np.uint8), r"grey pictures"),
        (np.zeros((64, 64), np.float32), np.zeros((64, 64), np.uint8), "uint8 pictures, got float32"),
        (np.zeros((16, 64), np.uint8), np.zeros((16, 64), np.uint8), r"at least 32 x 32 px, got \(16, 64\)"),
    ],
    ids=["sizes differ", "colour", "float", "too small"],
)
def test_what_cannot_be_measured_is_refused_with_its_shape(name, first, second, words):
    with pytest.raises(ValueError, match=words):
        flow_methods[name]()(first, second)


def test_the_three_methods_are_known_by_name_and_a_miss_gets_a_hint():
    assert {"tvl1", "dis", "farneback"} <= set(flow_methods)
    with pytest.raises(BadInputError, match="did you mean 'tvl1'"):
        flow(np.zeros((32, 32), np.uint8), np.zeros((32, 32), np.uint8), method="tvl")
