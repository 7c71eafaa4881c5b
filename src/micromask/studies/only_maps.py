"""Proof that a folder holds motion maps, tables and words, and no picture of a face."""

from __future__ import annotations

import csv
import struct
from pathlib import Path

import cv2
import numpy as np

from micromask.core.errors import BadOutputError
from micromask.core.types import FloatArray, Image
from micromask.datasets.prepare import MAP_SIZE
from micromask.faces.align import ALIGNED_SIZE, warp_face
from micromask.imaging.tone import to_grey
from micromask.motion.window import FLOW_SIZE, map_window

TABLES = frozenset({"landmarks.csv", "micro/manifest.csv", "masked/manifest.csv"})
WORDS = frozenset({"CARD.md", "card.json"})
LONGEST_CELL = 200

MOST_LIKE = 0.9
"""Correlation of a map's channel with the face that it was made of from which it would be a picture of it."""

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_CHUNKS = frozenset({b"IHDR", b"IDAT", b"IEND"})


def check_only_maps(folder: Path) -> int:
    """Refuse a folder in which a face could be: any file that is no map, table or card of a de-identified export.

    A map is a PNG of 28 x 28 px in three channels of 8 bits, each of which reaches from 0 to 255 or is 0 throughout,
    with nothing in the file but its pixels (no metadata, nothing after the end). A table's cells are short, so that
    nothing is hidden in one.

    Returns
    -------
    int
        How many maps there are.

    Raises
    ------
    BadOutputError
        Naming the first file that is something else.
    """
    maps = 0
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_symlink() or not (path.is_dir() or path.is_file()):
            raise _wrong(name, "is no file of its own")
        if path.is_dir() or name in WORDS:
            continue
        if name in TABLES:
            _check_table(path, name)
        elif name.startswith(("micro/maps/", "masked/maps/")) and path.suffix == ".png":
            _check_map(path.read_bytes(), name)
            maps += 1
        else:
            raise _wrong(name, "is no map, table or card")
    return maps


def likeness(motion: Image, picture: Image, to_aligned: FloatArray) -> float:
    """How much a motion map looks like the face that it was made of: the largest correlation of a channel, 0 to 1.

    Parameters
    ----------
    motion : (28, 28, 3) uint8
    picture : (H, W, 3) uint8
        RGB, one of the two pictures that the motion lies between.
    to_aligned : (2, 3) float
        From px of the picture to an aligned face of 128 px.
    """
    face = to_grey(warp_face(picture, to_aligned * (FLOW_SIZE / ALIGNED_SIZE), FLOW_SIZE))[map_window()]
    small = cv2.resize(face, (MAP_SIZE, MAP_SIZE), interpolation=cv2.INTER_AREA).astype(np.float64)
    return max(_correlation(channel.astype(np.float64), small) for channel in np.moveaxis(motion, -1, 0))


def _correlation(one: FloatArray, other: FloatArray) -> float:
    one, other = one - one.mean(), other - other.mean()
    size = float(np.sqrt((one**2).sum() * (other**2).sum()))
    return abs(float((one * other).sum())) / size if size else 0.0


def _check_map(data: bytes, name: str) -> None:
    if not data.startswith(_SIGNATURE):
        raise _wrong(name, "is no PNG")
    at = len(_SIGNATURE)
    chunks: list[bytes] = []
    while at + 12 <= len(data):
        length, kind = struct.unpack(">I4s", data[at : at + 8])
        chunks.append(kind)
        at += 12 + length
    if at != len(data) or not set(chunks) <= _CHUNKS or chunks[-1:] != [b"IEND"]:
        raise _wrong(name, "holds more than pixels")
    pixels = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    if pixels is None or pixels.shape != (MAP_SIZE, MAP_SIZE, 3) or pixels.dtype != np.uint8:
        raise _wrong(name, f"is no picture of {MAP_SIZE} x {MAP_SIZE} px in three channels of 8 bits")
    for channel in np.moveaxis(pixels, -1, 0):
        if channel.max() and (channel.min() != 0 or channel.max() != 255):
            raise _wrong(name, "has a channel that was not stretched as maps are")


def _check_table(path: Path, name: str) -> None:
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.reader(file):
            if any(len(cell) > LONGEST_CELL for cell in row):
                raise _wrong(name, f"has a cell of more than {LONGEST_CELL} letters")


def _wrong(name: str, why: str) -> BadOutputError:
    return BadOutputError(f"the export was not written: {name} {why}, and nothing else may be in a de-identified one")
