"""CASME II: 255 micro-expressions at 200 fps; its sheet counts frames as the files are numbered."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from micromask.core.errors import BadInputError
from micromask.datasets.build import Builder
from micromask.datasets.catalogue import Corpus, LoadOptions, datasets
from micromask.datasets.correct import Corrector
from micromask.datasets.frames import existing, frame_folder
from micromask.datasets.sheets import Row, Sheet, find_sheet, read_sheet

FPS = 200.0
LICENCE = "CASME II licence agreement, research only"
SHEETS = ("CASME2*coding*.xls*", "CASME2*coding*.csv", "CASME2_label*.xls*", "CASME2_label*.csv")
OBJECTIVE = ("*ObjectiveClass*.xls*", "*ObjectiveClass*.csv")
COLUMNS = {
    "subject": ("Subject",),
    "clip": ("Filename",),
    "onset": ("OnsetFrame", "Onset"),
    "apex": ("ApexFrame", "Apex"),
    "offset": ("OffsetFrame", "Offset"),
    "action_units": ("Action Units", "AU"),
    "emotion": ("Estimated Emotion", "Emotion"),
}
PICTURES = {
    "raw": ("CASME2_RAW_selected", "CASME2_RAW_selected/CASME2_RAW_selected"),
    "cropped": ("Cropped", "Cropped/Cropped"),
    "long": ("CASME2-RAW", "CASME2-RAW/CASME2-RAW"),
}
NOT_MARKED = ("", "/", "\\")
"""What stands in the apex column where the coders marked none."""


@datasets.add("casme2")
def casme2(root: Path, options: LoadOptions) -> Corpus:
    """The clips of CASME II: ``CASME2_RAW_selected/sub01/EP02_01f/img46.jpg`` and ``CASME2-coding-20140508.xlsx``.

    Clips are named ``sub01/EP02_01f``, subjects as their folders: '01' of sub01, also where the sheet has the number
    1. An apex that the coders did not mark ('/') is treated as ``missing_apex`` asks; one on the edge of its clip is
    said (DS012). Folders that the sheet does not name are listed (DS010).

    Options: ``images`` "raw" (default), "cropped" (``Cropped/sub01/EP02_01f/reg_img46.jpg``) or "long"
    (``CASME2-RAW``). ``CASME2-ObjectiveClasses.xlsx`` is read where it lies beside the sheet.

    Releases are told apart by the subject column and the number of rows: ``20140508`` (text '01', 255 rows),
    ``updated`` (numbers, 256 rows), ``20190701`` (numbers, any other count).

    Source: Yan et al. 2014, doi:10.1371/journal.pone.0086041
    """
    images = str(options.take("casme2", images="raw")["images"])
    path = find_sheet(root, SHEETS, "casme2")
    sheet = read_sheet(path, COLUMNS, "casme2")
    place = picture_folder(path.parent, images, PICTURES, "casme2")
    release = _release(sheet)
    builder = Builder("casme2", root, options)
    if release == "20140508" and len(sheet.rows) != 255:
        builder.say("DS041", f"{path.name}: {len(sheet.rows)} rows, release {release} has 255")
    corrector = Corrector("casme2", release, options.corrections)
    objective = _objective_classes(path.parent)
    named: set[str] = set()
    for row, subject, clip_id in named_rows(builder, corrector, sheet, named):
        folder = existing(place, clip_id)
        objective_class = objective.get(clip_id.lower())
        if objective and objective_class is None:
            builder.say("DS045", f"{row.source}: {clip_id}: no objective class")
        builder.clip(
            row,
            clip_id,
            subject,
            frame_folder(folder) if folder else None,
            fps=FPS,
            onset=row.whole("onset"),
            apex=row.whole("apex"),
            offset=row.whole("offset"),
            emotion=row.text("emotion"),
            kind="micro",
            licence=LICENCE,
            looked_for=f"{place.name}/{clip_id}",
            action_units=row.text("action_units"),
            objective_class=objective_class,
        )
    say_unnamed_folders(builder, place, named)
    return builder.corpus(release, corrector.applied)


def named_rows(builder: Builder, corrector: Corrector, sheet: Sheet, named: set[str]) -> Iterator[tuple[Row, str, str]]:
    """(row with its corrections, subject, clip id) of each row of CASME's sheets that can become a clip.

    Rows that name no clip are said (DS011), and so are apexes that cannot be read; the clips that rows name go into
    ``named``, in small letters.
    """
    for row in sheet:
        subject, clip = two_digits(row.text("subject")), row.text("clip")
        if subject is None or not clip:
            builder.say("DS011", f"{row.source}: subject {row.text('subject')!r}, clip {clip!r} name no clip")
            continue
        clip_id = f"sub{subject}/{clip}"
        named.add(clip_id.lower())
        mended = corrector.mend(row, subject, clip)
        if readable_apex(builder, mended, clip_id):
            yield mended, subject, clip_id


def two_digits(text: str) -> str | None:
    """A subject as CASME's folders name it, '01' for 1, '1', '01' and 'sub01'; None where there is no number."""
    found = re.fullmatch(r"(?:sub)?0*([0-9]{1,3})", text, re.IGNORECASE)
    return found[1].zfill(2) if found else None


