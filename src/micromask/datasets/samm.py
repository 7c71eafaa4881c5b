"""SAMM: 159 micro-expressions at 200 fps, coded with action units; a sheet with a legend above its header."""

from __future__ import annotations

import re
from pathlib import Path

from micromask.core.errors import BadInputError
from micromask.datasets.build import Builder
from micromask.datasets.catalogue import Corpus, LoadOptions, datasets
from micromask.datasets.correct import Corrector
from micromask.datasets.frames import existing, frame_folder
from micromask.datasets.sheets import Row, Sheet, find_sheet, read_sheet, tables

FPS = 200.0
LICENCE = "SAMM release agreement, research only"
TABLE = "MICRO_ONLY"
SHEETS = ("SAMM_*FACS_Codes*.xls*", "SAMM_*FACS_Codes*.csv", "SAMM.xls*", "SAMM.csv")
COLUMNS = {
    "subject": ("Subject",),
    "clip": ("Filename",),
    "inducement": ("Inducement Code",),
    "onset": ("Onset Frame", "Onset"),
    "apex": ("Apex Frame", "Apex"),
    "offset": ("Offset Frame", "Offset"),
    "duration": ("Duration",),
    "type": ("Micro", "Type"),
    "action_units": ("Action Units",),
    "emotion": ("Estimated Emotion",),
    "objective_class": ("Objective Classes", "Objective Class"),
}
OPTIONAL = ("inducement", "duration", "type", "action_units", "objective_class")
NOT_MARKED = ("", "/", "-1")
"""What stands in the apex column where the coders marked none."""


@datasets.add("samm")
def samm(root: Path, options: LoadOptions) -> Corpus:
    """The clips of SAMM: ``SAMM/006/006_1_2/006_05562.jpg`` and ``SAMM_Micro_FACS_Codes_v2.xlsx``.

    Clips are named as the sheet's ``Filename`` ('006_1_2'), subjects as their folders ('006', also where the sheet has
    the number 6). The folders of the subjects lie in ``SAMM`` or beside the sheet. ``Duration`` is a checksum,
    offset - onset + 1: what does not fit is said (DS042). ``intended_emotion`` holds the inducement code ('inducement
    3'). Action units with 'or' stay as coded (see ``action_units``). Where the coded apex of three clips lies outside
    of them, the corrections empty it and it is estimated as ``missing_apex`` asks.

    Releases are told apart by what stands above the header: ``v2`` (the table MICRO_ONLY, header in row 14 below a
    legend), ``20181215`` (header in one of the first two rows), else ``unknown``.

    Source: Davison et al. 2018, doi:10.1109/TAFFC.2016.2573832
    """
    options.take("samm")
    path = find_sheet(root, SHEETS, "samm")
    sheet = read_samm_sheet(path)
    place = _subjects_folder(path.parent)
    release = _release(sheet)
    builder = Builder("samm", root, options)
    if len(sheet.rows) != 159:
        builder.say("DS041", f"{path.name}: {len(sheet.rows)} rows, release {release} has 159")
    corrector = Corrector("samm", release, options.corrections)
    named: set[str] = set()
    for row in sheet:
        subject, clip = three_digits(row.text("subject")), row.text("clip")
        if subject is None or not clip:
            builder.say("DS011", f"{row.source}: subject {row.text('subject')!r}, clip {clip!r} name no clip")
            continue
        named.add(clip.lower())
        row = corrector.mend(row, subject, clip)
        apex = row.whole("apex")
        if row.text("apex") in NOT_MARKED:
            apex = None
        elif apex is None:
            builder.say("DS011", f"{row.source}: {clip}: apex {row.text('apex')!r} is no frame number")
            continue
        if not row.text("type").lower().startswith("micro") and row.text("type"):
            builder.say("DS011", f"{row.source}: {clip}: type {row.text('type')!r}, wanted 'Micro - 1/2'")
            continue
        _check_duration(builder, row, clip)
        folder = existing(place, f"{subject}/{clip}")
        inducement = row.text("inducement")
        builder.clip(
            row,
            clip,
            subject,
            frame_folder(folder) if folder else None,
            fps=FPS,
            onset=row.whole("onset"),
            apex=apex,
            offset=row.whole("offset"),
            emotion=row.text("emotion"),
            kind="micro",
            licence=LICENCE,
            looked_for=f"{subject}/{clip}",
            action_units=row.text("action_units"),
            objective_class=row.text("objective_class") or None,
            intended_emotion=f"inducement {inducement}" if inducement else None,
        )
    for person in _subjects(place):
        for folder in sorted(child for child in person.iterdir() if child.is_dir()):
            if folder.name.lower() not in named:
                builder.say("DS010", f"{person.name}/{folder.name}")
    return builder.corpus(release, corrector.applied)


def read_samm_sheet(path: Path) -> Sheet:
    """SAMM's rows: of the table MICRO_ONLY where there is one, else of the first. Errors as in `read_sheet`."""
    table = TABLE if TABLE in tables(path, "samm") and path.suffix.lower() != ".csv" else 0
    return read_sheet(path, COLUMNS, "samm", sheet=table, optional=OPTIONAL)


def three_digits(text: str) -> str | None:
    """A subject as SAMM's folders name it, '006' for 6, '6' and '006'; None where there is no number."""
    return text.zfill(3) if re.fullmatch(r"[0-9]{1,3}", text) else None


def _release(sheet: Sheet) -> str:
    first = sheet.rows[0].source.row if sheet.rows else None
    if first == 15:
        return "v2"
    return "20181215" if first in (2, 3) else "unknown"


def _subjects(place: Path) -> list[Path]:
    return sorted(child for child in place.iterdir() if child.is_dir() and re.fullmatch(r"[0-9]{3}", child.name))


def _subjects_folder(base: Path) -> Path:
    for candidate in ("SAMM", "."):
        place = existing(base, candidate)
        if place is not None and _subjects(place):
            return place
    raise BadInputError(f"samm: {base} has no folder SAMM with 006, 007, ... in it, nor such folders itself")


def _check_duration(builder: Builder, row: Row, clip: str) -> None:
    onset, offset, duration = row.whole("onset"), row.whole("offset"), row.whole("duration")
    if onset is not None and offset is not None and duration is not None and duration != offset - onset + 1:
        builder.say(
            "DS042",
            f"{row.source}: {clip}: onset {onset} to offset {offset} are {offset - onset + 1} frames, "
            f"the sheet says {duration}",
        )
