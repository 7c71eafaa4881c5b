"""What people say about intervals: kept, undone, beside each other, and attached to a later analysis."""

from __future__ import annotations

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace

import pytest

from micromask.app.workspace.corrections.authors import author_named, authors
from micromask.app.workspace.corrections.opinions import Told, corrected, history, redo, say, undo
from micromask.app.workspace.corrections.said import steps
from micromask.app.workspace.recordings import remove
from micromask.core.errors import BadInputError

FIRST, SECOND = "m0-20-25-30", "m0-60-70-84"
SEEN = Told("accept", FIRST, 0, 20, 25, 30, "micro", "surprise")
OTHER = Told("correct", FIRST, 0, 18, 25, 33, "micro", "fear")
MISSED = Told("add", None, 0, 100, 104, 108, "micro", "disgust", "a nose wrinkle")


@pytest.fixture
def here(made):
    """(workspace, recording) with the authors Kai and Mia."""
    for name in ("Kai", "Mia"):
        author_named(made.workspace, name)
    return made.workspace, made.recording


def by_key(here):
    return {one.key: one for one in corrected(*here)}


def test_without_people_the_machine_stands(here, found):
    one, other = corrected(*here)
    assert (one.key, one.number, one.counts, one.by, one.kind, one.emotion) == (FIRST, 1, True, (), "micro", "surprise")
    assert (other.onset_s, other.apex_s, other.offset_s) == (found[1].onset_s, found[1].apex_s, found[1].offset_s)
    assert (other.kind, other.emotion, other.disputed) == ("macro", "positive", False)


def test_a_correction_stands_and_the_machine_stays_as_it_was(here, found, shown_times):
    say(*here, "Kai", OTHER)
    one = by_key(here)[FIRST]
    assert one.machine.onset == found[0].onset == 20
    assert one.machine.emotion == "surprise"
    assert (one.stands.onset, one.stands.apex, one.stands.offset, one.emotion) == (18, 25, 33, "fear")
    assert one.onset_s == pytest.approx(shown_times[18], abs=2e-6)
    assert one.offset_s == pytest.approx(shown_times[33], abs=2e-6)
    assert one.by == ("Kai",)


def test_a_rejected_interval_does_not_count_and_is_still_there(here):
    say(*here, "Kai", Told("reject", SECOND))
    assert [(one.key, one.counts) for one in corrected(*here)] == [(FIRST, True), (SECOND, False)]


def test_two_people_at_the_same_interval_are_both_kept(here):
    say(*here, "Kai", OTHER)
    say(*here, "Mia", SEEN)
    one = by_key(here)[FIRST]
    assert [(o.author, o.verdict, o.interval.emotion) for o in one.opinions] == [
        ("Kai", "correct", "fear"),
        ("Mia", "accept", "surprise"),
    ]
    assert one.disputed
    assert one.emotion == "surprise"  # who keeps it and spoke last


@pytest.mark.parametrize(
    ("verdicts", "counts"),
    [
        pytest.param(("accept",), True, id="one keeps it"),
        pytest.param(("reject",), False, id="one rejects it"),
        pytest.param(("accept", "reject"), True, id="one each: the machine decides"),
        pytest.param(("accept", "reject", "reject"), False, id="two of three reject it"),
        pytest.param(("reject", "accept", "accept"), True, id="two of three keep it"),
    ],
)
def test_an_interval_of_the_machine_counts_unless_more_people_reject_it(here, verdicts, counts):
    for number, verdict in enumerate(verdicts):
        name = author_named(here[0], f"Person {number}")
        say(*here, name, replace(SEEN, does=verdict))
    assert by_key(here)[FIRST].counts is counts


def test_an_added_interval_counts_only_if_more_people_keep_it_than_reject_it(here):
    say(*here, "Kai", MISSED)
    added = next(one for one in corrected(*here) if one.machine is None)
    assert (added.number, added.counts, added.emotion, added.by) == (None, True, "disgust", ("Kai",))
    say(*here, "Mia", Told("reject", added.key))
    assert not by_key(here)[added.key].counts
    third = author_named(here[0], "Third")
    say(*here, third, replace(MISSED, does="accept", about=added.key))
    assert by_key(here)[added.key].counts


