"""What a study holds of its kept frames: their rows, and how they were made."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from micromask.core.errors import BadInputError
from micromask.studies.face_frames import SIZE, Kept
from micromask.studies.files import note_file
from micromask.studies.flags import Flag
from micromask.studies.sessions import StudyRecording
from micromask.studies.store import now, read_store


@dataclass(frozen=True, slots=True)
class StudyFrame:
    """A kept frame as the study holds it: ``path`` below its folder, ``item`` what was on the screen.

    ``measures`` holds ``size`` (side of the picture, px), ``box`` (px of the film), ``landmarks`` (68 points, px of the
    picture), ``confidence``, ``sharpness`` and ``eye_opening``, None where no face was found; and always
    ``to_aligned`` (px of the film to px of the picture) and ``regions``, the boxes ``eyes`` and ``mouth`` (x0, y0, x1,
    y1) in px of the picture.
    """

    number: int
    frame: int
    time_s: float
    item: str | None
    path: str
    flags: tuple[Flag, ...] = ()
    measures: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Made:
    """The frames that a recording has now. ``fresh`` is False where they were there already and nothing was done."""

    recording: int
    participant: str
    part: str
    seconds: float
    frames: int
    flags: Mapping[str, int]
    candidates: int | None
    told: tuple[str, ...]
    fresh: bool


def replace_frames(
    store: sqlite3.Connection,
    recording: int,
    place: str,
    participant: str,
    made_from: str,
    frames: Sequence[tuple[Kept, str | None]],
) -> None:
    """Put frames, each with what was on the screen, in the place of those that a recording had; in the caller's
    transaction. ``place`` is the folder that the pictures will lie in, ``made_from`` the film.
    """
    store.execute("DELETE FROM frame WHERE recording = ?", (recording,))
    store.execute("DELETE FROM file WHERE kind = 'frame' AND path GLOB ?", (f"{place}/*",))
    for kept, item in frames:
        path = f"{place}/{kept.file}"
        row = (kept.number, kept.frame, kept.time_s, item, path, _json(kept.flags), _json(_measures(kept)))
        store.execute("INSERT INTO frame VALUES (?, ?, ?, ?, ?, ?, ?, ?)", (recording, *row))
        note_file(store, path, participant, "frame", made_from)


def replace_framed(
    store: sqlite3.Connection, recording: int, seconds: float, detector: str, candidates: bool, told: Iterable[str]
) -> None:
    """Note how a recording's frames were made, within the caller's transaction."""
    store.execute("DELETE FROM framed WHERE recording = ?", (recording,))
    row = (recording, seconds, detector, candidates, _json(list(told)), now())
    store.execute("INSERT INTO framed VALUES (?, ?, ?, ?, ?, ?)", row)


def made_of(study: Path, recording: StudyRecording, *, fresh: bool) -> Made:
    """What frames a recording has, as `make_frames` tells it; BadInputError where they were not made."""
    with read_store(study) as store:
        row = store.execute("SELECT * FROM framed WHERE recording = ?", (recording.id,)).fetchone()
        if row is None:
            name = f"recording {recording.id} ({recording.participant}, {recording.part})"
            raise BadInputError(f"{name} has no frames yet: make them with 'micromask study frames {study}'")
        rows = store.execute("SELECT flags FROM frame WHERE recording = ?", (recording.id,)).fetchall()
        (found,) = store.execute("SELECT count(*) FROM candidate WHERE recording = ?", (recording.id,)).fetchone()
    return Made(
        recording.id,
        recording.participant,
        recording.part,
        row["seconds"],
        len(rows),
        Counter(flag for each in rows for flag in json.loads(each["flags"])),
        found if row["candidates"] else None,
        tuple(json.loads(row["told"])),
        fresh,
    )


def frames_of(study: Path, recording_id: int) -> tuple[StudyFrame, ...]:
    """The kept frames of a recording, by number; none where they were not made."""
    with read_store(study) as store:
        rows = store.execute("SELECT * FROM frame WHERE recording = ? ORDER BY number", (recording_id,)).fetchall()
    return tuple(
        StudyFrame(
            row["number"],
            row["frame"],
            row["time_s"],
            row["item"],
            row["path"],
            tuple(json.loads(row["flags"])),
            json.loads(row["measures"]),
        )
        for row in rows
    )


def _measures(kept: Kept) -> dict[str, Any]:
    return {
        "size": SIZE,
        "box": kept.box,
        "landmarks": kept.landmarks,
        "to_aligned": kept.to_aligned,
        "confidence": kept.confidence,
        "sharpness": None if kept.look is None else kept.look.sharpness,
        "eye_opening": None if kept.look is None else kept.look.eye_opening,
        "regions": kept.regions,
    }


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)
