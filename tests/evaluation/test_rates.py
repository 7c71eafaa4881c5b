"""Against the printed tables of Poisson limits, statsmodels, scipy, and cases worked by hand."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import permutation_test
from statsmodels.stats.rates import confint_poisson

from micromask.evaluation.rates import (
    LEAST_PEOPLE,
    exact_rate,
    group_rate,
    poisson_interval,
    rate_difference,
)

MINUTE = 60.0


@pytest.mark.parametrize(
    ("count", "low", "high"),
    [(0, 0.0, 3.69), (1, 0.0253, 5.57), (2, 0.242, 7.22), (10, 4.80, 18.39), (50, 37.11, 65.92)],
)
def test_poisson_limits_are_those_of_the_printed_tables(count, low, high):
    assert poisson_interval(count) == pytest.approx((low, high), abs=6e-3)


@pytest.mark.parametrize("count", [0, 1, 7, 300])
def test_poisson_limits_are_those_of_statsmodels(count):
    low, high = confint_poisson(count, 1.0, method="exact-c")
    assert poisson_interval(count) == pytest.approx((0.0 if count == 0 else float(low), float(high)))


def test_the_rate_of_one_recording_is_its_count_over_its_minutes():
    rate = exact_rate(6, 3 * MINUTE)
    assert (rate.count, rate.minutes, rate.value, rate.way) == (6, 3.0, 2.0, "exact")
    assert rate.interval == pytest.approx((2.2019 / 3, 13.0595 / 3), abs=1e-3)


def test_a_recording_without_a_face_has_no_rate_and_says_why():
    rate = exact_rate(0, 0.0)
    assert (rate.value, rate.interval) == (None, None)
    assert "not seen" in rate.why


def test_the_rate_of_a_group_is_all_events_over_all_minutes():
    """1 in one minute and 10 in two, and three people of none in one minute each: 11 in 6, not a mean of rates."""
    rate = group_rate(np.array([1, 10, 0, 0, 0]), np.array([1, 2, 1, 1, 1]) * MINUTE)
    assert rate.value == pytest.approx(11 / 6)
    assert rate.way == "bootstrap"


def test_people_who_differ_make_a_groups_interval_wider_than_poisson():
    alike = group_rate(np.full(10, 6), np.full(10, 2 * MINUTE))
    apart = group_rate(np.array([0, 0, 0, 0, 0, 12, 12, 12, 12, 12]), np.full(10, 2 * MINUTE))
    exact = exact_rate(60, 20 * MINUTE)
    assert alike.interval == exact.interval
    assert apart.value == exact.value == 3.0
    assert apart.interval[0] < exact.interval[0] - 0.5
    assert apart.interval[1] > exact.interval[1] + 0.5


def test_a_group_of_equal_minutes_has_students_interval_of_the_mean():
    """Of rates that are nearly normal the expanded percentiles are those of t: 4 +- 2.365 * s / sqrt 8."""
    counts = np.array([130, 270, 180, 220, 240, 160, 230, 170])
    rate = group_rate(counts, np.full(8, 50 * MINUTE))
    half = 2.3646 * np.std(counts / 50, ddof=1) / np.sqrt(8)
    assert rate.value == pytest.approx(4.0)
    assert rate.interval == pytest.approx((4 - half, 4 + half), abs=0.12 * half)


def test_a_group_without_any_event_is_not_sure_of_none():
    rate = group_rate(np.zeros(8, int), np.full(8, 5 * MINUTE))
    assert rate.interval == pytest.approx((0.0, 3.6889 / 40), abs=1e-4)


def test_nothing_is_claimed_of_a_group_of_too_few():
    few = LEAST_PEOPLE - 1
    rate = group_rate(np.full(few, 3), np.full(few, MINUTE))
    assert (rate.value, rate.interval, rate.way) == (3.0, None, None)
    assert rate.why == "4 participants: an interval over participants needs 5 or more in each group"
    told = rate_difference((np.full(few, 3), np.full(few, MINUTE)), (np.full(9, 1), np.full(9, MINUTE)))
    assert (told.value, told.interval, told.p) == (2.0, None, None)
    assert told.why == rate.why


def test_who_was_never_seen_is_nobody_of_the_group():
    counts, seconds = np.array([3, 3, 3, 3, 0]), np.array([1, 1, 1, 1, 0]) * MINUTE
    assert group_rate(counts, seconds).why.startswith("4 participants")
    assert group_rate(np.array([0, 0]), np.array([0.0, 0.0])).value is None


def test_p_of_five_against_five_without_overlap_is_two_ways_of_252():
    high, low = (np.array([5, 6, 7, 8, 9]), np.full(5, MINUTE)), (np.array([0, 1, 2, 3, 4]), np.full(5, MINUTE))
    told = rate_difference(high, low)
    assert told.value == 5.0
    assert told.p == pytest.approx(2 / 252)
    assert told.least_p == pytest.approx(2 / 252)
    assert told.interval[0] > 0


def test_p_is_that_of_scipys_permutation_test():
    rng = np.random.default_rng(3)
    first, second = rng.poisson(4, 6), rng.poisson(6, 5)
    seconds = [rng.uniform(60, 300, size) for size in (6, 5)]

    def statistic(at: np.ndarray, to: np.ndarray) -> float:
        every, long = np.concatenate([first, second]), np.concatenate(seconds)
        rates = [60 * every[of.astype(int)].sum() / long[of.astype(int)].sum() for of in (at, to)]
        return abs(rates[0] - rates[1])

    exact = permutation_test(
        (np.arange(6.0), np.arange(6.0, 11.0)), statistic, vectorized=False, n_resamples=np.inf, alternative="greater"
    )
    told = rate_difference((first, seconds[0]), (second, seconds[1]))
    assert told.p == pytest.approx(exact.pvalue)
    assert told.least_p == pytest.approx(1 / 462)


def test_the_difference_turns_round_with_the_groups():
    rng = np.random.default_rng(0)
    one, other = ((rng.poisson(mean, 12), np.full(12, 2 * MINUTE)) for mean in (8, 4))
    told, turned = rate_difference(one, other), rate_difference(other, one)
    assert told.value == -turned.value > 0
    assert told.interval == pytest.approx((-turned.interval[1], -turned.interval[0]), abs=0.1)
    assert told.p == pytest.approx(turned.p, abs=0.01)
    assert 0 < told.p < 0.01


def test_two_groups_without_any_event_differ_by_no_more_than_their_exact_limits():
    """0 in 40 minutes each: the upper limit of either is 3.69 / 40, and p is 1."""
    none = (np.zeros(8, int), np.full(8, 5 * MINUTE))
    told = rate_difference(none, none)
    assert told.interval == pytest.approx((-3.6889 / 40, 3.6889 / 40), abs=1e-4)
    assert told.p == 1.0


@pytest.mark.parametrize("bad", [(np.array([1]), np.array([1.0, 2.0])), (np.array([-1]), np.array([1.0]))])
def test_counts_that_make_no_sense_are_refused(bad):
    with pytest.raises(ValueError, match="a count and seconds of each person"):
        group_rate(*bad)


@pytest.mark.parametrize("people", [5, 10])
def test_the_interval_holds_the_true_rate_about_as_often_as_it_says(people):
    """People whose own rates differ by half of their mean, 2 to 10 minutes each: 95 % is meant."""
    rng, held, tries = np.random.default_rng(people), 0, 400
    for _ in range(tries):
        minutes = rng.uniform(2, 10, people)
        own = rng.gamma(4, 0.5, people)
        low, high = group_rate(rng.poisson(own * minutes), minutes * MINUTE, draws=2000).interval
        held += low <= 2.0 <= high
    assert 0.88 <= held / tries <= 0.99
