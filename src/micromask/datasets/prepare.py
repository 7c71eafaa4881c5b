"""What most models start from, computed once: a clip's aligned faces, and its motion map from onset to apex."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache, partial

import cv2
import numpy as np

from micromask.core.clips import Clip
from micromask.core.errors import BadInputError
from micromask.core.types import Detection, FloatArray, Image
from micromask.datasets.cache import Cache, Recipe, fingerprint, remembered
from micromask.datasets.pixels import frame_files, read_frames
from micromask.faces.align import ALIGNED_SIZE, apply, face_transform, warp_face
from micromask.faces.cover import Region, check_region, cover, kept_mask
from micromask.faces.detect import Detector, detectors, landmarks68
from micromask.imaging.tone import normalise_light, to_grey
from micromask.motion.window import FLOW_SIZE, cover_map, own_flow, window_map
from micromask.recordings.images import read_image

Find = Callable[[Image], FloatArray]
"""From a picture (H, W, 3) RGB to the 68 landmarks (68, 2) of the face that is wanted; px of the picture."""

MAP_SIZE = 28
"""Side of a motion map, px."""

SMALLEST_FACE = 40.0
"""Faces at least this wide (px) are looked for."""

CLOSE_UP = 0.35
"""Share of its sides by which a picture that is nothing but face is widened before it is searched a second time."""


def clip_motion_map(
    clip: Clip,
    cache: Cache | None = None,
    *,
    detector: str = "mtcnn",
    method: str = "tvl1",
    region: Region = "whole",
    find: Find | None = None,
) -> Image:
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
    region : str
        What is kept of the face (``faces.cover.Region``); elsewhere the map is at rest. Of a ready-made map whole rows
        are kept.
    find : callable, optional
        Finds the face instead of the detector, where another than the largest is wanted; nothing is kept then.

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
    check_region(region)
    if clip.motion is not None:
        ready = read_image(clip.motion.path, colour=True)
        if ready.shape != (MAP_SIZE, MAP_SIZE, 3):
            raise BadInputError(f"{clip.motion.path}: a map is {MAP_SIZE}x{MAP_SIZE} px, this one is {ready.shape}")
        return cover_map(ready, region)
    onset, apex = clip.annotation.onset, clip.annotation.apex
    if apex is None:
        raise BadInputError(f"{clip.id}: has no apex; load it with missing_apex='midpoint' or 'motion-peak'")
    if apex == onset:
        raise BadInputError(f"{clip.id}: onset and apex are one frame ({onset}); there is no motion between them")

    def recipe() -> Recipe:
        parameters = {"detector": detector, "method": method, "flow_size": FLOW_SIZE, "convention": "u-v-strain-minmax"}
        return _recipe("motion-map", clip, (onset, apex), parameters | _of(region))

    def make() -> dict[str, Image]:
        first, second = (image for _, image in read_frames(clip.recording, (onset, apex), colour=True))
        marks = _look(find, detector, clip)(first)
        return {"map": motion_map_of(first, second, face_transform(marks), method, region=region, marks=marks)}

    return np.asarray(remembered(None if find else cache, recipe, make)["map"], dtype=np.uint8)


def motion_map_of(
    onset: Image,
    apex: Image,
    to_aligned: FloatArray,
    method: str = "tvl1",
    *,
    region: Region = "whole",
    marks: FloatArray | None = None,
) -> Image:
    """The motion map (28, 28, 3) of two pictures (H, W, 3) RGB, given where the face stands in the first.

    ``to_aligned`` (2, 3) takes px of both to an aligned face of ``faces.align.ALIGNED_SIZE``; what the head did since
    is taken out of the flow. ``marks`` (68, 2), px of the first picture, are needed where a ``region`` is kept alone.
    """
    place = _scaled(to_aligned, FLOW_SIZE)
    faces = [to_grey(warp_face(each, place, FLOW_SIZE)) for each in (onset, apex)]
    if region == "whole":
        return window_map(own_flow(normalise_light(faces[0]), normalise_light(faces[1]), method))
    if marks is None:
        raise ValueError(f"the landmarks are needed to keep {region}")
    # covered before anything is computed: neither the light, the flow nor the head's own motion can tell of the rest
    points = apply(place, marks)
    first, second = (normalise_light(cover(face, region, points)) for face in faces)
    kept = kept_mask(region, points, (FLOW_SIZE, FLOW_SIZE))
    return window_map(own_flow(first, second, method, kept=kept), kept)


def clip_faces(
    clip: Clip,
    cache: Cache | None = None,
    *,
    frames: Sequence[int] | None = None,
    size: int = ALIGNED_SIZE,
    colour: bool = False,
    detector: str = "mtcnn",
    each: bool = False,
    region: Region = "whole",
    find: Find | None = None,
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
    region : str
        What is kept of the face (``faces.cover.Region``); the rest is blank, by the landmarks of the same look.
    find : callable, optional
        Finds the face instead of the detector, where another than the largest is wanted; nothing is kept then.

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
    check_region(region)
    if size < 8:
        raise ValueError(f"crops are at least 8 px wide, got {size}")
    wanted = tuple(range(clip.annotation.onset, clip.annotation.offset + 1) if frames is None else frames)
    if not wanted or list(wanted) != sorted(set(wanted)):
        raise ValueError(f"{clip.id}: frames are one or more ascending numbers, got {wanted[:8]}")

    def recipe() -> Recipe:
        parameters = {"size": size, "colour": colour, "detector": detector, "each": each}
        return _recipe("faces", clip, wanted, parameters | {"convention": "aligned-eyes"} | _of(region))

    def make() -> dict[str, Image]:
        crops: list[Image] = []
        marks: FloatArray | None = None
        for _, image in read_frames(clip.recording, wanted, colour=True):
            if marks is None or each:
                marks = _look(find, detector, clip)(image)
            crops.append(face_crop(image, marks, size, colour=colour, region=region))
        return {"faces": np.stack(crops)}

    return np.asarray(remembered(None if find else cache, recipe, make)["faces"], dtype=np.uint8)


def face_crop(
    image: Image, marks: FloatArray, size: int = ALIGNED_SIZE, *, colour: bool = False, region: Region = "whole"
) -> Image:
    """One face of a picture, cut out and turned upright: what `clip_faces` gives of a frame.

    Parameters
    ----------
    image : (H, W, 3) uint8
        RGB.
    marks : (68, 2) float
        The face's landmarks, px of the picture.
    size : int
        Side of the crop, px.
    colour : bool
        RGB; else grey.
    region : str
        What is kept of the face; the rest is blank.

    Returns
    -------
    (size, size) or (size, size, 3) uint8
    """
    place = _scaled(face_transform(marks), size)
    crop = warp_face(image if colour else to_grey(image), place, size)
    return crop if region == "whole" else cover(crop, region, apply(place, marks))


def clip_pictures(
    clip: Clip,
    frames: Sequence[int],
    *,
    colour: bool = False,
    detector: str = "mtcnn",
    region: Region = "whole",
    find: Find | None = None,
) -> list[Image]:
    """Frames of a clip as they are, (H, W) or (H, W, 3); of the face in them, found in the first, a region is kept.

    ``find`` is as for `clip_faces`.

    Raises
    ------
    BadInputError
        If a frame cannot be read, or a region is asked for and there is no face.
    """
    check_region(region)
    made: list[Image] = []
    marks: FloatArray | None = None
    for _, image in read_frames(clip.recording, frames, colour=True):
        if region != "whole" and marks is None:
            marks = _look(find, detector, clip)(image)
        made.append(whole_picture(image, marks, colour=colour, region=region))
    return made


def whole_picture(
    image: Image, marks: FloatArray | None = None, *, colour: bool = False, region: Region = "whole"
) -> Image:
    """One picture (H, W, 3) RGB as it is, in colour or grey: what `clip_pictures` gives of a frame.

    ``marks`` (68, 2) are needed where a ``region`` of the face is kept alone.
    """
    shown = image if colour else to_grey(image)
    if region == "whole":
        return shown
    if marks is None:
        raise ValueError(f"the landmarks are needed to keep {region}")
    return cover(shown, region, marks)


def find_marks(image: Image, detector: str = "mtcnn", where: str = "picture") -> FloatArray:
    """The 68 landmarks (68, 2), px, of the largest face of a picture (H, W, 3) RGB.

    A picture that is nothing but face, as cropped corpora have them, is widened by its mean colour for the search.

    Raises
    ------
    BadInputError
        If there is no face, or no such detector.
    """
    found = find_faces(image, detector)
    if not found:
        raise BadInputError(
            f"{where}: {detector} finds no face of {SMALLEST_FACE:g} px or more in a picture of "
            f"{image.shape[1]}x{image.shape[0]} px; try another detector ({', '.join(detectors)}) or leave the clip out"
        )
    return landmarks_of(image, found[0])


def find_faces(image: Image, detector: str = "mtcnn", smallest: float = SMALLEST_FACE) -> list[Detection]:
    """Every face of a picture (H, W, 3) RGB, largest first, as training looks for them; empty where there is none.

    A picture that is nothing but face, as cropped corpora have them, is widened by its mean colour for the search.
    ``smallest`` is the width in px from which faces are looked for.
    """
    find = _detector(detector)
    found = find(image, smallest)
    if found:
        return found
    border = round(CLOSE_UP * max(image.shape[:2]))
    mean = [float(value) for value in image.reshape(-1, 3).mean(0)]
    wide = cv2.copyMakeBorder(image, *(border,) * 4, cv2.BORDER_CONSTANT, value=mean)
    return [_moved(each, border) for each in find(np.asarray(wide, dtype=np.uint8), smallest)]


def landmarks_of(image: Image, found: Detection) -> FloatArray:
    """The 68 landmarks (68, 2), px, of a face that `find_faces` found: the detector's own where it gives as many."""
    points = found.landmarks
    return landmarks68(image, found.box, 2) if points is None or len(points) != 68 else points


