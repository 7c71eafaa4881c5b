"""Watch a film once, from the first frame to the last, and keep what moved; no more than a few frames are held."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from time import perf_counter

import numpy as np

from micromask.core.types import FaceTrack, FloatArray, Frame, Recording
from micromask.faces.align import ALIGNED_SIZE
from micromask.faces.detect import detectors, landmarks68
from micromask.faces.regions import SPOT_NAMES
from micromask.faces.track import FaceFinder, Look
from micromask.imaging.magnify import Magnification, Magnifier
from micromask.inference.segments import MotionTrace
from micromask.motion.follow import UNLIKE, Follower, Step
from micromask.recordings import read
from micromask.recordings.ahead import ahead

LOOK_SECONDS = 1.0
"""A detector checks every followed face this often, and twice as often where one is not sure to be still there."""

SURE = 0.8
"""Likeness times the detector's confidence from which a followed face is surely still there."""

SEARCH_SECONDS = 0.2
"""Where nobody is in sight the whole picture is searched this often."""

LONGEST = 1920
"""Larger film is scaled down to this many px on its longest side while it is decoded."""

CUT = 25.0
"""Mean change (grey levels) of a coarse picture from one frame to the next that only a cut makes."""

PATIENCE = 4
"""Looks in a row that may miss a face that still looks like itself before it counts as gone."""


@dataclass(frozen=True, slots=True, eq=False)
class Watched:
    """What one pass over a film leaves: a track and a motion trace for each face, and how far the film went."""

    tracks: tuple[FaceTrack, ...]
    traces: tuple[MotionTrace, ...]
    frames: int
    last_time: float
    broke_at: int | None
    broke_because: str
    cuts: tuple[int, ...]
    stage_seconds: dict[str, float]


@dataclass(slots=True)
class _Face:
    """One person's follower and what it has seen so far."""

    follower: Follower
    segment: int = 0
    key_time: float = 0.0
    unlike_since: float | None = None
    missed: int = 0
    looks: int = 1
    found: int = 1
    confidence: float = 1.0
    frames: list[int] = field(default_factory=list)
    times: list[float] = field(default_factory=list)
    segments: list[int] = field(default_factory=list)
    travel: list[FloatArray] = field(default_factory=list)
    head: list[FloatArray] = field(default_factory=list)
    light: list[float] = field(default_factory=list)
    boxes: list[tuple[float, float, float, float]] = field(default_factory=list)
    points: list[FloatArray] = field(default_factory=list)
    aligned: list[FloatArray] = field(default_factory=list)
    confidences: list[float] = field(default_factory=list)
    live: bool = True

    def note(self, frame: Frame, step: Step) -> None:
        self.frames.append(frame.index)
        self.times.append(frame.time)
        self.segments.append(self.segment)
        self.travel.append(step.travel.astype(np.float32))
        self.head.append(step.head.astype(np.float32))
        self.light.append(step.light)
        x0, y0, x1, y1 = self.follower.box()
        back = 1 / frame.scale
        self.boxes.append((x0 * back, y0 * back, x1 * back, y1 * back))
        self.points.append((self.follower.landmarks * back).astype(np.float32))
        to_aligned = step.to_aligned.copy()
        to_aligned[:, :2] *= frame.scale
        self.aligned.append(to_aligned.astype(np.float32))
        self.confidences.append(self.confidence * max(0.0, step.likeness))


def watch(
    recording: Recording,
    *,
    detector: str = "mtcnn",
    method: str = "dis",
    magnify: float = 0.0,
    progress: Callable[[int], None] | None = None,
) -> Watched:
    """Find and follow every face of a recording.

    Parameters
    ----------
    recording : Recording
        What to watch.
    detector, method : str
        Names in ``faces.detect.detectors`` and ``motion.flow.flow_methods``.
    magnify : float
        Movements of 0.5 to 8 Hz are made this many times larger (Eulerian magnification) before they are measured;
        0 leaves the film as it is.
    progress : callable, optional
        Called with the number of frames done, now and then.

    Returns
    -------
    Watched
        One track and one trace for each face that a detector confirmed, in the order of their ids.
    """
    stream = read(recording, longest=LONGEST if max(recording.picture_size) > LONGEST else None)
    finder = FaceFinder(detectors[detector](), landmarks68)
    faces: dict[int, _Face] = {}
    next_look, frames, last_time = -np.inf, 0, 0.0
    coarse: FloatArray | None = None
    cuts: list[int] = []
    seconds = {"decode": 0.0, "detect": 0.0, "follow": 0.0}
    magnifier = Magnifier(recording.fps, Magnification(alpha=magnify)) if magnify else None
    before = perf_counter()
    for given in ahead(stream):
        frame = given if magnifier is None else replace(given, image=magnifier.step(given.image))
        waited = perf_counter()
        seconds["decode"] += waited - before
        before_cut, coarse = coarse, _coarse(frame)
        if before_cut is not None and float(np.abs(coarse - before_cut).mean()) > CUT:
            cuts.append(frame.index)
            for face in faces.values():
                face.live = False
        urgent = _follow(faces, frame) or cuts[-1:] == [frame.index]
        followed = perf_counter()
        seconds["follow"] += followed - waited
        if urgent or frame.time >= next_look:
            known = {face_id: face.follower.box() for face_id, face in faces.items() if face.live}
            looks = finder.look(frame, known)
            fresh = _take(faces, looks, known, frame, method)
            next_look = frame.time + (0.1 if fresh else _until_next_look(faces))
        frames, last_time = frames + 1, frame.time
        before = perf_counter()
        seconds["detect"] += before - followed
        if progress is not None and frames % 8 == 0:
            progress(frames)
    if progress is not None:
        progress(frames)
    kept = [(face_id, face) for face_id, face in sorted(faces.items()) if _believed(face)]
    return Watched(
        tuple(_track(recording, face_id, face, detector) for face_id, face in kept),
        tuple(_trace(face_id, face) for face_id, face in kept),
        frames,
        last_time,
        stream.broke_at,
        stream.reason,
        tuple(cuts),
        seconds,
    )


