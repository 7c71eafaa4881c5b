"""Participants: pseudonyms, answers, consent."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from micromask.core.errors import BadInputError
from micromask.studies.people import (
    add_participant,
    check_fields,
    give_consent,
    has_consent,
    insert_consent,
    participants,
    withdraw_consent,
)
from micromask.studies.sessions import add_chunk, begin_recording, begin_session, end_session, recordings_of
from micromask.studies.store import open_store, read_store

GOOD = {"age": "21", "gender": "female", "about": "likes trains"}


def test_pseudonyms_are_counted_up_and_none_is_given_twice(study, design):
    assert [add_participant(study, design, GOOD) for _ in range(3)] == ["P01", "P02", "P03"]
    with open_store(study) as store:
        store.execute("DELETE FROM participant WHERE name IN ('P02', 'P03')")
    assert add_participant(study, design, GOOD) == "P04"
    assert [one.name for one in participants(study)] == ["P01", "P04"]


def test_the_hundredth_participant_comes_after_the_ninety_ninth(study, design):
    with open_store(study) as store:
        store.execute("INSERT INTO counter VALUES ('participant', 98)")
    assert [add_participant(study, design, GOOD) for _ in range(3)] == ["P99", "P100", "P101"]
    assert [one.number for one in participants(study)] == [99, 100, 101]


def test_answers_are_kept_as_the_design_has_them(study, design):
    add_participant(study, design, {"age": " 21 ", "gender": "other", "about": ""})
    (one,) = participants(study)
    assert one.fields == {"age": 21, "gender": "other"}
    assert one.consent == "none"


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"age": ""}, r"age \(Your age\) is needed"),
        ({"age": "twenty"}, "age: wanted a whole number, got 'twenty'"),
        ({"age": "21.5"}, "whole number"),
        ({"age": "٢١"}, "whole number"),
        ({"age": "151"}, "from 0 to 150, got 151"),
        ({"age": "-1"}, "from 0 to 150, got -1"),
        ({"gender": "Female"}, "gender: wanted one of female, male, other, got 'Female'"),
        ({"about": "x" * 2001}, "at most 2000 letters, got 2001"),
        ({"about": "a\x1b[2J"}, "do not print"),
        ({"name": "Ann"}, "'name' is no field of this study; it asks for: about, age, gender"),
    ],
)
def test_an_answer_that_is_not_as_the_design_wants_it_is_refused(design, change, told):
    with pytest.raises(BadInputError, match=told):
        check_fields(design, GOOD | change)


@pytest.mark.parametrize("age", ["0", "150"])
def test_the_ends_of_the_range_of_ages_are_ages(design, age):
    assert check_fields(design, GOOD | {"age": age})["age"] == int(age)


def test_a_whole_number_that_is_no_age_may_be_any(design):
    more = replace(
        design, fields=(replace(design.fields[0], name="languages_heard", title="Hours"), *design.fields[1:])
    )
    assert check_fields(more, {"languages_heard": "400", "gender": "male"})["languages_heard"] == 400


def test_a_refused_participant_uses_up_no_pseudonym(study, design):
    with pytest.raises(BadInputError):
        add_participant(study, design, {"age": "old"})
    assert add_participant(study, design, GOOD) == "P01"


def test_consent_is_kept_with_its_time_its_text_and_the_sha256_of_the_text(study, design):
    name = add_participant(study, design, GOOD)
    before = datetime.now(UTC) - timedelta(milliseconds=1)
    give_consent(study, name, "Ich stimme zu – jederzeit widerruflich.")
    with read_store(study) as store:
        (row,) = store.execute("SELECT * FROM consent").fetchall()
    assert row["text"] == "Ich stimme zu – jederzeit widerruflich."
    assert row["text_sha256"] == hashlib.sha256(row["text"].encode("utf-8")).hexdigest()
    assert before <= datetime.fromisoformat(row["given"]) <= datetime.now(UTC)
    assert row["withdrawn"] is None


def test_nothing_can_be_begun_before_consent_is_given(study, design):
    name = add_participant(study, design, GOOD)
    assert not has_consent(study, name)
    with pytest.raises(BadInputError, match="P01 has given no consent"):
        begin_session(study, design, name)
    give_consent(study, name, design.consent)
    assert has_consent(study, name)
    assert begin_session(study, design, name).participant == "P01"


def test_a_changed_text_needs_new_consent_and_the_old_one_still_holds_for_what_was_recorded(study, design, join):
    name = join()
    changed = replace(design, consent=design.consent + " Films are shared.")
    with pytest.raises(BadInputError, match="agreed to another text than the study has now"):
        begin_session(study, changed, name)
    assert has_consent(study, name)
    assert not has_consent(study, name, changed.consent)
    give_consent(study, name, changed.consent)
    assert begin_session(study, changed, name).id == 1


def test_withdrawn_consent_stops_what_is_running_and_blocks_what_is_to_come(study, design, recording):
    add_chunk(study, recording, 0, b"film")
    withdraw_consent(study, "P01")
    assert not has_consent(study, "P01")
    assert participants(study)[0].consent == "withdrawn"
    with pytest.raises(BadInputError, match="has ended"):
        add_chunk(study, recording, 1, b"more")
    with pytest.raises(BadInputError, match="session 1 is stopped"):
        begin_recording(study, 1, "images", "video/webm")
    with pytest.raises(BadInputError, match="withdrawn it: nothing may be recorded"):
        begin_session(study, design, "P01")
    assert recordings_of(study)[0].session_state == "stopped"


def test_consent_can_be_withdrawn_once_and_given_anew(study, design, join):
    name = join()
    withdraw_consent(study, name)
    with pytest.raises(BadInputError, match="no consent that could be withdrawn"):
        withdraw_consent(study, name)
    give_consent(study, name, design.consent)
    assert has_consent(study, name)


def test_consent_of_an_unknown_participant_is_told_with_the_known_ones(study, join):
    join()
    with pytest.raises(BadInputError, match="no participant 'P07' in this study; known: P01"):
        give_consent(study, "P07", "yes")
    assert not has_consent(study, "P07")
    with pytest.raises(BadInputError, match="empty"):
        give_consent(study, "P01", "  \n")


def test_a_consent_on_paper_has_its_own_day_which_is_not_to_come(study, join):
    join()
    with open_store(study) as store:
        insert_consent(store, "P01", "On paper.", "2026-03-31")
    with read_store(study) as store:
        assert store.execute("SELECT given FROM consent ORDER BY id DESC").fetchone()[0] == "2026-03-31"
    for day, told in (("2999-01-01", "has not come yet"), ("31.3.2026", "a day such as 2026-03-31")):
        with pytest.raises(BadInputError, match=told), open_store(study) as store:
            insert_consent(store, "P01", "On paper.", day)


def test_a_session_that_ended_is_not_ended_in_another_way(study, recording):
    end_session(study, 1, "done")
    end_session(study, 1, "done")
    with pytest.raises(BadInputError, match="session 1 is done already"):
        end_session(study, 1, "stopped")
