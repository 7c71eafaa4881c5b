from __future__ import annotations

import shutil
from dataclasses import replace

import pytest

from micromask.core.errors import BadInputError
from micromask.studies.coded_units import read_units
from micromask.studies.coding import add_coder, coders, labels_of, progress, remove_label, save_label
from micromask.studies.labels import CANNOT_TELL, NONE, Decision, label_document
from micromask.studies.store import open_store


def test_coders_are_kept_by_name_in_the_order_in_which_they_came(case):
    assert add_coder(case.folder, "  Zoë   Ann ") == "Zoë Ann"
    add_coder(case.folder, "ben")
    assert coders(case.folder) == ("Zoë Ann", "ben")


@pytest.mark.parametrize("name", ["", " ", "a/b", "..", "a..b", "x" * 41, "-a", "<b>"])
def test_a_name_that_is_none_is_refused(case, name):
    with pytest.raises(BadInputError, match="a coder's name has 1 to 40"):
        add_coder(case.folder, name)


def test_a_name_that_somebody_has_is_refused_whatever_its_capitals(case):
    add_coder(case.folder, "Ann")
    with pytest.raises(BadInputError, match="there is a coder 'Ann' already"):
        add_coder(case.folder, "ANN")


def test_a_label_comes_back_as_it_was_saved(case):
    add_coder(case.folder, "ann")
    told = Decision(
        "micro", "sad", 2, None, None, None, read_units("1+L15B"), 4, ("mouth",), "corner of the mouth, briefly"
    )
    saved = save_label(case.folder, case.design, "ann", 1, told)
    assert saved.decision == told
    assert labels_of(case.folder, "ann", 1) == (saved,)
    assert label_document(saved)["action_units"] == "1+L15B"


def test_a_masked_label_keeps_what_is_shown_and_felt_in_the_studys_words(case):
    add_coder(case.folder, "ann")
    saved = case.code("ann", 1, 0, "happy_but_angry", "masked")
    assert (saved.shown, saved.felt) == ("happiness", "anger")


def test_a_second_decision_takes_the_place_of_the_first_and_kinds_stand_side_by_side(case):
    add_coder(case.folder, "ann")
    first = case.code("ann", 1, 0, "sad")
    second = case.code("ann", 1, 0, NONE)
    masked = case.code("ann", 1, 0, CANNOT_TELL, "masked")
    assert second.id == first.id
    assert [(label.decision.kind, label.decision.emotion) for label in labels_of(case.folder, "ann", 1)] == [
        ("micro", ""),
        ("masked", "cannot tell"),
    ]
    assert masked.shown is None


def test_an_interval_is_kept_and_can_be_changed(case):
    add_coder(case.folder, "ann")
    saved = save_label(case.folder, case.design, "ann", 1, Decision("micro", "sad", None, 10, 14, 20))
    other = save_label(case.folder, case.design, "ann", 1, Decision("micro", "anger", None, 10, None, 49))
    changed = save_label(case.folder, case.design, "ann", 1, Decision("micro", "sad", None, 11, 14, 20), saved.id)
    assert changed.id == saved.id
    assert labels_of(case.folder, "ann", 1) == (changed, other)


@pytest.mark.parametrize(
    ("told", "why"),
    [
        (Decision("micro", "joy", 0), "'joy' is no micro label of this study; wanted anger, sad, happiness, no expr"),
        (Decision("micro", "happy_but_sad", 0), "is no micro label"),
        (Decision("masked", "sad", 0), "'sad' is no masked label of this study; wanted happy_but_sad, happy_but_angry"),
        (Decision("micro", "sad", 9), "recording 1 has no kept frame 9"),
        (Decision("micro", "sad", 0, confidence=6), "confidence is 1 to 5 or none, got 6"),
        (Decision("micro", "sad", 0, covered=("nose",)), "what can be covered is mouth and eyes, got nose"),
        (Decision("micro", "sad", 0, note="x" * 2001), "at most 2000 letters"),
        (Decision("micro", "sad", 0, 1, 2, 3), "not both"),
        (Decision("micro", "sad"), "needs an onset and an offset"),
        (Decision("micro", "sad", None, 10, 9, 20), "must follow one another, got 10, 9, 20"),
        (Decision("micro", "sad", None, 10, 21, 20), "must follow one another"),
        (Decision("micro", "sad", None, 20, None, 10), "must follow one another"),
        (Decision("micro", "sad", None, -1, None, 10), "must follow one another"),
        (Decision("micro", "sad", None, 10, 20, 50), "offset 50 lies behind the film, whose last frame is 49"),
    ],
)
def test_what_the_study_does_not_know_is_refused_and_nothing_is_kept(case, told, why):
    add_coder(case.folder, "ann")
    with pytest.raises(BadInputError, match=why):
        save_label(case.folder, case.design, "ann", 1, told)
    assert labels_of(case.folder, "ann", 1) == ()


