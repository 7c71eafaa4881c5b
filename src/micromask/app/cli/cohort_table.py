"""The table of `micromask cohort`: who is on each recording, and what they belong to."""

from __future__ import annotations

import csv
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from micromask.core.errors import BadInputError
from micromask.evaluation.text_file import read_whole

COLUMNS = ("recording", "participant", "group")
MARKS = (",", ";", "\t")
"""What may stand between cells: spreadsheets write commas or semicolons, by the language that they are set to."""


@dataclass(frozen=True, slots=True)
class Person:
    """Who is on a recording and what they belong to; '' where it is not told."""

    participant: str = ""
    group: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the table by its number in the file, which the header has as 1."""

    row: int
    recording: str
    person: Person


def read_people(path: Path) -> list[Row]:
    """The rows of a table with the columns recording, participant and group; others are passed over.

    Parameters
    ----------
    path : Path
        UTF-8 text with commas, semicolons or tabs between cells. The first row names the columns, in any order and in
        capitals or not; group may be missing. Empty rows are passed over.

    Raises
    ------
    BadInputError
        If it cannot be read, a column is missing or stands twice, a row has more or fewer cells than the header, or
        names no recording, or there is no row.
    """
    lines = read_whole(path, "table").splitlines()
    mark = max(MARKS, key=lines[0].count) if lines else ","
    try:
        rows = [(number, row) for number, row in _numbered(lines, mark) if any(cell.strip() for cell in row)]
    except csv.Error as error:
        raise BadInputError(
            f"{path}: is no table of cells with {' or '.join(map(repr, MARKS))} between: {error}"
        ) from None
    if not rows:
        raise BadInputError(f"{path} is empty; its first row names the columns {', '.join(COLUMNS)}")
    header = [cell.strip().casefold() for cell in rows[0][1]]
    missing = [name for name in COLUMNS[:2] if name not in header]
    twice = [name for name in COLUMNS if header.count(name) > 1]
    if missing or twice:
        wrong = f"lacks the column {' and '.join(missing)}" if missing else f"has the column {twice[0]} twice"
        raise BadInputError(f"{path}: its first row {wrong}; it has {', '.join(header)}, wanted {', '.join(COLUMNS)}")
    if len(rows) == 1:
        raise BadInputError(f"{path} has column names and no row; a row says who is on one recording")
    return [_row(path, number, header, cells) for number, cells in rows[1:]]


def _numbered(lines: Sequence[str], mark: str) -> list[tuple[int, list[str]]]:
    reader = csv.reader(lines, delimiter=mark, strict=True)
    return [(reader.line_num, row) for row in reader]


def _row(path: Path, number: int, header: Sequence[str], cells: Sequence[str]) -> Row:
    if len(cells) != len(header):
        raise BadInputError(
            f"{path}, row {number}: has {len(cells)} cells and the first row {len(header)}; put a name that holds "
            "the mark between cells into quotes"
        )
    told = dict(zip(header, (" ".join(cell.split()) for cell in cells), strict=True))
    if not told["recording"]:
        raise BadInputError(f"{path}, row {number}: names no recording")
    return Row(number, told["recording"], Person(told["participant"], told.get("group", "")))


def whose(path: Path, rows: Sequence[Row], names: Mapping[str, Sequence[str]]) -> tuple[dict[str, Person], list[Row]]:
    """Who is on each run.

    Parameters
    ----------
    path : Path
        Of the table, for messages.
    rows : sequence of Row
    names : mapping
        From each run to what its recording may be called in the table, the name that counts most first.

    Returns
    -------
    known : dict
        By run. Runs of which the table says nothing are left out.
    strangers : list of Row
        Rows that name none of the runs.

    Raises
    ------
    BadInputError
        If a row may mean several runs, two rows mean one, or no row means any.
    """
    known: dict[str, tuple[Row, Person]] = {}
    strangers = []
    for row in rows:
        meant = _meant(row.recording, names)
        if len(meant) > 1:
            raise BadInputError(
                f"{path}, row {row.row}: {row.recording!r} may be any of the runs {', '.join(meant)}; "
                "name the run's folder"
            )
        if not meant:
            strangers.append(row)
        elif meant[0] in known:
            raise BadInputError(
                f"{path}: rows {known[meant[0]][0].row} and {row.row} are both about the run {meant[0]}"
            )
        else:
            known[meant[0]] = row, row.person
    if not known:
        raise BadInputError(
            f"{path}: no row is about one of the runs; it names {_some([row.recording for row in rows])}, "
            f"the runs are {_some(list(names))}"
        )
    return {name: person for name, (_, person) in known.items()}, strangers


def _meant(asked: str, names: Mapping[str, Sequence[str]]) -> list[str]:
    """The runs that a cell of the table may mean: by the first way of calling runs in which any is called so."""
    for way in range(max(map(len, names.values()))):
        found = [name for name, ways in names.items() if _composed(asked) == _composed(ways[way])]
        if found:
            return found
    return []


def _composed(name: str) -> str:
    """A name as it is typed; macOS writes the accents of file names apart from their letters."""
    return unicodedata.normalize("NFC", name)


def _some(names: Sequence[str], most: int = 4) -> str:
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")
