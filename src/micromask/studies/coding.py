"""Coders and their labels: saved at once, each change on its own, so that coders can work at the same time."""

from __future__ import annotations

import re
import sqlite3
from dataclasses import dataclass
from pathlib import Path

from micromask.core.errors import BadInputError
from micromask.studies.coded_films import film_in
from micromask.studies.design import Design, StudyKind
from micromask.studies.film_clock import film_clock
from micromask.studies.labels import (
    CANNOT_TELL,
    COLUMNS,
    COVERS,
    NONE,
    Decision,
    Label,
    active_row,
    columns_of,
    label_of,
    put_row,
)
from micromask.studies.masked_pairs import pairs_of
from micromask.studies.people import consent_stands
from micromask.studies.store import now, open_store, read_store
from micromask.studies.undo import keep_change

LONGEST_NOTE = 2000
_NAME = re.compile(r"(?!.*\.\.)\w(?:[\w .-]{0,38}[\w.])?")


@dataclass(frozen=True, slots=True)
class Progress:
    """A film that can be coded and how far one coder is with it; ``coded`` are kept frames with a label, by kind."""

    recording: int
    participant: str
    part: str
    frames: int
    coded: dict[StudyKind, int]
    intervals: int


def add_coder(study: Path, name: str) -> str:
    """Add a coder by name; the name as it is kept, with single blanks.

    Raises
    ------
    BadInputError
        If it is no name of 1 to 40 letters, digits, blanks, dots and dashes, or somebody has it already (capitals do
        not make a difference).
    """
    plain = " ".join(name.split())
    if not _NAME.fullmatch(plain):
        raise BadInputError(f"a coder's name has 1 to 40 letters, digits, blanks, dots and dashes, got {name!r}")
    with open_store(study) as store:
        for row in store.execute("SELECT name FROM coder"):
            if row["name"].casefold() == plain.casefold():
                raise BadInputError(f"there is a coder {row['name']!r} already: choose it, or take another name")
        store.execute("INSERT INTO coder (name, added) VALUES (?, ?)", (plain, now()))
    return plain


def coders(study: Path) -> tuple[str, ...]:
    """The names of all coders, in the order in which they came."""
    with read_store(study) as store:
        return tuple(row["name"] for row in store.execute("SELECT name FROM coder ORDER BY added, name"))


def progress(study: Path, design: Design, coder: str) -> tuple[Progress, ...]:
    """All films that can be coded, with what this coder did; nothing of other coders.

    Left out: films of people whose consent does not stand and of sessions whose recordings were deleted.

    Raises
    ------
    BadInputError
        If there is no such coder.
    """
    with read_store(study) as store:
        check_coder(store, coder)
        films = store.execute(
            "SELECT recording.id, recording.part, participant, (SELECT count(*) FROM frame WHERE recording ="
            " recording.id) AS frames FROM recording JOIN session ON session.id = recording.session"
            " WHERE session.state != 'deleted' AND recording.state != 'open' ORDER BY participant, recording.id"
        ).fetchall()
        counts = {
            (row["recording"], row["kind"], row["framed"]): row["labels"]
            for row in store.execute(
                "SELECT recording, kind, number IS NOT NULL AS framed, count(*) AS labels FROM label"
                " WHERE coder = ? AND removed IS NULL GROUP BY recording, kind, framed",
                (coder,),
            )
        }
        return tuple(
            Progress(
                film["id"],
                film["participant"],
                film["part"],
                film["frames"],
                {kind: counts.get((film["id"], kind, 1), 0) for kind in design.kinds},
                sum(counts.get((film["id"], kind, 0), 0) for kind in design.kinds),
            )
            for film in films
            if consent_stands(store, film["participant"])
        )


def save_label(
    study: Path, design: Design, coder: str, recording: int, decision: Decision, label: int | None = None
) -> Label:
    """Save what a coder decided; it is on the disk when this returns, and the coder can undo it.

    A coder has one label a kept frame and kind: a second decision takes the place of the first. ``label`` names an
    interval's label that is to be changed; without it an interval is a new label.

    Raises
    ------
    BadInputError
        If there is no such coder, film, kept frame or label of this coder; if the study has no such kind, emotion or
        pair; if onset, apex and offset are no frames of the film in this order; if confidence is not 1 to 5, something
        else than mouth or eyes is covered, or the note is too long; or if the participant's consent does not stand.
    """
    pair = _checked(design, decision)
    if decision.number is not None and (decision.onset, decision.apex, decision.offset) != (None, None, None):
        raise BadInputError("a label is about a kept frame or about an interval of the film, not both")
    if decision.number is None:
        _check_interval(decision, len(film_clock(study, recording).times))
    with open_store(study) as store:
        check_coder(store, coder)
        film_in(study, store, recording, decision.number)
        if decision.number is not None:
            old = store.execute(
                "SELECT id FROM label WHERE coder = ? AND recording = ? AND number = ? AND kind = ?"
                " AND removed IS NULL",
                (coder, recording, decision.number, decision.kind),
            ).fetchone()
            label = None if old is None else old["id"]
        elif label is not None:
            _own(store, coder, recording, label, interval=True)
        columns = columns_of(decision, pair)
        before = None if label is None else active_row(store, label)
        if label is None:
            names, places = ", ".join(COLUMNS), ", ".join("?" * len(COLUMNS))
            made = store.execute(
                f"INSERT INTO label (coder, recording, {names}) VALUES (?, ?, {places})",
                (coder, recording, *columns.values()),
            )
            label = int(made.lastrowid or 0)
        else:
            put_row(store, label, columns)
        keep_change(store, coder, label, before, columns)
        return label_of(store.execute("SELECT * FROM label WHERE id = ?", (label,)).fetchone())


