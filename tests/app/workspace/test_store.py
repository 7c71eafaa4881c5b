import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from micromask.app.workspace.store import FILE, FOLDERS, create_workspace, reading, writing
from micromask.core.errors import BadInputError, BadOutputError

ADD = "INSERT INTO recording (title, added) VALUES (?, 'now')"


def count(workspace: Path) -> int:
    with reading(workspace) as store:
        return int(store.execute("SELECT count(*) FROM recording").fetchone()[0])


def test_a_workspace_is_for_its_owner_only(workspace: Path) -> None:
    for folder in (workspace, *(workspace / name for name in FOLDERS)):
        assert folder.stat().st_mode & 0o777 == 0o700
    with writing(workspace) as store:
        store.execute(ADD, ("one",))
        for name in (FILE, f"{FILE}-wal", f"{FILE}-shm"):
            assert (workspace / name).stat().st_mode & 0o777 == 0o600, name


def test_opening_a_workspace_again_keeps_what_it_holds_and_adds_tables_of_a_newer_version(workspace: Path) -> None:
    with writing(workspace) as store:
        store.execute(ADD, ("one",))
        store.execute("DROP TABLE slot")
    assert create_workspace(workspace) == workspace
    assert count(workspace) == 1
    with reading(workspace) as store:
        assert store.execute("SELECT * FROM slot").fetchall() == []


def test_a_folder_with_other_things_in_it_is_not_taken(tmp_path: Path) -> None:
    (tmp_path / "thesis.odt").write_text("three years of work")
    with pytest.raises(BadInputError, match="holds other things and no workspace"):
        create_workspace(tmp_path)
    assert [one.name for one in tmp_path.iterdir()] == ["thesis.odt"]
    with pytest.raises(BadInputError, match="is a file"):
        create_workspace(tmp_path / "thesis.odt")


def test_a_workspace_of_a_newer_version_is_left_alone(workspace: Path) -> None:
    with closing(sqlite3.connect(workspace / FILE)) as store:
        store.execute("PRAGMA user_version = 99")
    for use in (lambda: create_workspace(workspace), lambda: count(workspace)):
        with pytest.raises(BadInputError, match="layout 99, this micromask reads 1: update it"):
            use()


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b"dear diary" * 1000)
    with pytest.raises(BadInputError, match="cannot be used as a workspace's database"):
        create_workspace(tmp_path)


def test_a_transaction_that_fails_leaves_nothing(workspace: Path) -> None:
    def fail() -> None:
        with writing(workspace) as store:
            store.execute(ADD, ("one",))
            raise KeyError("stop")

    with pytest.raises(KeyError):
        fail()
    assert count(workspace) == 0


def test_who_reads_sees_one_state_while_another_writes(workspace: Path) -> None:
    with reading(workspace) as before:
        assert before.execute("SELECT count(*) FROM recording").fetchone()[0] == 0
        with writing(workspace) as store:
            store.execute(ADD, ("one",))
        assert before.execute("SELECT count(*) FROM recording").fetchone()[0] == 0
        with pytest.raises(sqlite3.OperationalError, match="readonly"):
            before.execute(ADD, ("two",))
    assert count(workspace) == 1


def test_a_full_disk_is_one_clear_line_and_nothing_is_half_written(workspace: Path) -> None:
    def fill() -> None:
        with writing(workspace) as store:
            pages = store.execute("PRAGMA page_count").fetchone()[0]
            store.execute(f"PRAGMA max_page_count = {pages}")  # then SQLite says what it says of a full disk
            store.execute(ADD, ("x" * 100_000,))

    with pytest.raises(BadOutputError, match=r"cannot be written \(database or disk is full\): make room"):
        fill()
    assert count(workspace) == 0


def test_a_mistake_in_a_statement_is_not_taken_for_a_full_disk(workspace: Path) -> None:
    with pytest.raises(sqlite3.OperationalError, match="no such table"), writing(workspace) as store:
        store.execute("INSERT INTO nowhere VALUES (1)")


def test_a_folder_without_a_workspace_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match=r"holds no workspace \(no app.sqlite\)"), reading(tmp_path):
        pass
