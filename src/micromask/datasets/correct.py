"""Known mistakes of published sheets, mended visibly: one row of ``corrections/<name>.csv`` each.

A correction names the release, subject, clip and column that it means and the value that it expects to find there, so
it never touches another release or a sheet that was mended already. Where the subject or clip of a known mistake was
never published, both are ``*`` and the optional column ``where`` says what else stands in that row, such as
``onset=112`` or ``apex>offset;apex<=1845``; with it ``expected`` may be ``*``. An empty ``corrected`` empties the cell.
"""

from __future__ import annotations

import csv
import operator
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from importlib.resources import files

from micromask.datasets.sheets import Row

COLUMNS = ("release", "subject", "clip", "column", "expected", "corrected", "reason")

_CONDITION = re.compile(r"(\w+)(<=|>=|<|>|=)(\w+)")
_COMPARE: dict[str, Callable[[int, int], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    "=": operator.eq,
    ">": operator.gt,
    ">=": operator.ge,
}


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
    where: str = ""

    def __post_init__(self) -> None:
        if "*" in (self.subject, self.clip, self.expected) and not self.where:
            raise ValueError(f"a correction for any row needs a condition (where): {self}")

    def fits(self, row: Row, release: str, subject: str, clip: str) -> bool:
        """Whether this is the row that the correction means."""
        if self.release not in ("*", release) or self.subject not in ("*", subject) or self.clip not in ("*", clip):
            return False
        if self.column not in row.cells or self.expected not in ("*", row.text(self.column)):
            return False
        return all(_holds(condition, row) for condition in self.where.split(";") if condition)


def _holds(condition: str, row: Row) -> bool:
    """Whether a condition such as ``apex>offset`` is true of a row's numbers; False where one of them is none."""
    found = _CONDITION.fullmatch(condition.strip())
    if found is None:
        raise ValueError(f"a condition is column<number, column<=column and the like, got {condition!r}")
    left = row.whole(found[1])
    right = int(found[3]) if found[3].isdecimal() else row.whole(found[3])
    return left is not None and right is not None and _COMPARE[found[2]](left, right)


def read_corrections(corpus: str) -> tuple[Correction, ...]:
    """The corrections of a corpus; none where it has no table."""
    table = files("micromask.datasets") / "corrections" / f"{corpus}.csv"
    if not table.is_file():
        return ()
    rows = list(csv.DictReader(table.read_text(encoding="utf-8").splitlines()))
    return tuple(Correction(**{name: row[name] for name in COLUMNS}, where=row.get("where") or "") for row in rows)


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
            if each.fits(row, self.release, subject, clip):
                cells[each.column] = each.corrected
                self.applied.append(
                    f"{row.source}: {subject} {clip}: {each.column} {row.text(each.column)} -> "
                    f"{each.corrected or 'none'} ({each.reason})"
                )
        return Row(row.source, cells)
