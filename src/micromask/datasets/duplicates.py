"""The same picture in two places: found by the hash of its bytes, whatever the files are called."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from micromask.core.clips import Clip
from micromask.core.types import Recording, SubjectId
from micromask.datasets.catalogue import Corpus
from micromask.datasets.pixels import frame_files

WHOLE_FILM = -1
"""Stands for the number of the frame where a film was hashed as one file."""


@dataclass(slots=True)
class Place:
    """One recording on disk: whose it is, what it is called, and the frames that its clips begin, peak and end with."""

    recording: Recording
    name: str
    subjects: set[SubjectId] = field(default_factory=set)
    frames: set[int] = field(default_factory=set)


def places_of(corpus: Corpus) -> list[Place]:
    """Every recording of a corpus once, with or without clips."""
    found: dict[Path, Place] = {}
    for clip in corpus.clips:
        place = found.setdefault(clip.recording.path, Place(clip.recording, clip.id))
        place.subjects.add(clip.subject)
        place.frames.update(_sample(clip))
    for recording in corpus.recordings:
        place = found.setdefault(recording.path, Place(recording, recording.id))
        if recording.subject is not None:
            place.subjects.add(recording.subject)
    return list(found.values())


def _sample(clip: Clip) -> set[int]:
    annotation = clip.annotation
    frames = {annotation.onset, annotation.offset}
    return frames if annotation.apex is None else frames | {annotation.apex}


class Prints:
    """Hashes of pictures and whose they are: 24 bytes a picture, whatever its size."""

    def __init__(self) -> None:
        self._digests = bytearray()
        self._owners = array("i")

    def add(self, digest: bytes, place: int, frame: int) -> None:
        """Note 16 bytes of hash of a frame of the place with that number."""
        self._digests += digest
        self._owners.extend((place, frame))

    def alike(self) -> Iterator[NDArray[Any]]:
        """Owners (K, 2), place and frame, of each picture that is there more than once, as they were added."""
        words = np.frombuffer(self._digests, dtype=np.uint64).reshape(-1, 2)
        owners = np.frombuffer(self._owners, dtype=np.intc).reshape(-1, 2)
        order = np.lexsort((words[:, 1], words[:, 0]))
        changes = np.flatnonzero((np.diff(words[order], axis=0) != 0).any(axis=1)) + 1
        edges = [0, *changes.tolist(), len(order)]
        runs = [np.sort(order[start:end]) for start, end in pairwise(edges) if end - start > 1]
        for run in sorted(runs, key=lambda run: int(run[0])):
            yield owners[run]


def duplicates(prints: Prints, places: Sequence[Place], root: Path) -> dict[str, list[str]]:
    """Lines of evidence by code: pictures under two clips of one subject (DS015), under two subjects (DS049).

    Pictures that are alike within one recording are nobody's mistake: a face may rest.
    """
    lines: dict[str, list[str]] = {}
    for place in places:
        if len(place.subjects) > 1:
            people = ", ".join(sorted(map(str, place.subjects)))
            lines.setdefault("DS049", []).append(f"{_below(place.recording.path, root)} is of {people}")
    shared: dict[tuple[int, int], list[tuple[int, int]]] = {}
    for owners in prints.alike():
        first = owners[0]
        for other in owners[1:]:
            if other[0] != first[0]:
                shared.setdefault((int(first[0]), int(other[0])), []).append((int(first[1]), int(other[1])))
    for (one, two), frames in shared.items():
        a, b = places[one], places[two]
        code = "DS015" if a.subjects == b.subjects else "DS049"
        where = " and ".join(_file(place, frame, root) for place, frame in zip((a, b), frames[0], strict=True))
        what = "the same film" if frames[0][0] == WHOLE_FILM else f"{len(frames)} pictures alike, such as"
        lines.setdefault(code, []).append(f"{a.name} and {b.name}: {what} {where}")
    return lines


def _file(place: Place, frame: int, root: Path) -> str:
    files = None if frame == WHOLE_FILM else frame_files(place.recording)
    return _below(place.recording.path if files is None else files[frame], root)


def _below(path: Path, root: Path) -> str:
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)
