"""Several recordings in one command."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from micromask.app.cli.places import run_folders


def folders(place: Path) -> list[str]:
    return sorted(path.name for path in place.iterdir() if path.is_dir())


def test_every_recording_gets_a_folder_named_after_its_file(micromask, films, here):
    shutil.copy(films / "short.mp4", here / "a.mp4")
    shutil.copy(films / "nobody.mp4", here / "b.mp4")
    done = micromask("analyze", "a.mp4", "b.mp4", "--out", "out")
    assert done.code == 0
    assert folders(here / "out") == ["a", "b"]
    assert all((here / "out" / name / "report.html").is_file() for name in "ab")
    assert done.err.splitlines()[-1] == "2 of 2 recordings done"


def test_a_folder_of_films_stands_for_its_films(micromask, films, here):
    (here / "day").mkdir()
    for number in (2, 10):
        shutil.copy(films / "short.mp4", here / "day" / f"take {number}.mp4")
    done = micromask("analyze", "day")
    assert done.code == 0
    assert folders(here / "runs") == ["take 10", "take 2"]
    assert done.out.index("take 2.mp4") < done.out.index("take 10.mp4")


def test_one_bad_recording_does_not_stop_the_others(micromask, films, here):
    shutil.copy(films / "short.mp4", here / "a.mp4")
    (here / "b.mp4").write_text("no film", encoding="utf-8")
    shutil.copy(films / "short.mp4", here / "c.mp4")
    done = micromask("analyze", "a.mp4", "missing.mp4", "b.mp4", "c.mp4")
    assert done.code == 1
    assert folders(here / "runs") == ["a", "c"]
    errors = [line for line in done.err.splitlines() if line.startswith("error: ")]
    assert [line.split(":")[1].strip() for line in errors] == ["missing.mp4", "b.mp4"]
    assert done.err.splitlines()[-1] == "2 of 4 recordings done; not done: missing.mp4, b.mp4"


def test_a_fault_of_ours_in_one_recording_does_not_stop_the_others(micromask, films, here, monkeypatch):
    import micromask.inference.analyze as room

    shutil.copy(films / "short.mp4", here / "a.mp4")
    shutil.copy(films / "short.mp4", here / "b.mp4")
    real = room.analyze

    def faulty(recording, *args, **kwargs):
        if recording.id == "a":
            raise IndexError("out of range")
        return real(recording, *args, **kwargs)

    monkeypatch.setattr(room, "analyze", faulty)
    done = micromask("analyze", "a.mp4", "b.mp4")
    assert done.code == 1
    assert folders(here / "runs") == ["b"]
    assert "error: a.mp4: IndexError: out of range; analyse it alone to see where" in done.err
    with pytest.raises(IndexError):
        micromask("analyze", "a.mp4")


def test_a_recording_that_is_named_twice_is_done_once(micromask, short, here):
    done = micromask("analyze", short, "./short.mp4", short.name, here)
    assert done.code == 0
    assert folders(here / "runs") == ["short"]


def test_results_that_are_there_already_are_refused_one_by_one(micromask, films, here):
    shutil.copy(films / "short.mp4", here / "a.mp4")
    shutil.copy(films / "short.mp4", here / "b.mp4")
    (here / "runs" / "a").mkdir(parents=True)
    done = micromask("analyze", "a.mp4", "b.mp4")
    assert done.code == 1
    assert "error: runs/a exists; choose another --out or add --overwrite" in done.err
    assert folders(here / "runs") == ["a", "b"]
    assert list((here / "runs" / "a").iterdir()) == []


def test_spot_prints_a_list_for_several_recordings_and_names_the_bad_one(micromask, films, here):
    (here / "bad.mp4").touch()
    done = micromask("spot", "--json", films / "short.mp4", "bad.mp4", films / "nobody.mp4")
    assert done.code == 1
    assert [each["recording"]["file"] for each in json.loads(done.out)] == ["short.mp4", "nobody.mp4"]
    assert "not done: bad.mp4" in done.err


@pytest.mark.parametrize(
    ("paths", "out", "wanted"),
    [
        pytest.param(["a.mp4"], None, ["runs/a"], id="one recording"),
        pytest.param(["a.mp4"], "out", ["out"], id="one recording with --out"),
        pytest.param(["a.mp4", "b.mp4"], "out", ["out/a", "out/b"], id="several"),
        pytest.param(["x/a.mp4", "a.mov"], "out", ["out/a.mp4", "out/a.mov"], id="two endings"),
        pytest.param(
            ["x/a.mp4", "y/a.mp4", "z/a.mp4"], None, ["runs/a.mp4", "runs/a.mp4-2", "runs/a.mp4-3"], id="one name"
        ),
        pytest.param(["x/A.mp4", "y/a.mp4"], None, ["runs/A.mp4", "runs/a.mp4-2"], id="capitals"),
        pytest.param(["x/..mp4", "...mp4"], None, ["runs/..mp4", "runs/...mp4"], id="names of dots"),
        pytest.param(["film.tar.mp4"], None, ["runs/film.tar"], id="two dots"),
    ],
)
def test_folders_are_named_after_files_and_never_collide(paths, out, wanted):
    found = run_folders([Path(path) for path in paths], out and Path(out), alone=len(paths) == 1)
    assert [folder.as_posix() for folder in found] == wanted
