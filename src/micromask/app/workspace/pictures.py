"""Pictures in a workspace: batches that were uploaded or lie in a folder, and what was read of each picture."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from micromask.app.workspace.jobs import Job, cancel, job_of, queue_in
from micromask.app.workspace.own import usable_model
from micromask.app.workspace.recordings import LONGEST_TITLE, one_line, title_of
from micromask.app.workspace.store import reading, writing
from micromask.core.errors import BadInputError, BadOutputError
from micromask.recordings.single import picture_files
from micromask.studies.files import FILE_MODE, private_folder
from micromask.studies.store import now

KIND = "predict"
MOST_IN_BATCH = 20_000


@dataclass(frozen=True, slots=True)
class Batch:
    """Pictures that were given together.

    ``model`` is the file of a model in models/, '' where none is asked; ``described`` its line once it was asked, and
    ``classes`` what it tells apart. ``outside`` says that the pictures stay where they are. ``read`` of ``total``
    pictures were read so far; ``job`` does it, None before it was begun.
    """

    id: int
    title: str
    model: str
    enhanced: bool
    outside: bool
    described: str
    classes: tuple[str, ...]
    added: str
    total: int
    read: int
    job: Job | None

    @property
    def busy(self) -> bool:
        """Whether its job waits or runs."""
        return self.job is not None and self.job.state in ("queued", "running")


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture: where it lies, and the rows that were read of it (`reports.predictions.line_document`), or None."""

    id: int
    batch: int
    title: str
    path: Path
    rows: tuple[dict[str, Any], ...] | None


def create_batch(workspace: Path, title: str, *, model: str = "", enhanced: bool = False) -> int:
    """An empty batch for pictures that are uploaded.

    Raises
    ------
    BadInputError
        If there is no such model, or it does not read single frames.
    """
    usable_model(workspace, model)
    with writing(workspace) as store:
        number = _row(store, title, model, enhanced, outside=False)
        private_folder(folder_of(workspace, number))
        return number


def add_picture(workspace: Path, batch: int, title: str, part: Path) -> int:
    """Move an uploaded file into a batch under a number; its name is a title only.

    Raises
    ------
    BadInputError
        If there is no such batch, it is being read, or it is full.
    BadOutputError
        If it cannot be moved.
    """
    with writing(workspace) as store:
        found = _one(store, batch)
        if found.busy:
            raise BadInputError(f"{found.title} is being read: wait for it, or make another batch")
        if found.total >= MOST_IN_BATCH:
            raise BadInputError(f"{found.title} holds {MOST_IN_BATCH:,} pictures, and no more fit: make another batch")
        number = _picture(store, batch, title_of(title), None)
        try:
            part.chmod(FILE_MODE)
            part.replace(folder_of(workspace, batch) / str(number))
        except OSError as error:
            raise BadOutputError(f"{title}: cannot be kept ({error.strerror or error})") from None
    return number


def add_folder(workspace: Path, folder: Path, *, model: str = "", enhanced: bool = False) -> int:
    """A batch of the pictures in a folder of this machine and the folders in it; they stay where they are.

    Raises
    ------
    BadInputError
        If there are none or more than MOST_IN_BATCH, or the model does not do.
    """
    usable_model(workspace, model)
    found = [path for path in picture_files([folder]) if "\n" not in str(path)]
    if len(found) > MOST_IN_BATCH:
        raise BadInputError(f"{folder} holds {len(found):,} pictures; at most {MOST_IN_BATCH:,}: take a folder in it")
    with writing(workspace) as store:
        number = _row(store, folder.name or str(folder), model, enhanced, outside=True)
        for path in found:
            _picture(store, number, _shown(path, folder), str(path.absolute()))
        private_folder(folder_of(workspace, number))
    return number


def begin(workspace: Path, batch: int) -> int:
    """Queue the reading of what was not read yet; the job's id.

    Raises
    ------
    FullError
        If the queue is full.
    BadInputError
        If there is no such batch, it is empty, or it is being read.
    """
    with writing(workspace) as store:
        return _begin(store, _one(store, batch))


def read_again(workspace: Path, batch: int, *, model: str, enhanced: bool) -> int:
    """Forget what was read of a batch and read it anew, with another model perhaps. Errors as `begin`."""
    usable_model(workspace, model)
    with writing(workspace) as store:
        found = _one(store, batch)
        if found.busy:
            raise BadInputError(f"{found.title} is being read: wait for it, or cancel it first")
        asked = (model, int(enhanced), batch)
        store.execute(
            "UPDATE picture_batch SET model = ?, enhanced = ?, described = '', classes = '[]' WHERE id = ?", asked
        )
        store.execute("UPDATE picture SET rows = NULL WHERE batch = ?", (batch,))
        return _begin(store, found)


