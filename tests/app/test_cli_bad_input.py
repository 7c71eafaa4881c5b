"""What cannot be analysed: one clear line on stderr, exit code 2, nothing on stdout and nothing left behind."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import av
import numpy as np
import pytest


def left(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


def make_nothing(path: Path, films: Path) -> None:
    del path, films


def make_empty_file(path: Path, films: Path) -> None:
    path.touch()


def make_text(path: Path, films: Path) -> None:
    path.write_text("Dear diary, this is no film.\n" * 50, encoding="utf-8")


def make_folder_without_media(path: Path, films: Path) -> None:
    path.mkdir()
    (path / "notes.txt").write_text("nothing to see", encoding="utf-8")


def make_film_without_its_end(path: Path, films: Path) -> None:
    whole = (films / "smile.mp4").read_bytes()
    path.write_bytes(whole[: len(whole) // 2])


def make_sound(path: Path, films: Path) -> None:
    with av.open(path, "w") as container:
        stream = container.add_stream("aac", rate=44100)
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 4096), np.float32), format="fltp", layout="mono")
        frame.sample_rate = 44100
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def make_picture(path: Path, films: Path) -> None:
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(100))


BAD = [
    pytest.param(make_nothing, "film.mp4", "no such file", id="missing file"),
    pytest.param(make_folder_without_media, "film", "holds no recording", id="folder without media"),
    pytest.param(Path.mkdir, "film", "is empty", id="empty folder"),
    pytest.param(make_text, "film.mp4", "not a film that can be read", id="text renamed to mp4"),
    pytest.param(make_film_without_its_end, "film.mp4", "cut off before its index", id="cut off before its index"),
    pytest.param(make_empty_file, "film.mp4", "is empty", id="zero bytes"),
    pytest.param(make_sound, "film.mp4", "holds sound only", id="sound only"),
    pytest.param(make_picture, "film.png", "single picture", id="single picture"),
]


@pytest.mark.parametrize("verb", ["analyze", "spot"])
@pytest.mark.parametrize(("make", "name", "words"), BAD)
def test_bad_input_is_one_clear_line_and_exit_code_2(micromask, films, here, verb, make, name, words):
    path = here / name
    make(path) if make is Path.mkdir else make(path, films)
    before = left(here)
    done = micromask(verb, name)
    assert done.code == 2
    assert done.error.startswith(f"error: {name}: ")
    assert words in done.error
    assert done.out == ""
    assert left(here) == before


@pytest.mark.parametrize(
    ("option", "words"),
    [
        (["--detector", "mtcn"], "no detector 'mtcn'; did you mean 'mtcnn'? known: dlib, haar, mediapipe, mtcnn"),
        (["--flow", "tvl"], "no flow method 'tvl'; did you mean 'tvl1'?"),
        (["--face", "largets"], "no face 'largets'; did you mean 'largest'?"),
        (["--face", "-1"], "no face '-1'; --face is 'largest', 'all' or a face's number"),
        (["--threshold", "0"], "--threshold must be above 0"),
        (["--threshold", "-2"], "--threshold must be above 0"),
        (["--threshold", "nan"], "--threshold must be above 0"),
        (["--threshold", "inf"], "below 100"),
        (["--threshold", "much"], "'--threshold'"),
        (["--overwrit"], "--overwrite"),
        (["--nonsense"], "--nonsense"),
        (["--out"], "requires an argument"),
    ],
)
def test_a_wrong_option_says_what_is_right_before_any_work(micromask, short, here, option, words):
    done = micromask("analyze", short, *option)
    assert done.code == 2
    assert done.error.startswith("error: ")
    assert words in done.error
    assert left(here) == ["short.mp4"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["anlyze", "film.mp4"], "Did you mean 'analyze'"),
        (["analyze"], "Missing argument 'VIDEO'"),
        (["doctor", "who"], "unexpected extra argument"),
        (["demo", "--fps", "10"], "20"),
        (["demo", "--fps", "nan"], "--fps"),
        (["demo", "--fps", "200", "--varying"], "--varying needs --fps from 20 to 62, got 200"),
    ],
)
def test_a_wrong_command_is_one_line_that_names_the_help(micromask, here, arguments, words):
    done = micromask(*arguments)
    assert done.code == 2
    assert words in done.error
    assert left(here) == []


def test_a_face_that_is_not_there_is_refused_with_those_that_are(micromask, short, here):
    done = micromask("analyze", short, "--face", "7")
    assert done.code == 2
    assert done.error == "error: short.mp4: no face 7; its faces are 0"
    assert left(here) == ["short.mp4"]


def test_an_existing_folder_is_refused_before_the_work_and_replaced_when_asked(micromask, short, here):
    (here / "out").mkdir()
    (here / "out" / "notes.txt").write_text("mine", encoding="utf-8")
    (here / "out" / "report.html").write_text("old", encoding="utf-8")
    done = micromask("analyze", short, "--out", "out")
    assert done.code == 2
    assert done.error == "error: out exists; choose another --out or add --overwrite"
    assert (here / "out" / "report.html").read_text(encoding="utf-8") == "old"
    assert micromask("analyze", short, "--out", "out", "--overwrite").code == 0
    assert (here / "out" / "report.html").read_text(encoding="utf-8").startswith("<!doctype html>")
    assert (here / "out" / "notes.txt").read_text(encoding="utf-8") == "mine"


def test_the_folder_that_one_is_in_is_no_place_for_results(micromask, short, here):
    done = micromask("analyze", short, "--out", ".", "--overwrite")
    assert done.code == 2
    assert "holds more than results" in done.error
    assert left(here) == ["short.mp4"]


def test_a_place_below_a_file_is_refused(micromask, short, here):
    done = micromask("analyze", short, "--out", "short.mp4/run/deep")
    assert done.code == 2
    assert "short.mp4 is a file" in done.error
    assert left(here) == ["short.mp4"]


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs a folder that nobody can write to")
def test_a_place_that_cannot_be_written_is_refused_before_the_work(micromask, short, here):
    done = micromask("analyze", short, "--out", "/proc/run")
    assert done.code == 2
    assert done.error.startswith("error: /proc/run cannot be written")


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_permission_is_refused_before_the_work(micromask, short, here):
    (here / "locked").mkdir(mode=0o500)
    done = micromask("analyze", short, "--out", "locked/run")
    assert done.code == 2
    assert "Permission denied" in done.error


@pytest.mark.parametrize("writer", ["write_report", "write_timeline_parquet", "write_document"])
def test_a_full_disk_is_one_line_and_leaves_nothing_half_written(micromask, short, here, monkeypatch, writer):
    def full_disk(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(f"micromask.reports.folder.{writer}", full_disk)
    done = micromask("analyze", short)
    assert done.code == 2
    assert done.err.splitlines()[-1] == (
        "error: runs/short cannot be written: No space left on device; make room or choose another --out"
    )
    assert done.out == ""
    assert left(here) == ["short.mp4"]


def test_a_file_name_that_is_no_text_is_refused(micromask, films, here):
    name = os.fsdecode(b"caf\xe9.mp4")
    try:
        (here / name).write_bytes((films / "short.mp4").read_bytes())
    except OSError:
        pytest.skip("this file system takes no such name")
    done = micromask("analyze", name)
    assert done.code == 2
    assert done.error.endswith("its name is not valid text on this system; rename it")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_output_into_a_full_disk_is_one_line(films):
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-c", "from micromask.app.cli import main; main()", "--version"],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode == 2
    assert done.stderr == "error: the output: No space left on device\n"
