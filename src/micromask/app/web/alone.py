"""One server a study or workspace: a second one would take the first one's open recordings for cut off."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from micromask.app.workspace.locks import HeldError, locked
from micromask.core.errors import BadInputError

FILE = "serving.lock"


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Hold the lock of a study or workspace; the system takes it back when the process ends, however it ends.

    Raises
    ------
    BadInputError
        If another server holds it, or there is no such folder.
    """
    if not folder.is_dir():
        raise BadInputError(f"{folder} holds no study: make one with 'micromask study new {folder}'")
    with ExitStack() as held:
        try:
            held.enter_context(locked(folder / FILE))
        except HeldError:
            raise BadInputError(
                f"{folder} is being served already: use that server (any number of people can), or stop it first"
            ) from None
        yield
