"""Spotting: from a face's motion over time to the intervals in which it showed an expression. Needs no training.

The face's regions leave their resting place and come back; that journey is an expression if it is strong enough, fast
enough, more than the head's own motion leaves behind, and not a blink.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from micromask.core.types import MICRO_SECONDS, Event, FloatArray, IntArray, Kind, Timeline
from micromask.faces.regions import EXPRESSIVE, EYES, REGIONS
from micromask.inference.segments import (
    FLOOR,
    MotionTrace,
    Segment,
    course_edge,
    nearest_row,
    of_regions,
    segments_of,
)

BoolArray = NDArray[np.bool_]

SLOWEST_RISE = 1.0
"""Seconds: what takes longer both to come and to go is posture, not expression."""

HEAD_SHARE = 0.34
"""Strength below this share of the head's own travel over the interval may be what its removal left behind."""

HEAD_MOST = 30.0
"""Where the head travels farther than this over an interval (% of the eyes' distance) nothing is claimed."""

HEAD_SPEED = 80.0
"""Nor where it travels faster than this (% of the eyes' distance per second): flow blurs and slips."""

LIGHT_SHARE = 15.0
"""Strength (% of the eyes' distance) that a change of the face's brightness by a factor of e could feign."""

LID_SHARE = 0.45
"""Motion beside moving eyelids must be at least this share of theirs to count as an expression."""

BLINK_SHARE = 0.75
"""The same beside a blink, which drags the cheeks and brows along; the lower face is out of its reach."""

LOWER_FACE = ("mouth_right", "mouth_left", "lip_upper", "lip_lower", "chin")
"""Regions that eyelids do not move."""

BLINK = 3.0
"""Eyelid travel that counts as a blink, % of the distance between the eyes."""


UNFINISHED = 3.0
"""An expression that the film cuts off must be this many times stronger than the threshold: drift does not return."""


@dataclass(frozen=True, slots=True)
class Interval:
    """Where an expression is, before it is recognised: frames inclusive, strength in % of the eyes' distance."""

    face: int
    onset: int
    apex: int
    offset: int
    onset_s: float
    apex_s: float
    offset_s: float
    kind: Kind
    strength: float
    regions: tuple[str, ...]
    head_motion: float


@dataclass(frozen=True, slots=True, eq=False)
class Spotted:
    """What spotting found on one face."""

    intervals: tuple[Interval, ...]
    events: tuple[Event, ...]
    timeline: Timeline


def spot(trace: MotionTrace, *, floor: float = FLOOR) -> Spotted:
    """Intervals of expression on one face.

    Parameters
    ----------
    trace : MotionTrace
        The face's motion at 25 to 240 frames per second, uniform or not.
    floor : float
        Weakest strength that can be an expression, per cent of the distance between the eyes.

    Returns
    -------
    Spotted
        Intervals in time order (micro: at most 0.5 s), blinks and head moves as events, and the timeline with the
        threshold that was used: ``floor``, or more where the film is noisy.
    """
    trace = of_regions(trace, REGIONS)
    expressive = np.array([name in EXPRESSIVE for name in trace.names])
    segments = segments_of(trace)
    threshold = max(floor, _noise_threshold(segments, expressive))
    intervals: list[Interval] = []
    events: list[Event] = []
    for segment in segments:
        blinks = _blinks(segment, trace, threshold)
        events += blinks
        for peak in _peaks(segment.strength, threshold):
            refined = _refine(segment, peak, expressive, threshold)
            if refined is None:
                continue
            first, top, last, regions, strength = refined
            if any(interval.onset_s <= segment.times[top] <= interval.offset_s for interval in intervals):
                continue
            span = slice(max(0, first - 1), last + 2)
            head = float(np.ptp(segment.head[span], axis=0).max())
            lasts = float(segment.times[last] - segment.times[first])
            if strength < HEAD_SHARE * head or head > min(HEAD_MOST, HEAD_SPEED * lasts):
                events.append(_event(trace, "head-move", segment.times[first], segment.times[last]))
                continue
            if strength < LIGHT_SHARE * float(np.ptp(segment.light[span])):
                continue
            if _dragged_by_lids(trace, segment, top, strength, float(segment.lids[span].max()), threshold):
                continue
            intervals.append(_interval(trace, segment, (first, top, last), regions, strength, head))
    intervals = _separate(sorted(intervals, key=lambda interval: interval.onset))
    return Spotted(tuple(intervals), tuple(sorted(_merged(events), key=_when)), _timeline(trace, segments, threshold))


def _when(event: Event) -> int:
    return event.onset


def _noise_threshold(segments: list[Segment], expressive: BoolArray) -> float:
    """What chance alone reaches: from the fast jitter of each spot, and from how far the face strays at rest."""
    if not segments:
        return 0.0
    jitter = []
    for segment in segments:
        bend = np.diff(segment.away[:, expressive], n=2, axis=0)
        if len(bend):
            # The second difference of white noise of deviation s has deviation sqrt(6) s.
            jitter.append(np.median(np.abs(bend), axis=0) / 0.6745 / np.sqrt(6))
    fast = 7.0 * float(np.median(np.stack(jitter), axis=0).max()) if jitter else 0.0
    rest = np.concatenate([segment.strength for segment in segments])
    stray = 3.0 * float(np.quantile(rest, 0.25))
    return min(max(fast, stray), 4.0)


def _peaks(strength: FloatArray, threshold: float) -> list[int]:
    """Indices of strongest moments above the threshold, strongest first, apart from each other by a valley."""
    tops: list[int] = []
    for index in np.argsort(strength)[::-1]:
        if strength[index] < threshold:
            break
        valleys = (strength[min(index, top) : max(index, top) + 1].min() for top in tops)
        if all(valley < 0.5 * strength[index] for valley in valleys):
            tops.append(int(index))
    return tops


