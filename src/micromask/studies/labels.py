"""What a coder decided about a kept frame or an interval of a film, and how it lies in the store."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from micromask.studies.coded_units import CodedUnit, units_text
from micromask.studies.design import StudyKind
from micromask.studies.store import now

NONE = ""
"""The emotion of a label that says: looked at, and no expression of this kind is there."""

CANNOT_TELL = "cannot tell"
"""The emotion of a label that says: looked at, and it cannot be told. It counts as no opinion."""

COVERS = ("mouth", "eyes")
"""What can be covered while one codes."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What a coder enters: about the kept frame ``number``, or about the interval ``onset`` to ``offset`` of the film.

    ``emotion`` is one of the study's, or for a masked expression a pair such as ``happy_but_sad``, or ``NONE`` or
    ``CANNOT_TELL``. Onset, apex and offset are frames of the film, offset inclusive.
    """

    kind: StudyKind
    emotion: str
    number: int | None = None
    onset: int | None = None
    apex: int | None = None
    offset: int | None = None
    action_units: tuple[CodedUnit, ...] = ()
    confidence: int | None = None
    covered: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class Label:
    """A decision as it was saved; ``shown`` and ``felt`` are the study's words for the two sides of a masked pair."""

    id: int
    coder: str
    recording: int
    decision: Decision
    shown: str | None
    felt: str | None
    made: str


COLUMNS = (
    "number", "kind", "emotion", "shown", "felt", "onset", "apex", "offset",
    "action_units", "confidence", "covered", "note", "made",
)  # fmt: skip
"""The columns of a label that a change may alter."""


def label_of(row: Mapping[str, Any]) -> Label:
    """A row of the store, read by column name, as a label."""
    units = tuple(CodedUnit(**unit) for unit in json.loads(row["action_units"]))
    decision = Decision(
        row["kind"],
        row["emotion"],
        row["number"],
        row["onset"],
        row["apex"],
        row["offset"],
        units,
        row["confidence"],
        tuple(json.loads(row["covered"])),
        row["note"],
    )
    return Label(row["id"], row["coder"], row["recording"], decision, row["shown"], row["felt"], row["made"])


def columns_of(decision: Decision, pair: tuple[str, str] | None) -> dict[str, Any]:
    """The values of ``COLUMNS`` for a decision, made now."""
    units = [{"number": unit.number, "side": unit.side, "intensity": unit.intensity} for unit in decision.action_units]
    shown, felt = pair or (None, None)
    values = (
        decision.number, decision.kind, decision.emotion, shown, felt, decision.onset, decision.apex, decision.offset,
        json.dumps(units), decision.confidence, json.dumps(list(decision.covered)), decision.note, now(),
    )  # fmt: skip
    return dict(zip(COLUMNS, values, strict=True))


def label_document(label: Label) -> dict[str, Any]:
    """A label as JSON values, for the page of its own coder; action units as one entry, ``4+L12B``."""
    told = label.decision
    return {
        "id": label.id,
        "kind": told.kind,
        "emotion": told.emotion,
        "shown": label.shown,
        "felt": label.felt,
        "number": told.number,
        "onset": told.onset,
        "apex": told.apex,
        "offset": told.offset,
        "action_units": units_text(told.action_units),
        "confidence": told.confidence,
        "covered": list(told.covered),
        "note": told.note,
        "made": label.made,
    }


def active_row(store: sqlite3.Connection, label: int) -> dict[str, Any] | None:
    """The columns of a label as they stand, None where it is removed or not there."""
    row = store.execute("SELECT * FROM label WHERE id = ? AND removed IS NULL", (label,)).fetchone()
    return None if row is None else {name: row[name] for name in COLUMNS}


def put_row(store: sqlite3.Connection, label: int, columns: Mapping[str, Any] | None) -> None:
    """Let a label that is in the store, removed or not, have these columns; None removes it."""
    if columns is None:
        store.execute("UPDATE label SET removed = ? WHERE id = ?", (now(), label))
        return
    names = ", ".join(f"{name} = ?" for name in COLUMNS)
    values = [columns[name] for name in COLUMNS]
    store.execute(f"UPDATE label SET {names}, removed = NULL WHERE id = ?", (*values, label))
