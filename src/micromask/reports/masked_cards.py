"""The masked intervals as the report shows them: words, evidence and small curves of mouth, eyes and brows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from micromask.core.types import Analysis, MaskedInterval
from micromask.reports.clock import frame_end
from micromask.reports.masked import PAIRS, UPPER_WORDS, measures_words, way_words

WIDTH, HEIGHT = 420, 120
COLOURS = ("#c2410c", "#0f766e", "#6d28d9")
DASHES = ("", "6 3", "2 3")
"""The curves differ by their strokes too, for those who see no colours."""

WORDS = {
    "mouth_corner": "mouth corners",
    "upper_cheek": "upper cheeks",
    "lower_lid": "lower eyelids",
    "eye_corner": "outer eye corners",
    "inner_brow": "inner brows",
    "outer_brow": "outer brows",
}


@dataclass(frozen=True, slots=True)
class Curve:
    """One curve in a box of WIDTH x HEIGHT: its name, its points, its colour and its dashes."""

    name: str
    points: str
    colour: str
    dash: str


@dataclass(frozen=True, slots=True)
class MaskedCard:
    """One masked interval as the page shows it. ``parts`` are rows of a table: part, right side, left side."""

    number: int
    mark: MaskedInterval
    title: str
    pair: str | None
    expression: int | None
    lasts_s: float
    measures: list[str]
    parts: list[tuple[str, str, str]]
    size: tuple[int, int]
    curves: list[Curve]
    zero: float
    band: tuple[float, float]
    ends: tuple[float, float]


def masked_cards(analysis: Analysis) -> list[MaskedCard]:
    """The masked intervals of an analysis, each with the number of the expression that it overlaps most."""
    return [_card(analysis, number, mark) for number, mark in enumerate(analysis.masked or (), 1)]


def _card(analysis: Analysis, number: int, mark: MaskedInterval) -> MaskedCard:
    sides: dict[str, dict[str, str]] = {}
    for movement in mark.movements:
        part, _, side = movement.part.rpartition("_")
        sides.setdefault(part, {})[side] = way_words(movement)
    curves, zero, band, ends = _curves(analysis, mark)
    return MaskedCard(
        number=number,
        mark=mark,
        title=UPPER_WORDS[mark.upper],
        pair=PAIRS.get(mark.upper),
        expression=_overlapping(analysis, mark),
        lasts_s=mark.offset_s - mark.onset_s,
        measures=measures_words(mark),
        parts=[(WORDS[part], of.get("right", ""), of.get("left", "")) for part, of in sides.items() if part in WORDS],
        size=(WIDTH, HEIGHT),
        curves=curves,
        zero=zero,
        band=band,
        ends=ends,
    )


def _overlapping(analysis: Analysis, mark: MaskedInterval) -> int | None:
    shared = [
        (min(one.offset, mark.offset) - max(one.onset, mark.onset), -number)
        for number, one in enumerate(analysis.expressions, 1)
        if one.face == mark.face and one.onset <= mark.offset and mark.onset <= one.offset
    ]
    return -max(shared)[1] if shared else None


def _curves(
    analysis: Analysis, mark: MaskedInterval
) -> tuple[list[Curve], float, tuple[float, float], tuple[float, float]]:
    """The curves, the height of rest, the interval's two sides, and the seconds at both ends."""
    if len(mark.times) < 2:
        return [], HEIGHT, (0.0, 0.0), (mark.onset_s, mark.offset_s)
    values = np.array(list(mark.courses.values()))
    low, high = min(0.0, float(values.min())), max(0.5, float(values.max()))
    reach = 1.12 * (high - low)
    first, last = mark.times[0], mark.times[-1]

    def across(second: float) -> float:
        return round(min(max((second - first) / (last - first), 0.0), 1.0) * WIDTH, 1)

    def down(value: float) -> float:
        return round(HEIGHT * (1 - 0.06 - (value - low) / reach), 1)

    curves = [
        Curve(name, " ".join(f"{across(t)},{down(v)}" for t, v in zip(mark.times, course, strict=True)), colour, dash)
        for (name, course), colour, dash in zip(mark.courses.items(), COLOURS, DASHES, strict=True)
    ]
    end = frame_end(analysis.recording, mark.offset, mark.offset_s)
    return curves, down(0.0), (across(mark.onset_s), across(end)), (first, last)
