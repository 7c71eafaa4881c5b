"""The cache: nothing stale, nothing half, nothing lost, whoever writes at the same time."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest

from micromask.core.errors import BadInputError, BadOutputError
from micromask.datasets import cache as cache_module
from micromask.datasets.cache import (
    Cache,
    Recipe,
    cache_folder,
    cache_info,
    clear_cache,
    fingerprint,
    remembered,
)

RECIPE = Recipe("motion-map", 1, ("ab" * 16,), {"detector": "mtcnn", "size": 96, "share": 0.5})
MAP = np.arange(28 * 28 * 3, dtype=np.uint32).astype(np.uint8).reshape(28, 28, 3)


@pytest.fixture
def cache(tmp_path) -> Cache:
    return Cache(tmp_path / "cache")


def test_what_was_put_is_got(cache):
    assert cache.get(RECIPE) is None
    cache.put(RECIPE, {"map": MAP, "place": np.eye(2)})
    found = cache.get(RECIPE)
    assert set(found) == {"map", "place"}
    np.testing.assert_array_equal(found["map"], MAP)
    assert found["map"].dtype == np.uint8


@pytest.mark.parametrize(
    "other",
    [
        replace(RECIPE, kind="faces"),
        replace(RECIPE, version=2),
        replace(RECIPE, sources=("cd" * 16,)),
        replace(RECIPE, sources=("ab" * 16, "ab" * 16)),
        *(
            replace(RECIPE, parameters={**RECIPE.parameters, name: value})
            for name, value in [("detector", "haar"), ("size", 97), ("share", 0.25), ("size", "96"), ("colour", True)]
        ),
    ],
)
def test_a_recipe_that_differs_in_anything_is_another_entry(cache, other):
    cache.put(RECIPE, {"map": MAP})
    assert cache.get(other) is None
    assert cache.place(other) != cache.place(RECIPE)


def test_another_version_of_the_package_or_of_opencv_is_another_entry(cache, monkeypatch):
    names = {RECIPE.name()}
    with monkeypatch.context() as patch:
        patch.setattr("micromask.__version__", "99.0")
        names.add(RECIPE.name())
    with monkeypatch.context() as patch:
        patch.setattr(cache_module.cv2, "__version__", "99.0")
        names.add(RECIPE.name())
    assert len(names) == 3


def test_the_order_of_parameters_makes_no_difference():
    assert replace(RECIPE, parameters=dict(reversed(RECIPE.parameters.items()))).name() == RECIPE.name()


def test_a_parameter_that_json_cannot_hold_is_refused():
    with pytest.raises(ValueError):
        replace(RECIPE, parameters={"share": float("nan")}).name()
    with pytest.raises(TypeError):
        replace(RECIPE, parameters={"path": Path("a")}).name()


def test_objects_are_never_pickled(cache):
    with pytest.raises(ValueError, match="arrays of numbers"):
        cache.put(RECIPE, {"map": np.array([{}])})
    assert not cache.folder.exists()


@pytest.mark.parametrize("damage", ["cut", "flip", "empty", "text", "array", "other"])
def test_a_damaged_entry_is_a_miss_and_is_written_anew(cache, damage):
    cache.put(RECIPE, {"map": MAP})
    place = cache.place(RECIPE)
    whole = bytearray(place.read_bytes())
    if damage == "flip":
        at = whole.index(MAP.tobytes()[:64]) + 32
        whole[at] ^= 0xFF
    elif damage == "other":  # a whole entry under a name that is not its own
        other = replace(RECIPE, version=2)
        cache.put(other, {"map": MAP})
        whole = cache.place(other).read_bytes()
    elif damage == "array":
        np.save(buffer := BytesIO(), MAP)
        whole = buffer.getvalue()
    place.write_bytes({"cut": bytes(whole[: len(whole) // 2]), "empty": b"", "text": b"PK no zip"}.get(damage, whole))
    assert cache.get(RECIPE) is None
    made = remembered(cache, lambda: RECIPE, lambda: {"map": MAP + 1})
    np.testing.assert_array_equal(made["map"], MAP + 1)
    np.testing.assert_array_equal(cache.get(RECIPE)["map"], MAP + 1)


def test_what_is_there_is_not_made_again(cache):
    calls = []

    def make():
        calls.append(1)
        return {"map": MAP}

    for _ in range(3):
        np.testing.assert_array_equal(remembered(cache, lambda: RECIPE, make)["map"], MAP)
    assert len(calls) == 1
    remembered(None, lambda: pytest.fail("no recipe is needed without a cache"), make)
    assert len(calls) == 2


WRITER = """
import sys
from dataclasses import replace
from pathlib import Path
import numpy as np
from micromask.datasets.cache import Cache, Recipe

cache, recipe, worker = Cache(Path(sys.argv[1])), Recipe("motion-map", 1, ("ab",), {}), int(sys.argv[2])
picture, bad = np.arange(2352, dtype=np.uint32), 0
for turn in range(60):
    cache.put(recipe, {"map": picture})
    cache.put(replace(recipe, version=1000 * worker + turn), {"map": picture})
    found = cache.get(recipe)
    bad += found is None or not np.array_equal(found["map"], picture)
