"""The tables of a run's folder: samples, predictions and curves as csv, and back."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from micromask.core.errors import BadInputError
from micromask.core.results import Prediction, Results, Sample, Split
from micromask.core.types import SubjectId
from micromask.evaluation.text_file import read_whole

SAMPLE_COLUMNS = ("sample", "clip", "dataset", "subject", "recording", "label", "frame")
PREDICTION_COLUMNS = ("sample", "clip", "subject", "fold", "seed", "truth", "predicted")
CURVE_COLUMNS = ("fold", "seed", "epoch")
ATTRIBUTE, PROBABILITY = "attribute_", "p_"


def samples_text(samples: Sequence[Sample]) -> str:
    """Every sample of a run, a row each; a column ``attribute_NAME`` for each attribute, empty where not known."""
    names = sorted({name for sample in samples for name in sample.attributes})
    rows = (
        (
            *(each.id, each.clip, each.subject.dataset, each.subject.name, each.recording, each.label),
            "" if each.frame is None else each.frame,
            *(each.attributes.get(name, "") for name in names),
        )
        for each in samples
    )
    return _text([*SAMPLE_COLUMNS, *(ATTRIBUTE + name for name in names)], rows)


def predictions_text(results: Results) -> str:
    """Every prediction, a row each: who and what it is, what was said, and a column ``p_LABEL`` for each label.

    Probabilities are written in full, so that they are the same numbers when they are read.
    """
    known = {sample.id: sample for sample in results.samples}
    rows = (
        (
            *(each.sample, known[each.sample].clip, str(known[each.sample].subject), each.fold, each.seed, each.truth),
            results.labels[int(np.argmax(each.probabilities))],
            *(repr(float(share)) for share in each.probabilities),
        )
        for each in results.predictions
    )
    return _text([*PREDICTION_COLUMNS, *(PROBABILITY + label for label in results.labels)], rows)


def curves_text(curves: Sequence[Mapping[str, float | int | str]]) -> str:
    """A row a fold, seed and epoch; columns as the rows have them, empty where a row lacks one."""
    names = dict.fromkeys([*CURVE_COLUMNS, *(name for row in curves for name in row)])
    return _text(list(names), ([_cell(row.get(name, "")) for name in names] for row in curves))


def _cell(value: float | int | str) -> str:
    return value if isinstance(value, str) else repr(value)


def _text(header: Sequence[str], rows: Iterator[Sequence[object]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue()


def read_samples(place: Path) -> tuple[Sample, ...]:
    """The samples of `samples_text`.

    Raises
    ------
    BadInputError
        If the file cannot be read, lacks a column, or a row has an empty cell, no number as frame or a name twice.
    """
    found: dict[str, Sample] = {}
    for where, row in _rows(place, SAMPLE_COLUMNS):
        empty = [name for name in SAMPLE_COLUMNS if not row[name] and name != "frame"]
        if empty or row["sample"] in found:
            raise BadInputError(f"{where}: {', '.join(empty) + ' empty' if empty else row['sample'] + ' stands twice'}")
        attributes = {
            name.removeprefix(ATTRIBUTE): value for name, value in row.items() if name.startswith(ATTRIBUTE) and value
        }
        found[row["sample"]] = Sample(
            row["sample"],
            row["clip"],
            SubjectId(row["dataset"], row["subject"]),
            row["recording"],
            row["label"],
            frame=_whole(where, row, "frame") if row["frame"] else None,
            attributes=attributes,
        )
    return tuple(found.values())


def read_predictions(
    place: Path, samples: Sequence[Sample], splits: Sequence[Split], labels: Sequence[str]
) -> tuple[Prediction, ...]:
    """The predictions of `predictions_text`, each held against the samples, the folds and the labels.

    Raises
    ------
    BadInputError
        If the file cannot be read or lacks a column; a row names no sample, no fold that tests it or another truth; its
        probabilities do not add to 1 or are highest for another label than ``predicted``; or it stands twice.
    """
    known = {sample.id: sample for sample in samples}
    tested = {split.held_out: split.test for split in splits}
    columns = [PROBABILITY + label for label in labels]
    seen: set[tuple[str, str, int]] = set()
    found = []
    for where, row in _rows(place, [*PREDICTION_COLUMNS, *columns]):
        name, fold, seed = row["sample"], row["fold"], _whole(where, row, "seed")
        if name not in tested.get(fold, ()):
            raise BadInputError(f"{where}: {name!r} is not tested in fold {fold!r}, by the splits of this run")
        if row["truth"] != known[name].label:
            raise BadInputError(f"{where}: truth is {row['truth']!r}, and {name} is {known[name].label!r}")
        if (name, fold, seed) in seen:
            raise BadInputError(f"{where}: {name} in fold {fold} with seed {seed} stands twice")
        seen.add((name, fold, seed))
        shares = tuple(_share(where, row, column) for column in columns)
        if not abs(sum(shares) - 1) <= 1e-3:
            raise BadInputError(f"{where}: probabilities add to {sum(shares):.4f}, wanted 1")
        best = labels[int(np.argmax(shares))]
        if row["predicted"] != best:
            raise BadInputError(f"{where}: predicted is {row['predicted']!r}, and {best!r} has the highest probability")
        found.append(Prediction(name, fold, seed, row["truth"], shares))
    return tuple(found)


def read_curves(place: Path) -> tuple[Mapping[str, float | int | str], ...]:
    """The rows of `curves_text`; BadInputError if the file cannot be read or a cell is no number."""
    found: list[Mapping[str, float | int | str]] = []
    for where, row in _rows(place, CURVE_COLUMNS):
        values = {name: _number(where, row, name) for name in row if name not in ("fold", "seed") and row[name]}
        found.append({"fold": row["fold"], "seed": _whole(where, row, "seed"), **values})
    return tuple(found)


def _rows(place: Path, needed: Sequence[str]) -> Iterator[tuple[str, dict[str, str]]]:
    """Where each row stands (file and row, the header being row 1) and its cells by name."""
    lines = csv.reader(io.StringIO(read_whole(place, "table"), newline=""))
    try:
        header = next(lines, [])
        missing = [name for name in needed if name not in header]
        if missing:
            raise BadInputError(f"{place.name}, row 1: no column {', '.join(missing)}; it is not as a run wrote it")
        for number, cells in enumerate(lines, 2):
            if len(cells) != len(header):
                raise BadInputError(f"{place.name}, row {number}: {len(cells)} cells under {len(header)} columns")
            yield f"{place.name}, row {number}", dict(zip(header, cells, strict=True))
    except csv.Error as error:
        raise BadInputError(f"{place.name}, row {lines.line_num}: {error}") from None


def _whole(where: str, row: Mapping[str, str], column: str) -> int:
    try:
        return int(row[column])
    except ValueError:
        raise BadInputError(f"{where}: {column} is a whole number, got {row[column]!r}") from None


def _number(where: str, row: Mapping[str, str], column: str) -> float:
    try:
        return float(row[column])
    except ValueError:
        raise BadInputError(f"{where}: {column} is a number, got {row[column]!r}") from None


def _share(where: str, row: Mapping[str, str], column: str) -> float:
    value = _number(where, row, column)
    if not (math.isfinite(value) and 0 <= value <= 1):
        raise BadInputError(f"{where}: {column} is from 0 to 1, got {row[column]!r}")
    return value
