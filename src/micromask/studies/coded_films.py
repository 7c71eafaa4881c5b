"""What coders look at: a film whose participant's consent stands, and its kept pictures, found by number."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from pathlib import Path

from micromask.core.errors import BadInputError
from micromask.studies.people import consent_stands
from micromask.studies.store import read_store


@dataclass(frozen=True, slots=True)
class CodedFilm:
    """A film that may be coded: whose, of which part of the study, and its MIME type."""

    recording: int
    participant: str
    part: str
    mime: str


def open_film(study: Path, recording: int) -> CodedFilm:
    """A film that may be coded.

    Raises
    ------
    BadInputError
        If there is no such recording, or its participant's consent does not stand.
    """
    with read_store(study) as store:
        return film_in(study, store, recording)


def film_in(study: Path, store: sqlite3.Connection, recording: int, number: int | None = None) -> CodedFilm:
    """As `open_film`, within a transaction; with ``number`` also BadInputError if it has no such kept frame."""
    row = store.execute(
        "SELECT participant, part, mime FROM recording JOIN session ON session.id = session WHERE recording.id = ?",
        (recording,),
    ).fetchone()
    if row is None:
        raise BadInputError(f"{study.name} has no recording {recording}")
    if not consent_stands(store, row["participant"]):
        raise BadInputError(f"the consent of {row['participant']} does not stand: the films are not coded")
    kept = "SELECT 1 FROM frame WHERE recording = ? AND number = ?"
    if number is not None and store.execute(kept, (recording, number)).fetchone() is None:
        raise BadInputError(f"recording {recording} has no kept frame {number}: make its frames first")
    return CodedFilm(recording, row["participant"], row["part"], row["mime"])


def picture_path(study: Path, recording: int, number: int) -> Path:
    """Where the picture of a kept frame lies.

    Raises
    ------
    BadInputError
        As `open_film`; and if there is no such kept frame, or its picture is gone or lies outside the study's folder.
    """
    with read_store(study) as store:
        film_in(study, store, recording, number)
        kept = "SELECT path FROM frame WHERE recording = ? AND number = ?"
        told: str = store.execute(kept, (recording, number)).fetchone()["path"]
    path = (study / told).resolve()
    if not path.is_relative_to(study.resolve()) or not path.is_file():
        raise BadInputError(f"{study.name}: the picture {told} is not there: make the frames again")
    return path
