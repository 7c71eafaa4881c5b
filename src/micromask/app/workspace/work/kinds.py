"""What jobs do: a kind of work is a function by name, in a module of its own."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

from micromask.app.workspace.jobs import Cancelled as Cancelled
from micromask.app.workspace.jobs import Job, check_wanted
from micromask.app.workspace.store import writing
from micromask.core.errors import BadOutputError
from micromask.core.registry import Registry
from micromask.studies.files import FILE_MODE, make_private, private_folder, sync_folder

Tell = Callable[[int, int, str], None]
"""tell(done, total, line): say how far the job is and what is being done. Call it often: it raises `Cancelled`, and
what it says is kept a few times a second only. The last line stays as the line of a job that is done."""

Work = Callable[[Path, Job, Tell], None]

works: Registry[Work] = Registry("kind of work")
"""(workspace, job, tell) of each kind.

It runs in a worker process with one thread, and again from the start after a crash. It may be killed at any moment: it
writes to `scratch`, and `keep` puts in its place what is complete. A MicromaskError is the one line that the user sees.
"""


def scratch(workspace: Path, job: Job) -> Path:
    """An own folder for what a job writes until it is complete; emptied and gone when the job ends, however it ends."""
    return private_folder(workspace / "scratch" / str(job.id))


def keep(
    workspace: Path,
    job: Job,
    moves: dict[Path, Path],
    *,
    note: Callable[[sqlite3.Connection], object] | None = None,
) -> None:
    """Put files and folders that a job has made in their places, unless it was cancelled or its recording removed.

    Parameters
    ----------
    workspace : Path
    job : Job
        The running job.
    moves : dict of Path to Path
        From its `scratch` to its place, which an older one may take up until then.
    note : callable, optional
        Writes what the database is to say about it, in the same transaction.

    Raises
    ------
    Cancelled
        If nobody wants it any more; nothing is moved then.
    BadOutputError
        If a place cannot be written.
    """
    for made in moves:
        if made.is_dir():
            make_private(made)
        else:
            made.chmod(FILE_MODE)
    with writing(workspace) as store:
        check_wanted(store, job.id)
        for number, (made, place) in enumerate(moves.items()):
            try:
                private_folder(place.parent)
                if place.is_dir():  # no folder can take the place of another in one step; a killed job is done again
                    place.rename(scratch(workspace, job) / f"old-{number}")
                made.replace(place)
                sync_folder(place.parent)
            except OSError as error:
                raise BadOutputError(f"{place} cannot be written: {error.strerror or error}; make room") from None
        if note is not None:
            note(store)
    for old in scratch(workspace, job).glob("old-*"):
        shutil.rmtree(old, ignore_errors=True)
