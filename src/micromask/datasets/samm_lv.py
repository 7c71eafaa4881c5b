"""SAMM Long Videos: micro- and macro-expressions in 147 films at 200 fps, many of them without any."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from micromask.core.clips import ClipKind
from micromask.core.errors import BadInputError
from micromask.core.types import Recording, SubjectId
from micromask.datasets.build import Builder
from micromask.datasets.catalogue import Corpus, LoadOptions, datasets
from micromask.datasets.correct import Corrector
from micromask.datasets.frames import FrameFolder, existing, folder_recording, frame_folder
from micromask.datasets.samm import SHEETS as SAMM_SHEETS
from micromask.datasets.samm import read_samm_sheet, three_digits
from micromask.datasets.sheets import Row, find_sheet, read_sheet, tables

FPS = 200.0
LICENCE = "SAMM Long Videos release agreement, research only"
TABLE = "FACS_Movement_Only"
SHEETS = ("SAMM_Long*.xls*", "SAMM_Long*.csv")
COLUMNS = {
    "subject": ("Subject",),
    "clip": ("Filename",),
    "inducement": ("Inducement Code",),
    "onset": ("Onset",),
    "apex": ("Apex",),
    "offset": ("Offset",),
    "duration": ("Duration",),
    "type": ("Type",),
    "action_units": ("Action Units",),
}
_VIDEO = re.compile(r"([0-9]{3})_[0-9]+")


@dataclass(frozen=True, slots=True)
class _Film:
    frames: FrameFolder
    recording: Recording


@datasets.add("samm-lv")
def samm_lv(root: Path, options: LoadOptions) -> Corpus:
    """Expressions in SAMM Long Videos: ``SAMM_longvideos/006_1/006_1_0001.jpg``, ``SAMM_LongVideos_V3_Release.xlsx``.

    ``recordings`` are all films on disk, those without an expression too: spotting is scored on them as well. Clips are
    named by the sheet's ``Filename`` and kind ('006_1_2/micro'; a further one with the same name ends in '.2'); the
    film is the first two parts of that name. Frames with fractions are rounded (DS043), an apex of -1 is not
    marked, an onset of 0 or less begins with the film (DS044). Where files are missing inside a film, its recording
    has the true times and an interval that touches the gap is said (DS009).

    The sheet has no emotions. They, and the objective classes, are joined by name for micro-expressions from SAMM's
    sheet where it lies beside this one or is given as the option ``samm`` (a path); all other emotions are ''.
    Frame numbers are never joined: in many films the two sheets count from different frames.

    Release: ``V1``, ``V2`` or ``V3`` as the sheet's name says (its structure does not differ), else ``unknown``.

    Source: Yap, Kendrick and Yap 2020, doi:10.1109/FG47880.2020.00029
    """
    given = options.take("samm-lv", samm=None)["samm"]
    path = find_sheet(root, SHEETS, "samm-lv")
    table = TABLE if TABLE in tables(path, "samm-lv") and path.suffix.lower() != ".csv" else 0
    sheet = read_sheet(path, COLUMNS, "samm-lv", sheet=table, optional=("inducement", "duration"))
    films = _films(path.parent)
    version = re.search(r"_(V[0-9]+)", path.stem, re.IGNORECASE)
    release = version[1].upper() if version else "unknown"
    builder = Builder("samm-lv", root, options)
    if len(sheet.rows) != 502:
        builder.say("DS041", f"{path.name}: {len(sheet.rows)} rows, the published sheet has 502")
    emotions = _emotions(path.parent, given)
    if emotions is None:
        builder.say("DS048", f"{path.parent}: no {' or '.join(SAMM_SHEETS)}; the emotions of SAMM are not known")
    corrector = Corrector("samm-lv", release, options.corrections)
    times_named: Counter[str] = Counter()
    seen: set[tuple[str, ...]] = set()
    for row in sheet:
        clip = row.text("clip")
        video = _VIDEO.match(clip)
        kind = _kind(row.text("type"))
        if video is None or kind is None or three_digits(row.text("subject")) != video[1]:
            builder.say(
                "DS011",
                f"{row.source}: subject {row.text('subject')!r}, file {clip!r}, type {row.text('type')!r} do not name "
                "an expression; wanted such as 006, 006_1_2, 'Micro - 1/2' or 'Macro'",
            )
            continue
        row = corrector.mend(row, video[1], clip)
        clip_id = f"{clip}/{kind}"
        times_named[clip_id] += 1
        frames = (clip_id, row.text("onset"), row.text("offset"))
        if times_named[clip_id] > 1 and frames not in seen:
            clip_id = f"{clip_id}.{times_named[clip_id]}"
        seen.add(frames)
        _clip(builder, row, clip_id, kind, films.get(video[0]), video[0], emotions)
    builder.recordings.extend(film.recording for film in films.values())
    return builder.corpus(release, corrector.applied)


def _clip(
    builder: Builder,
    row: Row,
    clip_id: str,
    kind: ClipKind,
    film: _Film | None,
    video: str,
    emotions: dict[str, tuple[str, str]] | None,
) -> None:
    onset, apex, offset = row.whole("onset"), row.whole("apex"), row.whole("offset")
    where = f"{row.source}: {clip_id}"
    if apex is None and row.text("apex") not in ("", "/"):
        builder.say("DS011", f"{where}: apex {row.text('apex')!r} is no frame number")
        return
    if fractions := [name for name in ("onset", "apex", "offset") if _fraction(row.text(name))]:
        builder.say("DS043", f"{where}: {', '.join(f'{name} {row.text(name)}' for name in fractions)}")
    if onset is not None and onset <= 0 and film is not None:
        builder.say("DS044", f"{where}: onset {onset}, the film begins with {film.frames.numbers[0]}")
        onset = film.frames.numbers[0]
    emotion, objective_class = "", ""
    if kind == "micro" and emotions is not None:
        if row.text("clip") in emotions:
            emotion, objective_class = emotions[row.text("clip")]
        else:
            builder.say("DS045", f"{where}: not in SAMM's sheet")
    inducement = row.text("inducement")
    builder.clip(
        row,
        clip_id,
        video.split("_")[0],
        film.frames if film else None,
        fps=FPS,
        onset=onset,
        apex=None if apex == -1 else apex,
        offset=offset,
        emotion=emotion,
        kind=kind,
        licence=LICENCE,
        recording=film.recording if film else None,
        looked_for=f"SAMM_longvideos/{video}",
        action_units=row.text("action_units"),
        objective_class=objective_class or None,
        intended_emotion=f"inducement {inducement}" if inducement else None,
    )


def _kind(text: str) -> ClipKind | None:
    if text.lower().startswith("micro"):
        return "micro"
    return "macro" if text.lower().startswith("macro") else None


def _fraction(text: str) -> bool:
    try:
        return not float(text).is_integer()
    except ValueError:
        return False


def _films(base: Path) -> dict[str, _Film]:
    """Every film below ``SAMM_longvideos`` by its folder's name ('006_1')."""
    place = existing(base, "SAMM_longvideos/SAMM_longvideos", "SAMM_longvideos")
    films: dict[str, _Film] = {}
    for folder in sorted(child for child in (place or base).iterdir() if child.is_dir()):
        named = _VIDEO.fullmatch(folder.name)
        frames = frame_folder(folder) if named else None
        if named and frames:
            subject = SubjectId("samm-lv", named[1])
            films[folder.name] = _Film(frames, folder_recording(frames, subject, folder.name, FPS, LICENCE))
    if not films:
        raise BadInputError(f"samm-lv: {base} has no folder SAMM_longvideos with 006_1, 006_2, ... in it")
    return films


def _emotions(base: Path, given: str | Path | None) -> dict[str, tuple[str, str]] | None:
    """(emotion, objective class) of SAMM by file name; None where SAMM's sheet is not there."""
    if given is None:
        names = [child.name.lower() for child in base.iterdir() if child.is_file()]
        if not any(Path(name).match(pattern.lower()) for name in names for pattern in SAMM_SHEETS):
            return None
    sheet = read_samm_sheet(find_sheet(base if given is None else Path(given), SAMM_SHEETS, "samm-lv"))
    return {row.text("clip"): (row.text("emotion"), row.text("objective_class")) for row in sheet}
