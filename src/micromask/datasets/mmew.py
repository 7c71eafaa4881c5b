"""MMEW: micro-expressions cut into folders of frames below their emotion."""

from __future__ import annotations

import os
from pathlib import Path

from micromask.core.errors import BadInputError
from micromask.datasets.build import Builder
from micromask.datasets.casme2 import readable_apex
from micromask.datasets.catalogue import Corpus, LoadOptions, datasets
from micromask.datasets.correct import Corrector
from micromask.datasets.frames import existing, frame_folder
from micromask.datasets.sheets import Row, find_sheet, read_sheet
from micromask.datasets.trimmed import rebased

FPS = 90.0
LICENCE = "MMEW licence agreement, research only"
COLUMNS = {
    "subject": ("Subject",),
    "clip": ("Filename",),
    "onset": ("OnsetFrame", "Onset"),
    "apex": ("ApexFrame", "Apex"),
    "offset": ("OffsetFrame", "Offset"),
    "action_units": ("Action Units", "AU"),
    "emotion": ("Estimated Emotion", "Emotion"),
}

SAME_EMOTION = frozenset({"others", "other", "repression"})
"""Names that the sheet and the folders use for one and the same class."""


@datasets.add("mmew")
def mmew(root: Path, options: LoadOptions) -> Corpus:
    """Micro-expressions of MMEW: ``Micro_Expression/disgust/S01-02-001/1.jpg``, 90 frames per second.

    A clip is found by its name (person, emotion, sample) below any emotion, with or without a folder of the subject
    between. Folders hold the clip alone, counted from 1: rows that count on the film that it was cut from are rebased
    to the folder and clamped (DS014). An empty offset is the folder's last frame (DS004), an empty apex is estimated
    (``missing_apex``). A row whose apex lies outside its interval is refused: copies of the sheet with such rows are
    mended in published loaders by overwriting rows by their position, which this loader does not do. The subject is
    'S01'. Macro-expressions (single images) are not read.

    Options: none. Releases: ``300 rows``, else by their rows.

    Source: Ben et al. 2022, doi:10.1109/TPAMI.2021.3067464
    """
    options.take("mmew")
    path = find_sheet(root, ("MMEW_Micro_Exp*.xls*", "MMEW_Micro_Exp*.csv"), "mmew")
    sheet = read_sheet(path, COLUMNS, "mmew", optional=("action_units",))
    place = existing(path.parent, "Micro_Expression", "MMEW_Final/Micro_Expression", "MMEW/Micro_Expression")
    if place is None:
        raise BadInputError(
            f"mmew: {path.parent} has no folder Micro_Expression; wanted Micro_Expression/disgust/S01-02-001"
        )
    release = f"{len(sheet.rows)} rows"
    builder = Builder("mmew", root, options)
    corrector = Corrector("mmew", release, options.corrections)
    folders = _folders(place)
    unused = dict(folders)
    for row in sheet:
        row = corrector.mend(row, row.text("subject"), row.text("clip"))
        unused.pop(row.text("clip").lower(), None)
        _clip(builder, row, folders.get(row.text("clip").lower()), place)
    for folder in unused.values():
        builder.say("DS010", str(folder.relative_to(place)))
    return builder.corpus(release, corrector.applied)


def _clip(builder: Builder, row: Row, folder: Path | None, place: Path) -> None:
    name, emotion = row.text("clip"), row.text("emotion")
    frames = None if folder is None else frame_folder(folder)
    subject = name.split("-")[0]
    if not subject[:1].isalpha() or not subject[1:].isdecimal():
        builder.say("DS011", f"{row.source}: clip {name!r} is no person-emotion-sample such as S01-02-001")
        return
    if folder is not None:
        beside = folder.relative_to(place).parts[0].lower()
        if beside != emotion.lower() and not {beside, emotion.lower()} <= SAME_EMOTION:
            builder.say(
                "DS030", f"{row.source}: {name}: {emotion!r} in the sheet, folder {beside!r}; the sheet is taken"
            )
    if not readable_apex(builder, row, name):
        return
    onset, apex, offset = row.whole("onset"), row.whole("apex"), row.whole("offset")
    if offset is None and frames is not None and not any(sign.isalnum() for sign in row.text("offset")):
        offset = frames.numbers[-1]
        builder.say("DS004", f"{row.source}: {name}: no offset, the last frame {offset} is taken")
    numbers = rebased(frames, onset, apex, offset)
    if numbers.said:
        builder.say("DS014", f"{row.source}: {name}: {numbers.said}")
    builder.clip(
        row,
        name,
        subject,
        frames,
        fps=FPS,
        onset=numbers.onset,
        apex=numbers.apex,
        offset=numbers.offset,
        emotion=emotion,
        kind="micro",
        licence=LICENCE,
        looked_for=f"Micro_Expression/{emotion}/{name}",
        action_units=row.text("action_units"),
    )


def _folders(place: Path) -> dict[str, Path]:
    """The folders of frames at most three levels down, by name in small letters."""
    found: dict[str, Path] = {}
    level = [place]
    for _ in range(3):
        level = sorted(Path(entry.path) for folder in level for entry in os.scandir(folder) if entry.is_dir())
        found |= {folder.name.lower(): folder for folder in level if folder.name.count("-") == 2}
    return found
