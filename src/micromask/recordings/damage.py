"""What a film's outermost boxes say about damage: empty, no film, without its index, or shorter than it says."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

_ISO_BOXES = {b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide", b"pnot", b"styp", b"moof", b"sidx", b"uuid"}
_GIF_TRAILER = b"\x3b"
_EBML_HEADER = b"\x1a\x45\xdf\xa3"
_EBML_SEGMENT = b"\x18\x53\x80\x67"


def why_unreadable(path: Path) -> str:
    """The end of the sentence "this file ...", for a file that no demuxer opens."""
    length = path.stat().st_size
    if length == 0:
        return "is empty (0 bytes): record or copy it again"
    with path.open("rb") as file:
        boxes = {name for name, _ in _iso_boxes(file, length)}
    if boxes & {b"ftyp", b"mdat"} and b"moov" not in boxes:
        return "is cut off before its index (an mp4 keeps it in its 'moov' box, often last): record or copy it again"
    return "is not a film that can be read: its content is no known video format, or its index is damaged"


def ends_early(path: Path) -> bool:
    """Whether a film is cut off.

    An mp4, AVI or Matroska file is then shorter than its outermost boxes say, and a GIF lacks its last byte; other
    kinds do not say.
    """
    length = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(4)
        if head == b"GIF8":
            file.seek(-1, 2)
            return file.read(1) != _GIF_TRAILER
        if head == b"RIFF":
            return max(_riff_ends(file, length), default=0) > length
        if head == _EBML_HEADER:
            return _matroska_end(file) > length
        return max((end for _, end in _iso_boxes(file, length)), default=0) > length


def _iso_boxes(file: BinaryIO, length: int) -> Iterator[tuple[bytes, int]]:
    """Name and end of each outermost box of an ISO base media file, for as long as they make sense."""
    at = 0
    while at + 8 <= length:
        file.seek(at)
        head = file.read(16)
        size, name = int.from_bytes(head[:4], "big"), head[4:8]
        if size == 1 and len(head) == 16:
            size = int.from_bytes(head[8:], "big")
        elif size == 0:
            size = length - at
        if (name not in _ISO_BOXES and at == 0) or size < 8:
            return
        at += size
        yield name, at


def _riff_ends(file: BinaryIO, length: int) -> Iterator[int]:
    """The end of each outermost RIFF chunk; a size of 0 was never filled in and ends the walk."""
    at = 0
    while at + 8 <= length:
        file.seek(at)
        head = file.read(8)
        size = int.from_bytes(head[4:], "little")
        if head[:4] != b"RIFF" or size == 0:
            return
        at += 8 + size
        yield at
        at += size % 2


def _matroska_end(file: BinaryIO) -> int:
    """Where the segment of a Matroska file ends, or 0 where it does not say (a live recording)."""
    file.seek(4)
    header = _ebml_size(file)
    file.seek(header, 1)
    if file.read(4) != _EBML_SEGMENT:
        return 0
    size = _ebml_size(file)
    return file.tell() + size if size else 0


def _ebml_size(file: BinaryIO) -> int:
    """The length that stands at the reading position of an EBML file; 0 where it is 'unknown' or makes no sense."""
    first = (file.read(1) or b"\0")[0]
    if first == 0:
        return 0
    extra = 8 - first.bit_length()
    bits = 7 * (extra + 1)
    size = int.from_bytes(bytes([first]) + file.read(extra), "big") & ((1 << bits) - 1)
    return 0 if size == (1 << bits) - 1 else size
