"""LK008: are the classes people?"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from micromask.evaluation.audit import audits, make_case

look = audits["LK008"]


def at_random(table, share=0.8, seed=0):
    sides = np.where(np.random.default_rng(seed).random(len(table)) < share, "train", "test")
    return table.assign(split=sides)


def table_of(labels, clips):
    """A row a clip; ``labels`` is, person by person, the label of all clips or a list of them."""
    rows = []
    for person, label in enumerate(labels):
        for at in range(clips):
            rows.append((f"{person}-{at}", f"s{person:02d}", label if isinstance(label, str) else label[at]))
    return pd.DataFrame(rows, columns=["clip", "subject", "truth"])


def test_classes_that_are_subjects_by_name_are_found():
    table = at_random(table_of([f"s{person:02d}" for person in range(19)], clips=4))
    (finding,) = look(make_case("identity", table))
    assert finding.severity == "leak"
    assert finding.evidence == ("19 classes, 19 subjects: each class is one subject and the other way round",)


def test_classes_that_are_subjects_under_other_names_are_found_with_one_film_a_person():
    frames = pd.concat([table_of([f"class {n}" for n in range(12)], clips=1).assign(frame=str(f)) for f in range(20)])
    (finding,) = look(make_case("identity", at_random(frames.reset_index(drop=True))))
    assert finding.severity == "leak"


def test_labels_that_the_subject_tells_are_found_where_subjects_are_on_both_sides():
    table = at_random(table_of(["anger", "joy", "fear"] * 4, clips=6))
    (finding,) = look(make_case("one label a person", table))
    assert finding.severity == "leak"
    assert "the subject alone tells 100.0% of" in finding.evidence[0]


def test_one_label_a_person_is_a_caution_where_nobody_is_on_both_sides():
    table = table_of(["anger", "joy", "fear"] * 4, clips=6)
    table["split"] = np.where(table["subject"] < "s06", "train", "test")
    (finding,) = look(make_case("one label a person", table))
    assert finding.severity == "caution"
    assert finding.evidence[0].startswith("100.0% of 72 clips have the usual label of their subject, ")


@pytest.mark.parametrize("seed", range(12))
def test_people_who_show_one_class_more_than_others_are_no_identities(seed):
    rng = np.random.default_rng(seed)
    labels = [list(rng.choice(["a", "b", "c"], 10, p=rng.dirichlet([1.5, 1.5, 1.5]))) for _ in range(20)]
    table = table_of(labels, clips=10)
    assert look(make_case("uneven", at_random(table, seed=seed))) == []
    loso = pd.concat(
        [table.assign(fold=who, split=np.where(table["subject"] == who, "test", "train")) for who in ("s00", "s01")]
    )
    assert look(make_case("uneven", loso.reset_index(drop=True))) == []


def test_one_clip_a_person_says_nothing_of_the_person():
    frames = pd.concat([table_of(["a", "b", "c"] * 5, clips=1).assign(frame=str(f)) for f in range(10)])
    assert look(make_case("frames", at_random(frames.reset_index(drop=True)))) == []


def test_four_clips_are_too_few_to_tell():
    table = table_of(["a", "b"], clips=2).assign(split=["train", "test"] * 2)
    assert look(make_case("few", table)) == []


@pytest.mark.shared
@pytest.mark.parametrize("seed", range(8))
def test_a_random_split_of_smic_and_casme_ii_has_no_identities(shared, seed):
    table = pd.read_csv(shared / "data" / "megc-flow" / "manifest.csv", dtype=str).rename(columns={"emotion": "truth"})
    assert look(make_case("megc", at_random(table, seed=seed))) == []
