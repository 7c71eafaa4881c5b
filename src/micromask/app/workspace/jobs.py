"""The queue: what is to be done, what is being done and how it ended. Every job is a row; workers take them in turn."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, cast

from micromask.app.workspace.store import reading, writing
from micromask.core.errors import BadInputError
from micromask.studies.store import now

MOST_WAITING = 200
MOST_TRIES = 3

RETRY_SECONDS = 10
"""When to ask again, where the queue is full."""

JobState = Literal["queued", "running", "done", "failed", "cancelled"]


class FullError(BadInputError):
    """So many jobs wait that no more are taken for now."""


class Cancelled(BaseException):
    """The user cancelled the job, or removed its recording. No Exception, so that no work takes it for a fault."""


@dataclass(frozen=True, slots=True)
class Job:
    """One piece of work.

    ``kind`` is a name in `micromask.app.workspace.work.kinds.works` and ``payload`` what that function wants to know;
    ``recording`` the recording that it belongs to, if any. ``done`` of ``total`` says how far it is (total 0: nobody
    knows yet) and ``line`` what is being done, or why it failed. Times are UTC, ISO 8601.
    """

    id: int
    kind: str
    recording: int | None
    payload: dict[str, Any]
    state: JobState
    done: int
    total: int
    line: str
    queued: str
    begun: str | None
    ended: str | None


def queue(
    workspace: Path, kind: str, payload: dict[str, Any], *, recording: int | None = None, urgent: bool = False
) -> int:
    """Put a job into the queue.

    Parameters
    ----------
    workspace : Path
    kind : str
        A name in `works`.
    payload : dict
        What its function wants to know: anything that JSON can say.
    recording : int, optional
        The recording that it belongs to: the job goes when that is removed, and no two jobs of one recording run at
        the same time.
    urgent : bool
        Before those that are not: a person is looking at the page that waits for it. For work of a few seconds.

    Returns
    -------
    int
        The job's id.

    Raises
    ------
    FullError
        If MOST_WAITING jobs wait already.
    BadInputError
        If there is no such recording.
    """
    with writing(workspace) as store:
        return queue_in(store, kind, payload, recording=recording, urgent=urgent)


def queue_in(
    store: sqlite3.Connection,
    kind: str,
    payload: dict[str, Any],
    *,
    recording: int | None = None,
    urgent: bool = False,
) -> int:
    """As `queue`, within the caller's own transaction (`writing`)."""
    _check_room(store)
    try:
        added = store.execute(
            "INSERT INTO job (kind, recording, payload, state, urgent, queued) VALUES (?, ?, ?, 'queued', ?, ?)",
            (kind, recording, json.dumps(payload), int(urgent), now()),
        )
    except sqlite3.IntegrityError:
        raise BadInputError(f"there is no recording {recording} here (any more)") from None
    return cast(int, added.lastrowid)


def jobs(workspace: Path, kind: str | None = None) -> tuple[Job, ...]:
    """All jobs, or those of one kind, in the order in which they were queued."""
    with reading(workspace) as store:
        rows = store.execute("SELECT * FROM job WHERE ?1 IS NULL OR kind = ?1 ORDER BY id", (kind,)).fetchall()
    return tuple(map(job_of, rows))


def job(workspace: Path, number: int) -> Job:
    """One job.

    Raises
    ------
    BadInputError
        If there is none.
    """
    with reading(workspace) as store:
        return _one(store, number)


def cancel(workspace: Path, number: int) -> None:
    """Cancel a job: one that waits at once, one that runs within a second or two. One that has ended stays as it is.

    Raises
    ------
    BadInputError
        If there is none.
    """
    with writing(workspace) as store:
        state = _one(store, number).state
        if state == "queued":
            store.execute("UPDATE job SET state = 'cancelled', line = '', ended = ? WHERE id = ?", (now(), number))
        elif state == "running":
            store.execute("UPDATE job SET unwanted = coalesce(unwanted, ?) WHERE id = ?", (now(), number))


def again(workspace: Path, number: int) -> None:
    """Put a job that failed, was cancelled or is done back at the end of the queue, as it was asked for.

    Raises
    ------
    FullError
        As `queue`.
    BadInputError
        If there is none.
    """
    with writing(workspace) as store:
        if _one(store, number).state in ("queued", "running"):
            return
        _check_room(store)
        store.execute(
            "UPDATE job SET state = 'queued', done = 0, total = 0, line = '', tries = 0, unwanted = NULL, queued = ?, "
            "begun = NULL, ended = NULL WHERE id = ?",
            (now(), number),
        )


def check_wanted(store: sqlite3.Connection, number: int) -> None:
    """Raise `Cancelled` where a running job was cancelled or removed."""
    row = store.execute("SELECT state, unwanted FROM job WHERE id = ?", (number,)).fetchone()
    if row is None or row["state"] != "running" or row["unwanted"] is not None:
        raise Cancelled


def waiting(workspace: Path) -> int:
    """How many jobs wait."""
    with reading(workspace) as store:
        return _waiting(store)


def job_of(row: sqlite3.Row) -> Job:
    """A row of the table ``job`` as a Job."""
    return Job(
        id=row["id"],
        kind=row["kind"],
        recording=row["recording"],
        payload=json.loads(row["payload"]),
        state=row["state"],
        done=row["done"],
        total=row["total"],
        line=row["line"],
        queued=row["queued"],
        begun=row["begun"],
        ended=row["ended"],
    )


def _one(store: sqlite3.Connection, number: int) -> Job:
    row = store.execute("SELECT * FROM job WHERE id = ?", (number,)).fetchone()
    if row is None:
        raise BadInputError(f"there is no job {number} here (any more)")
    return job_of(row)


def _waiting(store: sqlite3.Connection) -> int:
    return cast(int, store.execute("SELECT count(*) FROM job WHERE state = 'queued'").fetchone()[0])


def _check_room(store: sqlite3.Connection) -> None:
    if _waiting(store) >= MOST_WAITING:
        raise FullError(f"{MOST_WAITING} jobs are waiting already: come back when some are done, or cancel some")
