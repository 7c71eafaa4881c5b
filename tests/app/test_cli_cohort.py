"""`micromask cohort`: runs with known expressions, a table of who is on them, and rates that follow from both."""

from __future__ import annotations

import csv
import json
import re
import unicodedata
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from micromask.core.types import Analysis, Evidence, Expression, FaceSummary, Recording, Timeline
from micromask.evaluation.run_tables import PREDICTION_COLUMNS, PROBABILITY
from micromask.reports.agreement import AGREEMENT_COLUMNS
from micromask.reports.cohort import COHORT_COLUMNS
from micromask.reports.document import write_document
from micromask.reports.folder import FILES
from micromask.reports.predictions import COLUMNS as PICTURE_COLUMNS
from micromask.reports.tables import write_timeline_parquet

FPS = 10
SEEN = Evidence(face_px=120, fps=FPS, blur=90, head_motion=0.2)


def write_run(
    folder: Path, emotions: list[str], film: str = "", kind: str = "micro", recogniser: str = "a model"
) -> None:
    """A run of 'analyze' without its pictures: a minute in which the face is seen, with these expressions."""
    frames = 60 * FPS
    times, strength = np.arange(frames) / FPS, np.ones(frames, np.float32)
    line = Timeline(0, np.arange(frames), times, strength, {}, strength, strength, 0.9)
    shown = tuple(
        Expression(0, 5 * n, 5 * n + 1, 5 * n + 2, n / 2, n / 2 + 0.1, n / 2 + 0.2, kind, 3.0, (), SEEN, {each: 1.0})
        for n, each in enumerate(emotions)
    )
    path = Path(film or f"{folder.name}.mp4")
    recording = Recording(path.stem, path, FPS, frames, (240, 320))
    face = FaceSummary(0, 0, frames - 1, 1.0, 120)
    done = Analysis(recording, frames, 60.0, (face,), shown, (), (line,), "haar", recogniser, {"floor": 0.9})
    folder.mkdir(parents=True)
    write_document(done, folder / FILES["analysis"])
    write_timeline_parquet(done, folder / FILES["timeline"])
    (folder / "report.html").write_text("report", encoding="utf-8")


def write_table(text: str, encoding: str = "utf-8") -> str:
    Path("people.csv").write_text(text, encoding=encoding)
    return "people.csv"


@pytest.fixture
def runs(here: Path) -> Path:
    """Five patients who are sad 5 to 9 times in a minute, five controls who are 0 to 4 times; all are happy twice."""
    for n in range(5):
        write_run(here / "runs" / f"a{n}", ["sadness"] * (5 + n) + ["happiness"] * 2)
        write_run(here / "runs" / f"b{n}", ["sadness"] * n + ["happiness"] * 2)
    (here / "runs" / "notes").mkdir()
    return here / "runs"


@pytest.fixture
def people(runs: Path) -> str:
    rows = [f"{side}{n},P{side}{n},{group}" for n in range(5) for side, group in (("a", "patients"), ("b", "controls"))]
    return write_table("recording,participant,group\n" + "\n".join(rows) + "\n")


def rates(document: dict[str, Any], of: str) -> dict[tuple[str, str | None], float]:
    rows = document[f"{of}s"]
    return {(row[of], rate["emotion"]): rate["value"] for row in rows for rate in row["rates"]}


def test_groups_with_known_counts_have_the_known_rates(micromask, runs, people):
    done = micromask("cohort", "runs", "--people", people)
    assert done.code == 0
    table = [re.split(r"  +", line) for line in done.out.splitlines()]
    assert table[0] == ["group", "participants", "minutes", "all", "happiness", "sadness"]
    assert [(row[0], row[1], row[2], row[5].split(" ")[0]) for row in table[1:3]] == [
        ("controls", "5", "5.0", "2.00"),
        ("patients", "5", "5.0", "7.00"),
    ]
    assert "More often: all emotions together in patients; sadness in patients" in done.out
    assert "sadness, controls less patients: higher in patients: -5.00 per minute" in done.out
    assert done.err == ""
    assert sorted(path.name for path in Path().iterdir()) == ["people.csv", "runs"]


def test_the_document_is_that_of_the_app(micromask, runs, people):
    told = json.loads(micromask("cohort", "runs", "--people", people, "--json").out)
    assert told["format"] == "micromask-cohort/1"
    assert rates(told, "group")["patients", "sadness"] == pytest.approx(7.0)
    assert rates(told, "recording")["b3", "sadness"] == pytest.approx(3.0)
    (row,) = [row for row in told["participants"] if row["participant"] == "Pb3"]
    assert (row["group"], row["recordings"], row["rates"][0]["count"]) == ("controls", 1, 5)


