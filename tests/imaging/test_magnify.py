"""Magnification: a movement within the bound grows by 1 + alpha; what stands still stays as it was."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.signal import butter

from micromask.imaging.magnify import Magnification, Magnifier, magnify, two_poles

FPS = 30.0
SIZE = 64
WAVE = 16.0


def swaying(frames, amplitude, hertz=2.0, colour=False):
    """A pattern of waves 16 px long that sways to the side by ``amplitude`` px."""
    t = np.arange(frames)[:, None, None] / FPS
    x = np.arange(SIZE)[None, None, :]
    moved = x - amplitude * np.sin(2 * np.pi * hertz * t)
    film = np.broadcast_to(128 + 60 * np.sin(2 * np.pi * moved / WAVE), (frames, SIZE, SIZE))
    film = np.round(film).astype(np.uint8)
    return np.repeat(film[..., None], 3, axis=-1) if colour else film


def sway(film, hertz=2.0):
    """Amplitude in px with which a film's pattern sways at that frequency, from the phase of its waves."""
    rows = film.reshape(len(film), SIZE, SIZE, -1)[..., 0].astype(float)[:, 16:48, 16:48].mean(1) - 128
    x = np.arange(16, 48)
    phase = np.unwrap(np.angle((rows * np.exp(-2j * np.pi * x / WAVE)).sum(1)))
    place = -phase * WAVE / (2 * np.pi)
    t = np.arange(len(film)) / FPS
    return 2 * np.abs(((place - place.mean()) * np.exp(-2j * np.pi * hertz * t)).mean())


@pytest.mark.parametrize("alpha", [3.0, 6.0, 10.0])
def test_a_sub_pixel_movement_grows_by_one_plus_alpha(alpha):
    film = swaying(60, 0.1)
    assert sway(film) == pytest.approx(0.1, rel=0.05)
    made = magnify(film, FPS, Magnification(alpha, band=(1, 3), wavelength=4))
    assert sway(made) == pytest.approx((1 + alpha) * 0.1, rel=0.12)


def test_the_streaming_filter_grows_it_too_once_it_has_settled():
    film = swaying(180, 0.1)
    made = magnify(film, FPS, Magnification(8, band=(1, 4), wavelength=4), temporal="iir")
    assert sway(made[60:]) == pytest.approx(0.9, rel=0.15)


@pytest.mark.parametrize("temporal", ["ideal", "iir"])
def test_a_movement_outside_the_band_is_left_alone(temporal):
    film = swaying(120, 0.2, hertz=0.25)
    made = magnify(film, FPS, Magnification(10, band=(4, 8), wavelength=4), temporal=temporal)
    assert sway(made[30:], 0.25) < 1.3 * sway(film[30:], 0.25)


@pytest.mark.parametrize("temporal", ["ideal", "iir"])
@pytest.mark.parametrize("colour", [False, True])
def test_a_film_that_stands_still_comes_back_as_it_was(temporal, colour):
    rng = np.random.default_rng(0)
    still = rng.integers(0, 256, (1, 40, 56, 3) if colour else (1, 40, 56)).astype(np.uint8)
    film = np.repeat(still, 20, axis=0)
    made = magnify(film, FPS, temporal=temporal)
    assert made.dtype == np.uint8
    np.testing.assert_array_equal(made, film)


def test_alpha_of_nought_changes_nothing():
    film = swaying(20, 0.3)
    np.testing.assert_array_equal(magnify(film, FPS, Magnification(alpha=0)), film)


def test_a_flicker_of_the_whole_light_is_not_magnified():
    t = np.arange(60)
    film = np.broadcast_to((128 + 5 * np.sin(2 * np.pi * 2 * t / FPS))[:, None, None], (60, 64, 64))
    film = np.round(film).astype(np.uint8)
    made = magnify(film, FPS, Magnification(20, band=(1, 3)))
    assert np.abs(made.astype(int) - film).max() <= 1


def test_patterns_finer_than_the_wavelength_get_less_than_alpha():
    wanted = Magnification(alpha=10, wavelength=24)
    factors = [wanted.at(level) for level in range(5)]
    assert factors == pytest.approx([11 * 3 / 24 - 1, 11 * 6 / 24 - 1, 11 * 12 / 24 - 1, 10, 10])


def test_brightness_of_a_colour_film_moves_like_that_of_a_grey_one_and_its_grey_stays_grey():
    film = swaying(60, 0.1, colour=True)
    made = magnify(film, FPS, Magnification(6, band=(1, 3), wavelength=4))
    assert sway(made) == pytest.approx(0.7, rel=0.12)
    assert np.ptp(made.astype(int), axis=-1).max() <= 1


def test_frame_by_frame_and_whole_film_agree_and_the_state_does_not_grow():
    film = swaying(40, 0.2)
    wanted = Magnification(5, band=(1, 5))
    magnifier = Magnifier(FPS, wanted)
    np.testing.assert_array_equal(np.stack([magnifier.step(f) for f in film]), magnify(film, FPS, wanted, "iir"))
    kept = sum(part.nbytes for pair in magnifier._state for part in pair)
    assert kept < 2 * 4 * SIZE * SIZE * 1.4


@pytest.mark.parametrize(("low", "high", "fps"), [(0.5, 8, 30), (1, 3, 25), (2, 60, 200), (0.4, 0.6, 15)])
def test_the_two_poles_are_butterworth(low, high, fps):
    b, a = butter(1, (low, high), "bandpass", fs=fps)
    found = two_poles(low, high, fps)
    np.testing.assert_allclose(found[0], b, atol=1e-12)
    np.testing.assert_allclose(found[1], a, atol=1e-12)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: Magnification(alpha=-1), "alpha >= 0"),
        (lambda: Magnification(band=(3, 1)), "two rising frequencies"),
        (lambda: Magnification(band=(0, 1)), "above 0 Hz"),
        (lambda: Magnifier(0), "fps must be positive"),
        (lambda: Magnifier(10, Magnification(band=(6, 8))), "shows nothing above 5 Hz; the band begins at 6 Hz"),
        (lambda: magnify(np.zeros((4, 16, 16)), 30), "uint8"),
        (lambda: magnify(np.zeros((16, 16), np.uint8), 30), r"a film is \(T, H, W\)"),
        (lambda: magnify(np.zeros((4, 4, 4), np.uint8), 30), "at least 8 px"),
        (lambda: magnify(np.zeros((4, 16, 16), np.uint8), 30, temporal="fir"), "known: ideal, iir"),
    ],
)
def test_what_cannot_be_magnified_is_refused(call, words):
    with pytest.raises(ValueError, match=words):
        call()


def test_a_film_may_not_change_its_size():
    magnifier = Magnifier(30)
    magnifier.step(np.zeros((16, 16), np.uint8))
    with pytest.raises(ValueError, match=r"began with frames of \(16, 16\), got \(16, 20\)"):
        magnifier.step(np.zeros((16, 20), np.uint8))
