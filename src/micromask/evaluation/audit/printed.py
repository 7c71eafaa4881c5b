"""A figure as it was printed, and what it can have been before it was rounded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation


@dataclass(frozen=True, slots=True)
class Printed:
    """A printed figure as a fraction of 1: ``low`` to ``high`` are the values that print so, rounded or cut off."""

    text: str
    low: float
    high: float

    def __str__(self) -> str:
        return self.text

    def can_be(self, value: float) -> bool:
        """Whether a value prints so."""
        return self.low <= value <= self.high


def number_of(name: str, text: str) -> Decimal:
    """The number in a text such as ``97.52`` or ``97.52 %``.

    Raises
    ------
    ValueError
        If there is none.
    """
    try:
        number = Decimal(text.replace("%", "").strip())
    except InvalidOperation:
        raise ValueError(f"{name} is a number such as 97.52 or 0.9752, got {text!r}") from None
    if not number.is_finite():
        raise ValueError(f"{name} is a number such as 97.52 or 0.9752, got {text!r}")
    return number


def printed(figures: Mapping[str, str]) -> dict[str, Printed]:
    """Figures of one table as fractions of 1: where any is above 1 or has a per-cent sign, all are per cent.

    A figure may have been rounded (up to half a unit of its last place away) or cut off (up to a whole unit below).

    Raises
    ------
    ValueError
        If one is no number.

    Examples
    --------
    >>> found = printed({"accuracy": "97.5", "recall": "1"})["accuracy"]
    >>> found.can_be(0.9754), found.can_be(0.9759), found.can_be(0.9761)
    (True, True, False)
    """
    numbers = {name: number_of(name, text) for name, text in figures.items()}
    percent = any(abs(number) > 1 for number in numbers.values()) or any("%" in text for text in figures.values())
    scale = 100.0 if percent else 1.0
    found = {}
    for name, number in numbers.items():
        exponent = number.as_tuple().exponent
        unit = 10.0 ** (exponent if isinstance(exponent, int) else 0)
        value = float(number)
        found[name] = Printed(figures[name], (value - unit / 2) / scale - 1e-12, (value + unit) / scale + 1e-12)
    return found
