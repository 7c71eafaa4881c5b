"""One picture, such as a camera's at the press of a key: its faces, enhanced, and what a model reads in them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from micromask.core.types import FloatArray, Image
from micromask.faces.align import apply
from micromask.faces.detect import Detector, landmarks68
from micromask.faces.track import overlap
from micromask.imaging.enhance import Enhanced, enhance_face
from micromask.inference.crowd import Box
from micromask.inference.fitted import Fitted
from micromask.inference.read_faces import read_faces

SAME = 0.3
"""Overlap of two boxes from which they are one face."""

MOST_FACES = 16


@dataclass(frozen=True, slots=True, eq=False)
class SnapFace:
    """One face of a picture: its number in the live view (None for somebody who is not followed), where it is in px,
    how it looks enhanced, how probable each class of the model is in the enhanced face, and how probable in the picture
    as it is; both are empty without a model."""

    face: int | None
    box: Box
    enhanced: Enhanced
    probabilities: Mapping[str, float] = field(default_factory=dict)
    as_it_is: Mapping[str, float] = field(default_factory=dict)


def snapshot(
    picture: Image,
    detector: Detector,
    *,
    smallest: float = 40.0,
    model: Fitted | None = None,
    known: Mapping[int, Box] | None = None,
) -> tuple[SnapFace, ...]:
    """Look closely at one picture.

    Parameters
    ----------
    picture : (H, W, 3) uint8
        RGB.
    detector : Detector
    smallest : float
        Width in px of the narrowest face to look for.
    model : Fitted, optional
        A model of single frames. It reads each face twice: enhanced (paper C's way to faces far away), and as it is in
        the picture, which is how it was fitted.
    known : mapping
        Where the faces of the live view are, {number: box}, px of the picture.

    Returns
    -------
    tuple of SnapFace
        From left to right, at most 16, the largest.
    """
    marks: list[FloatArray] = []
    boxes: list[Box] = []
    for found in detector(picture, smallest)[:MOST_FACES]:
        points = found.landmarks
        marks.append(points if points is not None and len(points) == 68 else landmarks68(picture, found.box))
        boxes.append(found.box)
    good = [enhance_face(picture, points) for points in marks]
    told: list[tuple[dict[str, float], dict[str, float]]] = [({}, {}) for _ in boxes]
    if model is not None:
        moved = [apply(one.to_picture, points) for one, points in zip(good, marks, strict=True)]
        told = [
            (read_faces(model, one.picture, [points])[0], plain)
            for one, points, plain in zip(good, moved, read_faces(model, picture, marks), strict=True)
        ]
    numbers = _numbers(boxes, known or {})
    faces = [SnapFace(*one, *each) for one, each in zip(zip(numbers, boxes, good, strict=True), told, strict=True)]
    return tuple(sorted(faces, key=lambda face: face.box[0]))


def _numbers(boxes: list[Box], known: Mapping[int, Box]) -> list[int | None]:
    """Which known face each box is: the pairs that overlap most come first, and nobody is there twice."""
    pairs = sorted(
        ((overlap(box, there), at, number) for at, box in enumerate(boxes) for number, there in known.items()),
        reverse=True,
    )
    numbers: dict[int, int] = {}
    for shared, at, number in pairs:
        if shared >= SAME and at not in numbers and number not in numbers.values():
            numbers[at] = number
    return [numbers.get(at) for at in range(len(boxes))]
