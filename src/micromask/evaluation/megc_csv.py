"""The tables of found intervals that MEGC takes since 2022: with their kind, or with their emotion (STRS)."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from micromask.core.errors import BadInputError
from micromask.core.types import Kind
from micromask.evaluation.spotting import Spotted, kind_by_length
from micromask.evaluation.text_file import read_whole, write_whole

SPOTTING_COLUMNS = ("vid", "pred_onset", "pred_offset", "type")
STR_COLUMNS = ("subject", "video", "onset", "offset", "emotion")

HEADERS: Mapping[str, tuple[str, ...]] = {
    "video": ("vid", "video", "video_name"),
    "onset": ("pred_onset", "onset", "start"),
    "offset": ("pred_offset", "offset", "end"),
    "type": ("type", "kind", "pred_type"),
    "emotion": ("emotion", "pred_emotion", "label"),
    "subject": ("subject", "sub"),
}
"""Names of columns that are read as one another."""

KINDS: Mapping[str, Kind] = {
    "me": "micro",
    "micro": "micro",
    "micro-expression": "micro",
    "mae": "macro",
    "macro": "macro",
    "macro-expression": "macro",
}
TYPES: Mapping[Kind, str] = {"micro": "me", "macro": "mae"}


def write_spotting_csv(
    path: str | Path, found: Mapping[str, Iterable[Spotted]], *, first_frame: int = 1, overwrite: bool = False
) -> None:
    """Write found intervals as MEGC 2022 and 2023 took them: ``vid, pred_onset, pred_offset, type``, type me or mae.

    A film in which nothing was found has no row.

    Parameters
    ----------
    path : path
    found : mapping of str to Spotted
        By film.
    first_frame : int
        Number of a film's first frame in the table; the corpora's pictures are counted from 1.
    overwrite : bool

    Raises
    ------
    BadOutputError
        If the file exists and may not be overwritten, or cannot be written.
    """
    rows = (
        (video, each.onset + first_frame, each.offset + first_frame, TYPES[each.kind])
        for video, intervals in found.items()
        for each in intervals
    )
    _write(path, SPOTTING_COLUMNS, rows, overwrite)


def write_str_csv(
    path: str | Path, found: Mapping[str, Iterable[Spotted]], *, first_frame: int = 1, overwrite: bool = False
) -> None:
    """Write found micro-expressions with their emotions: ``subject, video, onset, offset, emotion``, as the published
    program of STRS reads them. Macro-expressions are left out.

    Parameters
    ----------
    path : path
    found : mapping of str to Spotted
        By film, called ``SUBJECT/VIDEO``.
    first_frame, overwrite
        As in `write_spotting_csv`, whose errors these are too.

    Raises
    ------
    ValueError
        If a film is not called ``SUBJECT/VIDEO``, or a micro-expression has no emotion.
    """
    rows = []
    for name, intervals in found.items():
        subject, slash, video = name.partition("/")
        if not (subject and slash and video):
            raise ValueError(f"a film is called SUBJECT/VIDEO here, got {name!r}")
        for each in intervals:
            if each.kind == "micro":
                if not each.emotion:
                    raise ValueError(f"{name}: {each.onset}-{each.offset} has no emotion")
                rows.append((subject, video, each.onset + first_frame, each.offset + first_frame, each.emotion))
    _write(path, STR_COLUMNS, rows, overwrite)


def read_found_csv(
    path: str | Path, *, fps: float | None = None, first_frame: int = 1
) -> dict[str, tuple[Spotted, ...]]:
    """Read found or true intervals by film, from either table; a film is ``SUBJECT/VIDEO`` where there is a subject.

    Columns may have any of the names in ``HEADERS``, in any order and case, and be parted by semicolons or tabs too.
    Without a type, an interval's kind follows from its length if ``fps`` is given, and is micro if it has an emotion. A
    row without onset and offset names a film in which there is nothing.

    Parameters
    ----------
    path : path
    fps : float, optional
        Frames a second, to tell micro from macro where no column does.
    first_frame : int
        Number of a film's first frame in the table.

    Raises
    ------
    BadInputError
        If the file cannot be read or lacks a column, or a row has no film, no whole frames, an onset after its offset
        or an unknown type; numbers are refused as types, for they are used either way round. The message names file and
        row, counted from 1 with the header.
    """
    place = Path(path)
    found: dict[str, list[Spotted]] = {}
    for number, row in _rows(place):
        where = f"{place.name}, row {number}"
        name = "/".join(row[column] for column in ("subject", "video") if column in row)
        if not all(row[column] for column in ("subject", "video") if column in row):
            raise BadInputError(f"{where}: the film has no name")
        if not (row["onset"] or row["offset"]):
            found.setdefault(name, [])
            continue
        onset, offset = (_frame(where, column, row[column]) - first_frame for column in ("onset", "offset"))
        if onset > offset:
            raise BadInputError(f"{where}: onset {row['onset']} is after offset {row['offset']}")
        found.setdefault(name, []).append(
            Spotted(onset, offset, _kind(where, row, onset, offset, fps), row.get("emotion", ""))
        )
    return {video: tuple(intervals) for video, intervals in found.items()}


def _kind(where: str, row: Mapping[str, str], onset: int, offset: int, fps: float | None) -> Kind:
    if "type" in row:
        kind = KINDS.get(row["type"].casefold())
        if kind is None:
            raise BadInputError(f"{where}: type is me or mae (micro or macro), got {row['type']!r}")
        return kind
    if fps is not None:
        return kind_by_length(onset, offset, fps)
    if "emotion" in row:
        return "micro"
    raise BadInputError(f"{where}: no column type (me or mae); give the frame rate to tell the kind by length")


def _frame(where: str, column: str, text: str) -> int:
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not value.is_integer():
        raise BadInputError(f"{where}: {column} must be a whole frame, got {text!r}")
    return int(value)


def _rows(place: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """Number and cells of every row that is not blank, under our names of the columns."""
    text = read_whole(place, "table of intervals")
    first = text.split("\n", 1)[0]
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=max(",;\t", key=first.count))
    try:
        header = [_column(cell) for cell in next(lines, [])]
        missing = [column for column in ("video", "onset", "offset") if header.count(column) != 1]
        if missing:
            wanted = " or ".join(HEADERS[missing[0]])
            raise BadInputError(f"{place.name}, row 1: wanted one column {wanted}, got {first.strip() or 'nothing'}")
        for number, cells in enumerate(lines, 2):
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) != len(header):
                raise BadInputError(f"{place.name}, row {number}: {len(cells)} cells under {len(header)} columns")
            yield number, {name: cell.strip() for name, cell in zip(header, cells, strict=True)}
    except csv.Error as error:
        raise BadInputError(f"{place.name}, row {lines.line_num}: {error}") from None


def _column(cell: str) -> str:
    told = cell.strip().casefold()
    return next((column for column, names in HEADERS.items() if told in names), told)


def _write(path: str | Path, columns: tuple[str, ...], rows: Iterable[tuple[object, ...]], overwrite: bool) -> None:
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(columns)
    table.writerows(rows)
    write_whole(path, text.getvalue(), "table of intervals", overwrite=overwrite)
