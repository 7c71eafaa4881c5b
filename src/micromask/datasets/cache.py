"""What was computed from a recording once is not computed again: a content-addressed cache on disk.

An entry's name is a hash of everything that its content depends on: the bytes of the source files, every parameter,
the convention, the recipe's version and the versions of micromask and OpenCV. So nothing ever goes stale: what differs
in anything has another name, and a corpus that was moved or copied finds its entries again.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import secrets
import sys
import time
import zipfile
import zlib
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from micromask.core.errors import BadInputError, BadOutputError

Arrays = Mapping[str, NDArray[Any]]

LAYOUT = "v1"
"""The folder for this layout of entries; another layout gets another folder, so old and new never meet."""

_KIND = re.compile(r"[a-z][a-z0-9-]*")
_ENTRY = re.compile(r"[0-9a-f]{40}\.npz")
_PART = re.compile(r"\.[0-9a-f]{40}\.[0-9a-f]+\.part")
_RECIPE = "recipe"
_CHUNK = 1 << 20
_BROKEN_SECONDS = 600.0


def cache_folder() -> Path:
    """Where the cache lies: ``MICROMASK_CACHE`` if set, else the user's own folder for such things.

    That is ``$XDG_CACHE_HOME/micromask`` or ``~/.cache/micromask``; ``~/Library/Caches/micromask`` on macOS;
    ``%LOCALAPPDATA%\\micromask\\Cache`` on Windows.
    """
    told = os.environ.get("MICROMASK_CACHE")
    if told:
        return Path(told).expanduser()
    home = Path.home()
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or home / "AppData" / "Local") / "micromask" / "Cache"
    if sys.platform == "darwin":
        return home / "Library" / "Caches" / "micromask"
    return Path(os.environ.get("XDG_CACHE_HOME") or home / ".cache") / "micromask"


@dataclass(frozen=True, slots=True)
class Recipe:
    """What an entry is and how it is made; all of it goes into the entry's name.

    ``kind`` names the result ('motion-map', 'faces'); ``version`` is raised when the same parameters begin to give
    another result; ``sources`` are fingerprints; ``parameters`` (including the convention) hold what JSON can hold.
    """

    kind: str
    version: int
    sources: tuple[str, ...]
    parameters: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not _KIND.fullmatch(self.kind):
            raise ValueError(f"a recipe's kind is small letters, digits and -, got {self.kind!r}")

    def text(self) -> str:
        """The whole recipe in one line, always written the same way."""
        from micromask import __version__

        whole = {
            "kind": self.kind,
            "version": self.version,
            "sources": list(self.sources),
            "parameters": dict(self.parameters),
            "micromask": __version__,
            "opencv": cv2.__version__,
        }
        return json.dumps(whole, sort_keys=True, allow_nan=False, separators=(",", ":"))

    def name(self) -> str:
        """40 hexadecimal digits: BLAKE2b of the text."""
        return hashlib.blake2b(self.text().encode(), digest_size=20).hexdigest()


def fingerprint(path: Path) -> str:
    """32 hexadecimal digits for a file's content: BLAKE2b over all of its bytes, read in pieces of 1 MiB.

    All bytes and not some: a film whose middle was mended has its old size and its old ends. Within a process a file
    is read again only if its size, its times of change (also the one that cannot be set) or its inode differ.

    Raises
    ------
    BadInputError
        If the file cannot be read.
    """
    try:
        state = path.stat()
        return _hashed(path, (state.st_size, state.st_mtime_ns, state.st_ctime_ns, state.st_ino))
    except OSError as error:
        raise BadInputError(f"{path}: cannot be read ({error.strerror or error})") from None


@lru_cache(maxsize=20_000)
def _hashed(path: Path, _state: tuple[int, ...]) -> str:
    return hash_file(path).hex()


def hash_file(path: Path) -> bytes:
    """16 bytes of BLAKE2b over a file's content; memory does not grow with the file. OSError if it cannot be read."""
    digest = hashlib.blake2b(digest_size=16)
    with path.open("rb") as file:
        while piece := file.read(_CHUNK):
            digest.update(piece)
    return digest.digest()


