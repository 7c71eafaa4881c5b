"""Action units as coders of a study enter them: number, side and intensity, such as ``4, L12B``."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from micromask.core.errors import BadInputError
from micromask.datasets.action_units import Grade, Unit, parse_action_units

Side = Literal["both", "left", "right"]

NUMBERS = frozenset(
    {1, 2, *range(4, 47), *range(50, 59), *range(61, 67), 68, 69, *range(70, 75), 80, 81, 82, 84, 85, 91, 92, 97, 98}
)
"""The numbers that the Facial Action Coding System gives: muscles, head, eyes, what cannot be seen, gross movements.

41, 42 and 44 are of its first edition, which some coders still use. Source: Ekman, Friesen and Hager 2002.
"""

_LETTERS: dict[Side, str] = {"both": "", "left": "L", "right": "R"}
_SIDES: dict[str | None, Side] = {None: "both", "left": "left", "right": "right"}


@dataclass(frozen=True, slots=True)
class CodedUnit:
    """One action unit; ``side`` is the person's own, ``intensity`` A (trace) to E (maximum) or None if not graded."""

    number: int
    side: Side = "both"
    intensity: Grade | None = None

    def __str__(self) -> str:
        return f"{_LETTERS[self.side]}{self.number}{self.intensity or ''}"


def read_units(text: str) -> tuple[CodedUnit, ...]:
    """The action units of a coder's entry, in the order of their numbers.

    Raises
    ------
    BadInputError
        If the text cannot be read in full, a number is none of the system, a unit is named twice, or an entry says
        more than a number, a side (left or right; none for both) and one intensity.

    Examples
    --------
    >>> [str(unit) for unit in read_units("L12B, au4 + R12a")]
    ['4', 'L12B', 'R12A']
    """
    found: list[CodedUnit] = []
    for part in parse_action_units(text, letter_a="unit", strict=True).parts:
        if not isinstance(part, Unit):
            raise _not_one_unit(text)
        unit = _coded(text, part)
        if any(other.number == unit.number and "both" in (unit.side, other.side) for other in found) or any(
            (other.number, other.side) == (unit.number, unit.side) for other in found
        ):
            raise BadInputError(f"action units {text!r}: {unit.number} is there twice; name it once, or as L and R")
        found.append(unit)
    return tuple(sorted(found, key=lambda unit: (unit.number, unit.side)))


def units_text(units: Iterable[CodedUnit]) -> str:
    """The units as one entry that `read_units` and the data set readers read back.

    >>> units_text((CodedUnit(4), CodedUnit(12, "left", "B")))
    '4+L12B'
    """
    return "+".join(str(unit) for unit in units)


def _coded(text: str, unit: Unit) -> CodedUnit:
    if unit.side not in _SIDES or unit.uncertain or unit.state != "shown":
        raise _not_one_unit(text)
    if unit.intensity is not None and unit.intensity[0] != unit.intensity[1]:
        raise _not_one_unit(text)
    if unit.number not in NUMBERS:
        raise BadInputError(f"action units {text!r}: there is no action unit {unit.number}; join units by a comma")
    return CodedUnit(unit.number, _SIDES[unit.side], None if unit.intensity is None else unit.intensity[0])


def _not_one_unit(text: str) -> BadInputError:
    return BadInputError(
        f"action units {text!r}: wanted numbers, each with L or R before it for one side and A to E behind it for its "
        "intensity, such as 4, L12B; whatever else you saw belongs into the note"
    )
