"""Action units as coders write them, ``4(B/C)+7B`` or ``(R6 or R12)+R15``: read by a grammar, never by picking digits.

::

    coding   = chunk { separator chunk }              separator: +  ,  ;  also full-width and the ideographic comma
    chunk    = option { ("or" | "/") option }         "or" binds closer than "+", as in 4+R14 or 17
    option   = "(" coding ")" ["?"] | reference [unit] | "loses" unit | unit [words] | words | "?"
    reference = "ref" "(" coding ")"
    unit     = ["AU"] {side | "A"} ["AU"] number {intensity | "(k)" | "?" | "(?)"}
    side     = "L" | "R" | "T" | "B" | "U"            left, right, top, bottom, unilateral
    number   = one or two digits
    intensity = grade [("/" | "-") grade], with or without parentheses; grade: "A" to "E"

Capital and small letters are the same. A chunk that does not fit is kept as text in ``unparsed`` and gives no number.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, cast

from micromask.core.errors import BadInputError

Side = Literal["left", "right", "top", "bottom", "unilateral"]
State = Literal["shown", "kept", "lost", "reference"]
Grade = Literal["A", "B", "C", "D", "E"]


@dataclass(frozen=True, slots=True)
class Unit:
    """One action unit of the Facial Action Coding System.

    ``intensity`` is (lowest, highest) grade from A (trace) to E (maximum), twice the same where one grade was given,
    None where none was. ``state``: ``shown``; ``kept``, on the face but not moving, written ``4(k)``; ``lost``, it goes
    away; ``reference``, named beside what was coded, written ``ref(10)``.
    """

    number: int
    side: Side | None = None
    asymmetric: bool = False
    intensity: tuple[Grade, Grade] | None = None
    uncertain: bool = False
    state: State = "shown"


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several readings holds; each is what stood between two 'or'."""

    options: tuple[tuple[Part, ...], ...]


@dataclass(frozen=True, slots=True)
class Note:
    """Words among the units, such as ``soft focus``; ``?`` where the coder could not tell."""

    text: str


Part = Unit | Choice | Note


@dataclass(frozen=True, slots=True)
class ActionUnits:
    """What a coding string means: ``raw`` as coded, its ``parts``, and the chunks that are no coding (``unparsed``)."""

    raw: str
    parts: tuple[Part, ...] = ()
    unparsed: tuple[str, ...] = ()

    @property
    def units(self) -> tuple[Unit, ...]:
        """Every unit in the order in which it stands, whatever its state and whether or not others are read instead."""
        return tuple(_units(self.parts))

    @property
    def numbers(self) -> frozenset[int]:
        """Units that moved or may have: with uncertain and alternative ones, without kept, lost and reference ones."""
        return frozenset(unit.number for unit in self.units if unit.state == "shown")

    @property
    def certain(self) -> frozenset[int]:
        """Units that moved on every reading: neither uncertain nor missing from one of the alternatives."""
        return _certain(self.parts)

    @property
    def notes(self) -> tuple[str, ...]:
        """The words among the units."""
        return tuple(_notes(self.parts))


