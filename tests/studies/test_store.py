"""A study's database: durable transactions, one writer at a time, and no study read by mistake."""

from __future__ import annotations

import sqlite3
import stat
import threading
from pathlib import Path

import pytest

from micromask.core.errors import BadInputError
from micromask.studies.store import FILE, create_store, now, open_store, read_store


@pytest.fixture
def study(tmp_path: Path) -> Path:
    create_store(tmp_path)
    return tmp_path


def add(study: Path, name: str) -> None:
    with open_store(study) as store:
        store.execute("INSERT INTO coder VALUES (?, ?)", (name, now()))


def coders(study: Path) -> list[str]:
    with read_store(study) as store:
        return [row["name"] for row in store.execute("SELECT name FROM coder ORDER BY name")]


def test_a_study_is_readable_by_its_owner_only(study):
    assert stat.S_IMODE((study / FILE).stat().st_mode) == 0o600


def test_what_was_written_is_there_and_what_failed_is_not(study):
    add(study, "anna")
    with pytest.raises(sqlite3.IntegrityError), open_store(study) as store:
        store.executemany("INSERT INTO coder VALUES (?, '')", [("berta",), ("anna",)])
    assert coders(study) == ["anna"]


def test_many_writers_at_a_time_lose_nothing(study):
    threads = [threading.Thread(target=add, args=(study, f"coder-{number:02d}")) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(coders(study)) == 12


def test_a_reader_sees_one_state_while_another_writes(study):
    add(study, "anna")
    with read_store(study) as store:
        before = store.execute("SELECT count(*) FROM coder").fetchone()[0]
        add(study, "berta")
        assert store.execute("SELECT count(*) FROM coder").fetchone()[0] == before
        with pytest.raises(sqlite3.OperationalError, match="readonly"):
            store.execute("DELETE FROM coder")
    assert coders(study) == ["anna", "berta"]


def test_rows_of_nobody_are_refused(study):
    with pytest.raises(sqlite3.IntegrityError), open_store(study) as store:
        store.execute("INSERT INTO session (participant, begun, state, items) VALUES ('P09', '', 'running', '{}')")


def test_a_folder_without_a_study_says_how_to_make_one(tmp_path):
    with (
        pytest.raises(BadInputError, match=r"no study.sqlite\): make one with 'micromask study new"),
        open_store(tmp_path),
    ):
        pass


def test_a_study_of_a_newer_layout_is_not_touched(study):
    store = sqlite3.connect(study / FILE)
    store.execute("PRAGMA user_version = 99")
    store.close()
    with pytest.raises(BadInputError, match="layout 99, this micromask reads 1"), open_store(study):
        pass


def test_a_study_that_is_there_is_not_made_again(study):
    with pytest.raises(FileExistsError):
        create_store(study)