def test_the_same_missed_interval_of_two_people_is_one_with_two_opinions(here):
    say(*here, "Kai", MISSED)
    say(*here, "Mia", replace(MISSED, onset=101, offset=109, emotion="contempt"))
    (added,) = [one for one in corrected(*here) if one.machine is None]
    assert added.by == ("Kai", "Mia")
    assert added.disputed
    assert (added.stands.onset, added.emotion) == (101, "contempt")


def test_undo_goes_back_step_by_step_over_ones_own_lines_only(here):
    say(*here, "Kai", SEEN)
    say(*here, "Kai", OTHER)
    say(*here, "Mia", Told("reject", FIRST))
    undo(*here, "Kai")
    assert [(o.author, o.verdict) for o in by_key(here)[FIRST].opinions] == [("Kai", "accept"), ("Mia", "reject")]
    undo(*here, "Kai")
    assert by_key(here)[FIRST].by == ("Mia",)
    with pytest.raises(BadInputError, match="nothing to undo for Kai"):
        undo(*here, "Kai")
    redo(*here, "Kai")
    redo(*here, "Kai")
    assert by_key(here)[FIRST].opinions[0].verdict == "correct"
    undo(*here, "Kai")
    say(*here, "Kai", MISSED)
    with pytest.raises(BadInputError, match="nothing to redo"):
        redo(*here, "Kai")
    assert steps(history(*here), "Kai").undo == 2


def test_the_log_keeps_what_was_taken_back_and_cannot_be_changed(here):
    say(*here, "Kai", MISSED)
    undo(*here, "Kai")
    assert [(line.author, line.does) for line in history(*here)] == [("Kai", "add"), ("Kai", "undo")]
    assert len(corrected(*here)) == 2
    with (
        closing(sqlite3.connect(here[0] / "app.sqlite")) as store,
        pytest.raises(sqlite3.IntegrityError, match="never"),
    ):
        store.execute("UPDATE correction SET author = 'Mia'")


def test_an_opinion_can_be_withdrawn_long_after(here):
    say(*here, "Kai", Told("reject", FIRST))
    say(*here, "Kai", Told("reject", SECOND))
    say(*here, "Kai", Told("withdraw", FIRST))
    assert [(one.counts, one.by) for one in corrected(*here)] == [(True, ()), (False, ("Kai",))]
    with pytest.raises(BadInputError, match="Kai has said nothing about this interval"):
        say(*here, "Kai", Told("withdraw", FIRST))


def test_who_takes_back_what_they_added_leaves_what_others_said_about_it(here):
    say(*here, "Kai", MISSED)
    key = next(one.key for one in corrected(*here) if one.machine is None)
    say(*here, "Mia", replace(MISSED, does="correct", about=key, emotion="anger"))
    say(*here, "Kai", Told("withdraw", key))
    assert (by_key(here)[key].by, by_key(here)[key].emotion) == (("Mia",), "anger")
    say(*here, "Mia", Told("withdraw", key))
    assert key not in by_key(here)


@pytest.mark.parametrize(
    ("wrong", "line"),
    [
        ({"onset": 26}, "onset, apex and offset must follow one another, got the frames 26, 25, 33"),
        ({"offset": 24}, "onset, apex and offset must follow one another, got the frames 18, 25, 24"),
        ({"onset": -1}, "onset, apex and offset must follow one another"),
        ({"offset": 120}, "offset 120 lies behind the film, whose last frame is 119"),
        ({"face": 3}, "there is no face 3 in this recording; its faces are 0"),
        ({"kind": "tiny"}, "the kind is one of micro, macro, masked, got 'tiny'"),
        ({"emotion": "=cmd()"}, "an emotion begins with a letter"),
        ({"emotion": "a" * 61}, "an emotion has at most 60 letters"),
        ({"note": "a" * 2001}, "a note has at most 2000 letters, got 2001"),
        ({"about": "m0-20-25-31"}, "not in the results any more: load the page again"),
    ],
)
def test_what_cannot_be_is_refused_with_one_line(here, wrong, line):
    with pytest.raises(BadInputError, match=line):
        say(*here, "Kai", replace(OTHER, **wrong))
    assert history(*here) == ()


def test_a_long_interval_may_be_called_micro(here):
    say(*here, "Kai", replace(OTHER, onset=2, offset=50))
    assert by_key(here)[FIRST].kind == "micro"


