"""From times on a recording's clock to the item on the screen."""

from __future__ import annotations

import math

import pytest

from micromask.core.errors import BadInputError
from micromask.studies.sessions import StudyEvent, add_events, shown_at
from micromask.studies.shown import Shown, events_of, shown_spans, spans


def events(*told):
    return [StudyEvent(number, *each) for number, each in enumerate(told)]


TWO = events(
    (1.0, "stimulus-on", "q1"), (3.0, "stimulus-off", "q1"), (3.5, "stimulus-on", "q2"), (5.5, "stimulus-off", "q2")
)


@pytest.mark.parametrize(
    ("time_s", "item"),
    [
        (0.0, None),
        (math.nextafter(1.0, 0), None),
        (1.0, "q1"),
        (math.nextafter(3.0, 0), "q1"),
        (3.0, None),
        (math.nextafter(3.5, 0), None),
        (3.5, "q2"),
        (5.5, None),
        (60.0, None),
    ],
)
def test_an_item_is_shown_from_its_on_until_just_before_its_off(study, recording, time_s, item):
    add_events(study, recording, TWO)
    assert shown_at(study, recording, time_s) == item


def test_in_a_pause_nothing_is_shown_and_after_it_the_same_item(study, recording):
    told = events(
        (1.0, "stimulus-on", "q1"), (2.0, "pause"), (7.0, "resume"), (8.0, "stimulus-off", "q1"), (8.0, "stop")
    )
    add_events(study, recording, told)
    assert shown_spans(study, recording) == (Shown("q1", 1.0, 2.0), Shown("q1", 7.0, 8.0))
    assert [shown_at(study, recording, time) for time in (1.9, 2.0, 6.9, 7.0, 8.0)] == ["q1", None, None, "q1", None]


def test_a_pause_in_which_the_recorder_stood_still_takes_no_time():
    told = events((1.0, "stimulus-on", "q1"), (2.0, "pause"), (2.0, "resume"), (3.0, "stimulus-off", "q1"))
    assert spans(told) == (Shown("q1", 1.0, 2.0), Shown("q1", 2.0, 3.0))


def test_an_item_whose_end_was_lost_ends_with_the_next_or_with_a_stop_or_is_open():
    assert spans(events((1.0, "stimulus-on", "q1"), (3.0, "stimulus-on", "q2"))) == (
        Shown("q1", 1.0, 3.0),
        Shown("q2", 3.0, math.inf),
    )
    assert spans(events((1.0, "stimulus-on", "q1"), (2.5, "stop"))) == (Shown("q1", 1.0, 2.5),)


def test_an_item_that_begins_in_a_pause_is_seen_after_it():
    told = events((1.0, "pause"), (2.0, "stimulus-on", "q1"), (3.0, "resume"), (4.0, "stimulus-off", "q1"))
    assert spans(told) == (Shown("q1", 3.0, 4.0),)


def test_the_off_of_one_item_does_not_hide_the_next_that_came_on_at_the_same_time():
    told = events((1.0, "stimulus-on", "q1"), (3.0, "stimulus-on", "q2"), (3.0, "stimulus-off", "q1"))
    assert spans(told) == (Shown("q1", 1.0, 3.0), Shown("q2", 3.0, math.inf))


def test_events_sent_twice_are_kept_once(study, recording):
    assert add_events(study, recording, TWO[:2]) == 2
    assert add_events(study, recording, TWO) == 4
    assert events_of(study, recording) == tuple(TWO)


def test_another_event_with_a_number_that_is_taken_is_refused_and_nothing_of_its_call_is_kept(study, recording):
    add_events(study, recording, TWO[:1])
    changed = [TWO[1], StudyEvent(0, 1.5, "stimulus-on", "q1")]
    with pytest.raises(BadInputError, match="recording 1, event 0: another event has that number"):
        add_events(study, recording, changed)
    assert events_of(study, recording) == (TWO[0],)


@pytest.mark.parametrize(
    ("event", "told"),
    [
        (StudyEvent(0, 1.0, "stimulus-on", "i1"), "'i1' is no item of this part; it has: q1, q2"),
        (StudyEvent(0, 1.0, "stimulus-on"), "None is no item of this part"),
        (StudyEvent(0, -0.1, "pause"), "wanted a number and a time from 0, got 0 and -0.1"),
        (StudyEvent(0, math.nan, "pause"), "time from 0"),
        (StudyEvent(-1, 0.0, "pause"), "time from 0"),
        (StudyEvent(0, 0.0, "laugh"), "wanted one of stimulus-on, .*, got 'laugh'"),
        (StudyEvent(0, 0.0, "pause", detail={"why": "x" * 5000}), "at most 4096"),
    ],
)
def test_an_event_that_is_not_as_it_should_be_is_refused(study, recording, event, told):
    with pytest.raises(BadInputError, match=told):
        add_events(study, recording, [event])


def test_events_of_no_recording_are_refused(study):
    with pytest.raises(BadInputError, match="no recording 7"):
        add_events(study, 7, TWO)
