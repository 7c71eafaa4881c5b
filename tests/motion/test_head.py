"""Head motion is what a turning solid does; it is taken away, and what the skin does by itself stays."""

from __future__ import annotations

import time

import numpy as np
import pytest

from micromask.motion.head import HeadModel, face_depth, fit_head_motion, head_field, remove_head_motion

SIZE = 128
EYES_Y, EYE_DISTANCE = 40.0, 48.0
Y, X = np.mgrid[0:SIZE, 0:SIZE].astype(float)


def solid_head(nose: bool):
    """Centred coordinates (3, H, W) in px of the visible surface of an ellipsoid head, and where it is seen well.

    Its proportions are not those of the model: 1.2 by 1.8 by 1.5 distances between the eyes, centred at the eyes.
    """
    x, y = X - SIZE / 2, Y - EYES_Y
    a, b, c = 1.2 * EYE_DISTANCE, 1.8 * EYE_DISTANCE, 1.5 * EYE_DISTANCE
    inside = 1 - (x / a) ** 2 - (y / b) ** 2
    z = c * np.sqrt(np.clip(inside, 0, None))
    if nose:
        z = z + 16 * np.exp(-((x / 9) ** 2) / 2 - ((y - 24) / 12) ** 2 / 2)
    return np.stack([x, y, z]), inside > 0.25


def seen_motion(points, yaw=0.0, pitch=0.0, roll=0.0, zoom=1.0, shift=(0.0, 0.0)):
    """Flow (2, H, W) px of a solid turned about its centre by radians, seen by a camera ten of its depths away."""
    (cy, sy), (cp, sp), (cr, sr) = ((np.cos(t), np.sin(t)) for t in (yaw, pitch, roll))
    turn = (
        np.array([[cr, -sr, 0], [sr, cr, 0], [0, 0, 1]])
        @ np.array([[1, 0, 0], [0, cp, sp], [0, -sp, cp]])
        @ np.array([[cy, 0, sy], [0, 1, 0], [-sy, 0, cy]])
    )
    camera = 10 * 1.5 * EYE_DISTANCE

    def project(p):
        return p[:2] * camera / (camera - p[2])

    turned = np.einsum("ij,jhw->ihw", turn, points)
    return zoom * project(turned) - project(points) + np.reshape(shift, (2, 1, 1))


def rms(field, where):
    return float(np.sqrt((field[:, where] ** 2).sum(0).mean()))


MOVES = {
    "drift": {"shift": (2.5, -1.5)},
    "roll": {"roll": 0.04},
    "nearer": {"zoom": 1.04},
    "yaw": {"yaw": 0.04},
    "pitch": {"pitch": -0.04},
    "all at once": {"shift": (-1.0, 2.0), "roll": -0.02, "zoom": 0.98, "yaw": -0.03, "pitch": 0.03},
}


@pytest.mark.parametrize("move", list(MOVES))
@pytest.mark.parametrize("nose", [False, True], ids=["egg", "with a nose"])
def test_what_a_solid_head_does_is_removed_to_a_twentieth(move, nose):
    points, face = solid_head(nose)
    flow = seen_motion(points, **MOVES[move]).astype(np.float32)
    depth = face_depth((SIZE, SIZE), eyes_y=EYES_Y, eye_distance=EYE_DISTANCE)
    rest, motion = remove_head_motion(flow, face.astype(float), depth)
    assert rest.dtype == np.float32
    assert rms(rest, face) < 0.05 * rms(flow, face)
    assert motion.magnitude == pytest.approx(rms(flow, face), rel=0.1)