def _coarse(frame: Frame) -> FloatArray:
    """Some 600 evenly spaced pixels of a picture."""
    height, width = frame.image.shape[:2]
    return frame.image[:: max(1, height // 24), :: max(1, width // 24)].astype(np.float32)


def _follow(faces: dict[int, _Face], frame: Frame) -> bool:
    """Follow every live face into a frame; True where one has to be looked for at once."""
    urgent = False
    for face in faces.values():
        if not face.live:
            continue
        step = face.follower.step(frame.image)
        if step.likeness < UNLIKE or not np.isfinite(step.to_aligned).all():
            urgent |= face.unlike_since is None or frame.time - face.unlike_since > 0.1
            face.unlike_since = frame.time if face.unlike_since is None else face.unlike_since
        else:
            face.unlike_since = None
        face.note(frame, step)
        if face.unlike_since is None and face.follower.wants_key(frame.time - face.key_time):
            # A key taken while the skin is displaced does not add up with the one before: rest is sought anew.
            face.segment += not face.follower.calm
            face.follower.rekey(frame.image)
            face.key_time = frame.time
    return urgent


def _until_next_look(faces: dict[int, _Face]) -> float:
    sure = [face.confidences[-1] >= SURE for face in faces.values() if face.live and face.confidences]
    if not sure:
        return SEARCH_SECONDS
    return LOOK_SECONDS if all(sure) else LOOK_SECONDS / 2


def _take(faces: dict[int, _Face], looks: list[Look], known: Mapping[int, object], frame: Frame, method: str) -> bool:
    """Bring what a look found to the faces; True where somebody is new and wants a second look soon."""
    fresh = False
    seen = {look.face_id for look in looks}
    for face_id in known:
        face = faces[face_id]
        face.looks += 1
        if face_id not in seen:
            face.missed += 1
            face.confidence = 0.5
            if face.unlike_since is not None or face.missed > PATIENCE:
                _lose(face)
    for look in looks:
        if look.face_id not in faces:
            face = faces[look.face_id] = _Face(
                Follower(frame.image, look.landmarks, method=method), key_time=frame.time
            )
            face.note(frame, face.follower.step(frame.image))
            fresh = True
            continue
        face = faces[look.face_id]
        face.found += 1
        if not face.live or face.unlike_since is not None or face.follower.drift(look.landmarks) > 0.3:
            if face.frames and face.frames[-1] == frame.index:
                _forget_last(face)
            face.follower = Follower(frame.image, look.landmarks, method=method)
            face.segment, face.live, face.unlike_since = face.segment + 1, True, None
            face.key_time = frame.time
            face.note(frame, face.follower.step(frame.image))
        elif face.follower.look(frame.image, look.landmarks):
            face.key_time = frame.time
        face.missed, face.confidence = 0, look.confidence
    return fresh


def _forget_last(face: _Face) -> None:
    for rows in (face.frames, face.times, face.segments, face.travel, face.head, face.light):
        rows.pop()
    for more in (face.boxes, face.points, face.aligned, face.confidences):
        more.pop()


def _lose(face: _Face) -> None:
    """The face is gone: forget the frames in which it was already unlike itself."""
    face.live = False
    since = face.unlike_since
    while since is not None and face.times and face.times[-1] >= since:
        _forget_last(face)
    face.unlike_since = None


def _believed(face: _Face) -> bool:
    """Whether a detector confirmed the face: a knot in the wood is seen once and not again.

    In a film that ends before the second look the first one has to do.
    """
    confirmed = face.found >= 2 or (face.looks == 1 and face.frames[:1] == [0])
    return len(face.frames) > 0 and confirmed and face.found >= 0.25 * face.looks


def _track(recording: Recording, face_id: int, face: _Face, method: str) -> FaceTrack:
    return FaceTrack(
        recording.id,
        face_id,
        np.array(face.frames),
        np.array(face.boxes),
        np.stack(face.points),
        np.stack(face.aligned),
        np.array(face.confidences),
        method,
        (ALIGNED_SIZE, ALIGNED_SIZE),
    )


def _trace(face_id: int, face: _Face) -> MotionTrace:
    return MotionTrace(
        face_id,
        np.array(face.frames),
        np.array(face.times),
        SPOT_NAMES,
        np.stack(face.travel).astype(np.float64),
        np.stack(face.head).astype(np.float64),
        np.array(face.light),
        np.array(face.segments),
    )
