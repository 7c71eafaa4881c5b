"""A study's database: one SQLite file in its folder, so that two coders and a recording can go on at a time."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from micromask.core.errors import BadInputError

FILE = "study.sqlite"
VERSION = 1
WAIT_SECONDS = 10.0

SCHEMA = """
CREATE TABLE counter (                -- the last number given out, so that none is given twice; no personal data
  name TEXT PRIMARY KEY,
  last INTEGER NOT NULL
);
CREATE TABLE participant (
  name TEXT PRIMARY KEY,              -- a pseudonym: P and a number
  fields TEXT NOT NULL,               -- JSON: what the participant was asked
  added TEXT NOT NULL
);
CREATE TABLE consent (
  id INTEGER PRIMARY KEY,
  participant TEXT NOT NULL REFERENCES participant ON DELETE CASCADE,
  given TEXT NOT NULL,
  text TEXT NOT NULL,                 -- as it was read
  text_sha256 TEXT NOT NULL,
  withdrawn TEXT
);
CREATE TABLE session (
  id INTEGER PRIMARY KEY AUTOINCREMENT,  -- never used again: a late request must not reach another person's
  participant TEXT NOT NULL REFERENCES participant ON DELETE CASCADE,
  begun TEXT NOT NULL,
  ended TEXT,
  state TEXT NOT NULL CHECK (state IN ('running', 'done', 'stopped', 'interrupted', 'deleted', 'imported')),
  items TEXT NOT NULL                 -- JSON: {part: [item ids in the order shown]}
);
CREATE TABLE recording (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  session INTEGER NOT NULL REFERENCES session ON DELETE CASCADE,
  part TEXT NOT NULL,
  path TEXT NOT NULL UNIQUE,          -- below the study's folder
  mime TEXT NOT NULL,
  begun TEXT NOT NULL,
  ended TEXT,
  chunks INTEGER NOT NULL DEFAULT 0,  -- on disk and acknowledged
  bytes INTEGER NOT NULL DEFAULT 0,
  state TEXT NOT NULL CHECK (state IN ('open', 'closed', 'interrupted'))
);
CREATE TABLE event (
  recording INTEGER NOT NULL REFERENCES recording ON DELETE CASCADE,
  number INTEGER NOT NULL,
  time_s REAL NOT NULL,               -- on the recording's own clock
  kind TEXT NOT NULL,                 -- stimulus-on, stimulus-off, pause, resume, stop
  item TEXT,
  detail TEXT NOT NULL DEFAULT '{}',  -- JSON
  PRIMARY KEY (recording, number)
);
CREATE TABLE frame (
  recording INTEGER NOT NULL REFERENCES recording ON DELETE CASCADE,
  number INTEGER NOT NULL,            -- number * the study's frame_seconds is its time
  frame INTEGER NOT NULL,             -- of the film, from 0
  time_s REAL NOT NULL,               -- the film's own time of that frame
  item TEXT,                          -- what was on the screen
  path TEXT NOT NULL,                 -- the face cut out, below the study's folder
  flags TEXT NOT NULL,                -- JSON list: no-face, blurred, eyes-closed
  measures TEXT NOT NULL,             -- JSON: see studies.frame_rows.StudyFrame
  PRIMARY KEY (recording, number)
);
CREATE TABLE framed (                 -- how the frames of a recording were made
  recording INTEGER PRIMARY KEY REFERENCES recording ON DELETE CASCADE,
  seconds REAL NOT NULL,              -- between two frames
  detector TEXT NOT NULL,
  candidates INTEGER NOT NULL,        -- 1 where the film was searched for them
  told TEXT NOT NULL,                 -- JSON list: what one has to know, such as that the film breaks off
  made TEXT NOT NULL
);
CREATE TABLE candidate (
  id INTEGER PRIMARY KEY,
  recording INTEGER NOT NULL REFERENCES recording ON DELETE CASCADE,
  onset INTEGER NOT NULL, apex INTEGER NOT NULL, offset INTEGER NOT NULL,  -- frames of the film
  onset_s REAL NOT NULL, apex_s REAL NOT NULL, offset_s REAL NOT NULL,
  kind TEXT NOT NULL,
  told TEXT NOT NULL                  -- JSON: strength, region, probabilities
);
CREATE TABLE coder (
  name TEXT PRIMARY KEY,
  added TEXT NOT NULL
);
CREATE TABLE label (
  id INTEGER PRIMARY KEY,
  coder TEXT NOT NULL REFERENCES coder,
  recording INTEGER NOT NULL REFERENCES recording ON DELETE CASCADE,
  number INTEGER,                     -- the kept frame that is labelled; NULL for an interval of the film
  kind TEXT NOT NULL CHECK (kind IN ('micro', 'masked')),
  emotion TEXT NOT NULL,              -- micro: the emotion; masked: shown_but_felt
  shown TEXT, felt TEXT,
  onset INTEGER, apex INTEGER, offset INTEGER,  -- frames of the film
  action_units TEXT NOT NULL DEFAULT '[]',      -- JSON: [{number, side, intensity}]
  confidence INTEGER,                 -- 1 to 5
  covered TEXT NOT NULL DEFAULT '[]', -- JSON: regions covered while it was coded
  note TEXT NOT NULL DEFAULT '',
  made TEXT NOT NULL,
  removed TEXT                        -- set by undo or delete; such rows do not count
);
CREATE TABLE change (                 -- what undo takes back
  id INTEGER PRIMARY KEY,
  coder TEXT NOT NULL,
  label INTEGER NOT NULL REFERENCES label ON DELETE CASCADE,
  before TEXT, after TEXT,            -- JSON of the row; NULL where there was none
  made TEXT NOT NULL,
  undone INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE settled (
  recording INTEGER NOT NULL REFERENCES recording ON DELETE CASCADE,
  number INTEGER NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('micro', 'masked')),
  emotion TEXT NOT NULL,              -- '' where the frame shows none
  how TEXT NOT NULL CHECK (how IN ('one coder', 'agreed', 'majority', 'discussion', 'third coder')),
  by TEXT NOT NULL,
  action_units TEXT NOT NULL DEFAULT '',
  made TEXT NOT NULL,
  PRIMARY KEY (recording, number, kind)
);
CREATE TABLE settled_change (         -- what undo of a settling takes back
  id INTEGER PRIMARY KEY,
  step INTEGER NOT NULL,              -- rows that were settled at once are undone at once
  recording INTEGER NOT NULL REFERENCES recording ON DELETE CASCADE,
  number INTEGER NOT NULL,
  kind TEXT NOT NULL,
  who TEXT NOT NULL,
  before TEXT, after TEXT,            -- JSON of the settled row; NULL where there was none
  made TEXT NOT NULL,
  undone INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE file (                   -- where every derived file comes from, so that it can be found again
  path TEXT NOT NULL,                 -- below the study's folder, or absolute for exports elsewhere
  participant TEXT NOT NULL,          -- a file that holds several people has a row for each
  kind TEXT NOT NULL,                 -- film, frame, map, landmarks, export, cache
  made_from TEXT NOT NULL,
  made TEXT NOT NULL,
  PRIMARY KEY (path, participant)
);
CREATE INDEX file_of ON file (participant);
CREATE UNIQUE INDEX one_label ON label (coder, recording, number, kind) WHERE removed IS NULL AND number IS NOT NULL;
CREATE INDEX label_of ON label (recording);
CREATE INDEX change_of ON change (coder);
CREATE INDEX change_to ON change (label);
"""


def now() -> str:
    """The time in UTC, to the millisecond, as all tables hold it."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def create_store(study: Path) -> None:
    """Make the empty database of a new study, readable by its owner only.

    Raises
    ------
    FileExistsError
        If there is one already.
    """
    os.close(os.open(study / FILE, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    with closing(_connect(study / FILE)) as store:
        store.execute("PRAGMA journal_mode = WAL")
        store.executescript(f"BEGIN; {SCHEMA} PRAGMA user_version = {VERSION}; COMMIT;")


@contextmanager
def open_store(study: Path) -> Iterator[sqlite3.Connection]:
    """The study's database as one transaction: kept when the block ends well, else as if nothing had happened.

    What was kept is on the disk: a power cut or kill -9 after the block does not lose it. Rows can be read by column
    name.

    Raises
    ------
    BadInputError
        If there is no study, or a newer micromask made it.
    """
    path = study / FILE
    if not path.is_file():
        raise BadInputError(f"{study} holds no study (no {FILE}): make one with 'micromask study new {study}'")
    with closing(_connect(path)) as store:
        made_by = store.execute("PRAGMA user_version").fetchone()[0]
        if made_by != VERSION:
            raise BadInputError(f"{path} is a study of layout {made_by}, this micromask reads {VERSION}: update it")
        store.execute("BEGIN IMMEDIATE")
        try:
            yield store
        except BaseException:
            store.execute("ROLLBACK")
            raise
        store.execute("COMMIT")


@contextmanager
def read_store(study: Path) -> Iterator[sqlite3.Connection]:
    """The study's database to read from: one state of it, while others may write.

    Raises
    ------
    BadInputError
        As `open_store`.
    """
    path = study / FILE
    if not path.is_file():
        raise BadInputError(f"{study} holds no study (no {FILE}): make one with 'micromask study new {study}'")
    with closing(_connect(path)) as store:
        store.execute("PRAGMA query_only = ON")
        store.execute("BEGIN")
        yield store


def _connect(path: Path) -> sqlite3.Connection:
    store = sqlite3.connect(path, timeout=WAIT_SECONDS, isolation_level=None)
    store.row_factory = sqlite3.Row
    store.execute("PRAGMA foreign_keys = ON")
    store.execute("PRAGMA synchronous = FULL")
    store.execute("PRAGMA secure_delete = ON")  # what is deleted is overwritten with zeros
    return store
