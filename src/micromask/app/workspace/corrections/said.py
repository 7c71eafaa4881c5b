"""The log of corrections: every line that people said, in the order in which they said it, never changed.

Taking something back is a line too, so that who reads the log sees all that was ever said, by whom and when.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Literal

from micromask.core.opinions import MarkedInterval
from micromask.studies.store import now

Does = Literal["accept", "reject", "correct", "add", "withdraw", "undo", "redo"]


@dataclass(frozen=True, slots=True)
class Said:
    """One line of the log.

    ``about`` is the machine's interval as the author saw it; ``added`` the id of the line that added the interval that
    this one is about, its own id where ``does`` is ``add``; both are None for undo and redo. ``interval`` is what the
    author says that it is.
    """

    id: int
    author: str
    made: str
    does: Does
    about: MarkedInterval | None
    added: int | None
    interval: MarkedInterval | None
    note: str

    @property
    def subject(self) -> tuple[object, ...]:
        """What it is about: an interval that was added, or the machine's of this layer at these frames of this face."""
        if self.added is not None:
            return ("added", self.added)
        assert self.about is not None, "undo and redo are about no interval"
        return ("machine", self.about.layer, self.about.face, self.about.onset, self.about.apex, self.about.offset)


@dataclass(frozen=True, slots=True)
class Steps:
    """How far an author can go back and forth in a recording."""

    undo: int
    redo: int


def log(store: sqlite3.Connection, recording: int) -> tuple[Said, ...]:
    """All lines of a recording, oldest first."""
    rows = store.execute("SELECT * FROM correction WHERE recording = ? ORDER BY id", (recording,))
    return tuple(
        Said(
            row["id"],
            row["author"],
            row["made"],
            row["does"],
            _interval(row["about"]),
            row["id"] if row["does"] == "add" else row["added"],
            _interval(row["interval"]),
            row["note"],
        )
        for row in rows
    )


def write_line(
    store: sqlite3.Connection,
    recording: int,
    author: str,
    does: Does,
    *,
    about: MarkedInterval | None = None,
    added: int | None = None,
    interval: MarkedInterval | None = None,
    note: str = "",
) -> None:
    """Add a line within a transaction."""
    store.execute(
        "INSERT INTO correction (recording, author, made, does, about, added, interval, note)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (recording, author, now(), does, _text(about), added, _text(interval), note),
    )


def in_force(lines: Iterable[Said]) -> tuple[Said, ...]:
    """The lines that nobody took back, without undo and redo themselves, oldest first."""
    done, _ = _replayed(lines)
    return tuple(sorted((line for stack in done.values() for line in stack), key=lambda line: line.id))


def steps(lines: Iterable[Said], author: str) -> Steps:
    """How far one author can go back and forth."""
    done, undone = _replayed(lines)
    return Steps(len(done.get(author, ())), len(undone.get(author, ())))


def _replayed(lines: Iterable[Said]) -> tuple[dict[str, list[Said]], dict[str, list[Said]]]:
    """What each author did that stands, and what they took back and can bring back, last at the end."""
    done: dict[str, list[Said]] = {}
    undone: dict[str, list[Said]] = {}
    for line in lines:
        mine, back = done.setdefault(line.author, []), undone.setdefault(line.author, [])
        if line.does == "undo":
            back.append(mine.pop())
        elif line.does == "redo":
            mine.append(back.pop())
        else:
            mine.append(line)
            back.clear()
    return done, undone


_ONLY_MASKED = ("shown_emotion", "felt_emotion")


def _interval(text: str | None) -> MarkedInterval | None:
    return None if text is None else MarkedInterval(**json.loads(text))


def _text(interval: MarkedInterval | None) -> str | None:
    """As the log keeps it: what only masked expressions have is left out where it is empty, as it was before them."""
    if interval is None:
        return None
    kept = {name: value for name, value in asdict(interval).items() if value or name not in _ONLY_MASKED}
    return json.dumps(kept, ensure_ascii=False, allow_nan=False)
