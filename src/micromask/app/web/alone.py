"""One server a study: a second one would take the first one's open recordings for cut off."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from micromask.core.errors import BadInputError

FILE = "serving.lock"


@contextmanager
def alone(study: Path) -> Iterator[None]:
    """Hold the study's lock; the system takes it back when the process ends, however it ends.

    SQLite's own file lock does this alike on every system; the file stays empty.

    Raises
    ------
    BadInputError
        If another server holds it, or there is no such folder.
    """
    if not study.is_dir():
        raise BadInputError(f"{study} holds no study: make one with 'micromask study new {study}'")
    path = study / FILE
    os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))
    with closing(sqlite3.connect(path, timeout=0, isolation_level=None, check_same_thread=False)) as lock:
        try:
            lock.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError:
            raise BadInputError(
                f"{study} is being served already: use that server (any number of people can sign in), or stop it first"
            ) from None
        yield
