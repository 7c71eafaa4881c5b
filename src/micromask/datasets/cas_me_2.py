"""CAS(ME)²: macro- and micro-expressions in long films; a sheet without a header and two naming rules."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from micromask.core.clips import ClipKind
from micromask.core.errors import BadInputError
from micromask.core.types import Recording, SubjectId
from micromask.datasets.build import Builder
from micromask.datasets.casme2 import readable_apex
from micromask.datasets.catalogue import Corpus, LoadOptions, datasets
from micromask.datasets.correct import Corrector
from micromask.datasets.frames import FrameFolder, existing, folder_recording, frame_folder
from micromask.datasets.sheets import Row, Sheet, find_sheet, read_sheet, tables

FPS = 30.0
LICENCE = "CAS(ME)2 licence agreement, research only"
COLUMNS = ("subject", "clip", "onset", "apex", "offset", "action_units", "emotion", "type", "self_report")
IMAGES = {"raw": "rawpic", "cropped": "cropped"}
KINDS: dict[str, ClipKind] = {"micro-expression": "micro", "macro-expression": "macro"}

SUBJECTS = (15, 16, 19, 20, 21, 22, 23, 24, 25, 26, 27, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 40)
"""The number in the name of the folder of the sheet's subject 1, 2, ...: what the table 'naming rule1' says."""

VIDEOS = {
    "disgust1": "0101",
    "disgust2": "0102",
    "anger1": "0401",
    "anger2": "0402",
    "happy1": "0502",
    "happy2": "0503",
    "happy3": "0505",
    "happy4": "0507",
    "happy5": "0508",
}
"""The four digits in the name of a film's folder: what the table 'naming rule2' says."""

_CODE = re.compile(r"\d+_(\d{4})")


@dataclass(frozen=True, slots=True)
class _Film:
    frames: FrameFolder
    recording: Recording


@datasets.add("cas-me-2")
def cas_me_2(root: Path, options: LoadOptions) -> Corpus:
    """Expressions in the films of CAS(ME)²: ``rawpic/s15/15_0101disgustingteeth/img001.jpg``.

    The sheet has no header and two tables that name folders (subject 1 is s15, anger1 is 0401); a copy without them
    is read by the published rule. An offset of 0 means that the sheet has none: the apex is the last known frame
    (DS004). Known wrong apexes are emptied by the corrections and then estimated (``missing_apex``).
    ``intended_emotion`` is that of the film shown ('anger' of anger1_1), ``felt_emotion`` the self-report as written
    ('happyiness'). Clips are named ``s15/anger1_1``; the subject as its folder, 's15'. ``recordings`` are all films
    on disk, most of which have no micro-expression: spotting is scored on them too.

    Options: ``images`` "raw" (``rawpic``, default) or "cropped". Releases: ``final``
    (357 rows), else by their rows.

    Source: Qu et al. 2018, doi:10.1109/TAFFC.2017.2654440
    """
    images = str(options.take("cas-me-2", images="raw")["images"])
    if images not in IMAGES:
        raise BadInputError(f"cas-me-2: images is {' or '.join(IMAGES)}, got {images!r}")
    pictures = IMAGES[images]
    path = find_sheet(root, ("*code_final*.xls*", "*code_final*.csv"), "cas-me-2")
    sheet, subjects, videos = _tables(path)
    place = existing(path.parent, pictures)
    if place is None:
        raise BadInputError(
            f"cas-me-2: {path.parent} has no folder {pictures}; wanted {pictures}/s15/15_0101.../img001.jpg"
        )
    release = "final" if len(sheet.rows) == 357 else f"{len(sheet.rows)} rows"
    builder = Builder("cas-me-2", root, options)
    corrector = Corrector("cas-me-2", release, options.corrections)
    films = _films(place)
    for row in sheet:
        row = corrector.mend(row, row.text("subject"), row.text("clip"))
        number, video = row.whole("subject"), row.text("clip").rsplit("_", 1)[0]
        if number not in subjects or video not in videos or row.text("type") not in KINDS:
            builder.say(
                "DS011",
                f"{row.source}: subject {row.text('subject')!r}, clip {row.text('clip')!r}, type {row.text('type')!r}: "
                "not in the naming rules",
            )
            continue
        _clip(builder, row, subjects[number], video, videos[video], films)
    builder.recordings.extend(film.recording for film in films.values())
    return builder.corpus(release, corrector.applied)


def _clip(builder: Builder, row: Row, person: str, video: str, code: str, films: dict[str, _Film]) -> None:
    clip_id, film = f"{person}/{row.text('clip')}", films.get(f"{person}/{code}".lower())
    if not readable_apex(builder, row, clip_id):
        return
    onset, apex, offset = row.whole("onset"), row.whole("apex"), row.whole("offset")
    if offset == 0 and apex:
        builder.say("DS004", f"{row.source}: {clip_id}: offset 0, the apex {apex} is taken")
        offset = apex
    builder.clip(
        row,
        clip_id,
        person,
        film.frames if film else None,
        fps=FPS,
        onset=onset,
        apex=apex,
        offset=offset,
        emotion=row.text("emotion"),
        kind=KINDS[row.text("type")],
        licence=LICENCE,
        recording=film.recording if film else None,
        looked_for=f"{person}/{person.lstrip('s')}_{code}...",
        action_units=row.text("action_units"),
        felt_emotion=row.text("self_report") or None,
        intended_emotion=video.rstrip("0123456789"),
    )


def _tables(path: Path) -> tuple[Sheet, dict[int | None, str], dict[str, str]]:
    """The coding table, and the two naming rules: subject number -> folder, video name -> four digits."""
    names = tables(path, "cas-me-2")
    coding: str | int = next((name for name in names if "code" in name.lower()), 0) if len(names) > 1 else 0
    sheet = read_sheet(path, {}, "cas-me-2", sheet=coding, positions=COLUMNS)
    if not any(row.text("type") in KINDS for row in sheet):
        first = ", ".join(sheet.rows[0].text(name) for name in COLUMNS) if sheet.rows else "nothing"
        raise BadInputError(
            f"cas-me-2: {path.name} is not its coding table; wanted {', '.join(COLUMNS)} without a header, "
            f"the type {' or '.join(KINDS)}; its first row has: {first}"
        )
    subjects: dict[int | None, str] = {at + 1: f"s{number}" for at, number in enumerate(SUBJECTS)}
    videos = dict(VIDEOS)
    for name in names:
        rule = "".join(name.lower().split())
        if rule == "namingrule1":
            for row in read_sheet(path, {}, "cas-me-2", sheet=name, positions=("number", "folder", "subject")):
                if row.whole("subject") is not None:
                    subjects[row.whole("subject")] = row.text("folder")
        elif rule == "namingrule2":
            for row in read_sheet(path, {}, "cas-me-2", sheet=name, positions=("code", "video")):
                if row.whole("code") is not None:
                    videos[row.text("video")] = row.text("code").zfill(4)
    return sheet, subjects, videos


def _films(place: Path) -> dict[str, _Film]:
    """Every film by 'subject/four digits' (or its folder's name where it has no such digits), in small letters."""
    films: dict[str, _Film] = {}
    for person in sorted(child for child in place.iterdir() if child.is_dir()):
        for folder in sorted(child for child in person.iterdir() if child.is_dir()):
            frames = frame_folder(folder)
            if frames is None:
                continue
            found = _CODE.match(folder.name)
            name = f"{person.name}/{found[1] if found else folder.name}"
            recording = folder_recording(frames, SubjectId("cas-me-2", person.name), name, FPS, LICENCE)
            films[name.lower()] = _Film(frames, recording)
    return films
