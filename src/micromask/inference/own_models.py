"""Weights files of the user's own: which there are, what each says of itself, in one line for a person."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from micromask.core.errors import BadInputError
from micromask.models.weights_file import read_card

Reads = Literal["motion", "frame", "frames"]

ENDING = ".safetensors"

NOT_MEASURED = "how good it is on people it has not seen was never measured"

FIGURES = {"uf1": "UF1", "uar": "UAR", "accuracy": "accuracy"}


@dataclass(frozen=True, slots=True)
class OwnModel:
    """A weights file. ``why`` says why it cannot be used, and is empty where it can; then the rest is filled in."""

    path: Path
    name: str = ""
    describe: str = ""
    classes: tuple[str, ...] = ()
    reads: Reads | None = None
    card: Mapping[str, Any] = field(default_factory=dict)
    why: str = ""


def own_models(folder: Path) -> tuple[OwnModel, ...]:
    """The ``*.safetensors`` of a folder by name, each with its card; no tensor is read. Empty where no folder is.

    Files that are no models of this project are listed with the reason.
    """
    found = sorted(folder.glob(f"*{ENDING}")) if folder.is_dir() else []
    return tuple(_own(path) for path in found if path.is_file() and not path.name.startswith("."))


def own_model(path: Path) -> OwnModel:
    """One weights file by its card.

    Raises
    ------
    BadInputError
        If it cannot be used.
    """
    card = read_card(path)
    if is_shipped(card):
        return OwnModel(path, str(card["name"]), str(card["describe"]), tuple(card["classes"]), "motion", card)
    given = card["input"]
    reads = given.get("reads") if isinstance(given, Mapping) else None
    classes = card["classes"]
    if reads not in ("motion", "frame", "frames") or not isinstance(classes, list):
        raise BadInputError(f"{path}: its card does not say what the model reads, or names no classes")
    return OwnModel(path, str(card["name"]), describe_card(card, path.name), tuple(map(str, classes)), reads, card)


def is_shipped(card: Mapping[str, Any]) -> bool:
    """Whether a card is that of the recogniser that comes with the package, whose file is of a kind of its own."""
    return "layout" in card and "temperature" in card


def describe_card(card: Mapping[str, Any], file: str) -> str:
    """One line: the model, its file, its classes, and how good it is on people it has not seen.

    Examples
    --------
    >>> figures = {"uf1": 0.5, "uar": 0.52, "intervals": {"uf1": [0.4, 0.6], "uar": None}, "figures_of": "clips"}
    >>> card = {"name": "ststnet", "classes": ["a", "b"], "protocol": "loso", "metrics": figures}
    >>> describe_card(card, "m.safetensors")
    'ststnet (m.safetensors), 2 classes: a, b; on people it had not seen UF1 0.50 [0.40, 0.60], UAR 0.52 (loso)'
    >>> describe_card(card | {"metrics": {}}, "m.safetensors").partition("; ")[2]
    'how good it is on people it has not seen was never measured'
    """
    classes = [str(each) for each in card["classes"]]
    told = f"{card['name']} ({file}), {len(classes)} classes: {', '.join(classes)}"
    figures = honest_figures(card)
    return f"{told}; on people it had not seen {figures} ({card['protocol']})" if figures else f"{told}; {NOT_MEASURED}"


def honest_figures(card: Mapping[str, Any]) -> str:
    """The figures of a card with their 95 % intervals over people, by clip where it has both; '' where it has none."""
    metrics = card["metrics"] if isinstance(card["metrics"], Mapping) else {}
    of = metrics.get("by_clip", metrics)
    told = []
    for name, title in FIGURES.items():
        if name in of:
            ends = (of.get("intervals") or {}).get(name)
            told.append(f"{title} {of[name]:.2f}" + (f" [{ends[0]:.2f}, {ends[1]:.2f}]" if ends else ""))
    return ", ".join(told)


def _own(path: Path) -> OwnModel:
    try:
        return own_model(path)
    except BadInputError as error:
        return OwnModel(path, why=str(error))
