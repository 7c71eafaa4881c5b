import numpy as np
import pytest

from micromask.evaluation.metrics import (
    Interval,
    confusion,
    expected_calibration_error,
    recalls,
    subject_bootstrap,
    uar,
    uf1,
)

TRUTH = np.array([0, 0, 0, 0, 1, 1, 2])
SAID = np.array([0, 0, 1, 2, 1, 0, 2])


def test_confusion_counts_truth_by_row_and_prediction_by_column():
    assert confusion(TRUTH, SAID, 3).tolist() == [[2, 1, 1], [1, 1, 0], [0, 0, 1]]


def test_uf1_and_uar_are_means_over_classes_worked_out_by_hand():
    counts = confusion(TRUTH, SAID, 3)
    # F1: 4/(4+1+2), 2/(2+1+1), 2/(2+1+0); recall: 2/4, 1/2, 1/1
    assert uf1(counts) == pytest.approx((4 / 7 + 1 / 2 + 2 / 3) / 3)
    assert uar(counts) == pytest.approx((1 / 2 + 1 / 2 + 1) / 3)
    np.testing.assert_allclose(recalls(counts), [0.5, 0.5, 1])


def test_counts_pooled_over_folds_differ_from_the_mean_of_fold_figures():
    first, second = confusion(np.array([0, 0]), np.array([0, 0]), 2), confusion(np.array([0, 1]), np.array([1, 1]), 2)
    pooled = uf1(first + second)
    assert pooled == pytest.approx((4 / 5 + 2 / 3) / 2)
    assert pooled != pytest.approx((uf1(first) + uf1(second)) / 2)


def test_a_class_that_nobody_shows_or_is_said_to_show_does_not_count():
    counts = confusion(np.array([0, 0, 1]), np.array([0, 0, 1]), 3)
    assert uf1(counts) == uar(counts) == 1
    assert np.isnan(recalls(counts)[2])


def test_a_class_that_is_said_but_never_shown_lowers_uf1():
    counts = confusion(np.array([0, 0, 1]), np.array([0, 2, 1]), 3)
    assert uf1(counts) == pytest.approx((2 / 3 + 1 + 0) / 3)


@pytest.mark.parametrize(("truth", "said"), [([0, 3], [0, 0]), ([0, -1], [0, 0]), ([0], [0, 0])])
def test_labels_out_of_range_or_of_other_length_are_refused(truth, said):
    with pytest.raises(ValueError, match="got"):
        confusion(np.array(truth), np.array(said), 3)


def test_being_sure_and_wrong_costs_the_whole_distance():
    sure = np.array([[0.95, 0.05]] * 4)
    assert expected_calibration_error(sure, np.array([1, 1, 1, 1])) == pytest.approx(0.95)
    assert expected_calibration_error(sure, np.array([0, 0, 0, 0])) == pytest.approx(0.05)


def test_calibration_errors_of_two_bins_are_weighted_by_their_clips():
    probabilities = np.array([[0.9, 0.1]] * 1 + [[0.6, 0.4]] * 3)
    # right once at 0.9: 0.1 off; right once in three at 0.6: 0.2667 off
    truth = np.array([0, 0, 1, 1])
    assert expected_calibration_error(probabilities, truth) == pytest.approx(0.1 / 4 + (0.6 - 1 / 3) * 3 / 4)


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


def test_a_paired_difference_of_equal_models_is_zero_without_doubt():
    truth, said = np.array([0, 1] * 20), np.array([0, 1, 1, 1] * 10)
    people = [f"p{i // 4}" for i in range(40)]

    def difference(clips):
        counts = confusion(truth[clips], said[clips], 2)
        return uf1(counts) - uf1(counts)

    assert subject_bootstrap(difference, people, draws=50) == Interval(0.0, 0.0, 0.0)


def test_the_bootstrap_is_the_same_each_time_and_needs_two_people():
    values = np.random.default_rng(0).random(30)
    people = [f"p{i // 3}" for i in range(30)]
    once = subject_bootstrap(lambda clips: float(values[clips].mean()), people, draws=100, seed=5)
    assert once == subject_bootstrap(lambda clips: float(values[clips].mean()), people, draws=100, seed=5)
    assert once.low < once.value < once.high
    with pytest.raises(ValueError, match="two or more, got 1"):
        subject_bootstrap(lambda clips: 0.0, ["a", "a"])
