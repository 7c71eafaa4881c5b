"""From a clip, or a picture and a face in it, to the pixels that a model reads: the same way in training and in use."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from micromask.core.clips import Clip
from micromask.core.errors import BadInputError
from micromask.core.types import FloatArray, Image
from micromask.datasets.cache import Cache
from micromask.datasets.prepare import (
    MAP_SIZE,
    Find,
    clip_faces,
    clip_motion_map,
    clip_pictures,
    face_crop,
    whole_picture,
)
from micromask.faces.cover import Region, check_region
from micromask.imaging.sample import interpolate_frames
from micromask.imaging.tone import equalise, resize, to_grey

if TYPE_CHECKING:
    from micromask.models.inputs import Input

Crop = Literal["face", "whole"]
Tone = Literal["plain", "clahe"]


@dataclass(frozen=True, slots=True)
class Preparation:
    """How pixels are made of clips.

    ``crop`` face: the face is found, turned upright and cut out; whole: the picture as it is, for data sets of faces
    already cut out. ``tone`` clahe: contrast-limited equalisation of grey pictures (paper C). ``pick``, ``frames`` and
    ``rate`` say which frames of a clip a frame model gets; see ``evaluation.samples.frame_samples``. ``detector`` and
    ``flow`` are names of their registries. ``region`` upper-face: all but eyes and brows is blank, and motion maps are
    at rest there; no-mouth: mouth and chin are.
    """

    crop: Crop = "face"
    tone: Tone = "plain"
    pick: str = "evenly"
    frames: int = 8
    rate: float = 10.0
    detector: str = "mtcnn"
    flow: str = "tvl1"
    region: Region = "whole"

    def __post_init__(self) -> None:
        check_region(self.region)
        if self.crop not in get_args(Crop) or self.tone not in get_args(Tone):
            raise BadInputError(f"crop is face or whole and tone plain or clahe, got {self.crop!r} and {self.tone!r}")


def preparation_of(card: Mapping[str, Any]) -> Preparation:
    """How pictures have to be made for a fitted model, by the card in its file: as they were when it was fitted.

    Parameters
    ----------
    card : Mapping
        What ``models.load_model`` gives beside the model.

    Raises
    ------
    BadInputError
        If the card tells it in another way than `micromask train` does.
    """
    told = card["preprocessing"]
    try:
        return Preparation(**told)
    except TypeError as error:
        raise BadInputError(
            f"the card of {card['name']} does not say how its pictures were made so that it can be done again: {told!r}"
        ) from error


def clip_input(
    clip: Clip,
    frames: Sequence[int] | None,
    given: Input,
    how: Preparation,
    cache: Cache | None = None,
    *,
    find: Find | None = None,
) -> NDArray[np.uint8]:
    """A clip as a model reads it, for ``models.inputs.to_input``.

    Parameters
    ----------
    clip : Clip
    frames : sequence of int, optional
        Which frames of its recording a model of single frames gets, ascending; from onset to offset without.
    given : Input
        Of the model.
    how : Preparation
    cache : Cache, optional
        Where faces and motion maps are kept once they were computed.
    find : callable, optional
        Finds the face instead of the detector, where another than the largest is wanted.

    Returns
    -------
    uint8
        Frames (n, H, W[, 3]), one sequence (1, T, H, W[, 3]) or one motion map (1, H, W, 3).

    Raises
    ------
    BadInputError
        If the clip cannot be read, has no face or no motion, or is a motion map and the model reads pictures.
    """
    if given.reads == "motion":
        made = clip_motion_map(clip, cache, detector=how.detector, method=how.flow, region=how.region, find=find)[None]
        if (given.height, given.width) != (MAP_SIZE, MAP_SIZE):
            made = np.stack([resize(each, (given.height, given.width)) for each in made])
        return made
    if clip.motion is not None:
        raise BadInputError(f"{clip.id}: is a motion map and has no frames; take a model that reads motion")
    pictures = np.stack([_fitted_to(each, given, how) for each in _looked_at(clip, frames, given, how, cache, find)])
    if given.reads == "frame":
        return pictures
    return np.asarray(interpolate_frames(pictures, given.frames), np.uint8)[None]


def face_input(image: Image, marks: FloatArray, given: Input, how: Preparation) -> Image:
    """One face of a picture as a model of single frames reads it: what `clip_input` makes of a clip of that picture.

    Parameters
    ----------
    image : (H, W, 3) uint8
        RGB, of any size.
    marks : (68, 2) float
        The face's landmarks, px of the picture.
    given : Input
        Of the model.
    how : Preparation
        ``crop`` whole gives the whole picture, whatever face is meant.

    Returns
    -------
    (given.height, given.width[, 3]) uint8

    Raises
    ------
    BadInputError
        If the model reads motion or sequences.
    """
    if given.reads != "frame":
        raise BadInputError(f"a picture shows no {given.reads}: wanted a model that reads single frames")
    colour = _in_colour(given, how)
    if how.crop == "whole":
        return _fitted_to(whole_picture(image, marks, colour=colour, region=how.region), given, how)
    size = max(given.height, given.width)
    return _fitted_to(face_crop(image, marks, size, colour=colour, region=how.region), given, how)


def _looked_at(
    clip: Clip, wanted: Sequence[int] | None, given: Input, how: Preparation, cache: Cache | None, find: Find | None
) -> Sequence[Image]:
    looks: dict[str, Any] = {
        "colour": _in_colour(given, how),
        "detector": how.detector,
        "region": how.region,
        "find": find,
    }
    if how.crop == "face":
        faces = clip_faces(clip, cache, frames=wanted, size=max(given.height, given.width), **looks)
        return list(faces)
    return clip_pictures(clip, list(wanted or range(clip.annotation.onset, clip.annotation.offset + 1)), **looks)


def _in_colour(given: Input, how: Preparation) -> bool:
    return given.channels == 3 and how.tone == "plain"


def _fitted_to(image: Image, given: Input, how: Preparation) -> Image:
    sized = resize(image, (given.height, given.width))
    return equalise(to_grey(sized)) if how.tone == "clahe" else sized
