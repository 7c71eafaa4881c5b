"""Films on their way in: how many at once, how large, and a part file for each that goes unless it is complete."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

from micromask.app.workspace.jobs import MOST_WAITING, FullError, waiting
from micromask.core.errors import BadInputError, BadOutputError
from micromask.studies.files import FILE_MODE

MOST_BYTES = 8 << 30
"""A film may be so large."""

MOST_AT_ONCE = 64

SPARE_BYTES = 1 << 30
"""So much of the disk stays free, for results and for everybody else."""


@dataclass(slots=True)
class Part:
    """A film that is coming in: its part file, and how many bytes are there."""

    path: Path
    descriptor: int
    wanted: int
    there: int = 0

    def add(self, data: bytes) -> None:
        """Append what has come.

        Raises
        ------
        BadInputError
            If more comes than was announced.
        BadOutputError
            If it cannot be kept.
        """
        if self.there + len(data) > self.wanted:
            raise BadInputError("more came than was announced: send the film again")
        rest = memoryview(data)
        try:
            while rest:
                written = os.write(self.descriptor, rest)
                rest, self.there = rest[written:], self.there + written
        except OSError as error:
            raise _no_room(error) from None

    def complete(self) -> None:
        """Bring it to the disk.

        Raises
        ------
        BadInputError
            If something of it is missing.
        BadOutputError
            If it cannot be kept.
        """
        if self.there != self.wanted:
            raise BadInputError(f"only {self.there} of {self.wanted} bytes came: send the film again")
        try:
            os.fsync(self.descriptor)
        except OSError as error:
            raise _no_room(error) from None


class Uploads:
    """The films that are coming into one workspace."""

    def __init__(self) -> None:
        self._lock, self._coming = Lock(), dict[int, Part]()

    @contextmanager
    def part(self, workspace: Path, size: int) -> Iterator[Part]:
        """Room for a film of so many bytes. At the end its part file is gone, unless it was moved.

        Raises
        ------
        BadInputError
            If it is empty or too large.
        FullError
            If too many come in or wait already.
        BadOutputError
            If the disk has no room for it beside those that are coming in.
        """
        if size <= 0:
            raise BadInputError("this file is empty: choose another")
        if size > MOST_BYTES:
            raise BadInputError(f"a film has at most {in_gib(MOST_BYTES)}, this one has {in_gib(size)}")
        part = self._begin(workspace, size)
        try:
            yield part
        finally:
            with self._lock:
                del self._coming[part.descriptor]
            with suppress(OSError):
                os.close(part.descriptor)
            part.path.unlink(missing_ok=True)

    def _begin(self, workspace: Path, size: int) -> Part:
        with self._lock:
            if len(self._coming) >= MOST_AT_ONCE:
                raise FullError(f"{MOST_AT_ONCE} films are coming in already: send this one when some are here")
            queued = waiting(workspace)
            if queued + len(self._coming) >= MOST_WAITING:
                raise FullError(
                    f"{queued} jobs are waiting and {len(self._coming)} films coming in, and {MOST_WAITING} may wait: "
                    "come back when some are done, or cancel some"
                )
            promised = sum(one.wanted - one.there for one in self._coming.values())
            free = shutil.disk_usage(workspace).free - promised - SPARE_BYTES
            if size > free:
                raise BadOutputError(
                    f"no room for this film: it has {in_gib(size)} and {in_gib(max(0, free))} can still be taken; "
                    "make room on the disk, or choose the film in its folder instead of uploading it"
                )
            path = workspace / "uploads" / f"{secrets.token_hex(8)}.part"
            try:
                flags = os.O_CREAT | os.O_EXCL | os.O_WRONLY | getattr(os, "O_BINARY", 0)
                part = Part(path, os.open(path, flags, FILE_MODE), size)
            except OSError as error:
                raise _no_room(error) from None
            self._coming[part.descriptor] = part
            return part


def in_gib(size: int) -> str:
    """A number of bytes for people.

    >>> in_gib(3 << 29), in_gib(700_000)
    ('1.5 GiB', '0.7 MiB')
    """
    return f"{size / 2**30:.1f} GiB" if size >= 1 << 30 else f"{size / 2**20:.1f} MiB"


def _no_room(error: OSError) -> BadOutputError:
    return BadOutputError(
        f"this film cannot be kept ({error.strerror or error}): make room on the disk, then try again"
    )
