"""A face's motion over time: its uninterrupted stretches on an even clock, each spot as it stands away from rest."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

import numpy as np

from micromask.core.types import FloatArray, IntArray
from micromask.faces.regions import EXPRESSIVE, EYES
from micromask.inference.rest import resting_place, timeline_grid

FLOOR = 0.9
"""Weakest strength that can be an expression, % of the distance between the eyes, however quiet the film."""

LOW = 0.14
"""An expression starts and ends where it has this share of its apex strength, and a little beyond (`course_edge`)."""

SHORTEST_SEGMENT = 0.75
"""Seconds for which a face must be seen without a break: in less, rest and expression cannot be told apart."""


@dataclass(frozen=True, slots=True, eq=False)
class MotionTrace:
    """One face's motion, a row per analysed frame.

    ``frames``, ``times`` (T,); ``names`` the region of each of P spots; ``travel`` (T, P, 2) is each spot's
    displacement (right, down) since its segment began, free of head motion, in per cent of the distance between the
    eyes; ``head`` (T, 6) the head's place and pose in the same unit; ``light`` (T,) the logarithm of the face's
    brightness; ``segment`` (T,) grows by one whenever the face was lost, so that travel is comparable only within one
    segment.
    """

    face: int
    frames: IntArray
    times: FloatArray
    names: tuple[str, ...]
    travel: FloatArray
    head: FloatArray
    light: FloatArray
    segment: IntArray

    def __post_init__(self) -> None:
        t = len(self.frames)
        shapes = self.times.shape, self.travel.shape, self.head.shape, self.light.shape, self.segment.shape
        if shapes != ((t,), (t, len(self.names), 2), (t, 6), (t,), (t,)):
            raise ValueError(f"a trace of {t} frames and {len(self.names)} spots has arrays of {shapes}")


def of_regions(trace: MotionTrace, names: Collection[str]) -> MotionTrace:
    """The same trace with the spots of some regions only."""
    kept = [row for row, name in enumerate(trace.names) if name in names]
    return replace(trace, names=tuple(trace.names[row] for row in kept), travel=trace.travel[:, kept])


@dataclass(frozen=True, slots=True, eq=False)
class Segment:
    """One uninterrupted stretch on a uniform grid of times.

    ``times`` (G,) s; ``away`` (G, P, 2) displacement of each spot from rest, % of the distance between the eyes, and
    ``reach`` (G, P) its length; ``strength`` (G,) the longest among the expressive regions and ``lids`` (G,) among the
    eyelids; ``head`` (G, 6) and ``light`` (G,) as in `MotionTrace`.
    """

    times: FloatArray
    away: FloatArray
    reach: FloatArray
    strength: FloatArray
    lids: FloatArray
    head: FloatArray
    light: FloatArray


def segments_of(trace: MotionTrace) -> list[Segment]:
    """The stretches in which a face was seen for long enough that rest and expression can be told apart."""
    expressive = np.array([name in EXPRESSIVE for name in trace.names])
    eyelids = np.array([name in EYES for name in trace.names])
    segments = []
    for number in np.unique(trace.segment):
        rows = trace.segment == number
        times = trace.times[rows]
        if len(times) < 4 or times[-1] - times[0] < SHORTEST_SEGMENT:
            continue
        grid, onto = timeline_grid(times)
        travel = onto(trace.travel[rows].reshape(len(times), -1)).reshape(len(grid), -1, 2)
        away = travel - resting_place(grid, travel, FLOOR)
        reach = np.linalg.norm(away, axis=2)
        strength, lids = reach[:, expressive].max(1), reach[:, eyelids].max(1)
        light = onto(trace.light[rows][:, None])[:, 0]
        segments.append(Segment(grid, away, reach, strength, lids, onto(trace.head[rows]), light))
    return segments


def course_edge(times: FloatArray, course: FloatArray, top: int, step: int) -> tuple[int, float]:
    """Where the course starts (step -1) or ends (+1), and how many seconds it takes between LOW and the top's 85 %.

    Skin accelerates and brakes softly: the edge lies beyond the point where LOW is crossed, by the share of the time
    from LOW to a half that a raised cosine would need.
    """
    index, lowest, half, high = top, top, top, top
    while 0 <= index < len(course):
        value = course[index]
        if value >= 0.85:
            high = index
        if value >= 0.5:
            half = index
        if value < course[lowest]:
            lowest = index
        if value <= LOW:
            break
        if value > course[lowest] + 0.25 and course[lowest] < 0.5:
            index = lowest
            break
        index += step
    index = min(max(index, 0), len(course) - 1)
    beyond = 0.35 * abs(index - half) if course[index] <= 2 * LOW else 0.0
    edge = int(np.clip(index + step * round(beyond), 0, len(course) - 1))
    return edge, float(abs(times[index] - times[high]))


def nearest_row(trace: MotionTrace, time: float) -> int:
    """The row whose frame is nearest to a time."""
    after = int(np.clip(np.searchsorted(trace.times, time), 1, len(trace.times) - 1))
    return after if trace.times[after] - time < time - trace.times[after - 1] else after - 1
