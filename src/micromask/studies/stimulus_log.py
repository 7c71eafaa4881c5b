"""What was on the screen while a film was made elsewhere: a table that the lab kept, as events."""

from __future__ import annotations

import csv
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from micromask.core.errors import BadInputError
from micromask.studies.shown import StudyEvent

NEEDED = ("time_s", "item")
COLUMNS = (*NEEDED, "end_s")

TOLERANCE_S = 0.0005
"""Tables are kept to the millisecond: an end may lie by less than that behind the film's."""


@dataclass(frozen=True, slots=True)
class _Row:
    line: int
    start_s: float
    item: str
    end_s: float | None


def read_stimulus_log(path: Path, items: Sequence[str], seconds: float) -> tuple[StudyEvent, ...]:
    """Events of a CSV with the columns ``time_s,item`` and, if wanted, ``end_s``.

    Times are seconds from the film's first frame, ascending. Where no end is given an item stays on the screen until
    the next one comes, the last until the film ends.

    Parameters
    ----------
    path : Path
        UTF-8, with a header.
    items : sequence of str
        Those of the part that was filmed.
    seconds : float
        How long the film is.

    Raises
    ------
    BadInputError
        If it cannot be read, a column is missing or unknown, or a row holds no time of the film, no item of the part,
        or overlaps the next; the message names the row, the header being row 1.
    """
    rows = [_checked(path, row, items, seconds) for row in _rows(path)]
    if not rows:
        raise BadInputError(f"{path}: holds no row; a row says when which item came on the screen")
    events: list[StudyEvent] = []
    for row, after in zip(rows, [*rows[1:], None], strict=True):
        latest = seconds if after is None else after.start_s
        if after is not None and after.start_s <= row.start_s:
            raise BadInputError(
                f"{path}, row {after.line}: time_s {after.start_s:g} does not come after that before it"
            )
        if row.end_s is not None and row.end_s > latest and after is not None:
            raise BadInputError(f"{path}, row {row.line}: ends at {row.end_s:g} s, when row {after.line} has begun")
        end = latest if row.end_s is None else min(row.end_s, latest)
        events.append(StudyEvent(len(events), row.start_s, "stimulus-on", row.item))
        events.append(StudyEvent(len(events), end, "stimulus-off", row.item))
    return tuple(events)


def _rows(path: Path) -> list[tuple[int, dict[str, str]]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            table = csv.reader(file, strict=True)
            header = [name.strip() for name in next(table, [])]
            missing = [name for name in NEEDED if name not in header]
            extra = [name for name in header if name not in COLUMNS]
            if missing or extra or len(set(header)) < len(header):
                raise BadInputError(
                    f"{path}, row 1: wanted the columns time_s,item and perhaps end_s, got {','.join(header)[:120]}"
                )
            rows = []
            for cells in table:
                if not any(cell.strip() for cell in cells):
                    continue
                if len(cells) != len(header):
                    raise BadInputError(f"{path}, row {table.line_num}: wanted {len(header)} cells, got {len(cells)}")
                rows.append((table.line_num, dict(zip(header, (cell.strip() for cell in cells), strict=True))))
            return rows
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        why = getattr(error, "strerror", None) or error
        raise BadInputError(f"{path}: cannot be read as a CSV in UTF-8 ({why})") from None


def _checked(path: Path, numbered: tuple[int, dict[str, str]], items: Sequence[str], seconds: float) -> _Row:
    line, cells = numbered
    where = f"{path}, row {line}"
    start = _time(where, "time_s", cells["time_s"])
    if start >= seconds:
        raise BadInputError(f"{where}: time_s {start:g} lies beyond the film, which is {seconds:.3f} s long")
    if cells["item"] not in items:
        raise BadInputError(f"{where}: no item {cells['item']!r} in this part; it has: {', '.join(items)}")
    if not cells.get("end_s"):
        return _Row(line, start, cells["item"], None)
    end = _time(where, "end_s", cells["end_s"])
    if end > seconds + TOLERANCE_S:
        raise BadInputError(f"{where}: end_s {end:g} lies beyond the film, which is {seconds:.3f} s long")
    if end <= start:
        raise BadInputError(f"{where}: end_s {end:g} does not come after time_s {start:g}")
    return _Row(line, start, cells["item"], end)


def _time(where: str, name: str, text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not (math.isfinite(value) and value >= 0):
        raise BadInputError(f"{where}: {name} is a number of seconds from 0, such as 12.5, got {text[:40]!r}")
    return value
