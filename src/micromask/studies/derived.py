"""What was made from what, and how to be rid of it."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path

from micromask.core.errors import BadOutputError
from micromask.studies.files import NotedFile, sync_folder


@dataclass(frozen=True, slots=True)
class Removed:
    """How many files went, and how many bytes they had."""

    files: int = 0
    bytes: int = 0


def derived_from(noted: Iterable[NotedFile], sources: Collection[str]) -> tuple[NotedFile, ...]:
    """Noted files that were made from some paths, or lie below them; or from files that were, and so on.

    >>> film, frame = "films/P01/1-images.webm", "frames/P01/1/0030.png"
    >>> notes = [NotedFile(frame, "P01", "frame", film), NotedFile("maps/P01/1/0030.npz", "P01", "map", frame)]
    >>> [one.path for one in derived_from(notes, [film])]
    ['frames/P01/1/0030.png', 'maps/P01/1/0030.npz']
    """
    known, rest = set(sources), list(noted)
    found: list[NotedFile] = []
    while True:
        new = {each for each in rest if _below(each.path, known) or _below(each.made_from, known)}
        if not new:
            return tuple(found)
        found += [each for each in rest if each in new]
        known |= {each.path for each in new}
        rest = [each for each in rest if each not in new]


def _below(path: str, folders: Collection[str]) -> bool:
    """Whether a path is one of some, or lies below one of them."""
    parts = path.split("/")
    return any("/".join(parts[:depth]) in folders for depth in range(1, len(parts) + 1))


def files_below(path: Path) -> list[Path]:
    """The files that a path stands for: itself, or all in the folder; links are not followed."""
    if path.is_dir() and not path.is_symlink():
        return [Path(where, name) for where, _, names in os.walk(path) for name in sorted(names)]
    return [path] if path.is_symlink() or path.exists() else []


def remove(path: Path) -> Removed:
    """Remove a file, or a folder with all in it, what is gone already is fine.

    Raises
    ------
    BadOutputError
        If one cannot be removed; the message names it.
    """
    count = size = 0
    try:
        for each in files_below(path):
            length = each.lstat().st_size
            each.unlink(missing_ok=True)
            count, size = count + 1, size + length
        if path.is_dir():
            for where, folders, _ in os.walk(path, topdown=False):
                for name in folders:
                    each = Path(where, name)
                    each.unlink() if each.is_symlink() else each.rmdir()
            path.rmdir()
        if path.parent.is_dir():
            sync_folder(path.parent)
    except OSError as error:
        raise BadOutputError(f"{error.filename or path} cannot be removed: {error.strerror or error}") from None
    return Removed(count, size)
