from __future__ import annotations

import errno
import os

import numpy as np
import pytest

from micromask.core.errors import BadInputError, BadOutputError
from micromask.reports import folder as folder_module
from micromask.reports.document import analysis_document
from micromask.reports.folder import FILES, check_folder, read_run, write_run

WRITERS = ("write_report", "write_expressions_csv", "write_timeline_parquet", "write_document", "write_elan")


@pytest.fixture(scope="module")
def small(invented):
    return invented(fps=25.0, seconds=3.0)


def names(path):
    return sorted(one.name for one in path.iterdir())


def full_disk(*_):
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_a_run_is_a_folder_with_its_files(small, tmp_path):
    paths = write_run(small, tmp_path / "runs" / "one")
    assert paths == {name: tmp_path / "runs" / "one" / file for name, file in FILES.items()}
    assert names(tmp_path / "runs" / "one") == sorted(FILES.values())
    assert names(tmp_path / "runs") == ["one"]


def test_elan_writes_a_file_named_after_the_recording(small, tmp_path):
    paths = write_run(small, tmp_path / "one", elan=True)
    assert paths["elan"] == tmp_path / "one" / "interview 07.eaf"
    assert paths["elan"].is_file()


def test_a_run_read_back_says_the_same(small, tmp_path):
    write_run(small, tmp_path / "one")
    again = read_run(tmp_path / "one")
    assert analysis_document(again) == analysis_document(small)
    np.testing.assert_array_equal(again.timelines[0].frames, small.timelines[0].frames)
    with pytest.raises(BadInputError, match=r"cannot be read|is not a timeline"):
        read_run(tmp_path / "two")


def test_an_existing_folder_is_refused_and_left_alone(small, tmp_path):
    (tmp_path / "one").mkdir()
    (tmp_path / "one" / "notes.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(BadOutputError, match=r"one exists; choose another --out or add --overwrite"):
        write_run(small, tmp_path / "one")
    with pytest.raises(BadOutputError, match=r"one exists; choose another --out or add --overwrite"):
        check_folder(tmp_path / "one")
    assert names(tmp_path / "one") == ["notes.txt"]
    check_folder(tmp_path / "one", overwrite=True)
    check_folder(tmp_path / "two")


def test_a_file_in_the_place_is_refused_even_with_overwrite(small, tmp_path):
    (tmp_path / "one").write_text("mine", encoding="utf-8")
    with pytest.raises(BadOutputError, match="one is a file; choose another --out"):
        write_run(small, tmp_path / "one", overwrite=True)
    assert (tmp_path / "one").read_text(encoding="utf-8") == "mine"


def test_overwriting_replaces_a_run_and_keeps_what_is_not_its_own(small, tmp_path):
    write_run(small, tmp_path / "one", elan=True)
    for name, text in (("report.html", "old"), ("truth.json", "{}"), ("interview 07.eaf", "coded by hand")):
        (tmp_path / "one" / name).write_text(text, encoding="utf-8")
    write_run(small, tmp_path / "one", overwrite=True)
    assert names(tmp_path) == ["one"]
    assert names(tmp_path / "one") == sorted([*FILES.values(), "truth.json", "interview 07.eaf"])
    assert (tmp_path / "one" / "report.html").read_text(encoding="utf-8").startswith("<!doctype html>")
    assert (tmp_path / "one" / "interview 07.eaf").read_text(encoding="utf-8") == "coded by hand"
    write_run(small, tmp_path / "one", overwrite=True, elan=True)
    assert (tmp_path / "one" / "interview 07.eaf").read_text(encoding="utf-8").startswith("<?xml")


@pytest.mark.parametrize("writer", WRITERS)
def test_a_full_disk_is_one_line_and_leaves_nothing(small, tmp_path, monkeypatch, writer):
    monkeypatch.setattr(folder_module, writer, full_disk)
    with pytest.raises(BadOutputError, match=r"cannot be written: No space left on device; make room") as told:
        write_run(small, tmp_path / "deep" / "runs" / "one", elan=True)
    assert "\n" not in str(told.value)
    assert names(tmp_path) == []


def test_a_full_disk_leaves_the_old_run_as_it_was(small, tmp_path, monkeypatch):
    write_run(small, tmp_path / "one")
    before = {path.name: path.read_bytes() for path in (tmp_path / "one").iterdir()}
    monkeypatch.setattr(folder_module, "write_document", full_disk)
    with pytest.raises(BadOutputError, match="No space left"):
        write_run(small, tmp_path / "one", overwrite=True)
    assert {path.name: path.read_bytes() for path in (tmp_path / "one").iterdir()} == before
    assert names(tmp_path) == ["one"]


def test_the_old_run_comes_back_where_the_new_one_cannot_take_its_place(small, tmp_path, monkeypatch):
    write_run(small, tmp_path / "one")
    rename = type(tmp_path).rename

    def refuse(path, target):
        if path.suffix == ".part":
            raise OSError(errno.EBUSY, os.strerror(errno.EBUSY))
        return rename(path, target)

    monkeypatch.setattr(type(tmp_path), "rename", refuse)
    with pytest.raises(BadOutputError, match="busy"):
        write_run(small, tmp_path / "one", overwrite=True)
    assert names(tmp_path) == ["one"]
    assert names(tmp_path / "one") == sorted(FILES.values())


def test_an_interrupted_run_leaves_nothing(small, tmp_path, monkeypatch):
    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(folder_module, "write_timeline_parquet", interrupt)
    with pytest.raises(KeyboardInterrupt):
        write_run(small, tmp_path / "runs" / "one")
    assert names(tmp_path) == []


def test_a_place_below_a_file_is_one_line(small, tmp_path):
    (tmp_path / "film.mp4").write_text("", encoding="utf-8")
    with pytest.raises(BadOutputError, match=r"cannot be written: (Not a directory|File exists)"):
        write_run(small, tmp_path / "film.mp4" / "one")
