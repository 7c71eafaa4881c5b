"""How far a study is, and what to do next."""

from __future__ import annotations

import json
import re
import sqlite3
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from micromask.core.errors import BadInputError
from micromask.studies.agreement import agreement
from micromask.studies.coded_frames import coded_frames
from micromask.studies.design import Design
from micromask.studies.film_clock import film_clock
from micromask.studies.people import Participant, participants
from micromask.studies.sessions import StudyRecording, recordings_of
from micromask.studies.store import read_store

ALPHA = "Krippendorff's alpha"

_GAP = re.compile(r"\[[A-Z][^\]]{2,}\]")


@dataclass(frozen=True, slots=True)
class FilmState:
    """One film: whose, of which part, how its recording stands, its length, and how many frames were kept of it.

    ``seconds`` is None while it is recorded and where it cannot be read, ``why`` then says so; ``frames`` is None where
    none were made yet.
    """

    recording: int
    participant: str
    part: str
    state: str
    seconds: float | None
    frames: int | None
    why: str = ""


@dataclass(frozen=True, slots=True)
class Status:
    """How a study stands.

    ``sessions`` counts them by state, ``flags`` kept frames by what is wrong with them, ``labels`` those of each coder
    by kind, ``settled`` those of each kind by how they were settled; ``unsettled`` counts frames that have a label
    and are not settled. ``alpha`` is Krippendorff's alpha by kind, in words why there is none. ``next`` is what to do.
    """

    title: str
    people: tuple[Participant, ...]
    sessions: Mapping[str, int]
    films: tuple[FilmState, ...]
    flags: Mapping[str, int]
    labels: Mapping[str, Mapping[str, int]]
    settled: Mapping[str, Mapping[str, int]]
    unsettled: int
    alpha: Mapping[str, float | str]
    exports: tuple[str, ...]
    next: tuple[str, ...]


def study_status(study: Path, design: Design) -> Status:
    """Look how far a study is.

    Raises
    ------
    BadInputError
        If there is no study.
    """
    people = participants(study)
    films = recordings_of(study)
    with read_store(study) as store:
        kept = dict(store.execute("SELECT recording, count(*) FROM frame GROUP BY recording").fetchall())
        made = {row[0] for row in store.execute("SELECT recording FROM framed")}
        flags = Counter(flag for row in store.execute("SELECT flags FROM frame") for flag in json.loads(row[0]))
        sessions = dict(store.execute("SELECT state, count(*) FROM session GROUP BY state ORDER BY state").fetchall())
        labels = _counted(
            store, "SELECT coder, kind, count(*) FROM label WHERE removed IS NULL GROUP BY coder, kind ORDER BY coder"
        )
        settled = _counted(store, "SELECT kind, how, count(*) FROM settled GROUP BY kind, how ORDER BY kind, how")
        done = {tuple(row) for row in store.execute("SELECT recording, number, kind FROM settled")}
        exports = tuple(row[0] for row in store.execute("SELECT DISTINCT path FROM file WHERE kind = 'export'"))
    states = tuple(_film(study, film, kept.get(film.id, 0) if film.id in made else None) for film in films)
    coded = {(each.recording, each.number, kind) for kind in design.kinds for each in coded_frames(study, kind)}
    unsettled = len(coded - done)
    alpha = _alpha(study) if labels else {}
    todo = tuple(_next(study, design, people, sessions, states, labels, settled, unsettled))
    return Status(
        design.title, people, sessions, states, flags, labels, settled, unsettled, alpha, tuple(sorted(exports)), todo
    )


def _counted(store: sqlite3.Connection, query: str) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for outer, inner, number in store.execute(query):
        found.setdefault(outer, {})[inner] = number
    return found


def _film(study: Path, film: StudyRecording, frames: int | None) -> FilmState:
    seconds, why = None, ""
    if film.state == "open":
        why = "still recorded"
    elif not film.bytes:
        why = "empty"
    else:
        try:
            times = film_clock(study, film.id).times
        except BadInputError as error:
            why = str(error)
        else:
            seconds = float(times[-1] + (times[-1] - times[0]) / max(1, len(times) - 1))
    return FilmState(film.id, film.participant, film.part, film.state, seconds, frames, why)


def _alpha(study: Path) -> dict[str, float | str]:
    found: dict[str, float | str] = {}
    for told in agreement(study).kinds:
        if told.why:
            found[told.kind] = told.why
            continue
        figure = told.figure(ALPHA)
        found[told.kind] = figure.why if figure.value is None else figure.value
    return found


def _next(
    study: Path,
    design: Design,
    people: tuple[Participant, ...],
    sessions: Mapping[str, int],
    films: tuple[FilmState, ...],
    labels: Mapping[str, Mapping[str, int]],
    settled: Mapping[str, Mapping[str, int]],
    unsettled: int,
) -> list[str]:
    """What is to be done, the most pressing first."""
    gone = [each.name for each in people if each.consent == "withdrawn"]
    todo = [f"{name} withdrew consent: micromask study forget {study} {name}" for name in gone]
    gaps = _GAP.findall(design.consent)
    if gaps:
        todo.append(f"fill in the consent text in {study / 'study.yaml'}: {' '.join(gaps[0].split())}")
    if sessions.get("running"):
        todo.append("a session is running")
    consenting = {each.name for each in people if each.consent == "given"}
    whole = [each for each in films if each.seconds is not None and each.participant in consenting]
    if not whole and not sessions.get("running"):
        todo.append(f"film somebody: micromask study serve {study}")
    if any(each.frames is None for each in whole):
        todo.append(f"make the frames: micromask study frames {study}")
    if any(each.frames for each in whole):
        if not labels:
            todo.append(f"code the frames in the browser: micromask study serve {study}")
        elif len(labels) == 1:
            todo.append(f"ask a second coder, so that agreement can be measured: micromask study serve {study}")
        if unsettled:
            todo.append(
                f"settle the frames that are labelled and not settled ({unsettled}): micromask study serve {study}"
            )
    if settled:
        todo.append(f"export what is settled: micromask study export {study} --out FOLDER")
    return todo
