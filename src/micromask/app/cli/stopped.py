"""Ctrl-C in a command that keeps what is finished: whoever stops it is told how to go on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from micromask.core.errors import MicromaskError


class StoppedError(MicromaskError):
    """A person stopped a command that can be gone on with; the message says how."""


@contextmanager
def goes_on(work: Path, what: str = "folds") -> Iterator[None]:
    """Turn Ctrl-C into `StoppedError` where finished work is kept in a folder until the command is done.

    Parameters
    ----------
    work : Path
        The folder.
    what : str
        What it keeps.

    Raises
    ------
    StoppedError
    """
    try:
        yield
    except KeyboardInterrupt:
        kept = f"finished {what} are kept, go on with --resume" if work.exists() else "nothing was finished yet"
        raise StoppedError(f"stopped; {kept}") from None
