"""4DME: micro-expressions of the grey film beside the 4D recordings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from micromask.core.errors import BadInputError
from micromask.datasets.action_units import parse_action_units
from micromask.datasets.build import Builder
from micromask.datasets.casme2 import readable_apex
from micromask.datasets.catalogue import Corpus, LoadOptions, datasets
from micromask.datasets.correct import Corrector
from micromask.datasets.frames import existing, frame_folder
from micromask.datasets.sheets import Row, find_sheet, read_sheet
from micromask.datasets.trimmed import rebased

FPS = 60.0
LICENCE = "4DME licence agreement, research only"
IMAGES = {"raw": "gray_micro", "cropped": "gray_micro_crop"}
UNITS = tuple(f"AU{number}" for number in range(1, 100))
EMOTIONS = ("Positive", "Negative", "Surprise", "Repression", "Others")
COLUMNS = {
    "subject": ("sub_ID", "subject"),
    "clip": ("fold_name", "video_number"),
    "emotion": ("Emotion",),
    "onset": ("Onset",),
    "apex": ("Apex",),
    "offset": ("Offset",),
    "action_units": ("AUs",),
    "me": ("ME_number",),
    "sub_me": ("subME_number",),
    "self_report": ("self-report emo",),
    **{name: (name,) for name in (*UNITS, *EMOTIONS)},
}
OPTIONAL = ("me", "sub_me", "self_report", *UNITS, *EMOTIONS)

SWAPPED_ROWS = (146, 147)
"""Rows of the release of 267 rows, as a spreadsheet counts them, whose action units stand in each other's row."""


@datasets.add("4dme")
def four_dme(root: Path, options: LoadOptions) -> Corpus:
    """Micro-expressions of 4DME: ``gray_micro/{subject}/{fold_name}/...``, grey film of 60 frames per second.

    Rows that count on the long film are rebased to the folder of the clip (DS014). Action units stay as written;
    '(k)' marks a unit that is kept, not one that moves, which `parse_action_units` knows. The columns with a 1 for
    each unit and emotion are compared with the text (DS030). Two neighbouring rows whose units are each other's are
    exchanged, and so are the two of release v1 that are known to be; both are listed as corrections. A last row
    without a subject or frames is the sheet's sum and is left out (DS013). A clip is named ``subject/fold_name``.

    Options: ``images`` "raw" (``gray_micro``, default) or "cropped" (``gray_micro_crop``).
    Releases: ``v1`` (fold_name, 267 rows), ``before v1`` (an apostrophe ends the headers), else by their rows.

    Source: Li et al. 2022, doi:10.1109/TAFFC.2022.3182342
    """
    images = str(options.take("4dme", images="raw")["images"])
    if images not in IMAGES:
        raise BadInputError(f"4dme: images is {' or '.join(IMAGES)}, got {images!r}")
    pictures = IMAGES[images]
    path = find_sheet(root, ("4DME*.xls*", "4DME*.csv"), "4dme")
    sheet = read_sheet(path, COLUMNS, "4dme", optional=OPTIONAL)
    place = existing(path.parent, pictures)
    if place is None:
        raise BadInputError(f"4dme: {path.parent} has no folder {pictures}; wanted {pictures}/subject/fold_name/1.jpg")
    builder = Builder("4dme", root, options)
    rows = list(sheet)
    if rows and (not rows[-1].text("subject") or all(rows[-1].whole(name) is None for name in ("onset", "offset"))):
        builder.say("DS013", f"{rows.pop().source}: the last row is no expression")
    release = f"{len(rows)} rows"
    if any(text.strip().endswith("'") for text in sheet.header):
        release = "before v1"
    elif len(rows) == 267 and "fold_name" in sheet.header:
        release = "v1"
    corrector = Corrector("4dme", release, options.corrections)
    rows = [corrector.mend(row, row.text("subject"), row.text("clip")) for row in rows]
    if options.corrections:
        rows = _exchanged(rows, release, corrector.applied)
    used = {folder for row in rows if (folder := _clip(builder, row, place)) is not None}
    for folder in sorted(_folders(place) - used):
        builder.say("DS010", str(folder.relative_to(place)))
    return builder.corpus(release, corrector.applied)


