"""A split or predictions as a CSV table: anybody's, or one that a run left behind."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping
from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from micromask.core.errors import BadInputError
from micromask.evaluation.audit.case import COLUMNS, MORE_COLUMNS, SIDES, Case, make_case
from micromask.evaluation.audit.facts import Facts
from micromask.evaluation.audit.facts_file import facts_document, read_facts

TABLE, FACTS = "audit.csv", "facts.json"
"""The files in a run's folder that hold its case."""

OTHER_NAMES = {
    "corpus": "dataset",
    "database": "dataset",
    "label": "truth",
    "true": "truth",
    "target": "truth",
    "predicted": "prediction",
    "pred": "prediction",
    "video": "recording",
    "path": "image",
    "sample": "frame",
}
"""Other headers that are understood where the usual one is not there."""

SIDE_NAMES = {
    "train": "train",
    "training": "train",
    "val": "validation",
    "valid": "validation",
    "validation": "validation",
    "dev": "validation",
    "test": "test",
    "testing": "test",
}


def read_case(path: str | Path, facts: Facts | None = None, people: Mapping[str, str] | None = None) -> Case:
    """The case of a table, or of a run's folder (its ``audit.csv``, and ``facts.json`` where it is there).

    Parameters
    ----------
    path : path
        A CSV file (with commas, semicolons or tabs) or a folder. Header texts count without case and blanks.
    facts : Facts, optional
        What is known beside the table; for a folder it stands in for the facts of the folder.
    people : mapping, optional
        Subject to person, in place of ``facts.people``.

    Raises
    ------
    BadInputError
        If the table cannot be read, lacks a column, or has a row that cannot be (the message names it).
    """
    path = Path(path)
    if path.is_dir():
        if not (path / TABLE).is_file():
            raise BadInputError(f"{path}: no {TABLE} in this folder; give a run's folder or a table of your own")
        if facts is None and (path / FACTS).is_file():
            facts = read_facts(path / FACTS)
        file = path / TABLE
    else:
        file = path
    known = facts or Facts()
    if people is not None:
        known = replace(known, people=dict(people))
    return make_case(str(path), _checked(file, _read(file)), known, file.parent)


def write_case(case: Case, folder: str | Path) -> tuple[Path, Path]:
    """Write a case's rows and facts into a folder, as `read_case` takes them back; returns the two files."""
    folder = Path(folder)
    table = case.rows.drop(columns="who")
    filled = [name for name in table.columns if len(table[name].cat.categories)]
    table[filled].to_csv(folder / TABLE, index=False, lineterminator="\n")
    document = json.dumps(facts_document(case.facts), indent=2, ensure_ascii=False)
    (folder / FACTS).write_text(document + "\n", encoding="utf-8")
    return folder / TABLE, folder / FACTS


def _read(path: Path) -> pd.DataFrame:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            first = file.readline()
        if not first.strip():
            raise BadInputError(f"{path}: no header; wanted columns {', '.join(COLUMNS[:3])} and more")
        mark = max(",;\t", key=first.count)
        header = [_plain(cell) for cell in next(csv.reader([first], delimiter=mark))]
        kept = _places(path, header)
        how: dict[str, Any] = {"dtype": str, "keep_default_na": False, "encoding": "utf-8-sig", "sep": mark}
        table: pd.DataFrame = pd.read_csv(path, header=0, index_col=False, skip_blank_lines=False, **how)
    except FileNotFoundError:
        raise BadInputError(f"{path}: no such file or folder") from None
    except (OSError, ValueError, csv.Error) as error:
        said = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise BadInputError(f"{path}: cannot be read as a CSV table: {said}") from None
    return pd.DataFrame({name: table.iloc[:, at].fillna("").str.strip() for name, at in kept.items()})


def _plain(text: str) -> str:
    return "_".join(text.strip().lower().replace("-", " ").split())


def _places(path: Path, header: list[str]) -> dict[str, int]:
    """Where each known column stands; refuses a header that lacks one or has one twice."""
    found: dict[str, int] = {}
    for at, name in enumerate(header):
        if name in COLUMNS or name in MORE_COLUMNS:
            if name in found:
                raise BadInputError(f"{path}: column '{name}' is there twice")
            found[name] = at
    for at, name in enumerate(header):
        usual = OTHER_NAMES.get(name)
        if usual is not None and usual not in found:
            found[usual] = at
    for name in COLUMNS[:3]:
        if name not in found:
            near = get_close_matches(name, header, n=1, cutoff=0.6)
            hint = f"; is '{near[0]}' meant?" if near else ""
            there = ", ".join(each for each in header if each) or "nothing"
            raise BadInputError(f"{path}: no column '{name}'; there is: {there}{hint}")
    return found


def _checked(path: Path, table: pd.DataFrame) -> pd.DataFrame:
    """The table without empty lines, its sides by their usual names; refuses rows that cannot be."""
    lines = np.arange(2, len(table) + 2)
    full = (table != "").any(axis=1).to_numpy()
    table, lines = table[full].reset_index(drop=True), lines[full]
    if not len(table):
        raise BadInputError(f"{path}: no rows below the header")
    for name in COLUMNS[:3]:
        empty = np.flatnonzero((table[name] == "").to_numpy())
        if len(empty):
            raise BadInputError(f"{path}, row {lines[empty[0]]}: no {name}; every row needs clip, subject and split")
    table["split"] = _sides(path, table["split"], lines)
    if not (table["split"] == "test").any():
        raise BadInputError(f"{path}: no row has the split 'test'; without one there is nothing to audit")
    if "fold" in table.columns:
        none = (table["fold"] == "").to_numpy()
        if none.any() and not none.all():
            row = lines[np.flatnonzero(none)[0]]
            raise BadInputError(f"{path}, row {row}: no fold, but other rows have one; repeat the row for each fold")
    return table


def _sides(path: Path, column: pd.Series[Any], lines: Any) -> pd.Series[Any]:
    written = column.unique()
    sides = {each: SIDE_NAMES.get(each.lower()) for each in written}
    for each, side in sides.items():
        if side is None:
            row = lines[np.flatnonzero((column == each).to_numpy())[0]]
            raise BadInputError(f"{path}, row {row}: split is {', '.join(SIDES[:2])} or {SIDES[2]}, got {each!r}")
    return column.map(sides)
