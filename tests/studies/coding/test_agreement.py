from __future__ import annotations

import json

import numpy as np
import pytest

from micromask.studies.agreement import agreement, agreement_document
from micromask.studies.coded_units import read_units
from micromask.studies.coding import add_coder, save_label
from micromask.studies.interval_agreement import Mark
from micromask.studies.labels import CANNOT_TELL, NONE, Decision
from micromask.studies.store import open_store


def code(case, coder, emotions, kind="micro", units=()):
    """Label the frames 0 to 3 of P01, then those of P02, in this order; None leaves one out."""
    for index, emotion in enumerate(emotions):
        if emotion is not None:
            named = read_units(units[index]) if units else ()
            case.code(coder, 1 + index // 4, index % 4, emotion, kind, action_units=named)


@pytest.fixture
def three(case):
    for name in ("ann", "ben", "cem"):
        add_coder(case.folder, name)
    return case


def test_two_coders_worked_by_hand(three):
    """sad 3, anger 2, none 2 in common of 8: 7/8 raw; by chance (4*3 + 2*2 + 2*3) / 64 = 22/64; kappa 34/42."""
    code(three, "ann", ["sad", "sad", "sad", "sad", "anger", "anger", NONE, NONE])
    code(three, "ben", ["sad", "sad", "sad", NONE, "anger", "anger", NONE, NONE])
    told = agreement(three.folder).kinds[0]
    overall = told.figure("Cohen's kappa", "ann", "ben")
    chance = (4 * 3 + 2 * 2 + 2 * 3) / 64
    assert overall.raw == 7 / 8
    assert overall.value == pytest.approx((7 / 8 - chance) / (1 - chance))
    sad = told.figure("Cohen's kappa", emotion="sad")
    chance = (4 * 3 + 4 * 5) / 64
    assert sad.value == pytest.approx((7 / 8 - chance) / (1 - chance))
    assert told.figure("Cohen's kappa", emotion="anger").value == 1.0
    assert (told.labelled, told.why) == ({"ann": 8, "ben": 8}, "")
    assert {figure.emotion for figure in told.figures} == {None, "sad", "anger", ""}
    low, high = overall.interval
    assert low <= overall.value <= high


def test_three_coders_have_a_kappa_for_each_pair_and_one_for_all(three):
    code(three, "ann", ["sad", "anger", NONE, NONE, "sad"])
    code(three, "ben", ["sad", "anger", NONE, "sad", "sad"])
    code(three, "cem", ["sad", NONE, NONE, None, "anger"])
    told = agreement(three.folder).kinds[0]
    overall = [figure for figure in told.figures if figure.emotion is None]
    assert [(figure.chance.measure, figure.coders) for figure in overall] == [
        ("Cohen's kappa", ("ann", "ben")),
        ("Cohen's kappa", ("ann", "cem")),
        ("Cohen's kappa", ("ben", "cem")),
        ("Fleiss' kappa", ("ann", "ben", "cem")),
        ("Krippendorff's alpha", ("ann", "ben", "cem")),
    ]
    assert [figure.chance.frames for figure in overall] == [5, 4, 4, 4, 5]
    assert [(one.number, one.labels) for one in told.disagreements] == [
        (1, {"ann": "anger", "ben": "anger", "cem": ""}),
        (3, {"ann": "", "ben": "sad"}),
        (0, {"ann": "sad", "ben": "sad", "cem": "anger"}),
    ]


def test_micro_and_masked_are_measured_apart(three):
    code(three, "ann", ["sad", "anger"] * 4)
    code(three, "ben", ["sad", "anger"] * 4)
    code(three, "ann", ["happy_but_sad", NONE] * 4, "masked")
    code(three, "ben", [NONE, "happy_but_sad"] * 4, "masked")
    micro, masked = agreement(three.folder).kinds
    assert (micro.kind, micro.figure("Cohen's kappa").value) == ("micro", 1.0)
    assert (masked.kind, masked.figure("Cohen's kappa").value) == ("masked", -1.0)
    assert len(masked.disagreements) == 8


def test_who_cannot_tell_is_missing_from_the_figures_and_counted(three):
    code(three, "ann", ["sad", "anger", CANNOT_TELL, NONE, NONE])
    code(three, "ben", ["sad", "anger", "sad", NONE, NONE])
    told = agreement(three.folder).kinds[0]
    assert told.figure("Cohen's kappa").value == 1.0
    assert told.figure("Cohen's kappa").frames == 4
    assert told.cannot_tell == {"ann": 1, "ben": 0}
    assert [(one.number, one.labels["ann"]) for one in told.disagreements] == [(2, "cannot tell")]


def test_nobody_one_coder_and_no_frame_in_common_are_said_in_words(three):
    assert agreement(three.folder).kinds == ()
    code(three, "ann", ["sad", "anger"])
    alone = agreement(three.folder).kinds[0]
    assert (alone.figures, alone.why) == ((), "only ann has coded: agreement needs two coders")
    code(three, "ben", [None, None, "sad", "anger"])
    apart = agreement(three.folder).kinds[0]
    assert {figure.chance.value for figure in apart.figures} == {None}
    assert apart.figure("Cohen's kappa").why == "no frame was labelled by both"
    assert apart.units[0].why == "no frame was labelled by both"
    text = json.dumps(agreement_document(agreement(three.folder)), allow_nan=False)
    assert "no frame was labelled by both" in text


def test_people_whose_consent_does_not_stand_are_left_out(three):
    code(three, "ann", ["sad"] * 4 + ["anger"] * 4)
    code(three, "ben", ["anger"] * 4 + ["anger"] * 4)
    with open_store(three.folder) as store:
        store.execute("UPDATE consent SET withdrawn = '2026-02-02' WHERE participant = 'P01'")
    told = agreement(three.folder).kinds[0]
    assert (told.labelled, told.disagreements) == ({"ann": 4, "ben": 4}, ())


def test_action_units_agree_twice_those_in_common_over_all(three):
    """ann: 4, 4+7, 12, none; ben: 4B, 4, 15, none: two in common, 4 and 3 named: 2 * 2 / 7."""
    code(three, "ann", ["sad"] * 4, units=["4", "4+7", "12", ""])
    code(three, "ben", ["sad"] * 4, units=["L4B", "4", "15", ""])
    units = agreement(three.folder).kinds[0].units[0]
    assert units.value == pytest.approx(4 / 7)
    assert units.by_number == ((4, 2, 2, 2), (7, 0, 1, 0), (12, 0, 1, 0), (15, 0, 0, 1))


def test_marks_of_matching_intervals_are_compared_in_frames(three):
    def mark(coder, emotion, onset, apex, offset):
        save_label(three.folder, three.design, coder, 1, Decision("micro", emotion, None, onset, apex, offset))

    mark("ann", "sad", 0, 4, 9)
    mark("ann", "anger", 20, 25, 30)
    mark("ann", "sad", 45, None, 49)
    mark("ben", "sad", 22, 24, 29)
    mark("ben", "sad", 2, None, 12)
    told = agreement(three.folder).kinds[0].intervals[0]
    assert (told.marked, told.matched, told.same_emotion, told.why) == ((3, 2), 2, 1, "")
    assert told.onset == Mark(2, 2.0, 2.0, 2)
    assert told.apex == Mark(1, -1.0, 1.0, 1)
    assert told.offset == Mark(2, 1.0, 2.0, 3)


def test_intervals_that_do_not_overlap_are_said_in_words(three):
    code(three, "ben", ["sad"])
    save_label(three.folder, three.design, "ann", 1, Decision("micro", "sad", None, 20, None, 21))
    assert agreement(three.folder).kinds[0].intervals[0].why == "ben marked none"
    for coder, onset in (("ann", 0), ("ben", 30)):
        save_label(three.folder, three.design, coder, 1, Decision("micro", "sad", None, onset, None, onset + 5))
    told = agreement(three.folder).kinds[0].intervals[0]
    assert (told.matched, told.onset) == (0, None)
    assert told.why == "no interval of one overlaps with one of the other"


def test_the_document_is_plain_json(three):
    code(three, "ann", ["sad", "anger", NONE, NONE])
    code(three, "ben", ["sad", "anger", NONE, "sad"])
    document = json.loads(json.dumps(agreement_document(agreement(three.folder)), allow_nan=False))
    first = document["kinds"][0]["figures"][0]
    assert first["coders"] == ["ann", "ben"]
    assert first["chance"]["raw"] == 0.75
    assert np.isfinite(first["chance"]["value"])
