"""Masked expressions: intervals in which the lower face smiles while the upper face does not, or shows something else.

A smile of the whole face has two movements: the corners of the mouth go up and outward (action unit 12), and the muscle
around the eye raises the cheek, lifts the lower lid and gathers the skin beside the eye (action unit 6, the Duchenne
marker). Both are measured here, and the brows. What is found are movements; why a face moved is not in them.

Source
------
Ekman, Davidson, Friesen 1990, doi:10.1037/0022-3514.58.2.342 (the marker); Krumhuber, Manstead 2009,
doi:10.1037/a0017844, and Girard et al. 2021, doi:10.1007/s42761-020-00030-w (how little it says)
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from micromask.core.types import FloatArray, IntArray, MaskedInterval, Measure, Movement, Upper
from micromask.inference.face_parts import PAIRED, FaceParts, face_parts
from micromask.inference.segments import FLOOR, MotionTrace, Segment, course_edge, nearest_row, segments_of
from micromask.inference.spot import BLINK, BLINK_SHARE, HEAD_SHARE, LID_SHARE, LIGHT_SHARE, Spotted

LEAST_SMILE = 1.8
"""Weakest smile that is judged, % of the distance between the eyes: twice the weakest expression. Below it the share
that the eyes would have in a smile is lost in noise."""

OVER_THRESHOLD = 1.2
"""A smile is also this many times stronger than the film's threshold."""

STEEPEST, FLATTEST = 75.0, 15.0
"""Degrees from the horizontal between which the corners of the mouth go in a smile: up and outward."""

ONE_SIDED = 0.4
"""A smile of which one side moves less than this share of the other is no smile but a dimple."""

TALKING = 1.0
"""Where lower lip or chin move farther than this times the corners, the mouth talks, laughs or chews: not judged."""

EYE_SHARE = 0.06
"""Share of the smile below which the skin around the eyes (lower lids up, outer corners inward) did not join in."""

CHEEK_SHARE = 0.30
"""The same for the upper cheeks. Higher than what the corners of the mouth push up by themselves."""

CARRIED = 0.03
"""Share of the smile that any smile pushes the upper cheek of its side up. Where one of them moved less, its skin was
not seen to move, as behind glasses, and nothing is claimed."""

BROW_SHARE = 0.2
"""Brows that move this share of the smile, and FLOOR, do something of their own."""

QUIET = 0.5
"""Brows that move less than this share of that limit are still; in between nothing is claimed."""

INNER = 2.0
"""Inner brows that rise this many times farther than the outer ones are raised by themselves."""

PLATEAU = 0.7
"""A smile is at its height where it has this share of its apex."""

TOGETHER = 0.25
"""Brows move during a smile where it has this share of its apex."""

LID_SECONDS = 0.12
"""An eyelid that moves this long before or after the brows' apex may have dragged them."""

COURSE_POINTS = 60
"""Points along the curves that are kept as evidence."""


@dataclass(frozen=True, slots=True)
class _Smile:
    """A smile of both corners of the mouth: rows of the grid, and how far (%)."""

    first: int
    top: int
    last: int
    size: float


@dataclass(frozen=True, slots=True)
class _Found:
    """What the upper face did during a smile: rows of the grid, and the measures that decided."""

    upper: Upper
    first: int
    top: int
    last: int
    score: float
    measures: tuple[Measure, ...]


def find_masked(trace: MotionTrace, spotted: Spotted) -> tuple[MaskedInterval, ...]:
    """Intervals in which a face's mouth smiled and its upper part did not, or its brows did something else.

    Parameters
    ----------
    trace : MotionTrace
        Of one face, with all spots of ``faces.regions.SPOT_NAMES``.
    spotted : Spotted
        What `spot` found in it: only there is anything claimed, so what was refused as a move of the head, a blink or
        a change of light is not marked here either.

    Returns
    -------
    tuple of MaskedInterval
        In time order. A smile that is too weak, one-sided, seen from one side only or part of a talking mouth is not
        judged; a whole smile is not marked.
    """
    marks: list[MaskedInterval] = []
    seen: set[tuple[float, int]] = set()
    for segment in segments_of(trace):
        parts = face_parts(segment)
        if parts is None:
            continue
        for interval in spotted.intervals:
            rows = np.flatnonzero((segment.times >= interval.onset_s) & (segment.times <= interval.offset_s))
            smile = None if len(rows) < 2 else _smile(segment, parts, rows, spotted.timeline.threshold)
            if smile is None or (segment.times[0], smile.top) in seen:
                continue
            seen.add((float(segment.times[0]), smile.top))
            found = _other(segment, parts, smile) or _still(segment, parts, smile)
            if found is not None:
                marks.append(_mark(trace, segment, parts, smile, found))
    return tuple(_apart(sorted(marks, key=lambda mark: (mark.onset, mark.offset))))


