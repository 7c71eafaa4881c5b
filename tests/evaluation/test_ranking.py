import numpy as np
import pytest
from sklearn import metrics

from micromask.evaluation.ranking import rank_classes, roc_curve


@pytest.mark.parametrize("steps", [1000, 7, 2], ids=["hardly a tie", "many ties", "two scores"])
def test_curve_and_area_are_those_of_scikit_learn(steps):
    rng = np.random.default_rng(steps)
    positive = rng.random(200) < 0.3
    scores = np.round(rng.random(200) + 0.5 * positive, 9) if steps == 1000 else rng.integers(0, steps, 200) / steps
    ours = roc_curve(positive, scores)
    alarms, hits, thresholds = metrics.roc_curve(positive, scores)
    np.testing.assert_allclose(ours.false_positive_rate, alarms)
    np.testing.assert_allclose(ours.true_positive_rate, hits)
    np.testing.assert_allclose(ours.thresholds, thresholds)
    assert ours.area == pytest.approx(metrics.roc_auc_score(positive, scores))


def test_a_curve_worked_out_by_hand():
    # found in the order +, -, +, -: up, right, up, right; three of four pairs are in order
    curve = roc_curve(np.array([True, False, True, False]), np.array([4, 3, 2, 1]))
    assert curve.true_positive_rate.tolist() == [0, 0.5, 0.5, 1, 1]
    assert curve.false_positive_rate.tolist() == [0, 0, 0.5, 0.5, 1]
    assert curve.thresholds.tolist() == [np.inf, 4, 3, 2, 1]
    assert curve.area == 0.75


def test_equal_scores_are_worth_a_half():
    assert roc_curve(np.array([True, False, False]), np.array([0.5, 0.5, 0.5])).area == 0.5


def test_classes_against_the_rest_and_their_mean_are_those_of_scikit_learn():
    rng = np.random.default_rng(4)
    truth = rng.integers(0, 3, 90)
    probabilities = rng.dirichlet([1, 1, 1], 90) + 0.4 * np.eye(3)[truth]
    probabilities /= probabilities.sum(axis=1, keepdims=True)
    ours = rank_classes(probabilities, truth, ["a", "b", "c"])
    theirs = metrics.roc_auc_score(truth, probabilities, multi_class="ovr", average=None)
    np.testing.assert_allclose([curve.area for curve in ours.curves], theirs)
    assert ours.macro_area == pytest.approx(metrics.roc_auc_score(truth, probabilities, multi_class="ovr"))


def test_a_class_of_nobody_or_of_everybody_has_no_area():
    probabilities = np.array([[0.7, 0.2, 0.1], [0.4, 0.5, 0.1], [0.2, 0.7, 0.1]])
    ranked = rank_classes(probabilities, np.array([0, 1, 1]), ["a", "b", "c"])
    assert [curve.area for curve in ranked.curves[:2]] == [1, 1]
    assert np.isnan(ranked.curves[2].area)
    assert not len(ranked.curves[2].thresholds)
    assert ranked.macro_area == 1
    assert np.isnan(rank_classes(probabilities, np.array([1, 1, 1]), ["a", "b", "c"]).macro_area)


def test_folds_that_are_unlike_sure_spoil_a_pooled_area_though_each_ranks_perfectly():
    first, second = np.array([0.9, 0.8]), np.array([0.3, 0.2])
    positive = np.array([True, False])
    assert roc_curve(positive, first).area == roc_curve(positive, second).area == 1
    # pooled: the second fold's positive comes after the first fold's negative
    assert roc_curve(np.tile(positive, 2), np.concatenate([first, second])).area == 0.75


def test_scores_and_labels_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="finite"):
        roc_curve(np.array([True, False]), np.array([0.1, np.nan]))
    with pytest.raises(ValueError, match="two"):
        roc_curve(np.array([True]), np.array([0.1, 0.2]))
    with pytest.raises(ValueError, match=r"wanted \(N, 2\)"):
        rank_classes(np.ones((3, 3)), np.array([0, 1, 2]), ["a", "b"])
    with pytest.raises(ValueError, match=r"got 0 \.\.\. 2"):
        rank_classes(np.ones((2, 2)), np.array([0, 2]), ["a", "b"])
