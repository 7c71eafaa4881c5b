"""What remains to be done after a crash, and what a participant wants to be deleted."""

from __future__ import annotations

from pathlib import Path
from time import time

from micromask.core.errors import BadInputError
from micromask.studies.chunks import cut_back
from micromask.studies.derived import derived_from, remove
from micromask.studies.files import noted_files
from micromask.studies.store import now, open_store, read_store

HALF_MADE_SECONDS = 600
"""A copy that nobody has written to for so long will not be finished."""


def recover(study: Path) -> tuple[str, ...]:
    """Bring a study whose server was killed into order, before a server begins; a line for each thing done.

    Running sessions and open recordings become interrupted, films are cut back to what was acknowledged, copies that
    were half made go, and a deletion that was begun is finished.
    """
    done: list[str] = []
    with open_store(study) as store:
        rows = store.execute("SELECT id, path, bytes, state, part FROM recording ORDER BY id").fetchall()
        for row in rows:
            over = cut_back(study / row["path"], row["bytes"])
            if over > 0:
                done.append(f"recording {row['id']}: cut back by {over} bytes that were not acknowledged")
            elif over < 0:
                done.append(f"recording {row['id']}: {-over} bytes of {row['path']} are missing")
            if row["state"] == "open":
                done.append(f"recording {row['id']} ({row['part']}) was interrupted; {row['bytes']} bytes are safe")
        when = now()
        store.execute("UPDATE recording SET state = 'interrupted', ended = ? WHERE state = 'open'", (when,))
        store.execute("UPDATE session SET state = 'interrupted', ended = ? WHERE state = 'running'", (when,))
        known = {row["path"] for row in rows}
        unfinished = [
            row["id"]
            for row in store.execute(
                "SELECT DISTINCT session.id FROM session JOIN recording ON session = session.id"
                " WHERE session.state = 'deleted'"
            )
        ]
    for session_id in unfinished:
        _delete(study, session_id)
        done.append(f"session {session_id}: its deletion was finished")
    for path in sorted((study / "films").rglob("*")):
        if path.name.endswith(".part"):
            if time() - path.stat().st_mtime > HALF_MADE_SECONDS:
                path.unlink()
                done.append(f"{path.name}: a copy that was half made was removed")
        elif path.is_file() and path.relative_to(study).as_posix() not in known:
            done.append(f"{path.relative_to(study).as_posix()} belongs to no recording: look at it and remove it")
    return tuple(done)


def delete_session(study: Path, session_id: int) -> None:
    """Delete what was recorded in a session: films, their events, and all that was made from them.

    That there was a session stays, without what was in it. Cut off in the middle, it is finished by `recover`.

    Raises
    ------
    BadInputError
        If there is no such session, or an export that was made since holds its participant: then `forget` them.
    BadOutputError
        If a file cannot be removed.
    """
    with open_store(study) as store:
        row = store.execute("SELECT participant, begun FROM session WHERE id = ?", (session_id,)).fetchone()
        if row is None:
            raise BadInputError(f"no session {session_id} in this study")
        who = row["participant"]
        newer = "SELECT 1 FROM file WHERE participant = ? AND kind = 'export' AND made >= ?"
        if store.execute(newer, (who, row["begun"])).fetchone():
            raise BadInputError(f"{who} is in an export: remove them with 'micromask study forget {study} {who}'")
        store.execute("UPDATE session SET state = 'deleted', ended = ? WHERE id = ?", (now(), session_id))
        store.execute("UPDATE recording SET state = 'interrupted' WHERE session = ? AND state = 'open'", (session_id,))
    _delete(study, session_id)


def _delete(study: Path, session_id: int) -> None:
    """Files first and rows last, so that what is cut off in the middle can be found and finished."""
    with read_store(study) as store:
        (who,) = store.execute("SELECT participant FROM session WHERE id = ?", (session_id,)).fetchone()
        rows = store.execute("SELECT id, path FROM recording WHERE session = ?", (session_id,)).fetchall()
        noted = noted_files(store, who)
    gone = {row["path"] for row in rows} | {f"{top}/{who}/{row['id']}" for row in rows for top in ("frames", "maps")}
    gone |= {each.path for each in derived_from(noted, gone)}
    for path in sorted(gone):
        remove(study / path)
    with open_store(study) as store:
        store.executemany("DELETE FROM file WHERE path = ? AND participant = ?", [(path, who) for path in gone])
        store.execute("DELETE FROM recording WHERE session = ?", (session_id,))
        store.execute("UPDATE session SET items = '{}' WHERE id = ?", (session_id,))
