"""Masked expressions as words, as plain values and as masked.csv: what moved and what did not, never why."""

from __future__ import annotations

import csv
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from micromask.core.types import Analysis, MaskedInterval, Measure, Movement, Upper
from micromask.reports.clock import interval_value
from micromask.reports.tables import EYES, Column

UPPER_WORDS: Mapping[Upper, str] = {
    "still": "lower face smiles, upper face does not",
    "brows-lowered": "lower face smiles, brows are lowered",
    "inner-brows-raised": "lower face smiles, inner brows are raised",
    "brows-raised": "lower face smiles, brows are raised",
}
"""What the two halves of a face did, in words."""

PAIRS: Mapping[Upper, str] = {
    "brows-lowered": "happy_but_angry",
    "inner-brows-raised": "happy_but_sad",
    "brows-raised": "happy_but_surprised",
}
"""The masked pair whose upper face moves like this: a pattern that coders would look at, not what somebody felt."""

NO_MOTION = 0.3
"""Displacement (% of the distance between the eyes) below which a part is said to stay where it is."""

PARTS = tuple(
    f"{part}_{side}"
    for part in ("mouth_corner", "upper_cheek", "lower_lid", "eye_corner", "inner_brow", "outer_brow")
    for side in ("right", "left")
)

MASKED_COLUMNS: dict[str, Column] = {
    "number": Column("number of the interval in the report and in analysis.json, counted from 1"),
    "recording": Column("id of the recording"),
    "face": Column("id of the face, as in --face"),
    "upper": Column("what the upper face did: " + ", ".join(UPPER_WORDS)),
    "pair": Column("the masked pair whose upper face moves like this; empty where it is still"),
    "onset": Column("first frame of the interval", "frame, counted from 0"),
    "apex": Column("frame at which it is strongest", "frame, counted from 0"),
    "offset": Column("last frame of the interval, included", "frame, counted from 0"),
    "onset_s": Column("when the onset frame is first shown", "s from the first frame"),
    "apex_s": Column("when the apex frame is first shown", "s from the first frame"),
    "offset_s": Column("when the offset frame is first shown", "s from the first frame"),
    "score": Column("0.5 where the measures lie at their limits, 1 where nothing stands against the mark", "0.5 to 1"),
    "smile_onset": Column("first frame of the smile that it lies in", "frame, counted from 0"),
    "smile_apex": Column("apex of that smile", "frame, counted from 0"),
    "smile_offset": Column("last frame of that smile, included", "frame, counted from 0"),
    "measures": Column("what decided: each measure, its value and its limit, joined by '; '", EYES),
    "<part>_outward": Column("how far a part is from rest at the apex, away from the middle of the face", EYES),
    "<part>_up": Column("how far a part is from rest at the apex, up", EYES),
}
"""The columns of masked.csv in their order."""


def way_words(movement: Movement) -> str:
    """Which way a part moved, and how far.

    >>> way_words(Movement("mouth_corner_left", 2.7, 2.4)), way_words(Movement("inner_brow_left", -0.4, -1.9))
    ('up and outward 3.6 %', 'down 1.9 %')
    >>> way_words(Movement("eye_corner_right", 0.1, 0.1))
    'stays'
    """
    far = math.hypot(movement.outward, movement.up)
    if far < NO_MOTION:
        return "stays"
    ways = []
    if abs(movement.up) > abs(movement.outward) / 2.4:
        ways.append("up" if movement.up > 0 else "down")
    if abs(movement.outward) > abs(movement.up) / 2.4:
        ways.append("outward" if movement.outward > 0 else "inward")
    return f"{' and '.join(ways)} {far:.1f} %"


def measure_words(measure: Measure, *, least: bool) -> str:
    """A measure beside its limit: 'upper cheeks up 0.5 % (below 1.5 %)'."""
    return f"{measure.name} {measure.value:.1f} % ({'at least' if least else 'below'} {measure.limit:.1f} %)"


def measures_words(mark: MaskedInterval) -> list[str]:
    """What decided: the smile reached its limit; the upper face did not reach one, or its brows did."""
    return [measure_words(one, least=number == 0 or mark.upper != "still") for number, one in enumerate(mark.measures)]


def masked_value(mark: MaskedInterval) -> dict[str, Any]:
    """A masked interval in the form of analysis.json."""
    onset, apex, offset = mark.smile
    return interval_value(mark) | {
        "upper": mark.upper,
        "said": UPPER_WORDS[mark.upper],
        "pair": PAIRS.get(mark.upper),
        "score": mark.score,
        "smile": {"onset": onset, "apex": apex, "offset": offset},
        "movements": [{"part": one.part, "outward": one.outward, "up": one.up} for one in mark.movements],
        "measures": [{"name": one.name, "value": one.value, "limit": one.limit} for one in mark.measures],
        "times": mark.times,
        "courses": mark.courses,
    }


def read_masked_value(of: Mapping[str, Any]) -> MaskedInterval:
    """The masked interval that `masked_value` was made of."""
    plain = ("face", "onset", "apex", "offset", "onset_s", "apex_s", "offset_s", "upper", "score")
    smile = of["smile"]
    return MaskedInterval(
        **{name: of[name] for name in plain},
        smile=(smile["onset"], smile["apex"], smile["offset"]),
        movements=tuple(Movement(**one) for one in of["movements"]),
        measures=tuple(Measure(**one) for one in of["measures"]),
        times=tuple(of["times"]),
        courses={name: tuple(values) for name, values in of["courses"].items()},
    )


def masked_row(analysis: Analysis, number: int, mark: MaskedInterval) -> dict[str, Any]:
    """One row of masked.csv."""
    at = {one.part: one for one in mark.movements}
    onset, apex, offset = mark.smile
    row: dict[str, Any] = {
        "number": number,
        "recording": analysis.recording.id,
        "face": mark.face,
        "upper": mark.upper,
        "pair": PAIRS.get(mark.upper, ""),
        "onset": mark.onset,
        "apex": mark.apex,
        "offset": mark.offset,
        "onset_s": round(mark.onset_s, 6),
        "apex_s": round(mark.apex_s, 6),
        "offset_s": round(mark.offset_s, 6),
        "score": round(mark.score, 4),
        "smile_onset": onset,
        "smile_apex": apex,
        "smile_offset": offset,
        "measures": "; ".join(measures_words(mark)),
    }
    for way in ("outward", "up"):
        row |= {f"{part}_{way}": round(float(getattr(at[part], way)), 4) if part in at else "" for part in PARTS}
    return row


def masked_header() -> list[str]:
    """The header of masked.csv, each part's columns spread out."""
    header: list[str] = []
    for name in MASKED_COLUMNS:
        header += [name.replace("<part>", part) for part in PARTS] if "<part>" in name else [name]
    return header


def write_masked_csv(analysis: Analysis, path: Path) -> None:
    """Write the masked intervals, one a row, as expressions.csv is written; none gives the header alone."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, masked_header(), lineterminator="\r\n")
        writer.writeheader()
        writer.writerows(masked_row(analysis, number, one) for number, one in enumerate(analysis.masked or (), 1))
