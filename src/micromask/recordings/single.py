"""Single pictures as people have them: phone, scanner and web; each is read or refused with one clear line."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from natsort import natsorted
from PIL import Image as Pictures
from PIL import UnidentifiedImageError

from micromask.core.errors import BadInputError
from micromask.core.types import Image
from micromask.recordings.images import IMAGE_SUFFIXES, read_image

PICTURE_SUFFIXES = IMAGE_SUFFIXES | {".gif", ".heic", ".heif", ".avif"}
"""What is taken for a picture in a folder; some of these are then refused with the reason."""

MOST_PIXELS = 64_000_000
"""Larger pictures are refused: a picture of twice the pixels takes twice the memory, and phones have 48 million."""

MOST_PICTURES = 100_000
"""So many pictures of a folder are taken."""

_PHONE = (".heic", ".heif")
_FTYP = (b"heic", b"heix", b"heif", b"mif1", b"msf1", b"hevc")


@dataclass(frozen=True, slots=True, eq=False)
class Single:
    """A picture, upright: (H, W, 3) RGB uint8, and what a person should know of its file."""

    image: Image
    notes: tuple[str, ...]


def picture_files(paths: Sequence[Path]) -> list[Path]:
    """The pictures that some files and folders hold, each once: files as given, folders with the folders in them.

    Hidden files and folders are left out; a file is taken whatever its name is.

    Raises
    ------
    BadInputError
        If a path is missing, a folder cannot be read or holds no picture, or there are more than MOST_PICTURES.
    """
    found: dict[Path, None] = {}
    for path in paths:
        if not path.exists():
            raise BadInputError(f"{path}: no such file or folder")
        if not path.is_dir():
            found[path] = None
            continue
        inside = list(islice(_below(path), MOST_PICTURES + 1))
        if not inside:
            raise BadInputError(f"{path}: holds no pictures ({', '.join(sorted(IMAGE_SUFFIXES))})")
        found |= dict.fromkeys(inside)
    if len(found) > MOST_PICTURES:
        raise BadInputError(f"more than {MOST_PICTURES:,} pictures: give the folders one after the other")
    return list(found)


def read_single(path: Path) -> Single:
    """One picture, its pixels exactly as training reads them (`recordings.images.read_image`).

    Phone pictures are turned upright. Of a file of several pictures, such as an animated GIF, the first is read; a
    note says so. Colours for print (CMYK), 16 bits a channel and transparency become plain RGB, with a note too.

    Raises
    ------
    BadInputError
        If it cannot be read: no picture, cut short, of a kind that is not known, or of more than MOST_PIXELS.
    """
    notes = _checked(path)
    return Single(read_image(path, colour=True), notes)


def _checked(path: Path) -> tuple[str, ...]:
    """Notes from the picture's header."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Pictures.open(path) as picture:
                pixels = picture.width * picture.height
                if pixels > MOST_PIXELS:
                    raise _too_large(path, f"{picture.width}x{picture.height} px")
                return tuple(_notes(picture))
    except Pictures.DecompressionBombError:
        raise _too_large(path, "far more") from None
    except UnidentifiedImageError:
        raise BadInputError(f"{path}: {_unknown(path)}") from None
    except FileNotFoundError:
        raise BadInputError(f"{path}: is not there any more") from None
    except PermissionError:
        raise BadInputError(f"{path}: may not be read by this user") from None
    except (OSError, ValueError, SyntaxError, EOFError):
        raise BadInputError(f"{path}: this picture is damaged; copy it again or leave it out") from None


def _notes(picture: Pictures.Image) -> Iterator[str]:
    several = getattr(picture, "n_frames", 1)
    if several > 1 and picture.format != "MPO":  # a phone's JPEG may carry a second view or a depth map
        film = "; micromask analyze reads it as a film" if picture.format in ("GIF", "WEBP", "PNG") else ""
        yield f"the first of {several} pictures in the file is read{film}"
    if picture.mode == "CMYK":
        yield "its colours are for print (CMYK) and were converted without a profile"
    if picture.mode.startswith("I") or any(";16" in str(tile[3]) for tile in getattr(picture, "tile", ())):
        yield "of its 16 bits the upper 8 are read"
    if "A" in picture.mode or "transparency" in picture.info:
        yield "its transparency is left out: what lies beneath is read"


def _too_large(path: Path, size: str) -> BadInputError:
    most = MOST_PIXELS // 1_000_000
    return BadInputError(f"{path}: {size} is too large: at most {most} million px are read; make it smaller")


def _unknown(path: Path) -> str:
    try:
        with path.open("rb") as file:
            head = file.read(12)
    except OSError as error:
        return f"cannot be read ({error.strerror})"
    if not head:
        return "the file is empty; copy it again"
    if path.suffix.lower() in _PHONE or (head[4:8] == b"ftyp" and head[8:12] in _FTYP):
        return "is a HEIC picture, which cannot be read here; save it as JPEG or PNG"
    return "is no picture that can be read (JPEG, PNG, WebP, TIFF, BMP, GIF), or it is damaged"


def _below(folder: Path) -> Iterator[Path]:
    try:
        entries = natsorted(folder.iterdir(), key=lambda one: one.name)
    except OSError as error:
        raise BadInputError(f"{folder}: this folder cannot be read ({error.strerror})") from None
    shown = [entry for entry in entries if not entry.name.startswith(".")]
    for entry in shown:
        if entry.suffix.lower() in PICTURE_SUFFIXES and entry.is_file():
            yield entry
    for entry in shown:
        if entry.is_dir() and not entry.is_symlink():  # a link may lead round in circles
            yield from _below(entry)