def parse_action_units(
    text: str, *, letter_a: Literal["asymmetric", "unit"] = "asymmetric", strict: bool = False
) -> ActionUnits:
    """Read a coding string.

    Parameters
    ----------
    text : str
        As a coder wrote it.
    letter_a : {"asymmetric", "unit"}
        What an A before a number means: an asymmetric unit (SAMM), or only 'action unit' (MMME, as in ``A4, A12``).
    strict : bool
        Refuse text that cannot be read in full; else such chunks stand in ``unparsed``.

    Raises
    ------
    BadInputError
        With ``strict``, if a chunk is no coding.

    Source
    ------
    Ekman, Friesen and Hager 2002, Facial Action Coding System; the legend of SAMM's sheet, Davison et al. 2018,
    doi:10.1109/TAFFC.2016.2573832

    Examples
    --------
    >>> coding = parse_action_units("(R6 or R12)+R15A/B+ref(10)+glare")
    >>> sorted(coding.numbers), sorted(coding.certain), coding.notes
    ([6, 12, 15], [15], ('glare',))
    >>> parse_action_units("4+141724").unparsed
    ('141724',)
    """
    parts: list[Part] = []
    unparsed: list[str] = []
    for chunk in _chunks(text.translate(_NARROW)):
        try:
            parts += _Reader(chunk, letter_a == "unit").everything()
        except _UnreadableError:
            unparsed.append(chunk)
    if strict and unparsed:
        raise BadInputError(
            f"action units {text!r}: cannot read {unparsed[0]!r}; wanted units such as 4, R12B, 4(k) or (6 or 12) "
            "joined by + or a comma"
        )
    return ActionUnits(text, tuple(parts), tuple(unparsed))


_NARROW = {ord(wide): narrow for wide, narrow in zip("，、；＋（）／？－–\u3000\xa0", ",,;+()/?--  ", strict=True)}
_SEPARATOR = re.compile(r"\s*[+,;]\s*")
_OR = re.compile(r"\s*(?:/|(?<![^\W\d_])or(?![^\W\d_]))\s*", re.IGNORECASE)
_UNIT = re.compile(r"(?:AUs?\s*)?(?P<marks>[LRTBUA]{0,2})\s*(?:AUs?\s*)?(?P<number>[0-9]+)", re.IGNORECASE)
_GRADES = re.compile(r"\s*(?P<open>\(\s*)?([A-E])(?:\s*[/-]\s*([A-E]))?(?(open)\s*\))(?![^\W_])", re.IGNORECASE)
_KEPT = re.compile(r"\s*\(\s*k\s*\)", re.IGNORECASE)
_DOUBT = re.compile(r"\s*(?:\?|\(\s*\?\s*\))")
_REFERENCE = re.compile(r"ref\.?\s*(?=\()", re.IGNORECASE)
_LOST = re.compile(r"(?:loses|lose|losing|lost)\b\s*", re.IGNORECASE)
_WORD = re.compile(r"(?!(?:or|ref|aus?)\b)[^\W\d_]{2,}(?:['-][^\W\d_]+)*(?![\w'-])", re.IGNORECASE)
_BLANKS = re.compile(r"\s*")
_SIDES: dict[str, Side] = {"L": "left", "R": "right", "T": "top", "B": "bottom", "U": "unilateral"}
_DEEPEST = 8


class _UnreadableError(Exception):
    """A chunk is no coding."""


def _chunks(text: str) -> Iterator[str]:
    """The pieces between separators outside parentheses, empty ones (a trailing comma) left out."""
    depth, start = 0, 0
    for at, letter in enumerate(text + ","):
        if letter in "+,;" and (depth == 0 or at == len(text)):
            if piece := text[start:at].strip():
                yield piece
            start = at + 1
        depth = max(0, depth + (letter == "(") - (letter == ")"))


