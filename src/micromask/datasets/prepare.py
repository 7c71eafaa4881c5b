"""What most models start from, computed once: a clip's aligned faces, and its motion map from onset to apex."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import cv2
import numpy as np

from micromask.core.clips import Clip
from micromask.core.errors import BadInputError
from micromask.core.types import FloatArray, Image
from micromask.datasets.cache import Cache, Recipe, fingerprint, remembered
from micromask.datasets.pixels import frame_files, read_frames
from micromask.faces.align import ALIGNED_SIZE, face_transform, warp_face
from micromask.faces.detect import Detector, detectors, landmarks68
from micromask.imaging.tone import normalise_light, to_grey
from micromask.motion.window import FLOW_SIZE, own_flow, window_map
from micromask.recordings.images import read_image

MAP_SIZE = 28
"""Side of a motion map, px."""

SMALLEST_FACE = 40.0
"""Faces at least this wide (px) are looked for."""

CLOSE_UP = 0.35
"""Share of its sides by which a picture that is nothing but face is widened before it is searched a second time."""


def clip_motion_map(clip: Clip, cache: Cache | None = None, *, detector: str = "mtcnn", method: str = "tvl1") -> Image:
    """How the face moved from the clip's onset to its apex, as recognisers read it.

    The face is found at the onset, both frames are brought onto its place, and the head's own motion between them is
    taken out of the flow; flow, window and scaling are those of ``analyze``. A data set that holds ready-made maps
    gives those as they are.

    Parameters
    ----------
    clip : Clip
        With an apex, marked or estimated.
    cache : Cache, optional
        Where results are kept; without one nothing is written.
    detector : str
        A name in ``faces.detect.detectors``. The largest face is taken.
    method : str
        A name in ``motion.flow.flow_methods``.

    Returns
    -------
    (28, 28, 3) uint8
        u, v, strain, each stretched to 0-255; see ``motion.maps.encode_map``.

    Raises
    ------
    BadInputError
        If the clip has no apex or no motion (a single image), no face is found, a frame cannot be read, or a
        ready-made map is not 28 x 28.
    """
    if clip.motion is not None:
        ready = read_image(clip.motion.path, colour=True)
        if ready.shape != (MAP_SIZE, MAP_SIZE, 3):
            raise BadInputError(f"{clip.motion.path}: a map is {MAP_SIZE}x{MAP_SIZE} px, this one is {ready.shape}")
        return ready
    onset, apex = clip.annotation.onset, clip.annotation.apex
    if apex is None:
        raise BadInputError(f"{clip.id}: has no apex; load it with missing_apex='midpoint' or 'motion-peak'")
    if apex == onset:
        raise BadInputError(f"{clip.id}: onset and apex are one frame ({onset}); there is no motion between them")

    def recipe() -> Recipe:
        parameters = {"detector": detector, "method": method, "flow_size": FLOW_SIZE, "convention": "u-v-strain-minmax"}
        return _recipe("motion-map", clip, (onset, apex), parameters)

    def make() -> dict[str, Image]:
        first, second = (image for _, image in read_frames(clip.recording, (onset, apex), colour=True))
        to_aligned = find_face(first, detector, clip.id)
        return {"map": motion_map_of(first, second, to_aligned, method)}

    return np.asarray(remembered(cache, recipe, make)["map"], dtype=np.uint8)


def motion_map_of(onset: Image, apex: Image, to_aligned: FloatArray, method: str = "tvl1") -> Image:
    """The motion map (28, 28, 3) of two pictures (H, W, 3) RGB, given where the face stands in the first.

    ``to_aligned`` (2, 3) takes px of both to an aligned face of ``faces.align.ALIGNED_SIZE``; what the head did since
    is taken out of the flow.
    """
    place = _scaled(to_aligned, FLOW_SIZE)
    first, second = (normalise_light(to_grey(warp_face(each, place, FLOW_SIZE))) for each in (onset, apex))
    return window_map(own_flow(first, second, method))


def clip_faces(
    clip: Clip,
    cache: Cache | None = None,
    *,
    frames: Sequence[int] | None = None,
    size: int = ALIGNED_SIZE,
    colour: bool = False,
    detector: str = "mtcnn",
    each: bool = False,
) -> Image:
    """The clip's face, cut out and turned upright, its eyes on the same two points for every clip and person.

    Parameters
    ----------
    clip : Clip
    cache : Cache, optional
        Where results are kept; without one nothing is written.
    frames : sequence of int, optional
        Which frames of the recording, ascending; by default onset to offset.
    size : int
        Side of the crops, px.
    colour : bool
        RGB; else grey.
    detector : str
        A name in ``faces.detect.detectors``. The largest face is taken.
    each : bool
        Look for the face in every frame; by default one look at the first frame holds for all, so that what moves in
        the crops is the face and not the landmarks' jitter. Use it where the head moves far.

    Returns
    -------
    (T, size, size) or (T, size, size, 3) uint8

    Raises
    ------
    BadInputError
        If no face is found, a frame cannot be read, or the clip is a ready-made motion map.
    """
    if clip.motion is not None:
        raise BadInputError(f"{clip.id}: is a motion map; {clip.subject.dataset} has no pictures of faces")
    if size < 8:
        raise ValueError(f"crops are at least 8 px wide, got {size}")
    wanted = tuple(range(clip.annotation.onset, clip.annotation.offset + 1) if frames is None else frames)
    if not wanted or list(wanted) != sorted(set(wanted)):
        raise ValueError(f"{clip.id}: frames are one or more ascending numbers, got {wanted[:8]}")

    def recipe() -> Recipe:
        parameters = {"size": size, "colour": colour, "detector": detector, "each": each}
        return _recipe("faces", clip, wanted, parameters | {"convention": "aligned-eyes"})

    def make() -> dict[str, Image]:
        crops, place = [], None
        for _, image in read_frames(clip.recording, wanted, colour=True):
            if place is None or each:
                place = _scaled(find_face(image, detector, clip.id), size)
            crops.append(warp_face(image if colour else to_grey(image), place, size))
        return {"faces": np.stack(crops)}

    return np.asarray(remembered(cache, recipe, make)["faces"], dtype=np.uint8)


def find_face(image: Image, detector: str = "mtcnn", where: str = "picture") -> FloatArray:
    """Where the largest face of a picture (H, W, 3) RGB stands: px to the aligned face of 128 px, (2, 3).

    A picture that is nothing but face, as cropped corpora have them, is widened by its mean colour for the search.

    Raises
    ------
    BadInputError
        If there is no face, or no such detector.
    """
    find = _detector(detector)
    found, border = find(image, SMALLEST_FACE), 0
    if not found:
        border = round(CLOSE_UP * max(image.shape[:2]))
        mean = [float(value) for value in image.reshape(-1, 3).mean(0)]
        wide = cv2.copyMakeBorder(image, *(border,) * 4, cv2.BORDER_CONSTANT, value=mean)
        found = find(np.asarray(wide, dtype=np.uint8), SMALLEST_FACE)
    if not found:
        raise BadInputError(
            f"{where}: {detector} finds no face of {SMALLEST_FACE:g} px or more in a picture of "
            f"{image.shape[1]}x{image.shape[0]} px; try another detector ({', '.join(detectors)}) or leave the clip out"
        )
    x0, y0, x1, y1 = (value - border for value in found[0].box)
    points = found[0].landmarks
    marks = landmarks68(image, (x0, y0, x1, y1), 2) if points is None or len(points) != 68 else points - border
    return face_transform(marks)


@lru_cache(maxsize=4)
def _detector(name: str) -> Detector:
    return detectors[name]()


def _scaled(to_aligned: FloatArray, size: int) -> FloatArray:
    return to_aligned * (size / ALIGNED_SIZE)


def _recipe(kind: str, clip: Clip, frames: Sequence[int], parameters: dict[str, object]) -> Recipe:
    """A recipe over the bytes of just those files: the frames' own, or the film with the frames' numbers."""
    files = frame_files(clip.recording)
    if files is None:
        return Recipe(kind, 1, (fingerprint(clip.recording.path),), parameters | {"frames": list(frames)})
    return Recipe(kind, 1, tuple(fingerprint(files[number]) for number in frames), parameters)
