"""From ``study.yaml`` to a `Design`: whatever is wrong in it is told with its line."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import cast, get_args

from micromask.core.errors import BadInputError
from micromask.datasets.labels import FORMS, SPELLINGS, one_spelling
from micromask.studies.design import Design, Field, FieldKind, Item, OrderRule, Part, StudyKind
from micromask.studies.images import check_image
from micromask.studies.yaml_lines import Value, meant, read_values

FILE = "study.yaml"
IMAGES = "images"

LONGEST_ITEM = 3600.0
LONGEST_INTERVAL = 60.0

_STUDY = (
    "title", "emotions", "kinds", "masked", "frame_seconds", "blind_to_stimulus",
    "instructions", "consent", "fields", "parts",
)  # fmt: skip
_PART = ("name", "order", "instructions", "items")
_ITEM = ("id", "intended_emotion", "seconds", "text", "image")
_FIELD = ("name", "title", "kind", "choices", "needed")

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}")
_PAIR = re.compile(r"([^\W_]+)[\s_]+but[\s_]+(?:actually[\s_]+)?([^\W_]+)", re.IGNORECASE)
_EMOTION = re.compile(r"[a-z]+([ -][a-z]+)*")
KNOWN_EMOTIONS = tuple(sorted({*FORMS, *SPELLINGS.values(), "neutral"}))
"""The names of emotions in which a typo can be told from a name of the study's own."""


def read_design(folder: Path) -> Design:
    """The design of a study.

    Parameters
    ----------
    folder : Path
        The study: ``study.yaml`` and the images that it names, below ``images/``.

    Returns
    -------
    Design
        Emotions in one spelling (``sad`` is ``sadness``).

    Raises
    ------
    BadInputError
        With file and line: no YAML, an entry that is unknown, missing, twice or of a wrong type, an emotion that the
        study does not have, an item or field of one name with another, an image that is missing or not safe to show.
    """
    if not (folder / FILE).is_file():
        raise BadInputError(f"{folder} holds no study (no {FILE}): make one with 'micromask study new {folder}'")
    root = read_values(folder / FILE, "the study")
    found = root.entries(_STUDY, needed=("title", "emotions", "kinds", "consent", "parts"))
    emotions = _emotions(found["emotions"])
    kinds = _names(found["kinds"], get_args(StudyKind))
    masked = _pairs(found["masked"], emotions) if "masked" in found else ()
    if masked and "masked" not in kinds:
        raise found["masked"].error("masked pairs are named but kinds has no 'masked'")
    if "masked" in kinds and not masked:
        raise found["kinds"].error("kinds has 'masked' but no pairs are named; add 'masked: [happy but sad]'")
    return Design(
        folder=folder,
        title=found["title"].text(),
        emotions=emotions,
        kinds=cast("tuple[StudyKind, ...]", kinds),
        parts=_parts(found["parts"], folder, emotions),
        consent=found["consent"].text(),
        masked=masked,
        instructions=found["instructions"].text(empty=True) if "instructions" in found else "",
        fields=_fields(found["fields"]) if "fields" in found else (),
        frame_seconds=found["frame_seconds"].seconds(LONGEST_INTERVAL) if "frame_seconds" in found else 0.5,
        blind_to_stimulus=found["blind_to_stimulus"].yes() if "blind_to_stimulus" in found else False,
    )


def _emotions(value: Value) -> tuple[str, ...]:
    found: list[str] = []
    for each in value.items():
        name = one_spelling(each.text())
        if name not in KNOWN_EMOTIONS:
            near = get_close_matches(name, (*KNOWN_EMOTIONS, *SPELLINGS), n=1, cutoff=0.8)
            if near:
                raise each.error(f"no emotion {name!r}; did you mean {one_spelling(near[0])!r}?")
            if not _EMOTION.fullmatch(name):
                raise each.error(f"an emotion is named in letters, got {each.text()!r}")
        if name in found:
            raise each.error(f"emotion {name!r} is named twice; keep one")
        found.append(name)
    return tuple(found)


def _names(value: Value, known: Collection[str]) -> tuple[str, ...]:
    found: list[str] = []
    for each in value.items():
        name = each.one_of(known)
        if name in found:
            raise each.error(f"{name} is named twice in {value.name}; keep one")
        found.append(name)
    return tuple(found)


def _emotion(value: Value, name: str, emotions: Sequence[str]) -> str:
    """An emotion of the study, in one spelling."""
    plain = one_spelling(name)
    if plain not in emotions:
        raise value.error(f"the study has no emotion {name!r}{meant(plain, emotions)}")
    return plain


