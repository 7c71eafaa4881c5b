"""Single pictures: find the faces, cut them out, make them easy to see, and ask a model what it sees in each."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from micromask.core.errors import BadInputError
from micromask.core.predictions import FaceRead, PictureRead
from micromask.core.types import Detection, FloatArray, Image
from micromask.datasets.prepare import find_faces, landmarks_of
from micromask.faces.align import apply
from micromask.faces.track import overlap
from micromask.imaging.enhance import SIZE, Enhanced, enhance_face
from micromask.imaging.tone import resize
from micromask.inference.fitted import Fitted, face_grad_cam, face_probabilities, need_frames
from micromask.recordings.single import read_single

SMALL = 20.0
"""After the faces that training looks for, those down to this width (px) are looked for too."""

LONGEST_FOR_SMALL = 2560
"""In pictures with a longer side than this they are not: it would take too much memory."""

MOST_FACES = 64
"""So many faces of a picture are read, the largest first."""

FEW_PX = 40.0
"""A face narrower than this shows little of an expression."""

FILLS = 0.35
"""A model of whole pictures was fitted on pictures in which the face is at least this wide, as a share of theirs."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is wanted of each picture.

    ``detector`` is a name of its registry; by default the one that the model was fitted with, else mtcnn. ``enhanced``
    lets the model read the enhanced faces in place of the picture's own pixels, which is not how it was fitted.
    ``heat`` asks for Grad-CAM.
    """

    detector: str | None = None
    enhanced: bool = False
    heat: bool = True


def predict(
    path: Path, fitted: Fitted | None = None, asked: Asked = Asked(), *, name: str | None = None
) -> PictureRead:
    """Everything that is to be said about one picture; what is wrong with it is said in the answer.

    Parameters
    ----------
    path : Path
    fitted : Fitted, optional
        A model of single frames; without one faces are found and enhanced, and nothing is said of them.
    asked : Asked
    name : str, optional
        What the picture is called; its path by default.

    Returns
    -------
    PictureRead

    Raises
    ------
    BadInputError
        If the model reads motion or sequences, or there is no such detector; never because of the picture.
    """
    if fitted is not None:
        need_frames(fitted)
    called = str(path) if name is None else name
    try:
        single = read_single(path)
    except BadInputError as error:
        return PictureRead(called, None, why=str(error).removeprefix(f"{path}: "))
    faces, more = _found(single.image, detector_of(fitted, asked))
    notes = (*single.notes, f"{more} more faces were left out") if more else single.notes
    whole = fitted is not None and fitted.preparation is not None and fitted.preparation.crop == "whole"
    read: tuple[FaceRead, ...]
    if whole and not asked.enhanced:
        assert fitted is not None
        read = (_whole(single.image, faces, fitted, asked),)
    else:
        read = _each(single.image, faces, fitted, asked)
    return PictureRead(called, (single.image.shape[0], single.image.shape[1]), read, notes)


def detector_of(fitted: Fitted | None, asked: Asked) -> str:
    """The detector that is asked for, else the one that the model was fitted with."""
    if asked.detector is not None:
        return asked.detector
    return "mtcnn" if fitted is None or fitted.preparation is None else fitted.preparation.detector


def _found(image: Image, detector: str) -> tuple[list[Detection], int]:
    """The faces of a picture, and how many more there are; the ones that training would find come as it finds them."""
    faces = find_faces(image, detector)
    if max(image.shape[:2]) <= LONGEST_FOR_SMALL:
        for small in find_faces(image, detector, SMALL):
            if all(overlap(small.box, each.box) < 0.2 for each in faces):
                faces.append(small)
    return faces[:MOST_FACES], max(0, len(faces) - MOST_FACES)


def _each(image: Image, faces: list[Detection], fitted: Fitted | None, asked: Asked) -> tuple[FaceRead, ...]:
    marks = [landmarks_of(image, found) for found in faces]
    good = [enhance_face(image, points) for points in marks]
    given: tuple[list[Image], list[FloatArray]] = ([image] * len(faces), marks)
    if asked.enhanced:
        given = [one.picture for one in good], [apply(one.to_picture, m) for one, m in zip(good, marks, strict=True)]
    rows: list[dict[str, float]] = [{} for _ in faces]
    heats: list[FloatArray | None] = [None] * len(faces)
    cautions: tuple[str, ...] = ()
    if fitted is not None and faces:
        told = face_probabilities(fitted, *given)
        rows = [dict(zip(fitted.classes, row.tolist(), strict=True)) for row in told]
        if asked.heat:
            maps, why = _heat(fitted, *given)
            heats = list(maps) if maps is not None else heats
            cautions = (why,) if why else ()
    return tuple(
        FaceRead(
            found.box,
            found.confidence,
            one.picture,
            one.steps,
            row,
            None if heat is None else _on_face(heat, one),
            (*_cautions(found, fitted, asked), *cautions),
        )
        for found, one, row, heat in zip(faces, good, rows, heats, strict=True)
    )


def _whole(image: Image, faces: list[Detection], fitted: Fitted, asked: Asked) -> FaceRead:
    """The one row of a picture that a model reads as a whole."""
    found = faces[0] if faces else None
    marks = landmarks_of(image, found) if found else np.zeros((68, 2))
    assert fitted.preparation is not None
    shown = resize(image, longest=SIZE)
    cautions = list(_cautions(found, fitted, asked)) if found else ["no face was found in it"]
    if not found and fitted.preparation.region != "whole":
        return FaceRead(
            None, None, shown, cautions=(*cautions, "so the model, which reads a part of it, was not asked")
        )
    if len(faces) > 1:
        cautions.append(f"{len(faces)} faces were found, and the model reads the whole picture")
    if found and found.box[2] - found.box[0] < FILLS * image.shape[1]:
        cautions.append("the face fills little of the picture, and the model was fitted on pictures of faces")
    told = face_probabilities(fitted, [image], [marks])[0]
    heat = None
    if asked.heat:
        maps, why = _heat(fitted, [image], [marks])
        heat = None if maps is None else cv2.resize(maps[0], shown.shape[1::-1], interpolation=cv2.INTER_LINEAR)
        cautions += [why] if why else []
    return FaceRead(
        found.box if found else None,
        found.confidence if found else None,
        shown,
        (),
        dict(zip(fitted.classes, told.tolist(), strict=True)),
        None if heat is None else np.asarray(heat, np.float32),
        tuple(cautions),
    )


def _heat(fitted: Fitted, pictures: list[Image], marks: list[FloatArray]) -> tuple[FloatArray | None, str]:
    """Where the network looked at each, or why that cannot be said."""
    try:
        return face_grad_cam(fitted, pictures, marks), ""
    except BadInputError:
        return None, f"{fitted.name} cannot show where it looked"


def _on_face(heat: FloatArray, good: Enhanced) -> FloatArray:
    """A map over the aligned face, as a map over the enhanced one: both have the eyes on the same points."""
    return np.asarray(
        cv2.resize(heat, good.picture.shape[1::-1], interpolation=cv2.INTER_LINEAR).clip(0, 1), np.float32
    )


def _cautions(found: Detection, fitted: Fitted | None, asked: Asked) -> tuple[str, ...]:
    width = found.box[2] - found.box[0]
    told = []
    if width < FEW_PX:
        told.append(f"the face is only {width:.0f} px wide")
    if asked.enhanced and fitted is not None:
        told.append("the model read the enhanced face, which is not how it was fitted")
    return tuple(told)
