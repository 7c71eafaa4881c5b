"""Where each face was, as tracks.npz: plain arrays that can be read whole or a few frames at a time."""

from __future__ import annotations

import json
import math
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from micromask.core.errors import BadInputError, BadOutputError
from micromask.core.types import FaceTrack
from micromask.core.whole_file import whole_file

FORMAT = "micromask-tracks/1"
TRACKS_FILE = "tracks.npz"
"""The name that tracks have beside an analysis.json."""

_ROWS = {"frames": "<i4", "boxes": "<f4", "landmarks": "<f4", "to_aligned": "<f4", "confidence": "<f4"}


def write_tracks(tracks: Sequence[FaceTrack], path: Path) -> None:
    """Write tracks as a NumPy archive without pickles; a file of that name is replaced once the new one is whole.

    Parameters
    ----------
    tracks : sequence of FaceTrack
        Those of one recording; none at all where no face was found.
    path : Path
        The arrays of face 3 are ``3_frames``, ``3_boxes``, ``3_landmarks``, ``3_to_aligned`` and ``3_confidence``
        (4 bytes a number); ``about`` is JSON: the format and, for each face, its recording, its detector and the size
        of the aligned face.

    Raises
    ------
    BadOutputError
        If the place is missing, full or not writable.
    """
    about = {
        "format": FORMAT,
        "faces": [
            {"face": one.face_id, "recording": one.recording_id, "method": one.method, "aligned": one.aligned_size}
            for one in tracks
        ],
    }
    arrays: dict[str, NDArray[Any]] = {"about": np.array(json.dumps(about))}
    for one in tracks:
        arrays |= {f"{one.face_id}_{name}": getattr(one, name).astype(kind) for name, kind in _ROWS.items()}
    try:
        with whole_file(path) as part, part.open("wb") as file:
            np.savez(file, allow_pickle=False, **arrays)  # stored, not packed: `read_some_tracks` skips to its rows
    except OSError as error:
        raise BadOutputError(f"{path}: cannot be written ({error.strerror or error})") from None


def read_tracks(path: Path) -> tuple[FaceTrack, ...]:
    """The tracks of a tracks.npz, in the order in which they were written.

    Raises
    ------
    BadInputError
        If the file is missing or is no tracks.npz.
    """
    with _opened(path) as (archive, faces):
        return tuple(_track(archive, about, 0, None) for about in faces)


def read_some_tracks(path: Path, first: int, last: int) -> tuple[FaceTrack, ...]:
    """The tracks between two frames, both included; the rest of a long film is not held in memory.

    A face that is not there between them has a track of no frames.

    Raises
    ------
    BadInputError
        As `read_tracks`.
    """
    tracks = []
    with _opened(path) as (archive, faces):
        for about in faces:
            frames = _rows(archive, f"{about['face']}_frames", 0, None)
            start, stop = np.searchsorted(frames, [first, last + 1])
            tracks.append(_track(archive, about, int(start), int(stop)))
    return tuple(tracks)


@contextmanager
def _opened(path: Path) -> Iterator[tuple[zipfile.ZipFile, list[dict[str, Any]]]]:
    """The archive and what it says of each face; whatever is wrong inside is said in one line."""
    try:
        with zipfile.ZipFile(path) as archive:
            with archive.open("about.npy") as entry:
                about = json.loads(str(np.lib.format.read_array(entry, allow_pickle=False)))
            if about["format"] != FORMAT:
                raise BadInputError(f"{path}: format {about['format']!r}, wanted {FORMAT!r}; analyse the film again")
            yield archive, about["faces"]
    except OSError as error:
        raise BadInputError(f"{path}: cannot be read ({error.strerror or error}); analyse the film again") from None
    except (zipfile.BadZipFile, ValueError, KeyError, TypeError, EOFError) as error:
        raise BadInputError(f"{path}: is no {TRACKS_FILE} of a run ({error}); analyse the film again") from None


def _track(archive: zipfile.ZipFile, about: dict[str, Any], start: int, stop: int | None) -> FaceTrack:
    rows = {name: _rows(archive, f"{about['face']}_{name}", start, stop) for name in _ROWS}
    height, width = about["aligned"]
    return FaceTrack(
        recording_id=about["recording"],
        face_id=int(about["face"]),
        method=about["method"],
        aligned_size=(int(height), int(width)),
        **rows,
    )


def _rows(archive: zipfile.ZipFile, name: str, start: int, stop: int | None) -> NDArray[Any]:
    """Rows ``start`` to ``stop`` (not included) of one array."""
    with archive.open(f"{name}.npy") as entry:
        if np.lib.format.read_magic(entry) != (1, 0):
            raise ValueError(f"{name} is an array of another version")
        shape, _, kind = np.lib.format.read_array_header_1_0(entry)
        stop = shape[0] if stop is None else stop
        row = math.prod(shape[1:]) * kind.itemsize
        entry.seek(start * row, 1)
        data = entry.read((stop - start) * row)
    return np.frombuffer(data, kind).reshape(stop - start, *shape[1:])
