"""LK001 and LK002 against the plain words of their definition, on splits that nobody thought of."""

from __future__ import annotations

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from micromask.evaluation.audit import audits, make_case

ROWS = st.lists(
    st.tuples(
        st.sampled_from("abcdef"),  # clip
        st.sampled_from(["ann", "bo", "cy"]),  # subject
        st.sampled_from(["train", "validation", "test"]),
        st.sampled_from(["1", "2", "10"]),  # fold
    ),
    min_size=1,
    max_size=30,
)


def both_sides(rows, of):
    """What is tested in a fold in which it is also trained on or validated on."""
    tested = {(fold, of(clip, subject)) for clip, subject, side, fold in rows if side == "test"}
    other = {(fold, of(clip, subject)) for clip, subject, side, fold in rows if side != "test"}
    return tested & other


def case_of_rows(rows):
    return make_case("drawn", pd.DataFrame(rows, columns=["clip", "subject", "split", "fold"]))


@settings(max_examples=60, deadline=None)
@given(ROWS)
def test_lk001_is_found_where_a_subject_is_on_both_sides_of_a_fold_and_only_there(rows):
    expected = both_sides(rows, lambda clip, subject: subject)
    found = audits["LK001"](case_of_rows(rows))
    assert len(found) == bool(expected)
    if found:
        assert len(found[0].evidence) == 1 + len(expected)
        for fold, subject in expected:
            assert any(line.startswith(f"fold {fold}: {subject}: ") for line in found[0].evidence)


@settings(max_examples=60, deadline=None)
@given(ROWS)
def test_lk002_is_found_where_a_clip_is_on_both_sides_of_a_fold_and_only_there(rows):
    rows = [(f"{clip} of {subject}", subject, side, fold) for clip, subject, side, fold in rows]
    expected = both_sides(rows, lambda clip, subject: clip)
    found = audits["LK002"](case_of_rows(rows))
    assert len(found) == bool(expected)
    if found:
        assert len(found[0].evidence) == 1 + len(expected)
        for fold, clip in expected:
            assert any(line.startswith(f"clip fold {fold}: {clip}: ") for line in found[0].evidence)


def test_a_subject_that_is_tested_in_one_fold_and_trained_on_in_another_is_no_leak():
    rows = [("a", "ann", "test", "1"), ("b", "bo", "train", "1"), ("a", "ann", "train", "2"), ("b", "bo", "test", "2")]
    assert audits["LK001"](case_of_rows(rows)) == []
    assert audits["LK002"](case_of_rows(rows)) == []


def test_folds_and_subjects_are_told_in_natural_order():
    rows = [
        (f"{who}{side}{fold}", who, side, fold)
        for fold in ("10", "2")
        for who in ("s10", "s9")
        for side in ("train", "test")
    ]
    (finding,) = audits["LK001"](case_of_rows(rows))
    assert [line.partition(": 1")[0] for line in finding.evidence[1:]] == [
        "fold 2: s9",
        "fold 2: s10",
        "fold 10: s9",
        "fold 10: s10",
    ]


def test_a_name_under_people_with_different_labels_is_another_clip_under_each():
    rows = [
        ("EP01", "ann", "train", "x"),
        ("EP01", "bo", "test", "y"),
        *((f"c{n}", "bo", "test", "x") for n in range(9)),
    ]
    table = pd.DataFrame(rows, columns=["clip", "subject", "split", "truth"])
    assert audits["LK002"](make_case("own names", table)) == []
    table["truth"] = "x"
    assert len(audits["LK002"](make_case("one clip", table))) == 1


def test_the_same_name_in_another_data_set_is_another_person_and_another_clip():
    rows = [
        ("c1", "01", "train", "samm"),
        ("c1", "01", "test", "casme2"),
        *((f"c{n}", "02", "test", "smic") for n in range(9)),
    ]
    table = pd.DataFrame(rows, columns=["clip", "subject", "split", "dataset"])
    assert audits["LK001"](make_case("two", table)) == []
    assert audits["LK002"](make_case("two", table)) == []
    without = make_case("two", table.drop(columns="dataset"))
    assert len(audits["LK001"](without)) == 1
