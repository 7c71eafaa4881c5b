"""A participant's sitting: begun with consent, filmed part by part, ended or broken off.

`add_chunk` (a film's next piece), `add_events` and `shown_at` (what was on the screen when), `recover` and
`delete_session` belong to it too.
"""

from __future__ import annotations

import json
import re
import sqlite3
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from micromask.core.errors import BadInputError
from micromask.studies.chunks import Acknowledged, add_chunk, ending_of
from micromask.studies.design import Design
from micromask.studies.files import note_file
from micromask.studies.order import items_for
from micromask.studies.people import check_known, consent_stands, number_of, stop_recording
from micromask.studies.recover import delete_session, recover
from micromask.studies.shown import StudyEvent, add_events, shown_at
from micromask.studies.store import now, open_store, read_store

__all__ = [
    "Acknowledged",
    "Session",
    "StudyEvent",
    "StudyRecording",
    "add_chunk",
    "add_events",
    "begin_recording",
    "begin_session",
    "delete_session",
    "end_recording",
    "end_session",
    "recordings_of",
    "recover",
    "shown_at",
]

EndState = Literal["done", "stopped", "interrupted"]

_PART = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")


@dataclass(frozen=True, slots=True)
class Session:
    """A sitting that has begun: who, and which items of each part in which order."""

    id: int
    participant: str
    items: dict[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class StudyRecording:
    """The film of one part of one session.

    ``path`` lies below the study's folder; ``bytes`` are on the disk and may be 0; ``items`` in the order in which
    they were to be shown. ``state`` is open, closed or interrupted, ``session_state`` as in the table of sessions.
    """

    id: int
    session: int
    participant: str
    part: str
    path: str
    mime: str
    begun: str
    ended: str | None
    chunks: int
    bytes: int
    state: str
    session_state: str
    items: tuple[str, ...]


def begin_session(study: Path, design: Design, participant: str) -> Session:
    """Begin a sitting of a participant who has agreed to the design's text of consent, as it reads now.

    A sitting of theirs that was still running is over: its page was closed.

    Raises
    ------
    BadInputError
        If there is no such participant, or no consent to this text that stands.
    """
    items = items_for(design, number_of(participant))
    with open_store(study) as store:
        check_known(store, participant)
        _check_consent(store, participant, design.consent)
        stop_recording(store, participant, "interrupted")
        return insert_session(store, participant, items, "running")


def insert_session(
    store: sqlite3.Connection,
    participant: str,
    items: dict[str, tuple[str, ...]],
    state: Literal["running", "imported"],
) -> Session:
    """The row of a session, inside a transaction that the caller has open."""
    begun = now()
    row = store.execute(
        "INSERT INTO session (participant, begun, ended, state, items) VALUES (?, ?, ?, ?, ?)",
        (participant, begun, begun if state == "imported" else None, state, json.dumps(items, ensure_ascii=False)),
    )
    return Session(int(row.lastrowid or 0), participant, dict(items))


def _check_consent(store: sqlite3.Connection, participant: str, text: str | None) -> None:
    if consent_stands(store, participant, text):
        return
    if text is not None and consent_stands(store, participant):
        raise BadInputError(f"{participant} agreed to another text than the study has now: ask for consent anew")
    raise BadInputError(f"{participant} has given no consent, or has withdrawn it: nothing may be recorded")


def begin_recording(study: Path, session_id: int, part: str, mime: str) -> int:
    """Begin the film of a part; the recording's number, to be given with each piece.

    A film of the session that was still open is over.

    Raises
    ------
    BadInputError
        If the session is not running, consent was withdrawn, there is no such part, or the type is none that is taken.
    """
    ending = ending_of(mime)
    with open_store(study) as store:
        session = _session(store, session_id)
        if session["state"] != "running":
            raise BadInputError(f"session {session_id} is {session['state']}; begin another")
        _check_consent(store, session["participant"], None)
        items = json.loads(session["items"])
        if part not in items:
            raise BadInputError(f"session {session_id} has no part {part!r}; it has: {', '.join(items)}")
        store.execute(
            "UPDATE recording SET state = 'interrupted', ended = ? WHERE session = ? AND state = 'open'",
            (now(), session_id),
        )
        return insert_recording(store, session_id, session["participant"], part, mime.strip(), ending)


def insert_recording(
    store: sqlite3.Connection, session_id: int, participant: str, part: str, mime: str, ending: str
) -> int:
    """The row of an open recording and the note of its film, inside a transaction that the caller has open."""
    if not _PART.fullmatch(part):
        raise BadInputError(f"a part is named with letters, digits, - and _, got {part!r}: change study.yaml")
    row = store.execute(
        "INSERT INTO recording (session, part, path, mime, begun, state) VALUES (?, ?, '', ?, ?, 'open')",
        (session_id, part, mime, now()),
    )
    recording_id = int(row.lastrowid or 0)
    path = f"films/{participant}/{recording_id}-{part}{ending}"
    store.execute("UPDATE recording SET path = ? WHERE id = ?", (path, recording_id))
    note_file(store, path, participant, "film", f"session {session_id}")
    return recording_id


def end_recording(study: Path, recording_id: int) -> None:
    """Close a film: all of its pieces have come. Closing one that is closed changes nothing.

    Raises
    ------
    BadInputError
        If there is no such recording.
    """
    with open_store(study) as store:
        done = store.execute(
            "UPDATE recording SET state = 'closed', ended = ? WHERE id = ? AND state = 'open'", (now(), recording_id)
        )
        known = store.execute("SELECT 1 FROM recording WHERE id = ?", (recording_id,)).fetchone()
        if not done.rowcount and known is None:
            raise BadInputError(f"no recording {recording_id} in this study")


def end_session(study: Path, session_id: int, state: EndState) -> None:
    """End a running session: all was shown, it was stopped, or it broke off. A film still open is over.

    Raises
    ------
    BadInputError
        If there is no such session, or it ended in another way before.
    """
    with open_store(study) as store:
        before = _session(store, session_id)["state"]
        if before not in ("running", state):
            raise BadInputError(f"session {session_id} is {before} already")
        store.execute(
            "UPDATE recording SET state = 'interrupted', ended = ? WHERE session = ? AND state = 'open'",
            (now(), session_id),
        )
        store.execute(
            "UPDATE session SET state = ?, ended = ? WHERE id = ? AND state = 'running'", (state, now(), session_id)
        )


def _session(store: sqlite3.Connection, session_id: int) -> sqlite3.Row:
    row: sqlite3.Row | None = store.execute("SELECT * FROM session WHERE id = ?", (session_id,)).fetchone()
    if row is None:
        raise BadInputError(f"no session {session_id} in this study")
    return row


def recordings_of(study: Path, participant: str | None = None) -> tuple[StudyRecording, ...]:
    """All recordings, or those of one participant, by number; without those that the participant had deleted."""
    with read_store(study) as store:
        if participant is not None:
            check_known(store, participant)
        rows = store.execute(
            "SELECT recording.*, participant, session.state AS session_state, items FROM recording"
            " JOIN session ON session.id = session"
            " WHERE session.state != 'deleted' AND participant = coalesce(?, participant) ORDER BY recording.id",
            (participant,),
        ).fetchall()
    same = ("id", "session", "participant", "part", "path", "mime", "begun", "ended", "chunks", "bytes", "state")
    return tuple(
        StudyRecording(
            **{name: row[name] for name in same},
            session_state=row["session_state"],
            items=tuple(json.loads(row["items"])[row["part"]]),
        )
        for row in rows
    )
