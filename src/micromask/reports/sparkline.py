"""The strength around one interval as a small line inside its card."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from micromask.core.types import Expression, Timeline
from micromask.reports.thin import envelope

WIDTH, HEIGHT = 240, 72
LEAST_AROUND = 0.25
"""Seconds shown before the onset and after the offset, at least."""
POINTS = 240


@dataclass(frozen=True, slots=True)
class Sparkline:
    """Coordinates in a box of ``size``: strokes of the line, the interval, apex and threshold; the seconds shown."""

    size: tuple[int, int]
    strokes: list[str]
    interval: tuple[float, float]
    apex: tuple[float, float]
    threshold: float | None
    from_s: float
    to_s: float


def sparkline(timeline: Timeline, expression: Expression, lasts_s: float) -> Sparkline | None:
    """The line from as long before the interval as it lasts to as long after; None where nothing was measured there."""
    around = max(LEAST_AROUND, lasts_s)
    end_s = expression.onset_s + lasts_s
    rows = np.flatnonzero((timeline.times >= expression.onset_s - around) & (timeline.times <= end_s + around))
    if len(rows) < 2 or not np.isfinite(timeline.strength[rows]).any():
        return None
    rows = rows[envelope(timeline.strength[rows], POINTS)]
    times, values = timeline.times[rows].astype(float), timeline.strength[rows].astype(float)
    first, last = float(times[0]), float(times[-1])
    highest = max(float(np.nanmax(values)), timeline.threshold if np.isfinite(timeline.threshold) else 0.0, 1e-6)
    x = (times - first) / max(last - first, 1e-9) * WIDTH
    y = HEIGHT - values / (1.15 * highest) * HEIGHT

    def across(second: float) -> float:
        return round(float(np.clip((second - first) / max(last - first, 1e-9), 0, 1)) * WIDTH, 1)

    strokes: list[str] = []
    points: list[str] = []
    for at, height in zip(x, y, strict=True):
        if np.isfinite(height):
            points.append(f"{at:.1f},{height:.1f}")
        elif points:
            strokes.append(" ".join(points))
            points = []
    if points:
        strokes.append(" ".join(points))
    seen = np.isfinite(y)
    apex_row = int(np.abs(times[seen] - expression.apex_s).argmin())
    line = (
        None if not np.isfinite(timeline.threshold) else round(HEIGHT * (1 - timeline.threshold / (1.15 * highest)), 1)
    )
    return Sparkline(
        size=(WIDTH, HEIGHT),
        strokes=strokes,
        interval=(across(expression.onset_s), across(end_s)),
        apex=(across(expression.apex_s), round(float(y[seen][apex_row]), 1)),
        threshold=line,
        from_s=first,
        to_s=last,
    )
