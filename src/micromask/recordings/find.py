"""The door of the room: which recordings do these paths hold, and what is each of them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from natsort import natsorted

from micromask.core.errors import BadInputError
from micromask.core.types import Recording
from micromask.recordings.images import IMAGE_SUFFIXES, list_images, probe_images
from micromask.recordings.track import FILM_SUFFIXES
from micromask.recordings.video import probe_film


def probe(path: str | Path, *, image_fps: float | None = None) -> Recording:
    """What a recording is: its clock, its size and how many frames it holds; its pixels stay where they are.

    Parameters
    ----------
    path : str or Path
        A film (whatever FFmpeg opens), an animated GIF, or a folder of pictures (png, jpg, jpeg, bmp, tif, tiff, webp;
        natural order).
    image_fps : float, optional
        Frames per second of a folder of pictures, 30 if not given. Films have their own clock.

    Returns
    -------
    Recording
        ``id`` is the file's name without its ending, or the folder's name. ``fps`` is the mean rate. ``times`` is set
        where the frames do not lie on a uniform clock as closely as the container can say (one of its ticks); frames
        that claim the same moment are spread up to the next one. ``size`` is that of the upright picture.
        ``declared_frames`` is the container's count, or, for a file that is shorter than it says itself and has no
        count, an estimate by its duration; None where it says nothing. ``n_frames`` counts those whose data is there
        in full: damaged ones among them show only when they are read.

    Raises
    ------
    BadInputError
        If the path is missing, is a single picture or is a folder without pictures; if the file is empty, no film,
        cut off before its index, without video or without a frame; if a picture cannot be read or is of another size
        than the first.
    """
    path = Path(path)
    if path.is_dir():
        _entries(path)
        if not list_images(path):
            raise _no_media(path)
        return probe_images(path, image_fps)
    _check_file(path)
    if path.suffix.lower() in IMAGE_SUFFIXES:
        raise BadInputError(f"{path}: is a single picture; a recording is a film or the folder of its pictures")
    return probe_film(path)


def find_recordings(paths: Sequence[str | Path]) -> list[Path]:
    """The recordings that some files and folders hold, each once, in the order given.

    A file is a recording, whatever its name. A folder with films stands for its films (natural order); a folder with
    pictures and no film is one recording itself. Folders inside folders are not searched.

    Raises
    ------
    BadInputError
        If a path is missing or a folder holds neither films nor pictures.
    """
    found: list[Path] = []
    for path in map(Path, paths):
        if not path.is_dir():
            _check_file(path)
            found.append(path)
            continue
        films = [p for p in _entries(path) if p.suffix.lower() in FILM_SUFFIXES and not p.name.startswith(".")]
        films = [p for p in films if p.is_file()]
        if not films and not list_images(path):
            raise _no_media(path)
        found += natsorted(films, key=lambda p: p.name) or [path]
    return list(dict.fromkeys(found))


def _entries(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except OSError as error:
        raise BadInputError(f"{folder}: this folder cannot be read ({error.strerror})") from None


def _check_file(path: Path) -> None:
    if not path.exists():
        raise BadInputError(f"{path}: no such file or folder")
    if not path.is_file():
        raise BadInputError(f"{path}: is neither a file nor a folder")


def _no_media(folder: Path) -> BadInputError:
    inside = "is empty" if not _entries(folder) else "holds no recording"
    return BadInputError(
        f"{folder}: this folder {inside}; looked for films ({' '.join(sorted(FILM_SUFFIXES))}) "
        f"and pictures ({' '.join(sorted(IMAGE_SUFFIXES))})"
    )
