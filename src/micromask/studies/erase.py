"""All rows of a participant go from a study's database, and their bytes from its file."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection
from contextlib import closing
from pathlib import Path

from micromask.core.errors import BadOutputError
from micromask.studies.store import FILE, WAIT_SECONDS, open_store


def tables_of(store: sqlite3.Connection) -> dict[str, list[str]]:
    """The columns of each of a database's own tables."""
    names = store.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'").fetchall()
    return {name: [row[1] for row in store.execute(f'PRAGMA table_info("{name}")')] for (name,) in names}


def count_rows(study: Path, participant: str) -> dict[str, int]:
    """How many rows `erase_rows` would delete, by table; nothing is changed."""
    with open_store(study) as store:
        store.execute("SAVEPOINT counting")
        gone = _erase(store, participant)
        store.execute("ROLLBACK TO counting")
        store.execute("RELEASE counting")
        return gone


def erase_rows(study: Path, participant: str, gone: Collection[str]) -> None:
    """Delete a participant's row and all rows that hang on it, and write the file anew without them.

    ``gone`` are places of files and folders that go as a whole: what is noted of others there goes too.

    Raises
    ------
    BadOutputError
        If somebody else is using the database so long that it cannot be rewritten, or the disk is full. The rows are
        deleted then, and it can be called again.
    """
    with open_store(study) as store:
        _erase(store, participant)
        noted = [row[0] for row in store.execute("SELECT DISTINCT path FROM file")]
        lost = [(path,) for path in noted if any(path == place or path.startswith(f"{place}/") for place in gone)]
        store.executemany("DELETE FROM file WHERE path = ?", lost)
    try:
        with closing(sqlite3.connect(study / FILE, timeout=WAIT_SECONDS, isolation_level=None)) as store:
            store.execute("PRAGMA temp_store = MEMORY")
            store.execute("PRAGMA secure_delete = ON")
            store.execute("VACUUM")
            busy = store.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
    except sqlite3.OperationalError as error:
        raise BadOutputError(f"{study / FILE} cannot be rewritten ({error}); stop what uses it and run again") from None
    if busy:
        raise BadOutputError(f"{study / FILE} is in use, deleted bytes are left in it; stop what uses it and run again")


def _erase(store: sqlite3.Connection, participant: str) -> dict[str, int]:
    tables = tables_of(store)
    before = _counts(store, tables)
    for table, columns in tables.items():
        if table != "participant" and "participant" in columns:
            store.execute(f'DELETE FROM "{table}" WHERE participant = ?', (participant,))
    store.execute("DELETE FROM participant WHERE name = ?", (participant,))
    after = _counts(store, tables)
    return {table: before[table] - after[table] for table in tables if before[table] > after[table]}


def _counts(store: sqlite3.Connection, tables: dict[str, list[str]]) -> dict[str, int]:
    return {table: int(store.execute(f'SELECT count(*) FROM "{table}"').fetchone()[0]) for table in tables}
