"""Pictures that a caller hands in for a page: a sample, and where a network looked at it."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from micromask.core.types import FloatArray, Image
from micromask.reports.pictures import data_uri

SIDE = 224
"""Pixels of a picture's longer side on the page, at least: small maps are drawn larger."""
HEAT = np.array([[255, 236, 170], [251, 140, 40], [180, 20, 10]], np.float64)
"""Colours of a heat map from little to most."""
OPACITY = 0.8


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """A sample as a page shows it.

    ``image`` (H, W) grey or (H, W, 3) RGB, uint8; ``heat`` (H, W) in [0, 1], such as that of
    ``inference.explain.grad_cam``, or None; ``caption`` says what is seen. To hand one in is to say that the data set's
    licence allows to show it.
    """

    image: Image
    heat: FloatArray | None = None
    caption: str = ""

    def __post_init__(self) -> None:
        if self.image.dtype != np.uint8 or self.image.ndim not in (2, 3):
            raise ValueError(f"a picture is (H, W) or (H, W, 3) uint8, got {self.image.shape} {self.image.dtype}")
        if self.heat is not None and self.heat.shape != self.image.shape[:2]:
            raise ValueError(f"heat has the shape of its picture {self.image.shape[:2]}, got {self.heat.shape}")


def plain_uri(picture: Picture) -> str:
    """The picture alone, as an address that holds it."""
    return data_uri(_enlarged(picture.image))


def heat_uri(picture: Picture) -> str:
    """The heat over the picture in grey, as an address that holds it; the picture alone where there is no heat."""
    return data_uri(heat_over(picture)) if picture.heat is not None else plain_uri(picture)


def heat_over(picture: Picture) -> Image:
    """The picture in grey, and over it the heat: the more, the darker red and the less of the picture shows through."""
    image = _enlarged(picture.image)
    if picture.heat is None:
        return image
    grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY) if image.ndim == 3 else image
    heat = cv2.resize(picture.heat.astype(np.float32), grey.shape[::-1], interpolation=cv2.INTER_LINEAR).clip(0, 1)
    steps = np.linspace(0, 1, len(HEAT))
    colour = np.stack([np.interp(heat, steps, HEAT[:, channel]) for channel in range(3)], axis=-1)
    over = (OPACITY * heat)[..., None]
    return np.asarray(np.round(grey[..., None] * (1 - over) + colour * over), np.uint8)


def _enlarged(image: Image) -> Image:
    times = max(1, -(-SIDE // max(image.shape[:2])))
    if times == 1:
        return image
    size = (image.shape[1] * times, image.shape[0] * times)
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_NEAREST), np.uint8)
