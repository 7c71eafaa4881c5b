"""MMED-FST: one frame each half second of 21 people who answer questions and look at images, labelled twice."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from micromask.core.clips import Annotation, Clip
from micromask.core.errors import BadInputError
from micromask.core.types import Recording, SubjectId
from micromask.datasets.build import Builder
from micromask.datasets.catalogue import Corpus, LoadOptions, datasets
from micromask.datasets.frames import FrameFolder, existing, folder_recording, frame_folder
from micromask.datasets.labels import FIVE, one_spelling, split_masked
from micromask.datasets.sheets import Row, Sheet, read_sheet

NAME = "mmed-fst"
FPS = 2.0
"""Frame n is the picture n / 2 seconds after the recording began: frame 30 is the 15th second. A study that keeps its
frames at another interval says so in the column ``frame_seconds``."""

STIMULI = ("questionnaire", "images")
GENDERS = ("female", "male")
KINDS = ("micro", "masked")
MASKED = ("happy_but_sad", "happy_but_angry")

FRAMES = {
    "participant": ("participant",),
    "stimulus": ("stimulus",),
    "frame": ("frame",),
    "item": ("item",),
    "intended_emotion": ("intended_emotion",),
    "micro_emotion": ("micro_emotion",),
    "masked_expression": ("masked_expression",),
    "action_units": ("action_units",),
    "frame_seconds": ("frame_seconds",),
}
PEOPLE = {"participant": ("participant",), "gender": ("gender",), "age": ("age",)}
OPTIONAL = ("item", "intended_emotion", "action_units", "frame_seconds", "age")


@dataclass(frozen=True, slots=True)
class Participant:
    """A person of the study: female or male, and their age in years where it was noted."""

    name: str
    gender: str
    age: int | None = None


@datasets.add(NAME)
def mmed_fst(root: Path, options: LoadOptions) -> Corpus:
    """Labelled frames of a study in the layout of MMED-FST; the corpus itself has no public release.

    ``participants.csv`` (participant, gender, age), ``frames.csv`` (participant, stimulus, frame, item,
    intended_emotion, micro_emotion, masked_expression, action_units, frame_seconds) and the pictures
    ``frames/<participant>/<questionnaire|images>/<frame>.png``; see docs/datasets/mmed-fst.md.

    A row with both labels makes two clips of one frame, ``P01/images/30/micro`` and ``.../masked``. Their recording is
    the folder of the session at 2 frames per second, with its own times where only some frames were kept, so that a
    protocol can see which clips were filmed together. Gender and stimulus are the clip's attributes.

    Options
    -------
    stimulus : {"questionnaire", "images"}
    kind : {"micro", "masked"}
    gender : {"female", "male"}
        Only that subset; everything if not given. What they leave out is counted (DS013).

    One release, ``layout 1``.

    Raises
    ------
    BadInputError
        If a table is missing or lacks a column, or an option is none of the above. Rows that cannot be right become
        findings.

    Source
    ------
    Suresh et al. 2025, doi:10.47852/bonviewJCCE52026148
    """
    told = options.take(NAME, stimulus=None, kind=None, gender=None)
    for option, known in (("stimulus", STIMULI), ("kind", KINDS), ("gender", GENDERS)):
        if told[option] not in (None, *known):
            raise BadInputError(f"{NAME}: {option} is {' or '.join(known)}, got {told[option]!r}")
    people = participants(root)
    sheet = _table(root, "frames.csv", FRAMES)
    builder = Builder(NAME, root, options)
    sessions: dict[tuple[str, str], tuple[FrameFolder, Recording]] = {}
    left_out = 0
    for row in sheet:
        person, stimulus = _who(builder, row, people)
        if person is None:
            continue
        if told["gender"] not in (None, person.gender) or told["stimulus"] not in (None, stimulus):
            left_out += 1
            continue
        session = _session(builder, row, root, person.name, stimulus, sessions)
        if session is not None:
            left_out += _frame(builder, row, person, stimulus, session, told)
    if left_out:
        asked = ", ".join(f"{name} {value}" for name, value in told.items() if value is not None)
        builder.say("DS013", f"{left_out} labels are not of the subset that was asked for ({asked})")
    return builder.corpus("layout 1")


def participants(root: Path) -> dict[str, Participant]:
    """The people of ``participants.csv`` by name.

    Raises
    ------
    BadInputError
        If the table is missing, lacks a column, names somebody twice, or holds a gender or age that is none.
    """
    found: dict[str, Participant] = {}
    for row in _table(root, "participants.csv", PEOPLE):
        name, gender, age = row.text("participant"), row.text("gender").lower(), row.text("age")
        if not name or name in found:
            raise BadInputError(f"{NAME}: {row.source}: participant {name!r} is {'twice' if name else 'not named'}")
        if gender not in GENDERS:
            raise BadInputError(f"{NAME}: {row.source}: gender is female or male, got {gender!r}")
        if age and not age.isdecimal():
            raise BadInputError(f"{NAME}: {row.source}: age is in whole years or empty, got {age!r}")
        found[name] = Participant(name, gender, int(age) if age else None)
    return found


def _table(root: Path, name: str, columns: Mapping[str, tuple[str, ...]]) -> Sheet:
    if not (root / name).is_file():
        inside = [child for child in sorted(root.iterdir()) if (child / name).is_file()] if root.is_dir() else []
        if inside:
            raise BadInputError(f"{NAME}: {root} is one level too high; {name} lies in {inside[0]}")
        if (root.resolve().parent / name).is_file():
            raise BadInputError(f"{NAME}: {root} is one level too low; {name} lies in {root.resolve().parent}")
        raise BadInputError(f"{NAME}: no {name} in {root}; wanted participants.csv, frames.csv and the folder frames")
    return read_sheet(root / name, columns, NAME, optional=[each for each in columns if each in OPTIONAL])


def _who(builder: Builder, row: Row, people: dict[str, Participant]) -> tuple[Participant | None, str]:
    stimulus = row.text("stimulus").lower()
    person = people.get(row.text("participant"))
    if person is None:
        builder.say("DS011", f"{row.source}: participant {row.text('participant')!r} is not in participants.csv")
    elif stimulus not in STIMULI:
        builder.say("DS011", f"{row.source}: stimulus is {' or '.join(STIMULI)}, got {row.text('stimulus')!r}")
        return None, stimulus
    return person, stimulus


def _session(
    builder: Builder,
    row: Row,
    root: Path,
    person: str,
    stimulus: str,
    known: dict[tuple[str, str], tuple[FrameFolder, Recording]],
) -> tuple[FrameFolder, Recording] | None:
    """The frames of one person under one stimulus, looked up once, with their times."""
    if (person, stimulus) in known:
        return known[person, stimulus]
    place = existing(root, f"frames/{person}/{stimulus}")
    folder = None if place is None else frame_folder(place)
    if folder is None:
        builder.say("DS008", f"{row.source}: no pictures in frames/{person}/{stimulus}")
        return None
    if folder.strays:
        builder.say("DS040", f"{row.source}: frames/{person}/{stimulus} holds {folder.strays[0]}; take it out")
        return None
    fps = _rate(row.text("frame_seconds"))
    if fps is None:
        told = f"frame_seconds is a number of seconds above 0 or empty, got {row.text('frame_seconds')!r}"
        builder.say("DS011", f"{row.source}: {told}")
        return None
    name = f"{person}/{stimulus}"
    known[person, stimulus] = folder, folder_recording(folder, SubjectId(NAME, person), name, fps, "unknown")
    return known[person, stimulus]


def _rate(step: str) -> float | None:
    """Frames a second of a session whose frames lie ``step`` seconds apart, as a cell says it."""
    try:
        seconds = float(step) if step else 1 / FPS
    except ValueError:
        return None
    return 1 / seconds if seconds > 0 and math.isfinite(seconds) else None


def _frame(
    builder: Builder,
    row: Row,
    person: Participant,
    stimulus: str,
    session: tuple[FrameFolder, Recording],
    told: dict[str, Any],
) -> int:
    """Add the clips of one row; how many labels the option ``kind`` leaves out."""
    folder, recording = session
    number = row.whole("frame")
    index = None if number is None else folder.index(number)
    if index is None:
        code = "DS011" if number is None else "DS007"
        builder.say(code, f"{row.source}: no picture of frame {row.text('frame')!r} in frames/{person.name}/{stimulus}")
        return 0
    micro, masked = row.text("micro_emotion"), row.text("masked_expression")
    if not micro and not masked:
        builder.say("DS011", f"{row.source}: neither micro_emotion nor masked_expression")
        return 0
    left_out = 0
    name = f"{person.name}/{stimulus}/{number}"
    split_by = {"gender": person.gender, "stimulus": stimulus}
    same: dict[str, Any] = {
        "source": row.source,
        "action_units": row.text("action_units"),
        "apex_from": "image",
        "intended_emotion": row.text("intended_emotion") or None,
    }
    if micro and told["kind"] in (None, "micro"):
        if one_spelling(micro) not in FIVE[NAME]:
            builder.say("DS025", f"{row.source}: micro_emotion {micro!r}; known: {', '.join(FIVE[NAME])}")
        seen = Annotation(index, index, index, micro, "micro", **same)
        builder.add(Clip(f"{name}/micro", recording, seen, attributes=split_by))
    left_out += bool(micro) and told["kind"] == "masked"
    if masked and told["kind"] in (None, "masked"):
        pair = split_masked(masked)
        if pair is None:
            builder.say("DS011", f"{row.source}: masked_expression {masked!r} is no pair such as happy_but_sad")
            return left_out
        shown, felt = pair
        if (one_spelling(shown), one_spelling(felt)) not in {("happiness", "sadness"), ("happiness", "anger")}:
            builder.say("DS025", f"{row.source}: masked_expression {masked!r}; known: {', '.join(MASKED)}")
        label = Annotation(index, index, index, masked, "masked", **same, shown_emotion=shown, felt_emotion=felt)
        builder.add(Clip(f"{name}/masked", recording, label, attributes=split_by))
    left_out += bool(masked) and told["kind"] == "micro"
    return left_out
