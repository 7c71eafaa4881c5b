"""Pictures of a page: a sample, and where a network looked at it; handed in by a caller or read from a run's folder."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from micromask.core.errors import BadInputError
from micromask.core.types import FloatArray, Image
from micromask.reports.pictures import data_uri

SIDE = 224
"""Pixels of a picture's longer side on the page, at least: small maps are drawn larger."""
HEAT = np.array([[255, 236, 170], [251, 140, 40], [180, 20, 10]], np.float64)
"""Colours of a heat map from little to most."""
OPACITY = 0.8
EVEN = 225
"""Grey level below a heat that is shown alone."""
FOLDER = "explained"
"""Where a run keeps its pictures; `evaluation.explained_files` writes them."""


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """A sample as a page shows it.

    ``image`` (H, W) grey or (H, W, 3) RGB, uint8; ``heat`` (H, W) in [0, 1], such as that of
    ``inference.explain.grad_cam``, or None; ``caption`` says what is seen. To hand in an image is to say that the data
    set's licence allows to show it; where it does not, None leaves the heat alone.
    """

    image: Image | None
    heat: FloatArray | None = None
    caption: str = ""

    def __post_init__(self) -> None:
        if self.image is None:
            if self.heat is None:
                raise ValueError("a picture has an image, heat or both, got neither")
            return
        if self.image.dtype != np.uint8 or self.image.ndim not in (2, 3):
            raise ValueError(f"a picture is (H, W) or (H, W, 3) uint8, got {self.image.shape} {self.image.dtype}")
        if self.heat is not None and self.heat.shape != self.image.shape[:2]:
            raise ValueError(f"heat has the shape of its picture {self.image.shape[:2]}, got {self.heat.shape}")


def plain_uri(picture: Picture) -> str | None:
    """The picture alone, as an address that holds it; None where only the heat may be shown."""
    return None if picture.image is None else data_uri(_enlarged(picture.image))


def heat_uri(picture: Picture) -> str | None:
    """The heat over the picture in grey, as an address that holds it; None where there is no heat."""
    return None if picture.heat is None else data_uri(heat_over(picture))


def heat_over(picture: Picture) -> Image:
    """The picture in grey, or an even grey where there is none, and over it the heat: the more, the darker red and the
    less of the picture shows through.
    """
    if picture.image is None:
        assert picture.heat is not None
        image = _enlarged(np.full(picture.heat.shape, EVEN, np.uint8))
    else:
        image = _enlarged(picture.image)
    if picture.heat is None:
        return image
    grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY) if image.ndim == 3 else image
    heat = cv2.resize(picture.heat.astype(np.float32), grey.shape[::-1], interpolation=cv2.INTER_LINEAR).clip(0, 1)
    steps = np.linspace(0, 1, len(HEAT))
    colour = np.stack([np.interp(heat, steps, HEAT[:, channel]) for channel in range(3)], axis=-1)
    over = (OPACITY * heat)[..., None]
    return np.asarray(np.round(grey[..., None] * (1 - over) + colour * over), np.uint8)


def pictures_of(document: Mapping[str, Any], files: Mapping[str, bytes]) -> dict[str, Picture]:
    """The pictures of a run by clip, from the rows ``explained`` of its document and the PNG files that these name.

    Raises
    ------
    BadInputError
        If a file is missing or is no picture.
    """
    found = {}
    for row in document.get("explained") or ():
        image = None if row["picture"] is None else _decoded(row["picture"], files, cv2.IMREAD_COLOR)
        heat = _decoded(row["heat"], files, cv2.IMREAD_GRAYSCALE).astype(np.float64) / 255
        fold = row["fold"] if row["fold"].startswith("fold") else f"fold {row['fold']}"
        said = f"{row['said']} {row['probability']:.2f} by the network of {fold}, seed {row['seed']}"
        found[row["clip"]] = Picture(image, heat, said)
    return found


def read_pictures(folder: Path, document: Mapping[str, Any]) -> dict[str, Picture]:
    """The pictures that a run left beside its document, for its page to be drawn again.

    Raises
    ------
    BadInputError
        If one that the document names is missing or is no picture.
    """
    place = folder / FOLDER
    return pictures_of(document, {file.name: file.read_bytes() for file in sorted(place.glob("*.png"))})


def _decoded(name: str, files: Mapping[str, bytes], how: int) -> Image:
    packed = files.get(name)
    pixels = None if not packed else cv2.imdecode(np.frombuffer(packed, np.uint8), how)
    if pixels is None:
        raise BadInputError(f"{FOLDER}/{name}: {'missing' if packed is None else 'no picture'}; evaluate again")
    return np.asarray(cv2.cvtColor(pixels, cv2.COLOR_BGR2RGB) if pixels.ndim == 3 else pixels, np.uint8)


def _enlarged(image: Image) -> Image:
    times = max(1, -(-SIDE // max(image.shape[:2])))
    if times == 1:
        return image
    size = (image.shape[1] * times, image.shape[0] * times)
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_NEAREST), np.uint8)
