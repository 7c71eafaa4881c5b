from __future__ import annotations

from base64 import b64decode

import cv2
import numpy as np
import pytest

from micromask.core.types import MotionMap, Pictures
from micromask.reports.pictures import (
    LEAST_SCALE,
    arrows,
    colour_wheel,
    data_uri,
    direction_colour,
    flow_over_face,
    flow_scale,
    png_uri,
)


def uniform(u, v, size=60, shade=128):
    face = np.full((size, size, 3), shade, dtype=np.uint8)
    flow = np.stack([np.full((size, size), u), np.full((size, size), v)]).astype(np.float32)
    return Pictures(face, face, MotionMap(flow, np.zeros((size, size), np.float32), 0, 1, "tvl1"))


def decoded(uri):
    head, data = uri.split(",", 1)
    packed = np.frombuffer(b64decode(data, validate=True), dtype=np.uint8)
    return head, cv2.imdecode(packed, cv2.IMREAD_UNCHANGED)


def test_a_picture_in_the_page_keeps_its_colours():
    red = np.zeros((16, 24, 3), dtype=np.uint8)
    red[..., 0] = 200
    head, picture = decoded(png_uri(red))
    assert head == "data:image/png;base64"
    np.testing.assert_array_equal(picture[..., ::-1], red)
    head, picture = decoded(data_uri(red))
    assert head == "data:image/jpeg;base64"
    assert np.abs(picture[..., ::-1].astype(int) - red).max() < 12
    assert decoded(data_uri(red[..., 0]))[1].ndim == 2


def test_a_face_at_rest_stays_grey():
    np.testing.assert_array_equal(flow_over_face(uniform(0, 0), 1.0), np.full((60, 60, 3), 128))


def test_stronger_motion_has_stronger_colour_up_to_the_scale():
    def colour(u):
        return np.ptp(flow_over_face(uniform(u, 0), 2.0)[0, 0].astype(int))

    assert 0 < colour(0.5) < colour(1.0) < colour(2.0) == colour(9.0)


def test_directions_differ_in_hue_and_not_in_lightness():
    angles = np.arange(8) * np.pi / 4
    colours = direction_colour(angles)
    away = np.linalg.norm(colours[:, None] - colours[None], axis=-1) + np.eye(8)
    assert away.min() > 0.1
    grey = cv2.cvtColor(colours[None].astype(np.float32), cv2.COLOR_RGB2Lab)[0, :, 0]
    assert np.ptp(grey) < 12


def test_the_wheel_has_the_colour_of_each_direction_at_its_edge():
    size = 200
    wheel = colour_wheel(size)
    assert tuple(wheel[0, 0]) == (255, 255, 255, 0) or wheel[0, 0, 3] == 0
    for angle in (0.0, np.pi / 2, np.pi, -np.pi / 2):
        x, y = (int(size / 2 + 0.96 * size / 2 * part) for part in (np.cos(angle), np.sin(angle)))
        assert np.abs(wheel[y, x, :3] - 255 * direction_colour(np.array(angle))).max() < 14
    assert wheel[size // 2, size // 2, :3].min() > 245


def test_noise_is_not_drawn_in_full_colour():
    assert flow_scale(uniform(0.01, 0.0).motion.flow) == LEAST_SCALE
    assert flow_scale(uniform(3.0, 4.0).motion.flow) == pytest.approx(5.0)
    assert flow_scale(np.full((2, 4, 4), np.nan, dtype=np.float32)) == LEAST_SCALE


def test_arrows_point_the_way_the_face_moves():
    drawn, times = arrows(uniform(1.5, -2.0).motion.flow, 2.5)
    assert len(drawn) == 15 * 15
    for arrow in drawn:
        assert (arrow.x1 - arrow.x0, arrow.y1 - arrow.y0) == pytest.approx((1.5 * times, -2 * times))
    assert arrows(uniform(0.0, 0.3).motion.flow, 2.0)[0] == []


def test_a_face_larger_than_its_flow_is_brought_to_its_size():
    pictures = uniform(1.0, 0.0, size=30)
    large = Pictures(np.zeros((90, 90, 3), np.uint8), pictures.apex, pictures.motion)
    assert flow_over_face(large, 1.0).shape == (30, 30, 3)
