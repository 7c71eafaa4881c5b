"""EV008: figures that cannot be are told, and those of no confusion matrix that is drawn are."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from sklearn.metrics import precision_recall_fscore_support

from micromask.evaluation.audit import Claims, audit, make_case
from micromask.evaluation.audit.bounds import Counted, contradictions
from micromask.evaluation.audit.printed import printed


def matrices(classes):
    cells = st.lists(st.integers(0, 30), min_size=classes**2, max_size=classes**2)
    return cells.map(lambda found: np.array(found).reshape(classes, classes))


def figures_of(counts, average):
    truth, said = (np.repeat(index.ravel(), counts.ravel()) for index in np.indices(counts.shape))
    how = {"average": average, "zero_division": 0, "labels": range(len(counts))}
    if average == "binary":
        how.pop("labels")
    precision, recall, f1, _ = precision_recall_fscore_support(truth, said, **how)
    return {"accuracy": np.trace(counts) / counts.sum(), "precision": precision, "recall": recall, "f1": f1}


@settings(max_examples=120, deadline=None)
@given(
    st.integers(2, 5).flatmap(matrices),
    st.sampled_from(["binary", "macro", "weighted", "micro"]),
    st.integers(1, 4),
    st.booleans(),
    st.booleans(),
)
def test_no_figures_of_a_confusion_matrix_are_said_to_be_impossible(counts, average, places, percent, cut_off):
    assume((counts.sum(axis=1) > 0).all())
    assume(average != "binary" or len(counts) == 2)
    scale = 100 if percent else 1
    texts = {}
    for name, value in figures_of(counts, average).items():
        shown = np.floor(value * scale * 10**places) / 10**places if cut_off else value * scale
        texts[name] = f"{shown:.{places}f}" + (" %" if percent else "")
    supports = tuple(int(each) for each in counts.sum(axis=1))
    for known in (
        Counted(len(counts), sum(supports), supports),
        Counted(len(counts), sum(supports)),
        Counted(len(counts)),
        Counted(),
    ):
        assert contradictions(Claims(texts, average=average), known) == []
        assert contradictions(Claims(texts), known) == []


@settings(max_examples=60, deadline=None)
@given(matrices(3))
def test_uf1_and_uar_of_a_confusion_matrix_are_never_impossible(counts):
    assume((counts.sum(axis=1) > 0).all())
    found = figures_of(counts, "macro")
    texts = {"accuracy": found["accuracy"], "uf1": found["f1"], "uar": found["recall"]}
    supports = tuple(int(each) for each in counts.sum(axis=1))
    claims = Claims({name: f"{value:.3f}" for name, value in texts.items()})
    assert contradictions(claims, Counted(3, sum(supports), supports)) == []


CANNOT = {
    "recall 99.9 with accuracy 97.5, five classes": (
        Claims({"accuracy": "97.5", "recall": "99.9"}),
        Counted(5),
        "leave an accuracy of 99.25% or more",
    ),
    "precision 99.99 with accuracy 97.52, macro over eight classes": (
        Claims({"accuracy": "97.52", "precision": "99.99"}, average="macro"),
        Counted(8),
        "leave an accuracy of 99.88% or more",
    ),
    "precision 99.99 with accuracy 97.52, weighted, hundred samples of each class": (
        Claims({"accuracy": "97.52", "precision": "99.99"}, average="weighted"),
        Counted(8, supports=(100,) * 8),
        "the errors leave it",
    ),
    "weighted recall is accuracy": (
        Claims({"accuracy": "90.0", "recall": "91.0"}, average="weighted"),
        Counted(),
        "is the same thing as accuracy",
    ),
    "micro F1 is accuracy": (
        Claims({"accuracy": "0.90", "f1": "0.80"}, average="micro"),
        Counted(),
        "is the same thing as accuracy",
    ),
    "F1 above precision and recall": (
        Claims({"f1": "0.90", "precision": "0.80", "recall": "0.85"}),
        Counted(),
        "it is at most",
    ),
    "F1 of one class below both": (
        Claims({"f1": "0.70", "precision": "0.80", "recall": "0.85"}, average="binary"),
        Counted(),
        "it is at least",
    ),
    "macro F1 far below both": (
        Claims({"f1": "0.50", "precision": "0.90", "recall": "0.90"}, average="macro"),
        Counted(),
        "it is at least",
    ),
    "90.0 % of 7 samples": (
        Claims({"accuracy": "90.0"}),
        Counted(samples=7),
        "is no whole number of 7 samples: 6 would be 85.71%, 7 would be 100.00%",
    ),
    "accuracy of 101 %": (Claims({"accuracy": "101.0"}), Counted(), "is not between 0 and 100 %"),
    "macro recall that the supports do not allow": (
        Claims({"accuracy": "99.0", "uar": "50.0"}),
        Counted(2, 100, (50, 50)),
        "leave an accuracy of 50.10% or less",
    ),
    "two classes of ten: no table has all three": (
        Claims({"accuracy": "0.75", "precision": "0.80", "recall": "0.60"}, average="binary"),
        Counted(2, 20, (10, 10)),
        "no table of two classes with 10 and 10 samples has them all",
    ),
}


@pytest.mark.parametrize(("claims", "counted", "words"), CANNOT.values(), ids=CANNOT)
def test_figures_that_cannot_be_are_told_with_the_reason(claims, counted, words):
    lines = contradictions(claims, counted)
    assert any(words in line for line in lines), lines


CAN = {
    "recall 99.9 with accuracy 97.5 of one class of two": (Claims({"accuracy": "97.5", "recall": "99.9"}), Counted(2)),
    "the same where the number of classes is not known": (Claims({"accuracy": "97.5", "recall": "99.9"}), Counted()),
    "macro F1 below precision and recall": (
        Claims({"f1": "0.78", "precision": "0.80", "recall": "0.85"}, average="macro"),
        Counted(),
    ),
    "6 of 7, rounded": (Claims({"accuracy": "85.7"}), Counted(samples=7)),
    "6 of 7, cut off": (Claims({"accuracy": "0.857"}), Counted(samples=7)),
    "all right": (
        Claims({"accuracy": "100", "precision": "100", "recall": "100", "f1": "100"}),
        Counted(3, 9, (3, 3, 3)),
    ),
    "two classes of ten that one table has": (
        Claims({"accuracy": "0.75", "precision": "0.86", "recall": "0.60"}, average="binary"),
        Counted(2, 20, (10, 10)),
    ),
}


@pytest.mark.parametrize(("claims", "counted"), CAN.values(), ids=CAN)
def test_figures_that_can_be_are_left_alone(claims, counted):
    assert contradictions(claims, counted) == []


def test_the_number_of_classes_and_samples_is_taken_from_the_table(tables):
    """30 people held out in three parts: 60 test samples, 20 of each of three classes."""
    table = tables.hold_out().drop(columns="prediction")
    claims = Claims({"accuracy": "97.5", "recall": "99.9"}, average="macro")
    (finding,) = audit(make_case("planted", table, replace(tables.honest, seeds=(), claims=claims)))
    assert (finding.code, finding.severity) == ("EV008", "caution")
    assert finding.evidence[0] == (
        "accuracy 97.5 is no whole number of 60 samples: 58 would be 96.67%, 59 would be 98.33%"
    )
    assert "3 classes and this recall leave an accuracy of" in finding.evidence[1]


def test_means_over_seeds_or_folds_need_not_be_whole_numbers_of_samples(tables):
    claims = Claims({"accuracy": "97.5"})
    hold_out = tables.hold_out().drop(columns="prediction")
    assert audit(make_case("seeds", hold_out, replace(tables.honest, claims=claims))) == ()
    loso = tables.loso().drop(columns="prediction")
    assert audit(make_case("folds", loso, replace(tables.honest, seeds=(), claims=claims))) == ()


def test_a_claim_that_the_predictions_of_the_table_do_not_give(tables):
    table = tables.loso()
    tested = table[table["split"] == "test"]
    true = float((tested["truth"] == tested["prediction"]).mean())
    facts = replace(tables.honest, claims=Claims({"accuracy": f"{100 * true:.2f}"}))
    assert audit(make_case("right", table, facts)) == ()
    (finding,) = audit(make_case("wrong", table, replace(facts, claims=Claims({"accuracy": "99.10"}))))
    assert finding.code == "EV008"
    assert finding.evidence == (
        f"accuracy 99.10: the predictions of the table give {true:.4f} (all folds together) "
        f"or {true:.4f} (mean of folds)",
    )


def test_the_printed_places_say_what_a_figure_can_have_been():
    found = printed({"accuracy": "97.50", "recall": "98"})
    assert found["accuracy"].can_be(0.97504)
    assert not found["accuracy"].can_be(0.9752)
    assert found["recall"].can_be(0.9849)
    assert not found["recall"].can_be(0.9741)
    with pytest.raises(ValueError, match=r"accuracy is a number such as 97\.52 or 0\.9752, got 'high'"):
        printed({"accuracy": "high"})