def _moved(found: Detection, border: int) -> Detection:
    x0, y0, x1, y1 = (value - border for value in found.box)
    points = None if found.landmarks is None else found.landmarks - border
    return Detection((x0, y0, x1, y1), found.confidence, points)


def _look(find: Find | None, detector: str, clip: Clip) -> Find:
    return find or partial(find_marks, detector=detector, where=clip.id)


@lru_cache(maxsize=4)
def _detector(name: str) -> Detector:
    return detectors[name]()


def _scaled(to_aligned: FloatArray, size: int) -> FloatArray:
    return to_aligned * (size / ALIGNED_SIZE)


def _of(region: Region) -> dict[str, object]:
    """What a region adds to a recipe: nothing where the whole face is kept, so that older entries stay valid."""
    return {} if region == "whole" else {"region": region, "boxes": "cover-2"}


def _recipe(kind: str, clip: Clip, frames: Sequence[int], parameters: dict[str, object]) -> Recipe:
    """A recipe over the bytes of just those files: the frames' own, or the film with the frames' numbers."""
    files = frame_files(clip.recording)
    if files is None:
        return Recipe(kind, 1, (fingerprint(clip.recording.path),), parameters | {"frames": list(frames)})
    return Recipe(kind, 1, tuple(fingerprint(files[number]) for number in frames), parameters)
