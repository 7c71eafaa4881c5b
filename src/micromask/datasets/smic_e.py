"""SMIC-E: the long films around SMIC's expressions, whose sheet counts on the camera's own clock."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from micromask.core.errors import BadInputError
from micromask.core.types import Recording, SubjectId
from micromask.datasets.build import Builder
from micromask.datasets.catalogue import Corpus, LoadOptions, datasets
from micromask.datasets.correct import Corrector
from micromask.datasets.frames import FrameFolder, existing, folder_recording, frame_folder
from micromask.datasets.sheets import Row, Sheet, find_sheet, read_sheet, tables
from micromask.datasets.smic import FPS
from micromask.datasets.trimmed import rebased

LICENCE = "SMIC licence agreement, research only"

COLUMNS = {
    "subject": ("Subject",),
    "clip": ("Filename",),
    "onset": ("OnsetF",),
    "offset": ("OffsetF",),
    "onset2": ("Onset2F",),
    "offset2": ("Offset2F",),
    "onset3": ("Onset3F",),
    "offset3": ("Offset3F",),
    "first": ("FirstF",),
    "total": ("TotalMF1", "TotalMF"),
    "emotion": ("Emotion",),
}
OPTIONAL = ("onset2", "offset2", "onset3", "offset3", "total")

NOT_DISTRIBUTED = frozenset({"s3_ne_03", "s3_ne_20", "s4_ne_05", "s4_ne_06", "s9_sur_02"})
"""Clips of the sheet HS that the distributed films do not hold."""


@dataclass(frozen=True, slots=True)
class _Film:
    frames: FrameFolder
    recording: Recording


@datasets.add("smic-e")
def smic_e(root: Path, options: LoadOptions) -> Corpus:
    """Expressions in the long films of SMIC-E: ``HS_long/SMIC-HS-E/s01/s1_ne_01/image000001.jpg``.

    The root is a camera's folder (``HS_long``), which holds the sheet, or the sheet itself. One row of it is one film
    with one to three expressions, each of which becomes a clip: ``s1_ne_01``, ``s1_ne_01.2``, ``s1_ne_01.3``, as the
    columns number them (a second may come before the first). The sheet counts on the camera's clock; where the files
    are numbered anew, FirstF is the first file (said as DS014). Rows whose Subject is no number are text below the
    table. The five films that the corpus names but never distributed are left out with a note. The subject is 's1'
    also where the folder says 's01'. ``recordings`` are all films on disk. No apex is coded (``missing_apex``).

    Options: ``camera`` "HS" (100 fps; default), "VIS" or "NIR" (25 fps): the table of that name, else the first.
    Releases are told apart by their rows and columns: 162 rows (``HS, 162 rows``), an edited copy with third
    expressions (``HS, 157 rows, third expressions``).

    Source: Li et al. 2018, doi:10.1109/TAFFC.2017.2667642
    """
    camera = str(options.take("smic-e", camera="HS")["camera"]).upper()
    if camera not in FPS:
        raise BadInputError(f"smic-e: camera is HS, VIS or NIR, got {camera!r}")
    sheet = _sheet(root, camera)
    place = sheet.file.parent
    rows = [row for row in sheet if row.whole("subject") is not None]
    third = any("onset3" in row.cells for row in rows)
    release = f"{camera}, {len(rows)} rows" + (", third expressions" if third else "")
    builder = Builder("smic-e", root, options)
    corrector = Corrector("smic-e", release, options.corrections)
    for row in sheet:
        if row.whole("subject") is None:
            told = row.text("subject") or row.text("clip")
            builder.say("DS013", f"{row.source}: no subject number, text below the table: {told[:40]!r}")
    films = _films(place, camera)
    for row in rows:
        number = row.whole("subject")
        row = corrector.mend(row, str(number), row.text("clip"))
        _expressions(builder, row, f"s{number}", films.get(row.text("clip").lower()))
    builder.recordings.extend(film.recording for film in films.values())
    return builder.corpus(release, corrector.applied)


def _expressions(builder: Builder, row: Row, subject: str, film: _Film | None) -> None:
    """The clips of one row."""
    name = row.text("clip")
    if film is None and name in NOT_DISTRIBUTED:
        builder.say("DS013", f"{row.source}: {name} is in the sheet, but not among the distributed films")
        return
    if film is not None and film.recording.subject is not None and film.recording.subject.name != subject:
        there = film.recording.subject.name
        builder.say(
            "DS030", f"{row.source}: {name}: subject {subject}, but its folder is of {there}; the folder is taken"
        )
    total, onset, offset = row.whole("total"), row.whole("onset"), row.whole("offset")
    if total is not None and onset is not None and offset is not None and total != offset - onset + 1:
        builder.say("DS030", f"{row.source}: {name}: {onset} to {offset} are {offset - onset + 1} frames, not {total}")
    for place, ending in enumerate(("", "2", "3")):
        if ending and not row.text(f"onset{ending}"):
            continue
        onset, offset = row.whole(f"onset{ending}"), row.whole(f"offset{ending}")
        clip_id = f"{name}.{place + 1}" if ending else name
        first = row.whole("first")
        if film is not None and first is None and _elsewhere(film.frames, onset, offset):
            builder.say(
                "DS011",
                f"{row.source}: {clip_id}: FirstF {row.text('first')!r} is no frame number, "
                f"and {film.frames.path.name} has no file of {onset} to {offset}",
            )
            continue
        frames = rebased(film.frames if film else None, onset, None, offset, first)
        if frames.said:
            builder.say("DS014", f"{row.source}: {clip_id}: {frames.said} (FirstF {first})")
        builder.clip(
            row,
            clip_id,
            subject,
            film.frames if film else None,
            fps=film.recording.fps if film else 1.0,
            onset=frames.onset,
            apex=None,
            offset=frames.offset,
            emotion=row.text("emotion"),
            kind="micro",
            licence=LICENCE,
            recording=film.recording if film else None,
            looked_for=f"s{int(subject[1:]):02d}/{name}",
        )


def _elsewhere(folder: FrameFolder, onset: int | None, offset: int | None) -> bool:
    return onset is not None and offset is not None and (offset < folder.numbers[0] or onset > folder.numbers[-1])


def _sheet(root: Path, camera: str) -> Sheet:
    """The camera's table: from a workbook of its own where there is one, else from the one that holds several."""
    patterns = (f"*{camera}*annotation*.xls*", f"*{camera}*annotation*.csv")
    try:
        path = find_sheet(root, patterns, "smic-e")
    except BadInputError:
        if not any("annotation" in child.name.lower() for child in root.iterdir() if child.is_file()):
            raise
        path = find_sheet(root, ("*SMIC*annotation*.xls*", "*SMIC*annotation*.csv"), "smic-e")
    names = tables(path, "smic-e")
    table: str | int = next((name for name in names if name.strip().upper() == camera), 0)
    if table == 0 and camera not in path.name.upper():
        raise BadInputError(f"smic-e: {path.name} has no table {camera}; it has: {', '.join(names)}")
    return read_sheet(path, COLUMNS, "smic-e", sheet=table, optional=OPTIONAL)


def _films(place: Path, camera: str) -> dict[str, _Film]:
    """Every film by its name in small letters; the folder of the subjects may lie one or two levels down."""
    base = existing(
        place, f"SMIC-{camera}-E/{camera}", f"SMIC_{camera}_E/{camera}", f"SMIC-{camera}-E", f"SMIC_{camera}_E", camera
    )
    films: dict[str, _Film] = {}
    people = sorted(child for child in (base or place).iterdir() if child.is_dir() and child.name[:1].lower() == "s")
    for person in people:
        digits = person.name[1:].strip()
        if not digits.isdecimal():
            continue
        for folder in sorted(child for child in person.iterdir() if child.is_dir()):
            frames = frame_folder(folder)
            if frames is not None:
                who = SubjectId("smic-e", f"s{int(digits)}")
                recording = folder_recording(frames, who, folder.name, FPS[camera], LICENCE)
                films[folder.name.lower()] = _Film(frames, recording)
    return films
