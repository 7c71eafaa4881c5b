"""Each caution planted once in an honest split is found, alone; and not where it is nearly there."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.stats import t as student
from sklearn.metrics import f1_score

from micromask.evaluation.audit import Claims, Facts, audit, audits, make_case
from micromask.evaluation.audit.cautions import FEW_SUBJECTS
from micromask.evaluation.audit.scores import bootstrap, figures, wilson


def found(table, facts):
    return [(each.code, each.severity, each.evidence[0]) for each in audit(make_case("planted", table, facts))]


def test_ev001_a_class_that_one_fold_does_not_test(tables):
    table = tables.k_fold()
    table = table[~((table["fold"] == "2") & (table["split"] == "test") & (table["truth"] == "surprise"))]
    (finding,) = found(table, tables.honest)
    assert finding == ("EV001", "caution", "class 'surprise' is missing on the test side of 1 of 4 folds (fold 2)")


def test_ev001_a_class_that_nobody_trains_on(tables):
    table = tables.hold_out()
    table = table[(table["split"] != "train") | (table["truth"] != "positive")]
    (finding,) = found(table, tables.honest)
    assert finding == ("EV001", "caution", "class 'positive' is missing on the train side of 1 of 1 fold")


def test_ev001_a_class_of_the_label_set_that_nobody_shows(tables):
    facts = replace(tables.honest, labels=("negative", "positive", "surprise", "fear"))
    codes = audit(make_case("planted", tables.k_fold(), facts))
    assert [each.code for each in codes] == ["EV001"]
    assert codes[0].evidence == (
        "class 'fear' is missing on the train side of 4 of 4 folds (fold 0, fold 1, fold 2 and 1 more)",
        "class 'fear' is missing on the test side of 4 of 4 folds (fold 0, fold 1, fold 2 and 1 more)",
    )


def f1_both_ways(table, average="macro"):
    tested = table[table["split"] == "test"]
    pooled = f1_score(tested["truth"], tested["prediction"], average=average)
    by_fold = [f1_score(f["truth"], f["prediction"], average=average) for _, f in tested.groupby("fold")]
    return pooled, float(np.mean(by_fold))


@pytest.mark.parametrize(("claim", "average"), [("uf1", None), ("f1", "macro"), ("f1", "weighted")])
def test_ev002_the_mean_of_the_folds_is_not_the_f1_of_all_counts(tables, claim, average):
    table = tables.loso()
    pooled, of_folds = f1_both_ways(table, average or "macro")
    assert abs(pooled - of_folds) > 0.005
    wrong = replace(tables.honest, claims=Claims({claim: f"{100 * of_folds:.2f}"}, average=average))
    ((code, severity, line),) = found(table, wrong)
    assert (code, severity) == ("EV002", "caution")
    assert f"({of_folds:.4f}, " in line
    assert f"{pooled:.4f}" in line
    right = replace(tables.honest, claims=Claims({claim: f"{100 * pooled:.2f}"}, average=average))
    assert found(table, right) == []


def test_ev003_fewer_than_ten_people_are_tested(tables):
    few = tables.loso(tables.corpus(people=FEW_SUBJECTS - 1))
    assert found(few, tables.honest) == [("EV003", "caution", "9 subjects tested over all folds, fewer than 10")]
    assert found(tables.loso(tables.corpus(people=FEW_SUBJECTS)), tables.honest) == []


@pytest.mark.parametrize(("people", "told"), [(5, 0.63), (10, 0.82), (20, 0.91)])
def test_ev003_the_page_tells_how_much_too_narrow_an_interval_over_few_people_is(root, people, told):
    """Half width of the percentile interval of a mean, 1.96 s sqrt((n - 1) / n), over that of Student's t."""
    share = 1.96 * np.sqrt((people - 1) / people) / student.ppf(0.975, people - 1)
    assert share == pytest.approx(told, abs=0.005)
    page = (root / "docs" / "audit" / "ev003.md").read_text("utf-8")
    assert f"| {people} | {told:.2f} |" in page


def test_ev004_apexes_that_no_coder_marked(tables):
    table = tables.k_fold()
    table["apex_from"] = np.where(table["clip"].str.endswith("-00"), "midpoint", "coder")
    (finding,) = audit(make_case("planted", table, tables.honest))
    assert (finding.code, finding.severity) == ("EV004", "caution")
    assert finding.evidence == ("12 clips of 72 tested", "midpoint: 12 clips")
    table["apex_from"] = "coder"
    assert found(table, tables.honest) == []


