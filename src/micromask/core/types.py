"""The values that pass between the rooms: frozen dataclasses with invariants and no verbs.

Frames are counted from 0 on the recording's own clock and ``offset`` is the last frame included.
Pixels are (x right, y down). Times are seconds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.floating[Any]]
IntArray = NDArray[np.integer[Any]]
Image = NDArray[np.uint8]
Kind = Literal["micro", "macro"]
Upper = Literal["still", "brows-lowered", "inner-brows-raised", "brows-raised"]

MICRO_SECONDS = 0.5
"""A micro-expression lasts at most this long (Yan et al. 2013, doi:10.1007/s10919-013-0159-8)."""


@dataclass(frozen=True, slots=True)
class SubjectId:
    """A person: '01' of CASME II is not '01' of SAMM."""

    dataset: str
    name: str

    def __str__(self) -> str:
        return f"{self.dataset}/{self.name}"


@dataclass(frozen=True, slots=True, eq=False)
class Recording:
    """One film: what it is and its clock; never its pixels.

    ``size`` is (H, W), None only where a data set's loader has not opened a picture yet; see `picture_size`.
    ``fps`` is the mean rate (frames per second, not rounded); ``times`` (n_frames,) holds every presentation time in
    seconds from the first frame where the clock is not uniform, else None. ``declared_frames`` is what the container
    says it holds; where that is more than ``n_frames`` the film breaks off.
    """

    id: str
    path: Path
    fps: float
    n_frames: int
    size: tuple[int, int] | None
    subject: SubjectId | None = None
    times: FloatArray | None = None
    declared_frames: int | None = None
    licence: str = "unknown"

    def __post_init__(self) -> None:
        if not self.fps > 0:
            raise ValueError(f"{self.id}: fps must be positive, got {self.fps}")
        if self.n_frames < 1:
            raise ValueError(f"{self.id}: a recording has at least one frame, got {self.n_frames}")
        if self.times is not None and self.times.shape != (self.n_frames,):
            raise ValueError(f"{self.id}: times must be ({self.n_frames},), got {self.times.shape}")

    @property
    def picture_size(self) -> tuple[int, int]:
        """(H, W) of a recording that was opened; ValueError where nobody has looked yet."""
        if self.size is None:
            raise ValueError(f"{self.id}: its size is not known before it is opened (recordings.probe)")
        return self.size


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """One picture of a recording: (H, W) grey or (H, W, 3) RGB, uint8.

    ``scale`` is the picture's pixels per pixel of the recording (below 1 where it was scaled down while decoding).
    """

    index: int
    time: float
    image: Image
    scale: float = 1.0


@dataclass(frozen=True, slots=True, eq=False)
class Detection:
    """A face in one picture: box (x0, y0, x1, y1) px, confidence in [0, 1], landmarks (L, 2) px where known."""

    box: tuple[float, float, float, float]
    confidence: float
    landmarks: FloatArray | None = None

    def __post_init__(self) -> None:
        x0, y0, x1, y1 = self.box
        if not (x1 > x0 and y1 > y0):
            raise ValueError(f"a box is (x0, y0, x1, y1) with x1 > x0 and y1 > y0, got {self.box}")


@dataclass(frozen=True, slots=True, eq=False)
class FaceTrack:
    """One face through a recording. Transforms, never pixels.

    ``frames`` (T,) are the frames in which the face is there, ascending, with gaps; ``boxes`` (T, 4), ``landmarks``
    (T, L, 2) in pixels of the recording; ``to_aligned`` (T, 2, 3) takes recording pixels to the aligned face, which
    is ``aligned_size`` (H, W) large; ``confidence`` (T,); ``method`` is the detector's name.
    """

    recording_id: str
    face_id: int
    frames: IntArray
    boxes: FloatArray
    landmarks: FloatArray
    to_aligned: FloatArray
    confidence: FloatArray
    method: str
    aligned_size: tuple[int, int]

    def __post_init__(self) -> None:
        t = len(self.frames)
        if t and (np.diff(self.frames) <= 0).any():
            raise ValueError("frames of a track must ascend")
        shapes = (self.boxes.shape, self.to_aligned.shape, self.confidence.shape, self.landmarks.shape[:1])
        if shapes != ((t, 4), (t, 2, 3), (t,), (t,)) or self.landmarks.ndim != 3:
            raise ValueError(f"track of {t} frames has boxes, transforms, confidence, landmarks of {shapes}")


@dataclass(frozen=True, slots=True, eq=False)
class MotionMap:
    """How the skin moved from one frame to another: flow (2, H, W) px, u right and v down; strain (H, W)."""

    flow: FloatArray
    strain: FloatArray
    from_frame: int
    to_frame: int
    method: str

    def __post_init__(self) -> None:
        if self.flow.ndim != 3 or self.flow.shape[0] != 2 or self.flow.shape[1:] != self.strain.shape:
            raise ValueError(f"flow must be (2, H, W) and strain (H, W), got {self.flow.shape} and {self.strain.shape}")


@dataclass(frozen=True, slots=True)
class Evidence:
    """How good the pictures behind one expression are.

    ``face_px`` is the face's width in pixels of the recording, ``fps`` the frame rate over the interval, ``blur`` the
    variance of the Laplacian of the aligned face at the apex (higher is sharper), ``head_motion`` the farthest that the
    head moved over the interval in per cent of the distance between the eyes. ``cautions`` are sentences for a person.
    """

    face_px: float
    fps: float
    blur: float
    head_motion: float
    cautions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Expression:
    """One interval in which a face moved as faces do in an expression.

    Frames are inclusive. ``strength`` is the strongest region's displacement at the apex, in per cent of the distance
    between the eyes; ``regions`` are those that moved, strongest first; ``probabilities`` are the recogniser's, or
    empty where none was run.
    """

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
    evidence: Evidence
    probabilities: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.onset <= self.apex <= self.offset:
            raise ValueError(f"onset <= apex <= offset, got {self.onset}, {self.apex}, {self.offset}")
        if self.probabilities and abs(sum(self.probabilities.values()) - 1) > 1e-3:
            raise ValueError(f"probabilities must add to 1, got {dict(self.probabilities)}")

    @property
    def emotion(self) -> str | None:
        """The most probable emotion, or None where no recogniser was run."""
        return max(self.probabilities, key=self.probabilities.__getitem__) if self.probabilities else None


@dataclass(frozen=True, slots=True)
class Movement:
    """How far one part of a face was from rest: away from the middle of the face and up, % of the eyes' distance."""

    part: str
    outward: float
    up: float


