"""A file that one process at a time may hold; the system takes it back when the process ends, however it ends."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from micromask.core.errors import MicromaskError


class HeldError(MicromaskError):
    """Another process holds the file."""


@contextmanager
def locked(path: Path, *, wait: float = 0.0) -> Iterator[None]:
    """Hold a file; SQLite's own file lock does this alike on every system, and the file stays empty.

    Parameters
    ----------
    path : Path
        Made where it is missing.
    wait : float
        Seconds to wait for whoever holds it.

    Raises
    ------
    HeldError
        If somebody else holds it for longer.
    """
    if not path.exists():  # opening and closing it would take the lock from who holds it in this process
        os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))
    with closing(sqlite3.connect(path, timeout=wait, isolation_level=None, check_same_thread=False)) as lock:
        try:
            lock.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError:
            raise HeldError(f"{path} is held by another process") from None
        yield