print(bad)
"""
"""Writes one entry over and over while others do the same; says how many reads were not whole."""


def test_writers_in_many_processes_leave_whole_entries_and_nothing_else(cache):
    commands = [[sys.executable, "-c", WRITER, str(cache.folder), str(worker)] for worker in (1, 2, 3)]
    processes = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for command in commands]
    assert [process.communicate()[0].strip() for process in processes] == ["0", "0", "0"]
    info = cache_info(cache)
    assert info.entries == {"motion-map": 181}
    assert info.leftovers == 0


def test_a_broken_writer_leaves_no_entry_and_no_part(cache, monkeypatch):
    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "savez", full)
    with pytest.raises(
        BadOutputError, match=r"cannot be written: No space left on device; make room .*MICROMASK_CACHE"
    ):
        cache.put(RECIPE, {"map": MAP})
    assert not [path for path in cache.folder.rglob("*") if path.is_file()]


def test_a_cache_in_a_place_that_is_a_file_is_told(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(BadOutputError, match="cannot be written"):
        Cache(tmp_path / "file").put(RECIPE, {"map": MAP})
    assert Cache(tmp_path / "file").get(RECIPE) is None


def test_a_fingerprint_follows_the_content_and_nothing_else(tmp_path):
    film, copy = tmp_path / "a.mp4", tmp_path / "b.mp4"
    film.write_bytes(b"x" * 3_000_000)
    copy.write_bytes(b"x" * 3_000_000)
    before = fingerprint(film)
    assert fingerprint(copy) == before
    assert fingerprint(film.rename(tmp_path / "c.mp4")) == before


def test_a_change_in_the_middle_with_the_old_size_and_the_old_time_is_seen(tmp_path):
    film = tmp_path / "a.mp4"
    film.write_bytes(b"x" * 3_000_000)
    state, before = film.stat(), fingerprint(film)
    with film.open("r+b") as file:
        file.seek(1_500_000)
        file.write(b"y")
    os.utime(film, ns=(state.st_atime_ns, state.st_mtime_ns))
    assert film.stat().st_size == state.st_size
    assert fingerprint(film) != before


def test_a_file_that_is_not_there_has_no_fingerprint(tmp_path):
    with pytest.raises(BadInputError, match=r"nothing\.mp4: cannot be read"):
        fingerprint(tmp_path / "nothing.mp4")


def test_info_counts_and_clear_removes_what_the_cache_wrote_and_nothing_else(cache):
    cache.put(RECIPE, {"map": MAP})
    cache.put(replace(RECIPE, version=2), {"map": MAP})
    cache.put(replace(RECIPE, kind="faces"), {"faces": MAP})
    size = sum(path.stat().st_size for path in cache.folder.rglob("*.npz"))
    part = cache.place(RECIPE).with_name(f".{'0' * 40}.abc.part")
    part.write_bytes(b"left behind")
    mine = [cache.folder / "thesis.txt", cache.folder / "v1" / "thesis.npz", cache.place(RECIPE).with_name("my.npz")]
    for path in mine:
        path.write_text("not the cache's")
    info = cache_info(cache)
    assert info.entries == {"motion-map": 2, "faces": 1}
    assert sum(info.bytes.values()) == size
    assert info.leftovers == 1
    assert clear_cache(cache, ("faces",))[0] == 1
    assert cache_info(cache).entries == {"motion-map": 2}
    assert clear_cache(cache)[0] == 2
    assert sorted(path for path in cache.folder.rglob("*") if path.is_file()) == sorted(mine)
    assert clear_cache(cache) == (0, 0)


def test_a_cache_that_is_not_there_holds_nothing(tmp_path):
    cache = Cache(tmp_path / "nowhere")
    assert cache_info(cache).entries == {}
    assert clear_cache(cache) == (0, 0)
    assert not cache.folder.exists()


@pytest.mark.parametrize(
    ("platform", "variables", "wanted"),
    [
        ("linux", {}, "home/.cache/micromask"),
        ("linux", {"XDG_CACHE_HOME": "xdg"}, "xdg/micromask"),
        ("linux", {"XDG_CACHE_HOME": "xdg", "MICROMASK_CACHE": "mine"}, "mine"),
        ("linux", {"MICROMASK_CACHE": "~/mine"}, "home/mine"),
        ("darwin", {"XDG_CACHE_HOME": "xdg"}, "home/Library/Caches/micromask"),
        ("win32", {"LOCALAPPDATA": "local"}, "local/micromask/Cache"),
        ("win32", {}, "home/AppData/Local/micromask/Cache"),
    ],
)
def test_the_cache_lies_where_the_system_keeps_such_things(monkeypatch, platform, variables, wanted):
    for name in ("MICROMASK_CACHE", "XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    for name in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(name, "home")
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "platform", platform)
    assert cache_folder().as_posix() == wanted
