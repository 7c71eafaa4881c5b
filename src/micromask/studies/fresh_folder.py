"""A folder of derived pictures that changes together with its rows: new pictures and new rows, or the old of both."""

from __future__ import annotations

import secrets
import sqlite3
from pathlib import Path

from micromask.core.errors import BadOutputError
from micromask.studies.derived import remove
from micromask.studies.files import note_file, place_of, private_folder, sync_folder
from micromask.studies.store import open_store

ENDING = ".part"
"""How names of folders end in which something is being made."""


def begin_folder(study: Path, place: str, participant: str, made_from: str) -> Path:
    """Make an empty folder beside ``place`` (below the study), noted as the participant's; pictures go into it.

    It is to be given to `put_in_place` or to `abandon`. What a killed process left is undone by `tidy`.
    """
    work = study / f"{place}.{secrets.token_hex(4)}{ENDING}"
    fresh = private_folder(work / "new")
    with open_store(study) as store:
        note_file(store, place_of(study, work), participant, "frame", made_from)
    return fresh


def put_in_place(study: Path, store: sqlite3.Connection, fresh: Path) -> None:
    """Move a folder that was begun to its place, as the last step of the transaction that holds its rows.

    The note that it was begun goes with the same transaction: so `tidy` can tell whether the rows were kept.
    """
    work, place = fresh.parent, _place(fresh.parent)
    store.execute("DELETE FROM file WHERE path = ?", (place_of(study, work),))
    try:
        if place.exists():
            place.rename(work / "old")
        fresh.rename(place)
        sync_folder(place.parent)
    except OSError as error:
        raise BadOutputError(f"{place} cannot be written: {error.strerror or error}") from None


def clear_up(fresh: Path) -> None:
    """Remove what was in the place before, once the transaction was kept."""
    remove(fresh.parent)


def abandon(study: Path, fresh: Path) -> None:
    """Undo a folder that was begun: what was in its place before is there again, and its note is gone."""
    _undo(study, fresh.parent)


def tidy(study: Path, below: str = "frames") -> None:
    """Finish or undo all that killed processes left. Nobody else may be making folders there at the time."""
    for work in sorted((study / below).glob(f"*/*{ENDING}")):
        _undo(study, work)


def _place(work: Path) -> Path:
    return work.with_name(work.name.removesuffix(ENDING).rpartition(".")[0])


def _undo(study: Path, work: Path) -> None:
    """Where the note is still there, the rows are the old ones: the old pictures come back. Each step may be the last
    that is done; begun again, it ends the same.
    """
    path = place_of(study, work)
    with open_store(study) as store:
        noted = store.execute("SELECT 1 FROM file WHERE path = ?", (path,)).fetchone() is not None
    if noted:
        place, fresh, old = _place(work), work / "new", work / "old"
        if not fresh.exists() and place.exists():
            place.rename(fresh)
        if old.exists():
            old.rename(place)
        with open_store(study) as store:
            store.execute("DELETE FROM file WHERE path = ?", (path,))
    remove(work)
