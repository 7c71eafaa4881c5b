from __future__ import annotations

from micromask.evaluation.spotting import interval_overlap, match_intervals


def test_frames_are_inclusive() -> None:
    assert interval_overlap((10, 10), (10, 10)) == 1
    assert interval_overlap((0, 9), (10, 19)) == 0


def test_each_true_interval_is_met_once_by_the_best() -> None:
    matches = match_intervals([(0, 12), (0, 10), (90, 99)], [(0, 10), (50, 60)])
    assert matches.pairs == ((1, 0, 1.0),)
    assert matches.false == (0, 2)
    assert matches.missed == (1,)
    assert matches.f1 == 2 / (2 + 2 + 1)


def test_half_is_enough_and_less_is_not() -> None:
    assert match_intervals([(0, 9)], [(0, 19)]).pairs
    assert not match_intervals([(0, 8)], [(0, 19)]).pairs


def test_nothing_to_find_and_nothing_found_is_perfect() -> None:
    assert match_intervals([], []).f1 == 1
    assert match_intervals([(0, 1)], []).f1 == 0
