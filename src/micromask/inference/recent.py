"""The last seconds of a face: which expressions in them are over and were not told yet, and which emotion they show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from micromask.core.types import Image, Timeline
from micromask.imaging.tone import normalise_light, to_grey
from micromask.inference.recognise import Recognizer, recognise
from micromask.inference.segments import SHORTEST_SEGMENT, MotionTrace
from micromask.inference.spot import Interval, spot
from micromask.motion.window import own_flow, window_map

SETTLE_SECONDS = 0.4
"""An expression is over when so much more was seen after its offset: sooner it may yet go on."""

WARM_UP_SECONDS = 3.0
"""A face must have been seen for so long before anything is claimed of it: rest is not known sooner."""


@dataclass(frozen=True, slots=True, eq=False)
class Told:
    """An expression that is over.

    ``probabilities`` are the recogniser's, empty where onset or apex cannot be looked at again. ``face_px`` is the
    face's width, ``fps`` the rate of the frames that were watched over the interval, ``delay_s`` the time from its
    offset to the frame with which it was told.
    """

    interval: Interval
    probabilities: Mapping[str, float]
    face_px: float
    fps: float
    delay_s: float = 0.0

    def at(self, time: float) -> Told:
        """The same, told at a time."""
        return replace(self, delay_s=time - self.interval.offset_s)

    @property
    def emotion(self) -> str | None:
        """The most probable emotion."""
        return max(self.probabilities, key=self.probabilities.__getitem__) if self.probabilities else None


@dataclass(frozen=True, slots=True, eq=False)
class Recent:
    """One face's last seconds, and what a search of them gave.

    ``patches`` are its aligned faces (S, S, 3) by frame, ``told`` the expressions that were told of it already, ``box``
    its latest box. ``timeline`` and ``found`` are added by `spot_recent`.
    """

    trace: MotionTrace
    patches: Mapping[int, Image]
    told: tuple[Told, ...]
    box: tuple[float, float, float, float]
    timeline: Timeline | None = None
    found: tuple[Told, ...] = field(default=())


def spot_recent(faces: Sequence[Recent], recognizer: Recognizer, now: float, floor: float) -> list[Recent]:
    """Search the last seconds of each face.

    Parameters
    ----------
    faces : sequence of Recent
    recognizer : Recognizer
        Asked for the emotion of each expression that is over.
    now : float
        Time (s) of the latest frame.
    floor : float
        Weakest strength that can be an expression, % of the distance between the eyes.

    Returns
    -------
    list of Recent
        The same faces with what was found; those that were not seen for long enough as they were.
    """
    searched = []
    for recent in faces:
        times = recent.trace.times
        if len(times) < 4 or times[-1] - times[0] < SHORTEST_SEGMENT:
            searched.append(recent)
            continue
        spotted = spot(recent.trace, floor=floor)
        known = times[-1] - times[0] >= WARM_UP_SECONDS
        new = [one for one in spotted.intervals if known and _is_new(one, recent.told, now)]
        found = tuple(_told(one, recent, recognizer) for one in new)
        searched.append(replace(recent, timeline=spotted.timeline, found=found))
    return searched


def _is_new(one: Interval, told: Sequence[Told], now: float) -> bool:
    """Whether an interval is over, and none was told that shares a moment with it."""
    before = [each.interval for each in told]
    apart = all(one.offset_s < each.onset_s or one.onset_s > each.offset_s for each in before)
    return apart and one.offset_s <= now - SETTLE_SECONDS


def _told(one: Interval, recent: Recent, recognizer: Recognizer) -> Told:
    frames = recent.trace.frames
    count = int(((frames >= one.onset) & (frames <= one.offset)).sum())
    seconds = one.offset_s - one.onset_s
    fps = (count - 1) / seconds if seconds > 0 else 0.0
    pictures = [recent.patches.get(frame) for frame in (one.onset, one.apex)]
    chances: dict[str, float] = {}
    if one.onset != one.apex and all(each is not None for each in pictures):
        first, second = (_face(each) for each in pictures if each is not None)
        row = recognise(recognizer, window_map(own_flow(first, second))[None])[0]
        chances = dict(zip(recognizer.classes, map(float, row), strict=True))
    return Told(one, chances, recent.box[2] - recent.box[0], fps)


def _face(patch: Image) -> Image:
    return normalise_light(to_grey(patch))
