"""Which label a kept frame has in the end, and how that was settled; what the coders said stays as it is."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from micromask.core.errors import BadInputError
from micromask.studies.coded_films import film_in
from micromask.studies.coded_frames import coded_frames
from micromask.studies.coded_units import read_units, units_text
from micromask.studies.coding import check_coder, check_emotion
from micromask.studies.design import Design, StudyKind
from micromask.studies.labels import NONE
from micromask.studies.settle_rule import BY_RULE, How, by_rule
from micromask.studies.store import now, open_store, read_store

Person = Literal["discussion", "third coder"]

_COLUMNS = ("emotion", "how", "by", "action_units", "made")


@dataclass(frozen=True, slots=True)
class Settled:
    """The label that a kept frame has in the end: '' for no expression. ``by`` are those who settled it."""

    recording: int
    number: int
    kind: StudyKind
    emotion: str
    how: How
    by: str
    action_units: str
    made: str


@dataclass(frozen=True, slots=True)
class SettledNow:
    """What settling by rule did: frames now settled each way, rows that were changed or taken away, and frames left.

    ``left`` have labels but are not settled; ``step`` can be undone, None where nothing was changed.
    """

    agreed: int
    majority: int
    one_coder: int
    changed: int
    left: int
    step: int | None


def settled(study: Path, kind: StudyKind | None = None) -> tuple[Settled, ...]:
    """All settled frames, by film and number; of one kind where it is given."""
    with read_store(study) as store:
        rows = store.execute(
            "SELECT * FROM settled WHERE kind = coalesce(?, kind) ORDER BY recording, number, kind", (kind,)
        )
        return tuple(Settled(**dict(row)) for row in rows)


def settle(
    study: Path,
    design: Design,
    recording: int,
    number: int,
    kind: StudyKind,
    emotion: str,
    *,
    how: Person,
    by: str,
    action_units: str = "",
) -> Settled:
    """Settle one frame by discussion, or by a third coder, whatever it was settled as before.

    Parameters
    ----------
    emotion : str
        One of the study's, a pair's name for a masked expression, '' for no expression.
    how : {"discussion", "third coder"}
    by : str
        Who settled it: the names of those who discussed, or the third coder, who must be a coder of the study.
    action_units : str
        As coders enter them.

    Raises
    ------
    BadInputError
        If the study has no such film, kept frame, kind, emotion or third coder, or nobody is named.
    """
    check_emotion(design, kind, emotion, (NONE,))
    units = units_text(read_units(action_units))
    who = " ".join(by.split())
    if how not in ("discussion", "third coder"):
        raise BadInputError(f"a frame is settled by discussion or by a third coder, got {how!r}")
    if not who or len(who) > 200:
        raise BadInputError("say who settles it: a name or names, up to 200 letters")
    with open_store(study) as store:
        film_in(study, store, recording, number)
        if how == "third coder":
            check_coder(store, who)
        told = {"emotion": emotion, "how": how, "by": who, "action_units": units, "made": now()}
        _change(store, _next_step(store), who, (recording, number, kind), told)
        return Settled(recording, number, kind, emotion, how, who, units, told["made"])


def settle_by_rule(study: Path, by: str, *, majority: bool = False, one_coder: bool = False) -> SettledNow:
    """Settle all frames that the coders' labels settle by themselves.

    A frame is *agreed* where two or more coders labelled it and all chose the same. With ``majority`` also where more
    than half of them did, and with ``one_coder`` where a single coder labelled it. Who could not tell counts among them
    but settles nothing. What an earlier run settled and the labels no longer say is changed or taken away; what people
    settled by discussion or as a third coder stays. Action units are those that all who chose the label named, with the
    side and intensity that they agree on.

    Parameters
    ----------
    by : str
        Who asks for it, for undo.

    Raises
    ------
    BadInputError
        If nobody is named.
    """
    who = " ".join(by.split())
    if not who:
        raise BadInputError("say who settles: a name")
    wanted: dict[tuple[int, int, str], dict[str, str]] = {}
    labelled: set[tuple[int, int, str]] = set()
    for kind in ("micro", "masked"):
        for frame in coded_frames(study, kind):
            labelled.add((frame.recording, frame.number, kind))
            told = by_rule(frame, majority=majority, one_coder=one_coder)
            if told is not None:
                wanted[frame.recording, frame.number, kind] = told
    with open_store(study) as store:
        have = {
            (row["recording"], row["number"], row["kind"]): {name: row[name] for name in _COLUMNS}
            for row in store.execute("SELECT * FROM settled")
        }
        step, changed = _next_step(store), 0
        for place in sorted(wanted.keys() | have.keys()):
            before, after = have.get(place), wanted.get(place)
            if before is not None and before["how"] not in BY_RULE:
                continue
            if before is None or after is None or any(before[name] != after[name] for name in after):
                _change(store, step, who, place, None if after is None else {**after, "made": now()})
                changed += 1
        now_have = {tuple(row) for row in store.execute("SELECT recording, number, kind FROM settled")}
        ways = Counter(row[0] for row in store.execute("SELECT how FROM settled"))
    left = len(labelled - now_have)
    return SettledNow(ways["agreed"], ways["majority"], ways["one coder"], changed, left, step if changed else None)


def undo_settling(study: Path, by: str) -> int:
    """Take back what a person settled last; how many frames that were.

    Raises
    ------
    BadInputError
        If this person has settled nothing that can be taken back, or one of these frames was settled anew since.
    """
    who = " ".join(by.split())
    with open_store(study) as store:
        last = store.execute(
            "SELECT max(step) AS step FROM settled_change WHERE who = ? AND undone = 0", (who,)
        ).fetchone()["step"]
        if last is None:
            raise BadInputError(f"{who or 'nobody'} has settled nothing that can be undone")
        changes = store.execute("SELECT * FROM settled_change WHERE step = ? ORDER BY id DESC", (last,)).fetchall()
        for change in changes:
            place = change["recording"], change["number"], change["kind"]
            later = store.execute(
                "SELECT who FROM settled_change WHERE recording = ? AND number = ? AND kind = ? AND step > ?"
                " AND undone = 0",
                (*place, last),
            ).fetchone()
            if later is not None:
                raise BadInputError(
                    f"frame {place[1]} of recording {place[0]} was settled anew by {later['who']} since: "
                    "settle it again instead"
                )
            _put(store, place, None if change["before"] is None else json.loads(change["before"]))
        store.execute("UPDATE settled_change SET undone = 1 WHERE step = ?", (last,))
    return len(changes)


def _row(store: sqlite3.Connection, place: tuple[int, int, str]) -> sqlite3.Row | None:
    row: sqlite3.Row | None = store.execute(
        "SELECT * FROM settled WHERE recording = ? AND number = ? AND kind = ?", place
    ).fetchone()
    return row


def _next_step(store: sqlite3.Connection) -> int:
    return int(store.execute("SELECT coalesce(max(step), 0) + 1 FROM settled_change").fetchone()[0])


def _change(
    store: sqlite3.Connection, step: int, who: str, place: tuple[int, int, str], after: Mapping[str, Any] | None
) -> None:
    """Settle one frame and note what was there, for undo."""
    old = _row(store, place)
    before = None if old is None else {name: old[name] for name in _COLUMNS}
    texts = [None if each is None else json.dumps(dict(each)) for each in (before, after)]
    store.execute(
        "INSERT INTO settled_change (step, recording, number, kind, who, before, after, made)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (step, *place, who, *texts, now()),
    )
    _put(store, place, after)


def _put(store: sqlite3.Connection, place: tuple[int, int, str], columns: Mapping[str, Any] | None) -> None:
    store.execute("DELETE FROM settled WHERE recording = ? AND number = ? AND kind = ?", place)
    if columns is not None:
        store.execute(
            "INSERT INTO settled (recording, number, kind, emotion, how, by, action_units, made)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (*place, *(columns[name] for name in _COLUMNS)),
        )
