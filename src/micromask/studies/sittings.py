"""The sessions of a study as they stand, and going on with one that a stop of the server interrupted."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass
from pathlib import Path

from micromask.core.errors import BadInputError
from micromask.studies.people import consent_stands
from micromask.studies.store import open_store, read_store


@dataclass(frozen=True, slots=True)
class Sitting:
    """One session: whose, when, how it stands (a state of the table of sessions), and the parts that were filmed."""

    id: int
    participant: str
    begun: str
    ended: str | None
    state: str
    items: dict[str, tuple[str, ...]]
    filmed: tuple[str, ...]


def sittings(study: Path, session_id: int | None = None) -> tuple[Sitting, ...]:
    """All sessions by number, or the one of that number."""
    with read_store(study) as store:
        rows = store.execute("SELECT * FROM session WHERE id = coalesce(?, id) ORDER BY id", (session_id,)).fetchall()
        filmed: dict[int, list[str]] = {}
        for session, part in store.execute("SELECT session, part FROM recording ORDER BY id"):
            filmed.setdefault(session, []).append(part)
    return tuple(
        Sitting(
            row["id"],
            row["participant"],
            row["begun"],
            row["ended"],
            row["state"],
            {part: tuple(ids) for part, ids in json.loads(row["items"]).items()},
            tuple(filmed.get(row["id"], ())),
        )
        for row in rows
    )


def running(study: Path, session_id: int) -> Sitting:
    """The session of that number, which is running.

    Raises
    ------
    BadInputError
        If there is none, or it has ended.
    """
    found = sittings(study, session_id)
    if not found:
        raise BadInputError(f"no session {session_id} in this study")
    if found[0].state != "running":
        raise BadInputError(f"session {session_id} is {found[0].state}; begin another")
    return found[0]


def go_on(study: Path, recording_id: int) -> None:
    """Go on with a session whose page stayed open while the server was stopped and started again.

    Its last film, if that broke off, is open again: what was acknowledged stays, and pieces go on from there. One that
    was closed stays closed.

    Raises
    ------
    BadInputError
        If there is no such recording, it or its session ended in another way, the participant has begun another
        session or another film since, or their consent no longer stands.
    """
    with open_store(study) as store:
        row: sqlite3.Row | None = store.execute(
            "SELECT recording.state, session, participant, session.state AS session_state FROM recording"
            " JOIN session ON session.id = session WHERE recording.id = ?",
            (recording_id,),
        ).fetchone()
        if row is None:
            raise BadInputError(f"no recording {recording_id} in this study")
        if row["session_state"] == "running" and row["state"] != "interrupted":
            return
        if row["session_state"] not in ("interrupted", "running"):
            raise BadInputError(f"recording {recording_id} has ended; begin another session")
        if not consent_stands(store, row["participant"]):
            raise BadInputError(f"{row['participant']} has withdrawn consent: nothing may be recorded")
        later = store.execute(
            "SELECT 1 FROM session WHERE participant = ? AND id > ?"
            " UNION SELECT 1 FROM recording WHERE session = ? AND id > ?",
            (row["participant"], row["session"], row["session"], recording_id),
        ).fetchone()
        if later is not None:
            raise BadInputError(f"recording {recording_id} has ended: another was begun since")
        store.execute(
            "UPDATE recording SET state = 'open', ended = NULL WHERE id = ? AND state = 'interrupted'", (recording_id,)
        )
        store.execute("UPDATE session SET state = 'running', ended = NULL WHERE id = ?", (row["session"],))
