"""Which face is whose from look to look: stable ids for every person in a film.

A *look* is one moment at which a detector is run. Between looks somebody else follows the face (motion.follow); this
file decides when the next look is due, where to look, and which face is which person.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import cv2
import numpy as np

from micromask.core.types import Detection, FloatArray, Frame, Image
from micromask.faces.align import face_transform, warp_face

Box = tuple[float, float, float, float]
Detector = Callable[..., list[Detection]]
Landmarker = Callable[[Image, Box], FloatArray]

SMALLEST_FACE = 40.0
"""Faces at least this wide (px of the recording) are looked for."""

FULL_LONGEST = 1280
"""The whole picture is searched at no more than this many px on its longest side."""

ALIKE = 0.55
"""Correlation of two portraits from which they are one person; 0.3 more for who stood in the same place just now."""

FINEST = 24.0
"""In pictures that were scaled down no face narrower than this (px) is looked for, unless one is asked for."""

LOCAL_FACE = 110.0
"""A known face is looked for again in a window scaled so that it is about this wide (px)."""


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """One face found at one look: whose it is, box and 68 landmarks in px of the picture, confidence."""

    face_id: int
    box: Box
    landmarks: FloatArray
    confidence: float


def overlap(a: Box, b: Box) -> float:
    """Intersection over union of two boxes.

    Examples
    --------
    >>> overlap((0, 0, 2, 2), (1, 0, 3, 2)) == 1 / 3
    True
    """
    width = min(a[2], b[2]) - max(a[0], b[0])
    height = min(a[3], b[3]) - max(a[1], b[1])
    if width <= 0 or height <= 0:
        return 0.0
    both = width * height
    return both / ((a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - both)


@dataclass(slots=True)
class _Person:
    """What is remembered of one person, also while out of sight."""

    box: Box
    seen_s: float
    portrait: FloatArray


class FaceFinder:
    """Runs a detector where and when it is worth it and says whose each face is.

    Parameters
    ----------
    detector : callable
        ``detector(image, smallest) -> list[Detection]``, see ``faces.detect``.
    landmarker : callable
        ``landmarker(grey, box) -> (68, 2)``, for detectors whose landmarks are not the 68.
    full_every_s, smallest : float
        How often the whole picture is searched for people who come in, and how narrow (px) a face may be.
    most_faces, most_people : int
        How many are followed at a time, and how many are remembered while they are out of sight: the one who has been
        away for longest is forgotten first, and would be somebody new.
    """

    def __init__(
        self,
        detector: Detector,
        landmarker: Landmarker,
        *,
        full_every_s: float = 3.0,
        smallest: float = SMALLEST_FACE,
        most_faces: int = 8,
        most_people: int = 256,
    ) -> None:
        self._detector = detector
        self._landmarker = landmarker
        self._full_every_s = full_every_s
        self._smallest = smallest
        self._most_faces = most_faces
        self._most_people = max(most_people, most_faces)
        self._people: dict[int, _Person] = {}
        self._next_id = 0
        self._full_due_s = -np.inf

    def full_look_due(self, time: float) -> bool:
        """Whether the whole picture should be searched at ``time`` (s) even where every known face is in sight."""
        return time >= self._full_due_s

    def look(self, frame: Frame, known: Mapping[int, Box]) -> list[Look]:
        """Every face of a picture.

        Parameters
        ----------
        frame : Frame
            The picture; boxes and landmarks are in its px.
        known : mapping
            Where the faces that are being followed should be now: {face id: box}.

        Returns
        -------
        list of Look
            At most one per id. A known face that is not found is absent. New people get new ids, people who come back
            get theirs again.
        """
        found: list[Look] = []
        for face_id, box in known.items():
            near = self._near(frame.image, box)
            if near is not None:
                found.append(self._remember(face_id, near, frame))
        if not known or self.full_look_due(frame.time):
            self._full_due_s = frame.time + self._full_every_s
            taken = [look.box for look in found] + [box for i, box in known.items() if i not in self._ids(found)]
            fresh: list[Detection] = []
            for detection in self._everywhere(frame):
                apart = all(overlap(detection.box, box) < 0.25 for box in taken)
                whole = self._complete(frame.image, detection) if apart else None
                if whole is not None and len(found) + len(fresh) < self._most_faces:
                    fresh.append(whole)
                    taken.append(whole.box)
            ids = self._whose(fresh, frame, busy=set(known) | self._ids(found))
            found += [self._remember(face_id, whole, frame) for face_id, whole in zip(ids, fresh, strict=True)]
        return found

    @staticmethod
    def _ids(looks: list[Look]) -> set[int]:
        return {look.face_id for look in looks}

    def _everywhere(self, frame: Frame) -> list[Detection]:
        height, width = frame.image.shape[:2]
        scale = min(1.0, FULL_LONGEST / max(height, width))
        small = frame.image if scale == 1 else cv2.resize(frame.image, None, fx=scale, fy=scale, interpolation=3)
        detections = self._detector(
            small, smallest=max(self._smallest * frame.scale * scale, min(self._smallest, FINEST))
        )
        return [_moved(detection, 1 / scale, (0.0, 0.0)) for detection in detections]

    def _near(self, image: Image, box: Box) -> Detection | None:
        """The face nearest to ``box`` in a window of about twice its size, or None."""
        side = max(box[2] - box[0], box[3] - box[1])
        x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
        height, width = image.shape[:2]
        x0, y0 = int(max(0, x - side)), int(max(0, y - side))
        x1, y1 = int(min(width, x + side)), int(min(height, y + side))
        if x1 - x0 < 16 or y1 - y0 < 16:
            return None
        scale = LOCAL_FACE / side
        how = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
        window = np.asarray(cv2.resize(image[y0:y1, x0:x1], None, fx=scale, fy=scale, interpolation=how), np.uint8)
        detections = [
            _moved(detection, 1 / scale, (x0, y0)) for detection in self._detector(window, smallest=0.6 * LOCAL_FACE)
        ]
        best = max(detections, key=lambda detection: overlap(detection.box, box), default=None)
        if best is None or overlap(best.box, box) < 0.2:
            return None
        return self._complete(image, best)

    def _complete(self, image: Image, detection: Detection) -> Detection | None:
        """The detection with 68 landmarks, or None where they do not make a face."""
        points = detection.landmarks
        if points is None or len(points) != 68:
            points = self._landmarker(image, detection.box)
        eyes = points[42:48].mean(0) - points[36:42].mean(0)
        if not np.isfinite(points).all() or np.hypot(*eyes) < 6:
            return None
        return Detection(detection.box, detection.confidence, points)

    def _remember(self, face_id: int, detection: Detection, frame: Frame) -> Look:
        assert detection.landmarks is not None
        portrait = _portrait(frame.image, detection.landmarks)
        before = self._people.get(face_id)
        if before is not None:
            portrait = 0.8 * before.portrait + 0.2 * portrait
        self._people[face_id] = _Person(detection.box, frame.time, portrait)
        if len(self._people) > self._most_people:
            del self._people[min(self._people, key=lambda one: self._people[one].seen_s)]
        return Look(face_id, detection.box, detection.landmarks, detection.confidence)

    def _whose(self, fresh: list[Detection], frame: Frame, busy: set[int]) -> list[int]:
        """Ids of faces nobody followed: of people who were here before and look alike, the likest first, else new ones.

        Whoever stood in the same place a moment ago is likelier.
        """
        likeness: list[tuple[float, int, int]] = []
        for index, detection in enumerate(fresh):
            assert detection.landmarks is not None
            portrait = _portrait(frame.image, detection.landmarks)
            for face_id, person in self._people.items():
                alike = _correlation(portrait, person.portrait)
                if frame.time - person.seen_s < 3:
                    alike += 0.3 * min(1.0, 2 * overlap(detection.box, person.box))
                if face_id not in busy and alike > ALIKE:
                    likeness.append((alike, index, face_id))
        ids: dict[int, int] = {}
        for _, index, face_id in sorted(likeness, reverse=True):
            if index not in ids and face_id not in ids.values():
                ids[index] = face_id
        for index in range(len(fresh)):
            if index not in ids:
                ids[index], self._next_id = self._next_id, self._next_id + 1
        return [ids[index] for index in range(len(fresh))]


def _moved(detection: Detection, scale: float, origin: tuple[float, float]) -> Detection:
    """A detection of a scaled window in the px of the whole picture."""
    x, y = origin
    x0, y0, x1, y1 = detection.box
    points = None if detection.landmarks is None else detection.landmarks * scale + np.array(origin)
    return Detection((x0 * scale + x, y0 * scale + y, x1 * scale + x, y1 * scale + y), detection.confidence, points)


def _portrait(image: Image, landmarks: FloatArray) -> FloatArray:
    """A small picture (32, 32) of the inner face, free of brightness and contrast, to tell people apart."""
    face = warp_face(image, face_transform(landmarks, 64), 64).astype(np.float64)
    if face.ndim == 3:
        face = face.mean(2)
    inner = np.asarray(cv2.resize(face[8:60, 8:56], (32, 32), interpolation=cv2.INTER_AREA))
    inner -= cv2.GaussianBlur(inner, (0, 0), 8)
    return np.asarray((inner - inner.mean()) / (inner.std() + 1e-6))


def _correlation(a: FloatArray, b: FloatArray) -> float:
    norm = float(np.sqrt((a**2).sum() * (b**2).sum()))
    return float((a * b).sum()) / norm if norm > 0 else 0.0
