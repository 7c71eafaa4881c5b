"""`micromask compare` as a person and a program use it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from micromask.core.results import Prediction, Results, Sample, Split
from micromask.core.types import SubjectId
from micromask.evaluation.document import document_of
from micromask.evaluation.run_files import write_run

LABELS = ("negative", "positive")
HOW_TO = Path(__file__).parents[2] / "docs" / "how-to" / "compare.md"


def write_toy(
    folder: Path, missed: int, *, selection: str = "inner", people: int = 12, page: str | None = None
) -> None:
    """Everybody shows both classes once; the first ``missed`` people are read wrongly in the negative one."""
    samples = tuple(
        Sample(f"{who:02d}-{label}", f"{who:02d}-{label}", SubjectId("toy", f"s{who:02d}"), "film", label)
        for who in range(people)
        for label in LABELS
    )
    every = frozenset(each.id for each in samples)
    splits, told = [], []
    for who in range(people):
        own = frozenset(f"{who:02d}-{label}" for label in LABELS)
        splits.append(Split(f"s{who:02d}", every - own, own))
        for label in LABELS:
            shares = (0.25, 0.75) if label == "positive" or who < missed else (0.75, 0.25)
            told.append(Prediction(f"{who:02d}-{label}", f"s{who:02d}", 0, label, shares))
    results = Results("net", "loso", "toy", LABELS, samples, tuple(splits), tuple(told), (0,), selection)
    write_run(folder, results, document_of(results), page=page)


@pytest.fixture
def invented(here: Path) -> Path:
    """The two runs of the page."""
    write_toy(here / "runs" / "inner", 8)
    write_toy(here / "runs" / "as-published", 2, selection="as-published")
    return here


def test_the_example_of_the_page_prints_what_the_page_says(micromask, invented):
    page = HOW_TO.read_text("utf-8")
    (example,) = [block for block in re.findall(r"^```text\n(.*?)^```$", page, re.M | re.S) if "rank" in block]
    command, wanted = example.split("\n", 1)
    assert command == "$ micromask compare runs/inner runs/as-published"
    done = micromask(*command.split()[2:])
    assert done.out + done.err == wanted


def test_the_python_of_the_page_runs(invented, capsys):
    (block,) = re.findall(r"^```py\n(.*?)^```$", HOW_TO.read_text("utf-8"), re.M | re.S)
    exec(compile(block, HOW_TO.name, "exec"), {})
    assert "inner is the only run without a leak" in capsys.readouterr().out
    assert "LK004" in (invented / "comparison.html").read_text("utf-8")


@pytest.fixture
def runs(here: Path) -> Path:
    """honest (UF1 0.625), published (all right, chosen on the test side) and, of other people, other."""
    write_toy(here / "runs" / "honest", 8, page="<p>its report</p>")
    write_toy(here / "runs" / "published", 0, selection="as-published")
    return here / "runs"


def test_inner_and_as_published_selection_stand_in_one_table_with_the_leak_on_one(micromask, runs):
    done = micromask("compare", "runs/published", "runs/honest")
    assert done.code == 0
    head, title, first, second, constant, words, pair = done.out.splitlines()
    assert head == "toy  24 clips, 12 subjects; negative 12, positive 12"
    assert title.split() == ["rank", "run", "model", "protocol", "select", "seeds", "UF1", "UAR", "accuracy", "audit"]
    assert first.split()[:7] == ["1", "honest", "net", "loso", "inner", "1", "0.625"]
    assert "LK004" not in first
    assert second.split()[:7] == ["-", "published", "net", "loso", "as-published", "1", "1.000"]
    assert "LK004" in second
    assert constant.split()[:3] == ["-", "always", "negative"]
    assert words == "honest is the only run without a leak: UF1 0.625"
    assert pair.startswith("  published is ahead of honest by 0.375 of UF1 (95 % ")
    assert pair.endswith(", but published leaks (LK004): the lead says nothing for it")
    assert done.error == (
        "caution: published leaks and has no rank: LK004 epoch, checkpoint or setting chosen on test data."
    )


def test_json_is_the_whole_comparison_and_nothing_else(micromask, runs):
    done = micromask("compare", "runs/honest", "runs/published", "--ensemble", "--json")
    document = json.loads(done.out)
    assert document["format"] == "micromask-comparison/1"
    assert document["command"] == "micromask compare runs/honest runs/published --ensemble"
    assert [row["name"] for row in document["runs"]] == ["honest", "published", "ensemble"]
    assert done.err == ""


def test_out_writes_a_page_that_links_to_the_reports_and_the_numbers(micromask, runs, here):
    done = micromask("compare", "runs/honest", "runs/published", "--out", "side by side")
    assert done.out.splitlines()[-2:] == [
        "comparison  side by side/comparison.html",
        "numbers     side by side/comparison.json",
    ]
    page = (here / "side by side" / "comparison.html").read_text("utf-8")
    assert 'href="../runs/honest/report.html"' in page
    assert "published/report.html" not in page
    numbers = json.loads((here / "side by side" / "comparison.json").read_text("utf-8"))
    assert numbers["best"] == "honest"


def test_a_folder_that_is_there_is_refused_before_anything_is_read_and_kept_with_overwrite(micromask, runs, here):
    (here / "old").mkdir()
    (here / "old" / "notes.txt").write_text("mine")
    done = micromask("compare", "runs/nothing", "runs/honest", "--out", "old")
    assert (done.code, done.error) == (2, "error: old exists; choose another --out or add --overwrite")
    assert micromask("compare", "runs/honest", "runs/published", "--out", "old", "--overwrite").code == 0
    assert sorted(each.name for each in (here / "old").iterdir()) == ["comparison.html", "comparison.json", "notes.txt"]


def test_runs_of_one_folder_name_are_called_by_their_paths(micromask, runs, here):
    write_toy(here / "later" / "honest", 2)
    document = json.loads(micromask("compare", "runs/honest", "later/honest", "--json").out)
    assert [row["name"] for row in document["runs"]] == ["later/honest", "runs/honest"]


@pytest.mark.parametrize(
    ("folders", "words"),
    [
        (["runs/honest"], "two runs or more, each under a name of its own, can be compared; got honest"),
        (["runs/honest", "runs/honest"], "two runs or more, each under a name of its own, can be compared; got honest"),
        (
            ["runs/honest", "runs/other"],
            "honest and other were tested on other samples: 2 only in honest (such as 11-negative); "
            "compare runs on the same data and protocol",
        ),
        (
            ["runs/honest", "runs/none"],
            "no such folder runs/none; give the folder of a run (--out of micromask evaluate)",
        ),
    ],
)
def test_what_cannot_be_compared_is_said_in_one_line(micromask, runs, folders, words):
    write_toy(runs / "other", 0, people=11)
    done = micromask("compare", *folders)
    assert (done.code, done.out, done.error) == (2, "", f"error: {words}")