def test_the_page_the_numbers_and_the_table_hold_the_same(micromask, runs, people):
    done = micromask("cohort", "runs", "--people", people, "--out", "told")
    assert [line.split()[1] for line in done.out.splitlines()[-3:]] == [
        "told/cohort.html",
        "told/cohort.json",
        "told/cohort.csv",
    ]
    with Path("told/cohort.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    (sad,) = [row for row in rows if (row["of"], row["name"], row["emotion"]) == ("group", "patients", "sadness")]
    numbers = json.loads(Path("told/cohort.json").read_text("utf-8"))
    assert float(sad["per_minute"]) == pytest.approx(7.0)
    assert rates(numbers, "group")["patients", "sadness"] == pytest.approx(7.0)
    page = Path("told/cohort.html").read_text("utf-8")
    assert numbers["words"] in page
    assert 'href="../runs/a0/report.html"' in page
    assert "add --overwrite" in micromask("cohort", "runs", "--people", people, "--out", "told").error
    assert micromask("cohort", "runs", "--people", people, "--out", "told", "--overwrite").code == 0


def test_without_a_table_the_recordings_stand_by_themselves(micromask, runs):
    done = micromask("cohort", "runs/a0", "runs/b0", "runs/a0")
    assert done.code == 0
    table = [line.split() for line in done.out.splitlines()]
    assert [row[0] for row in table[:3]] == ["recording", "a0", "b0"]
    assert "caution: Without a participant, so in no group's figures: a0, b0." in done.err


def test_only_micro_expressions_are_counted_where_that_is_asked(micromask, here):
    write_run(here / "one", ["sadness"] * 3)
    write_run(here / "two", ["anger"] * 2, kind="macro")
    told = json.loads(micromask("cohort", "one", "two", "--which", "micro", "--json").out)
    assert (told["which"], told["emotions"]) == ("micro", [None, "sadness"])
    assert rates(told, "recording") == {
        ("one", None): pytest.approx(3.0),
        ("one", "sadness"): pytest.approx(3.0),
        ("two", None): 0.0,
        ("two", "sadness"): 0.0,
    }


@pytest.mark.parametrize(
    "text",
    [
        "recording,participant,group\none,P1,g\ntwo,P2,h\n",
        "\ufeffRecording;Participant;Group\r\none.mp4;P1;g\r\ntwo.mp4;P2;h\r\n",
        "age\tgroup\tparticipant\trecording\n31\tg\tP1\tone\n\n32\th\tP2\ttwo\n",
        'recording,participant,group\n"one", P1 , g\ntwo,P2,h\n,,\n',
    ],
    ids=["commas", "semicolons, mark, film names", "tabs, other columns and order", "quotes and blanks"],
)
def test_tables_as_spreadsheets_write_them_are_read(micromask, here, text):
    for name in ("one", "two"):
        write_run(here / "runs" / name, ["sadness"])
    told = json.loads(micromask("cohort", "runs", "--people", write_table(text), "--json").out)
    people = {row["recording"]: (row["participant"], row["group"]) for row in told["recordings"]}
    assert people == {"one": ("P1", "g"), "two": ("P2", "h")}


def test_a_name_with_accents_is_found_however_the_disk_writes_them(micromask, here):
    write_run(here / unicodedata.normalize("NFD", "zoë"), ["sadness"], film="film.mp4")
    table = write_table("recording,participant\nzoë,P1\n")
    told = json.loads(micromask("cohort", next(here.glob("zo*")), "--people", table, "--json").out)
    assert told["recordings"][0]["participant"] == "P1"


def test_runs_of_one_name_are_told_apart_by_their_paths(micromask, here):
    for day in ("monday", "tuesday"):
        write_run(here / day / "ann", ["sadness"])
    table = write_table("recording,participant,group\nmonday/ann,P1,g\ntuesday/ann,P1,g\n")
    told = json.loads(micromask("cohort", "monday", "tuesday", "--people", table, "--json").out)
    assert [row["recording"] for row in told["recordings"]] == ["monday/ann", "tuesday/ann"]
    assert told["participants"][0]["recordings"] == 2
    both = write_table("recording,participant,group\nann,P1,g\n")
    done = micromask("cohort", "monday", "tuesday", "--people", both)
    assert done.error.endswith("row 2: 'ann' may be any of the runs monday/ann, tuesday/ann; name the run's folder")


def test_what_the_table_and_the_runs_do_not_have_in_common_is_said(micromask, here):
    for name in ("one", "two"):
        write_run(here / "runs" / name, ["sadness"])
    done = micromask("cohort", "runs", "--people", write_table("recording,participant,group\none,P1,g\nonn,P2,g\n"))
    assert done.code == 0
    assert "note: people.csv, row 3: none of the runs is of 'onn'" in done.err
    assert "caution: Without a participant, so in no group's figures: two." in done.err


def test_runs_that_were_not_analysed_alike_are_warned_of(micromask, here):
    write_run(here / "one", ["sadness"])
    write_run(here / "two", ["sadness"], recogniser="another")
    assert (
        "caution: Not all recordings were analysed alike (recogniser differ)" in micromask("cohort", "one", "two").err
    )


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", "people.csv is empty; its first row names the columns recording, participant, group"),
        ("\n \n", "people.csv is empty"),
        ("recording,participant,group\n", "has column names and no row"),
        ("film,who\none,P1\n", "lacks the column recording and participant; it has film, who"),
        ("recording,group\none,g\n", "lacks the column participant"),
        ("recording,participant,participant\none,P1,P2\n", "has the column participant twice"),
        ("recording,participant,group\none,P1,g\ntwo,P2,g,x\n", "row 3: has 4 cells and the first row 3"),
        ("recording,participant,group\none,P1\n", "row 2: has 2 cells and the first row 3"),
        ("recording,participant,group\none,P1,g\n,P2,g\n", "row 3: names no recording"),
        ("recording,participant,group\none,P1,g\none.mp4,P2,g\n", "rows 2 and 3 are both about the run one"),
        ("recording,participant\nanna,P1\n", "no row is about one of the runs; it names anna, the runs are one, two"),
        ('recording,participant\n"one"x,P1\n', "is no table"),
    ],
)
def test_a_bad_table_is_refused_in_one_line_that_says_where(micromask, here, text, line):
    for name in ("one", "two"):
        write_run(here / "runs" / name, ["sadness"])
    done = micromask("cohort", "runs", "--people", write_table(text), "--out", "told")
    assert done.code == 2
    assert line in done.error
    assert done.out == ""
    assert not (here / "told").exists()