def test_ev005_one_seed(tables):
    only = ("EV005", "caution", "the only seed is 7")
    assert found(tables.loso(), replace(tables.honest, seeds=(7,))) == [only]
    assert found(tables.loso().assign(seed="7"), replace(tables.honest, seeds=())) == [only]
    assert found(tables.loso(), replace(tables.honest, seeds=())) == [], "who does not say is not accused"
    assert found(tables.loso(), replace(tables.honest, seeds=(7,), deterministic=True)) == []
    assert found(tables.loso(), replace(tables.honest, seeds=(7,), deterministic=False)) == [only]


def majority(table, share):
    """Everybody shows 'negative' in two thirds of the clips; predictions are right in about this share."""
    rng = np.random.default_rng(2)
    truth = np.where(np.arange(len(table)) % 3 == 0, "positive", "negative")
    wrong = np.where(truth == "positive", "negative", "positive")
    return table.assign(truth=truth, prediction=np.where(rng.random(len(table)) < share, truth, wrong))


@pytest.mark.parametrize(("share", "expected"), [(0.5, ["EV006"]), (0.67, ["EV006"]), (0.85, [])])
def test_ev006_accuracy_that_the_most_frequent_class_reaches_too(tables, share, expected):
    table = majority(tables.hold_out(), share)
    assert [code for code, _, _ in found(table, tables.honest)] == expected


def test_ev006_a_claimed_accuracy_is_weighed_by_the_number_of_samples(tables):
    table = majority(tables.hold_out(), 1).drop(columns="prediction")  # 60 test samples, 40 of them negative
    near = replace(tables.honest, claims=Claims({"accuracy": "75.00"}))
    ((code, _, line),) = found(table, near)
    assert code == "EV006"
    assert line == "accuracy 0.750, the most frequent class alone 0.667; for 60 samples it may be 0.628"
    assert found(table, replace(near, claims=Claims({"accuracy": "90.00"}))) == []


def test_ev007_a_gain_whose_interval_reaches_nothing(tables):
    facts = replace(tables.honest, gain=2.0, gain_interval=(-0.5, 4.5))
    assert found(tables.loso(), facts) == [("EV007", "caution", "gain 2, 95 % interval -0.5 to 4.5")]
    assert found(tables.loso(), replace(facts, gain_interval=(0.5, 3.5))) == []


def test_ev007_a_gain_within_the_interval_of_the_accuracy(tables):
    table = tables.loso()
    (finding,) = audit(make_case("planted", table, replace(tables.honest, gain=1.0)))
    assert finding.code == "EV007"
    assert finding.evidence[0].startswith("gain 0.010, accuracy 0.")
    assert found(table, replace(tables.honest, gain=0.4)) == [], "more than any interval here is wide"


def test_nothing_is_said_of_what_is_not_known():
    rows = [(f"c{at}", f"s{at}", "test" if at % 2 else "train") for at in range(40)]
    assert audit(make_case("bare", pd.DataFrame(rows, columns=["clip", "subject", "split"]), Facts())) == ()


def test_figures_are_those_of_scikit_learn():
    from sklearn.metrics import accuracy_score, confusion_matrix, precision_score, recall_score

    rng = np.random.default_rng(0)
    for _ in range(30):
        truth, said = rng.integers(0, 4, 25), rng.integers(0, 5, 25)
        ours = figures(confusion_matrix(truth, said, labels=range(6)))
        assert ours["accuracy"] == pytest.approx(accuracy_score(truth, said))
        for average in ("macro", "weighted"):
            for name, score in (("f1", f1_score), ("precision", precision_score), ("recall", recall_score)):
                theirs = score(truth, said, average=average, zero_division=0)
                assert ours[f"{name}-{average}"] == pytest.approx(theirs), (name, average)
        assert ours["f1-all"] == pytest.approx(f1_score(truth, said, average="macro", labels=range(6), zero_division=0))


def test_the_interval_over_people_is_that_of_the_mean_where_all_have_as_many_clips():
    """40 people, a clip each, half right: the mean's standard error is 0.5 / sqrt(40)."""
    low, high = bootstrap(np.array([0, 1] * 20), np.ones(40, dtype=int))
    assert low == pytest.approx(0.5 - 1.96 * 0.5 / 40**0.5, abs=0.03)
    assert high == pytest.approx(0.5 + 1.96 * 0.5 / 40**0.5, abs=0.03)


def test_the_interval_of_a_share_is_that_of_the_textbooks():
    low, high = wilson(15 / 20, 20)
    assert (low, high) == pytest.approx((0.5313, 0.8881), abs=1e-4)


def test_audits_that_need_predictions_are_silent_without_them(tables):
    table = tables.loso().drop(columns="prediction")
    facts = replace(tables.honest, gain=0.01, claims=Claims({"uf1": "0.5"}))
    for code in ("EV002", "EV006", "EV007"):
        assert audits[code](make_case("bare", table, facts)) == []
