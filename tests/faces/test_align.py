from __future__ import annotations

import cv2
import numpy as np
import pytest

from micromask.faces.align import (
    FRONTAL_FACE,
    aligned_landmarks,
    apply,
    compose,
    face_transform,
    invert,
    scale_of,
    similarity,
    warp_face,
)


def turned(degrees: float, scale: float, x: float, y: float) -> np.ndarray:
    a = np.deg2rad(degrees)
    return np.array([[scale * np.cos(a), -scale * np.sin(a), x], [scale * np.sin(a), scale * np.cos(a), y]])


def test_a_face_anywhere_at_any_size_and_roll_comes_to_the_same_place() -> None:
    for place in (turned(0, 40, 100, 80), turned(20, 90, 300, 200), turned(-35, 15, 50, 50)):
        landmarks = apply(place, FRONTAL_FACE)
        np.testing.assert_allclose(apply(face_transform(landmarks), landmarks), aligned_landmarks(), atol=1e-9)


def test_a_smile_and_a_blink_do_not_move_the_alignment() -> None:
    landmarks = apply(turned(5, 60, 200, 150), FRONTAL_FACE)
    smiling = landmarks.copy()
    smiling[48] += [-6, -5]
    smiling[54] += [6, -5]
    smiling[[37, 38, 43, 44]] += [0, 5]
    np.testing.assert_allclose(face_transform(smiling), face_transform(landmarks))


def test_similarity_undone_and_composed_is_the_identity() -> None:
    transform = turned(33, 2.5, -7, 4)
    np.testing.assert_allclose(compose(invert(transform), transform), [[1, 0, 0], [0, 1, 0]], atol=1e-12)
    assert scale_of(transform) == pytest.approx(2.5)
    points = np.random.default_rng(0).normal(size=(9, 2))
    np.testing.assert_allclose(similarity(points, apply(transform, points)), transform, atol=1e-9)


@pytest.mark.parametrize("zoom", [0.5, 1.0, 3.0, 8.5])
def test_warping_puts_a_mark_where_the_transform_says_at_every_size(zoom: float) -> None:
    image = np.zeros((int(400 * zoom), int(500 * zoom)), dtype=np.uint8)
    mark = np.array([220.0, 160.0]) * zoom
    cv2.circle(image, (int(mark[0]), int(mark[1])), max(2, int(6 * zoom)), 255, -1, cv2.LINE_AA)
    to_aligned = compose(turned(0, 0.5, -20, -10), turned(0, 1 / zoom, 0, 0))
    seen = warp_face(image, to_aligned).astype(float)
    y, x = np.mgrid[0:128, 0:128]
    centre = np.array([(seen * x).sum(), (seen * y).sum()]) / seen.sum()
    np.testing.assert_allclose(centre, apply(to_aligned, np.floor(mark)), atol=0.35)


def test_a_face_outside_the_picture_is_no_crash() -> None:
    image = np.full((50, 50), 9, dtype=np.uint8)
    assert warp_face(image, turned(0, 0.1, 900, 900)).shape == (128, 128)
    assert warp_face(image, turned(0, 2.0, -900, -900)).shape == (128, 128)


def test_wrong_shapes_are_refused_with_the_right_ones() -> None:
    with pytest.raises(ValueError, match=r"68 points \(68, 2\)"):
        face_transform(np.zeros((5, 2)))
    with pytest.raises(ValueError, match="N >= 2"):
        similarity(np.zeros((1, 2)), np.zeros((1, 2)))
