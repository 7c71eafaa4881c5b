"""What jobs made of several recordings or runs: cohorts, agreements, comparisons; each in a folder of its own."""

from __future__ import annotations

import json
import secrets
import shutil
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from micromask.app.workspace.jobs import Job, JobState, job, job_of, jobs
from micromask.app.workspace.store import writing
from micromask.core.errors import BadInputError
from micromask.studies.store import now

MadeKind = Literal["cohort", "agree", "compare-runs"]

FOLDERS: Mapping[MadeKind, str] = {"cohort": "cohorts", "agree": "agreements", "compare-runs": "comparisons"}
"""Where the folders of each kind of work lie."""

PAGE, NUMBERS, TABLE = "report.html", "numbers.json", "table.csv"
"""What such a folder holds: the page to pass on, its document, and a table (comparisons have none)."""

OF_RECORDINGS: tuple[MadeKind, ...] = ("cohort", "agree")
"""Those that are made of recordings, whose numbers are the payload's ``recordings``; comparisons are made of runs."""

REMOVED = "removed"
"""In a payload: how many recordings it had that were removed since."""

WORDS = {"cohort": "cohort", "agree": "agreement", "compare-runs": "comparison"}


@dataclass(frozen=True, slots=True)
class Made:
    """One of them: the number and state of its job, what was asked for, and what came out in a sentence ('' before).

    ``line`` is what is being done, or why it failed; ``made`` when it was ready, else when it was asked for. ``there``
    says that there is a document; while it is made again this is still the old one.
    """

    number: int
    state: JobState
    line: str
    done: int
    total: int
    made: str
    payload: Mapping[str, Any]
    words: str
    there: bool


def all_made(workspace: Path, kind: MadeKind) -> tuple[Made, ...]:
    """Those of one kind, the newest first."""
    return tuple(_made(workspace, kind, one) for one in reversed(jobs(workspace, kind)))


def made(workspace: Path, kind: MadeKind, number: int) -> Made:
    """One of them.

    Raises
    ------
    BadInputError
        If there is none of that kind with this number.
    """
    found = job(workspace, number)
    if found.kind != kind:
        raise BadInputError(f"there is no {WORDS[kind]} {number} here (any more)")
    return _made(workspace, kind, found)


def made_file(workspace: Path, kind: MadeKind, number: int, name: str) -> Path:
    """A file of one that is ready.

    Raises
    ------
    BadInputError
        If it is not ready, or has no such file.
    """
    path = made_folder(workspace, kind, made(workspace, kind, number).number) / name
    if not path.is_file():
        raise BadInputError(f"{WORDS[kind]} {number} is not ready yet: wait for it, or make it again")
    return path


def made_document(workspace: Path, kind: MadeKind, number: int) -> dict[str, Any]:
    """Its document.

    Raises
    ------
    BadInputError
        As `made_file`.
    """
    document: dict[str, Any] = json.loads(made_file(workspace, kind, number, NUMBERS).read_text(encoding="utf-8"))
    return document


def made_folder(workspace: Path, kind: MadeKind, number: int) -> Path:
    """Where the job of that number puts it."""
    return workspace / FOLDERS[kind] / str(int(number))


def write_made(folder: Path, document: Mapping[str, Any], page: str, table: str | None = None) -> None:
    """Write the files into a folder, which is made."""
    folder.mkdir(parents=True)
    (folder / PAGE).write_text(page, encoding="utf-8")
    text = json.dumps(document, indent=1, ensure_ascii=False, allow_nan=False)
    (folder / NUMBERS).write_text(text + "\n", encoding="utf-8")
    if table is not None:
        (folder / TABLE).write_text(table, encoding="utf-8", newline="")


def remove_made(workspace: Path, kind: MadeKind, number: int) -> None:
    """Remove one with its files.

    Raises
    ------
    BadInputError
        If there is none, or it is being made.
    """
    if made(workspace, kind, number).state == "running":
        raise BadInputError(f"this {WORDS[kind]} is being made: cancel it first")
    with writing(workspace) as store:
        gone = store.execute("DELETE FROM job WHERE id = ? AND kind = ? AND state <> 'running'", (number, kind))
        if not gone.rowcount:
            raise BadInputError(f"this {WORDS[kind]} is being made: cancel it first")
        shutil.rmtree(made_folder(workspace, kind, number), ignore_errors=True)


def made_with(workspace: Path, number: int) -> tuple[tuple[MadeKind, Made], ...]:
    """Every cohort and agreement that has a recording in it, or is to have it."""
    return tuple(
        (kind, one)
        for kind in OF_RECORDINGS
        for one in all_made(workspace, kind)
        if number in one.payload.get("recordings", ())
    )


