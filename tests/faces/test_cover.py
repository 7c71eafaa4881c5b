"""What is covered of a face is constant, what is kept is untouched, however the face stands."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from micromask.core.errors import BadInputError
from micromask.datasets.synthetic import HeadMove, Script, landmarks_px, render
from micromask.faces.align import aligned_landmarks, apply, face_transform, warp_face
from micromask.faces.cover import BLANK, cover, kept_mask
from micromask.faces.detect import landmarks68

SCRIPT = Script(1 / 30, 30, size=240, noise=0)
MARKS = landmarks_px(SCRIPT).astype(np.float64)
EYES_AND_BROWS, LIPS = [*range(17, 27), *range(36, 48)], [*range(48, 68), 7, 8, 9]


def portrait() -> np.ndarray:
    return next(iter(render(SCRIPT)))


def turned(degrees: float, about: tuple[float, float] = (120, 120), size: float = 0.8) -> np.ndarray:
    return cv2.getRotationMatrix2D(about, degrees, size)


def around(mask: np.ndarray, points: np.ndarray, reach: int = 2) -> np.ndarray:
    """The pixels of a mask within some px of points."""
    near = np.zeros(mask.shape, np.uint8)
    for x, y in points.round().astype(int):
        cv2.circle(near, (int(x), int(y)), reach, 1, -1)
    return mask[near.astype(bool)]


@pytest.mark.parametrize("degrees", [0, 25, -40, 170])
def test_the_mouth_is_constant_and_eyes_and_brows_are_untouched_bit_for_bit_however_the_face_is_rolled(degrees):
    way = turned(degrees)
    picture, marks = cv2.warpAffine(portrait(), way, (240, 240)), apply(way, MARKS)
    shown = cover(picture, "no-mouth", marks)
    hull = np.zeros((240, 240), np.uint8)
    cv2.fillConvexPoly(hull, cv2.convexHull(marks[48:60].round().astype(np.int32)), 1)
    assert (shown[hull.astype(bool)] == BLANK).all()
    kept = kept_mask("no-mouth", marks, (240, 240))
    assert around(kept, marks[EYES_AND_BROWS]).all()
    np.testing.assert_array_equal(shown[kept], picture[kept])


@pytest.mark.parametrize("degrees", [0, 25, -40])
def test_of_an_upper_face_nothing_but_eyes_and_brows_is_left(degrees):
    way = turned(degrees)
    picture, marks = cv2.warpAffine(portrait(), way, (240, 240)), apply(way, MARKS)
    shown, kept = cover(picture, "upper-face", marks), kept_mask("upper-face", marks, (240, 240))
    assert around(kept, marks[EYES_AND_BROWS], 0).all()
    assert not around(kept, marks[[*LIPS, 31, 33, 35]]).any()
    assert 0.02 < kept.mean() < 0.2
    assert (shown[~kept] == BLANK).all()
    np.testing.assert_array_equal(shown[kept], picture[kept])


@pytest.mark.parametrize("move", [("yaw", 18.0), ("yaw", -18.0), ("pitch", 14.0), ("pitch", -14.0), ("zoom", 0.2)])
def test_boxes_follow_the_landmarks_of_a_head_that_has_turned(move):
    kind, amount = move
    head = (HeadMove(kind, -2, -1, amount, there_and_back=False),)
    picture = next(iter(render(replace(SCRIPT, head=head))))
    (x0, y0), (x1, y1) = MARKS.min(0), MARKS.max(0)
    marks = landmarks68(picture, (x0, y0 - 5, x1, y1 + 5), 2)
    no_mouth, upper = (kept_mask(each, marks, (240, 240)) for each in ("no-mouth", "upper-face"))
    assert not around(no_mouth, marks[48:68], 1).any()
    assert around(no_mouth, marks[EYES_AND_BROWS], 1).all()
    assert around(upper, marks[EYES_AND_BROWS], 0).all()
    assert not around(upper, marks[48:68], 1).any()


def test_grey_and_colour_are_covered_alike_and_the_whole_face_is_left_as_it_is():
    picture = portrait()
    grey = np.ascontiguousarray(picture[..., 1])
    np.testing.assert_array_equal(cover(grey, "no-mouth", MARKS), cover(picture, "no-mouth", MARKS)[..., 1])
    np.testing.assert_array_equal(cover(picture, "whole", MARKS), picture)


def test_a_crop_of_a_face_is_covered_where_the_picture_is():
    to_aligned = face_transform(MARKS)
    first = warp_face(cover(portrait(), "no-mouth", MARKS), to_aligned)
    second = cover(warp_face(portrait(), to_aligned), "no-mouth", apply(to_aligned, MARKS))
    assert np.mean(np.abs(first.astype(int) - second) > 8) < 0.02  # the rim of the box alone


def test_a_smile_at_its_widest_stays_covered():
    wide = aligned_landmarks().copy()
    wide[[48, 60], 0] -= 0.15 * 48
    wide[[54, 64], 0] += 0.15 * 48
    kept = kept_mask("no-mouth", aligned_landmarks(), (128, 128))
    assert not around(kept, wide[48:68]).any()


def test_an_unknown_region_is_refused_with_those_that_are_known():
    with pytest.raises(BadInputError, match="no region 'mouth': it is whole, upper-face, no-mouth"):
        kept_mask("mouth", MARKS, (240, 240))