def _pairs(value: Value, emotions: Sequence[str]) -> tuple[tuple[str, str], ...]:
    found: list[tuple[str, str]] = []
    for each in value.items():
        match = _PAIR.fullmatch(each.text())
        if match is None:
            raise each.error(
                f"a masked pair is what is shown but what is felt, as 'happy but sad', got {each.text()!r}"
            )
        shown, felt = (_emotion(each, name, (*emotions, "neutral")) for name in match.groups())
        odd = [name for name in (shown, felt) if name not in FORMS and name != "neutral"]
        if odd:
            raise each.error(f"no loader knows a masked pair of {odd[0]!r}; pairs are of: {', '.join(FORMS)}, neutral")
        if shown == felt:
            raise each.error(f"a masked pair is of two emotions, got {shown!r} twice")
        if (shown, felt) in found:
            raise each.error(f"the pair {each.text()!r} is named twice; keep one")
        found.append((shown, felt))
    return tuple(found)


def _parts(value: Value, folder: Path, emotions: Sequence[str]) -> tuple[Part, ...]:
    parts: list[Part] = []
    ids: dict[str, int] = {}
    for each in value.items():
        told = Value("a part", each.file, each.node).entries(_PART, needed=("name", "items"))
        name = _name(told["name"], [part.name for part in parts], "part")
        items = []
        for one in told["items"].items():
            item = _item(Value("an item", one.file, one.node), folder, emotions)
            line = one.node.start_mark.line + 1
            if item.id.casefold() in ids:
                raise one.error(f"item {item.id!r} is there twice, first in line {ids[item.id.casefold()]}; rename one")
            ids[item.id.casefold()] = line
            items.append(item)
        order = told["order"].one_of(get_args(OrderRule)) if "order" in told else "fixed"
        text = told["instructions"].text(empty=True) if "instructions" in told else ""
        parts.append(Part(name, tuple(items), cast("OrderRule", order), text))
    return tuple(parts)


def _item(value: Value, folder: Path, emotions: Sequence[str]) -> Item:
    told = value.entries(_ITEM, needed=("id", "intended_emotion", "seconds"))
    if "text" not in told and "image" not in told:
        raise value.error("an item needs a text, an image or both")
    intended = told["intended_emotion"]
    return Item(
        id=_name(told["id"], (), "item"),
        intended_emotion=_emotion(intended, intended.text(), emotions),
        seconds=told["seconds"].seconds(LONGEST_ITEM),
        text=told["text"].text() if "text" in told else "",
        image=_image(told["image"], folder) if "image" in told else None,
    )


def _image(value: Value, folder: Path) -> str:
    """The path of an image below the study's ``images`` that a browser may be given."""
    path = value.text()
    steps = path.split("/")
    if "\\" in path or steps[0] != IMAGES or len(steps) < 2 or not all(_visible(each) for each in steps):
        raise value.error(f"an image lies below the study's images, as {IMAGES}/dog.png, got {path!r}")
    place = folder / path
    if not place.is_file():
        raise value.error(f"no image {place}")
    if not place.resolve().is_relative_to((folder / IMAGES).resolve()):
        raise value.error(f"{path} is a link that leads out of {IMAGES}; put the image itself there")
    try:
        check_image(place)
    except BadInputError as error:
        raise value.error(str(error)) from None
    return path


def _visible(step: str) -> bool:
    return bool(step) and not step.startswith(".") and step.isprintable()


def _fields(value: Value) -> tuple[Field, ...]:
    fields: list[Field] = []
    for each in value.items(least=0):
        told = Value("a field", each.file, each.node).entries(_FIELD, needed=("name", "title"))
        name = _name(told["name"], [field.name for field in fields], "field")
        kind = told["kind"].one_of(get_args(FieldKind)) if "kind" in told else "text"
        if (kind == "choice") != ("choices" in told):
            wrong = "lacks choices" if kind == "choice" else f"is of kind {kind} but has choices"
            raise each.error(f"field {name!r} {wrong}; choices go with 'kind: choice'")
        choices = tuple(one.text() for one in told["choices"].items(least=2)) if "choices" in told else ()
        if len(set(choices)) < len(choices):
            raise told["choices"].error(f"field {name!r} has a choice twice")
        needed = told["needed"].yes() if "needed" in told else True
        fields.append(Field(name, told["title"].text(), cast("FieldKind", kind), choices, needed))
    return tuple(fields)


def _name(value: Value, taken: Collection[str], noun: str) -> str:
    """A name that can be part of a file's name, unlike those that are taken in more than its capitals."""
    name = value.text()
    if not _NAME.fullmatch(name):
        raise value.error(f"a {noun}'s name is of letters, digits, - and _ (at most 40), got {name!r}")
    if name.casefold() in {each.casefold() for each in taken}:
        raise value.error(f"{noun} {name!r} is there twice; rename one")
    return name
