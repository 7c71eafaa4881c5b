from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from micromask.reports.thin import envelope, peaks


@given(st.lists(st.floats(-5, 5) | st.just(float("nan")), min_size=1, max_size=400), st.integers(4, 60))
def test_the_highest_and_the_lowest_point_are_always_drawn(values, limit):
    line = np.array(values)
    drawn = envelope(line, limit)
    assert len(drawn) <= max(limit, 4)
    assert (np.diff(drawn) > 0).all()
    if np.isfinite(line).any():
        assert np.nanmax(line[drawn]) == np.nanmax(line)
        assert np.nanmin(line[drawn]) == np.nanmin(line)


def test_a_short_line_is_drawn_whole():
    np.testing.assert_array_equal(envelope(np.ones(7), 8), np.arange(7))


def test_a_long_gap_stays_a_gap():
    line = np.ones(1000)
    line[300:500] = np.nan
    drawn = envelope(line, 40)
    assert np.isnan(line[drawn[(drawn >= 300) & (drawn < 500)]]).all()
    assert ((drawn >= 300) & (drawn < 500)).sum() >= 3


def test_columns_of_a_map_hold_the_highest_of_their_stretch():
    line = np.zeros(1003)
    line[[5, 1002]] = 3, 7
    columns, starts = peaks(line, 10)
    assert len(columns) == len(starts) <= 10
    assert (columns[0], columns[-1]) == (3, 7)


def test_fewer_than_four_points_are_refused():
    with pytest.raises(ValueError, match="at least 4 points, got 3"):
        envelope(np.ones(9), 3)
