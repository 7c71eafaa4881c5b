"""The picture files that a case names, read once to see what they look like."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from micromask.evaluation.audit.case import Case, names
from micromask.evaluation.audit.looks import SIDE, Looks, hashed, shrunk

BATCH = 256
"""Pictures that a thread reads at a time."""


def look(paths: Sequence[Path], progress: Callable[[int], None] | None = None) -> Looks:
    """Read pictures and hash them; ``progress`` is called with the number done so far.

    What cannot be read is marked as lost.
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
    return hashed(small, lost)


def _batch(paths: Sequence[Path]) -> list[NDArray[np.uint8] | None]:
    return [_small(path) for path in paths]


def _small(path: Path) -> NDArray[np.uint8] | None:
    try:
        with Image.open(path) as picture:
            picture.draft("L", (2 * SIDE, 2 * SIDE))
            deep = picture.mode.startswith("I")  # 16 bits: the upper eight
            return shrunk(
                Image.fromarray((np.asarray(picture) >> 8).astype(np.uint8)) if deep else picture.convert("L")
            )
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