def _smile(segment: Segment, parts: FaceParts, rows: IntArray, threshold: float) -> _Smile | None:
    """The strongest smile within some rows of the grid, if there is one that can be judged."""
    top = int(rows[np.argmax(parts.smile[rows])])
    size = float(parts.smile[top])
    if size < max(LEAST_SMILE, OVER_THRESHOLD * threshold):
        return None
    out, up = parts.outward["mouth_corner"][top], parts.up["mouth_corner"][top]
    if not FLATTEST <= math.degrees(math.atan2(up, out)) <= STEEPEST:
        return None
    sides = [parts.smile_sides[side][top] for side in ("right", "left")]
    if min(sides) < ONE_SIDED * max(sides) or parts.jaw[top] > TALKING * math.hypot(out, up):
        return None
    course = parts.smile / size
    first, _ = course_edge(segment.times, course, top, -1)
    last, _ = course_edge(segment.times, course, top, +1)
    return _Smile(first, top, last, size) if last - first >= 2 else None


def _other(segment: Segment, parts: FaceParts, smile: _Smile) -> _Found | None:
    """What the brows did by themselves while the mouth smiled."""
    inside = np.arange(smile.first, smile.last + 1)
    inside = inside[parts.smile[inside] >= TOGETHER * smile.size]
    inner, outer = parts.up["inner_brow"], parts.up["outer_brow"]
    both = (inner + outer) / 2
    limit = max(FLOOR, BROW_SHARE * smile.size, parts.noise["inner_brow"])
    top = int(inside[np.argmax(np.maximum(np.abs(inner[inside]), np.abs(both[inside])))])
    course: FloatArray
    upper: Upper
    if -inner[top] >= limit:
        upper, course, name = "brows-lowered", -inner, "inner brows down"
    elif inner[top] >= limit and inner[top] >= INNER * outer[top]:
        upper, course, name = "inner-brows-raised", inner, "inner brows up"
    elif both[top] >= limit:
        upper, course, name = "brows-raised", both, "brows up"
    else:
        return None
    value = float(course[top])
    if value < _feigned(segment, smile, top):
        return None
    shape = course / value
    first, _ = course_edge(segment.times, shape, top, -1)
    last, _ = course_edge(segment.times, shape, top, +1)
    measures = (Measure("mouth corners up and outward", smile.size, LEAST_SMILE), Measure(name, value, limit))
    score = 1 - limit / (2 * value)
    return _Found(upper, max(first, smile.first), top, min(last, smile.last), score, measures)


def _feigned(segment: Segment, smile: _Smile, top: int) -> float:
    """How far moving lids, the head or the light could have made the brows seem to move (%)."""
    span = slice(smile.first, smile.last + 1)
    near = np.abs(segment.times - segment.times[top]) <= LID_SECONDS
    lids = float(segment.lids[near].max())
    head, light = float(np.ptp(segment.head[span], axis=0).max()), float(np.ptp(segment.light[span]))
    return max((BLINK_SHARE if lids >= BLINK else LID_SHARE) * lids, HEAD_SHARE * head, LIGHT_SHARE * light)