def picture_folder(base: Path, images: str, pictures: Mapping[str, tuple[str, ...]], corpus: str) -> Path:
    """The folder that holds sub01, sub02, ... for one kind of pictures.

    Raises
    ------
    BadInputError
        If there is no such kind or it is not there; the message names the kinds that are.
    """
    if images not in pictures:
        raise BadInputError(f"{corpus}: images is {' or '.join(pictures)}, got {images!r}")
    there = {
        kind: place
        for kind, candidates in pictures.items()
        for candidate in reversed(candidates)
        if (place := existing(base, candidate)) is not None and any(_subject_folders(place))
    }
    if images in there:
        return there[images]
    others = "".join(f"; it has {place.name}: use images={kind!r}" for kind, place in there.items())
    raise BadInputError(f"{corpus}: {base} has no folder {pictures[images][0]} with sub01, sub02, ... in it{others}")


def readable_apex(builder: Builder, row: Row, clip_id: str) -> bool:
    """Whether the apex is a frame number or plainly not marked; else it is said."""
    text = row.text("apex")
    if row.whole("apex") is None and text not in NOT_MARKED:
        builder.say("DS011", f"{row.source}: {clip_id}: apex {text!r} is no frame number")
        return False
    return True


def say_unnamed_folders(builder: Builder, place: Path, named: set[str]) -> None:
    """List the folders of clips that the sheet does not name (``named``: 'sub01/ep02_01f', small letters)."""
    for person in _subject_folders(place):
        for folder in sorted(child for child in person.iterdir() if child.is_dir()):
            if f"{person.name}/{folder.name}".lower() not in named:
                builder.say("DS010", f"{person.name}/{folder.name}")


def _subject_folders(place: Path) -> list[Path]:
    return sorted(child for child in place.iterdir() if child.is_dir() and two_digits(child.name) is not None)


def _release(sheet: Sheet) -> str:
    if any(row.text("subject").startswith("0") for row in sheet):
        return "20140508"
    return "updated" if len(sheet.rows) == 256 else "20190701"


def _objective_classes(base: Path) -> dict[str, str]:
    """Objective class by 'sub01/ep02_01f' from the companion sheet, empty where there is none."""
    if not any("objectiveclass" in child.name.lower() for child in base.iterdir()):
        return {}
    columns = {"subject": ("Subject",), "clip": ("Filename",), "class": ("Objective Class", "Objective Classes")}
    sheet = read_sheet(find_sheet(base, OBJECTIVE, "casme2"), columns, "casme2")
    return {f"sub{two_digits(row.text('subject'))}/{row.text('clip')}".lower(): row.text("class") for row in sheet}
