"""Watch a film once, from the first frame to the last, and keep what moved; no more than a few frames are held."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from time import perf_counter

import numpy as np

from micromask.core.types import FaceTrack, Recording
from micromask.faces.detect import detectors, landmarks68
from micromask.faces.track import FaceFinder
from micromask.imaging.magnify import Magnification, Magnifier
from micromask.inference.crowd import FRESH_SECONDS, Crowd, FollowedFace
from micromask.inference.segments import MotionTrace
from micromask.recordings import read
from micromask.recordings.ahead import ahead

LONGEST = 1920
"""Larger film is scaled down to this many px on its longest side while it is decoded."""


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
    crowd = Crowd(method)
    next_look, frames, last_time = -np.inf, 0, 0.0
    cuts: list[int] = []
    seconds = {"decode": 0.0, "detect": 0.0, "follow": 0.0}
    magnifier = Magnifier(recording.fps, Magnification(alpha=magnify)) if magnify else None
    before = perf_counter()
    for given in ahead(stream):
        frame = given if magnifier is None else replace(given, image=magnifier.step(given.image))
        waited = perf_counter()
        seconds["decode"] += waited - before
        if cut := crowd.is_cut(frame):
            cuts.append(frame.index)
        urgent = crowd.follow(frame) or cut
        followed = perf_counter()
        seconds["follow"] += followed - waited
        if urgent or frame.time >= next_look:
            known = crowd.known()
            fresh = crowd.take(finder.look(frame, known), known, frame)
            next_look = frame.time + (FRESH_SECONDS if fresh else crowd.until_next_look())
        frames, last_time = frames + 1, frame.time
        before = perf_counter()
        seconds["detect"] += before - followed
        if progress is not None and frames % 8 == 0:
            progress(frames)
    if progress is not None:
        progress(frames)
    kept = [(face_id, face) for face_id, face in sorted(crowd.faces.items()) if _believed(face)]
    return Watched(
        tuple(face.track(recording.id, face_id, detector) for face_id, face in kept),
        tuple(face.trace(face_id) for face_id, face in kept),
        frames,
        last_time,
        stream.broke_at,
        stream.reason,
        tuple(cuts),
        seconds,
    )


def _believed(face: FollowedFace) -> bool:
    """Whether a detector confirmed the face; in a film that ends before the second look the first one has to do."""
    alone = face.looks == 1 and face.frames[:1] == [0]
    return len(face.frames) > 0 and (face.confirmed or alone)
