"""Annotation sheets as they are in the world: Excel or csv, a preamble or none, headers that vary between releases."""

from __future__ import annotations

import math
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import pandas as pd

from micromask.core.clips import Source
from micromask.core.errors import BadInputError

SHEETS = (".xlsx", ".xls", ".csv")


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a sheet: where it stands and its cells under the names that the loader asked for."""

    source: Source
    cells: Mapping[str, Any]

    def text(self, column: str) -> str:
        """The cell as text without blanks around it; '' where it is empty. Whole floats lose their '.0'."""
        value = self.cells.get(column)
        if value is None or (isinstance(value, float) and math.isnan(value)):
            return ""
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        return str(value).strip()

    def whole(self, column: str) -> int | None:
        """The cell as a frame number (rounded where a sheet has fractions); None where there is no number in it."""
        try:
            return round(float(self.text(column)))
        except (ValueError, OverflowError):
            return None


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet that was read: its file, the header as it stands there, and its rows."""

    file: Path
    header: tuple[str, ...]
    rows: tuple[Row, ...]

    def __iter__(self) -> Iterator[Row]:
        return iter(self.rows)


def find_sheet(root: Path, patterns: Sequence[str], corpus: str) -> Path:
    """The one annotation sheet below ``root`` (or ``root`` itself) whose name matches a glob pattern, in any case.

    Raises
    ------
    BadInputError
        If there is none (saying whether it lies one level up or down) or more than one.
    """
    if root.is_file():
        return root
    found = _matching(root, patterns)
    if len(found) == 1:
        return found[0]
    if found:
        names = ", ".join(sheet.name for sheet in found)
        raise BadInputError(
            f"{corpus}: {root} has {len(found)} sheets ({names}); keep one, or give the sheet's own path"
        )
    below = sorted({sheet.parent for child in _folders(root) for sheet in _matching(child, patterns)})
    if below:
        raise BadInputError(f"{corpus}: {root} is one level too high; its sheet lies in {below[0]}")
    if _matching(root.parent, patterns):
        raise BadInputError(f"{corpus}: {root} is one level too low; its sheet lies in {root.parent}")
    raise BadInputError(f"{corpus}: no annotation sheet in {root}; wanted a file such as {' or '.join(patterns)}")


def _folders(root: Path) -> list[Path]:
    return sorted(child for child in root.iterdir() if child.is_dir()) if root.is_dir() else []


def _matching(folder: Path, patterns: Sequence[str]) -> list[Path]:
    if not folder.is_dir():
        return []
    wanted = [pattern.lower() for pattern in patterns]
    files = (path for path in folder.iterdir() if path.is_file() and not path.name.startswith(("~$", ".")))
    return sorted(path for path in files if any(Path(path.name.lower()).match(pattern) for pattern in wanted))