class _Reader:
    """Reads one chunk from left to right; each method leaves ``at`` behind what it has read."""

    def __init__(self, text: str, a_is_unit: bool) -> None:
        self.text = text
        self.a_is_unit = a_is_unit
        self.at = 0
        self.depth = 0

    def everything(self) -> tuple[Part, ...]:
        parts = self.chunk()
        if self.at < len(self.text):
            raise _UnreadableError
        return parts

    def coding(self) -> tuple[Part, ...]:
        parts = self.chunk()
        while self.skip(_SEPARATOR):
            parts += self.chunk()
        return parts

    def chunk(self) -> tuple[Part, ...]:
        options = [self.option()]
        while self.skip(_OR):
            options.append(self.option())
        self.skip(_BLANKS)
        return options[0] if len(options) == 1 else (Choice(tuple(options)),)

    def option(self) -> tuple[Part, ...]:
        if self.peek("("):
            parts = self.group()
            return _changed(parts, uncertain=True) if self.skip(_DOUBT) else parts
        if self.skip(_REFERENCE):
            named = _changed(self.group(), state="reference")
            self.skip(_BLANKS)
            return named + ((self.unit(),) if _UNIT.match(self.text, self.at) else ())
        if self.skip(_LOST):
            return _changed((self.unit(),), state="lost")
        if _UNIT.match(self.text, self.at):
            return (self.unit(), *self.words())
        if self.skip(_DOUBT):
            return (Note("?"),)
        if words := self.words():
            return words
        raise _UnreadableError

    def group(self) -> tuple[Part, ...]:
        self.depth += 1
        if self.depth > _DEEPEST:
            raise _UnreadableError
        self.at += 1
        self.skip(_BLANKS)
        parts = self.coding()
        if not self.peek(")"):
            raise _UnreadableError
        self.at += 1
        self.depth -= 1
        return parts

    def unit(self) -> Unit:
        found = _UNIT.match(self.text, self.at)
        if found is None or len(found["number"]) > 2:
            raise _UnreadableError
        marks = found["marks"].upper()
        sides = marks.replace("A", "", 1)
        if len(sides) > 1 or sides == "A":
            raise _UnreadableError
        self.at = found.end()
        intensity: tuple[Grade, Grade] | None = None
        uncertain = False
        state: State = "shown"
        while True:
            if intensity is None and (grades := self.skip(_GRADES)):
                low, high = sorted((grades[2].upper(), (grades[3] or grades[2]).upper()))
                intensity = cast(tuple[Grade, Grade], (low, high))
            elif self.skip(_KEPT):
                state = "kept"
            elif self.skip(_DOUBT):
                uncertain = True
            else:
                asymmetric = "A" in marks and not self.a_is_unit
                return Unit(int(found["number"]), _SIDES.get(sides), asymmetric, intensity, uncertain, state)

    def words(self) -> tuple[Note, ...]:
        """Words up to the next sign; none where there are none."""
        found: list[str] = []
        while True:
            before = self.at
            self.skip(_BLANKS)
            word = self.skip(_WORD)
            if word is None:
                self.at = before
                return (Note(" ".join(found)),) if found else ()
            found.append(word[0])

    def peek(self, sign: str) -> bool:
        return self.text.startswith(sign, self.at)

    def skip(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        found = pattern.match(self.text, self.at)
        if found:
            self.at = found.end()
        return found


def _changed(parts: tuple[Part, ...], *, uncertain: bool = False, state: State | None = None) -> tuple[Part, ...]:
    """The parts with every unit marked uncertain or put into a state."""
    changed: list[Part] = []
    for part in parts:
        if isinstance(part, Unit):
            kept = (part.number, part.side, part.asymmetric, part.intensity)
            changed.append(Unit(*kept, part.uncertain or uncertain, state or part.state))
        elif isinstance(part, Choice):
            changed.append(Choice(tuple(_changed(one, uncertain=uncertain, state=state) for one in part.options)))
        else:
            changed.append(part)
    return tuple(changed)


def _units(parts: tuple[Part, ...]) -> Iterator[Unit]:
    for part in parts:
        if isinstance(part, Unit):
            yield part
        elif isinstance(part, Choice):
            for option in part.options:
                yield from _units(option)


def _notes(parts: tuple[Part, ...]) -> Iterator[str]:
    for part in parts:
        if isinstance(part, Note):
            yield part.text
        elif isinstance(part, Choice):
            for option in part.options:
                yield from _notes(option)


def _certain(parts: tuple[Part, ...]) -> frozenset[int]:
    sure = {part.number for part in parts if isinstance(part, Unit) and part.state == "shown" and not part.uncertain}
    for part in parts:
        if isinstance(part, Choice):
            sure |= frozenset.intersection(*(_certain(option) for option in part.options))
    return frozenset(sure)
