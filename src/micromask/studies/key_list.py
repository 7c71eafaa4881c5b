"""The key list: a table of the lab's own, kept apart from the study, that says who is behind a pseudonym."""

from __future__ import annotations

import csv
import glob
import os
import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from micromask.core.errors import BadInputError, BadOutputError

_MARKS = ",;\t"
"""What stands between cells, in the order in which it is tried."""


def key_rows(keys: Path, participant: str, *, others: bool = False) -> tuple[tuple[str, ...], ...]:
    """The rows of a key list whose first cell is a pseudonym; or all ``others``.

    Cells are parted by commas, semicolons or tabs.

    Raises
    ------
    BadInputError
        If the list cannot be read.
    """
    rows = (cells for _, cells in _records(keys) if _is(cells, participant) != others)
    return tuple(tuple(_words(cell) for cell in cells) for cells in rows)


def remove_key(keys: Path, participant: str) -> int:
    """Take a pseudonym's rows out of a key list and leave all other bytes as they are; how many rows that were.

    Raises
    ------
    BadInputError
        If the list cannot be read.
    BadOutputError
        If it cannot be written; then it is as before.
    """
    for part in keys.resolve().parent.glob(f".{glob.escape(keys.name)}.*.part"):
        part.unlink(missing_ok=True)  # of one who was killed while writing
    records = list(_records(keys))
    kept = [raw for raw, cells in records if not _is(cells, participant)]
    if len(kept) < len(records):
        _replace(keys.resolve(), "".join(kept).encode("latin-1"))
    return len(records) - len(kept)


def check_apart(study: Path, keys: Path) -> None:
    """Refuse a key list that lies in the study's folder: whoever has the films would have the names.

    Raises
    ------
    BadInputError
        If it lies there, or is no file.
    """
    if not keys.is_file():
        raise BadInputError(f"{keys}: no such key list")
    if keys.resolve().is_relative_to(study.resolve()):
        raise BadInputError(f"{keys} lies in the study's folder: move the key list to a place apart from the films")


@dataclass
class _Lines:
    """Lines of a text, remembered until they are asked for: what a CSV reader took for one record."""

    text: str
    taken: list[str] = field(default_factory=list)

    def __iter__(self) -> Iterator[str]:
        for line in re.findall(r"[^\n]*\n|[^\n]+", self.text):
            self.taken.append(line)
            yield line

    def take(self) -> str:
        raw = "".join(self.taken)
        self.taken.clear()
        return raw


def _records(keys: Path) -> Iterator[tuple[str, list[str]]]:
    """Each record as it stands in the file, one character a byte, and its cells."""
    try:
        text = keys.read_bytes().decode("latin-1")
    except OSError as error:
        raise BadInputError(f"{keys}: cannot be read ({error.strerror or error})") from None
    head = text.partition("\n")[0]
    mark = max(_MARKS, key=head.count)
    lines = _Lines(text)
    try:
        for cells in csv.reader(lines, delimiter=mark):
            yield lines.take(), cells
    except csv.Error as error:
        raise BadInputError(f"{keys}: cannot be read as a table ({error})") from None


def _is(cells: list[str], participant: str) -> bool:
    return bool(cells) and cells[0].removeprefix("\xef\xbb\xbf").strip() == participant


def _words(cell: str) -> str:
    raw = cell.encode("latin-1")
    try:
        return raw.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError:
        return cell


def _replace(keys: Path, data: bytes) -> None:
    part = keys.with_name(f".{keys.name}.{secrets.token_hex(6)}.part")
    try:
        descriptor = os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY | getattr(os, "O_BINARY", 0), 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(descriptor)
        part.chmod(keys.stat().st_mode & 0o777)
        part.replace(keys)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise BadOutputError(f"{keys} cannot be written: {error.strerror or error}") from None