def tidy_made(workspace: Path) -> None:
    """Bring in order what a server that was killed may have left behind.

    Folders whose job is gone are removed; what lost its folder is made again; and what holds a recording that is gone
    is treated as by `tidy_made_in`.
    """
    for left in (workspace / "scratch").glob(f"{_DROPPED}*"):
        shutil.rmtree(left, ignore_errors=True)
    with writing(workspace) as store:
        tidy_made_in(store, workspace)
        for kind in OF_RECORDINGS:
            rows = store.execute("SELECT id FROM job WHERE kind = ? AND state = 'done'", (kind,)).fetchall()
            for row in rows:
                if not (made_folder(workspace, kind, row["id"]) / NUMBERS).is_file():
                    _queue_again(store, row["id"])
    for kind, name in FOLDERS.items():
        known = {str(one.id) for one in jobs(workspace, kind)}
        folder = workspace / name
        for left in folder.iterdir() if folder.is_dir() else ():
            if left.name.isdecimal() and left.name not in known:
                shutil.rmtree(left, ignore_errors=True)


def tidy_made_in(store: sqlite3.Connection, workspace: Path) -> None:
    """Within a transaction: no cohort and no agreement tells of a recording that is not there any more.

    One that does loses its files at once and goes back to the queue with the recordings that are left, also where the
    queue is full; where none is left it is removed. One that is being made is taken from its worker, which then ends,
    and is begun anew under another number.
    """
    there = {row["id"] for row in store.execute("SELECT id FROM recording")}
    for kind in OF_RECORDINGS:
        for row in store.execute("SELECT * FROM job WHERE kind = ? ORDER BY id", (kind,)).fetchall():
            of = job_of(row)
            asked = of.payload.get("recordings", [])
            left = [number for number in asked if number in there]
            if len(left) < len(asked):
                told = _drop_files(workspace, kind, of.id)
                gone = of.payload.get(REMOVED, 0) + len(asked) - len(left)
                payload = of.payload | {"recordings": left, REMOVED: gone}
                _without(store, of, payload, urgent=row["urgent"], told=told)


def _without(store: sqlite3.Connection, of: Job, payload: Mapping[str, Any], *, urgent: int, told: bool) -> None:
    """Have one made again of what is left, as the payload says; not what was cancelled before it was ever told."""
    number, text = of.id, json.dumps(payload)
    if of.state == "running" or not payload["recordings"]:
        store.execute("DELETE FROM job WHERE id = ?", (number,))
        if payload["recordings"]:
            store.execute(
                "INSERT INTO job (kind, payload, state, urgent, queued) VALUES (?, ?, 'queued', ?, ?)",
                (of.kind, text, urgent, now()),
            )
        return
    store.execute("UPDATE job SET payload = ? WHERE id = ?", (text, number))
    if told or of.state != "cancelled":
        _queue_again(store, number)


def _queue_again(store: sqlite3.Connection, number: int) -> None:
    """Put one at the end of the queue; nobody is refused for want of room. Nothing of what its job said stays."""
    store.execute(
        "UPDATE job SET state = 'queued', done = 0, total = 0, line = '', tries = 0, unwanted = NULL, queued = ?, "
        "begun = NULL, ended = NULL WHERE id = ?",
        (now(), number),
    )


_DROPPED = "made-"


def _drop_files(workspace: Path, kind: MadeKind, number: int) -> bool:
    """Remove the files of one, all out of the way in one step. Whether it had any."""
    folder = made_folder(workspace, kind, number)
    if not folder.exists():
        return False
    dropped = workspace / "scratch" / f"{_DROPPED}{secrets.token_hex(8)}"
    try:
        folder.rename(dropped)
    except OSError:  # what cannot be moved is removed where it is
        dropped = folder
    shutil.rmtree(dropped, ignore_errors=True)
    return True


def _made(workspace: Path, kind: MadeKind, of: Job) -> Made:
    words = _words(made_folder(workspace, kind, of.id) / NUMBERS)
    return Made(
        of.id,
        of.state,
        of.line,
        of.done,
        of.total,
        of.ended or of.queued,
        of.payload,
        words or "",
        words is not None,
    )


def _words(path: Path) -> str | None:
    """What a document says in a sentence; None where there is none that can be read."""
    try:
        return _read_words(path, path.stat().st_mtime_ns)
    except (OSError, ValueError, KeyError):
        return None


@lru_cache(maxsize=512)
def _read_words(path: Path, _: int) -> str:
    words: str = json.loads(path.read_text(encoding="utf-8"))["words"]
    return words