def batches(workspace: Path) -> tuple[Batch, ...]:
    """All batches, newest first."""
    with reading(workspace) as store:
        return tuple(_batch(store, row) for row in store.execute(f"{_SELECT} ORDER BY one.id DESC").fetchall())


def batch_of(workspace: Path, batch: int) -> Batch:
    """One batch; BadInputError if there is none."""
    with reading(workspace) as store:
        return _one(store, batch)


def pictures(workspace: Path, batch: int) -> tuple[Picture, ...]:
    """The pictures of a batch in the order in which they were added."""
    with reading(workspace) as store:
        _one(store, batch)
        rows = store.execute("SELECT * FROM picture WHERE batch = ? ORDER BY id", (batch,)).fetchall()
    return tuple(
        Picture(
            row["id"],
            batch,
            row["title"],
            Path(row["outside"]) if row["outside"] else folder_of(workspace, batch) / str(row["id"]),
            None if row["rows"] is None else tuple(json.loads(row["rows"])),
        )
        for row in rows
    )


def keep_rows(store: sqlite3.Connection, picture: int, rows: Sequence[dict[str, Any]]) -> None:
    """What was read of a picture, within the caller's transaction."""
    store.execute("UPDATE picture SET rows = ? WHERE id = ?", (json.dumps(rows), picture))


def describe_batch(workspace: Path, batch: int, described: str, classes: Sequence[str]) -> None:
    """What the model said of itself when it was asked."""
    with writing(workspace) as store:
        told = (described, json.dumps(list(classes)), batch)
        store.execute("UPDATE picture_batch SET described = ?, classes = ? WHERE id = ?", told)


def remove_batch(workspace: Path, batch: int) -> None:
    """Remove a batch with its pictures and what was read of them; pictures outside of the workspace stay."""
    found = batch_of(workspace, batch)
    if found.job is not None:
        cancel(workspace, found.job.id)
    with writing(workspace) as store:
        store.execute("DELETE FROM picture_batch WHERE id = ?", (batch,))
        shutil.rmtree(folder_of(workspace, batch), ignore_errors=True)


def folder_of(workspace: Path, batch: int) -> Path:
    """Where a batch's files lie."""
    return workspace / "pictures" / str(int(batch))


def face_file(workspace: Path, batch: int, picture: int, row: int, *, heat: bool = False) -> Path:
    """The JPEG of a row, counted from 0: what is shown of the face, or where the network looked."""
    return folder_of(workspace, batch) / f"{int(picture)}-{int(row)}{'-heat' if heat else ''}.jpg"


_SELECT = """
SELECT one.*, count(picture.id) AS total, count(picture.rows) AS done FROM (SELECT * FROM picture_batch) AS one
LEFT JOIN picture ON picture.batch = one.id GROUP BY one.id
"""


def _row(store: sqlite3.Connection, title: str, model: str, enhanced: bool, *, outside: bool) -> int:
    added = store.execute(
        "INSERT INTO picture_batch (title, model, enhanced, outside, added) VALUES (?, ?, ?, ?, ?)",
        (one_line(title, LONGEST_TITLE) or "pictures", model, int(enhanced), int(outside), now()),
    )
    return cast(int, added.lastrowid)


def _picture(store: sqlite3.Connection, batch: int, title: str, outside: str | None) -> int:
    added = store.execute("INSERT INTO picture (batch, title, outside) VALUES (?, ?, ?)", (batch, title, outside))
    return cast(int, added.lastrowid)


def _begin(store: sqlite3.Connection, found: Batch) -> int:
    if found.busy:
        raise BadInputError(f"{found.title} is being read already")
    if not found.total:
        raise BadInputError(f"{found.title} holds no pictures: add some first")
    job = queue_in(store, KIND, {"batch": found.id})
    store.execute("UPDATE picture_batch SET job = ? WHERE id = ?", (job, found.id))
    return job


def _one(store: sqlite3.Connection, batch: int) -> Batch:
    row = store.execute(f"{_SELECT} HAVING one.id = ?", (batch,)).fetchone()
    if row is None:
        raise BadInputError(f"there are no pictures {batch} here (any more)")
    return _batch(store, row)


def _batch(store: sqlite3.Connection, row: sqlite3.Row) -> Batch:
    job = store.execute("SELECT * FROM job WHERE id = ?", (row["job"],)).fetchone() if row["job"] else None
    return Batch(
        row["id"],
        row["title"],
        row["model"],
        bool(row["enhanced"]),
        bool(row["outside"]),
        row["described"],
        tuple(json.loads(row["classes"])),
        row["added"],
        row["total"],
        row["done"],
        None if job is None else job_of(job),
    )


def _shown(path: Path, folder: Path) -> str:
    """What a picture of a folder is called: its path in it, fit for a list."""
    return one_line(path.relative_to(folder).as_posix().encode("utf-8", "replace").decode(), LONGEST_TITLE)