@dataclass(frozen=True, slots=True)
class Measure:
    """A measured value beside the limit that it was held against, both in % of the distance between the eyes."""

    name: str
    value: float
    limit: float


@dataclass(frozen=True, slots=True, eq=False)
class MaskedInterval:
    """One interval in which the lower face smiled and the upper face did not, or showed something else.

    Frames are inclusive; ``smile`` holds onset, apex and offset of the smile that it lies in. ``upper`` is what the
    upper face did. ``score`` is 0.5 where the measures lie just at their limits and 1 where nothing stands against the
    mark; it is no probability. ``movements`` are those of each part at the apex, ``measures`` what decided. ``courses``
    are curves over ``times`` (s), % of the distance between the eyes, by name.
    """

    face: int
    onset: int
    apex: int
    offset: int
    onset_s: float
    apex_s: float
    offset_s: float
    upper: Upper
    score: float
    smile: tuple[int, int, int]
    movements: tuple[Movement, ...]
    measures: tuple[Measure, ...]
    times: tuple[float, ...] = ()
    courses: Mapping[str, tuple[float, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.onset <= self.apex <= self.offset:
            raise ValueError(f"onset <= apex <= offset, got {self.onset}, {self.apex}, {self.offset}")
        if not 0 <= self.score <= 1:
            raise ValueError(f"a score is 0 to 1, got {self.score}")
        if any(len(course) != len(self.times) for course in self.courses.values()):
            raise ValueError(f"courses have one value for each of {len(self.times)} times")


@dataclass(frozen=True, slots=True)
class Event:
    """Something that moved and is not an expression: a blink, a move of the head, a gap without a face, a cut."""

    face: int
    name: Literal["blink", "head-move", "gap", "cut"]
    onset: int
    offset: int
    onset_s: float
    offset_s: float


@dataclass(frozen=True, slots=True, eq=False)
class Timeline:
    """One face's motion over time, a row per analysed frame.

    ``frames`` (T,), ``times`` (T,) s; ``strength`` (T,) and each of ``regions`` (T,) are displacements from rest in
    per cent of the distance between the eyes; ``eyes`` (T,) is the eyelids' motion in the same unit; ``head`` (T,) is
    the head's motion in the same unit; NaN where the face was not seen. ``threshold`` is what an expression's strength
    must reach.
    """

    face: int
    frames: IntArray
    times: FloatArray
    strength: FloatArray
    regions: Mapping[str, FloatArray]
    eyes: FloatArray
    head: FloatArray
    threshold: float


@dataclass(frozen=True, slots=True)
class FaceSummary:
    """One face of a recording: in which frames it was seen, in what share of all, and how wide it is (px)."""

    face: int
    first_frame: int
    last_frame: int
    share: float
    width_px: float


@dataclass(frozen=True, slots=True, eq=False)
class Pictures:
    """What a report shows of one expression: aligned RGB crops (H, W, 3) at onset and apex, and the motion between."""

    onset: Image
    apex: Image
    motion: MotionMap


@dataclass(frozen=True, slots=True, eq=False)
class Analysis:
    """A recording's micro- and macro-expressions and all that is needed to judge them.

    ``frames`` is the number of frames that were read, ``seconds`` the time that they span. ``broke_at`` is the frame at
    which a damaged film ended, else None. ``recognizer`` says what the probabilities come from (a line for a person),
    ``settings`` what was asked for. ``pictures`` goes with ``expressions``, one each, or is empty. ``masked`` is None
    where masked expressions were not looked for. ``tracks`` says where each face was; empty where it was read again.
    """

    recording: Recording
    frames: int
    seconds: float
    faces: tuple[FaceSummary, ...]
    expressions: tuple[Expression, ...]
    events: tuple[Event, ...]
    timelines: tuple[Timeline, ...]
    detector: str
    recognizer: str
    settings: Mapping[str, Any]
    cautions: tuple[str, ...] = ()
    broke_at: int | None = None
    pictures: tuple[Pictures, ...] = ()
    stage_seconds: Mapping[str, float] = field(default_factory=dict)
    masked: tuple[MaskedInterval, ...] | None = None
    tracks: tuple[FaceTrack, ...] = ()

    def __post_init__(self) -> None:
        if self.pictures and len(self.pictures) != len(self.expressions):
            raise ValueError(f"{len(self.pictures)} pictures for {len(self.expressions)} expressions")