def test_yaw_shows_as_parallax_to_the_side_and_pitch_as_parallax_downwards():
    points, face = solid_head(nose=True)
    depth = face_depth((SIZE, SIZE), eyes_y=EYES_Y, eye_distance=EYE_DISTANCE)
    model = HeadModel((SIZE, SIZE), face.astype(float), depth)
    to_the_right = model.fit(seen_motion(points, yaw=0.04)).parallax
    downwards = model.fit(seen_motion(points, pitch=0.04)).parallax
    deepest = points[2].max() * 0.04
    assert to_the_right[0] == pytest.approx(deepest, rel=0.35)
    assert abs(to_the_right[1]) < 0.1 * deepest
    assert downwards[1] == pytest.approx(deepest, rel=0.35)
    assert abs(downwards[0]) < 0.1 * deepest


@pytest.mark.parametrize("move", ["drift", "roll", "nearer", "yaw", "pitch"])
@pytest.mark.parametrize("centre", [(40, 92), (64, 100), (88, 30)], ids=["cheek", "chin", "brow"])
def test_a_region_that_moves_by_itself_keeps_its_motion_while_the_head_moves_by_three_pixels(move, centre):
    points, face = solid_head(nose=True)
    head = seen_motion(points, **MOVES[move])
    head *= 3 / rms(head, face)
    # A smooth bump, 1 px at its top, that covers 15 per cent of the face and is nought beyond.
    radius = np.sqrt(0.15 * face.sum() / np.pi)
    away = np.hypot(X - centre[0], Y - centre[1]) / radius
    bump = np.where(away < 1, 0.5 + 0.5 * np.cos(np.pi * away), 0)
    own = np.stack([0.6 * bump, -0.8 * bump])
    depth = face_depth((SIZE, SIZE), eyes_y=EYES_Y, eye_distance=EYE_DISTANCE)
    rest, _ = remove_head_motion((head + own).astype(np.float32), face.astype(float), depth)
    along = 0.6 * rest[0] - 0.8 * rest[1]
    assert along[face].max() > 0.85


def test_pixels_without_weight_have_no_say():
    weights = np.ones((64, 64))
    weights[:, 32:] = 0
    flow = np.zeros((2, 64, 64), np.float32)
    flow[0, :, :32] = 1
    flow[:, :, 32:] = 1e6
    motion = fit_head_motion(flow, weights)
    np.testing.assert_allclose(motion.affine, [[1, 0, 1], [0, 1, 0]], atol=1e-6)


def test_the_affine_part_takes_each_pixel_to_its_new_place():
    angle = 0.02
    turned = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    places = np.stack([X, Y])
    flow = np.einsum("ij,jhw->ihw", turned, places) + np.array([3.0, -2.0]).reshape(2, 1, 1) - places
    motion = fit_head_motion(flow, np.ones((SIZE, SIZE)))
    np.testing.assert_allclose(motion.affine[:, :2], turned, atol=1e-6)
    np.testing.assert_allclose(motion.affine[:, 2], [3, -2], atol=1e-4)
    np.testing.assert_allclose(head_field(motion, (SIZE, SIZE)), flow, atol=1e-4)


def test_noise_on_every_pixel_moves_the_fit_by_little_and_is_reported_as_scatter():
    rng = np.random.default_rng(2)
    flow = rng.normal(0, 0.2, (2, SIZE, SIZE))
    flow[0] += 1
    motion = fit_head_motion(flow, np.ones((SIZE, SIZE)), face_depth((SIZE, SIZE)))
    assert motion.scatter == pytest.approx(0.2, rel=0.15)
    error = head_field(motion, (SIZE, SIZE), face_depth((SIZE, SIZE))) - np.array([1.0, 0.0]).reshape(2, 1, 1)
    assert rms(error, np.ones((SIZE, SIZE), bool)) < 0.04


def test_a_flow_at_rest_is_no_motion():
    motion = fit_head_motion(np.zeros((2, 64, 64), np.float32), np.ones((64, 64)), face_depth((64, 64)))
    np.testing.assert_allclose(motion.affine, np.eye(2, 3), atol=1e-12)
    assert motion.magnitude == 0
    assert not motion.parallax.any()


