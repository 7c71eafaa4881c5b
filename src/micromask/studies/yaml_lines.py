"""A YAML file whose every value knows its line, so that a mistake in it can be pointed at."""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

import yaml

from micromask.core.errors import BadInputError

LARGEST = 1_000_000
"""Bytes: a study's plan is text that people write."""

_TYPES = {
    "str": "text",
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "null": "nothing",
    "timestamp": "a date",
    "seq": "a list",
    "map": "names with values",
    "binary": "bytes",
}


@dataclass(frozen=True, slots=True)
class Value:
    """A value in a YAML file: what it is called there, the file and its node."""

    name: str
    file: Path
    node: yaml.Node

    def error(self, told: str) -> BadInputError:
        """What is wrong with it, after the file and the line (from 1)."""
        return BadInputError(f"{self.file}, line {self.node.start_mark.line + 1}: {told}")

    def entries(self, known: Collection[str], needed: Collection[str] = ()) -> dict[str, Value]:
        """Its entries by name: only known ones, each once, and none of the needed missing.

        Raises
        ------
        BadInputError
            Where that does not hold; the line is that of the wrong entry.
        """
        if not isinstance(self.node, yaml.MappingNode):
            raise self._wrong(f"entries such as '{next(iter(known))}: ...'")
        found: dict[str, Value] = {}
        lines: dict[str, int] = {}
        for key, node in self.node.value:
            name = Value("an entry's name", self.file, key).text()
            here = Value(name, self.file, key)
            if name not in known:
                raise here.error(f"{self.name} has no entry {name!r}{meant(name, known)}")
            if name in found:
                raise here.error(f"{name} is there twice, first in line {lines[name]}; keep one")
            found[name], lines[name] = Value(name, self.file, node), key.start_mark.line + 1
        missing = [name for name in needed if name not in found]
        if missing:
            raise self.error(f"{self.name} lacks {' and '.join(missing)}")
        return found

    def items(self, *, least: int = 1) -> tuple[Value, ...]:
        """The values of a list, of at least so many.

        Raises
        ------
        BadInputError
            If it is no list, or shorter.
        """
        if not isinstance(self.node, yaml.SequenceNode):
            raise self._wrong("a list")
        if len(self.node.value) < least:
            held = f"holds {len(self.node.value)}," if self.node.value else "is empty;"
            raise self.error(f"{self.name} {held} wanted at least {least}")
        return tuple(Value(f"a value of {self.name}", self.file, each) for each in self.node.value)

    def text(self, *, empty: bool = False) -> str:
        """A text without blanks around it; BadInputError if it is none, or empty and must not be."""
        if self._type() in ("int", "float", "bool", "timestamp") and isinstance(self.node, yaml.ScalarNode):
            raise self._wrong(f'text: write it in quotes, "{self.node.value}"')
        if not isinstance(self.node, yaml.ScalarNode) or self._type() != "str":
            raise self._wrong("text")
        text = str(self.node.value).strip()
        if not text and not empty:
            raise self.error(f"{self.name} is empty")
        return text

    def one_of(self, known: Collection[str]) -> str:
        """One of some words; BadInputError with the nearest one otherwise."""
        text = self.text()
        if text not in known:
            raise self.error(f"{self.name} is {' or '.join(known)}, got {text!r}{meant(text, known, told=False)}")
        return text

    def seconds(self, most: float) -> float:
        """A number of seconds above 0 and at most so many."""
        if self._type() not in ("int", "float") or not isinstance(self.node, yaml.ScalarNode):
            raise self._wrong("seconds, such as 0.5")
        value = float(self._plain("seconds, such as 0.5"))
        if not math.isfinite(value) or not 0 < value <= most:
            raise self.error(f"{self.name} must be above 0 and at most {most:g} s, got {self.node.value}")
        return value

    def yes(self) -> bool:
        """True or false."""
        if self._type() != "bool" or not isinstance(self.node, yaml.ScalarNode):
            raise self._wrong("true or false")
        return bool(self._plain("true or false"))

    def _plain(self, wanted: str) -> float | bool:
        """What a number or a truth value stands for; a tag such as !!float may have promised what is not there."""
        try:
            value: float | bool = yaml.SafeLoader("").construct_object(self.node)
        except (ValueError, KeyError):
            raise self._wrong(wanted) from None
        return value

    def _type(self) -> str:
        return str(self.node.tag).rpartition(":")[2]

    def _wrong(self, wanted: str) -> BadInputError:
        said = _TYPES.get(self._type(), f"something of type {self._type()}")
        told = f" ({self.node.value!r})" if isinstance(self.node, yaml.ScalarNode) and self.node.value else ""
        return self.error(f"{self.name} is {said}{told}, wanted {wanted}")


def meant(name: str, known: Collection[str], *, told: bool = True) -> str:
    """What is likely to be meant by an unknown name, and what is known.

    >>> meant("titel", ["title", "parts"])
    "; did you mean 'title'? known: title, parts"
    """
    near = get_close_matches(name.casefold(), known, n=1, cutoff=0.5)
    hint = f"; did you mean {near[0]!r}?" if near else ";" if told else ""
    return f"{hint} known: {', '.join(known)}" if told else hint


def read_values(path: Path, name: str) -> Value:
    """The whole of a YAML file as a value called ``name``. Nothing is built from tags: only the plain types of YAML.

    Raises
    ------
    BadInputError
        If there is no such file, or it is too large, not UTF-8, no YAML or empty.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise BadInputError(f"{path} cannot be read: {error.strerror}") from None
    if len(data) > LARGEST:
        raise BadInputError(f"{path} has {len(data):,} bytes; at most {LARGEST:,} are read")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise BadInputError(f"{path}, line {line}: is not in UTF-8; save it as UTF-8") from None
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        unended = "could not find expected" in (error.problem or "")
        mark = (error.context_mark if unended else None) or error.problem_mark
        where = f", line {mark.line + 1}" if mark else ""
        raise BadInputError(f"{path}{where}: no YAML: {error.problem or error.context}") from None
    except yaml.reader.ReaderError as error:
        line = text[: error.position].count("\n") + 1
        raise BadInputError(f"{path}, line {line}: no YAML: a character that cannot be printed") from None
    except RecursionError:
        raise BadInputError(f"{path}: no YAML that can be read: too many brackets in brackets") from None
    if node is None:
        raise BadInputError(f"{path} is empty; 'micromask study new FOLDER' writes one to begin with")
    return Value(name, path, node)