def test_a_kind_that_the_study_does_not_code_is_refused(case):
    add_coder(case.folder, "ann")
    with pytest.raises(BadInputError, match="this study codes micro, got 'masked'"):
        save_label(case.folder, replace(case.design, kinds=("micro",)), "ann", 1, Decision("masked", NONE, 0))


def test_strangers_and_films_that_are_not_there_are_refused(case):
    with pytest.raises(BadInputError, match="no coder 'ann'"):
        case.code("ann", 1, 0, "sad")
    add_coder(case.folder, "ann")
    with pytest.raises(BadInputError, match="no recording 7"):
        case.code("ann", 7, 0, "sad")


def test_a_coder_cannot_touch_the_label_of_another_or_of_another_film(case):
    for name in ("ann", "ben"):
        add_coder(case.folder, name)
    hers = case.code("ann", 1, 0, "sad")
    interval = save_label(case.folder, case.design, "ann", 1, Decision("micro", "sad", None, 1, None, 2))
    for coder, recording, label in [("ben", 1, hers.id), ("ann", 2, hers.id), ("ann", 1, 999)]:
        with pytest.raises(BadInputError, match="has no such label in this film"):
            remove_label(case.folder, coder, recording, label)
    with pytest.raises(BadInputError, match="ben has no such interval"):
        save_label(case.folder, case.design, "ben", 1, Decision("micro", "anger", None, 1, None, 2), interval.id)
    with pytest.raises(BadInputError, match="ann has no such interval"):
        save_label(case.folder, case.design, "ann", 1, Decision("micro", "anger", None, 1, None, 2), hers.id)
    assert labels_of(case.folder, "ann", 1) == (hers, interval)


def test_progress_counts_the_coders_own_frames_by_kind(case):
    for name in ("ann", "ben"):
        add_coder(case.folder, name)
    case.code("ann", 1, 0, "sad")
    case.code("ann", 1, 1, NONE)
    case.code("ann", 1, 1, NONE, "masked")
    case.code("ben", 2, 1, "sad")
    save_label(case.folder, case.design, "ann", 2, Decision("micro", "sad", None, 1, None, 2))
    first, second = progress(case.folder, case.design, "ann")
    assert (first.participant, first.frames, first.coded, first.intervals) == ("P01", 4, {"micro": 2, "masked": 1}, 0)
    assert (second.participant, second.coded, second.intervals) == ("P02", {"micro": 0, "masked": 0}, 1)


def test_films_of_people_who_withdrew_are_neither_offered_nor_coded(case):
    add_coder(case.folder, "ann")
    with open_store(case.folder) as store:
        store.execute("UPDATE consent SET withdrawn = '2026-02-02' WHERE participant = 'P01'")
    assert [film.participant for film in progress(case.folder, case.design, "ann")] == ["P02"]
    with pytest.raises(BadInputError, match="the consent of P01 does not stand"):
        case.code("ann", 1, 0, "sad")


def test_a_film_that_lies_outside_the_study_is_not_opened(case, tmp_path_factory):
    add_coder(case.folder, "ann")
    outside = tmp_path_factory.mktemp("outside") / "film.mp4"
    shutil.copy(case.folder / "films" / "P01" / "1-images.mp4", outside)
    with open_store(case.folder) as store:
        store.execute("UPDATE recording SET path = ? WHERE id = 1", (f"../{outside.parent.name}/film.mp4",))
    with pytest.raises(BadInputError, match="is not there"):
        save_label(case.folder, case.design, "ann", 1, Decision("micro", "sad", None, 1, None, 2))
