"""The recordings of a workspace: films that were uploaded, and films that stay where they are on this machine."""

from __future__ import annotations

import shutil
import sqlite3
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, cast

from micromask.app.workspace.exports.kept import tidy_exports_in
from micromask.app.workspace.jobs import queue_in
from micromask.app.workspace.made import tidy_made_in
from micromask.app.workspace.store import empty_log, reading, writing
from micromask.core.errors import BadInputError, BadOutputError
from micromask.recordings.track import FILM_SUFFIXES
from micromask.studies.files import FILE_MODE, private_folder, sync_folder
from micromask.studies.store import now

RecordedState = Literal["waiting", "working", "ready", "failed", "cancelled"]

LONGEST_TITLE, LONGEST_NAME = 200, 80

UNKNOWN = ".dat"
"""For a film whose name has none of the known endings: what it is shows when a worker opens it."""

_STATES: dict[str | None, RecordedState] = {
    None: "waiting",
    "queued": "waiting",
    "running": "working",
    "done": "ready",
    "failed": "failed",
    "cancelled": "cancelled",
}

_SELECT = """
SELECT recording.*, job.state AS state, job.line AS line FROM recording
LEFT JOIN job ON job.id = (SELECT max(id) FROM job AS one WHERE one.recording = recording.id AND one.kind = 'analyze')
"""


@dataclass(frozen=True, slots=True)
class Recorded:
    """A recording as the workspace knows it.

    ``title`` is what its file was called. ``film`` is the film (or folder of images), ``folder`` the recording's own
    folder in the workspace, where ``play.mp4`` lies; ``outside`` says that the film is not in it. ``state`` is that of
    its analysis: waiting, working, ready, failed (then ``why`` is the reason, one line) or cancelled. ``seconds``,
    ``fps`` and ``frames`` are None until a worker has looked at the film.
    """

    id: int
    title: str
    participant: str
    group: str
    state: RecordedState
    added: str
    film: Path
    folder: Path
    outside: bool
    seconds: float | None
    fps: float | None
    frames: int | None
    why: str


def add_recording(
    workspace: Path, title: str, source: Path, *, outside: bool = False, participant: str = "", group: str = ""
) -> int:
    """Take a recording into the workspace; nothing is looked at or queued.

    Parameters
    ----------
    workspace : Path
    title : str
        What the file was called; it becomes no part of a path.
    source : Path
        The file, which is moved in (it lies on the same disk: in ``workspace/uploads``); with ``outside`` a film or a
        folder of images that stays where it is and is remembered.
    outside : bool
    participant, group : str
        Who it is and what they belong to, for the cohort.

    Returns
    -------
    int
        Its id.

    Raises
    ------
    BadInputError
        If the source is not there.
    BadOutputError
        If it cannot be moved in.
    """
    with writing(workspace) as store:
        return _add(workspace, store, title, source, outside=outside, participant=participant, group=group)


def add_and_queue(
    workspace: Path,
    title: str,
    source: Path,
    payload: dict[str, Any],
    *,
    outside: bool = False,
    participant: str = "",
    group: str = "",
) -> tuple[int, int]:
    """Take a recording in and queue its analysis: both or neither. The recording's id and the job's.

    Raises
    ------
    FullError
        As `micromask.app.workspace.jobs.queue`; the source stays where it is.
    BadInputError, BadOutputError
        As `add_recording`.
    """
    with writing(workspace) as store:
        # the film is moved last, so that it stays where it is when there is no room in the queue
        number = _row(store, title, source, outside=outside, participant=participant, group=group)
        job = queue_in(store, "analyze", payload, recording=number)
        _place(workspace, store, number, source, outside=outside)
        return number, job


def recordings(workspace: Path) -> tuple[Recorded, ...]:
    """All recordings, in the order in which they were added."""
    with reading(workspace) as store:
        rows = store.execute(f"{_SELECT} ORDER BY recording.id").fetchall()
    return tuple(_recorded(workspace, row) for row in rows)


def recording(workspace: Path, number: int) -> Recorded:
    """One recording.

    Raises
    ------
    BadInputError
        If there is none.
    """
    with reading(workspace) as store:
        row = store.execute(f"{_SELECT} WHERE recording.id = ?", (number,)).fetchone()
    if row is None:
        raise _none(number)
    return _recorded(workspace, row)


def describe(workspace: Path, number: int, *, participant: str | None = None, group: str | None = None) -> None:
    """Say who is on a recording and what they belong to; None leaves it as it is.

    Raises
    ------
    BadInputError
        If there is no such recording.
    """
    given = [None if text is None else one_line(text, LONGEST_NAME) for text in (participant, group)]
    with writing(workspace) as store:
        changed = store.execute(
            'UPDATE recording SET participant = coalesce(?, participant), "group" = coalesce(?, "group") WHERE id = ?',
            (*given, number),
        )
        if not changed.rowcount:
            raise _none(number)


