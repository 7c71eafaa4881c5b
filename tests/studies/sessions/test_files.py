"""Files for their owner only, and notes of what was made of whom."""

from __future__ import annotations

import errno
import io
import os
import stat
import time

import numpy as np
import pytest

from micromask.core.errors import BadOutputError
from micromask.datasets.cache import Cache, Recipe, entries_made_from
from micromask.studies.files import (
    copy_private,
    make_private,
    note_file,
    noted_files,
    place_of,
    private_folder,
    write_private,
)
from micromask.studies.store import open_store

posix = pytest.mark.skipif(os.name != "posix", reason="permissions of POSIX")


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


@posix
def test_what_is_written_is_its_owners_alone_whatever_the_umask_says(tmp_path):
    before = os.umask(0)
    try:
        path = write_private(tmp_path / "a" / "b" / "c.png", b"picture")
        copy_private(io.BytesIO(b"film"), tmp_path / "a" / "d.webm")
    finally:
        os.umask(before)
    assert path.read_bytes() == b"picture"
    assert (mode(path), mode(path.parent), mode(path.parent.parent)) == (0o600, 0o700, 0o700)
    assert mode(tmp_path / "a" / "d.webm") == 0o600


@posix
def test_a_tree_that_others_could_read_is_closed_and_links_are_left_alone(tmp_path):
    (tmp_path / "outside").write_text("x")
    (tmp_path / "outside").chmod(0o644)
    tree = tmp_path / "export"
    (tree / "deep").mkdir(parents=True)
    (tree / "deep" / "a.csv").write_text("x")
    (tree / "link").symlink_to(tmp_path / "outside")
    make_private(tree)
    assert (mode(tree), mode(tree / "deep"), mode(tree / "deep" / "a.csv")) == (0o700, 0o700, 0o600)
    assert mode(tmp_path / "outside") == 0o644


def test_a_file_that_cannot_be_written_is_as_before(tmp_path, monkeypatch):
    path = write_private(tmp_path / "a.json", b"old")

    def full(descriptor):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(BadOutputError, match=r"a\.json cannot be written: No space left on device; make room"):
        write_private(path, b"new")
    with pytest.raises(BadOutputError, match="make room"):
        copy_private(io.BytesIO(b"film"), tmp_path / "film.webm")
    assert [each.name for each in tmp_path.iterdir()] == ["a.json"]
    assert path.read_bytes() == b"old"


def test_a_folder_that_is_a_file_is_told(tmp_path):
    (tmp_path / "films").write_text("x")
    with pytest.raises(BadOutputError, match="films/P01 cannot be made"):
        private_folder(tmp_path / "films" / "P01")


def test_a_file_of_two_people_is_noted_for_both_and_once_for_each(study, join):
    join()
    join()
    with open_store(study) as store:
        for _ in range(2):
            for name in ("P01", "P02"):
                note_file(store, "exports/first", name, "export", "frames")
        assert [each.path for each in noted_files(store, "P01")] == ["exports/first"]
        assert store.execute("SELECT count(*) FROM file").fetchone()[0] == 2


@pytest.mark.parametrize("path", ["../films", "films/../../x", "", ".", "films\\P01"])
def test_a_note_of_a_place_outside_of_the_study_is_refused(study, join, path):
    with open_store(study) as store, pytest.raises(ValueError, match="a noted path"):
        note_file(store, path, "P01", "film", "x")
    with open_store(study) as store, pytest.raises(ValueError, match="one of film, frame"):
        note_file(store, "films/x", "P01", "face", "x")


def test_places_are_told_below_the_study_or_whole(study, tmp_path):
    assert place_of(study, study / "films" / "P01") == "films/P01"
    assert place_of(study, tmp_path / "elsewhere") == str(tmp_path.resolve() / "elsewhere")


def test_cache_entries_are_found_by_what_they_were_made_from_and_unreadable_ones_always(tmp_path):
    cache = Cache(tmp_path / "cache")
    one, other = "a" * 32, "b" * 32
    wanted = []
    for sources in ((one,), (other,), (other, one)):
        recipe = Recipe("faces", 1, sources)
        cache.put(recipe, {"faces": np.zeros(2)})
        wanted += [cache.place(recipe)] if one in sources else []
    assert set(entries_made_from(cache, {one})) == set(wanted)
    assert entries_made_from(cache, {"c" * 32}) == ()
    damaged = cache.place(Recipe("faces", 1, (other,)))
    damaged.write_bytes(damaged.read_bytes()[:40])
    left = damaged.with_name(f".{damaged.stem}.0123ab.part")
    left.write_bytes(b"half")
    assert entries_made_from(cache, set()) == (damaged,)
    os.utime(left, (time.time() - 3600,) * 2)
    assert set(entries_made_from(cache, set())) == {damaged, left}