def test_a_table_that_is_not_there_or_no_text_is_refused_in_one_line(micromask, here):
    write_run(here / "one", ["sadness"])
    assert "cannot read the table gone.csv: No such file" in micromask("cohort", "one", "--people", "gone.csv").error
    table = write_table("recording,participant\none,J\u00fcrgen\n", "latin-1")
    assert "it is not UTF-8 text" in micromask("cohort", "one", "--people", table).error


def test_folders_without_a_run_are_refused_in_one_line(micromask, here):
    (here / "empty").mkdir()
    (here / "film.mp4").touch()
    assert "empty holds no run of 'micromask analyze'" in micromask("cohort", "empty").error
    assert "gone: there is no such folder" in micromask("cohort", "gone").error
    assert "film.mp4: is a file" in micromask("cohort", "film.mp4").error


def test_a_run_that_cannot_be_read_is_named(micromask, here):
    write_run(here / "runs" / "one", ["sadness"])
    write_run(here / "runs" / "two", ["sadness"])
    (here / "runs" / "two" / FILES["timeline"]).unlink()
    assert "runs/two/timeline.parquet" in micromask("cohort", "runs").error


DOCS = Path(__file__).parents[2] / "docs"


def test_the_example_of_the_page_is_what_is_printed(micromask, runs, people):
    page = (DOCS / "how-to" / "cohort.md").read_text("utf-8")
    (example,) = re.findall(r"^\$ micromask cohort [^\n]*\n(.*?)^```$", page, re.M | re.S)
    assert micromask("cohort", "runs", "--people", people).out == example


@pytest.mark.parametrize(
    ("heading", "columns"),
    [
        ("cohort.csv", COHORT_COLUMNS),
        ("intervals.csv of two models", AGREEMENT_COLUMNS),
        ("predictions.csv", PICTURE_COLUMNS),
    ],
)
def test_every_column_of_a_table_is_in_the_reference_with_its_meaning_and_unit(heading, columns):
    text = (
        (DOCS / "reference" / "outputs.md").read_text("utf-8").partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    )
    rows = re.findall(r"^\| `([^`]+)` \| (.+) \| (.*) \|$", text, re.M)
    assert rows == [(name, column.meaning, column.unit) for name, column in columns.items()]


def test_every_column_of_an_evaluations_predictions_is_in_the_reference():
    text = (DOCS / "reference" / "outputs.md").read_text("utf-8").partition("\n## What an evaluation writes\n")[2]
    assert re.findall(r"^\| `([^`]+)` \|", text, re.M) == [*PREDICTION_COLUMNS, f"{PROBABILITY}<label>"]
