"""CAS(ME)³: part A, films watched alone, and part C, a mock crime under interrogation."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import Any

from micromask.core.errors import BadInputError
from micromask.core.types import MICRO_SECONDS, Recording, SubjectId
from micromask.datasets.build import Builder
from micromask.datasets.casme2 import readable_apex
from micromask.datasets.catalogue import Corpus, LoadOptions, datasets
from micromask.datasets.correct import Corrector
from micromask.datasets.frames import FrameFolder, existing, folder_recording, frame_folder
from micromask.datasets.sheets import Row, Sheet, find_sheet, read_sheet, tables

FPS = 30.0
LICENCE = "CAS(ME)3 licence agreement, research only"

PART_A = {
    "subject": ("Subject",),
    "clip": ("Filename",),
    "onset": ("Onset",),
    "apex": ("Apex",),
    "offset": ("Offset",),
    "action_units": ("AU", "AUs"),
    "objective": ("Objective class", "Objective classes"),
    "emotion": ("emotion",),
    "type": ("Expression type", "type"),
}
PART_C = {
    "subject": ("sub",),
    "clip": ("count",),
    "onset": ("onset",),
    "offset": ("offset",),
    "action_units": ("au",),
    "emotion": ("emotion",),
}
_SHEETS = {
    ("A", "micro"): ("*part_A_ME*.xls*", "*part_A_ME*.csv"),
    ("A", "all"): ("*part_A_v*.xls*", "*part_A_v*.csv"),
    ("C", "micro"): ("*part_C_ME*.xls*", "*part_C_ME*.csv"),
}
_PEOPLE = {"A": re.compile(r"spNO\.\d+", re.IGNORECASE), "C": re.compile(r"(?:sub)?\d+", re.IGNORECASE)}


@datasets.add("cas-me-3")
def cas_me_3(root: Path, options: LoadOptions) -> Corpus:
    """Expressions of CAS(ME)³: ``part_A/spNO.1/a/color/1.jpg``, ``part_C/01/a/color/1.jpg``.

    One film holds several expressions; clips are numbered through each film in the order of the sheet
    (``spNO.1/a/1``) and share its recording. In part C, which has no apex (``missing_apex``), the number is the
    sheet's count (``01/2``). Subjects are named as their folders. The first frames of a film are often missing on
    disk (DS009), and many expressions coded as micro are longer than 0.5 s (DS031, their number). ``recordings`` are
    the films in which something was coded; with ``films="all"`` every film on disk.

    Options: ``part`` "A" (default) or "C"; ``expressions`` "micro" (default) or, for part A, "all": the full table with
    macro-expressions (``CAS(ME)3_part_A_v2.xls``); ``films`` "coded" (default) or "all". Releases: ``part A, micro, 860
    rows`` and the like: the table and its number of rows.

    Source: Li et al. 2023, doi:10.1109/TPAMI.2022.3174895
    """
    asked = options.take("cas-me-3", part="A", expressions="micro", films="coded")
    part, expressions = str(asked["part"]).upper(), str(asked["expressions"])
    if (part, expressions) not in _SHEETS or asked["films"] not in ("coded", "all"):
        raise BadInputError(
            "cas-me-3: part is A or C, expressions micro or (part A) all, films coded or all; "
            f"got {part!r}, {expressions!r}, {asked['films']!r}"
        )
    path = find_sheet(root, _SHEETS[part, expressions], "cas-me-3")
    sheet = _sheet(path, part)
    base = _people_folder(path.parent, part)
    if base is None:
        wanted = "part_A/spNO.1/a/color/1.jpg" if part == "A" else "part_C/01/a/color/1.jpg"
        raise BadInputError(f"cas-me-3: no folder of part {part} in {path.parent}; wanted {wanted}")
    release = f"part {part}, {expressions}, {len(sheet.rows)} rows"
    builder = Builder("cas-me-3", root, options)
    corrector = Corrector("cas-me-3", release, options.corrections)
    films = _Films(base)
    counted: Counter[tuple[str, str]] = Counter()
    for row in sheet:
        person, name = row.text("subject"), row.text("clip")
        row = corrector.mend(row, person, name)
        if not person or not name:
            builder.say("DS011", f"{row.source}: subject {person!r} and clip {name!r} must not be empty")
        elif part == "A":
            counted[person.lower(), name.lower()] += 1
            _part_a(builder, films, row, counted[person.lower(), name.lower()])
        else:
            _part_c(builder, films, row)
    _durations(builder)
    if asked["films"] == "all":
        films.find_all()
    builder.recordings.extend(films.recordings())
    return builder.corpus(release, corrector.applied)


def _part_a(builder: Builder, films: _Films, row: Row, number: int) -> None:
    person, name = row.text("subject"), row.text("clip")
    wanted = f"{person}/{name}/color"
    frames, recording = films.get(wanted, f"{person}/{name}")
    subject = recording.subject.name if recording is not None and recording.subject is not None else person
    clip_id = f"{subject}/{name}/{number}"
    if not readable_apex(builder, row, clip_id):
        return
    builder.clip(
        row,
        clip_id,
        subject,
        frames,
        fps=FPS,
        onset=row.whole("onset"),
        apex=row.whole("apex"),
        offset=row.whole("offset"),
        emotion=row.text("emotion"),
        kind="macro" if row.text("type").lower().startswith("macro") else "micro",
        licence=LICENCE,
        recording=recording,
        looked_for=wanted,
        **_more(row),
        objective_class=row.text("objective") or None,
    )


def _part_c(builder: Builder, films: _Films, row: Row) -> None:
    number, count = row.whole("subject"), row.text("clip")
    names = (
        (row.text("subject"),) if number is None else (f"{number:02d}", f"{number}", f"sub{number}", f"sub{number:02d}")
    )
    frames, recording = films.get(
        *(f"{who}/{film}" for who in names for film in (f"{count}/color", "a/color", "color"))
    )
    subject = recording.subject.name if recording is not None and recording.subject is not None else names[0]
    builder.clip(
        row,
        f"{subject}/{count}",
        subject,
        frames,
        fps=FPS,
        onset=row.whole("onset"),
        apex=None,
        offset=row.whole("offset"),
        emotion=row.text("emotion"),
        kind="micro",
        licence=LICENCE,
        recording=recording,
        looked_for=f"{names[0]}/a/color",
        **_more(row),
    )


def _more(row: Row) -> dict[str, Any]:
    return {"action_units": row.text("action_units")}


class _Films:
    """The films below a part's folder, each read from disk once."""

    def __init__(self, base: Path) -> None:
        self.base = base
        self.found: dict[Path, tuple[FrameFolder, Recording]] = {}

    def get(self, *candidates: str) -> tuple[FrameFolder, Recording] | tuple[None, None]:
        """The first of several folders that is there and holds frames."""
        for candidate in candidates:
            place = existing(self.base, candidate)
            if place is not None and self._read(place):
                return self.found[place]
        return None, None

    def find_all(self) -> None:
        """Read every film on disk: a folder ``color`` below a person."""
        for place in sorted(self.base.glob("*/*/[cC]olor")):
            self._read(place)

    def recordings(self) -> list[Recording]:
        return [recording for _, recording in self.found.values()]

    def _read(self, place: Path) -> bool:
        if place not in self.found and (frames := frame_folder(place)) is not None:
            parts = place.relative_to(self.base).parts
            name = "/".join(part for part in parts if part.lower() != "color")
            subject = SubjectId("cas-me-3", parts[0])
            self.found[place] = (frames, folder_recording(frames, subject, name, FPS, LICENCE))
        return place in self.found