def remove(workspace: Path, number: int) -> None:
    """Remove a recording with its results, corrections, jobs and exports, and its film where that is in the workspace.

    A job that is at it ends within a second or two. A film outside of the workspace is left alone. Cohorts and
    agreements with it in them lose their files and are made again without it (`micromask.app.workspace.made`).

    Raises
    ------
    BadInputError
        If there is no such recording.
    """
    with writing(workspace) as store:
        if not store.execute("DELETE FROM recording WHERE id = ?", (number,)).rowcount:
            raise _none(number)
        # before the rows are gone for good: a page that does not list it must not leave it on the disk
        _remove_files(workspace, number)
        tidy_exports_in(store, workspace)
        tidy_made_in(store, workspace)
    empty_log(workspace)


def results_of(workspace: Path, number: int) -> Path:
    """The folder of a recording's results, for `micromask.reports.folder.read_run`; there once its state is ready."""
    return workspace / "results" / str(int(number))


def one_line(text: str, longest: int) -> str:
    """A text that people typed, fit for a list: one line, no control signs, not longer than that.

    >>> one_line("  Anna\\n B.\\x00 ", 80)
    'Anna B.'
    """
    shown = "".join(sign if sign.isprintable() else " " for sign in text)
    return " ".join(shown.split())[:longest].rstrip()


def title_of(name: str) -> str:
    """What a file that was uploaded is called: the last part of its name, one line.

    >>> title_of("C:\\\\films\\\\Anna 3.mp4"), title_of("../../etc/passwd"), title_of("..")
    ('Anna 3.mp4', 'passwd', 'recording')
    """
    last = one_line(name.replace("\\", "/").rsplit("/", 1)[-1], len(name))
    if len(last) > LONGEST_TITLE:
        ending = _known_suffix(last)
        last = last[: LONGEST_TITLE - len(ending)] + ending
    return last if last.strip(".") else "recording"


def _known_suffix(name: str) -> str:
    suffix = Path(name).suffix.lower()
    return suffix if suffix in FILM_SUFFIXES else ""


def _add(
    workspace: Path,
    store: sqlite3.Connection,
    title: str,
    source: Path,
    *,
    outside: bool,
    participant: str,
    group: str,
) -> int:
    number = _row(store, title, source, outside=outside, participant=participant, group=group)
    _place(workspace, store, number, source, outside=outside)
    return number


def _row(store: sqlite3.Connection, title: str, source: Path, *, outside: bool, participant: str, group: str) -> int:
    if not (source.exists() if outside else source.is_file()):
        raise BadInputError(f"{source}: no such film")
    called = title_of(title)
    added = store.execute(
        'INSERT INTO recording (title, participant, "group", added, suffix, outside) VALUES (?, ?, ?, ?, ?, ?)',
        (
            called,
            one_line(participant, LONGEST_NAME),
            one_line(group, LONGEST_NAME),
            now(),
            _known_suffix(called) or UNKNOWN,
            str(source.absolute()) if outside else None,
        ),
    )
    return cast(int, added.lastrowid)


def _place(workspace: Path, store: sqlite3.Connection, number: int, source: Path, *, outside: bool) -> None:
    """The recording's own folder, and in it the film."""
    folder = workspace / "films" / str(number)
    _remove_files(workspace, number)  # what a crash may have left under a number that was never given out
    private_folder(folder)
    if outside:
        return
    suffix = store.execute("SELECT suffix FROM recording WHERE id = ?", (number,)).fetchone()["suffix"]
    try:
        source.chmod(FILE_MODE)
        source.replace(folder / f"film{suffix}")
        sync_folder(folder)
    except OSError as error:
        raise BadOutputError(f"{source}: cannot be moved into the workspace ({error.strerror or error})") from None


def _remove_files(workspace: Path, number: int) -> None:
    for folder in (workspace / "films" / str(number), results_of(workspace, number)):
        shutil.rmtree(folder, ignore_errors=True)


def _recorded(workspace: Path, row: sqlite3.Row) -> Recorded:
    folder = workspace / "films" / str(row["id"])
    outside = row["outside"] is not None
    state = _STATES[row["state"]]
    return Recorded(
        id=row["id"],
        title=row["title"],
        participant=row["participant"],
        group=row["group"],
        state=state,
        added=row["added"],
        film=Path(row["outside"]) if outside else folder / f"film{row['suffix']}",
        folder=folder,
        outside=outside,
        seconds=row["seconds"],
        fps=row["fps"],
        frames=row["frames"],
        why=row["line"] if state == "failed" else "",
    )


def _none(number: int) -> BadInputError:
    return BadInputError(f"there is no recording {number} here (any more)")
