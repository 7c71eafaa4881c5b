"""The pictures of a clip by number: read file by file where frames are files, decoded where they are in a film."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from functools import lru_cache
from pathlib import Path

from micromask.core.errors import BadInputError
from micromask.core.types import Image, Recording
from micromask.recordings import read
from micromask.recordings.images import IMAGE_SUFFIXES, list_images, read_image


def frame_files(recording: Recording) -> tuple[Path, ...] | None:
    """The file of each frame, or None where the recording is a film. Opens no picture.

    Raises
    ------
    BadInputError
        If the recording is not there any more, or its folder holds another number of pictures than it did.
    """
    path = recording.path
    if path.is_dir():
        found = _listed(path, path.stat().st_mtime_ns)
        if len(found) != recording.n_frames:
            raise BadInputError(f"{path}: had {recording.n_frames} pictures and has {len(found)}; load it again")
        return found
    if not path.exists():
        raise BadInputError(f"{path}: is not there any more; load the data set again")
    return (path,) if path.suffix.lower() in IMAGE_SUFFIXES else None


@lru_cache(maxsize=16)
def _listed(folder: Path, _changed: int) -> tuple[Path, ...]:
    return tuple(list_images(folder))


def read_frames(recording: Recording, numbers: Collection[int], *, colour: bool = False) -> Iterator[tuple[int, Image]]:
    """Some frames of a recording, ascending: number and (H, W) grey or (H, W, 3) RGB, uint8.

    Of a folder only those pictures are opened; of a film everything from the first wanted frame to the last is decoded,
    one frame in memory at a time.

    Raises
    ------
    BadInputError
        If one of them is not on the recording or cannot be read.
    """
    wanted = sorted(set(numbers))
    outside = [number for number in wanted if not 0 <= number < recording.n_frames]
    if outside:
        raise BadInputError(f"{recording.path}: has frames 0 to {recording.n_frames - 1}, wanted {outside[0]}")
    if not wanted:
        return
    paths = frame_files(recording)
    if paths is not None:
        for number in wanted:
            yield number, read_image(paths[number], colour=colour)
        return
    missing = set(wanted)
    stream = read(recording, colour=colour, start=wanted[0], stop=wanted[-1] + 1)
    for frame in stream:
        if frame.index in missing:
            missing.discard(frame.index)
            yield frame.index, frame.image
    if missing:
        why = f" ({stream.reason})" if stream.reason else ""
        raise BadInputError(f"{recording.path}: frame {min(missing)} cannot be read{why}; copy the film again")
