"""A workspace's database: one SQLite file in its folder, read and written by the server and its workers at a time."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from micromask.core.errors import BadInputError, BadOutputError
from micromask.studies.files import private_folder

FILE = "app.sqlite"
VERSION = 1
WAIT_SECONDS = 10.0

FOLDERS = (
    "films",
    "results",
    "pictures",
    "models",
    "runs",
    "agreements",
    "cohorts",
    "comparisons",
    "studies",
    "uploads",
    "scratch",
    "exports",
)

SCHEMA = """
CREATE TABLE IF NOT EXISTS recording (
  id INTEGER PRIMARY KEY AUTOINCREMENT,  -- never used again: an old page must not reach another film
  title TEXT NOT NULL,                -- what the file was called; never part of a path
  participant TEXT NOT NULL DEFAULT '',
  "group" TEXT NOT NULL DEFAULT '',
  added TEXT NOT NULL,
  suffix TEXT NOT NULL DEFAULT '',    -- of films/<id>/film<suffix>, from a fixed list
  outside TEXT,                       -- where the film lies, if not in the workspace
  seconds REAL, fps REAL, frames INTEGER  -- NULL until a worker has looked
);
CREATE TABLE IF NOT EXISTS job (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  kind TEXT NOT NULL,
  recording INTEGER REFERENCES recording ON DELETE CASCADE,
  payload TEXT NOT NULL,              -- JSON
  state TEXT NOT NULL CHECK (state IN ('queued', 'running', 'done', 'failed', 'cancelled')),
  urgent INTEGER NOT NULL DEFAULT 0,  -- 1: a person is waiting for it
  done INTEGER NOT NULL DEFAULT 0,
  total INTEGER NOT NULL DEFAULT 0,   -- 0 while nobody knows
  line TEXT NOT NULL DEFAULT '',      -- what is being done, or why it failed
  tries INTEGER NOT NULL DEFAULT 0,   -- how often it was begun and not brought to an end
  unwanted TEXT,                      -- when somebody cancelled it while it ran
  queued TEXT NOT NULL, begun TEXT, ended TEXT
);
CREATE INDEX IF NOT EXISTS job_state ON job (state);
CREATE INDEX IF NOT EXISTS job_of ON job (recording, kind);
CREATE TABLE IF NOT EXISTS slot (     -- what each worker process is at; it stays when the job's own row is removed
  number INTEGER PRIMARY KEY,
  job INTEGER
);
CREATE TABLE IF NOT EXISTS study (     -- studies elsewhere that were added to the list
  key TEXT PRIMARY KEY,               -- stands for it in addresses
  folder TEXT NOT NULL UNIQUE,
  added TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS run (       -- evaluation runs by number: an address never names a folder
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  folder TEXT NOT NULL UNIQUE
);
CREATE TABLE IF NOT EXISTS run_folder ( -- folders elsewhere in which runs are looked for
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  folder TEXT NOT NULL UNIQUE
);
CREATE TABLE IF NOT EXISTS author (    -- who corrects
  name TEXT PRIMARY KEY,
  added TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS correction ( -- what people said of intervals: lines are added and never changed
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  recording INTEGER NOT NULL REFERENCES recording ON DELETE CASCADE,
  author TEXT NOT NULL REFERENCES author,
  made TEXT NOT NULL,
  does TEXT NOT NULL CHECK (does IN ('accept', 'reject', 'correct', 'add', 'withdraw', 'undo', 'redo')),
  about TEXT,                         -- JSON: the machine's interval as the author saw it; NULL for an added one
  added INTEGER,                      -- the line that added the interval that this one is about
  interval TEXT,                      -- JSON: what the author says that it is
  note TEXT NOT NULL DEFAULT ''
);
CREATE INDEX IF NOT EXISTS correction_of ON correction (recording);
CREATE TRIGGER IF NOT EXISTS correction_stays BEFORE UPDATE ON correction
BEGIN SELECT RAISE(ABORT, 'corrections are added, never changed'); END;
CREATE TABLE IF NOT EXISTS export (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  file TEXT NOT NULL UNIQUE,          -- its name in exports/, made up by us
  job INTEGER,                        -- the job that made it; NULL where it was made at once
  name TEXT NOT NULL,                 -- what the browser saves it as; never part of a path here
  made TEXT NOT NULL,
  bytes INTEGER NOT NULL,
  recordings INTEGER NOT NULL         -- how many are in it; when one of them is removed, so is the export
);
CREATE TABLE IF NOT EXISTS export_of (
  export INTEGER NOT NULL REFERENCES export ON DELETE CASCADE,
  recording INTEGER NOT NULL REFERENCES recording ON DELETE CASCADE,
  PRIMARY KEY (export, recording)
);
CREATE TABLE IF NOT EXISTS picture_batch ( -- pictures that were given together
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  title TEXT NOT NULL,
  model TEXT NOT NULL,                -- a file's name in models/; '' where none is asked
  enhanced INTEGER NOT NULL,          -- 1: the model reads the enhanced faces
  outside INTEGER NOT NULL,           -- 1: the pictures stay where they are
  described TEXT NOT NULL DEFAULT '', -- what the model said of itself when it was asked
  classes TEXT NOT NULL DEFAULT '[]', -- JSON
  added TEXT NOT NULL,
  job INTEGER                         -- the job that reads them, if any was queued
);
CREATE TABLE IF NOT EXISTS picture (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  batch INTEGER NOT NULL REFERENCES picture_batch ON DELETE CASCADE,
  title TEXT NOT NULL,                -- what the file was called; never part of a path
  outside TEXT,                       -- where it lies, if not in pictures/<batch>/<id>
  rows TEXT                           -- JSON: what was read of it; NULL until it was read
);
CREATE INDEX IF NOT EXISTS picture_of ON picture (batch);
"""
"""Every statement makes what is not there yet, so that a workspace of an older version gets what is new."""

_NOT_WRITTEN = {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_BUSY}


def expanded(folder: Path) -> Path:
    """The whole path of a folder whose ``~`` a shell left as it was.

    Raises
    ------
    BadInputError
        If it begins with the home of somebody whom this machine does not know.
    """
    try:
        return folder.expanduser().absolute()
    except RuntimeError:
        raise BadInputError(f"{folder}: this machine knows no such home; name the whole path") from None


def create_workspace(folder: Path) -> Path:
    """Make a workspace for its owner only, or open the one that is there.

    Parameters
    ----------
    folder : Path
        Made with its parents; an empty one, or one that is a workspace already.

    Returns
    -------
    Path
        The folder, absolute.

    Raises
    ------
    BadInputError
        If something else lies in the folder, or a newer micromask made the workspace.
    BadOutputError
        If it cannot be made.
    """
    folder = expanded(folder)
    if folder.exists() and not folder.is_dir():
        raise BadInputError(f"{folder} is a file; a workspace is a folder: choose another")
    path = folder / FILE
    if not path.is_file() and folder.is_dir() and any(folder.iterdir()):
        raise BadInputError(f"{folder} holds other things and no workspace (no {FILE}): choose a new or empty folder")
    private_folder(folder)
    for name in FOLDERS:
        private_folder(folder / name)
    try:
        if not path.exists():  # opening and closing it would take its locks from others in this process
            os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))
        with closing(_connect(path)) as store:
            _check_version(path, store, (0, VERSION))
            store.execute("PRAGMA journal_mode = WAL")
            store.executescript(f"BEGIN IMMEDIATE; {SCHEMA} PRAGMA user_version = {VERSION}; COMMIT;")
    except OSError as error:
        raise BadOutputError(f"{path} cannot be made: {error.strerror or error}") from None
    except sqlite3.DatabaseError as error:
        raise BadInputError(f"{path} cannot be used as a workspace's database ({error}): choose another") from None
    return folder


@contextmanager
def writing(workspace: Path, *, durable: bool = True) -> Iterator[sqlite3.Connection]:
    """The workspace's database as one transaction: kept when the block ends well, else as if nothing had happened.

    Parameters
    ----------
    workspace : Path
    durable : bool
        What was kept is on the disk, also after a power cut. False is for what may be lost then, such as how far a
        job is; a killed process loses nothing either way.

    Raises
    ------
    BadInputError
        If there is no workspace, or a newer micromask made it.
    BadOutputError
        If it cannot be written: the disk is full, it may only be read, or somebody else has held it for ten seconds.
    """
    with closing(_opened(workspace)) as store:
        if not durable:
            store.execute("PRAGMA synchronous = NORMAL")
        try:
            store.execute("BEGIN IMMEDIATE")
            try:
                yield store
            except BaseException:
                if store.in_transaction:
                    store.execute("ROLLBACK")
                raise
            store.execute("COMMIT")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF in _NOT_WRITTEN:
                raise BadOutputError(f"{workspace} cannot be written ({error}): make room") from None
            raise


@contextmanager
def reading(workspace: Path) -> Iterator[sqlite3.Connection]:
    """The workspace's database to read from: one state of it, while others may write.

    Raises
    ------
    BadInputError
        As `writing`.
    """
    with closing(_opened(workspace)) as store:
        store.execute("PRAGMA query_only = ON")
        store.execute("BEGIN")
        yield store


def empty_log(workspace: Path) -> None:
    """Bring the write-ahead log into the database and empty it, so that what was deleted is not left in it.

    Where somebody reads or writes all the while, it is left as it is until the next time.
    """
    with closing(_opened(workspace)) as store:
        store.execute("PRAGMA wal_checkpoint(TRUNCATE)")


@contextmanager
def kept_open(workspace: Path) -> Iterator[None]:
    """One connection that stays open, so that others need not clear up the write-ahead log each time they close."""
    with closing(_opened(workspace, check_same_thread=False)) as store:
        store.execute("SELECT 1 FROM job LIMIT 1").fetchall()
        yield


def _opened(workspace: Path, *, check_same_thread: bool = True) -> sqlite3.Connection:
    path = workspace / FILE
    if not path.is_file():
        raise BadInputError(f"{workspace} holds no workspace (no {FILE}): open it with 'micromask app {workspace}'")
    store = _connect(path, check_same_thread=check_same_thread)
    try:
        _check_version(path, store, (VERSION,))
    except BaseException:
        store.close()
        raise
    return store


def _check_version(path: Path, store: sqlite3.Connection, known: tuple[int, ...]) -> None:
    made_by = store.execute("PRAGMA user_version").fetchone()[0]
    if made_by not in known:
        raise BadInputError(f"{path} is a workspace of layout {made_by}, this micromask reads {VERSION}: update it")


def _connect(path: Path, *, check_same_thread: bool = True) -> sqlite3.Connection:
    store = sqlite3.connect(path, timeout=WAIT_SECONDS, isolation_level=None, check_same_thread=check_same_thread)
    store.row_factory = sqlite3.Row
    store.execute("PRAGMA foreign_keys = ON")
    store.execute("PRAGMA synchronous = FULL")
    store.execute("PRAGMA secure_delete = ON")  # what is deleted is overwritten with zeros
    return store
