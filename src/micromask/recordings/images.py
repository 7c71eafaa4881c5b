"""A folder of numbered pictures as a recording: natural order, one size, read one at a time."""

from __future__ import annotations

import struct
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from natsort import natsorted
from PIL import Image as Pictures

from micromask.core.errors import BadInputError
from micromask.core.types import Image, Recording
from micromask.recordings.orient import UPRIGHT, Turn, turn_of_exif, turned_size, upright

IMAGE_SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".bmp", ".tif", ".tiff", ".webp"})
"""How names of pictures end, in small letters."""

DEFAULT_FPS = 30.0
"""Frames per second of a folder of pictures, which cannot say it itself."""

_EXIF_ORIENTATION = 274

_NO_LEVELS = "holds numbers of {} bits, of which nobody says what is black and what is white; save it with 8 bits"


def list_images(folder: Path) -> list[Path]:
    """The pictures of a folder in natural order (2 before 10); hidden files are left out.

    >>> list_images(Path(__file__).parent)
    []
    """
    found = [p for p in folder.iterdir() if p.suffix.lower() in IMAGE_SUFFIXES and not p.name.startswith(".")]
    return natsorted((p for p in found if p.is_file()), key=lambda p: p.name)


def probe_images(folder: Path, fps: float | None = None) -> Recording:
    """A folder of pictures as a Recording; only their headers are read. Errors as in ``probe``."""
    paths = list_images(folder)
    if not paths:
        raise BadInputError(f"{folder}: holds no pictures ({', '.join(sorted(IMAGE_SUFFIXES))})")
    if fps is not None and not fps > 0:
        raise BadInputError(f"{folder}: frames per second must be positive, got {fps:g}")
    size = _header_size(paths[0])
    for path in paths[1:]:
        _check_size(path, _header_size(path), paths[0], size)
    return Recording(folder.resolve().name, folder, DEFAULT_FPS if fps is None else fps, len(paths), size)


def image_frames(folder: Path, start: int, stop: int | None, *, colour: bool) -> Iterator[tuple[int, Image]]:
    """Pictures ``start`` to ``stop`` (not included): number and (H, W) grey or (H, W, 3) RGB, uint8.

    Raises
    ------
    BadInputError
        If a picture cannot be read or is of another size than the first.
    """
    paths = list_images(folder)
    if not paths:
        raise BadInputError(f"{folder}: holds no pictures ({', '.join(sorted(IMAGE_SUFFIXES))})")
    size = _header_size(paths[0])
    for index, path in enumerate(paths[start:stop], start):
        image = read_image(path, colour=colour)
        _check_size(path, image.shape[:2], paths[0], size)
        yield index, image


def read_image(path: Path, *, colour: bool) -> Image:
    """One picture, upright: (H, W) grey or (H, W, 3) RGB, uint8 (16-bit pictures lose their lower byte).

    Raises
    ------
    BadInputError
        If it cannot be read, or holds other numbers than grey levels of 8 or 16 bits.
    """
    with _picture(path) as picture:
        turn = _turn(picture)
        if picture.mode == "F":
            raise BadInputError(f"{path}: {_NO_LEVELS.format('32 floating')}")
        if picture.mode.startswith("I"):
            levels = np.asarray(picture)
            if levels.min() < 0 or levels.max() > 0xFFFF:
                raise BadInputError(f"{path}: {_NO_LEVELS.format('32')}")
            grey = (levels >> 8).astype(np.uint8)
            image = np.repeat(grey[..., None], 3, axis=2) if colour else grey
        else:
            mode = "RGB" if colour else "L"
            picture.draft(mode, None)  # a JPEG holds its luma: no need to make colours of it first
            image = np.array(picture.convert(mode))
        return upright(image, turn)


@contextmanager
def _picture(path: Path) -> Iterator[Pictures.Image]:
    """A picture of which the header has been read; what goes wrong with it inside the block is bad input."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Pictures.open(path) as picture:
                yield picture
    except (OSError, ValueError, SyntaxError, EOFError, struct.error, Pictures.DecompressionBombError):
        line = f"{path}: this picture cannot be read; copy it again or take it out of the folder"
        raise BadInputError(line) from None


def _header_size(path: Path) -> tuple[int, int]:
    with _picture(path) as picture:
        return turned_size((picture.height, picture.width), _turn(picture))


def _turn(picture: Pictures.Image) -> Turn:
    if picture.format not in ("JPEG", "MPO", "WEBP"):  # a TIFF is turned by its decoder, others rarely say
        return UPRIGHT
    return turn_of_exif(int(picture.getexif().get(_EXIF_ORIENTATION, 1)))


def _check_size(path: Path, size: tuple[int, ...], first: Path, wanted: tuple[int, int]) -> None:
    if size != wanted:
        raise BadInputError(
            f"{path}: is {size[1]}x{size[0]} px but {first.name} is {wanted[1]}x{wanted[0]} px; "
            "the pictures of a recording are of one size"
        )
