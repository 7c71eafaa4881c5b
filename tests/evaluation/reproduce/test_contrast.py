"""Differences between groups of people, against cases worked by hand and the bootstrap of two models."""

from __future__ import annotations

import numpy as np
import pytest

from micromask.evaluation.metrics import accuracy_each, uf1_each
from micromask.evaluation.reproduce.contrast import PeopleCounts, difference, joined
from micromask.evaluation.statistics import bootstrap_difference


def counts(people: str, right: list[int], of: int = 10, layers: int = 1) -> PeopleCounts:
    """Two classes of which the first is shown: so many right of ``of`` for each person."""
    each = np.array([[[number, of - number], [0, 0]] for number in right])
    return PeopleCounts(tuple(people), np.stack([each] * layers))


def test_the_same_people_in_two_runs_give_the_interval_of_two_models():
    rng = np.random.default_rng(0)
    shown = rng.multinomial(20, [0.5, 0.3, 0.2], size=7)
    one, other = (
        np.stack([np.stack([rng.multinomial(n, [0.5, 0.3, 0.2]) for n in person]) for person in shown])
        for _ in range(2)
    )
    people = tuple("abcdefg")
    for figure in (accuracy_each, uf1_each):
        expected = bootstrap_difference(one, other, figure)
        found = difference(PeopleCounts(people, one[None]), PeopleCounts(people, other[None]), figure)
        assert found is not None
        np.testing.assert_allclose((found.value, found.low, found.high), (expected.value, expected.low, expected.high))


def test_people_of_two_groups_are_drawn_group_by_group():
    found = difference(counts("abcd", [8, 8, 8, 8]), counts("wxyz", [5, 5, 5, 5]))
    assert found is not None
    np.testing.assert_allclose((found.value, found.low, found.high), 0.3)  # within a group all are alike


def test_a_difference_that_hangs_on_one_person_has_a_wide_interval():
    found = difference(counts("abcd", [10, 5, 5, 5]), counts("wxyz", [5, 5, 5, 5]))
    assert found is not None
    assert found.value == pytest.approx(0.125)
    assert found.low == 0.0
    assert found.high >= 0.25


def test_who_is_in_both_brings_all_samples_to_both_sides():
    # everyone is 0.2 better on one side, however different people are: drawn together the difference never moves
    one, other = counts("abc", [10, 6, 3]), counts("abc", [8, 4, 1])
    found = difference(one, other)
    assert found is not None
    np.testing.assert_allclose((found.value, found.low, found.high), 0.2)


def test_one_person_on_a_side_gives_no_interval():
    assert difference(counts("a", [3]), counts("bc", [4, 4])) is None


def test_several_models_are_averaged_on_the_same_draws_if_they_were_run_on_the_same_people():
    both = joined([counts("ab", [10, 10]), counts("ab", [0, 0])])
    assert both is not None
    found = difference(both, counts("cd", [5, 5]))
    assert found is not None
    np.testing.assert_allclose((found.value, found.low, found.high), 0.0, atol=1e-12)
    assert joined([counts("ab", [1, 1]), counts("ac", [1, 1])]) is None
    assert joined([]) is None
