"""Which way up: against the definition, point by point."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from micromask.recordings.orient import turn_of_exif, turn_of_matrix, turned_size, upright

QUARTERS = [(a, 0, 0, d) for a, d in product((1, -1), repeat=2)] + [(0, b, c, 0) for b, c in product((1, -1), repeat=2)]


@pytest.mark.parametrize(("a", "b", "c", "d"), QUARTERS)
def test_a_display_matrix_moves_every_pixel_where_it_says(a, b, c, d):
    stored = np.arange(6, dtype=np.uint8).reshape(2, 3)
    turn = turn_of_matrix([a << 16, b << 16, 0, c << 16, d << 16, 0, 0, 0, 1 << 30])
    shown = upright(stored, turn)
    assert shown.shape == turned_size(stored.shape, turn)
    points = {(a * x + c * y, b * x + d * y): stored[y, x] for y in range(2) for x in range(3)}
    left, top = min(x for x, _ in points), min(y for _, y in points)
    for (x, y), value in points.items():
        assert shown[y - top, x - left] == value


@pytest.mark.parametrize(
    ("orientation", "row_0", "column_0"),
    [  # what the stored picture's first row and first column are in the upright one, as the EXIF standard tells it
        (1, "top", "left"),
        (2, "top", "right"),
        (3, "bottom", "right"),
        (4, "bottom", "left"),
        (5, "left", "top"),
        (6, "right", "top"),
        (7, "right", "bottom"),
        (8, "left", "bottom"),
    ],
)
def test_exif_orientations_put_rows_and_columns_where_the_standard_says(orientation, row_0, column_0):
    stored = np.arange(12, dtype=np.uint8).reshape(3, 4)
    shown = upright(stored, turn_of_exif(orientation))
    sides = {"top": shown[0], "bottom": shown[-1], "left": shown[:, 0], "right": shown[:, -1]}
    assert set(sides[row_0]) == set(stored[0])
    assert set(sides[column_0]) == set(stored[:, 0])


def test_an_unknown_orientation_is_upright():
    assert turn_of_exif(0) == turn_of_exif(1)
