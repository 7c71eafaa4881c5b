"""A camera watched as its frames come: who is there, how the faces move, and each expression soon after it ended.

Every frame is followed at once. What takes longer goes on beside the frames: a detector looks for faces now and then,
the last seconds are searched for expressions a few times a second, and a model of single frames reads the faces. What
is kept is bounded however long it runs: numbers and small aligned faces of the last `WINDOW_SECONDS`, no whole picture.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import TracebackType

import numpy as np

from micromask.core.types import FloatArray, Frame, Image
from micromask.faces.align import ALIGNED_SIZE, warp_face
from micromask.faces.detect import detectors, landmarks68
from micromask.faces.track import FaceFinder, Look
from micromask.imaging.tone import to_grey
from micromask.inference.aside import Aside
from micromask.inference.crowd import FRESH_SECONDS, Box, Crowd, FollowedFace
from micromask.inference.film import LONGEST
from micromask.inference.fitted import Fitted, need_frames
from micromask.inference.read_faces import read_faces
from micromask.inference.recent import Recent, Told, spot_recent
from micromask.inference.recognise import load_recognizer
from micromask.inference.segments import FLOOR
from micromask.motion.window import FLOW_SIZE
from micromask.recordings.pixels import shrunk

WINDOW_SECONDS = 12.0
"""So much of the past is searched for expressions: a little more than the resting place of a face needs."""

SPOT_SECONDS = 0.25
"""So often."""

READ_SECONDS = 0.25
"""So often a model of single frames reads the faces, if it is fast enough."""

FULL_SECONDS = 2.0
"""So often the whole picture is searched for people who come in while others are there."""

GAP_SECONDS = 0.35
"""Where no frame came for so long, nobody knows how a face moved meanwhile: rest is sought anew."""

SMALLEST = {"mtcnn": 16.0, "haar": 16.0, "dlib": 30.0}
"""Width (px) of the narrowest face that each detector is asked for, 40 for others; see benchmarks/live.py."""

MEASURED_WIDTH = 40.0
"""In a face narrower than this (px) no movement is claimed: it is followed and read by the frame model only."""


@dataclass(frozen=True, slots=True, eq=False)
class LiveFace:
    """One person in the latest frame.

    ``box`` and ``landmarks`` (68, 2) are in px of the frame as it was given. ``strength`` is how far the face is from
    rest (% of the distance between the eyes) at the latest moment that was measured, None until then; ``threshold``
    what an expression must reach; ``course`` holds (time, strength) of all moments that were measured since the state
    before. ``emotions`` is what a model of single frames makes of the face, empty without one.
    """

    face: int
    box: Box
    landmarks: FloatArray
    strength: float | None
    threshold: float
    course: tuple[tuple[float, float], ...]
    emotions: Mapping[str, float]

    @property
    def width(self) -> float:
        """Of the box, px."""
        return self.box[2] - self.box[0]


@dataclass(frozen=True, slots=True, eq=False)
class LiveState:
    """What is known after a frame; ``told`` are the expressions that were not known after the one before."""

    frame: int
    time: float
    size: tuple[int, int]
    faces: tuple[LiveFace, ...]
    told: tuple[Told, ...]


@dataclass(slots=True)
class _Person:
    """What is remembered of one face besides its follower: small aligned faces, and what was found out lately."""

    patches: deque[tuple[int, Image]] = field(default_factory=deque)
    told: list[Told] = field(default_factory=list)
    course: list[tuple[float, float]] = field(default_factory=list)
    measured: float = -np.inf
    strength: float | None = None
    threshold: float = 0.0
    emotions: Mapping[str, float] = field(default_factory=dict)


class LiveWatcher:
    """Watches a camera; use it inside ``with``, so that its threads end.

    Parameters
    ----------
    detector, method : str
        Names in ``faces.detect.detectors`` and ``motion.flow.flow_methods``.
    model : Fitted, optional
        A model of single frames, asked a few times a second what each face shows.
    floor : float
        Weakest strength that can be an expression, % of the distance between the eyes.
    smallest : float, optional
        Width in px of the narrowest face to look for; `SMALLEST` of the detector if not given.
    in_step : bool
        Do the slow work in between instead of beside: slower, and the same frames always give the same.

    Raises
    ------
    BadInputError
        If there is no such detector, or the model reads no single frames.
    """

    def __init__(
        self,
        *,
        detector: str = "mtcnn",
        method: str = "dis",
        model: Fitted | None = None,
        floor: float = FLOOR,
        smallest: float | None = None,
        in_step: bool = False,
    ) -> None:
        if model is not None:
            need_frames(model)
        self._model, self._method, self._floor = model, method, floor
        self._recognizer = load_recognizer()
        least = SMALLEST.get(detector, 40.0) if smallest is None else smallest
        self._finder = FaceFinder(detectors[detector](), landmarks68, full_every_s=FULL_SECONDS, smallest=least)
        self._eyes: Aside[tuple[Crowd, list[Look], dict[int, Box], Frame]] = Aside("eyes", in_step=in_step)
        self._spotter: Aside[list[Recent]] = Aside("spotter", in_step=in_step)
        self._reader: Aside[dict[int, dict[str, float]]] = Aside("reader", in_step=in_step)
        self._begin_anew()
        self._last: Frame | None = None
        self._size: tuple[int, int] | None = None

    def __enter__(self) -> LiveWatcher:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the threads; what they are doing is waited for."""
        for aside in (self._eyes, self._spotter, self._reader):
            aside.close()

    def step(self, given: Frame) -> LiveState:
        """Watch the next frame.

        Parameters
        ----------
        given : Frame
            (H, W, 3) RGB. Numbers and times ascend; frames may be missing. Where the size changes, all begins anew.

        Raises
        ------
        ValueError
            If the picture is no RGB, or number or time do not ascend.
        """
        if given.image.ndim != 3 or given.image.shape[2] != 3:
            raise ValueError(f"frames must be (H, W, 3) RGB, got {given.image.shape}")
        if self._last is not None and not (given.index > self._last.index and given.time > self._last.time):
            raise ValueError(f"frame {given.index} at {given.time:g} s came after {self._last.index}: they must ascend")
        colour, scale = shrunk(given.image, LONGEST)
        frame = Frame(given.index, given.time, to_grey(colour), scale)
        if self._size is not None and self._size != frame.image.shape:
            self._begin_anew()
        elif self._last is not None and frame.time - self._last.time > GAP_SECONDS:
            for face in self._crowd.faces.values():
                face.segment += 1
        self._size, self._last = (frame.image.shape[0], frame.image.shape[1]), frame
        urgent = self._crowd.is_cut(frame)
        urgent |= self._crowd.follow(frame)
        self._look(frame, urgent=urgent)
        self._keep(frame, colour)
        told = self._spot(frame)
        self._read(frame, colour)
        shape = given.image.shape
        return LiveState(frame.index, frame.time, (shape[0], shape[1]), self._faces(frame), told)

    def _begin_anew(self) -> None:
        self._crowd = Crowd(self._method)
        self._people: dict[int, _Person] = {}
        self._next_look = self._next_spot = self._next_read = -np.inf

    def _look(self, frame: Frame, *, urgent: bool) -> None:
        """Bring what the detector found in an earlier picture, and let it look at this one if it is time."""
        self._bring_look(frame)
        if self._eyes.idle and (urgent or frame.time >= self._next_look):
            crowd, known = self._crowd, self._crowd.known()
            self._eyes.begin(lambda: (crowd, self._finder.look(frame, known), known, frame))
            self._next_look = np.inf
            self._bring_look(frame)

    def _bring_look(self, frame: Frame) -> None:
        done = self._eyes.take()
        if done is None:
            return
        crowd, looks, known, looked_at = done
        fresh = crowd is self._crowd and crowd.take(looks, known, looked_at, frame)
        self._next_look = frame.time + (FRESH_SECONDS if fresh else self._crowd.until_next_look())

    def _keep(self, frame: Frame, colour: Image) -> None:
        """Keep the small aligned faces of this frame; forget what is too old and who is long gone."""
        oldest = frame.time - WINDOW_SECONDS
        for face_id, face in self._crowd.faces.items():
            person = self._people.setdefault(face_id, _Person())
            if face.times and face.times[0] < oldest - 1:
                face.forget(slice(0, int(np.searchsorted(face.times, oldest))))
            while person.patches and (not face.frames or person.patches[0][0] < face.frames[0]):
                person.patches.popleft()
            person.told = [one for one in person.told if one.interval.offset_s >= oldest - 2]
            if face.live and face.frames[-1:] == [frame.index]:
                to_aligned = face.aligned[-1].astype(np.float64)
                to_aligned[:, :2] /= frame.scale
                patch = warp_face(colour, to_aligned * (FLOW_SIZE / ALIGNED_SIZE), FLOW_SIZE)
                person.patches.append((frame.index, patch))
        if self._eyes.idle:
            for face_id in [one for one, face in self._crowd.faces.items() if not face.live and not face.frames]:
                del self._crowd.faces[face_id], self._people[face_id]

    def _spot(self, frame: Frame) -> tuple[Told, ...]:
        """Bring the expressions that were found meanwhile, and search again if it is time."""
        told = self._bring_spotted(frame)
        if self._spotter.idle and frame.time >= self._next_spot:
            self._next_spot = frame.time + SPOT_SECONDS
            recent = [
                Recent(face.trace(face_id), dict(person.patches), tuple(person.told), face.boxes[-1])
                for face_id, face, person in self._present()
                if face.boxes[-1][2] - face.boxes[-1][0] >= MEASURED_WIDTH
            ]
            if recent:
                self._spotter.begin(lambda: spot_recent(recent, self._recognizer, frame.time, self._floor))
                told += self._bring_spotted(frame)
        return told

    def _bring_spotted(self, frame: Frame) -> tuple[Told, ...]:
        told: list[Told] = []
        for recent in self._spotter.take() or ():
            person = self._people.get(recent.trace.face)
            if person is None or recent.timeline is None:
                continue
            line = recent.timeline
            new = (line.times > person.measured) & np.isfinite(line.strength)
            person.course += [(float(t), float(s)) for t, s in zip(line.times[new], line.strength[new], strict=True)]
            if new.any():
                person.measured, person.strength = person.course[-1]
            person.threshold = line.threshold
            fresh = [one.at(frame.time) for one in recent.found]
            person.told += fresh
            told += fresh
        return tuple(told)

    def _read(self, frame: Frame, colour: Image) -> None:
        """Bring what the model read in the faces, and let it read again if it is time."""
        if self._model is None:
            return
        self._bring_read()
        if self._reader.idle and frame.time >= self._next_read:
            self._next_read = frame.time + READ_SECONDS
            model = self._model
            marks = {face_id: face.follower.landmarks for face_id, face, _ in self._present()}
            if marks:
                self._reader.begin(
                    lambda: dict(zip(marks, read_faces(model, colour, list(marks.values())), strict=True))
                )
                self._bring_read()

    def _bring_read(self) -> None:
        for face_id, emotions in (self._reader.take() or {}).items():
            if face_id in self._people:
                self._people[face_id].emotions = emotions

    def _present(self) -> list[tuple[int, FollowedFace, _Person]]:
        """The confirmed faces that are there, in the order of their ids."""
        return [
            (face_id, face, self._people[face_id])
            for face_id, face in sorted(self._crowd.faces.items())
            if face.live and face.confirmed and face.frames
        ]

    def _faces(self, frame: Frame) -> tuple[LiveFace, ...]:
        shown = []
        for face_id, face, person in self._present():
            if face.unlike_since is None and face.frames[-1] == frame.index:
                wide = face.boxes[-1][2] - face.boxes[-1][0] >= MEASURED_WIDTH
                strength = person.strength if wide and person.measured > frame.time - 1 else None
                points = face.points[-1].astype(np.float64)
                course, person.course = tuple(person.course), []
                shown.append(
                    LiveFace(face_id, face.boxes[-1], points, strength, person.threshold, course, person.emotions)
                )
        return tuple(shown)
