"""What was on the screen at which time of a recording, told from its event log."""

from __future__ import annotations

import json
import math
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, get_args

from micromask.core.errors import BadInputError
from micromask.studies.store import open_store, read_store

EventKind = Literal["stimulus-on", "stimulus-off", "pause", "resume", "stop"]

MOST_EVENTS = 100_000
"""Of one recording."""

LONGEST_DETAIL = 4096
"""Letters of an event's detail, written as JSON."""


@dataclass(frozen=True, slots=True)
class StudyEvent:
    """Something that happened at ``time_s`` on the recording's own clock; ``item`` for stimuli.

    ``number`` counts the events of a recording, so that one that is sent twice is kept once.
    """

    number: int
    time_s: float
    kind: EventKind
    item: str | None = None
    detail: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Shown:
    """An item was on the screen from ``start_s`` until before ``end_s``, which is infinite where no end is known."""

    item: str
    start_s: float
    end_s: float


def add_events(study: Path, recording_id: int, events: Iterable[StudyEvent]) -> int:
    """Keep events of a recording; one whose number is there already is not kept again. How many there are now.

    Raises
    ------
    BadInputError
        If there is no such recording, an event is not as it should be, or one has the number of another that differs;
        then none of them is kept.
    """
    with open_store(study) as store:
        items = _items(store, recording_id)
        for event in events:
            insert_event(store, recording_id, event, items)
        (kept,) = store.execute("SELECT count(*) FROM event WHERE recording = ?", (recording_id,)).fetchone()
        if kept > MOST_EVENTS:
            raise BadInputError(f"recording {recording_id}: at most {MOST_EVENTS} events, these would make {kept}")
        return int(kept)


def insert_event(store: sqlite3.Connection, recording_id: int, event: StudyEvent, items: Sequence[str]) -> None:
    """The same for one event, inside a transaction that the caller has open; ``items`` are those of its part."""
    where = f"recording {recording_id}, event {event.number}"
    detail = json.dumps(dict(event.detail), ensure_ascii=False, allow_nan=False)
    if event.kind not in get_args(EventKind):
        raise BadInputError(f"{where}: wanted one of {', '.join(get_args(EventKind))}, got {event.kind!r}")
    if event.number < 0 or not (math.isfinite(event.time_s) and event.time_s >= 0):
        raise BadInputError(f"{where}: wanted a number and a time from 0, got {event.number} and {event.time_s}")
    if len(detail) > LONGEST_DETAIL:
        raise BadInputError(f"{where}: its detail has {len(detail)} letters, at most {LONGEST_DETAIL} are kept")
    if (event.item is None and event.kind.startswith("stimulus")) or event.item not in (None, *items):
        raise BadInputError(f"{where}: {event.item!r} is no item of this part; it has: {', '.join(items)}")
    row = (recording_id, event.number, float(event.time_s), event.kind, event.item, detail)
    there = store.execute(
        "SELECT * FROM event WHERE recording = ? AND number = ?", (recording_id, event.number)
    ).fetchone()
    if there is None:
        store.execute("INSERT INTO event (recording, number, time_s, kind, item, detail) VALUES (?,?,?,?,?,?)", row)
    elif tuple(there) != row:
        raise BadInputError(f"{where}: another event has that number already; count on from the last")


def _items(store: sqlite3.Connection, recording_id: int) -> tuple[str, ...]:
    row = store.execute(
        "SELECT part, items FROM recording JOIN session ON session.id = session WHERE recording.id = ?", (recording_id,)
    ).fetchone()
    if row is None:
        raise BadInputError(f"no recording {recording_id} in this study")
    return tuple(json.loads(row["items"])[row["part"]])


def events_of(study: Path, recording_id: int) -> tuple[StudyEvent, ...]:
    """The events of a recording, by time and then by number."""
    with read_store(study) as store:
        rows = store.execute(
            "SELECT number, time_s, kind, item, detail FROM event WHERE recording = ? ORDER BY time_s, number",
            (recording_id,),
        ).fetchall()
    return tuple(
        StudyEvent(row["number"], row["time_s"], row["kind"], row["item"], json.loads(row["detail"])) for row in rows
    )


def spans(events: Iterable[StudyEvent]) -> tuple[Shown, ...]:
    """When which item was on the screen: from on to off, without pauses.

    An item ends at its off, at the next item's on or at a stop, whichever comes first. In a pause nothing is on the
    screen, and after it the same item is there again.

    >>> on, pause = StudyEvent(0, 1.0, "stimulus-on", "q1"), StudyEvent(1, 2.0, "pause")
    >>> back, off = StudyEvent(2, 3.5, "resume"), StudyEvent(3, 5.0, "stimulus-off", "q1")
    >>> [(one.start_s, one.end_s) for one in spans([on, pause, back, off])]
    [(1.0, 2.0), (3.5, 5.0)]
    """
    found: list[Shown] = []
    item: str | None = None
    since: float | None = None  # None: nothing is seen, be it for a pause
    paused = False

    def hide(time_s: float) -> None:
        nonlocal since
        if item is not None and since is not None and time_s > since:
            found.append(Shown(item, since, time_s))
        since = None

    for event in sorted(events, key=lambda each: (each.time_s, each.number)):
        if event.kind == "stimulus-on":
            hide(event.time_s)
            item, since = event.item, None if paused else event.time_s
        elif event.kind == "pause":
            hide(event.time_s)
            paused = True
        elif event.kind == "resume":
            if paused and item is not None:
                since = event.time_s
            paused = False
        elif event.kind == "stop" or event.item == item:
            hide(event.time_s)
            item = None
    hide(math.inf)
    return tuple(found)


def shown_spans(study: Path, recording_id: int) -> tuple[Shown, ...]:
    """`spans` of a recording."""
    return spans(events_of(study, recording_id))


def item_at(shown: Iterable[Shown], time_s: float) -> str | None:
    """The item on the screen at a time; None where there was none. A start is included, an end is not."""
    return next((one.item for one in shown if one.start_s <= time_s < one.end_s), None)


def shown_at(study: Path, recording_id: int, time_s: float) -> str | None:
    """The item that was on the screen at a time on the recording's own clock; None before, after and in pauses."""
    return item_at(shown_spans(study, recording_id), time_s)