def _clip(builder: Builder, row: Row, place: Path) -> Path | None:
    """Add a row's clip; the folder that it was looked for in, where there is one."""
    number, parts = row.whole("subject"), [row.text("clip"), row.text("me"), row.text("sub_me")]
    name = "_".join(part for part in parts if part)
    people = [row.text("subject")]
    if number is not None:
        people += [f"{number:02d}", f"{number:03d}", f"sub{number}", f"sub{number:02d}", f"S{number:02d}"]
    places = [f"{who}/{name}" for who in people] + [f"{who}_{name}" for who in people] + [name]
    folder = existing(place, *places)
    direct = folder is None or folder.parent == place
    subject = people[0] if folder is None or direct else folder.parent.name
    for line in _disagreements(row):
        builder.say("DS030", f"{row.source}: {subject}/{name}: {line}")
    if not readable_apex(builder, row, f"{subject}/{name}"):
        return folder
    frames = None if folder is None else frame_folder(folder)
    numbers = rebased(frames, row.whole("onset"), row.whole("apex"), row.whole("offset"))
    if numbers.said:
        builder.say("DS014", f"{row.source}: {subject}/{name}: {numbers.said}")
    builder.clip(
        row,
        f"{subject}/{name}",
        subject,
        frames,
        fps=FPS,
        onset=numbers.onset,
        apex=numbers.apex,
        offset=numbers.offset,
        emotion=row.text("emotion"),
        kind="micro",
        licence=LICENCE,
        looked_for=f"{place.name}/{places[0]}",
        action_units=row.text("action_units"),
    )
    return folder


def _marked(row: Row, names: Sequence[str]) -> frozenset[str] | None:
    """The columns with a 1, None where the sheet has no such columns."""
    there = [name for name in names if name in row.cells]
    return frozenset(name for name in there if row.whole(name) == 1) if there else None


def _written(row: Row) -> frozenset[str]:
    return frozenset(f"AU{unit.number}" for unit in parse_action_units(row.text("action_units")).units)


def _disagreements(row: Row) -> list[str]:
    lines = []
    units, emotions = _marked(row, UNITS), _marked(row, EMOTIONS)
    if units is not None and units != _written(row) & {name for name in UNITS if name in row.cells}:
        lines.append(f"AUs {row.text('action_units')!r}, but columns {', '.join(sorted(units)) or 'none'}")
    told = {part.strip().lower() for part in row.text("emotion").split("+")}
    if emotions is not None and {name.lower() for name in emotions} != told:
        lines.append(f"emotion {row.text('emotion')!r}, but columns {', '.join(sorted(emotions)) or 'none'}")
    return lines


def _exchanged(rows: Sequence[Row], release: str, applied: list[str]) -> list[Row]:
    """The rows, with action units that stand in a neighbour's row put back."""
    done = list(rows)
    at = 0
    while at + 1 < len(done):
        one, other = done[at], done[at + 1]
        here, there = _marked(one, UNITS), _marked(other, UNITS)
        crossed = here != there and here == _written(other) and there == _written(one)
        known = release == "v1" and (one.source.row, other.source.row) == SWAPPED_ROWS
        if crossed or known:
            names = ["action_units"] if crossed else ["action_units", *(name for name in UNITS if name in one.cells)]
            why = "as the columns of single units say" if crossed else "known of these two rows of release v1 (meb)"
            applied.append(
                f"{one.source} and row {other.source.row}: action_units {one.text('action_units')} and "
                f"{other.text('action_units')} exchanged ({why})"
            )
            done[at], done[at + 1] = _with(one, other.cells, names), _with(other, one.cells, names)
            at += 1
        at += 1
    return done


def _with(row: Row, cells: Mapping[str, Any], names: Sequence[str]) -> Row:
    return Row(row.source, {**row.cells, **{name: cells[name] for name in names}})


def _folders(place: Path) -> set[Path]:
    """Every folder of frames below ``place``: of a clip, or of a subject where clips lie below it."""
    found: set[Path] = set()
    for child in (child for child in place.iterdir() if child.is_dir()):
        below = {folder for folder in child.iterdir() if folder.is_dir()}
        found |= below or {child}
    return found
