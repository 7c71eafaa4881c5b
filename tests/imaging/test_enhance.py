"""Faces made easier to see: only what is needed is done, and it brings the face nearer to the good picture of it."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from micromask.datasets.synthetic import Script, landmarks_px, render
from micromask.faces.align import aligned_landmarks, apply, face_transform
from micromask.imaging.enhance import enhance_face, noise_level
from micromask.imaging.tone import to_grey

SCRIPT = Script(0.5, 20, size=480, noise=0.0)
FACE = next(iter(render(SCRIPT)))
MARKS = landmarks_px(SCRIPT)


def words(steps: tuple[str, ...]) -> str:
    return " | ".join(steps)


@pytest.mark.parametrize("sigma", [0.0, 4.0, 12.0])
def test_noise_is_measured_as_it_was_added(sigma: float) -> None:
    plain = np.full((160, 160), 120.0)
    plain[:, 80:] = 180  # an edge is no noise
    noisy = np.clip(np.rint(plain + np.random.default_rng(1).normal(0, sigma, plain.shape)), 0, 255).astype(np.uint8)
    assert noise_level(noisy) == pytest.approx(sigma, abs=0.1 * sigma + 0.2)


def test_a_good_face_is_cut_out_and_neither_smoothed_nor_relit() -> None:
    good = enhance_face(FACE, MARKS)
    assert good.picture.shape == (256, 256, 3)
    assert not any(word in words(good.steps) for word in ("noise", "brightened", "contrast", "enlarged"))
    eyes = apply(good.to_picture, MARKS)[36:48]
    np.testing.assert_allclose(eyes.mean(axis=0), aligned_landmarks(256)[36:48].mean(axis=0), atol=4)


def test_a_noisy_face_comes_nearer_to_what_it_was_without_noise() -> None:
    noisy = np.clip(FACE + np.random.default_rng(2).normal(0, 18, FACE.shape), 0, 255).astype(np.uint8)
    made = enhance_face(noisy, MARKS)
    assert "smoothed" in words(made.steps)
    onto = face_transform(MARKS, 256)
    clean, before = (cv2.warpAffine(one, onto, (256, 256), borderMode=cv2.BORDER_REPLICATE) for one in (FACE, noisy))
    far = [float(np.abs(each.astype(float) - clean).mean()) for each in (before, made.picture)]
    assert far[1] < 0.7 * far[0]


def test_a_dark_face_becomes_as_light_as_a_face_and_keeps_its_colours() -> None:
    dark = (FACE * np.array([0.2, 0.15, 0.1])).astype(np.uint8)
    made = enhance_face(dark, MARKS)
    assert "brightened" in words(made.steps)
    inner = made.picture[60:220, 60:200].reshape(-1, 3).astype(float)
    assert 90 < np.median(to_grey(made.picture)[60:220, 60:200]) < 150
    red, green, blue = inner.mean(axis=0)
    assert red > green > blue


def test_a_small_face_is_enlarged_and_a_black_picture_stays_black() -> None:
    small = cv2.resize(FACE, (96, 96), interpolation=cv2.INTER_AREA)
    made = enhance_face(small, (MARKS + 0.5) / 5 - 0.5)
    (enlarged,) = (step for step in made.steps if step.startswith("enlarged"))
    wanted = float(np.sqrt(np.linalg.det(face_transform((MARKS + 0.5) / 5 - 0.5, 256)[:, :2])))
    assert enlarged == f"enlarged {wanted:.1f} times"
    assert enhance_face(np.zeros_like(FACE), MARKS).picture.max() == 0


def test_a_face_at_the_edge_and_one_of_thousands_of_pixels_are_cut_out_too() -> None:
    half = FACE[:, :200]
    assert enhance_face(half, MARKS).picture.shape == (256, 256, 3)
    large = cv2.resize(FACE, (2880, 2880), interpolation=cv2.INTER_CUBIC)
    far = enhance_face(large, (MARKS + 0.5) * 6 - 0.5).picture.astype(float)
    assert np.abs(far - enhance_face(FACE, MARKS).picture).mean() < 8
