"""What pictures look like: small, grey, and as a perceptual hash that is not cut down to bits.

A perceptual hash of a picture is the sign of its lowest frequencies (Zauner 2010, Implementation and benchmarking of
perceptual image hash functions). Faces that were aligned share most of those signs, so the numbers themselves are kept
here: near-duplicates are close in them, other people's faces are not.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy.fft import dctn

FloatArray = NDArray[np.float32]

SIDE = 32
"""Pictures are compared as grey ones of this many pixels each way."""

LOW = 8
"""Frequencies each way that the hash keeps."""

AXES = 12
"""Directions in which neighbours are searched before they are compared in full."""

FLATTEST = 2.0
"""A picture whose grey levels differ less (standard deviation at SIDE) looks like any other and has no hash."""


@dataclass(frozen=True, slots=True, eq=False)
class Looks:
    """What pictures look like: ``small`` (N, SIDE, SIDE) uint8, ``hashes`` (N, LOW * LOW - 1) of length 1.

    ``seen`` (N,) says which have a hash; ``lost`` (N,) which could not be read; ``axes`` (LOW * LOW - 1, AXES) are the
    directions in which the hashes differ most.
    """

    small: NDArray[np.uint8]
    hashes: FloatArray
    seen: NDArray[np.bool_]
    lost: NDArray[np.bool_]
    axes: FloatArray


def look_at(pictures: NDArray[np.uint8]) -> Looks:
    """Hash pictures that are at hand: (N, H, W) grey, or (N, H, W, 3) RGB or the three channels of motion maps, uint8.

    Raises
    ------
    ValueError
        If they have another shape.
    """
    if pictures.ndim not in (3, 4) or (pictures.ndim == 4 and pictures.shape[3] != 3):
        raise ValueError(f"pictures are (N, H, W) or (N, H, W, 3), got {pictures.shape}")
    small = np.zeros((len(pictures), SIDE, SIDE), dtype=np.uint8)
    for at, picture in enumerate(pictures):
        small[at] = shrunk(Image.fromarray(np.ascontiguousarray(picture)).convert("L"))
    return hashed(small, np.zeros(len(pictures), dtype=bool))


def shrunk(grey: Image.Image) -> NDArray[np.uint8]:
    """A grey picture at SIDE, each pixel the mean of its area."""
    return np.asarray(grey.resize((SIDE, SIDE), Image.Resampling.BOX), dtype=np.uint8)


def hashed(small: NDArray[np.uint8], lost: NDArray[np.bool_]) -> Looks:
    """Hash small pictures; what is nearly of one grey, or lost, has no hash."""
    hashes = np.zeros((len(small), LOW * LOW - 1), dtype=np.float32)
    spread = np.zeros(len(small), dtype=np.float32)
    for start in range(0, len(small), 4096):
        part = small[start : start + 4096].astype(np.float32)
        spread[start : start + 4096] = part.std(axis=(1, 2))
        waves = dctn(part, axes=(1, 2), norm="ortho")[:, :LOW, :LOW].reshape(len(part), -1)[:, 1:]
        length = np.linalg.norm(waves, axis=1, keepdims=True)
        hashes[start : start + 4096] = waves / np.maximum(length, 1e-6)
    seen = ~lost & (spread >= FLATTEST)
    known = hashes[seen].astype(np.float64)
    axes = np.linalg.eigh(known.T @ known)[1][:, ::-1][:, :AXES]
    return Looks(small, hashes, seen, lost, np.asarray(axes, dtype=np.float32))
