"""The truth about a synthetic film, in the form in which an analysis is written."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from micromask.core.types import MICRO_SECONDS
from micromask.datasets.synthetic.actions import ACTIONS
from micromask.datasets.synthetic.render import landmarks_px, peak_displacement
from micromask.datasets.synthetic.script import Script, Times, frame_times


def _span(times: Times, onset_s: float, offset_s: float) -> tuple[int, int] | None:
    """First and last frame strictly between two times, or None where no frame falls there."""
    inside = np.flatnonzero((times > onset_s + 1e-9) & (times < offset_s - 1e-9))
    return (int(inside[0]), int(inside[-1])) if inside.size else None


def _regions(actions: Sequence[tuple[str, float]]) -> list[str]:
    """Names of the regions that the actions move, strongest first."""
    weight: dict[str, float] = {}
    for name, amplitude in actions:
        for region, share in ACTIONS[name].regions:
            weight[region] = max(weight.get(region, 0.0), share * amplitude)
    return sorted(weight, key=lambda region: (-weight[region], region))


def truth(script: Script) -> dict[str, Any]:
    """What an ideal analysis of the film would find, in the form of ``analysis.json``.

    ``onset`` and ``offset`` are the first and the last frame with movement, ``apex`` the frame nearest in time to the
    peak; the times with ``_s`` are the script's own, not rounded to frames. An expression between two frames of a
    slow film is in no frame, and so not in the list. ``strength`` is the farthest that a point of the face moves at
    the peak, in per cent of the distance between the eyes; ``blinks`` is one entry per blink in the same words.

    >>> from micromask.datasets.synthetic import PlannedExpression
    >>> smile = PlannedExpression(1.0, 1.2, 1.45, (("lip_corner_puller", 0.04),), "positive")
    >>> found = truth(Script(seconds=3, fps=20, expressions=(smile,)))["expressions"][0]
    >>> found["onset"], found["apex"], found["offset"], found["kind"], found["strength"]
    (21, 24, 28, 'micro', 4.0)
    """
    times = frame_times(script)
    spacing = float(np.median(np.diff(times))) if times.size > 1 else 1 / script.fps
    expressions: list[dict[str, Any]] = []
    for planned in sorted(script.expressions, key=lambda planned: planned.onset_s):
        span = _span(times, planned.onset_s, planned.offset_s)
        if span is None:
            continue
        peak = planned.apex_s + planned.hold_s / 2
        nearest = int(np.abs(times - peak).argmin())
        micro = planned.offset_s - planned.onset_s <= MICRO_SECONDS + 1e-9
        expressions.append(
            {
                "onset": span[0],
                "apex": min(max(nearest, span[0]), span[1]),
                "offset": span[1],
                "onset_s": planned.onset_s,
                "apex_s": peak,
                "offset_s": planned.offset_s,
                "kind": "micro" if micro else "macro",
                "emotion": planned.emotion,
                "probabilities": {},
                "strength": round(100 * peak_displacement(script, planned), 3),
                "regions": _regions(planned.actions),
                "face": 0,
            }
        )
    blinks: list[dict[str, Any]] = []
    for start in sorted(script.blinks):
        end = start + script.blink_seconds
        span = _span(times, start, end)
        if span is not None:
            blinks.append({"onset": span[0], "offset": span[1], "onset_s": start, "offset_s": end, "face": 0})
    return {
        "recording": "synthetic",
        "fps": float((times.size - 1) / (times[-1] - times[0])) if times.size > 1 else script.fps,
        "frames": int(times.size),
        "seconds": float(times[-1] - times[0] + spacing),
        "faces": [
            {
                "face": 0,
                "first_frame": 0,
                "last_frame": int(times.size) - 1,
                "share": 1.0,
                "width_px": round(float(np.ptp(landmarks_px(script)[:17, 0])), 1),
            }
        ],
        "expressions": expressions,
        "blinks": blinks,
    }
