"""Facts as a file holds them: TOML by hand, JSON beside a run; and the table of who is who."""

from __future__ import annotations

import csv
import json
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from micromask.core.errors import BadInputError
from micromask.evaluation.audit.facts import Claims, Facts, one_of


def read_facts(path: str | Path) -> Facts:
    """Facts of a TOML or JSON file; the keys are the fields of Facts, and a table ``claims`` holds those of Claims.

    In ``claims`` the figures stand beside ``average``, ``classes``, ``samples`` and ``supports``. Write figures in
    quotes: ``"97.50"`` says two places, ``97.50`` one.

    Raises
    ------
    BadInputError
        If the file cannot be read, or a key or a value is not one of those.
    """
    path = Path(path)
    try:
        text = path.read_text("utf-8-sig")
        found = json.loads(text) if path.suffix.lower() == ".json" else tomllib.loads(text)
    except FileNotFoundError:
        raise BadInputError(f"{path}: no such file") from None
    except (ValueError, OSError) as error:
        raise BadInputError(f"{path}: cannot be read as facts: {error}") from None
    if not isinstance(found, dict):
        raise BadInputError(f"{path}: facts are a table of names and values, got {type(found).__name__}")
    try:
        return facts_of(found)
    except ValueError as error:
        raise BadInputError(f"{path}: {error}") from None


def facts_of(found: Mapping[str, Any]) -> Facts:
    """Facts of plain values, as TOML and JSON hold them.

    Raises
    ------
    ValueError
        If a key or a value is not one of Facts.

    Examples
    --------
    >>> facts_of({"selection": "last", "claims": {"accuracy": "97.52"}}).claims.figures
    {'accuracy': '97.52'}
    """
    for name in found:
        one_of("fact", name, tuple(_WANTED))
    return Facts(**{name: _WANTED[name](name, value) for name, value in found.items() if value is not None})


def facts_document(facts: Facts) -> dict[str, Any]:
    """Facts as JSON can hold them and ``facts_of`` takes them back; what is not known is left out."""
    found: dict[str, Any] = {}
    for each in fields(Facts):
        value = getattr(facts, each.name)
        if each.name in facts.known and each.name != "claims":
            found[each.name] = list(value) if isinstance(value, tuple) else value
    claims = facts.claims
    if claims.figures:
        rest = {"average": claims.average, "classes": claims.classes, "samples": claims.samples}
        found["claims"] = {**claims.figures, **{name: value for name, value in rest.items() if value is not None}}
        if claims.supports:
            found["claims"]["supports"] = list(claims.supports)
    return found


def read_people(path: str | Path) -> dict[str, str]:
    """Who is who: a CSV with the columns ``subject`` and ``person``, and ``dataset`` where names need it.

    Rows with the same person are one human being under several names; whoever has one name only needs no row.

    Returns
    -------
    dict
        ``dataset/subject`` (or ``subject``) to person.

    Raises
    ------
    BadInputError
        If the file cannot be read, a column or a cell is missing, or one subject is two people.
    """
    path = Path(path)
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.reader(file))
    except FileNotFoundError:
        raise BadInputError(f"{path}: no such file") from None
    except (OSError, ValueError, csv.Error) as error:
        raise BadInputError(f"{path}: cannot be read as CSV: {error}") from None
    header = [cell.strip().lower() for cell in rows[0]] if rows else []
    for name in ("subject", "person"):
        if name not in header:
            raise BadInputError(f"{path}: no column '{name}'; wanted subject, person and, where needed, dataset")
    found: dict[str, str] = {}
    for number, cells in enumerate(rows[1:], 2):
        row = {name: cell.strip() for name, cell in zip(header, cells, strict=False)}
        if not any(row.values()):
            continue
        subject, person = row.get("subject", ""), row.get("person", "")
        if not (subject and person):
            raise BadInputError(f"{path}, row {number}: subject and person must both be there, got {row}")
        name = f"{row['dataset']}/{subject}" if row.get("dataset") else subject
        if found.setdefault(name, person) != person:
            raise BadInputError(f"{path}, row {number}: {name} is {person} here and {found[name]} above")
    return found


def _text(name: str, value: object) -> str:
    if not isinstance(value, str):
        raise ValueError(f"{name} is a word in quotes, got {value!r}")
    return value


def _truth(name: str, value: object) -> bool:
    if not isinstance(value, bool):
        raise ValueError(f"{name} is true or false, got {value!r}")
    return value


def _whole(name: str, value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise ValueError(f"{name} is a whole number, got {value!r}")
    return value


def _number(name: str, value: object) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise ValueError(f"{name} is a number, got {value!r}")
    return float(value)


def _list_of(each: Callable[[str, object], Any], what: str, size: int | None = None) -> Callable[[str, object], Any]:
    def read(name: str, value: object) -> tuple[Any, ...]:
        if not isinstance(value, list) or (size is not None and len(value) != size):
            raise ValueError(f"{name} is a list of {what}, got {value!r}")
        return tuple(each(name, one) for one in value)

    return read


def _table(name: str, value: object) -> Mapping[str, object]:
    if not isinstance(value, Mapping):
        raise ValueError(f"{name} is a table of names and values, got {value!r}")
    return value


def _people(name: str, value: object) -> dict[str, str]:
    return {subject: _text(f"{name}.{subject}", person) for subject, person in _table(name, value).items()}


def _claims(name: str, value: object) -> Claims:
    table = _table(name, value)
    rest = {key: read(f"{name}.{key}", table[key]) for key, read in _OF_CLAIMS.items() if key in table}
    return Claims({key: str(each) for key, each in table.items() if key not in _OF_CLAIMS}, **rest)


_OF_CLAIMS: dict[str, Callable[[str, object], Any]] = {
    "average": _text,
    "classes": _whole,
    "samples": _whole,
    "supports": _list_of(_whole, "whole numbers"),
}

_WANTED: dict[str, Callable[[str, object], Any]] = {
    "selection": _text,
    "augmented_before_split": _truth,
    "fitted_on_test": _list_of(_text, "words in quotes"),
    "threshold_from": _text,
    "pretraining_subjects": _list_of(_text, "words in quotes"),
    "seeds": _list_of(_whole, "whole numbers"),
    "deterministic": _truth,
    "gain": _number,
    "gain_interval": _list_of(_number, "two numbers, low and high", 2),
    "labels": _list_of(_text, "words in quotes"),
    "people": _people,
    "claims": _claims,
}
"""How each fact of a file is read."""
