"""What of a study may leave it: the settled labels of people whose consent stands."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from micromask.core.errors import BadInputError
from micromask.studies.design import Design, StudyKind
from micromask.studies.people import consent_stands, number_of
from micromask.studies.store import read_store

_SETTLED = (
    "SELECT settled.*, session, participant, part, recording.path AS film, frame.frame AS at, frame.time_s,"
    " frame.item, frame.path AS picture, frame.measures, framed.seconds FROM settled"
    " JOIN recording ON recording.id = settled.recording JOIN session ON session.id = session"
    " LEFT JOIN frame ON frame.recording = settled.recording AND frame.number = settled.number"
    " LEFT JOIN framed ON framed.recording = settled.recording"
    " WHERE session.state != 'deleted'"
)


@dataclass(frozen=True, slots=True)
class SettledFrame:
    """One settled label with its kept frame.

    ``film`` and ``picture`` are paths below the study's folder, ``frame`` counts in the film from 0, ``time_s`` is its
    time from the film's first frame and ``step_s`` that from one kept frame to the next. ``item`` is what was on the
    screen and ``intended`` the emotion that it was chosen for, both '' where nothing was. ``measures`` as in
    `frames.StudyFrame`.
    """

    participant: str
    session: int
    recording: int
    part: str
    film: str
    number: int
    frame: int
    time_s: float
    step_s: float
    item: str
    intended: str
    kind: StudyKind
    emotion: str
    how: str
    action_units: str
    picture: str
    measures: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Consent:
    """A consent that stands: the text as it was read, its SHA-256 and the day it was given."""

    text: str
    sha256: str
    day: str


@dataclass(frozen=True, slots=True)
class Selection:
    """What may leave a study, and what may not.

    ``people`` are the answers of those with a label in ``frames``, by pseudonym, and ``consents`` what they agreed to.
    ``no_expression`` has whose each frame is that was settled as showing none, and the kind. ``withdrawn`` and
    ``without_consent`` are the pseudonyms of everybody in the study whose consent was withdrawn, or was never given.
    """

    frames: tuple[SettledFrame, ...]
    people: Mapping[str, Mapping[str, str | int]]
    consents: Mapping[str, Consent]
    no_expression: tuple[tuple[str, StudyKind], ...]
    withdrawn: tuple[str, ...]
    without_consent: tuple[str, ...]


def select(study: Path, design: Design) -> Selection:
    """The settled labels of a study that may be exported, by participant, recording and number.

    Raises
    ------
    BadInputError
        If there is no study or nothing that may be exported, or a settled frame is not kept any more.
    """
    intended = {item.id: item.intended_emotion for part in design.parts for item in part.items}
    with read_store(study) as store:
        rows = store.execute(_SETTLED).fetchall()
        answers = {row["name"]: json.loads(row["fields"]) for row in store.execute("SELECT * FROM participant")}
        consents = {name: found for name in answers if (found := _consent(store, name)) is not None}
        withdrawn = {row[0] for row in store.execute("SELECT participant FROM consent WHERE withdrawn IS NOT NULL")}
    known = sorted(answers, key=number_of)
    rows = [row for row in rows if row["participant"] in consents]
    rows.sort(key=lambda row: (number_of(row["participant"]), row["recording"], row["number"], row["kind"]))
    frames = tuple(_frame(row, intended, design.frame_seconds) for row in rows if row["emotion"])
    selection = Selection(
        frames,
        {name: answers[name] for name in known if any(each.participant == name for each in frames)},
        consents,
        tuple((row["participant"], row["kind"]) for row in rows if not row["emotion"]),
        tuple(name for name in known if name not in consents and name in withdrawn),
        tuple(name for name in known if name not in consents and name not in withdrawn),
    )
    if not frames:
        raise BadInputError(f"{study} has no settled label that may be exported{_why(selection)}")
    return selection


def check_consents(store: sqlite3.Connection, people: Iterable[str]) -> None:
    """Refuse to go on where somebody's consent does not stand any more; to be called when an export is complete.

    Raises
    ------
    BadInputError
        Naming them.
    """
    gone = [name for name in people if not consent_stands(store, name)]
    if gone:
        raise BadInputError(f"{', '.join(gone)} withdrew consent in the meantime; nothing was exported: run it again")


def without_people(selection: Selection, names: Sequence[str]) -> Selection:
    """The selection without some people."""
    return replace(
        selection,
        frames=tuple(each for each in selection.frames if each.participant not in names),
        people={name: told for name, told in selection.people.items() if name not in names},
    )


def export_numbers(frames: Sequence[SettledFrame], groups: Sequence[str]) -> tuple[int, ...]:
    """The number that each frame has in an export, so that films of one person in one group do not collide.

    The first film keeps its own numbers. Those of the next begin at 10,000 and so on: 10,030 is number 30 of the
    second film. Where a film has numbers beyond that, at the next power of ten.

    Parameters
    ----------
    frames : (N,)
    groups : (N,)
        What lies together in the export, such as the stimulus.
    """
    step = 10_000
    while frames and step <= max(each.number for each in frames):
        step *= 10
    films: dict[tuple[str, str], list[int]] = {}
    found = []
    for each, group in zip(frames, groups, strict=True):
        own = films.setdefault((each.participant, group), [])
        if each.recording not in own:
            own.append(each.recording)
        found.append(step * own.index(each.recording) + each.number)
    return tuple(found)


def _consent(store: sqlite3.Connection, participant: str) -> Consent | None:
    if not consent_stands(store, participant):
        return None
    row = store.execute(
        "SELECT text, text_sha256, given FROM consent WHERE participant = ? ORDER BY id DESC LIMIT 1", (participant,)
    ).fetchone()
    return Consent(row["text"], row["text_sha256"], row["given"][:10])


def _frame(row: sqlite3.Row, intended: Mapping[str, str], step_s: float) -> SettledFrame:
    if row["picture"] is None:
        raise BadInputError(
            f"recording {row['recording']} ({row['participant']}, {row['part']}): frame {row['number']} is settled but "
            "not kept any more; make its frames again with 'micromask study frames'"
        )
    item = row["item"] or ""
    return SettledFrame(
        row["participant"],
        row["session"],
        row["recording"],
        row["part"],
        row["film"],
        row["number"],
        row["at"],
        row["time_s"],
        row["seconds"] or step_s,
        item,
        intended.get(item, ""),
        row["kind"],
        row["emotion"],
        row["how"],
        row["action_units"],
        row["picture"],
        json.loads(row["measures"]),
    )


def _why(selection: Selection) -> str:
    told = []
    if selection.withdrawn:
        told.append(f"{', '.join(selection.withdrawn)} withdrew consent")
    if selection.without_consent:
        told.append(f"{', '.join(selection.without_consent)} gave none")
    if selection.no_expression:
        told.append(f"{len(selection.no_expression)} frames are settled as showing no expression")
    return f": {'; '.join(told)}" if told else ": label frames and settle them with 'micromask study serve'"