def read_sheet(
    path: Path,
    columns: Mapping[str, Sequence[str]],
    corpus: str,
    *,
    sheet: str | int = 0,
    positions: Sequence[str] | None = None,
    optional: Sequence[str] = (),
) -> Sheet:
    """A sheet's rows under the loader's own column names.

    Parameters
    ----------
    path : Path
        .xlsx, .xls or .csv, the ending in any case.
    columns : mapping
        The loader's name for each column -> the header texts that releases use for it (compared without case, blanks
        and punctuation). The header row is searched for, so a preamble does no harm.
    corpus : str
        Whose sheet it is, for messages.
    sheet : str or int
        Which table of a workbook.
    positions : sequence of str, optional
        For sheets without a header: the loader's names in the order of the columns; ``columns`` is then ignored.
    optional : sequence of str
        Names of ``columns`` that a release may lack.

    Raises
    ------
    BadInputError
        If the file is no such sheet, the table is not in it, or columns are missing (names found, names wanted).
    """
    table = _table(path, corpus, sheet)
    if positions is not None:
        if table.shape[1] < len(positions):
            raise BadInputError(
                f"{corpus}: {path.name} has {table.shape[1]} columns, wanted {len(positions)}: {', '.join(positions)}"
            )
        return Sheet(path, (), _rows(path, table, 0, {name: at for at, name in enumerate(positions)}))
    best: dict[str, int] = {}
    header = 0
    for number in range(min(len(table), 40)):
        found = _recognised(list(table.iloc[number]), columns)
        if len(found) > len(best):
            best, header = found, number
    missing = [name for name in columns if name not in best and name not in optional]
    if missing:
        seen = [str(cell) for cell in table.iloc[header]] if len(table) else []
        wanted = "; ".join(" or ".join(columns[name]) for name in missing)
        near = get_close_matches(columns[missing[0]][0], seen, n=1, cutoff=0.6)
        raise BadInputError(
            f"{corpus}: {path.name} lacks a column: {wanted}; row {header + 1} has: {', '.join(seen) or 'nothing'}"
            + (f"; is {near[0]!r} meant?" if near else "; is this another release or another corpus?")
        )
    texts = tuple(
        "" if empty else str(cell) for cell, empty in zip(table.iloc[header], table.iloc[header].isna(), strict=True)
    )
    return Sheet(path, texts, _rows(path, table, header + 1, best))


def tables(path: Path, corpus: str) -> tuple[str, ...]:
    """The names of a workbook's tables; a csv has one, named as its file. Errors as in `read_sheet`."""
    if path.suffix.lower() == ".csv":
        return (path.stem,)
    _table(path, corpus, 0)
    with pd.ExcelFile(path) as book:
        return tuple(map(str, book.sheet_names))


def _table(path: Path, corpus: str, sheet: str | int) -> pd.DataFrame:
    ending = path.suffix.lower()
    if ending not in SHEETS:
        raise BadInputError(f"{corpus}: {path.name} is no sheet; wanted one of {', '.join(SHEETS)}")
    try:
        if ending == ".csv":
            empty = {"keep_default_na": False, "na_values": [""]}  # 'NA' and 'None' may be what somebody wrote
            how: dict[str, Any] = {"dtype": object, "skip_blank_lines": False, "encoding": "utf-8-sig", **empty}
            table: pd.DataFrame = pd.read_csv(path, header=None, **how)
            return table
        with pd.ExcelFile(path) as book:
            if isinstance(sheet, str) and sheet not in book.sheet_names:
                names = ", ".join(map(str, book.sheet_names))
                raise BadInputError(f"{corpus}: {path.name} has no table {sheet!r}; it has: {names}")
            return pd.read_excel(book, sheet_name=sheet, header=None, dtype=object)
    except BadInputError:
        raise
    except (ValueError, KeyError, OSError, zipfile.BadZipFile, pd.errors.ParserError) as error:
        if isinstance(error, FileNotFoundError):
            raise BadInputError(f"{corpus}: {path}: no such file") from None
        said = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise BadInputError(
            f"{corpus}: {path.name} cannot be read as {ending} ({said}); save it again as .xlsx"
        ) from None


def _plain(text: object) -> str:
    return "".join(letter for letter in str(text).lower() if letter.isalnum())


def _recognised(cells: Sequence[object], columns: Mapping[str, Sequence[str]]) -> dict[str, int]:
    """Which of the wanted columns a row of header texts has, and where: the first that fits."""
    plain = [_plain(cell) for cell in cells]
    found: dict[str, int] = {}
    for name, texts in columns.items():
        for text in texts:
            if _plain(text) in plain:
                found[name] = plain.index(_plain(text))
                break
    return found


def _rows(path: Path, table: pd.DataFrame, first: int, places: Mapping[str, int]) -> tuple[Row, ...]:
    rows = []
    for number in range(first, len(table)):
        cells: dict[str, Any] = {name: table.iat[number, at] for name, at in places.items()}
        if not all(pd.isna(cell) for cell in cells.values()):
            rows.append(Row(Source(path, number + 1), cells))
    return tuple(rows)
