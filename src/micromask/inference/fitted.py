"""A fitted model in use: the recogniser that comes with the package, or one of the user's own, on film and pictures.

What a model reads is made by `micromask.datasets.preparation`, as it was made when the model was fitted, so a picture
of its training folder gives the same input here, bit for bit. `micromask.inference.own_models` lists a folder's models.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from micromask.core.clips import Annotation, Clip, Source
from micromask.core.errors import BadInputError
from micromask.core.types import FaceTrack, FloatArray, Image, Recording
from micromask.datasets.picks import picked_frames
from micromask.datasets.preparation import Preparation, clip_input, face_input, preparation_of
from micromask.datasets.prepare import Find, find_faces, landmarks_of
from micromask.faces.track import overlap
from micromask.inference.own_models import Reads, is_shipped, own_model
from micromask.inference.pictures import Spanned, interval_map
from micromask.inference.recognise import SHIPPED, Recognizer, load_recognizer, recognise, softmax

if TYPE_CHECKING:
    from micromask.models.catalogue import Model

BATCH = 32
"""So many inputs go through a network at once."""

SAME_FACE = 0.2
"""Overlap of two boxes from which they are one face."""


@dataclass(frozen=True, slots=True, eq=False)
class Fitted:
    """A model that can be asked.

    ``classes`` name the columns of its probabilities. ``describe`` says in one line what it is and how good it is on
    people it has not seen; ``card`` holds all that is known of it. ``reads`` is what it wants: motion maps and
    sequences need film, single frames also do with pictures. ``engine`` does the work; ``preparation`` is None for the
    recogniser that comes with the package, which has a way of its own.
    """

    name: str
    describe: str
    classes: tuple[str, ...]
    card: dict[str, Any]
    reads: Reads
    engine: Model | Recognizer
    preparation: Preparation | None = None

    @property
    def shipped(self) -> bool:
        """Whether it is the recogniser that comes with the package."""
        return isinstance(self.engine, Recognizer)


def load_fitted(path: Path | None = None) -> Fitted:
    """The model in a weights file, as ``micromask train`` writes it; without one the recogniser that is shipped.

    Raises
    ------
    BadInputError
        If the file is missing, damaged, or does not say how its pictures were made.
    """
    own = own_model(path or SHIPPED)
    if is_shipped(own.card):
        recognizer = load_recognizer(path)
        card = dict(recognizer.card)
        return Fitted(own.name, recognizer.describe, recognizer.classes, card, "motion", recognizer)
    from micromask.models import load_model

    model, card = load_model(own.path)
    try:
        how = preparation_of(card)
    except BadInputError as error:
        raise BadInputError(f"{own.path}: {error}; wanted a file that micromask train wrote") from error
    line = own.describe
    if how.crop == "whole" and model.input.reads != "motion":
        line += "; fitted on whole pictures, so of a film or picture in which more than the face is seen it says little"
    return Fitted(own.name, line, own.classes, card, model.input.reads, model, how)


def interval_probabilities(
    fitted: Fitted,
    recording: Recording,
    tracks: Sequence[FaceTrack],
    intervals: Sequence[Spanned],
    *,
    maps: Sequence[Image] | None = None,
) -> NDArray[np.float64]:
    """How probable each class is in each interval of a film, for a model of any kind.

    The face is looked for as it was in training, with the detector that the card names, in the first frame that is
    read; of several faces that one counts which lies where the track is, and where the detector finds none there the
    track's own landmarks do. A model of single frames gives the mean over the frames that it would have been fitted on.

    Parameters
    ----------
    fitted : Fitted
    recording : Recording
        Its film is read again.
    tracks : sequence of FaceTrack
        With the intervals' faces among them.
    intervals : sequence of Interval or Expression
    maps : sequence of (28, 28, 3), optional
        What `inference.pictures.take_pictures` made of the same intervals, so that the shipped recogniser need not.

    Returns
    -------
    (N, K) float64
        Probabilities over ``fitted.classes``; each row adds to 1, or is NaN where this model cannot read the interval,
        such as one whose onset and apex are the same frame. Those of the shipped recogniser are calibrated; those of
        other models are the softmax of their outputs, and are not.
    """
    of_face = {track.face_id: track for track in tracks}
    if isinstance(fitted.engine, Recognizer):
        made = maps if maps is not None else [interval_map(recording, of_face[one.face], one) for one in intervals]
        if not len(made):
            return np.empty((0, len(fitted.classes)))
        return recognise(fitted.engine, np.stack(list(made)))
    rows = np.full((len(intervals), len(fitted.classes)), np.nan)
    for at, one in enumerate(intervals):
        try:
            pictures = _interval_input(fitted, recording, of_face[one.face], one)
        except BadInputError:
            continue
        rows[at] = _asked(fitted, pictures).mean(axis=0)
    return rows


def face_probabilities(
    fitted: Fitted, pictures: Sequence[Image], landmarks: Sequence[FloatArray]
) -> NDArray[np.float64]:
    """How probable each class is for each of some faces.

    Parameters
    ----------
    fitted : Fitted
        A model of single frames.
    pictures : sequence of (H, W, 3) uint8
        RGB, of any sizes; the same picture may stand there for several faces.
    landmarks : sequence of (68, 2) float
        One face in each, px of the picture; see ``datasets.prepare.find_faces`` and ``landmarks_of``. A model that was
        fitted on whole pictures (``fitted.preparation.crop``) reads the whole picture: give it a close-up.

    Returns
    -------
    (N, K) float64
        Probabilities over ``fitted.classes``, not calibrated.

    Raises
    ------
    BadInputError
        If the model reads motion or sequences.
    """
    inputs = face_inputs(fitted, pictures, landmarks)
    return _asked(fitted, inputs) if len(inputs) else np.empty((0, len(fitted.classes)))


def face_grad_cam(
    fitted: Fitted,
    pictures: Sequence[Image],
    landmarks: Sequence[FloatArray],
    target: int | Sequence[int] | None = None,
) -> NDArray[np.float32]:
    """Where each of some faces speaks for a class (its own most probable one by default), (N, height, width) in [0, 1].

    The places are those of the model's input: of the aligned crop, or of the whole picture; see `face_inputs`.

    Raises
    ------
    BadInputError
        As `face_probabilities` and `inference.explain.grad_cam`: classical models have no planes to look at.
    """
    from micromask.inference.explain import grad_cam
    from micromask.models import to_input

    model, _ = _network(fitted)
    inputs = face_inputs(fitted, pictures, landmarks)
    if not len(inputs):
        return np.empty((0, model.input.height, model.input.width), np.float32)
    return grad_cam(model, to_input(inputs, model.input), target)


def face_inputs(fitted: Fitted, pictures: Sequence[Image], landmarks: Sequence[FloatArray]) -> NDArray[np.uint8]:
    """The pixels that a model of single frames gets of each face, (N, height, width[, 3])."""
    model, how = _network(fitted)
    need_frames(fitted)
    made = [face_input(image, marks, model.input, how) for image, marks in zip(pictures, landmarks, strict=True)]
    return np.stack(made) if made else np.empty((0, model.input.height, model.input.width), np.uint8)


def need_frames(fitted: Fitted) -> None:
    """Refuse a model that pictures are not enough for.

    Raises
    ------
    BadInputError
        If it reads motion or sequences.
    """
    if fitted.reads != "frame":
        wants = "the motion between two frames" if fitted.reads == "motion" else "sequences of frames"
        raise BadInputError(
            f"{fitted.name} reads {wants}, which a picture does not show: give it a film (micromask analyze), or take "
            "a model that reads single frames, such as mer-resnet18"
        )


def _network(fitted: Fitted) -> tuple[Model, Preparation]:
    if isinstance(fitted.engine, Recognizer) or fitted.preparation is None:
        need_frames(fitted)
        raise ValueError(f"{fitted.name} is no network")
    return fitted.engine, fitted.preparation


def _interval_input(fitted: Fitted, recording: Recording, track: FaceTrack, one: Spanned) -> NDArray[np.uint8]:
    model, how = _network(fitted)
    clip = _clip_of(recording, one)
    frames = None
    if fitted.reads == "frame":
        frames = picked_frames(clip, how.pick, frames=how.frames, rate=how.rate)
    first = frames[0] if frames else one.onset
    return clip_input(clip, frames, model.input, how, find=_finder(track, first, how.detector))


def _clip_of(recording: Recording, one: Spanned) -> Clip:
    source = Source(recording.path)
    coded = Annotation(one.onset, one.apex, one.offset, "", "micro", source, apex_from="motion-peak")
    return Clip(f"{recording.id}, frames {one.onset} to {one.offset}", recording, coded)


def _finder(track: FaceTrack, frame: int, detector: str) -> Find:
    """Finds in the picture of a frame the face that a track follows."""
    row = int(np.abs(track.frames - frame).argmin())
    x0, y0, x1, y1 = (float(side) for side in track.boxes[row])

    def find(image: Image) -> FloatArray:
        found = find_faces(image, detector)
        best = max(found, key=lambda each: overlap(each.box, (x0, y0, x1, y1)), default=None)
        if best is None or overlap(best.box, (x0, y0, x1, y1)) < SAME_FACE:
            return np.asarray(track.landmarks[row], np.float64)
        return landmarks_of(image, best)

    return find


def _asked(fitted: Fitted, pictures: NDArray[np.uint8]) -> NDArray[np.float64]:
    import torch

    from micromask.models import to_input

    model, _ = _network(fitted)
    inputs = to_input(pictures, model.input)
    with torch.inference_mode():
        logits = torch.cat([model(part) for part in torch.split(inputs, BATCH)])
    return softmax(logits.double().numpy())
