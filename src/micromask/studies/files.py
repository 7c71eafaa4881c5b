"""A study's files: readable by their owner only, and noted, so that all that was made of a person is found again."""

from __future__ import annotations

import os
import secrets
import sqlite3
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO, Literal, get_args

from micromask.core.errors import BadOutputError
from micromask.studies.store import now

FILE_MODE, FOLDER_MODE = 0o600, 0o700

FileKind = Literal["film", "frame", "map", "landmarks", "export", "cache"]

_PIECE = 1 << 20


@dataclass(frozen=True, slots=True)
class NotedFile:
    """A file or folder that holds something of a person: where, what, and what it was made from."""

    path: str
    participant: str
    kind: FileKind
    made_from: str


def private_folder(folder: Path) -> Path:
    """Make a folder that its owner alone may enter; folders above it that are missing are made alike.

    One that is there already is closed to others too.

    Raises
    ------
    BadOutputError
        If it cannot be made.
    """
    try:
        missing = [each for each in (folder, *folder.parents) if not each.exists()]
        for each in reversed(missing):
            each.mkdir(mode=FOLDER_MODE, exist_ok=True)
        if folder.stat().st_mode & 0o777 != FOLDER_MODE:
            folder.chmod(FOLDER_MODE)
    except OSError as error:
        raise BadOutputError(f"{folder} cannot be made: {error.strerror or error}") from None
    return folder


def write_private(path: Path, data: bytes) -> Path:
    """Write a file for its owner only, whole or not at all; it is on the disk when this returns.

    Raises
    ------
    BadOutputError
        If it cannot be written.
    """
    private_folder(path.parent)
    part = path.with_name(f".{path.name}.{secrets.token_hex(6)}.part")
    try:
        descriptor = os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY | getattr(os, "O_BINARY", 0), FILE_MODE)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(descriptor)
        part.replace(path)
        sync_folder(path.parent)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise BadOutputError(f"{path} cannot be written: {error.strerror or error}; make room") from None
    return path


def copy_private(source: BinaryIO, path: Path) -> int:
    """Copy an open file to a new one for its owner only, and bring it to the disk; how many bytes.

    Raises
    ------
    BadOutputError
        If it cannot be written; nothing of it stays.
    """
    private_folder(path.parent)
    try:
        descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | getattr(os, "O_BINARY", 0), FILE_MODE)
    except OSError as error:
        raise BadOutputError(f"{path} cannot be written: {error.strerror or error}") from None
    try:
        with os.fdopen(descriptor, "wb") as file:
            while piece := source.read(_PIECE):
                file.write(piece)
            file.flush()
            os.fsync(descriptor)
            return file.tell()
    except OSError as error:
        path.unlink(missing_ok=True)
        raise BadOutputError(f"{path} cannot be written: {error.strerror or error}; make room") from None


def make_private(folder: Path) -> None:
    """Close a folder and all that lies in it to everybody but its owner. Links are left alone."""
    for where, _, names in os.walk(folder):
        Path(where).chmod(FOLDER_MODE)
        for name in names:
            path = Path(where, name)
            if not path.is_symlink():
                path.chmod(FILE_MODE)


def sync_folder(folder: Path) -> None:
    """Bring a folder's list of names to the disk, where the system knows how."""
    if os.name == "posix":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def place_of(study: Path, path: Path) -> str:
    """A file's place as the tables hold it: below the study's folder with forward slashes, else absolute.

    >>> place_of(Path("/lab/smiles"), Path("/lab/smiles/films/P01/1-images.webm"))
    'films/P01/1-images.webm'
    """
    whole, study = path.resolve(), study.resolve()
    return whole.relative_to(study).as_posix() if whole.is_relative_to(study) else str(whole)


def note_file(store: sqlite3.Connection, path: str, participant: str, kind: FileKind, made_from: str) -> None:
    """Note that a file, or a folder with all in it, holds something of a participant. To be called by whoever made it.

    Parameters
    ----------
    store : sqlite3.Connection
        From `open_store`; the note is kept together with the caller's own rows.
    path : str
        As `place_of` gives it. A file that holds several people is noted once for each of them. An export is noted as
        its folder, once for each who is in it: when one of them is to be forgotten the whole folder goes.
    participant : str
        The pseudonym.
    kind : str
        film, frame, map, landmarks, export or cache.
    made_from : str
        The path that it was made from, in the same form; of several, what they have in common.

    Raises
    ------
    ValueError
        If the path leads out of the study's folder by '..' or the kind is another.
    """
    if ".." in PurePosixPath(path).parts or "\\" in path or not path or path == ".":
        raise ValueError(f"a noted path lies below the study's folder or is absolute, got {path!r}")
    if kind not in get_args(FileKind):
        raise ValueError(f"a noted file is one of {', '.join(get_args(FileKind))}, got {kind!r}")
    store.execute(
        "INSERT INTO file (path, participant, kind, made_from, made) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT (path, participant) DO UPDATE SET"
        " kind = excluded.kind, made_from = excluded.made_from, made = excluded.made",
        (path, participant, kind, made_from, now()),
    )


def noted_files(store: sqlite3.Connection, participant: str) -> tuple[NotedFile, ...]:
    """All that is noted of a participant, by path."""
    rows = store.execute(
        "SELECT path, participant, kind, made_from FROM file WHERE participant = ? ORDER BY path", (participant,)
    )
    return tuple(NotedFile(*row) for row in rows)
