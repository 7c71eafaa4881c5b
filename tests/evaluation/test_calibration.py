import numpy as np
import pytest
from sklearn.calibration import calibration_curve
from sklearn.metrics import brier_score_loss

from micromask.evaluation.calibration import brier_score, expected_calibration_error, reliability_curve


def test_being_sure_and_wrong_costs_the_whole_distance():
    sure = np.array([[0.95, 0.05]] * 4)
    assert expected_calibration_error(sure, np.array([1, 1, 1, 1])) == pytest.approx(0.95)
    assert expected_calibration_error(sure, np.array([0, 0, 0, 0])) == pytest.approx(0.05)


def test_calibration_errors_of_two_bins_are_weighted_by_their_clips():
    probabilities = np.array([[0.9, 0.1]] * 1 + [[0.6, 0.4]] * 3)
    # right once at 0.9: 0.1 off; right once in three at 0.6: 0.2667 off
    truth = np.array([0, 0, 1, 1])
    assert expected_calibration_error(probabilities, truth) == pytest.approx(0.1 / 4 + (0.6 - 1 / 3) * 3 / 4)


def test_the_reliability_curve_counts_every_sample_once_and_keeps_empty_bins():
    probabilities = np.array([[0.9, 0.1], [0.6, 0.4], [0.6, 0.4], [0.3, 0.7]])
    curve = reliability_curve(probabilities, np.array([0, 0, 1, 1]), bins=5)
    assert [each.count for each in curve] == [0, 0, 2, 1, 1]
    assert [(each.low, each.high) for each in curve] == [(0, 0.2), (0.2, 0.4), (0.4, 0.6), (0.6, 0.8), (0.8, 1)]
    assert (curve[2].confidence, curve[2].accuracy) == pytest.approx((0.6, 0.5))
    assert (curve[3].confidence, curve[3].accuracy) == pytest.approx((0.7, 1))
    assert np.isnan([curve[0].confidence, curve[0].accuracy]).all()


def test_the_reliability_curve_is_that_of_scikit_learn_for_the_top_class():
    rng = np.random.default_rng(1)
    probabilities, truth = rng.dirichlet([1, 1, 1], 300), rng.integers(0, 3, 300)
    curve = [each for each in reliability_curve(probabilities, truth) if each.count]
    right = probabilities.argmax(axis=1) == truth
    shares, means = calibration_curve(right, probabilities.max(axis=1), n_bins=10)
    np.testing.assert_allclose([each.accuracy for each in curve], shares)
    np.testing.assert_allclose([each.confidence for each in curve], means)


def test_the_brier_score_is_worked_out_by_hand_and_is_that_of_scikit_learn():
    assert brier_score(np.array([[1.0, 0, 0]] * 2), np.array([0, 2])) == pytest.approx((0 + 2) / 2)
    rng = np.random.default_rng(2)
    probabilities, truth = rng.dirichlet([1, 2, 3], 100), rng.integers(0, 3, 100)
    theirs = brier_score_loss(truth, probabilities, labels=[0, 1, 2], scale_by_half=False)
    assert brier_score(probabilities, truth) == pytest.approx(theirs)


@pytest.mark.parametrize(
    ("probabilities", "truth", "told"),
    [
        ([[0.5, 0.5]], [0, 1], "got"),
        (np.empty((0, 2)), np.empty(0, int), "N >= 1"),
        ([[0.5, 0.4]], [0], "must add to 1, one is off by 0.1"),
        ([[np.nan, 0.4]], [0], "must add to 1"),
        ([[0.5, 0.5]], [2], "labels must be 0 ... 1, got 2"),
    ],
)
def test_what_is_no_probability_or_label_is_refused(probabilities, truth, told):
    for figure in (reliability_curve, expected_calibration_error, brier_score):
        with pytest.raises(ValueError, match=told):
            figure(np.array(probabilities), np.array(truth))
    with pytest.raises(ValueError, match="one bin or more"):
        reliability_curve(np.array([[0.5, 0.5]]), np.array([0]), bins=0)
