"""The exports of a workspace: zip files that can be fetched, and that go when somebody in them is removed."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from micromask.app.workspace.store import reading, writing
from micromask.core.errors import BadInputError
from micromask.studies.store import now

FOLDER = "exports"

MOST_KEPT = 20
"""So many exports are kept; a new one then takes the place of the oldest."""


@dataclass(frozen=True, slots=True)
class Export:
    """One zip that was made: what a browser saves it as, how large it is and how many recordings are in it.

    ``job`` is the job that made it, None where it was made at once.
    """

    id: int
    job: int | None
    name: str
    made: str
    bytes: int
    recordings: int


def exports(workspace: Path) -> tuple[Export, ...]:
    """All that can be fetched, the newest first."""
    with reading(workspace) as store:
        rows = store.execute(f"SELECT * FROM export WHERE NOT {_STALE} ORDER BY id DESC").fetchall()
    return tuple(_export(row) for row in rows)


def export_file(workspace: Path, number: int) -> tuple[Path, Export]:
    """Where an export lies, and what it is.

    Raises
    ------
    BadInputError
        If there is none, or a recording in it was removed since.
    """
    with reading(workspace) as store:
        row = store.execute(f"SELECT * FROM export WHERE id = ? AND NOT {_STALE}", (number,)).fetchone()
    path = None if row is None else workspace / FOLDER / row["file"]
    if path is None or not path.is_file():
        raise BadInputError("this export is not here any more: make it again")
    return path, _export(row)


def exports_with(workspace: Path, recording: int) -> int:
    """How many exports hold a recording, and go when it is removed."""
    with reading(workspace) as store:
        row = store.execute("SELECT count(*) FROM export_of WHERE recording = ?", (recording,)).fetchone()
    return int(row[0])


def note_export(
    store: sqlite3.Connection, file: Path, name: str, size: int, recordings: Sequence[int], job: int | None = None
) -> int:
    """Note within a transaction that an export lies in its place; its id.

    Raises
    ------
    BadInputError
        If one of its recordings has been removed in the meantime.
    """
    added = store.execute(
        "INSERT INTO export (file, job, name, made, bytes, recordings) VALUES (?, ?, ?, ?, ?, ?)",
        (file.name, job, name, now(), size, len(recordings)),
    )
    number = int(added.lastrowid or 0)
    try:
        store.executemany("INSERT INTO export_of VALUES (?, ?)", [(number, one) for one in recordings])
    except sqlite3.IntegrityError:
        raise BadInputError("a recording was removed while it was exported: export the others again") from None
    return number


def remove_export(workspace: Path, number: int) -> None:
    """Remove an export; BadInputError if there is none."""
    with writing(workspace) as store:
        if not store.execute("DELETE FROM export WHERE id = ?", (number,)).rowcount:
            raise BadInputError("this export is not here any more")
    tidy_exports(workspace)


def tidy_exports(workspace: Path) -> None:
    """Remove exports that hold a recording which was removed, the oldest beyond MOST_KEPT, and files of no export."""
    with writing(workspace) as store:
        tidy_exports_in(store, workspace)


def tidy_exports_in(store: sqlite3.Connection, workspace: Path) -> None:
    """As `tidy_exports`, within the caller's own transaction: so no file is seen that another is just noting."""
    # the line of its job may name recordings that were left out
    store.execute(f"UPDATE job SET line = 'ready' WHERE id IN (SELECT job FROM export WHERE {_STALE})")
    store.execute(f"DELETE FROM export WHERE {_STALE}")
    store.execute("DELETE FROM export WHERE id NOT IN (SELECT id FROM export ORDER BY id DESC LIMIT ?)", (MOST_KEPT,))
    known = {row["file"] for row in store.execute("SELECT file FROM export")}
    for file in (workspace / FOLDER).glob("*.zip"):
        if file.name not in known:
            file.unlink(missing_ok=True)


_STALE = "recordings > (SELECT count(*) FROM export_of WHERE export_of.export = export.id)"


def _export(row: sqlite3.Row) -> Export:
    return Export(row["id"], row["job"], row["name"], row["made"], row["bytes"], row["recordings"])
