"""Each leak planted once in an honest split is found, and alone; honest splits have no finding at all."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from micromask.evaluation.audit import Facts, audit, make_case


def found(table: pd.DataFrame, facts: Facts) -> dict[str, str]:
    return {each.code: each.severity for each in audit(make_case("planted", table, facts))}


def two_corpora(tables):
    """The subjects of both are called s00 to s11."""
    return pd.concat([tables.corpus(dataset="samm"), tables.corpus(dataset="casme2", clips=9)], ignore_index=True)


CLEAN = {
    "LOSO": lambda tables: tables.loso(),
    "four folds by subject": lambda tables: tables.k_fold(),
    "a held-out part with a validation part of other people": lambda tables: tables.hold_out(),
    "people with uneven classes": lambda tables: tables.loso(tables.corpus(clips=20, uneven=True)),
    "clips counted anew for each person": lambda tables: tables.loso(tables.corpus(own_names=True)),
    "two corpora with the same names, LOSO": lambda tables: tables.loso(two_corpora(tables)),
    "train on one corpus, test on the other": lambda tables: tables.folds(
        two_corpora(tables), lambda row: row["dataset"]
    ),
    "one film a person": lambda tables: tables.loso(tables.corpus().assign(recording=lambda t: t["subject"])),
    "frames of clips, by subject": lambda tables: tables.k_fold(
        pd.concat([tables.corpus().assign(frame=str(frame)) for frame in range(3)], ignore_index=True)
    ),
    "augmented copies beside their originals": lambda tables: tables.k_fold(
        pd.concat([tables.corpus(), tables.corpus().assign(clip=lambda t: t["clip"] + "_flip")], ignore_index=True)
    ),
}


@pytest.mark.parametrize("make", CLEAN.values(), ids=CLEAN)
def test_an_honest_split_has_no_finding(tables, make):
    assert found(make(tables), tables.honest) == {}
    assert found(make(tables), Facts()) == {}


def subject_on_both_sides(tables):
    table = tables.hold_out()
    (row, *_) = np.flatnonzero((table["subject"] == "s00").to_numpy())
    table.loc[row, "split"] = "train"
    return table


def test_lk001_one_clip_of_a_test_subject_in_training(tables):
    assert found(subject_on_both_sides(tables), tables.honest) == {"LK001": "leak"}


def test_lk001_counts_people_folds_and_clips(tables):
    (finding,) = audit(make_case("planted", subject_on_both_sides(tables), tables.honest))
    assert finding.evidence == (
        "1 subject of 10 tested, in 1 of 1 fold; 5 test samples are theirs",
        "s00: 1 to train on, 5 to test on",
    )


def test_lk001_a_test_subject_in_validation(tables):
    table = tables.hold_out()
    (row, *_) = np.flatnonzero((table["subject"] == "s00").to_numpy())
    table.loc[row, "split"] = "validation"
    assert found(table, tables.honest) == {"LK001": "leak"}


def test_the_sharing_of_people_between_training_and_validation_is_no_leak(tables):
    table = tables.hold_out()
    (row, *_) = np.flatnonzero((table["subject"] == "s01").to_numpy())
    table.loc[row, "split"] = "train"
    assert found(table, tables.honest) == {}


def test_lk002_a_clip_under_another_subject(tables):
    table = tables.hold_out()
    copied = table[table["subject"] == "s00"].iloc[[0]].assign(subject="s02", split="train", recording="another film")
    assert found(pd.concat([table, copied], ignore_index=True), tables.honest) == {"LK002": "leak"}


def test_lk002_a_recording_of_two_people(tables):
    table = tables.hold_out()
    table.loc[table["subject"].isin(["s00", "s02"]), "recording"] = "interview"
    assert found(table, tables.honest) == {"LK002": "leak"}


def test_lk002_and_lk001_frames_of_one_clip_at_random(tables):
    frames = pd.concat([tables.corpus().assign(frame=str(frame)) for frame in range(10)], ignore_index=True)
    table = frames.assign(split=np.where(np.random.default_rng(0).random(len(frames)) < 0.8, "train", "test"))
    assert found(table, tables.honest) == {"LK001": "leak", "LK002": "leak"}


@pytest.mark.parametrize("selection", ["as-published", "test"])
def test_lk004_the_selection_was_the_test_sides(tables, selection):
    assert found(tables.loso(), replace(tables.honest, selection=selection)) == {"LK004": "leak"}


def test_lk004_the_validation_rows_are_the_test_rows(tables):
    table = tables.hold_out()
    test = table[table["split"] == "test"]
    table = pd.concat([table[table["split"] != "validation"], test, test.assign(split="validation")], ignore_index=True)
    assert found(table, tables.honest) == {"LK001": "leak", "LK002": "leak", "LK004": "leak"}


def test_lk005_declared(tables):
    assert found(tables.loso(), replace(tables.honest, augmented_before_split=True)) == {"LK005": "leak"}


@pytest.mark.parametrize("mark", ["_flip", "_aug3", "-rot10", "_crop_blur", ".mirrored", "_SMOTE_2"])
def test_lk005_an_augmented_copy_of_a_test_clip_in_training(tables, mark):
    table = tables.hold_out()
    copy = (
        table[table["split"] == "test"].iloc[[0]].assign(clip=lambda t: t["clip"] + mark, split="train", recording="")
    )
    leaks = found(pd.concat([table, copy], ignore_index=True), tables.honest)
    assert leaks == {"LK001": "leak", "LK005": "leak"}, "the copy is of the same person too"


def test_lk006_clusters_of_all_data(tables):
    facts = replace(tables.honest, fitted_on_test=("k-means", "mean and spread"))
    (finding,) = audit(make_case("planted", tables.loso(), facts))
    assert (finding.code, finding.severity) == ("LK006", "leak")
    assert finding.evidence == ("2 steps fitted with test data", "k-means", "mean and spread")


def test_lk007_one_person_in_two_corpora(tables):
    table = tables.folds(two_corpora(tables), lambda row: row["dataset"])
    facts = replace(tables.honest, people={"samm/s03": "ann", "casme2/s07": "ann", "samm/s05": "bo"})
    (finding,) = audit(make_case("planted", table, facts))
    assert (finding.code, finding.severity) == ("LK007", "leak")
    assert finding.evidence == (
        "1 person under several names",
        "fold casme2: ann is samm/s03 to train on, casme2/s07 to test on",
        "fold samm: ann is casme2/s07 to train on, samm/s03 to test on",
    )


def test_lk007_an_alias_of_a_name_in_the_table(tables):
    assert found(tables.loso(), replace(tables.honest, people={"s03": "s07"})) == {"LK007": "leak"}


def test_lk007_by_the_column_person(tables):
    table = tables.loso()
    table["person"] = table["subject"].replace({"s03": "p1", "s07": "p1"})
    assert found(table, tables.honest) == {"LK007": "leak"}


def test_lk007_two_names_on_the_same_side_are_no_leak(tables):
    facts = replace(tables.honest, people={"s00": "ann", "s04": "ann"})
    assert found(tables.k_fold(k=4), facts) == {}, "both are tested in the first fold"


def test_lk009_a_threshold_tuned_on_the_test_recordings(tables):
    assert found(tables.loso(), replace(tables.honest, threshold_from="test")) == {"LK009": "leak"}


@pytest.mark.parametrize("name", ["s03", "samm/s03", "ann"])
def test_lk010_a_test_subject_in_the_pretraining(tables, name):
    table = tables.loso(tables.corpus(dataset="samm"))
    facts = replace(tables.honest, pretraining_subjects=("smic/s03", name), people={"samm/s03": "ann"})
    assert found(table, facts) == {"LK010": "leak"}


def test_lk010_another_corpus_subject_of_that_name_is_no_leak(tables):
    table = tables.loso(tables.corpus(dataset="samm"))
    assert found(table, replace(tables.honest, pretraining_subjects=("smic/s03",))) == {}


def test_the_same_case_has_the_same_findings_in_the_same_order(tables):
    table = subject_on_both_sides(tables).drop(columns="prediction")
    facts = replace(tables.honest, selection="test", seeds=(0,))
    first = audit(make_case("planted", table, facts))
    shuffled = audit(make_case("planted", table.sample(frac=1, random_state=3), facts))
    assert first == shuffled
    assert [each.code for each in first] == ["LK001", "LK004", "EV005"]


def test_evidence_is_cut_but_counts_are_complete(tables):
    table = tables.corpus(people=60)
    table["split"] = ["test" if at % 2 else "train" for at in range(len(table))]
    (finding,) = audit(make_case("planted", table, tables.honest))
    assert finding.evidence[0] == "60 subjects of 60 tested, in 1 of 1 fold; 180 test samples are theirs"
    assert len(finding.evidence) == 22
    assert finding.evidence[-1] == "and 40 more"