def test_quadratic_terms_take_what_a_bent_field_leaves():
    x, y = (X - 63.5) / 64, (Y - 63.5) / 64
    flow = np.stack([0.8 * x * x - 0.5 * x * y, 0.6 * y * y])
    weights = np.ones((SIZE, SIZE))
    plain = HeadModel((SIZE, SIZE), weights)
    bent = HeadModel((SIZE, SIZE), weights, quadratic=True)
    motion = bent.fit(flow)
    np.testing.assert_allclose(motion.quadratic, [[0.8, -0.5, 0], [0, 0, 0.6]], atol=1e-5)
    everywhere = np.ones((SIZE, SIZE), bool)
    assert rms(flow - head_field(motion, (SIZE, SIZE)), everywhere) < 1e-4
    assert rms(flow - head_field(plain.fit(flow), (SIZE, SIZE)), everywhere) > 0.1


def test_a_depth_that_is_constant_is_no_obstacle():
    motion = fit_head_motion(np.ones((2, 64, 64)), np.ones((64, 64)), np.full((64, 64), 0.5))
    np.testing.assert_allclose(head_field(motion, (64, 64), np.full((64, 64), 0.5)), 1, atol=1e-4)


def test_the_face_is_nearest_at_the_tip_of_the_nose_and_falls_away_to_its_outline():
    depth = face_depth((200, 160), eyes_y=60, eye_distance=50, centre_x=80)
    row, column = np.unravel_index(depth.argmax(), depth.shape)
    assert depth.max() == 1
    assert depth.min() == 0
    assert column == 80
    assert 60 < row < 60 + 0.8 * 50
    np.testing.assert_allclose(depth[:, 81:150], depth[:, 79:10:-1], atol=1e-6)
    assert (np.diff(depth[75, 80:140]) <= 0).all()
    assert (depth[:, [0, -1]] == 0).all()


def test_a_fit_of_one_face_takes_less_than_a_millisecond():
    points, face = solid_head(nose=True)
    model = HeadModel((SIZE, SIZE), face.astype(float), face_depth((SIZE, SIZE)), step=4)
    flow = seen_motion(points, yaw=0.03).astype(np.float32)
    best = np.inf
    for _ in range(30):
        begin = time.perf_counter()
        model.fit(flow)
        best = min(best, time.perf_counter() - begin)
    assert best < 1e-3


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: HeadModel((64, 64), np.ones((64, 60))), r"weights and depth must be \(64, 64\), got \(64, 60\)"),
        (lambda: HeadModel((64, 64), np.ones((64, 64)), np.ones((4, 4))), r"got \(64, 64\) and \(4, 4\)"),
        (lambda: HeadModel((64, 64), np.zeros((64, 64))), "0 pixels with weight are too few"),
        (lambda: HeadModel((64, 64), -np.ones((64, 64))), "weights must be 0 or more"),
        (lambda: HeadModel((64, 64), np.ones((64, 64))).fit(np.zeros((64, 64, 2))), r"flow must be \(2, 64, 64\)"),
        (lambda: HeadModel((64, 64), np.ones((64, 64))).fit(np.full((2, 64, 64), np.nan)), "not finite"),
        (lambda: face_depth((64, 64), eye_distance=0), "must be positive, got 0"),
    ],
    ids=["weights", "depth", "no weight", "negative", "order of axes", "not finite", "no eyes"],
)
def test_what_cannot_be_fitted_is_refused(call, words):
    with pytest.raises(ValueError, match=words):
        call()


def test_a_motion_is_drawn_only_on_the_face_and_depth_it_was_fitted_with():
    depth = face_depth((64, 64))
    motion = fit_head_motion(np.stack([depth, depth]), np.ones((64, 64)), depth)
    with pytest.raises(ValueError, match="give the depth"):
        head_field(motion, (64, 64))
    with pytest.raises(ValueError, match=r"fitted on \(64, 64\), got \(32, 32\)"):
        head_field(motion, (32, 32), depth)
