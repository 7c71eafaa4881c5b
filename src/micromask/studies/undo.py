"""Take back and bring back what a coder did to the labels of one film, step by step and without a limit."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from micromask.core.errors import BadInputError
from micromask.studies.labels import Label, label_of, put_row
from micromask.studies.store import now, open_store, read_store

_MINE = "change.coder = ? AND change.label IN (SELECT id FROM label WHERE recording = ?)"

_DONE, _UNDONE, _GIVEN_UP = 0, 1, 2
"""A change counts, can be brought back, or was left behind when the coder went on from an earlier state."""


@dataclass(frozen=True, slots=True)
class Steps:
    """How many changes of a coder to a film can be taken back and brought back."""

    undo: int
    redo: int


@dataclass(frozen=True, slots=True)
class Undone:
    """The label that undo or redo changed: as it is now, None where it is gone."""

    id: int
    label: Label | None


def keep_change(
    store: sqlite3.Connection,
    coder: str,
    label: int,
    before: Mapping[str, Any] | None,
    after: Mapping[str, Any] | None,
) -> None:
    """Note within a transaction that a label's columns were changed; what was undone before cannot be redone now."""
    recording = store.execute("SELECT recording FROM label WHERE id = ?", (label,)).fetchone()[0]
    store.execute(f"UPDATE change SET undone = {_GIVEN_UP} WHERE undone = {_UNDONE} AND {_MINE}", (coder, recording))
    store.execute(
        "INSERT INTO change (coder, label, before, after, made) VALUES (?, ?, ?, ?, ?)",
        (coder, label, _text(before), _text(after), now()),
    )


def steps(study: Path, coder: str, recording: int) -> Steps:
    """How far a coder can go back and forth in a film."""
    with read_store(study) as store:
        found = dict(
            store.execute(f"SELECT undone, count(*) FROM change WHERE {_MINE} GROUP BY undone", (coder, recording))
        )
    return Steps(found.get(_DONE, 0), found.get(_UNDONE, 0))


def undo(study: Path, coder: str, recording: int) -> Undone:
    """Take back the coder's last change to a label of a film.

    Raises
    ------
    BadInputError
        If there is none.
    """
    return _step(study, coder, recording, _DONE, "DESC", "before", "undo")


def redo(study: Path, coder: str, recording: int) -> Undone:
    """Bring back the change that was taken back last; errors as `undo`."""
    return _step(study, coder, recording, _UNDONE, "ASC", "after", "redo")


def _step(study: Path, coder: str, recording: int, state: int, order: str, side: str, verb: str) -> Undone:
    with open_store(study) as store:
        change = store.execute(
            f"SELECT * FROM change WHERE undone = {state} AND {_MINE} ORDER BY id {order} LIMIT 1", (coder, recording)
        ).fetchone()
        if change is None:
            raise BadInputError(f"there is nothing to {verb} for {coder} in this film")
        put_row(store, change["label"], None if change[side] is None else json.loads(change[side]))
        store.execute("UPDATE change SET undone = ? WHERE id = ?", (_UNDONE if state == _DONE else _DONE, change["id"]))
        row = store.execute("SELECT * FROM label WHERE id = ? AND removed IS NULL", (change["label"],)).fetchone()
        return Undone(change["label"], None if row is None else label_of(row))


def _text(columns: Mapping[str, Any] | None) -> str | None:
    return None if columns is None else json.dumps(dict(columns))
