"""`micromask predict` and `micromask analyze --model` as a person uses them."""

from __future__ import annotations

import csv
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from micromask.datasets import load, open_corpus
from micromask.datasets.synthetic import CorpusPlan, synthesize


@pytest.fixture(scope="module")
def mine(picture_folder: Path, fit_file: Callable[..., Any], tmp_path_factory: pytest.TempPathFactory) -> Path:
    path: Path = tmp_path_factory.mktemp("mine") / "mine.safetensors"
    fit_file(open_corpus("image-folder", picture_folder).clips, path, "mer-cnn1", size=(48, 48), epochs=1)
    return path


def test_a_folder_gives_a_table_and_a_page_with_a_row_a_face(
    micromask: Any, picture_folder: Path, mine: Path, tmp_path: Path
) -> None:
    done = micromask("predict", picture_folder / "surprise", "--model", mine, "--out", tmp_path / "out")
    assert done.code == 0
    rows = list(csv.DictReader((tmp_path / "out" / "predictions.csv").read_text("utf-8").splitlines()))
    assert len(rows) == 3
    assert all(row["face"] == "1" and row["emotion"] in ("happiness", "neutral", "surprise") for row in rows)
    page = (tmp_path / "out" / "predictions.html").read_text("utf-8")
    assert page.count("data:image/jpeg") == 6
    assert "how good it is on people it has not seen was never measured" in page
    again = micromask("predict", picture_folder / "surprise", "--out", tmp_path / "out")
    assert again.code == 2
    assert "exists; choose another --out or add --overwrite" in again.error


def test_without_a_model_it_finds_faces_and_says_how_to_have_one(
    micromask: Any, picture_folder: Path, tmp_path: Path
) -> None:
    one = sorted((picture_folder / "neutral").iterdir())[0]
    (tmp_path / "torn.jpg").write_bytes(b"x")
    done = micromask("predict", one, tmp_path / "torn.jpg", "--out", tmp_path / "out")
    assert done.code == 1, "one of several could not be read"
    assert "No model of seven emotions comes with micromask" in done.err
    assert "micromask train image-folder" in done.err
    assert "1 not read" in done.err
    assert "is no picture that can be read" in done.out


def test_pictures_of_which_none_can_be_read_are_an_error_and_leave_nothing(micromask: Any, tmp_path: Path) -> None:
    for name in ("a.jpg", "b.jpg"):
        (tmp_path / name).write_bytes(b"")
    done = micromask("predict", tmp_path / "a.jpg", "--out", tmp_path / "out")
    assert (done.code, done.out) == (2, "")
    assert done.error == f"error: {tmp_path / 'a.jpg'}: the file is empty; copy it again"
    done = micromask("predict", tmp_path, "--out", tmp_path / "out")
    assert done.code == 2
    assert done.error.startswith(f"error: none of 2 pictures can be read; {tmp_path / 'a.jpg'}: the file is empty")
    assert not (tmp_path / "out").exists()


@pytest.mark.skipif(sys.platform != "linux", reason="names are any bytes on Linux only")
def test_a_picture_whose_name_is_no_text_is_read_and_named_as_well_as_can_be(micromask: Any, tmp_path: Path) -> None:
    name = os.fsdecode(b"caf\xe9.png")
    Image.new("RGB", (40, 40)).save(tmp_path / "one.png")
    (tmp_path / "one.png").rename(tmp_path / name)
    done = micromask("predict", tmp_path, "--detector", "haar", "--out", tmp_path / "out")
    assert done.code == 0
    assert r"caf\udce9.png" in (tmp_path / "out" / "predictions.csv").read_text("utf-8")
    assert r"caf\udce9.png" in (tmp_path / "out" / "predictions.html").read_text("utf-8")


def test_a_picture_named_like_an_option_is_an_error_that_says_how_to_name_it(
    micromask: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Image.new("RGB", (40, 40)).save("-anna.png")
    done = micromask("predict", "-anna.png")
    assert done.code == 2
    assert done.error.endswith("; a file of such a name is given as ./-anna.png")


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        pytest.param(("nowhere.png",), "nowhere.png: no such file or folder", id="no file"),
        pytest.param(("here.png", "--model", "here.png"), "is not a weights file", id="no model"),
        pytest.param(("here.png", "--detector", "har"), "did you mean 'haar'?", id="no detector"),
    ],
)
def test_a_wrong_request_is_one_line(
    micromask: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], line: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Image.new("RGB", (40, 40)).save("here.png")
    done = micromask("predict", *arguments)
    assert done.code == 2
    assert line in done.error


def test_a_film_is_named_by_the_model_that_is_given(
    micromask: Any, films: Path, fit_file: Callable[..., Any], mine: Path, tmp_path: Path
) -> None:
    plan = CorpusPlan(subjects=2, clips_per_subject=2, fps=20, seconds=0.6, size=120, emotions=("happiness", "anger"))
    synthesize(tmp_path / "corpus", plan)
    file = tmp_path / "motion.safetensors"
    fit_file(load("synthetic", tmp_path / "corpus"), file, "shallow-flow", epochs=1, flow="dis")
    done = micromask("analyze", films / "smile.mp4", "--model", file, "--out", tmp_path / "run")
    assert done.code == 0
    told = json.loads((tmp_path / "run" / "analysis.json").read_text("utf-8"))
    assert told["recognizer"].startswith(
        "shallow-flow (motion.safetensors), 2 classes: anger, happiness; how good it is"
    )
    assert told["settings"]["model"] == "motion.safetensors"
    assert set(told["expressions"][0]["probabilities"]) == {"happiness", "anger"}
    assert "shallow-flow (motion.safetensors)" in (tmp_path / "run" / "report.html").read_text("utf-8")
    wrong = micromask("analyze", films / "smile.mp4", "--model", films / "short.mp4", "--out", tmp_path / "other")
    assert wrong.code == 2
    assert "is not a weights file" in wrong.error
