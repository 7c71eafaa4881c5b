import time

import numpy as np
import pytest

from micromask.evaluation.metrics import accuracy_each, confusion, uar, uar_each, uf1, uf1_each
from micromask.evaluation.statistics import (
    Interval,
    Spread,
    bootstrap_counts,
    bootstrap_difference,
    seed_spread,
    subject_bootstrap,
    subject_counts,
)


def _run(people: int, clips: int, right: float, seed: int = 0) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """Truth, prediction and person of each clip; a share is right."""
    rng = np.random.default_rng(seed)
    truth = np.random.default_rng(0).integers(0, 3, people * clips)
    said = np.where(rng.random(len(truth)) < right, truth, rng.integers(0, 3, len(truth)))
    return truth, said, [f"p{place // clips}" for place in range(len(truth))]


def test_the_bootstrap_draws_people_and_not_clips():
    # Two people, one always right and one always wrong: a draw of two people gives 0, 1/2 or 1 and nothing between.
    right = np.array([1.0] * 50 + [0.0] * 50)
    seen = set()

    def share(clips):
        seen.add(float(right[clips].mean()))
        return float(right[clips].mean())

    found = subject_bootstrap(share, ["a"] * 50 + ["b"] * 50, draws=200)
    assert seen == {0.0, 0.5, 1.0}
    assert (found.value, found.low, found.high) == (0.5, 0.0, 1.0)
    counts = np.array([[[50, 0], [0, 0]], [[0, 50], [0, 0]]])
    assert bootstrap_counts(counts, accuracy_each, draws=200) == Interval(0.5, 0.0, 1.0)


def test_a_paired_difference_of_equal_models_is_zero_without_doubt():
    truth, said, people = _run(10, 4, 0.6)

    def difference(clips):
        counts = confusion(truth[clips], said[clips], 3)
        return uf1(counts) - uf1(counts)

    assert subject_bootstrap(difference, people, draws=50) == Interval(0.0, 0.0, 0.0)
    counts = subject_counts(truth, said, people, 3)
    assert bootstrap_difference(counts, counts, draws=50) == Interval(0.0, 0.0, 0.0)


def test_the_bootstrap_is_the_same_each_time_and_needs_two_people():
    values = np.random.default_rng(0).random(30)
    people = [f"p{i // 3}" for i in range(30)]
    once = subject_bootstrap(lambda clips: float(values[clips].mean()), people, draws=100, seed=5)
    assert once == subject_bootstrap(lambda clips: float(values[clips].mean()), people, draws=100, seed=5)
    assert once.low < once.value < once.high
    with pytest.raises(ValueError, match="two or more, got 1"):
        subject_bootstrap(lambda clips: 0.0, ["a", "a"])
    with pytest.raises(ValueError, match="two or more, got 1"):
        bootstrap_counts(np.ones((1, 2, 2), int))


@pytest.mark.parametrize(("each", "one"), [(uf1_each, uf1), (uar_each, uar)])
def test_counts_give_the_figure_and_interval_that_clips_give(each, one):
    truth, said, people = _run(13, 5, 0.5)
    slow = subject_bootstrap(lambda clips: one(confusion(truth[clips], said[clips], 3)), people, draws=300, seed=7)
    fast = bootstrap_counts(subject_counts(truth, said, people, 3), each, draws=300, seed=7)
    assert (fast.value, fast.low, fast.high) == pytest.approx((slow.value, slow.low, slow.high))


def test_the_interval_of_an_accuracy_is_that_of_the_binomial_where_everybody_has_one_clip():
    # 400 people of one clip each, 300 right: 0.75 +- 1.96 * sqrt(0.75 * 0.25 / 400)
    counts = np.array([[[1, 0], [0, 0]]] * 300 + [[[0, 1], [0, 0]]] * 100)
    found = bootstrap_counts(counts, accuracy_each, draws=4000)
    assert found.value == 0.75
    assert (found.low, found.high) == pytest.approx((0.7076, 0.7924), abs=0.004)


