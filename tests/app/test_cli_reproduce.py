"""`micromask reproduce`: what it refuses in one line, and the pair that it prints and writes."""

from __future__ import annotations

import json
from dataclasses import replace

import cv2
import numpy as np
import pytest

import micromask.evaluation.run as run_module
from micromask.core.errors import BadInputError
from micromask.core.registry import Registry
from micromask.evaluation import reproduce
from micromask.evaluation.reproduce import Contender, QuickFit, papers, read_reproduction
from micromask.reports.reproduction import reproduction_html


@pytest.fixture
def faces(tmp_path):
    """Pictures of four people in three emotions, in which only the person can be seen."""
    rng = np.random.default_rng(0)
    for who in range(4):
        for emotion in ("anger", "happiness", "sadness"):
            for number in range(4):
                plane = rng.integers(60, 100, (32, 32)).astype(np.uint8)
                plane[6 * who + 1 : 6 * who + 5] += 120
                place = tmp_path / "faces" / emotion / f"p{who}_{number}.png"
                place.parent.mkdir(parents=True, exist_ok=True)
                cv2.imwrite(str(place), plane)
    return tmp_path / "faces"


@pytest.fixture
def tree_only(monkeypatch):
    """MBCC-CNN's plan with a tree in the network's place: seconds instead of minutes."""
    small: Registry[object] = Registry("paper")
    tree = Contender("decision-tree", "a tree", quick=QuickFit(32, 1, 16))
    small.add("mbcc-cnn")(replace(papers["mbcc-cnn"], contenders=(tree,)))
    monkeypatch.setattr(reproduce, "papers", small)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["mbcc"], "no paper 'mbcc'; did you mean 'mbcc-cnn'"),
        (["mbcc-cnn"], "reproduce mbcc-cnn needs --data DATASET --root ROOT, or --quick for synthetic people"),
        (["mbcc-cnn", "--data", "samm"], "1 data sets (samm) and 0 --root: one for each"),
        (
            ["mbcc-cnn", "--data", "samm", "--root", "x", "--subject-pattern", "a"],
            "--subject-pattern is for image-folder",
        ),
        (["mbcc-cnn", "--quick", "--weights", "mine"], "weights are auto, imagenet, none, got 'mine'"),
        (["mbcc-cnn", "--quick", "--resume", "--overwrite"], "ask for one of them"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(micromask, tmp_path, arguments, message):
    done = micromask("reproduce", *arguments, "--out", tmp_path / "run")
    assert done.code == 2
    assert message in done.error
    assert not (tmp_path / "run").exists()


def test_the_pair_is_printed_and_written(micromask, tmp_path, faces, tree_only):
    done = micromask(
        *("reproduce", "mbcc-cnn", "--quick", "--data", "image-folder", "--root", faces, "--jobs", 1),
        *("--subject-pattern", r"^(p\d)", "--out", tmp_path / "run"),
    )
    assert done.code == 0, done.err
    document = json.loads((tmp_path / "run" / "results.json").read_text("utf-8"))
    (row,) = document["rows"]
    ways = row["ways"]
    assert ways["identity"]["accuracy"] > 0.9
    line = next(line for line in done.out.splitlines() if line.startswith("image-folder  decision-tree"))
    for way in ("as-published", "subject-independent"):
        assert f"{ways[way]['accuracy']:.3f} [" in line
    assert f"{row['difference']['value']:+.3f}" in line
    page = (tmp_path / "run" / "report.html").read_text("utf-8")
    assert f"{100 * ways['as-published']['accuracy']:.1f} %" in page
    assert (tmp_path / "run" / "runs" / ways["as-published"]["run"] / "predictions.csv").is_file()
    assert not (tmp_path / "run" / "work").exists()
    assert reproduction_html(read_reproduction(tmp_path / "run")) == page  # it can be redrawn from its numbers


@pytest.mark.parametrize(
    ("text", "message"),
    [(None, "cannot be read"), ("{", "is not JSON"), ('{"format": "x"}', "format 'x', wanted 'micromask-repro")],
)
def test_numbers_that_are_not_a_reproductions_are_refused(tmp_path, text, message):
    if text is not None:
        (tmp_path / "results.json").write_text(text)
    with pytest.raises(BadInputError, match=message):
        read_reproduction(tmp_path)


def test_without_a_pattern_it_says_that_the_other_half_is_missing(micromask, tmp_path, faces, tree_only):
    done = micromask(
        *("reproduce", "mbcc-cnn", "--quick", "--data", "image-folder", "--root", faces, "--out", tmp_path / "run"),
    )
    assert done.code == 0
    assert "the half of this report that matters is missing" in done.err
    assert "not run" in done.out


def test_nothing_is_overwritten_and_a_broken_run_goes_on(micromask, tmp_path, faces, tree_only, monkeypatch):
    arguments = ("reproduce", "mbcc-cnn", "--quick", "--data", "image-folder", "--root", faces, "--jobs", 1)
    arguments = (*arguments, "--subject-pattern", r"^(p\d)", "--out", tmp_path / "run")
    fitted, whole = [], run_module.run_unit

    def breaks(unit, *rest):
        if len(fitted) == 2:
            raise KeyboardInterrupt
        fitted.append(unit)
        return whole(unit, *rest)

    monkeypatch.setattr(run_module, "run_unit", breaks)
    stopped = micromask(*arguments)
    assert stopped.code == 130
    assert stopped.err.splitlines()[-1] == "error: stopped; finished folds are kept, go on with --resume"
    assert "go on with --resume" in micromask(*arguments).error
    monkeypatch.setattr(run_module, "run_unit", lambda unit, *rest: fitted.append(unit) or whole(unit, *rest))
    assert micromask(*arguments, "--resume").code == 0
    assert len(fitted) == 5  # one as published, three groups of people, one identity: none of them twice
    assert "add --overwrite" in micromask(*arguments).error
    assert micromask(*arguments, "--overwrite").code == 0


def test_options_of_loaders_can_be_given_to_one_data_set_of_several():
    from micromask.app.cli.reproduce import _extra

    pairs = ["samm:images=cropped", "part=a", "casme2:x=1"]
    assert _extra("samm", pairs, ["samm", "casme2"], None) == {"images": "cropped", "part": "a"}
    assert _extra("casme2", pairs, ["samm", "casme2"], None) == {"part": "a", "x": "1"}
    assert _extra("image-folder", [], ["image-folder"], "a:b") == {"subject_pattern": "a:b"}


@pytest.mark.slow
def test_on_synthetic_people_frames_at_random_are_high_subjects_apart_low_identity_high(micromask, tmp_path):
    done = micromask("reproduce", "mbcc-cnn", "--quick", "--data", "synthetic", "--out", tmp_path / "run")
    assert done.code == 0, done.err
    document = json.loads((tmp_path / "run" / "results.json").read_text("utf-8"))
    rows = {row["model"]: row for row in document["rows"]}
    for name in ("mbcc-cnn", "svm-linear"):
        published, apart, who = (rows[name]["ways"][way] for way in ("as-published", "subject-independent", "identity"))
        assert published["accuracy"] >= 0.9
        assert apart["accuracy"] <= 0.45
        assert apart["accuracy"] <= apart["majority"] + 0.2
        assert who["accuracy"] >= 0.95
        assert who["majority"] < 0.35
        assert {"LK001", "LK002"} <= set(published["leaks"])
        assert apart["leaks"] == []
        assert rows[name]["difference"]["interval"][1] < -0.4
    assert any("synthetic" in caution for caution in document["cautions"])
    assert document["left_out"]
