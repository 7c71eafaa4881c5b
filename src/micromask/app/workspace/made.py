"""What jobs made of several recordings or runs: cohorts, agreements, comparisons; each in a folder of its own."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from micromask.app.workspace.jobs import Job, JobState, job, jobs
from micromask.app.workspace.store import writing
from micromask.core.errors import BadInputError

MadeKind = Literal["cohort", "agree", "compare-runs"]

FOLDERS: Mapping[MadeKind, str] = {"cohort": "cohorts", "agree": "agreements", "compare-runs": "comparisons"}
"""Where the folders of each kind of work lie."""

PAGE, NUMBERS, TABLE = "report.html", "numbers.json", "table.csv"
"""What such a folder holds: the page to pass on, its document, and a table (comparisons have none)."""

WORDS = {"cohort": "cohort", "agree": "agreement", "compare-runs": "comparison"}


@dataclass(frozen=True, slots=True)
class Made:
    """One of them: the number and state of its job, what was asked for, and what came out in a sentence ('' before).

    ``line`` is what is being done, or why it failed; ``made`` when it was ready, else when it was asked for.
    """

    number: int
    state: JobState
    line: str
    done: int
    total: int
    made: str
    payload: Mapping[str, Any]
    words: str


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


def tidy_made(workspace: Path) -> None:
    """Remove the folders whose job is gone: what a server that was killed may have left behind."""
    for kind, name in FOLDERS.items():
        known = {str(one.id) for one in jobs(workspace, kind)}
        folder = workspace / name
        for left in folder.iterdir() if folder.is_dir() else ():
            if left.name.isdecimal() and left.name not in known:
                shutil.rmtree(left, ignore_errors=True)


def _made(workspace: Path, kind: MadeKind, of: Job) -> Made:
    words = ""
    if of.state == "done":
        try:
            words = str(made_words(made_folder(workspace, kind, of.id) / NUMBERS))
        except (OSError, ValueError, KeyError):
            words = ""
    return Made(of.id, of.state, of.line, of.done, of.total, of.ended or of.queued, of.payload, words)


def made_words(path: Path) -> str:
    """What a document says in a sentence."""
    words: str = json.loads(path.read_text(encoding="utf-8"))["words"]
    return words