def test_clips_of_one_person_that_are_alike_widen_the_interval():
    alone = np.array([[[1, 0], [0, 0]]] * 60 + [[[0, 1], [0, 0]]] * 40)
    together = np.array([[[10, 0], [0, 0]]] * 6 + [[[0, 10], [0, 0]]] * 4)
    one, other = (bootstrap_counts(counts, accuracy_each) for counts in (alone, together))
    assert one.value == other.value == 0.6
    assert other.high - other.low > 2.5 * (one.high - one.low)  # about sqrt(10) times


def test_seeds_are_averaged_and_share_their_draws_of_people():
    runs = [_run(20, 4, right, seed) for seed, right in enumerate((0.4, 0.6, 0.8))]
    counts = np.stack([subject_counts(*run, 3) for run in runs])
    truth, people = runs[0][0], runs[0][2]

    def mean(clips):
        return float(np.mean([uf1(confusion(truth[clips], run[1][clips], 3)) for run in runs]))

    slow, fast = subject_bootstrap(mean, people, draws=200), bootstrap_counts(counts, draws=200)
    assert (fast.value, fast.low, fast.high) == pytest.approx((slow.value, slow.low, slow.high))
    assert fast.value == pytest.approx(np.mean([uf1(each.sum(axis=0)) for each in counts]))


def test_a_difference_is_surer_on_the_same_people_than_on_others():
    # People differ much, the first model is right on one clip more of each.
    better = np.array([[[n + 1, 9 - n], [0, 0]] for n in range(9)])
    worse = np.array([[[n, 10 - n], [0, 0]] for n in range(9)])
    found = bootstrap_difference(better, worse, accuracy_each)
    assert (found.value, found.low, found.high) == pytest.approx((0.1, 0.1, 0.1))
    assert bootstrap_counts(better, accuracy_each).low < bootstrap_counts(worse, accuracy_each).high


def test_the_difference_may_be_of_runs_with_unlike_many_seeds():
    first = np.stack([np.array([[[3, 1], [1, 3]]] * 4)] * 3)
    second = np.array([[[2, 2], [2, 2]]] * 4)
    assert bootstrap_difference(first, second).value == pytest.approx(0.75 - 0.5)


def test_models_of_other_people_or_samples_are_not_compared():
    counts = np.array([[[3, 1], [1, 3]]] * 4)
    with pytest.raises(ValueError, match="the same people and classes"):
        bootstrap_difference(counts, counts[:3])
    other = counts.copy()
    other[2] = [[4, 1], [0, 3]]
    with pytest.raises(ValueError, match="not run on the same samples"):
        bootstrap_difference(counts, other)
    with pytest.raises(ValueError, match="not run on the same samples"):
        bootstrap_difference(np.stack([other, counts]), counts)
    with pytest.raises(ValueError, match=r"\(S, K, K\) or \(R, S, K, K\), got \(4, 4\)"):
        bootstrap_counts(np.ones((4, 4), int))
    with pytest.raises(ValueError, match="a subject for each of 2"):
        subject_counts(np.array([0, 1]), np.array([0, 1]), ["a"], 2)


def test_draws_without_a_figure_are_left_out():
    found = subject_bootstrap(lambda clips: float("nan") if 0 in clips else 2.0, ["a", "b", "b"], draws=50)
    assert (found.low, found.high) == (2.0, 2.0)
    nothing = subject_bootstrap(lambda clips: float("nan"), ["a", "b"], draws=5)
    assert np.isnan([nothing.value, nothing.low, nothing.high]).all()


def test_the_spread_over_seeds_is_worked_out_by_hand():
    assert seed_spread([0.70, 0.80]) == Spread(pytest.approx(0.75), pytest.approx(0.005**0.5), 0.70, 0.80, 2)
    assert np.isnan(seed_spread([0.5]).sd)
    with pytest.raises(ValueError, match="one seed or more"):
        seed_spread([])


def test_two_thousand_draws_of_seventy_people_and_five_seeds_take_a_moment():
    counts = np.random.default_rng(0).integers(0, 5, (5, 70, 7, 7))
    start = time.process_time()
    bootstrap_counts(counts)
    assert time.process_time() - start < 0.5


def test_an_interval_reads_as_it_is_printed():
    assert str(Interval(0.72, 0.6512, 0.7899)) == "0.720 [0.651, 0.790]"
