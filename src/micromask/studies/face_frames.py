"""One recording's kept frames: read the film once, find the face, cut it out upright, write it, measure it."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np

from micromask.core.errors import BadOutputError
from micromask.core.types import FloatArray, Frame, Image, Recording
from micromask.faces.align import ALIGNED_SIZE, apply, face_transform, warp_face
from micromask.faces.boxes import cover_boxes
from micromask.faces.detect import detectors, landmarks68
from micromask.faces.track import FaceFinder, Look, overlap
from micromask.imaging.tone import to_grey
from micromask.recordings import probe, read
from micromask.studies.files import FILE_MODE
from micromask.studies.flags import FaceLook, Flag, eye_opening, flags_of, sharpness, usual
from micromask.studies.kept_numbers import kept_numbers

SIZE = 256
"""Side of the pictures that are written, px."""

LONGEST = 1920
"""Larger film is scaled down to this many px on its longest side while it is decoded."""

SAME_SEAT = 0.2
"""Overlap with the place of the last face from which an unknown face is the participant's, seen anew."""

FAR_WIDER = 1.5
"""A face this many times wider than the one that was followed is the participant's: the other was somebody behind."""


@dataclass(frozen=True, slots=True)
class Kept:
    """One kept frame: ``number`` is what it is known by, ``frame`` and ``time_s`` its place in the film.

    ``file`` is the picture's name. ``to_aligned`` takes px of the film to px of the picture; ``box`` (px of the film),
    ``landmarks`` (68 points, px of the picture), ``confidence`` and ``look`` are None where no face was found, and the
    picture then shows the place where the last face was, or the middle of the film's picture before the first one.
    ``regions`` are the boxes ``eyes`` and ``mouth`` in px of the picture, where the resting face has them if none was
    found.
    """

    number: int
    frame: int
    time_s: float
    file: str
    to_aligned: tuple[tuple[float, ...], ...]
    regions: dict[str, tuple[float, ...]]
    box: tuple[float, ...] | None = None
    landmarks: tuple[tuple[float, ...], ...] | None = None
    confidence: float | None = None
    look: FaceLook | None = None
    flags: tuple[Flag, ...] = ()


def cut_frames(
    film: Path, folder: Path, *, seconds: float, detector: str, progress: Callable[[int], None] | None = None
) -> tuple[tuple[Kept, ...], tuple[str, ...]]:
    """Cut the kept frames of a film into a folder, as ``0001.png`` and so on, readable by their owner only.

    The same film gives the same bytes. Frames are read one after another; only what was measured stays in memory.

    Parameters
    ----------
    film : Path
    folder : Path
        Is there, and empty.
    seconds : float
        From one kept frame to the next.
    detector : str
        A name in ``faces.detect.detectors``.
    progress : callable, optional
        Called with the number of frames of the film that are done, now and then.

    Returns
    -------
    frames : tuple of Kept
    told : tuple of str
        What a person has to know, such as that the film breaks off.

    Raises
    ------
    BadInputError
        If the film cannot be read at all.
    BadOutputError
        If a picture cannot be written.
    """
    recording = probe(film)
    times = np.arange(recording.n_frames) / recording.fps if recording.times is None else recording.times
    number_of = {frame: number for number, frame in kept_numbers(times, seconds).items()}
    stream = read(recording, colour=True, longest=LONGEST if max(recording.picture_size) > LONGEST else None)
    face = _Participant(detector)
    kept: list[Kept] = []
    for frame in stream:
        if frame.index in number_of:
            kept.append(_cut(frame, number_of[frame.index], face, folder))
        if progress is not None and frame.index % 8 == 0:
            progress(frame.index)
    if progress is not None:
        progress(recording.n_frames)
    film_usual = usual([each.look for each in kept])
    judged = tuple(replace(each, flags=flags_of(each.look, film_usual)) for each in kept)
    return judged, _told(recording, stream.broke_at, stream.reason, len(number_of) - len(kept))