def _sheet(path: Path, part: str) -> Sheet:
    names = tables(path, "cas-me-3")
    usual = ("label", "au+emotion") if part == "A" else ("mockcrimeme",)
    table: str | int = next((name for name in names if name.strip().lower() in usual), 0)
    columns = PART_A if part == "A" else PART_C
    return read_sheet(path, columns, "cas-me-3", sheet=table, optional=("objective", "type"))


def _people_folder(place: Path, part: str) -> Path | None:
    """The folder whose children are the part's subjects: ``place`` or one at most three levels below it."""
    level = [place]
    for _ in range(4):
        for folder in level:
            if any(_PEOPLE[part].fullmatch(child.name) for child in folder.iterdir() if child.is_dir()):
                return folder
        level = sorted(child for folder in level for child in folder.iterdir() if child.is_dir())
    return None


def _durations(builder: Builder) -> None:
    """Say how many micro-expressions are longer than such are by definition."""
    seconds = {
        clip.id: (clip.annotation.offset - clip.annotation.onset + 1) / FPS
        for clip in builder.clips
        if clip.annotation.kind == "micro"
    }
    over = [name for name, length in seconds.items() if length > MICRO_SECONDS]
    if over:
        longest = max(over, key=seconds.__getitem__)
        builder.say(
            "DS031",
            f"{len(over)} of {len(seconds)} micro-expressions last longer than {MICRO_SECONDS} s, "
            f"{sum(seconds[name] > 2 for name in over)} longer than 2 s; "
            f"the longest is {longest}, {seconds[longest]:.1f} s",
        )
