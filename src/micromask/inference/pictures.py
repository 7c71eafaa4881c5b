"""Look again at what was spotted: the face at onset and apex, the flow between them, and the map a recogniser reads."""

from __future__ import annotations

import cv2
import numpy as np

from micromask.core.types import Evidence, FaceTrack, FloatArray, Frame, Image, MotionMap, Pictures, Recording
from micromask.faces.align import ALIGNED_SIZE, EYE_DISTANCE, EYE_HEIGHT, warp_face
from micromask.faces.regions import steady_weights
from micromask.imaging.tone import blur_measure, normalise_light, to_grey
from micromask.inference.film import LONGEST
from micromask.inference.spot import Interval
from micromask.motion.flow import flow_methods
from micromask.motion.head import HeadModel, face_depth, head_field
from micromask.motion.maps import encode_map
from micromask.motion.strain import optical_strain
from micromask.recordings import read

SIZE = 256
"""Side of the aligned faces that are shown, px."""

FLOW_SIZE = 96
"""Side of the aligned face on which their flow is computed, px: the recogniser's map keeps 28 px of it."""

TVL1_OPTIONS = {"scales": 3, "warps": 3}
"""Two scales and warps fewer than usual: the face is aligned already. See benchmarks/film_maps.py."""

# Where the face lies in the training maps, measured on their mean eyelid and mouth-corner motion (see the model card):
# the eyes' centres at 0.20 and 0.78 of the width and 0.25 of the height, the mouth's corners at 0.65 of the height.
MAP_EYES = (0.20, 0.78)
MAP_EYE_HEIGHT = 0.25
MAP_MOUTH_HEIGHT = 0.65
MOUTH_BELOW_EYES = 0.87
"""The mouth's corners below the eyes in a frontal resting face, in distances between the eyes."""


def map_window(size: int = FLOW_SIZE) -> tuple[slice, slice]:
    """Rows and columns of the aligned face (size, size) that the training maps show."""
    unit = EYE_DISTANCE * size
    width = unit / (MAP_EYES[1] - MAP_EYES[0])
    height = MOUTH_BELOW_EYES * unit / (MAP_MOUTH_HEIGHT - MAP_EYE_HEIGHT)
    left = size / 2 - (MAP_EYES[0] + MAP_EYES[1]) / 2 * width
    top = EYE_HEIGHT * size - MAP_EYE_HEIGHT * height
    return slice(round(top), round(top + height)), slice(round(left), round(left + width))


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
    first, second = (normalise_light(to_grey(_face(frame, track, FLOW_SIZE))) for frame in (onset, apex))
    flow = own_flow(first, second, method)
    rows, columns = map_window(FLOW_SIZE)
    window = flow[:, rows, columns]
    motion = MotionMap(_enlarged(flow), _enlarged(optical_strain(flow)[None])[0], interval.onset, interval.apex, method)
    return (
        Pictures(shown[0], shown[1], motion),
        _evidence(recording, track, interval, shown[1]),
        encode_map(window, optical_strain(window)),
    )


def _face(frame: Frame, track: FaceTrack, size: int) -> Image:
    row = int(np.abs(track.frames - frame.index).argmin())
    to_aligned = track.to_aligned[row].astype(np.float64)
    to_aligned[:, :2] /= frame.scale
    return warp_face(frame.image, to_aligned * (size / ALIGNED_SIZE), size)


def own_flow(onset: Image, apex: Image, method: str = "tvl1") -> FloatArray:
    """Flow (2, H, W) px between two aligned grey faces (H, W), without what the head did."""
    options = TVL1_OPTIONS if method == "tvl1" else {}
    flow = flow_methods[method](**options)(onset, apex)
    shape = onset.shape[0], onset.shape[1]
    depth = face_depth(shape)
    head = HeadModel(shape, steady_weights(size=shape[0]), depth, step=4).fit(flow)
    return np.asarray(flow - head_field(head, shape, depth), dtype=np.float32)


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
