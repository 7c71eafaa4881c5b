"""What pictures look like: small, grey, and as a perceptual hash that is not cut down to bits.

A perceptual hash of a picture is the sign of its lowest frequencies (Zauner 2010, Implementation and benchmarking of
perceptual image hash functions). Faces that were aligned share most of those signs, so the numbers themselves are kept
here: near-duplicates are close in them, other people's faces are not.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.fft import dctn

from micromask.evaluation.audit.case import Case, names

FloatArray = NDArray[np.float32]

SIDE = 32
"""Pictures are compared as grey ones of this many pixels each way."""

LOW = 8
"""Frequencies each way that the hash keeps."""

AXES = 12
"""Directions in which neighbours are searched before they are compared in full."""

BATCH = 256
"""Pictures that a thread reads at a time."""

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


def look(paths: Sequence[Path], progress: Callable[[int], None] | None = None) -> Looks:
    """Read pictures and hash them; ``progress`` is called with the number done so far.

    What cannot be read is marked as lost, what is nearly of one grey has no hash.
    """
    small = np.zeros((len(paths), SIDE, SIDE), dtype=np.uint8)
    lost = np.zeros(len(paths), dtype=bool)
    starts = range(0, len(paths), BATCH)
    with ThreadPoolExecutor(max_workers=min(4, os.cpu_count() or 1)) as pool:
        for start, batch in zip(starts, pool.map(lambda at: _batch(paths[at : at + BATCH]), starts), strict=True):
            for at, picture in enumerate(batch, start):
                lost[at] = picture is None
                if picture is not None:
                    small[at] = picture
            if progress is not None:
                progress(start + len(batch))
    hashes = np.zeros((len(paths), LOW * LOW - 1), dtype=np.float32)
    spread = np.zeros(len(paths), dtype=np.float32)
    for start in range(0, len(paths), 4096):
        part = small[start : start + 4096].astype(np.float32)
        spread[start : start + 4096] = part.std(axis=(1, 2))
        waves = dctn(part, axes=(1, 2), norm="ortho")[:, :LOW, :LOW].reshape(len(part), -1)[:, 1:]
        length = np.linalg.norm(waves, axis=1, keepdims=True)
        hashes[start : start + 4096] = waves / np.maximum(length, 1e-6)
    seen = ~lost & (spread >= FLATTEST)
    known = hashes[seen].astype(np.float64)
    axes = np.linalg.eigh(known.T @ known)[1][:, ::-1][:, :AXES]
    return Looks(small, hashes, seen, lost, np.asarray(axes, dtype=np.float32))


def _batch(paths: Sequence[Path]) -> list[NDArray[np.uint8] | None]:
    return [_small(path) for path in paths]


def _small(path: Path) -> NDArray[np.uint8] | None:
    from PIL import Image

    try:
        with Image.open(path) as picture:
            picture.draft("L", (2 * SIDE, 2 * SIDE))
            deep = picture.mode.startswith("I")  # 16 bits: the upper eight
            grey = Image.fromarray((np.asarray(picture) >> 8).astype(np.uint8)) if deep else picture.convert("L")
            grey = grey.resize((SIDE, SIDE), Image.Resampling.BOX)
        return np.asarray(grey, dtype=np.uint8)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None


def with_looks(case: Case, progress: Callable[[int], None] | None = None) -> Case:
    """The case with what its pictures look like; ``image`` names files below ``root``, else below the current folder.

    Nothing is read where the case names no pictures, has them already, or has nobody to train on.
    """
    if case.looks is not None or not {"image", "train", "test"} <= case.known:
        return case
    return replace(case, looks=look([_place(case.root, name) for name in names(case.rows, "image")], progress))


def _place(root: Path, name: str) -> Path:
    below = root / name
    return below if below.exists() else Path(name)


def looks_of(case: Case) -> Looks | None:
    """What a case's pictures look like; None where it names none."""
    return with_looks(case).looks
