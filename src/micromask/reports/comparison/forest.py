"""A forest plot as coordinates: each figure as a point, its interval as a line, all on one axis."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

STEPS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0)
MOST_TICKS = 9


@dataclass(frozen=True, slots=True)
class Axis:
    """From ``low`` to ``high``; ``ticks`` with their labels, in per cent of its width."""

    low: float
    high: float
    ticks: tuple[tuple[float, str], ...]


@dataclass(frozen=True, slots=True)
class Strip:
    """One figure on an axis, in per cent of its width: the point, the ends of its interval if it has one, its seeds."""

    value: float
    interval: tuple[float, float] | None
    seeds: tuple[float, ...]


def axis_over(values: Iterable[float | None], *, signed: bool = False) -> Axis:
    """An axis with round ticks over values; ``signed``: as far below nothing as above.

    >>> axis = axis_over([0.41, 0.78])
    >>> axis.low, axis.high, [label for _, label in axis.ticks]
    (0.4, 0.8, ['0.40', '0.45', '0.50', '0.55', '0.60', '0.65', '0.70', '0.75', '0.80'])
    """
    known = [value for value in values if value is not None]
    low, high = min(known), max(known)
    if signed:
        high = max(-low, high)
        low = -high
    step = next((each for each in STEPS if _ends(low, high, each)[1] - _ends(low, high, each)[0] < MOST_TICKS), 100.0)
    first, last = _ends(low, high, step)
    span = (last - first) * step
    places = 2 if step < 1 else 0
    ticks = [
        (
            round(100 * (number - first) * step / span, 3),
            f"{number * step:{'+' if signed and number else ''}.{places}f}",
        )
        for number in range(first, last + 1)
    ]
    return Axis(round(first * step, 6), round(last * step, 6), tuple(ticks))


def _ends(low: float, high: float, step: float) -> tuple[int, int]:
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return first, max(last, first + 1)


def place(axis: Axis, value: float) -> float:
    """Where a value lies, in per cent of the axis.

    >>> place(axis_over([0.4, 0.8]), 0.5)
    25.0
    """
    return round(100 * (value - axis.low) / (axis.high - axis.low), 3)


def strip(
    axis: Axis, value: float, interval: Sequence[float | None] | None = None, seeds: Iterable[float] = ()
) -> Strip:
    """A figure on an axis; None in place of an end is no interval."""
    ends = [place(axis, end) for end in interval or () if end is not None]
    return Strip(
        value=place(axis, value),
        interval=(ends[0], ends[1]) if len(ends) == 2 else None,
        seeds=tuple(place(axis, each) for each in seeds),
    )