def test_what_is_there_already_is_corrected_and_not_added(here):
    with pytest.raises(BadInputError, match="expression 1, frames 20 to 30, is nearly the same: correct that one"):
        say(*here, "Kai", replace(MISSED, onset=21, apex=25, offset=31))
    say(*here, "Kai", MISSED)
    with pytest.raises(BadInputError, match="an interval of yours, frames 100 to 108, is nearly the same"):
        say(*here, "Kai", replace(MISSED, onset=101))


def test_accepting_what_changed_in_the_meantime_is_refused(here):
    say(*here, "Kai", MISSED)
    key = next(one.key for one in corrected(*here) if one.machine is None)
    say(*here, "Kai", replace(MISSED, does="correct", about=key, emotion="anger"))
    with pytest.raises(BadInputError, match="changed while you looked at it"):
        say(*here, "Mia", replace(MISSED, does="accept", about=key))


def test_opinions_stay_with_their_interval_when_the_film_is_analysed_again(here, made, moved):
    say(*here, "Kai", OTHER)
    say(*here, "Mia", Told("reject", SECOND))
    made.analysed_again(moved(21, 25, 31), moved(40, 45, 50), moved(60, 71, 85))
    told = [(one.key, one.number, one.counts, one.by) for one in corrected(*here)]
    assert told == [
        ("m0-21-25-31", 1, True, ("Kai",)),
        ("m0-40-45-50", 2, True, ()),
        ("m0-60-71-85", 3, False, ("Mia",)),
    ]
    # A new word of the same author on the same interval takes the place of the old one.
    say(*here, "Mia", replace(SEEN, about="m0-60-71-85", onset=60, apex=71, offset=85, kind="macro"))
    assert [o.verdict for o in by_key(here)["m0-60-71-85"].opinions] == ["accept"]
    assert len(corrected(*here)) == 3


def test_an_interval_that_a_later_analysis_does_not_find_is_kept_and_said_to_be_gone(here, made, moved):
    say(*here, "Kai", OTHER)
    say(*here, "Mia", Told("reject", SECOND))
    made.analysed_again(moved(40, 45, 50))
    gone = by_key(here)["g0-20-25-30"]
    assert (gone.gone, gone.seen.onset, gone.seen.offset, gone.number, gone.counts) == (True, 20, 30, None, True)
    assert gone.emotion == "fear"
    assert not by_key(here)["g0-60-70-84"].counts
    made.analysed_again(*[moved(20, 25, 30), moved(60, 70, 84)])
    assert [(one.key, one.by) for one in corrected(*here)] == [(FIRST, ("Kai",)), (SECOND, ("Mia",))]


def test_a_correction_of_one_face_is_not_moved_to_another(here, made, moved):
    say(*here, "Kai", OTHER)
    made.analysed_again(moved(20, 25, 30, face=1), faces=2)
    assert {one.key: one.by for one in corrected(*here)} == {"m1-20-25-30": (), "g0-20-25-30": ("Kai",)}


def test_an_added_interval_that_the_machine_finds_later_is_not_there_twice(here, made, moved):
    say(*here, "Kai", MISSED)
    made.analysed_again(moved(20, 25, 30), moved(99, 104, 109))
    one, other = corrected(*here)
    assert (other.key, other.by, other.emotion, other.counts) == ("m0-99-104-109", ("Kai",), "disgust", True)
    assert one.by == ()


def test_an_expression_can_be_added_where_no_face_was_found(here, made):
    made.analysed_again(faces=0)
    say(*here, "Kai", MISSED)
    (added,) = corrected(*here)
    assert (added.face, added.counts) == (0, True)


def test_many_at_once_lose_nothing(here):
    names = [author_named(here[0], f"Person {number}") for number in range(8)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda name: say(*here, name, Told("reject", FIRST)), names))
    assert sorted(by_key(here)[FIRST].by) == names


def test_names_are_kept_once_whatever_their_capitals(made):
    assert author_named(made.workspace, " Ana   Sofía ") == "Ana Sofía"
    assert author_named(made.workspace, "ana sofía") == "Ana Sofía"
    assert authors(made.workspace) == ("Ana Sofía",)
    for name in ("", "../x", "=cmd", "x" * 41, "a\nb;"):
        with pytest.raises(BadInputError, match="a name has 1 to 40 letters"):
            author_named(made.workspace, name)


def test_corrections_go_with_their_recording(here):
    say(*here, "Kai", OTHER)
    remove(*here)
    assert history(*here) == ()
    with pytest.raises(BadInputError, match="there is no recording 1"):
        corrected(*here)
