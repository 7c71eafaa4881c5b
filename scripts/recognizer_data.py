"""The flow maps that the recogniser is trained on, and where the face lies in them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from scipy.ndimage import affine_transform

from micromask.core.errors import BadInputError
from micromask.core.types import SubjectId
from micromask.datasets import load
from micromask.models.inputs import Input

CLASSES = ("negative", "positive", "surprise")

CENTRED = Input("motion", 3, 28, 28, low=-4.0, high=4.0)
"""What the candidates' networks see; see `centred`."""


@dataclass(frozen=True, slots=True, eq=False)
class Maps:
    """Maps (N, 28, 28, 3) uint8, labels (N,) into CLASSES, and the subject of each clip id, in the maps' order."""

    maps: NDArray[np.uint8]
    labels: NDArray[np.int64]
    subjects: dict[str, SubjectId]

    @property
    def fingerprint(self) -> str:
        """Of the numbers, labels and subjects: what is cached for other data is not used."""
        told = repr([(clip, str(person)) for clip, person in self.subjects.items()]).encode()
        return hashlib.sha256(self.maps.tobytes() + self.labels.tobytes() + told).hexdigest()

    def rows(self, clips: frozenset[str]) -> NDArray[np.int64]:
        """The rows of these clips, ascending."""
        return np.array([row for row, clip in enumerate(self.subjects) if clip in clips], np.int64)

    def of(self, clips: frozenset[str]) -> Maps:
        """The part that these clips are."""
        rows = self.rows(clips)
        kept = {clip: person for clip, person in self.subjects.items() if clip in clips}
        return Maps(self.maps[rows], self.labels[rows], kept)


def read_maps(folder: Path) -> Maps:
    """The maps of a table as `micromask.datasets.load("flow-table", folder)` reads it."""
    clips = load("flow-table", folder)
    pictures, labels = [], []
    for clip in clips:
        assert clip.motion is not None
        picture = cv2.imread(str(clip.motion.path), cv2.IMREAD_COLOR)
        emotion = clip.annotation.emotion
        if picture is None or picture.shape != (28, 28, 3) or emotion not in CLASSES:
            got = "no picture" if picture is None else f"{picture.shape} and {emotion!r}"
            raise BadInputError(f"{clip.annotation.source}: wanted a 28 x 28 map and one of {CLASSES}, got {got}")
        pictures.append(cv2.cvtColor(picture, cv2.COLOR_BGR2RGB))
        labels.append(CLASSES.index(emotion))
    return Maps(np.stack(pictures), np.array(labels, np.int64), {clip.id: clip.subject for clip in clips})


def misplaced(maps: NDArray[np.uint8], down: float, right: float, zoom: float = 1.0) -> NDArray[np.uint8]:
    """The maps as another crop of the face would have given them: moved by pixels, or the face larger (zoom > 1)."""
    centre = 13.5
    scale = np.array([1.0, 1 / zoom, 1 / zoom, 1.0])
    start = np.array([0, centre - (centre + down) / zoom, centre - (centre + right) / zoom, 0])
    moved = affine_transform(maps.astype(np.float64), scale, offset=start, order=1, mode="nearest")
    return np.round(moved).astype(np.uint8)


MISPLACEMENTS = {
    "1 px": [(1, 0, 1.0), (-1, 0, 1.0), (0, 1, 1.0), (0, -1, 1.0)],
    "2 px": [(2, 0, 1.0), (-2, 0, 1.0), (0, 2, 1.0), (0, -2, 1.0)],
    "10 % zoom": [(0, 0, 1.1), (0, 0, 1 / 1.1)],
}
"""Name to (down, right, zoom): 1 px is 1/28 of the crop's side."""


def centred(maps: NDArray[np.uint8]) -> torch.Tensor:
    """Maps (N, 28, 28, 3) uint8 to what the networks see: (N, 3, 28, 28), each channel less its median, in 64ths."""
    planes = np.moveaxis(maps.astype(np.float32), 3, 1)
    return torch.from_numpy((planes - np.median(planes, axis=(2, 3), keepdims=True)).astype(np.float32) / 64)
