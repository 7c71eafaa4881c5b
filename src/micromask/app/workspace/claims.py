"""What a worker does to the queue: it takes a job, says how far it is, and brings it to an end; or somebody else does.

A worker works in a *slot*. What it is at stands in the table ``slot``, so that the job of a worker that is gone is
found again by its slot, also where the job itself has been removed meanwhile.
"""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path
from time import monotonic

from micromask.app.workspace.jobs import MOST_TRIES, Job, JobState, check_wanted, job_of
from micromask.app.workspace.store import reading, writing
from micromask.studies.store import now

TELL_SECONDS = 0.25
"""How far a job is goes to the database at most this often, and as often it is seen whether it was cancelled."""

LOST = (
    f"the process that worked on it ended {MOST_TRIES} times before it was done (out of memory?): "
    "close other programs or take a shorter film, then try again"
)

_NEXT = """
SELECT * FROM job WHERE state = 'queued' AND (recording IS NULL OR NOT EXISTS (
  SELECT 1 FROM job AS other WHERE other.recording = job.recording AND other.state = 'running'
)) ORDER BY urgent DESC, queued, id LIMIT 1
"""


def claim(workspace: Path, slot: int) -> Job | None:
    """Take the next job, if there is one: urgent ones first, then in the order in which they were queued.

    A job waits while another one of its recording runs.
    """
    with reading(workspace) as store:
        if store.execute(_NEXT).fetchone() is None:
            return None
    with writing(workspace) as store:
        row = store.execute(_NEXT).fetchone()
        if row is None:
            return None
        store.execute(
            "UPDATE job SET state = 'running', begun = ?, tries = tries + 1, done = 0, total = 0, line = '' "
            "WHERE id = ?",
            (now(), row["id"]),
        )
        _set_slot(store, slot, row["id"])
        return job_of(store.execute("SELECT * FROM job WHERE id = ?", (row["id"],)).fetchone())


class Teller:
    """The ``tell`` of one running job."""

    def __init__(self, workspace: Path, job: Job) -> None:
        self._workspace, self._number = workspace, job.id
        self._next = 0.0
        self.said = (0, 0, "")

    def __call__(self, done: int, total: int, line: str) -> None:
        """Say how far the job is; `Cancelled` where it is not wanted any more."""
        changed, self.said = line != self.said[2], (done, total, line)
        if changed or monotonic() >= self._next:
            with writing(self._workspace, durable=False) as store:
                check_wanted(store, self._number)
                store.execute("UPDATE job SET done = ?, total = ?, line = ? WHERE id = ?", (*self.said, self._number))
            self._next = monotonic() + TELL_SECONDS


def finish(workspace: Path, slot: int, number: int, state: JobState, said: tuple[int, int, str]) -> None:
    """A worker's job has ended like this."""
    clear_scratch(workspace, number)
    with writing(workspace) as store:
        store.execute(
            "UPDATE job SET state = ?, done = ?, total = ?, line = ?, ended = ? WHERE id = ? AND state = 'running'",
            (state, *said, now(), number),
        )
        _set_slot(store, slot, None)


def unwanted(workspace: Path, slot: int) -> bool:
    """Whether what the slot's worker is at was cancelled or removed."""
    with reading(workspace) as store:
        row = store.execute(
            "SELECT job.id, job.unwanted FROM slot LEFT JOIN job ON job.id = slot.job "
            "WHERE slot.number = ? AND slot.job IS NOT NULL",
            (slot,),
        ).fetchone()
    return row is not None and (row["id"] is None or row["unwanted"] is not None)


def recover(workspace: Path, slot: int, *, counted: bool = True) -> None:
    """The slot's worker is gone: what it was at goes back to the queue, if it is still wanted.

    Parameters
    ----------
    workspace : Path
    slot : int
        Of a worker that has surely ended.
    counted : bool
        Whether this was one of the job's MOST_TRIES tries, after which it has failed; False where we ended the worker
        ourselves.
    """
    with writing(workspace) as store:
        row = store.execute("SELECT job FROM slot WHERE number = ?", (slot,)).fetchone()
        if row is None or row["job"] is None:
            return
        number: int = row["job"]
        clear_scratch(workspace, number)
        _set_slot(store, slot, None)
        job = store.execute("SELECT * FROM job WHERE id = ? AND state = 'running'", (number,)).fetchone()
        if job is None:
            return
        tries = job["tries"] - (not counted)
        state, line = ("failed", LOST) if tries >= MOST_TRIES else ("queued", "")
        if job["unwanted"] is not None:
            state, line = "cancelled", ""
        ended = None if state == "queued" else now()
        store.execute(
            "UPDATE job SET state = ?, line = ?, tries = ?, done = 0, total = 0, ended = ?, begun = ? WHERE id = ?",
            (state, line, tries, ended, job["begun"] if ended else None, number),
        )


def slots(workspace: Path) -> tuple[int, ...]:
    """The slots that were ever worked in."""
    with reading(workspace) as store:
        return tuple(row["number"] for row in store.execute("SELECT number FROM slot ORDER BY number"))


def clear_scratch(workspace: Path, number: int) -> None:
    """Remove what a job has written and not put in its place."""
    shutil.rmtree(workspace / "scratch" / str(number), ignore_errors=True)


def _set_slot(store: sqlite3.Connection, slot: int, number: int | None) -> None:
    store.execute(
        "INSERT INTO slot (number, job) VALUES (?, ?) ON CONFLICT (number) DO UPDATE SET job = excluded.job",
        (slot, number),
    )
