"""Everybody in the picture: a follower each, kept through the frames and put right by a detector's looks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from micromask.core.types import FaceTrack, FloatArray, Frame
from micromask.faces.align import ALIGNED_SIZE, apply, compose, invert
from micromask.faces.regions import SPOT_NAMES
from micromask.faces.track import Look
from micromask.inference.segments import MotionTrace
from micromask.motion.follow import UNLIKE, Follower, Step

Box = tuple[float, float, float, float]

LOOK_SECONDS = 1.0
"""A detector checks every followed face this often, and twice as often where one is not sure to be still there."""

SURE = 0.8
"""Likeness times the detector's confidence from which a followed face is surely still there."""

SEARCH_SECONDS = 0.2
"""Where nobody is in sight the whole picture is searched this often."""

FRESH_SECONDS = 0.1
"""After somebody new was found the next look comes this soon."""

CUT = 25.0
"""Mean change (grey levels) of a coarse picture from one frame to the next that only a cut makes."""

PATIENCE = 4
"""Looks in a row that may miss a face that still looks like itself before it counts as gone."""


@dataclass(slots=True)
class FollowedFace:
    """One person's follower and a row for each frame in which the face was there: lists that grow together."""

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
    boxes: list[Box] = field(default_factory=list)
    points: list[FloatArray] = field(default_factory=list)
    aligned: list[FloatArray] = field(default_factory=list)
    confidences: list[float] = field(default_factory=list)
    live: bool = True

    def note(self, frame: Frame, step: Step) -> None:
        """Add a row: where the face is in a frame and how it moved, in px of the recording."""
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

    def forget(self, rows: slice) -> None:
        """Drop rows, such as the last one, ``slice(-1, None)``."""
        for each in (self.frames, self.times, self.segments, self.travel, self.head, self.light):
            del each[rows]
        for more in (self.boxes, self.points, self.aligned, self.confidences):
            del more[rows]

    def lose(self) -> None:
        """The face is gone: forget the frames in which it was already unlike itself."""
        self.live = False
        since = self.unlike_since
        while since is not None and self.times and self.times[-1] >= since:
            self.forget(slice(-1, None))
        self.unlike_since = None

    @property
    def confirmed(self) -> bool:
        """Whether a second look found it too, and not only now and then: a knot in the wood is seen once."""
        return self.found >= 2 and self.found >= 0.25 * self.looks

    def track(self, recording_id: str, face_id: int, method: str) -> FaceTrack:
        """Where it was; ``method`` is the detector's name."""
        return FaceTrack(
            recording_id,
            face_id,
            np.array(self.frames),
            np.array(self.boxes),
            np.stack(self.points),
            np.stack(self.aligned),
            np.array(self.confidences),
            method,
            (ALIGNED_SIZE, ALIGNED_SIZE),
        )

    def trace(self, face_id: int) -> MotionTrace:
        """How it moved."""
        return MotionTrace(
            face_id,
            np.array(self.frames),
            np.array(self.times),
            SPOT_NAMES,
            np.stack(self.travel).astype(np.float64),
            np.stack(self.head).astype(np.float64),
            np.array(self.light),
            np.array(self.segments),
        )


class Crowd:
    """The faces of a film or a camera by number; ``faces`` also holds those that are out of sight.

    Frames are given to `follow` one after another. When `until_next_look` is over, or `follow` says that it is urgent,
    somebody runs a detector on the faces that are `known` and brings what it found with `take`.

    Parameters
    ----------
    method : str
        Flow method by name.
    """

    def __init__(self, method: str = "dis") -> None:
        self.faces: dict[int, FollowedFace] = {}
        self._method = method
        self._coarse: FloatArray | None = None

    def is_cut(self, frame: Frame) -> bool:
        """Whether the scene changed from the frame before, of the same size: then everybody has to be found anew."""
        height, width = frame.image.shape[:2]
        before = self._coarse
        # Some 600 evenly spaced pixels.
        self._coarse = frame.image[:: max(1, height // 24), :: max(1, width // 24)].astype(np.float32)
        if before is None or float(np.abs(self._coarse - before).mean()) <= CUT:
            return False
        for face in self.faces.values():
            face.live = False
        return True

    def follow(self, frame: Frame) -> bool:
        """Follow every live face into a frame; True where one has to be looked for at once."""
        urgent = False
        for face in self.faces.values():
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

    def known(self) -> dict[int, Box]:
        """Where the faces are that are being followed, in px of the latest picture."""
        return {face_id: face.follower.box() for face_id, face in self.faces.items() if face.live}

    def until_next_look(self) -> float:
        """Seconds until a detector should look again."""
        sure = [face.confidences[-1] >= SURE for face in self.faces.values() if face.live and face.confidences]
        if not sure:
            return SEARCH_SECONDS
        return LOOK_SECONDS if all(sure) else LOOK_SECONDS / 2

    def take(self, looks: list[Look], known: Mapping[int, object], looked_at: Frame, now: Frame | None = None) -> bool:
        """Bring what a look found to the faces; True where somebody is new and wants a second look soon.

        Parameters
        ----------
        looks : list of Look
            What was found, and ``known``: whom the look was told of.
        looked_at, now : Frame
            The picture that was looked at, and the latest one (the same, if not given). Faces that went on meanwhile
            carry the look's landmarks along; new ones are followed from the one into the other.
        """
        now = looked_at if now is None else now
        fresh = False
        seen = {look.face_id for look in looks}
        for face_id in known:
            face = self.faces[face_id]
            face.looks += 1
            if face_id not in seen:
                face.missed += 1
                face.confidence = 0.5
                if face.unlike_since is not None or face.missed > PATIENCE:
                    face.lose()
        for look in looks:
            if look.face_id not in self.faces:
                follower = Follower(looked_at.image, look.landmarks, method=self._method)
                face = self.faces[look.face_id] = FollowedFace(follower, key_time=now.time)
                face.note(now, follower.step(now.image))
                fresh = True
                continue
            face = self.faces[look.face_id]
            face.found += 1
            landmarks = look.landmarks if now is looked_at else _carried(face, look.landmarks, looked_at)
            gone = not face.live or face.unlike_since is not None or landmarks is None
            if landmarks is None or gone or face.follower.drift(landmarks) > 0.3:
                if face.frames and face.frames[-1] == now.index:
                    face.forget(slice(-1, None))
                face.follower = Follower(looked_at.image, look.landmarks, method=self._method)
                face.segment, face.live, face.unlike_since = face.segment + 1, True, None
                face.key_time = now.time
                face.note(now, face.follower.step(now.image))
            elif face.follower.look(now.image, landmarks):
                face.key_time = now.time
            face.missed, face.confidence = 0, look.confidence
        return fresh


def _carried(face: FollowedFace, landmarks: FloatArray, then: Frame) -> FloatArray | None:
    """Landmarks (68, 2) of an earlier picture, moved along with the face to the latest; None if it was not there."""
    for index, to_aligned in zip(reversed(face.frames), reversed(face.aligned), strict=True):
        if index == then.index:
            was = to_aligned.astype(np.float64)
            was[:, :2] /= then.scale
            return apply(compose(invert(face.follower.to_aligned), was), landmarks)
        if index < then.index:
            break
    return None