def _still(segment: Segment, parts: FaceParts, smile: _Smile) -> _Found | None:
    """That nothing around the eyes joined in, where it would have been seen."""
    rows = np.arange(smile.first, smile.last + 1)
    rows = rows[parts.smile[rows] >= PLATEAU * smile.size]
    # a blink moves the skin around the eyes for a moment; in a smile longer than that the median does not see it
    if float(np.median(segment.lids[rows])) >= BLINK:
        return None
    limits = {
        "eyes": EYE_SHARE * smile.size,
        "upper_cheek": CHEEK_SHARE * smile.size,
        "brows": QUIET * max(FLOOR, BROW_SHARE * smile.size),
    }
    if parts.noise["eyes"] > 2 * limits["eyes"]:
        return None
    # outer brows are only raised by themselves: raised cheeks, and the pull of a smile, draw them down a little
    brows = np.maximum(np.abs(parts.up["inner_brow"]), parts.up["outer_brow"])
    values = {
        "eyes": max(0.0, float(np.median(parts.eyes[rows]))),
        "upper_cheek": max(0.0, float(np.median(parts.up["upper_cheek"][rows]))),
        "brows": float(np.median(brows[rows])),
    }
    if any(values[name] >= limits[name] for name in limits) or not _carried(parts, rows):
        return None
    score = 1 - max(values[name] / limits[name] for name in limits) / 2
    told = {"eyes": "lower lids up, eye corners inward", "upper_cheek": "upper cheeks up", "brows": "brows up or down"}
    measures = (
        Measure("mouth corners up and outward", smile.size, LEAST_SMILE),
        *(Measure(words, values[name], limits[name]) for name, words in told.items()),
    )
    return _Found("still", smile.first, smile.top, smile.last, score, measures)


def _carried(parts: FaceParts, rows: IntArray) -> bool:
    """Whether the upper cheeks of both sides were seen to go up a little with the corners of the mouth."""
    return all(
        np.median(parts.sides["upper_cheek", side][rows, 1]) >= CARRIED * np.median(parts.smile_sides[side][rows])
        for side in ("right", "left")
    )


def _mark(trace: MotionTrace, segment: Segment, parts: FaceParts, smile: _Smile, found: _Found) -> MaskedInterval:
    top = found.top
    movements = tuple(
        Movement(f"{part}_{side}", float(parts.sides[part, side][top, 0]), float(parts.sides[part, side][top, 1]))
        for part in PAIRED
        for side in ("right", "left")
    )
    frames, seconds = _placed(trace, segment, (found.first, top, found.last))
    around = max(2, (smile.last - smile.first) // 3)
    shown = np.arange(max(0, smile.first - around), min(len(segment.times), smile.last + around + 1))
    shown = shown[np.unique(np.linspace(0, len(shown) - 1, COURSE_POINTS).round().astype(int))]
    curves = {
        "mouth corners up and outward": parts.smile,
        "eyes: lower lids up, corners inward": parts.eyes,
        "inner brows up": parts.up["inner_brow"],
    }
    return MaskedInterval(
        face=trace.face,
        onset=frames[0],
        apex=frames[1],
        offset=frames[2],
        onset_s=seconds[0],
        apex_s=seconds[1],
        offset_s=seconds[2],
        upper=found.upper,
        score=float(found.score),
        smile=_placed(trace, segment, (smile.first, smile.top, smile.last))[0],
        movements=movements,
        measures=found.measures,
        times=tuple(round(float(segment.times[row]), 4) for row in shown),
        courses={name: tuple(round(float(values[row]), 3) for row in shown) for name, values in curves.items()},
    )


def _placed(
    trace: MotionTrace, segment: Segment, rows: tuple[int, int, int]
) -> tuple[tuple[int, int, int], tuple[float, float, float]]:
    """Frames of the recording, and their seconds, of three rows of the grid."""
    first, top, last = (nearest_row(trace, float(segment.times[row])) for row in rows)
    frames, times = trace.frames, trace.times
    return (
        (int(frames[first]), int(frames[top]), int(frames[last])),
        (float(times[first]), float(times[top]), float(times[last])),
    )


def _apart(marks: list[MaskedInterval]) -> list[MaskedInterval]:
    """Marks in time order that do not overlap: of two, the clearer stays."""
    kept: list[MaskedInterval] = []
    for mark in marks:
        if kept and mark.onset <= kept[-1].offset:
            if mark.score > kept[-1].score:
                kept[-1] = mark
            continue
        kept.append(mark)
    return kept
