"""Which frames of a clip a model of single frames gets, by the name of the way to pick them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from micromask.core.clips import Clip
from micromask.core.errors import BadInputError
from micromask.core.registry import Registry
from micromask.imaging.sample import around_apex, per_second

Pick = Callable[[Clip, int, float], Sequence[int]]
"""From a clip, how many frames and how many a second, to frames of its recording, ascending."""

frame_picks: Registry[Pick] = Registry("way to pick frames")


def check_pick(pick: str, frames: int, rate: float) -> None:
    """Refuse what cannot be picked.

    Raises
    ------
    BadInputError
        If there is no such way to pick, no frame is wanted, or the rate is not above 0.
    """
    if frames < 1 or not rate > 0:
        raise BadInputError(f"one frame a clip or more, and a rate above 0, got {frames} and {rate:g}")
    _ = frame_picks[pick]


def picked_frames(clip: Clip, pick: str = "evenly", *, frames: int = 8, rate: float = 10.0) -> list[int]:
    """Frames of a clip's recording, ascending, all within onset to offset.

    Parameters
    ----------
    clip : Clip
    pick : str
        ``evenly``: so many frames from onset to offset. ``around-apex``: the apex and equally many frames on both
        sides, ``rate`` of them a second. ``per-second``: from the onset on, ``rate`` of them a second. ``all``.
    frames : int
        At most so many, for ``evenly`` and ``around-apex``; a shorter clip gives each of its frames once.
    rate : float
        Frames a second, for ``around-apex`` and ``per-second``.

    Raises
    ------
    BadInputError
        If the clip has no pictures (a motion map) or no apex where one is needed, or as `check_pick`.
    """
    check_pick(pick, frames, rate)
    if clip.motion is not None:
        raise BadInputError(f"{clip.id}: is a motion map and has no frames; take a model that reads motion")
    return [int(frame) for frame in frame_picks[pick](clip, frames, rate)]


@frame_picks.add("evenly")
def _evenly(clip: Clip, frames: int, rate: float) -> Sequence[int]:
    onset, offset = clip.annotation.onset, clip.annotation.offset
    if frames == 1:
        return [(onset + offset) // 2]
    return [int(frame) for frame in np.unique(np.rint(np.linspace(onset, offset, frames)).astype(int))]


@frame_picks.add("around-apex")
def _around_apex(clip: Clip, frames: int, rate: float) -> Sequence[int]:
    onset, apex, offset = clip.annotation.onset, clip.annotation.apex, clip.annotation.offset
    if apex is None:
        raise BadInputError(f"{clip.id}: has no apex; load it with missing_apex='midpoint', or pick frames evenly")
    step = max(1, round(clip.recording.fps / rate))
    around = around_apex(offset - onset + 1, apex - onset, (frames - 1) // 2, step=step)
    return [onset + int(frame) for frame in around]


@frame_picks.add("per-second")
def _per_second(clip: Clip, frames: int, rate: float) -> Sequence[int]:
    recording, onset, offset = clip.recording, clip.annotation.onset, clip.annotation.offset
    times = np.arange(recording.n_frames) / recording.fps if recording.times is None else recording.times
    return [onset + int(frame) for frame in per_second(times[onset : offset + 1], rate)]


@frame_picks.add("all")
def _all(clip: Clip, frames: int, rate: float) -> Sequence[int]:
    return range(clip.annotation.onset, clip.annotation.offset + 1)
