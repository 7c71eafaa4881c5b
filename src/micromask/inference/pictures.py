"""Look again at what was spotted: the face at onset and apex, the flow between them, and the map a recogniser reads."""

from __future__ import annotations

import cv2
import numpy as np

from micromask.core.types import (
    Evidence,
    Expression,
    FaceTrack,
    FloatArray,
    Frame,
    Image,
    MotionMap,
    Pictures,
    Recording,
)
from micromask.faces.align import ALIGNED_SIZE, warp_face
from micromask.imaging.tone import blur_measure, normalise_light, to_grey
from micromask.inference.film import LONGEST
from micromask.inference.spot import Interval
from micromask.motion.strain import optical_strain
from micromask.motion.window import FLOW_SIZE, own_flow, window_map
from micromask.recordings import read

Spanned = Interval | Expression
"""An interval of a film: spotted, or described."""

SIZE = 256
"""Side of the aligned faces that are shown, px."""


def onset_and_apex(recording: Recording, first: int, second: int) -> tuple[Frame, Frame]:
    """Two frames of a recording in colour; where they cannot be read (a film that breaks off) the nearest before."""
    onset = apex = None
    longest = LONGEST if max(recording.picture_size) > LONGEST else None
    for frame in read(recording, colour=True, longest=longest, start=first, stop=second + 1):
        if frame.index <= first or onset is None:
            onset = frame
        apex = frame
    if onset is None or apex is None:
        raise ValueError(f"{recording.id}: frames {first} to {second} cannot be read again")
    return onset, apex


def take_pictures(
    recording: Recording, track: FaceTrack, interval: Interval, *, method: str = "tvl1"
) -> tuple[Pictures, Evidence, Image]:
    """What there is to see of one interval.

    Returns
    -------
    Pictures
        Aligned faces (256, 256, 3) at onset and apex and the motion between them, free of head motion.
    Evidence
        How good those pictures are.
    (28, 28, 3) uint8
        The motion map (u, v, strain) built as the recogniser's training maps were.
    """
    onset, apex = onset_and_apex(recording, interval.onset, interval.apex)
    shown = [_face(frame, track, SIZE) for frame in (onset, apex)]
    flow = _flow(onset, apex, track, method)
    motion = MotionMap(_enlarged(flow), _enlarged(optical_strain(flow)[None])[0], interval.onset, interval.apex, method)
    return (
        Pictures(shown[0], shown[1], motion),
        _evidence(recording, track, interval, shown[1]),
        window_map(flow),
    )


def interval_map(recording: Recording, track: FaceTrack, interval: Spanned, *, method: str = "tvl1") -> Image:
    """The motion map (28, 28, 3) alone that `take_pictures` gives of an interval with an onset and an apex."""
    return window_map(_flow(*onset_and_apex(recording, interval.onset, interval.apex), track, method))


def _flow(onset: Frame, apex: Frame, track: FaceTrack, method: str) -> FloatArray:
    first, second = (normalise_light(to_grey(_face(frame, track, FLOW_SIZE))) for frame in (onset, apex))
    return own_flow(first, second, method)


def _face(frame: Frame, track: FaceTrack, size: int) -> Image:
    row = int(np.abs(track.frames - frame.index).argmin())
    to_aligned = track.to_aligned[row].astype(np.float64)
    to_aligned[:, :2] /= frame.scale
    return warp_face(frame.image, to_aligned * (size / ALIGNED_SIZE), size)


def _enlarged(field: FloatArray) -> FloatArray:
    """Channels (C, H, W) at the size of the shown faces; a flow's two grow with it, in px of the shown face."""
    factor = SIZE / field.shape[1] if len(field) == 2 else 1.0
    planes = [cv2.resize(plane, (SIZE, SIZE), interpolation=cv2.INTER_LINEAR) for plane in field]
    return np.asarray(np.stack(planes) * factor, dtype=np.float32)


def _evidence(recording: Recording, track: FaceTrack, interval: Interval, apex: Image) -> Evidence:
    row = int(np.abs(track.frames - interval.apex).argmin())
    width = float(track.boxes[row, 2] - track.boxes[row, 0])
    seconds = interval.offset_s - interval.onset_s
    fps = (interval.offset - interval.onset) / seconds if seconds > 0 else recording.fps
    blur = blur_measure(to_grey(apex))
    cautions = []
    if width < 80:
        cautions.append(f"the face is only {width:.0f} px wide; small movements may be lost or imagined")
    if fps < 50:
        cautions.append(f"at {fps:.0f} frames/s an expression of half a second has only {fps / 2:.0f} frames")
    if blur < 20:
        cautions.append("the face is blurred")
    if interval.head_motion > 5:
        cautions.append("the head moved by more than 5 % of the distance between the eyes")
    return Evidence(width, fps, blur, interval.head_motion, tuple(cautions))
