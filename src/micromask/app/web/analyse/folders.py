"""Folders of this machine for a visitor who chooses films in them: names and sizes only, never what is in a file.

A path comes in a request's body, from the chooser or typed; no address names one.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any
from unicodedata import category

from fastapi import APIRouter, Request
from natsort import natsorted
from pydantic import BaseModel, Field

from micromask.app.workspace.recordings import recordings
from micromask.core.errors import BadInputError
from micromask.recordings.images import IMAGE_SUFFIXES
from micromask.recordings.track import FILM_SUFFIXES

api = APIRouter(prefix="/api/folders")

MOST_ENTRIES = 20_000
"""So many entries of a folder are looked at; what is left out is said."""

SYSTEM = tuple(map(Path, ("/proc", "/sys", "/dev", "/etc", "/boot", "/System")))
"""Folders of the system itself: no films of anybody lie there."""


class Where(BaseModel):
    """A folder, as the chooser named it or somebody typed it; empty for the home folder."""

    path: Annotated[str, Field(max_length=4096)] = ""


@dataclass(frozen=True, slots=True)
class Listed:
    """What the chooser shows of a folder: folders in it, films with their bytes, and how many pictures."""

    path: Path
    folders: tuple[str, ...]
    films: tuple[tuple[str, int], ...]
    pictures: int
    whole: bool


@api.post("/look")
def look(request: Request, asked: Where) -> dict[str, Any]:
    """The folders and films of one folder."""
    workspace: Path = request.app.state.workspace
    listed = list_folder(open_folder(asked.path, workspace))
    above = listed.path.parent
    known = {one.film for one in recordings(workspace) if one.outside}
    return {
        "path": str(listed.path),
        "name": listed.path.name or str(listed.path),
        "above": str(above) if above != listed.path and not _is_system(above) else None,
        "places": [{"name": name, "path": str(path)} for name, path in places()],
        "folders": [{"name": name, "path": str(listed.path / name)} for name in listed.folders],
        "films": [{"name": name, "bytes": size, "known": listed.path / name in known} for name, size in listed.films],
        "pictures": listed.pictures,
        "whole": listed.whole,
    }


def open_folder(typed: str, workspace: Path) -> Path:
    """The folder that somebody means, with its links followed.

    Parameters
    ----------
    typed : str
        A whole path; ``~`` and nothing are the home folder.
    workspace : Path
        What lies in it is not offered: these are our own copies.

    Raises
    ------
    BadInputError
        If it is no whole path, no folder, one of the system, or in the workspace.
    """
    words = typed.strip() or "~"
    if not _is_text(words):
        raise BadInputError("this path holds signs that cannot be typed: rename the folder, or choose another")
    path = Path(os.path.expanduser(words))  # noqa: PTH111 - a home that nobody has stays as it is
    if not path.is_absolute():
        raise BadInputError(f"{words}: type the whole path of a folder, from {Path.home().anchor} or ~ on")
    try:
        path = path.resolve(strict=True)
    except (OSError, RuntimeError):
        raise BadInputError(f"{words}: there is no such folder on this machine") from None
    if not _is_text(str(path)):
        raise BadInputError("the name of this folder is not valid text on this system; rename it")
    if not path.is_dir():
        raise BadInputError(f"{words}: is a file; choose the folder that it lies in")
    if _is_system(path):
        raise BadInputError(f"{words}: is a folder of the system; films of yours do not lie there")
    if path.is_relative_to(workspace.resolve()):
        raise BadInputError(f"{words}: is the app's own folder; its films are in the list already")
    return path


def list_folder(folder: Path) -> Listed:
    """The folders and films of a folder in natural order; hidden ones are left out.

    Raises
    ------
    BadInputError
        If it may not be read.
    """
    folders: list[str] = []
    films: list[tuple[str, int]] = []
    pictures = seen = 0
    try:
        for entry in _entries(folder):
            seen += 1
            if entry.name.startswith(".") or not _is_text(entry.name):
                continue
            ending = os.path.splitext(entry.name)[1].lower()  # noqa: PTH122 - of an entry, twenty thousand times
            if _is_folder(entry):
                if not _is_system(folder / entry.name):
                    folders.append(entry.name)
            elif ending in FILM_SUFFIXES:
                films += _with_size(entry)
            elif ending in IMAGE_SUFFIXES:
                pictures += 1
    except OSError as error:
        raise BadInputError(f"{folder}: this folder cannot be read ({error.strerror})") from None
    return Listed(
        folder,
        tuple(natsorted(folders)),
        tuple(natsorted(films)),
        0 if films else pictures,
        seen < MOST_ENTRIES,
    )


def film_in(folder: Path, name: str) -> Path:
    """The film of that name in a folder; '' is the folder itself, as a recording in pictures.

    Raises
    ------
    BadInputError
        If the name is no plain name of a film there.
    """
    if not name:
        return folder
    if name in (".", "..") or Path(name).name != name or Path(name).suffix.lower() not in FILM_SUFFIXES:
        raise BadInputError(f"{name!r} is no film of this folder")
    path = folder / name
    if not path.is_file():
        raise BadInputError(f"{name}: is not in {folder} any more")
    return path


def places() -> list[tuple[str, Path]]:
    """Where a search begins: the home folder, and each medium that is mounted for people."""
    home = Path.home()
    found = [("Home", home)]
    if sys.platform == "win32":
        mounted = [Path(f"{letter}:\\") for letter in "CDEFGHIJKLMNOPQRSTUVWXYZ"]
        return found + [(str(path), path) for path in mounted if path.is_dir()]
    for parent in (Path("/media") / home.name, Path("/run/media") / home.name, Path("/mnt"), Path("/Volumes")):
        try:
            found += [(path.name, path) for path in sorted(parent.iterdir()) if path.is_dir()]
        except OSError:
            continue
    return found


def _entries(folder: Path) -> Iterator[os.DirEntry[str]]:
    with os.scandir(folder) as entries:
        for _, entry in zip(range(MOST_ENTRIES), entries, strict=False):
            yield entry


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False


def _with_size(entry: os.DirEntry[str]) -> list[tuple[str, int]]:
    try:
        return [(entry.name, entry.stat().st_size)] if entry.is_file() else []
    except OSError:
        return []


def _is_text(name: str) -> bool:
    r"""Whether a name can be told to a browser: file systems know names that are no text.

    >>> _is_text("Aufnahme\u202f3.mov"), _is_text("a\nb"), _is_text("\udcff.mp4")
    (True, False, False)
    """
    return not any(category(sign) in ("Cc", "Cs") for sign in name)


def _is_system(path: Path) -> bool:
    return any(path.is_relative_to(system) for system in SYSTEM)