def remove_label(study: Path, coder: str, recording: int, label: int) -> None:
    """Remove a label of the coder's own; undo brings it back.

    Raises
    ------
    BadInputError
        If the coder has no such label in this film.
    """
    with open_store(study) as store:
        _own(store, coder, recording, label)
        before = active_row(store, label)
        put_row(store, label, None)
        keep_change(store, coder, label, before, None)


def labels_of(study: Path, coder: str, recording: int) -> tuple[Label, ...]:
    """What a coder decided about a film, in the order in which it was first said; BadInputError for no such coder."""
    with read_store(study) as store:
        check_coder(store, coder)
        rows = store.execute(
            "SELECT * FROM label WHERE coder = ? AND recording = ? AND removed IS NULL ORDER BY id", (coder, recording)
        )
        return tuple(label_of(row) for row in rows)


def check_emotion(design: Design, kind: StudyKind, emotion: str, others: tuple[str, ...]) -> tuple[str, str] | None:
    """The pair of a masked label, None for any other; ``others`` are what else than an emotion may stand there.

    Raises
    ------
    BadInputError
        If the design has no such kind, emotion or pair.
    """
    if kind not in design.kinds:
        raise BadInputError(f"this study codes {' and '.join(design.kinds)}, got {kind!r}")
    pairs = pairs_of(design) if kind == "masked" else {}
    known = tuple(pairs) if kind == "masked" else design.emotions
    if emotion not in (*known, *others):
        wanted = ", ".join((*known, *(other or "no expression (an empty one)" for other in others)))
        raise BadInputError(f"{emotion!r} is no {kind} label of this study; wanted {wanted}")
    return pairs.get(emotion)


def _checked(design: Design, decision: Decision) -> tuple[str, str] | None:
    """The pair of a masked decision; BadInputError if the design does not allow the decision."""
    pair = check_emotion(design, decision.kind, decision.emotion, (NONE, CANNOT_TELL))
    if decision.confidence is not None and not 1 <= decision.confidence <= 5:
        raise BadInputError(f"confidence is 1 to 5 or none, got {decision.confidence}")
    if not set(decision.covered) <= set(COVERS):
        raise BadInputError(f"what can be covered is {' and '.join(COVERS)}, got {', '.join(decision.covered)}")
    if len(decision.note) > LONGEST_NOTE:
        raise BadInputError(f"a note has at most {LONGEST_NOTE} letters, got {len(decision.note)}")
    return pair


def _check_interval(decision: Decision, frames: int) -> None:
    onset, apex, offset = decision.onset, decision.apex, decision.offset
    if onset is None or offset is None:
        raise BadInputError("an interval needs an onset and an offset: mark both on the film")
    if not 0 <= onset <= (onset if apex is None else apex) <= offset or (apex is not None and apex > offset):
        raise BadInputError(f"onset, apex and offset must follow one another, got {onset}, {apex}, {offset}")
    if offset >= frames:
        raise BadInputError(f"offset {offset} lies behind the film, whose last frame is {frames - 1}")


def check_coder(store: sqlite3.Connection, coder: str) -> None:
    """BadInputError if there is no coder of that name."""
    if store.execute("SELECT 1 FROM coder WHERE name = ?", (coder,)).fetchone() is None:
        raise BadInputError(f"there is no coder {coder!r}: add the name first")


def _own(store: sqlite3.Connection, coder: str, recording: int, label: int, *, interval: bool = False) -> None:
    row = store.execute(
        "SELECT number FROM label WHERE id = ? AND coder = ? AND recording = ? AND removed IS NULL",
        (label, coder, recording),
    ).fetchone()
    if row is None or (interval and row["number"] is not None):
        raise BadInputError(f"{coder} has no such {'interval' if interval else 'label'} in this film; load it again")
