"""Folders of numbered frames: from the number in a file's name to the frame on the recording's own clock."""

from __future__ import annotations

import os
import re
from bisect import bisect_left
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from natsort import natsorted

from micromask.core.types import Recording, SubjectId
from micromask.recordings.images import IMAGE_SUFFIXES

_NUMBER = re.compile(r"([0-9]+)[^0-9]*$")
_DIGIT = re.compile(r"[0-9]")
_ENDINGS = tuple(IMAGE_SUFFIXES)


@dataclass(frozen=True, slots=True)
class FrameFolder:
    """A folder of frames: file names in natural order and the number at the end of each.

    ``strays`` are pictures that would put frames and numbers out of step: without a number, or with one that is taken.
    """

    path: Path
    names: tuple[str, ...]
    numbers: tuple[int, ...]
    strays: tuple[str, ...] = ()

    def index(self, number: int) -> int | None:
        """The frame (from 0) whose file carries this number, or None where that file is missing."""
        at = bisect_left(self.numbers, number)
        return at if at < len(self.numbers) and self.numbers[at] == number else None

    def gaps(self, first: int, last: int) -> list[int]:
        """Numbers from ``first`` to ``last`` (inclusive) that have no file."""
        there = set(self.numbers)
        return [number for number in range(first, last + 1) if number not in there]


@lru_cache(maxsize=4096)
def frame_folder(path: Path) -> FrameFolder | None:
    """The frames of a folder, None where there is no such folder or no image in it. Opens no image."""
    try:
        names = [entry.name for entry in os.scandir(path) if entry.name.lower().endswith(_ENDINGS)]
    except (FileNotFoundError, NotADirectoryError):
        return None
    listed = _natural([name for name in names if not name.startswith(".")])
    numbered = sorted((int(found[1]), name) for name in listed if (found := _NUMBER.search(name.rpartition(".")[0])))
    if not numbered:
        return None
    numbers = tuple(number for number, _ in numbered)
    there = tuple(name for _, name in numbered)
    strays: list[str] = []
    if list(there) != listed or len(set(numbers)) < len(numbers):
        strays = [name for name in listed if name not in set(there)]
        strays += [name for (number, name), before in zip(numbered[1:], numbers, strict=False) if number == before]
        strays = strays or [name for name, other in zip(listed, there, strict=True) if name != other]
    return FrameFolder(path, there, numbers, tuple(strays))


def _natural(names: list[str]) -> list[str]:
    """Names in natural order; where they differ in digits only, that is their plain order, found much faster."""
    alike = len({_DIGIT.sub("0", name) for name in names}) <= 1 and all(map(str.isascii, names))
    return sorted(names) if alike else list(natsorted(names))


def folder_recording(folder: FrameFolder, subject: SubjectId, clip: str, fps: float, licence: str) -> Recording:
    """The recording of a folder of frames; its size stays unknown until somebody opens it.

    ``fps`` is the camera's rate. Where numbers are missing between the first and the last, the recording has the times
    that the numbers give, so that a gap is as long as it was.
    """
    numbers = np.array(folder.numbers)
    steady = numbers[-1] - numbers[0] == len(numbers) - 1
    times = None if steady else (numbers - numbers[0]) / fps
    return Recording(clip, folder.path, fps, len(numbers), None, subject=subject, times=times, licence=licence)


def existing(root: Path, *candidates: str) -> Path | None:
    """The first of several relative folders that is there; case counts only where two differ in nothing else."""
    for candidate in candidates:
        place = root / candidate
        if place.is_dir():
            return place
        found: Path | None = root
        for part in Path(candidate).parts:
            assert found is not None
            children = {child.name.lower(): child for child in found.iterdir()} if found.is_dir() else {}
            found = children.get(part.lower())
            if found is None:
                break
        if found is not None and found.is_dir():
            return found
    return None