def _refine(
    segment: Segment, top: int, expressive: BoolArray, threshold: float
) -> tuple[int, int, int, IntArray, float] | None:
    """First, strongest and last grid index, regions that moved (strongest first) and strength; None if it is too slow
    or its apex is the first or last moment, so that nobody saw it come or go."""
    reach = np.where(expressive, segment.reach[top], 0.0)
    regions = np.argsort(reach)[::-1]
    regions = regions[reach[regions] >= max(0.4 * reach.max(), 0.5 * threshold)]
    # The journey of the regions that moved, each in its own direction, the stronger the more it counts.
    directions = segment.away[top, regions]
    course = (segment.away[:, regions] * directions).sum((1, 2)) / float((directions**2).sum())
    first, rise = course_edge(segment.times, course, top, -1)
    last, fall = course_edge(segment.times, course, top, +1)
    if min(rise, fall) > SLOWEST_RISE or last - first < 2:
        return None
    best = first + int(np.argmax(course[first : last + 1]))
    if best in (0, len(course) - 1):
        return None
    strength = float(segment.reach[best, regions[0]])
    if max(course[first], course[last]) > 0.5 and strength < UNFINISHED * threshold:
        return None
    return first, best, last, regions, strength


def _dragged_by_lids(
    trace: MotionTrace, segment: Segment, top: int, strength: float, lids: float, threshold: float
) -> bool:
    """Whether what moved at the grid's index ``top`` may be no more than the skin around moving eyelids."""
    low = max(segment.reach[top, index] for index, name in enumerate(trace.names) if name in LOWER_FACE)
    if low >= max(threshold, 0.5 * strength):
        return False
    return strength < (BLINK_SHARE if lids >= BLINK else LID_SHARE) * lids


def _interval(
    trace: MotionTrace,
    segment: Segment,
    place: tuple[int, int, int],
    regions: IntArray,
    strength: float,
    head: float,
) -> Interval:
    onset, apex, offset = (nearest_row(trace, segment.times[index]) for index in place)
    seconds = [float(trace.times[index]) for index in (onset, apex, offset)]
    frames = [int(trace.frames[index]) for index in (onset, apex, offset)]
    kind: Kind = "micro" if seconds[2] - seconds[0] <= MICRO_SECONDS else "macro"
    names = tuple(dict.fromkeys(trace.names[index] for index in regions))
    return Interval(
        trace.face, frames[0], frames[1], frames[2], seconds[0], seconds[1], seconds[2], kind, strength, names, head
    )


def _blinks(segment: Segment, trace: MotionTrace, threshold: float) -> list[Event]:
    level = max(BLINK, 2 * threshold)
    found = []
    for top in _peaks(segment.lids, level):
        course = segment.lids / segment.lids[top]
        first, _ = course_edge(segment.times, course, top, -1)
        last, _ = course_edge(segment.times, course, top, +1)
        if segment.times[last] - segment.times[first] <= 2 * MICRO_SECONDS:
            found.append(_event(trace, "blink", segment.times[first], segment.times[last]))
    return found


def _event(trace: MotionTrace, name: str, start: float, end: float) -> Event:
    first, last = nearest_row(trace, start), nearest_row(trace, end)
    frames, times = trace.frames, trace.times
    return Event(
        trace.face,
        "blink" if name == "blink" else "head-move",
        int(frames[first]),
        int(frames[last]),
        float(times[first]),
        float(times[last]),
    )


def _separate(intervals: list[Interval]) -> list[Interval]:
    """Intervals in time order that do not overlap: of two that share more than half, the stronger stays."""
    kept: list[Interval] = []
    for interval in intervals:
        if kept and interval.onset <= kept[-1].offset:
            before = kept[-1]
            shared = before.offset - interval.onset + 1
            shorter = min(before.offset - before.onset, interval.offset - interval.onset) + 1
            if 2 * shared > shorter:
                if interval.strength > before.strength:
                    kept[-1] = interval
                continue
        kept.append(interval)
    return kept


def _merged(events: list[Event]) -> list[Event]:
    """Events of one kind that touch become one."""
    merged: list[Event] = []
    for event in sorted(events, key=lambda event: (event.name, event.onset)):
        if merged and merged[-1].name == event.name and event.onset <= merged[-1].offset:
            before = merged.pop()
            later = max(before, event, key=lambda one: one.offset)
            event = Event(event.face, event.name, before.onset, later.offset, before.onset_s, later.offset_s)
        merged.append(event)
    return merged


def _timeline(trace: MotionTrace, segments: list[Segment], threshold: float) -> Timeline:
    count, names = len(trace.times), trace.names
    reach = np.full((count, len(names)), np.nan)
    strength, lids, head = np.full(count, np.nan), np.full(count, np.nan), np.full(count, np.nan)
    for segment in segments:
        rows = np.flatnonzero((trace.times >= segment.times[0] - 1e-9) & (trace.times <= segment.times[-1] + 1e-9))
        at = trace.times[rows]
        for column in range(len(names)):
            reach[rows, column] = np.interp(at, segment.times, segment.reach[:, column])
        strength[rows] = np.interp(at, segment.times, segment.strength)
        lids[rows] = np.interp(at, segment.times, segment.lids)
        place = segment.head - np.median(segment.head, axis=0)
        head[rows] = np.interp(at, segment.times, np.linalg.norm(place, axis=1))
    regions = {
        name: reach[:, [each == name for each in names]].max(1).astype(np.float32)
        for name in dict.fromkeys(names)
        if name not in EYES
    }
    return Timeline(
        trace.face,
        trace.frames,
        trace.times,
        strength.astype(np.float32),
        regions,
        lids.astype(np.float32),
        head.astype(np.float32),
        threshold,
    )
