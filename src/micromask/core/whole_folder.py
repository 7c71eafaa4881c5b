"""A folder that is there whole or not at all: written beside its place, then moved there."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from micromask.core.errors import BadOutputError


@contextmanager
def whole_folder(folder: Path, own: Collection[str]) -> Iterator[Path]:
    """A fresh hidden folder to write to, which takes the place of ``folder`` when the block ends well.

    Parameters
    ----------
    folder : Path
        Made with its parents. One that is there stays as it was until the new one is complete.
    own : collection of str
        Names of the files that the new folder replaces. Whatever else is in an existing one (notes, work in progress)
        is kept.

    Raises
    ------
    BadOutputError
        If the place is a file or cannot be written: no space, no permission. Nothing is left behind then.
    """
    place = folder.resolve()
    if place.exists() and not place.is_dir():
        raise BadOutputError(f"{folder} is a file; choose another --out")
    try:
        with _parents(place.parent), _beside(place) as fresh:
            yield fresh
            _move(fresh, place, own)
    except OSError as error:
        why = error.strerror or str(error).splitlines()[0]
        raise BadOutputError(f"{folder} cannot be written: {why}; make room or choose another --out") from error


@contextmanager
def _parents(parent: Path) -> Iterator[None]:
    """Make the missing folders above a place; take them away again where the work fails."""
    missing = [one for one in (parent, *parent.parents) if not one.exists()]
    parent.mkdir(parents=True, exist_ok=True)
    try:
        yield
    except BaseException:
        for one in missing:
            with suppress(OSError):
                one.rmdir()
        raise


@contextmanager
def _beside(place: Path) -> Iterator[Path]:
    """A fresh hidden folder beside a place, gone at the end unless it was moved."""
    fresh = place.with_name(f".micromask-{secrets.token_hex(4)}.part")
    fresh.mkdir()
    try:
        yield fresh
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def _move(fresh: Path, place: Path, own: Collection[str]) -> None:
    """Put a complete folder in its place; what was there before comes back where that fails."""
    if not place.exists():
        fresh.rename(place)
        return
    old = place.with_name(f".micromask-{secrets.token_hex(4)}.old")
    place.rename(old)
    try:
        fresh.rename(place)
    except OSError:
        old.rename(place)
        raise
    for entry in sorted(old.iterdir()):
        if entry.name not in own and not (place / entry.name).exists():
            entry.rename(place / entry.name)
    shutil.rmtree(old, ignore_errors=True)
