"""A corpus's card: what it is, whose it is, how to get it and how it lies on disk; the docs are made from the cards."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

from micromask.core.registry import Registry


@dataclass(frozen=True, slots=True)
class Card:
    """Facts of one corpus. Numbers that are not one number, or not known, are words.

    ``tree`` is the folder as the loader expects it, several lines; ``sheet`` the annotation's file and columns;
    ``labels`` emotion as coded -> how many clips the published sheet has of it (empty where the user decides);
    ``releases`` how the loader tells releases apart; ``notes`` what one has to know before believing a figure.
    """

    name: str
    title: str
    subjects: int | str
    clips: int | str
    fps: float | str
    kind: str
    licence: str
    paper: str
    doi: str
    access: str
    tree: str
    sheet: str
    releases: tuple[str, ...]
    notes: tuple[str, ...]
    labels: Mapping[str, int | str]


def card(name: str) -> Card:
    """The card of a corpus.

    Raises
    ------
    BadInputError
        If there is no card of that name; the message has the nearest name and all others.

    Examples
    --------
    >>> card("casme2").clips, card("casme2").labels["disgust"]
    (255, 63)
    """
    return _cards()[name]


def cards() -> tuple[Card, ...]:
    """All cards in the order of their names."""
    return tuple(_cards().values())


@cache
def _cards() -> Registry[Card]:
    known: Registry[Card] = Registry("data set")
    for file in (files("micromask.datasets") / "cards").iterdir():
        if file.name.endswith(".toml"):
            name = file.name.removesuffix(".toml")
            known.add(name)(_read(name, file.read_text(encoding="utf-8")))
    return known


def _read(name: str, text: str) -> Card:
    facts: dict[str, Any] = tomllib.loads(text)
    wanted = [field.name for field in fields(Card)]
    odd = [key for key in facts if key not in wanted] + [key for key in wanted if key not in facts]
    if odd or facts["name"] != name:
        raise ValueError(f"cards/{name}.toml must have the name {name} and the keys {', '.join(wanted)}; see {odd}")
    facts["tree"] = str(facts["tree"]).strip("\n")
    facts["labels"] = MappingProxyType(dict(facts["labels"]))
    for key in ("releases", "notes"):
        facts[key] = tuple(facts[key])
    return Card(**facts)
