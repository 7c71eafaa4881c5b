import numpy as np
import pytest
from sklearn.metrics import balanced_accuracy_score, classification_report, f1_score

from micromask.evaluation.metrics import (
    accuracy,
    accuracy_each,
    class_report,
    confusion,
    fold_mean_f1,
    fold_mean_recall,
    recalls,
    uar,
    uar_each,
    uf1,
    uf1_each,
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


def test_figures_of_a_published_table_follow_from_its_counts():
    # CapsuleNet on the CASME II part of MEGC 2019: counts of the authors' own log, figures of their paper
    # (doi:10.1109/FG.2019.8756544).
    counts = np.array([[70, 16, 2], [8, 24, 0], [6, 5, 14]])
    assert (round(uf1(counts), 4), round(uar(counts), 4)) == (0.7068, 0.7018)


def test_figures_of_many_counts_are_those_of_each():
    rng = np.random.default_rng(3)
    counts = rng.integers(0, 4, (5, 7, 3, 3))
    counts[0, 0] = 0
    for each, one in ((uf1_each, uf1), (uar_each, uar), (accuracy_each, accuracy)):
        found = each(counts)
        assert found.shape == (5, 7)
        assert np.isnan(found[0, 0])
        assert np.isnan(one(counts[0, 0]))
        np.testing.assert_allclose(found[1:], [[one(cell) for cell in row] for row in counts[1:]])


@pytest.mark.parametrize("seed", range(5))
def test_a_class_report_holds_the_numbers_of_scikit_learn(seed):
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, 4, 60)
    said = np.where(rng.random(60) < 0.5, truth, rng.integers(0, 4, 60))
    labels = ["anger", "disgust", "fear", "joy"]
    ours = class_report(confusion(truth, said, 4), labels)
    theirs = classification_report(truth, said, labels=range(4), target_names=labels, output_dict=True)
    figures = dict(zip(labels, ours.classes, strict=True)) | {"macro avg": ours.macro, "weighted avg": ours.weighted}
    for name, own in figures.items():
        wanted = theirs[name]
        assert [own.precision, own.recall, own.f1] == pytest.approx(
            [wanted["precision"], wanted["recall"], wanted["f1-score"]]
        )
        assert own.support == wanted["support"]
    assert ours.accuracy == pytest.approx(theirs["accuracy"])
    assert ours.macro.f1 == pytest.approx(uf1(confusion(truth, said, 4)))


def test_classes_that_are_absent_never_said_or_never_shown_have_the_figures_of_scikit_learn():
    # 0 shown and said, 1 shown and never said, 2 said and never shown, 3 neither
    truth, said = np.array([0, 0, 0, 1, 1]), np.array([0, 0, 2, 0, 2])
    counts = confusion(truth, said, 4)
    ours = class_report(counts, ["a", "b", "c", "d"])
    theirs = classification_report(truth, said, output_dict=True, zero_division=0)
    for place, own in enumerate(ours.classes[:3]):
        assert [own.precision, own.recall, own.f1, own.support] == pytest.approx(list(theirs[str(place)].values()))
    assert [own.support for own in ours.classes] == [3, 2, 0, 0]
    assert np.isnan([ours.classes[3].precision, ours.classes[3].recall, ours.classes[3].f1]).all()
    for own, name in ((ours.macro, "macro avg"), (ours.weighted, "weighted avg")):
        assert [own.precision, own.recall, own.f1, own.support] == pytest.approx(list(theirs[name].values()))
    # UAR leaves out what nobody shows: (2/3 + 0) / 2, not / 3; and says so in its own words.
    assert (uar(counts), ours.macro.recall) == pytest.approx((1 / 3, 2 / 9))


def test_uf1_is_the_macro_f1_and_uar_the_balanced_accuracy_of_scikit_learn():
    rng = np.random.default_rng(9)
    truth, said = rng.integers(0, 3, 80), rng.integers(0, 3, 80)
    assert uf1(confusion(truth, said, 3)) == pytest.approx(f1_score(truth, said, average="macro"))
    assert uar(confusion(truth, said, 3)) == pytest.approx(balanced_accuracy_score(truth, said))


def test_a_report_needs_samples_and_a_label_a_class():
    with pytest.raises(ValueError, match=r"wanted \(2, 2\) counts of at least one sample"):
        class_report(np.zeros((2, 2), int), ["a", "b"])
    with pytest.raises(ValueError, match=r"got \(2, 2\)"):
        class_report(np.eye(2, dtype=int), ["a", "b", "c"])


def test_means_over_folds_are_other_figures_worked_out_by_hand():
    # Ann: 0 as 0, 0 as 1. Bob: 1 as 1, 2 as 1. F1 of each: 2/3, 0, one absent. Recall: Ann's 1/2, Bob's 1 and 0.
    ann, bob = np.array([[1, 1, 0], [0, 0, 0], [0, 0, 0]]), np.array([[0, 0, 0], [0, 1, 0], [0, 1, 0]])
    assert uf1(ann + bob) == pytest.approx((2 / 3 + 2 / 4 + 0) / 3)
    assert fold_mean_f1([ann, bob]) == pytest.approx(1 / 3)
    assert fold_mean_f1([ann, bob], "zero") == pytest.approx(2 / 9)
    assert fold_mean_f1([ann, bob], "one") == pytest.approx(5 / 9)
    assert uar(ann + bob) == pytest.approx((1 / 2 + 1 + 0) / 3)
    assert fold_mean_recall([ann, bob]) == pytest.approx((1 / 2 + 1 / 2) / 2)
    assert fold_mean_recall([ann, bob], "zero") == pytest.approx((1 / 6 + 1 / 3) / 2)


def test_a_fold_without_samples_is_no_fold_and_no_fold_has_no_mean():
    assert fold_mean_f1([np.zeros((2, 2), int), np.eye(2, dtype=int)], "zero") == 1
    with pytest.raises(ValueError, match="a fold with samples"):
        fold_mean_f1([np.zeros((2, 2), int)])
