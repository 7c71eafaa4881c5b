"""What `micromask analyze` prints and writes of a film that can be analysed."""

from __future__ import annotations

import csv
import json
import shutil
import xml.etree.ElementTree as ET
from pathlib import Path

import cv2
import numpy as np
import pytest

from micromask.datasets.synthetic import Script, render
from micromask.datasets.synthetic.masked import smile
from micromask.recordings import write_film, write_images

FILES = ["analysis.json", "expressions.csv", "report.html", "timeline.parquet"]


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def document(folder: Path) -> dict:
    return json.loads((folder / "analysis.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def smile_run(films, tmp_path_factory):
    """One run over the smile for the tests that only look at what it left."""
    from micromask.app.cli import run

    folder = tmp_path_factory.mktemp("runs") / "one"
    assert run(["analyze", str(films / "smile.mp4"), "--out", str(folder), "--elan"]) == 0
    return folder


def test_a_run_leaves_its_four_files_and_an_elan_file_where_asked(smile_run):
    assert names(smile_run) == sorted([*FILES, "smile.eaf"])
    assert names(smile_run.parent) == ["one"]


def test_the_smile_is_found_where_it_is(smile_run):
    found = document(smile_run)
    assert {"recording", "fps", "frames", "seconds", "faces", "expressions"} <= found.keys()
    assert (found["frames"], len(found["faces"])) == (90, 1)
    assert found["fps"] == pytest.approx(30)
    (smile,) = found["expressions"]
    assert smile["kind"] == "micro"
    assert abs(smile["onset"] - 46) <= 3
    assert abs(smile["apex"] - 51) <= 3
    assert abs(smile["offset"] - 58) <= 3
    assert "mouth_left" in smile["regions"]
    assert sum(smile["probabilities"].values()) == pytest.approx(1, abs=1e-6)
    assert smile["emotion"] == max(smile["probabilities"], key=smile["probabilities"].get)


def test_the_table_of_expressions_and_the_elan_file_say_the_same(smile_run):
    (smile,) = document(smile_run)["expressions"]
    lines = (smile_run / "expressions.csv").read_text(encoding="utf-8").splitlines()
    (row,) = csv.DictReader(line for line in lines if not line.startswith("#"))
    onset = next(value for name, value in row.items() if name.startswith("onset") and value == str(smile["onset"]))
    assert int(onset) == smile["onset"]
    marks = ET.parse(smile_run / "smile.eaf").getroot().iter("TIME_SLOT")
    assert round(1000 * smile["onset_s"]) in {int(mark.get("TIME_VALUE")) for mark in marks}


def test_what_is_printed_are_the_table_and_the_paths(micromask, films, here):
    done = micromask("analyze", films / "smile.mp4")
    assert done.code == 0
    lines = done.out.splitlines()
    assert lines[0] == "smile.mp4: 240x240, 90 frames, 30 frames/s, 3.00 s, 1 face"
    assert lines[1] == "1 micro-expression"
    (smile,) = document(here / "runs" / "smile")["expressions"]
    (row,) = [line for line in lines if line.lstrip().startswith("1  micro")]
    assert f"{smile['onset']}-{smile['apex']}-{smile['offset']}" in row
    assert f"{smile['onset_s']:.2f}-{smile['apex_s']:.2f}-{smile['offset_s']:.2f}" in row
    assert f"{smile['emotion']} {smile['probabilities'][smile['emotion']]:.2f}" in row
    assert f"{smile['strength']:.1f} %" in row
    assert "mouth corners" in row
    assert lines[-4:] == [
        "report       runs/smile/report.html",
        "expressions  runs/smile/expressions.csv",
        "timeline     runs/smile/timeline.parquet",
        "analysis     runs/smile/analysis.json",
    ]
    assert all((here / line.split(maxsplit=1)[1]).is_file() for line in lines[-4:])
    assert "90 frames" in done.error
    assert "frames/s" in done.error


def test_masked_expressions_are_marked_where_asked_and_printed_with_their_evidence(micromask, here):
    script = Script(3.5, 30, size=240, expressions=(smile("still", 1.0, strength=0.08),), noise=1.0)
    write_film(here / "mouth.mp4", render(script), 30)
    done = micromask("analyze", "mouth.mp4", "--masked", "--elan")
    assert done.code == 0
    (mark,) = document(here / "runs" / "mouth")["masked"]
    assert (mark["upper"], mark["said"]) == ("still", "lower face smiles, upper face does not")
    assert abs(mark["onset_s"] - 1.0) < 0.2
    assert abs(mark["offset_s"] - 2.2) < 0.2
    assert "masked: 1 interval in which the lower face smiles" in done.out
    assert f"M1  {mark['onset']}-{mark['apex']}-{mark['offset']}" in done.out
    assert "mouth corners up and outward" in done.out
    assert "masked       runs/mouth/masked.csv" in done.out
    with (here / "runs" / "mouth" / "masked.csv").open(encoding="utf-8", newline="") as file:
        (row,) = csv.DictReader(file)
    assert (row["onset"], row["upper"]) == (str(mark["onset"]), "still")
    assert "lower face smiles, upper face does not" in (here / "runs" / "mouth" / "mouth.eaf").read_text("utf-8")
    assert "M1: lower face smiles, upper face does not" in (here / "runs/mouth/report.html").read_text("utf-8")
    plain = micromask("analyze", "mouth.mp4", "--out", "plain")
    assert "masked" not in plain.out
    assert "masked" not in document(here / "plain")


def test_a_film_that_breaks_off_is_analysed_as_far_as_it_goes(micromask, index_first, here):
    film = here / "broken.mp4"
    data = index_first.read_bytes()
    film.write_bytes(data[: int(0.8 * len(data))])
    done = micromask("analyze", film)
    assert done.code == 0
    found = document(here / "runs" / "broken")
    broke = found["broke_at"]
    assert 59 < broke == found["frames"] < 90
    assert len(found["expressions"]) == 1
    assert found["broke_at_s"] == pytest.approx(broke / 30, abs=0.1)  # a frame that waits for a lost one is lost too
    assert f"the film breaks off at frame {broke} of 90" in done.out
    assert f"the film breaks off at frame {broke} of 90" in done.err
    assert f"the film breaks off at frame {broke} of 90" in found["cautions"][0]
    assert f"he film breaks off at frame {broke} of 90" in (here / "runs/broken/report.html").read_text(
        encoding="utf-8"
    )


def test_a_film_without_a_face_is_done_and_its_report_says_so(micromask, films, here):
    done = micromask("analyze", films / "nobody.mp4", "--elan")
    assert done.code == 0
    assert "no face\nno expression\n" in done.out
    assert "caution: no face was found" in done.err
    found = document(here / "runs" / "nobody")
    assert found["faces"] == found["expressions"] == found["events"] == []
    assert "No face was found" in (here / "runs" / "nobody" / "report.html").read_text(encoding="utf-8")
    assert names(here / "runs" / "nobody") == sorted([*FILES, "nobody.eaf"])


def test_one_frame_a_second_is_analysed_with_a_caution(micromask, here):
    write_film(here / "slow.mp4", render(Script(6, 1, size=240)), 1)
    done = micromask("analyze", "slow.mp4")
    assert done.code == 0
    assert "slow.mp4: 240x240, 6 frames, 1 frames/s, 6.00 s, 1 face" in done.out
    assert "1 frames/s is slow" in done.err
    assert "no expression" in done.out


@pytest.mark.parametrize("frames", [1, 2, 5])
def test_a_film_of_a_few_frames_is_analysed(micromask, here, frames):
    write_film(here / "few.mp4", render(Script(frames / 30, 30, size=240)), 30)
    done = micromask("analyze", "few.mp4")
    assert done.code == 0
    assert "1 face\nno expression" in done.out


def test_an_8k_film_is_scaled_down_while_it_is_decoded(micromask, here):
    """The face is half of the picture's height; a frame in colour alone is 100 MB."""
    resource = pytest.importorskip("resource")
    canvas = np.full((4320, 7680, 3), 90, np.uint8)

    def frames():
        for face in render(Script(0.3, 10, size=240, noise=0)):
            canvas[1000:3160, 2000:4160] = cv2.resize(face, (2160, 2160))
            yield canvas

    write_film(here / "8k.avi", frames(), 10, codec="mjpeg", pix_fmt="yuvj420p")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    done = micromask("analyze", "8k.avi")
    assert done.code == 0
    assert "8k.avi: 7680x4320, 3 frames, 10 frames/s, 0.30 s, 1 face" in done.out
    assert document(here / "runs" / "8k")["faces"][0]["width_px"] == pytest.approx(2160 * 0.45, rel=0.1)
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown < 900_000  # KiB


def test_a_folder_of_pictures_is_one_recording_named_after_the_folder(micromask, here):
    write_images(here / "pictures", render(Script(0.3, 30, size=240)))
    done = micromask("analyze", "pictures")
    assert done.code == 0
    assert done.out.startswith("pictures: 240x240, 9 frames")
    assert names(here / "runs") == ["pictures"]


def test_the_folder_one_is_in_is_named_by_its_name(micromask, here, monkeypatch):
    write_images(here / "pictures", render(Script(0.1, 30, size=240)))
    monkeypatch.chdir(here / "pictures")
    done = micromask("analyze", ".", "--out", here / "out")
    assert done.code == 0
    assert done.out.startswith("pictures: 240x240, 3 frames")


def test_an_animated_gif_is_a_recording(micromask, here):
    write_film(here / "face.gif", render(Script(0.5, 20, size=240, noise=0)), 20)
    done = micromask("analyze", "face.gif")
    assert done.code == 0
    assert done.out.startswith("face.gif: 240x240, 10 frames, 20 frames/s, 0.50 s, 1 face")


@pytest.mark.parametrize("name", ["Ünï 表情 [bold] :smile: %s {x}", "with  spaces", "-dash", "...", "a\tb"])
def test_a_film_of_any_name_is_analysed_and_named_as_it_is(micromask, films, here, name):
    try:
        shutil.copy(films / "short.mp4", here / f"{name}.mp4")
    except OSError:
        pytest.skip("this file system takes no such name")
    done = micromask("analyze", "--elan", "--", f"{name}.mp4")
    assert done.code == 0
    assert done.out.startswith(f"{name}.mp4: 240x240".replace("\t", "\\t"))
    (run,) = (here / "runs").iterdir()
    assert run.name == ("recording" if name == "..." else name)
    assert document(run)["recording"]["file"] == f"{name}.mp4"


def test_the_same_film_gives_the_same_bytes(micromask, films, here):
    for run in ("one", "two"):
        assert micromask("analyze", films / "smile.mp4", "--out", run).code == 0
    for file in ("expressions.csv", "timeline.parquet", "analysis.json", "report.html"):
        assert (here / "one" / file).read_bytes() == (here / "two" / file).read_bytes(), file