def _told(recording: Recording, broke_at: int | None, reason: str, missing: int) -> tuple[str, ...]:
    told = []
    if broke_at is not None:
        wanted = recording.declared_frames or recording.n_frames
        told.append(f"the film breaks off at frame {broke_at} of {wanted}: {reason}; what comes before was used")
    elif missing:
        told.append(f"{missing} of the frames to keep cannot be decoded and are left out")
    return tuple(told)


class _Participant:
    """Which face is the participant's, and where it was last."""

    def __init__(self, detector: str) -> None:
        self._finder = FaceFinder(detectors[detector](), landmarks68)
        self._id: int | None = None
        self._last: Look | None = None
        self.to_aligned: FloatArray | None = None

    def find(self, frame: Frame) -> Look | None:
        """The participant's face in a frame: whoever was followed, else whoever sits in that place, else nobody."""
        known = {} if self._last is None or self._id is None else {self._id: self._last.box}
        looks = self._finder.look(frame, known)
        if known and not any(look.face_id == self._id for look in looks):
            looks = self._finder.look(frame, {})
        found = self._choose(looks)
        if found is not None:
            self._id, self._last = found.face_id, found
        return found

    def _choose(self, looks: list[Look]) -> Look | None:
        if not looks:
            return None
        widest = max(looks, key=_width)
        if self._last is None:
            return widest
        mine = next((look for look in looks if look.face_id == self._id), None)
        if _width(widest) > FAR_WIDER * _width(mine or self._last):
            return widest
        seated = max(looks, key=lambda look: overlap(look.box, self._last.box) if self._last else 0.0)
        return mine or (seated if overlap(seated.box, self._last.box) > SAME_SEAT else None)


def _width(look: Look) -> float:
    return look.box[2] - look.box[0]


def _cut(frame: Frame, number: int, face: _Participant, folder: Path) -> Kept:
    found = face.find(frame)
    points = None if found is None else landmarks68(frame.image, found.box, passes=2)
    if points is not None:
        face.to_aligned = face_transform(points, SIZE)
    place = face.to_aligned if face.to_aligned is not None else _middle(frame.image)
    name = f"{number:04d}.png"
    _write(folder / name, warp_face(frame.image, place, SIZE))
    of_film = place.copy()
    of_film[:, :2] *= frame.scale
    aligned = None if points is None else apply(place, points)
    kept = Kept(
        number,
        frame.index,
        round(frame.time, 6),
        name,
        _rows(of_film, 6),
        {region: _rounded(box, 1) for region, box in cover_boxes(aligned, SIZE).items()},
    )
    if found is None or points is None or aligned is None:
        return kept
    small = face_transform(points, ALIGNED_SIZE)
    grey = to_grey(warp_face(frame.image, small, ALIGNED_SIZE))
    return replace(
        kept,
        box=_rounded(np.array(found.box) / frame.scale, 1),
        landmarks=_rows(aligned, 2),
        confidence=round(found.confidence, 4),
        look=FaceLook(round(sharpness(grey, apply(small, points)), 3), round(eye_opening(points), 4)),
    )


def _middle(image: Image) -> FloatArray:
    """The transform (2, 3) that takes the largest square in the middle of a picture to the aligned face."""
    height, width = image.shape[:2]
    scale = SIZE / min(height, width)
    shift = np.array([SIZE / 2 - scale * width / 2, SIZE / 2 - scale * height / 2])
    return np.column_stack([scale * np.eye(2), shift])


def _rounded(values: FloatArray | tuple[float, ...], digits: int) -> tuple[float, ...]:
    return tuple(round(float(value), digits) for value in values)


def _rows(values: FloatArray, digits: int) -> tuple[tuple[float, ...], ...]:
    return tuple(_rounded(row, digits) for row in values)


def _write(path: Path, picture: Image) -> None:
    """A new PNG file that only its owner may read; its folder is not made again where somebody took it away."""
    data = cv2.imencode(".png", cv2.cvtColor(picture, cv2.COLOR_RGB2BGR))[1].tobytes()
    try:
        descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | getattr(os, "O_BINARY", 0), FILE_MODE)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(descriptor)
    except OSError as error:
        raise BadOutputError(f"{path} cannot be written: {error.strerror or error}; make room") from None
