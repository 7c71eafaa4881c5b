"""Known mistakes of published sheets, mended visibly: one row of ``corrections/<name>.csv`` each.

A correction names the release, subject, clip and column that it means and the value that it expects to find there, so
it never touches another release or a sheet that was mended already.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib.resources import files

from micromask.datasets.sheets import Row

COLUMNS = ("release", "subject", "clip", "column", "expected", "corrected", "reason")


@dataclass(frozen=True, slots=True)
class Correction:
    """One row of a corrections table; ``release`` may be ``*`` where every release has the mistake."""

    release: str
    subject: str
    clip: str
    column: str
    expected: str
    corrected: str
    reason: str


def read_corrections(corpus: str) -> tuple[Correction, ...]:
    """The corrections of a corpus; none where it has no table."""
    table = files("micromask.datasets") / "corrections" / f"{corpus}.csv"
    if not table.is_file():
        return ()
    rows = list(csv.DictReader(table.read_text(encoding="utf-8").splitlines()))
    return tuple(Correction(**{name: row[name] for name in COLUMNS}) for row in rows)


@dataclass(slots=True)
class Corrector:
    """Applies a corpus's corrections row by row and remembers which it applied."""

    corpus: str
    release: str
    enabled: bool = True
    applied: list[str] = field(default_factory=list)
    _table: Sequence[Correction] = ()

    def __post_init__(self) -> None:
        self._table = read_corrections(self.corpus) if self.enabled else ()

    def mend(self, row: Row, subject: str, clip: str) -> Row:
        """The row with every correction that fits it; subject and clip as the sheet writes them."""
        cells = dict(row.cells)
        for each in self._table:
            if (each.subject, each.clip) != (subject, clip) or each.release not in ("*", self.release):
                continue
            if each.column in cells and Row(row.source, cells).text(each.column) == each.expected:
                cells[each.column] = each.corrected
                self.applied.append(
                    f"{row.source}: {subject} {clip}: {each.column} {each.expected} -> {each.corrected} ({each.reason})"
                )
        return Row(row.source, cells)
