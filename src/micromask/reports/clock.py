"""When a frame ends, and where an interval lies and how long it lasts on the recording's own clock."""

from __future__ import annotations

from typing import Any

from micromask.core.opinions import MarkedInterval
from micromask.core.types import Analysis, Expression, MaskedInterval, Recording


def frame_end(recording: Recording, frame: int, start_s: float) -> float:
    """Second at which a frame that is shown from ``start_s`` on gives way to the next.

    The last frame, and every frame of a uniform clock, lasts one mean interval.

    >>> from pathlib import Path
    >>> frame_end(Recording("a", Path("a.mp4"), fps=25.0, n_frames=100, size=(480, 640)), 10, 0.4)
    0.44
    """
    times = recording.times
    if times is not None and 0 <= frame < len(times) - 1 and times[frame + 1] > start_s:
        return float(times[frame + 1])
    return start_s + 1 / recording.fps


def lasts(expression: Expression) -> float:
    """Seconds from the onset frame's moment to the offset frame's: what the limit of half a second is held against."""
    return expression.offset_s - expression.onset_s


def interval_value(one: Expression | MaskedInterval | MarkedInterval) -> dict[str, Any]:
    """Whose an interval is, its frames and their seconds, as documents have them."""
    return {
        "face": one.face,
        "onset": one.onset,
        "apex": one.apex,
        "offset": one.offset,
        "onset_s": one.onset_s,
        "apex_s": one.apex_s,
        "offset_s": one.offset_s,
    }


def broke_at_s(analysis: Analysis) -> float | None:
    """Second at which a damaged film ended, or None where it is whole."""
    frame = analysis.broke_at
    if frame is None:
        return None
    times = analysis.recording.times
    if times is None or not len(times):
        return frame / analysis.recording.fps
    last = len(times) - 1
    return float(times[min(frame, last)]) + max(0, frame - last) / analysis.recording.fps
