"""Splits as a table that anybody can write and read: csv with the columns sample, clip, subject, fold, split."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from micromask.core.errors import BadInputError
from micromask.core.results import Sample, Split
from micromask.evaluation.text_file import read_whole, write_whole

COLUMNS = ("sample", "clip", "subject", "fold", "split")
NEEDED = ("sample", "fold", "split")
SIDES = ("train", "validation", "test")


def write_splits(
    path: str | Path, samples: Sequence[Sample], splits: Iterable[Split], *, overwrite: bool = False
) -> None:
    """Write splits, a row a sample and fold: fold by fold, each in the order of the samples.

    ``subject`` is written as ``data set/name``. A sample that is on no side of a fold has no row there. The file is
    written beside its place and moved there when it is whole; the same splits give the same bytes.

    Raises
    ------
    ValueError
        If a split names a sample that is not among ``samples``, or two splits have one name.
    BadOutputError
        If the file exists and may not be overwritten, or cannot be written.
    """
    known = {sample.id for sample in samples}
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(COLUMNS)
    names: set[str] = set()
    for split in splits:
        sides = {"train": split.train, "validation": split.validation, "test": split.test}
        strange = set().union(*sides.values()) - known
        if strange or split.held_out in names:
            wrong = f"names {min(strange)}, which is no sample" if strange else "stands twice"
            raise ValueError(f"fold {split.held_out!r} {wrong}")
        names.add(split.held_out)
        for sample in samples:
            for side, ids in sides.items():
                if sample.id in ids:
                    rows.writerow((sample.id, sample.clip, str(sample.subject), split.held_out, side))
    write_whole(path, text.getvalue(), "splits", overwrite=overwrite)


@dataclass(slots=True)
class _Fold:
    """The sides of one fold while its rows are read; ``rows`` is where each sample stood."""

    sides: dict[str, set[str]] = field(default_factory=lambda: {side: set() for side in SIDES})
    rows: dict[str, int] = field(default_factory=dict)


def read_splits(path: str | Path, samples: Iterable[Sample]) -> tuple[Split, ...]:
    """Read splits that `write_splits` or anybody else wrote, in the order in which their folds first appear.

    ``sample``, ``fold`` and ``split`` (train, validation or test) are needed; ``clip`` and ``subject``, where they are
    there and not empty, have to be those of the sample. Other columns, and samples without a row, are let be. Columns
    may also be parted by semicolons or tabs, as spreadsheets write them.

    Raises
    ------
    BadInputError
        If the file cannot be read or lacks a column, or a row names no known sample, no fold or no side, contradicts
        the sample, or stands twice; or a fold has nothing to train on or to test on. The message names file and row,
        counted from 1 with the header.
    """
    place = Path(path)
    known = {sample.id: sample for sample in samples}
    folds: dict[str, _Fold] = {}
    for number, row in _rows(place):
        where = f"{place.name}, row {number}"
        sample = _known_sample(where, row, known)
        name, side = row["fold"].strip(), row["split"].strip().casefold()
        if not name:
            raise BadInputError(f"{where}: {sample.id} has no fold; call it 1 where there is one split only")
        if side not in SIDES:
            raise BadInputError(f"{where}: split is {', '.join(SIDES)}, got {row['split']!r}")
        fold = folds.setdefault(name, _Fold())
        if sample.id in fold.rows:
            raise BadInputError(f"{where}: {sample.id} stands in fold {name} already, in row {fold.rows[sample.id]}")
        fold.rows[sample.id] = number
        fold.sides[side].add(sample.id)
    if not folds:
        raise BadInputError(f"{place.name} has a header and no rows")
    return tuple(_split(place, name, fold) for name, fold in folds.items())


def _split(place: Path, name: str, fold: _Fold) -> Split:
    train, validation, test = (frozenset(fold.sides[side]) for side in SIDES)
    if not train or not test:
        rows = list(fold.rows.values())
        raise BadInputError(
            f"{place.name}, rows {min(rows)} to {max(rows)}: fold {name} has {len(train)} samples to train on and "
            f"{len(test)} to test on; it needs both"
        )
    return Split(name, train, test, validation)


def _known_sample(where: str, row: Mapping[str, str], known: Mapping[str, Sample]) -> Sample:
    told = row["sample"]
    if not told.strip():
        raise BadInputError(f"{where}: sample is empty")
    sample = known.get(told) or known.get(told.strip())
    if sample is None:
        such = f", such as {next(iter(known))}" if known else ""
        raise BadInputError(f"{where}: no sample {told!r} among the {len(known)} of this data set{such}")
    for column, own in (("clip", sample.clip), ("subject", str(sample.subject))):
        named = row.get(column, "").strip()
        if named and named != own.strip():
            raise BadInputError(f"{where}: {sample.id} is of {column} {own}, not {named}")
    return sample


def _rows(place: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """Number and cells of every row that is not blank, under the names of the header."""
    text = read_whole(place, "splits")
    first = text.split("\n", 1)[0]
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=max(",;\t", key=first.count))
    try:
        header = [cell.strip().casefold() for cell in next(lines, [])]
        missing = [column for column in NEEDED if column not in header]
        if missing:
            raise BadInputError(
                f"{place.name}, row 1: no column {', '.join(missing)}; wanted {', '.join(COLUMNS)}, "
                f"got {', '.join(header) or 'nothing'}"
            )
        for number, cells in enumerate(lines, 2):
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) != len(header):
                raise BadInputError(f"{place.name}, row {number}: {len(cells)} cells under {len(header)} columns")
            yield number, dict(zip(header, cells, strict=True))
    except csv.Error as error:
        raise BadInputError(f"{place.name}, row {lines.line_num}: {error}") from None
