"""Tone: what is done to pixels before anything is measured on them."""

from __future__ import annotations

import numpy as np
import pytest

from micromask.imaging.tone import blur_measure, equalise, normalise_light, resize, to_grey


def waves(size=96, contrast=60.0):
    y, x = np.mgrid[0:size, 0:size].astype(float)
    return 120 + contrast * np.sin(x / 3) * np.cos(y / 4)


def as_picture(values):
    return np.clip(np.round(values), 0, 255).astype(np.uint8)


def test_grey_weighs_red_green_and_blue_as_the_eye_does():
    colours = np.zeros((1, 4, 3), np.uint8)
    colours[0, 0, 0] = colours[0, 1, 1] = colours[0, 2, 2] = 200
    colours[0, 3] = 200
    assert to_grey(colours)[0].tolist() == [60, 117, 23, 200]


def test_grey_stays_what_it_is():
    picture = as_picture(waves())
    assert to_grey(picture) is picture


@pytest.mark.parametrize("bad", [np.zeros((4, 4, 4), np.uint8), np.zeros((4, 4)), np.zeros(4, np.uint8)])
def test_what_is_no_picture_is_refused(bad):
    with pytest.raises(ValueError, match="picture"):
        to_grey(bad)


def test_equalising_lifts_a_dull_picture_and_more_so_with_a_higher_clip():
    dull = as_picture(waves(512, contrast=8))
    mild, strong = equalise(dull, clip=1.5), equalise(dull, clip=8)
    assert mild.shape == dull.shape
    assert dull.std() < mild.std() < strong.std()


@pytest.mark.parametrize(("clip", "tiles"), [(0, 8), (2, 0)])
def test_equalising_with_nothing_is_refused(clip, tiles):
    with pytest.raises(ValueError, match="clip and tiles must be positive"):
        equalise(as_picture(waves()), clip, tiles)


def test_a_picture_keeps_its_proportions_when_its_longest_side_is_given():
    assert resize(np.zeros((120, 40), np.uint8), longest=60).shape == (60, 20)
    assert resize(np.zeros((40, 120, 3), np.uint8), longest=240).shape == (80, 240, 3)
    assert resize(np.zeros((4, 1000), np.uint8), longest=10).shape == (1, 10)


def test_shrinking_averages_and_does_not_pick():
    board = np.tile(np.array([[0, 200], [200, 0]], np.uint8), (16, 16))
    assert (resize(board, (8, 8)) == 100).all()


def test_a_picture_of_the_right_size_comes_back_as_it_is():
    picture = as_picture(waves())
    assert resize(picture, (96, 96)) is picture


@pytest.mark.parametrize("asked", [{}, {"size": (4, 4), "longest": 4}, {"size": (0, 4)}, {"longest": 0}])
def test_a_size_that_makes_no_sense_is_refused(asked):
    with pytest.raises(ValueError, match=r"either size or longest|at least 1 px"):
        resize(np.zeros((8, 8), np.uint8), **asked)


@pytest.mark.parametrize(
    "light",
    [
        pytest.param(lambda x: 0.7, id="dimmed"),
        pytest.param(lambda x: 0.6 + 0.5 * x, id="from the side"),
    ],
)
def test_a_change_of_light_hardly_changes_the_normalised_picture(light):
    scene = waves()
    x = np.tile(np.linspace(0, 1, 96), (96, 1))
    before, after = as_picture(scene), as_picture(scene * light(x))
    changed = np.abs(before.astype(float) - after).mean()
    left = np.abs(normalise_light(before).astype(float) - normalise_light(after)).mean()
    assert changed > 15
    assert left < 0.15 * changed


def test_adding_the_same_light_everywhere_changes_nothing():
    scene = as_picture(waves(contrast=40))
    assert np.abs(normalise_light(scene).astype(int) - normalise_light(scene + np.uint8(30))).max() <= 1


def test_normalised_light_is_middle_grey_with_the_same_contrast_everywhere():
    y, x = np.mgrid[0:96, 0:96]
    scene = as_picture(128 + np.where(x < 48, 90, 30) * np.sin(x * 1.3) * np.cos(y * 1.1))
    made = normalise_light(scene).astype(float)
    assert made.mean() == pytest.approx(128, abs=2)
    assert made[:, :32].std() / made[:, 64:].std() == pytest.approx(1, abs=0.25)


def test_a_flat_region_stays_nearly_flat_though_it_has_noise():
    rng = np.random.default_rng(0)
    made = normalise_light(as_picture(100 + rng.normal(0, 1, (96, 96))))
    assert made.std() < 6


def test_small_and_odd_pictures_are_normalised_too():
    assert normalise_light(as_picture(waves(7))).shape == (7, 7)
    assert normalise_light(np.zeros((31, 130), np.uint8)).shape == (31, 130)


def test_normalising_refuses_colour_and_a_neighbourhood_of_nothing():
    with pytest.raises(ValueError, match=r"grey picture \(H, W\), got \(8, 8, 3\)"):
        normalise_light(np.zeros((8, 8, 3), np.uint8))
    with pytest.raises(ValueError, match="sigma must be positive"):
        normalise_light(np.zeros((8, 8), np.uint8), sigma=0)


def test_blur_measure_falls_as_a_picture_is_blurred():
    sharp = as_picture(waves())
    kernel = np.ones(5) / 5
    blurred = as_picture(np.apply_along_axis(np.convolve, 1, sharp.astype(float), kernel, "same"))
    assert blur_measure(sharp) > 1.5 * blur_measure(blurred[:, 4:-4]) > 0


def test_blur_measure_is_the_variance_of_the_second_difference():
    picture = np.zeros((9, 9), np.uint8)
    picture[4, 4] = 10  # its Laplacian is -40 once, 10 four times, 0 elsewhere, mean 0
    assert blur_measure(picture) == pytest.approx((40**2 + 4 * 10**2) / 81)
