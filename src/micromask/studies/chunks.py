"""A film as it comes from the browser, piece by piece: what was acknowledged is on the disk."""

from __future__ import annotations

import os
import re
import sqlite3
from dataclasses import dataclass
from pathlib import Path

from micromask.core.errors import BadInputError, BadOutputError
from micromask.studies.files import FILE_MODE, private_folder, sync_folder
from micromask.studies.store import open_store

MOST_CHUNK_BYTES = 64 << 20
MOST_FILM_BYTES = 8 << 30

ENDINGS = {"video/webm": ".webm", "video/mp4": ".mp4", "video/x-matroska": ".mkv"}
"""What browsers record, and how such a file is named."""

_MIME = re.compile(r"(video/[a-z0-9-]+)(?:\s*;\s*codecs\s*=\s*(?:\"[\w.+, -]*\"|'[\w.+, -]*'|[\w.+,-]*))?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """What of a film is safe: pieces and bytes that are on the disk, also after a power cut."""

    chunks: int
    bytes: int


def ending_of(mime: str) -> str:
    """How a film of that type is named.

    >>> ending_of("video/webm;codecs=vp9,opus")
    '.webm'

    Raises
    ------
    BadInputError
        If it is none of those that are taken.
    """
    found = _MIME.fullmatch(mime.strip()) if len(mime) <= 200 else None
    if found is None or found[1] not in ENDINGS:
        raise BadInputError(f"a film is {', '.join(ENDINGS)}, with or without codecs; got {mime[:80]!r}")
    return ENDINGS[found[1]]


def add_chunk(study: Path, recording_id: int, number: int, data: bytes) -> Acknowledged:
    """Append the next piece of a film. When this returns, the piece is on the disk and the database says so.

    A piece whose number is there already is not appended again, so that whoever got no answer may send it once more.
    What a crash left behind the last acknowledged byte is cut off first.

    Parameters
    ----------
    study : Path
    recording_id : int
        From `begin_recording`.
    number : int
        0 for the first piece, then one more each time.
    data : bytes
        At most 64 MiB; all pieces of a film at most 8 GiB.

    Raises
    ------
    BadInputError
        If there is no such recording, it has ended, a piece before this one is missing, it is too large, or the film
        was changed by others.
    BadOutputError
        If it cannot be written, such as on a full disk. Nothing of it stays then, and it may be sent again.
    """
    if len(data) > MOST_CHUNK_BYTES:
        raise BadInputError(f"a piece of film has at most {_size(MOST_CHUNK_BYTES)}, got {_size(len(data))}")
    try:
        with open_store(study) as store:
            return _add(study, store, recording_id, number, data)
    except sqlite3.OperationalError as error:
        raise BadOutputError(f"recording {recording_id} cannot be kept ({error}); make room in {study}") from None


def _add(study: Path, store: sqlite3.Connection, recording_id: int, number: int, data: bytes) -> Acknowledged:
    row = store.execute("SELECT path, state, chunks, bytes FROM recording WHERE id = ?", (recording_id,)).fetchone()
    if row is None:
        raise BadInputError(f"no recording {recording_id} in this study")
    safe = Acknowledged(row["chunks"], row["bytes"])
    if 0 <= number < safe.chunks:
        return safe
    if row["state"] != "open":
        raise BadInputError(f"recording {recording_id} has ended; nothing can be added to it")
    if number != safe.chunks:
        raise BadInputError(f"recording {recording_id}: piece {number} came, and piece {safe.chunks} is next")
    if safe.bytes + len(data) > MOST_FILM_BYTES:
        raise BadInputError(f"recording {recording_id}: a film has at most {_size(MOST_FILM_BYTES)}; begin another")
    _append(study / row["path"], data, safe.bytes)
    now = Acknowledged(safe.chunks + 1, safe.bytes + len(data))
    store.execute("UPDATE recording SET chunks = ?, bytes = ? WHERE id = ?", (now.chunks, now.bytes, recording_id))
    return now


def _append(film: Path, data: bytes, safe: int) -> None:
    """Write behind the first ``safe`` bytes of a film, to the disk itself; after an error the film is as before."""
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
    private_folder(film.parent)
    try:
        descriptor = os.open(film, flags, FILE_MODE)
    except OSError as error:
        raise BadOutputError(f"{film} cannot be written: {error.strerror or error}") from None
    try:
        length = os.fstat(descriptor).st_size
        if length < safe:
            raise BadInputError(f"{film} had {safe} bytes and has {length}: somebody else changed it; begin another")
        if length > safe:
            os.ftruncate(descriptor, safe)
        try:
            rest = memoryview(data)
            while rest:
                rest = rest[os.write(descriptor, rest) :]
            os.fsync(descriptor)
        except OSError as error:
            os.ftruncate(descriptor, safe)
            raise BadOutputError(
                f"{film.name}: the last piece cannot be kept ({error.strerror or error}); make room and go on"
            ) from None
        if safe == 0:
            sync_folder(film.parent)
            sync_folder(film.parent.parent)
    finally:
        os.close(descriptor)


def cut_back(film: Path, safe: int) -> int:
    """Cut off what lies behind the acknowledged bytes of a film; how many bytes that were, negative if some miss."""
    try:
        length = film.stat().st_size
    except FileNotFoundError:
        return -safe
    if length > safe:
        with film.open("r+b") as file:
            file.truncate(safe)
            os.fsync(file.fileno())
    return length - safe


def _size(number: int) -> str:
    return f"{number / 2**30:.1f} GiB" if number >= 1 << 30 else f"{number / 2**20:.1f} MiB"
