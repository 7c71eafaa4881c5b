"""A camera's film on its way into the workspace: on the disk piece by piece, in the list of recordings at its end.

The part files lie in ``live``, which the owner alone may enter. One that a crash left there is taken into the list when
the next live view begins.
"""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Collection
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from micromask.app.workspace.recordings import add_and_queue
from micromask.app.workspace.uploads import MOST_BYTES, SPARE_BYTES, in_gib
from micromask.core.errors import BadInputError, BadOutputError
from micromask.studies.files import FILE_MODE, private_folder

FOLDER = "live"
SUFFIXES = {"video/webm": ".webm", "video/mp4": ".mp4"}
"""What browsers record, and what such a file is called."""


class LiveFilm:
    """One film that is being recorded; ``path`` is its part file, ``bytes`` what of it is on the disk.

    Parameters
    ----------
    workspace : Path
    mime : str
        What the browser makes: video/webm or video/mp4, with or without codecs.

    Raises
    ------
    BadInputError
        If it is something else.
    BadOutputError
        If it cannot be begun.
    """

    def __init__(self, workspace: Path, mime: str) -> None:
        suffix = SUFFIXES.get(mime.split(";")[0].strip().lower())
        if suffix is None:
            raise BadInputError(f"a film from the browser is {' or '.join(SUFFIXES)}, this one is {mime!r}")
        self.bytes = self._pieces = 0
        self._workspace = workspace
        self.path = _folder(workspace) / f"{datetime.now():%Y-%m-%d %H.%M.%S} {secrets.token_hex(4)}{suffix}"
        try:
            self._descriptor = os.open(self.path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | _BINARY, FILE_MODE)
        except OSError as error:
            raise _no_room(error) from None

    def add(self, number: int, data: bytes) -> int:
        """Append a piece; it is on the disk when this returns. The same one once more is taken for what it is.

        Returns
        -------
        int
            How many pieces are there.

        Raises
        ------
        BadInputError
            If a piece before it is missing, it is empty, or the film is too large.
        BadOutputError
            If it cannot be kept.
        """
        if number == self._pieces - 1:
            return self._pieces
        if number != self._pieces:
            raise BadInputError(f"piece {number} of this film came after piece {self._pieces - 1}")
        if not data:
            raise BadInputError(f"piece {number} of this film is empty")
        if self.bytes + len(data) > MOST_BYTES:
            raise BadInputError(f"a film has at most {in_gib(MOST_BYTES)}: end this one and begin another")
        if shutil.disk_usage(self.path.parent).free - len(data) < SPARE_BYTES:
            raise BadOutputError("the disk is full: what was recorded until now is kept; make room, then record again")
        try:
            os.lseek(self._descriptor, self.bytes, os.SEEK_SET)  # over what a failed try may have left
            rest = memoryview(data)
            while rest:
                rest = rest[os.write(self._descriptor, rest) :]
            os.fsync(self._descriptor)
        except OSError as error:
            raise _no_room(error) from None
        self.bytes, self._pieces = self.bytes + len(data), self._pieces + 1
        return self._pieces

    def end(self, payload: dict[str, Any]) -> tuple[int, int] | None:
        """Take the film into the list of recordings and queue its analysis: the recording's id and the job's.

        None if nothing of it came. If the queue is full the film stays where it is and this may be tried again.

        Raises
        ------
        FullError
            As `micromask.app.workspace.jobs.queue`.
        """
        if not self.bytes:
            self.drop()
            return None
        ids = add_and_queue(self._workspace, _title(self.path), self.path, payload)
        self.leave()
        return ids

    def drop(self) -> None:
        """Delete what was recorded."""
        self.leave()
        self.path.unlink(missing_ok=True)

    def leave(self) -> None:
        """Write no more; what is there stays for `rescue`."""
        with suppress(OSError):
            os.close(self._descriptor)


def rescue(workspace: Path, payload: dict[str, Any], open_films: Collection[Path]) -> int:
    """Take films into the list that a crash or a full queue left behind; how many.

    Parameters
    ----------
    workspace : Path
    payload : dict
        How they are to be analysed.
    open_films : collection of Path
        Those that are being recorded.

    Raises
    ------
    FullError
        As `micromask.app.workspace.jobs.queue`.
    """
    found = 0
    for path in sorted(_folder(workspace).iterdir()):
        if path in open_films or path.suffix not in SUFFIXES.values():
            continue
        if path.stat().st_size == 0:
            path.unlink(missing_ok=True)
            continue
        add_and_queue(workspace, _title(path), path, payload)
        found += 1
    return found


_BINARY = getattr(os, "O_BINARY", 0)


def _folder(workspace: Path) -> Path:
    return private_folder(workspace / FOLDER)


def _title(path: Path) -> str:
    return f"Live {path.stem.rsplit(' ', 1)[0]}{path.suffix}"


def _no_room(error: OSError) -> BadOutputError:
    return BadOutputError(f"this film cannot be kept ({error.strerror or error}): make room on the disk")
