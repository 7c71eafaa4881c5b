"""How the skin of one face moved from one frame to another, to lay over the film; worked out once and kept."""

from __future__ import annotations

import json
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from threading import Lock
from typing import Any

import cv2
import numpy as np

from micromask.app.workspace.recordings import Recorded
from micromask.core.errors import BadInputError
from micromask.core.types import FaceTrack, FloatArray, Frame, Image, MotionMap, Recording
from micromask.faces.align import ALIGNED_SIZE, EYE_DISTANCE, aligned_landmarks, invert, warp_face
from micromask.faces.regions import face_outline
from micromask.imaging.tone import normalise_light, to_grey
from micromask.inference.pictures import onset_and_apex
from micromask.motion.strain import optical_strain
from micromask.motion.window import FLOW_SIZE, own_flow
from micromask.recordings import probe
from micromask.reports.overlays import flow_overlay, strain_overlay, strain_scale
from micromask.reports.pictures import arrows, flow_scale
from micromask.reports.tracks import TRACKS_FILE, read_some_tracks
from micromask.studies.files import private_folder, write_private

SIZE = 256
"""Side of the pictures, px: the aligned face, enlarged."""

FARTHEST = 20.0
"""Seconds between the two frames, at most: what lies between them has to be decoded."""

MOST_KEPT = 200

_one_at_a_time = Lock()
"""Decoding film for several pages at once would only slow all of them down."""


@dataclass(frozen=True, slots=True)
class SkinMotion:
    """Two pictures (PNG, RGBA, SIZE px) over the aligned face, and ``about`` them:

    ``to_picture`` (2, 3) takes their pixels to the recording's pixels at the later frame; ``arrows`` are
    [x0, y0, x1, y1] in their pixels, ``times`` as long as the motion; ``flow`` and ``strain`` are what full colour
    means: per cent of the distance between the eyes, and per cent of stretch.
    """

    flow: bytes
    strain: bytes
    about: dict[str, Any]


def skin_motion(recorded: Recorded, results: Path, face: int, onset: int, frame: int) -> SkinMotion:
    """The motion of a face from an onset to a later frame, without what the head did.

    Parameters
    ----------
    recorded : Recorded
        A recording that is ready.
    results : Path
        Its results folder.
    face : int
        The face's id.
    onset, frame : int
        The two frames, the earlier one first.

    Raises
    ------
    BadInputError
        If the face is not seen in both frames, they are the same or too far apart, or the film is not there any more.
    """
    tracks = results / TRACKS_FILE
    kept = private_folder(recorded.folder / "motion")
    path = kept / f"{stamp_of(tracks)}-{face}-{onset}-{frame}.npz"
    if not path.is_file():
        with _one_at_a_time:
            if not path.is_file():
                _keep(path, _worked_out(recorded, tracks, face, onset, frame))
    with np.load(path, allow_pickle=False) as stored:
        return SkinMotion(stored["flow"].tobytes(), stored["strain"].tobytes(), json.loads(str(stored["about"])))


def motion_between(recording: Recording, track: FaceTrack, onset: int, frame: int) -> MotionMap:
    """Flow and strain of an aligned face of FLOW_SIZE px, without head motion; as the report's own, of any two frames.

    Raises
    ------
    BadInputError
        If the face is not seen in both frames, or the frames are not in order.
    """
    if not onset < frame:
        raise BadInputError(f"motion needs a later frame than the onset {onset}, got {frame}")
    for one in (onset, frame):
        if one not in track.frames:
            raise BadInputError(f"face {track.face_id} is not seen in frame {one}")
    seen = onset_and_apex(recording, onset, frame)
    if [one.index for one in seen] != [onset, frame]:
        raise BadInputError(f"frames {onset} and {frame} of {recording.path.name} cannot be read again")
    first, second = (normalise_light(to_grey(_aligned(one, track))) for one in seen)
    flow = own_flow(first, second)
    return MotionMap(flow, optical_strain(flow), onset, frame, "tvl1")


def _worked_out(recorded: Recorded, tracks: Path, face: int, onset: int, frame: int) -> SkinMotion:
    if not recorded.film.exists():
        raise BadInputError(f"{recorded.title}: the film is not where it was; put it back to see its motion")
    recording = probe(recorded.film)
    if abs(frame - onset) > FARTHEST * recording.fps:
        raise BadInputError(f"frames {onset} and {frame} are more than {FARTHEST:g} s apart")
    track = next((one for one in read_some_tracks(tracks, onset, frame) if one.face_id == face), None)
    if track is None:
        raise BadInputError(f"{recorded.title}: no face {face} was followed")
    motion = motion_between(recording, track, onset, frame)
    flow = np.stack([cv2.resize(plane, (SIZE, SIZE)) for plane in motion.flow]) * (SIZE / FLOW_SIZE)
    strain = cv2.resize(motion.strain, (SIZE, SIZE))
    shown = _face_shape()
    scales = flow_scale(flow * shown), strain_scale(strain * shown)
    drawn, times = arrows(flow * (shown > 0.5), scales[0])
    to_picture = invert(track.to_aligned[-1].astype(np.float64))
    to_picture[:, :2] *= ALIGNED_SIZE / SIZE
    about = {
        "size": SIZE,
        "to_picture": to_picture.round(5).tolist(),
        "flow": 100 * scales[0] / (EYE_DISTANCE * SIZE),
        "strain": 100 * scales[1],
        "arrows": [[round(v, 1) for v in (one.x0, one.y0, one.x1, one.y1)] for one in drawn],
        "times": times,
    }
    return SkinMotion(_png(flow_overlay(flow, scales[0], shown)), _png(strain_overlay(strain, scales[1], shown)), about)


def _aligned(frame: Frame, track: FaceTrack) -> Image:
    to_aligned = track.to_aligned[int(np.searchsorted(track.frames, frame.index))].astype(np.float64)
    to_aligned[:, :2] /= frame.scale
    return warp_face(frame.image, to_aligned * (FLOW_SIZE / ALIGNED_SIZE), FLOW_SIZE)


def _face_shape() -> FloatArray:
    """(SIZE, SIZE): 1 on a face, 0 beside it, soft at the edge."""
    shape = np.zeros((SIZE, SIZE), dtype=np.float32)
    cv2.fillPoly(shape, [np.round(face_outline(aligned_landmarks(SIZE), SIZE)).astype(np.int32)], 1.0)
    return np.asarray(cv2.GaussianBlur(shape, (0, 0), SIZE / 50), dtype=np.float32)


def _png(picture: Image) -> bytes:
    packed: np.ndarray = cv2.imencode(".png", cv2.cvtColor(picture, cv2.COLOR_RGBA2BGRA))[1]
    return packed.tobytes()


def _keep(path: Path, made: SkinMotion) -> None:
    packed = BytesIO()
    flow, strain = (np.frombuffer(data, np.uint8) for data in (made.flow, made.strain))
    np.savez(packed, allow_pickle=False, flow=flow, strain=strain, about=np.array(json.dumps(made.about)))
    write_private(path, packed.getvalue())
    for old in sorted(path.parent.glob("*.npz"), key=lambda one: one.stat().st_mtime_ns)[:-MOST_KEPT]:
        old.unlink(missing_ok=True)


def stamp_of(tracks: Path) -> str:
    """What changes when a recording is analysed again, by its tracks.npz."""
    try:
        return f"{tracks.stat().st_mtime_ns:x}"
    except OSError:
        raise BadInputError("this recording has no tracks of its faces: analyse it again") from None