@dataclass(frozen=True, slots=True)
class Cache:
    """A folder of entries, ``FOLDER/v1/KIND/ab/abcd….npz``: arrays and the recipe, no pickles.

    Any number of processes may read and write it at once: an entry is written under a name of its own and then moved
    into place, and two writers of one entry write the same content.
    """

    folder: Path = field(default_factory=cache_folder)

    def place(self, recipe: Recipe) -> Path:
        """The file of an entry, there or not."""
        name = recipe.name()
        return self.folder / LAYOUT / recipe.kind / name[:2] / f"{name}.npz"

    def get(self, recipe: Recipe) -> dict[str, NDArray[Any]] | None:
        """The arrays of an entry; None where there is none, or where it is damaged (it will be written anew)."""
        try:
            with self.place(recipe).open("rb") as file, np.load(file, allow_pickle=False) as entry:
                arrays = {name: entry[name] for name in entry.files}
        except (OSError, ValueError, TypeError, KeyError, EOFError, SyntaxError, zipfile.BadZipFile, zlib.error):
            return None
        written = arrays.pop(_RECIPE, None)
        if written is None or bytes(written) != recipe.text().encode():
            return None
        return arrays

    def put(self, recipe: Recipe, arrays: Arrays) -> None:
        """Write an entry, whole or not at all.

        Raises
        ------
        BadOutputError
            If the cache cannot be written.
        """
        if _RECIPE in arrays or any(array.dtype.hasobject for array in arrays.values()):
            raise ValueError(f"an entry holds arrays of numbers, none of them named {_RECIPE!r}")
        place = self.place(recipe)
        part = place.with_name(f".{place.stem}.{secrets.token_hex(6)}.part")
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            with part.open("wb") as file:
                np.savez(file, **{_RECIPE: np.frombuffer(recipe.text().encode(), np.uint8)}, **arrays)  # type: ignore[arg-type]
            try:
                part.replace(place)
            except PermissionError:
                if not place.exists():  # on Windows a reader holds another writer's equal entry: that one serves
                    raise
        except OSError as error:
            raise BadOutputError(
                f"the cache {self.folder} cannot be written: {error.strerror or error}; "
                "make room (micromask cache clear) or set MICROMASK_CACHE to another folder"
            ) from None
        finally:
            with suppress(OSError):
                part.unlink(missing_ok=True)


def remembered(cache: Cache | None, recipe: Callable[[], Recipe], make: Callable[[], Arrays]) -> Arrays:
    """What ``make`` gives, from the cache where it is there; without a cache it is simply made."""
    if cache is None:
        return make()
    asked = recipe()
    found = cache.get(asked)
    if found is None:
        made = make()
        cache.put(asked, made)
        return made
    return found


@dataclass(frozen=True, slots=True)
class CacheInfo:
    """What a cache holds: entries and bytes by kind; ``leftovers`` are parts that broken processes left behind."""

    folder: Path
    entries: Mapping[str, int]
    bytes: Mapping[str, int]
    leftovers: int


def cache_info(cache: Cache) -> CacheInfo:
    """Count what is in a cache; an absent folder holds nothing."""
    entries: dict[str, int] = {}
    sizes: dict[str, int] = {}
    leftovers = 0
    for kind, path in _walk(cache.folder):
        try:
            size = path.stat().st_size
        except FileNotFoundError:
            continue
        if _PART.fullmatch(path.name):
            leftovers += 1
            continue
        entries[kind] = entries.get(kind, 0) + 1
        sizes[kind] = sizes.get(kind, 0) + size
    return CacheInfo(cache.folder, entries, sizes, leftovers)


def entries_made_from(cache: Cache, fingerprints: Collection[str]) -> tuple[Path, ...]:
    """The entries that were made from files of some fingerprints: each entry holds its recipe, and that names them.

    Also those whose recipe cannot be read any more, and what processes left behind that broke more than ten minutes
    ago: nobody can tell what these were made from.
    """
    found = []
    for _, path in _walk(cache.folder):
        try:
            if _PART.fullmatch(path.name):
                if time.time() - path.stat().st_mtime > _BROKEN_SECONDS:
                    found.append(path)
            elif not set(_sources(path)).isdisjoint(fingerprints):
                found.append(path)
        except FileNotFoundError:
            continue
        except (OSError, ValueError, TypeError, KeyError, EOFError, SyntaxError, zipfile.BadZipFile, zlib.error):
            found.append(path)
    return tuple(found)


def _sources(path: Path) -> list[str]:
    with path.open("rb") as file, np.load(file, allow_pickle=False) as entry:
        sources = json.loads(bytes(entry[_RECIPE]))["sources"]
    return [str(source) for source in sources]


def clear_cache(cache: Cache, kinds: Sequence[str] = ()) -> tuple[int, int]:
    """Remove the entries of some kinds, or all; how many, and how many bytes.

    Only files that the cache itself wrote are touched, wherever its folder points to; a file that somebody else removes
    meanwhile is no error.

    Raises
    ------
    BadOutputError
        If an entry cannot be removed.
    """
    count = freed = 0
    folders: set[Path] = set()
    for kind, path in _walk(cache.folder):
        if kinds and kind not in kinds:
            continue
        try:
            size = path.stat().st_size
            path.unlink()
        except FileNotFoundError:
            continue
        except OSError as error:
            raise BadOutputError(f"{path} cannot be removed: {error.strerror}; close what is reading it") from None
        folders.add(path.parent)
        if not _PART.fullmatch(path.name):
            count, freed = count + 1, freed + size
    for folder in folders:
        for each in (folder, folder.parent, folder.parent.parent):
            try:
                each.rmdir()
            except OSError:
                break
    return count, freed


def _walk(folder: Path) -> Iterator[tuple[str, Path]]:
    """Kind and file of every entry and leftover."""
    top = folder / LAYOUT
    for kind in sorted(top.iterdir()) if top.is_dir() else ():
        for drawer in sorted(kind.iterdir()) if kind.is_dir() and _KIND.fullmatch(kind.name) else ():
            for path in sorted(drawer.iterdir()) if drawer.is_dir() and len(drawer.name) == 2 else ():
                if _ENTRY.fullmatch(path.name) or _PART.fullmatch(path.name):
                    yield kind.name, path
