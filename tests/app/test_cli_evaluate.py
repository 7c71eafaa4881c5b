from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import cv2
import numpy as np
import pytest

LABELS = ("negative", "positive", "surprise")


@pytest.fixture(scope="module")
def maps(tmp_path_factory) -> Path:
    """A table of 36 planted maps of four people: class k moves up in its own third of the rows."""
    root = tmp_path_factory.mktemp("maps")
    rng = np.random.default_rng(0)
    with (root / "manifest.csv").open("w", newline="") as file:
        table = csv.writer(file)
        table.writerow(["dataset", "subject", "clip", "emotion", "file"])
        for number in range(36):
            label, picture = number % 3, rng.integers(90, 110, (28, 28, 3), np.uint8)
            picture[2 + 9 * label : 8 + 9 * label, 8:20, 1] = 20
            cv2.imwrite(str(root / f"{number:02d}.png"), picture[..., ::-1])
            table.writerow(["toy", f"p{number // 9}", f"c{number:02d}", LABELS[label], f"{number:02d}.png"])
    return root


def evaluate(micromask, maps, out, *options, models=("flow-histogram-svm",)):
    chosen = [part for name in models for part in ("--model", name)]
    return micromask("evaluate", "flow-table", "--root", str(maps), "--out", str(out), "--jobs", "1", *chosen, *options)


def test_a_run_leaves_its_report_numbers_and_predictions_and_says_what_they_are(micromask, maps, tmp_path):
    done = evaluate(micromask, maps, tmp_path / "run")
    assert done.code == 0
    document = json.loads((tmp_path / "run" / "results.json").read_text())
    assert document["metrics"]["uf1"] > 0.9
    assert document["metrics"]["intervals"]["uf1"][0] <= document["metrics"]["uf1"]
    assert (document["clips"], document["subjects"], document["folds"]) == (36, 4, 4)
    assert [each["code"] for each in document["findings"] if each["severity"] == "leak"] == []
    assert document["command"].startswith("micromask")
    assert f"uf1       {document['metrics']['uf1']:.3f}" in done.out
    assert "always negative: 0.167" in done.out
    with (tmp_path / "run" / "predictions.csv").open() as file:
        assert len(list(csv.DictReader(file))) == 36
    assert "UF1" in (tmp_path / "run" / "report.html").read_text()
    assert not (tmp_path / "run.part").exists()


def test_several_models_are_compared_in_one_report_and_a_mean_of_them_may_stand_beside(micromask, maps, tmp_path):
    out = tmp_path / "both"
    done = evaluate(micromask, maps, out, "--epochs", "2", "--ensemble", models=("flow-histogram-svm", "shallow-flow"))
    assert done.code == 0
    assert sorted(each.name for each in out.iterdir()) == [
        "comparison.html", "comparison.json", "flow-histogram-svm", "shallow-flow",
    ]  # fmt: skip
    told = json.loads((out / "comparison.json").read_text())
    assert [row["kind"] for row in told["runs"]] == ["run", "run", "ensemble"]
    assert "ensemble" in done.out


def test_an_epoch_chosen_on_the_test_side_is_a_leak_and_the_exit_code_says_so(micromask, maps, tmp_path):
    options = ("--epochs", "2", "--protocol", "k-fold-subjects", "--folds", "2")
    honest = evaluate(micromask, maps, tmp_path / "a", *options, models=("shallow-flow",))
    leaking = evaluate(micromask, maps, tmp_path / "b", *options, "--select", "as-published", models=("shallow-flow",))
    assert (honest.code, leaking.code) == (0, 1)
    assert "LK004" not in honest.out
    assert "LK004 leak" in leaking.out


def test_the_audit_reads_a_run_s_folder_and_people_on_both_sides_are_found(micromask, maps, tmp_path):
    done = evaluate(micromask, maps, tmp_path / "run", "--protocol", "random-clips", "--probe")
    assert done.code == 1
    assert "LK001 leak" in done.out
    assert "identity probe, people on both sides: who" in done.out
    audited = micromask("audit", str(tmp_path / "run"), "--json")
    assert audited.code == 1
    assert "LK001" in {each["code"] for each in json.loads(audited.out)["findings"]}
    probed = micromask("audit", str(tmp_path / "run"), "--probe")
    assert "identity probe, people on both sides: who" in probed.out


def test_folds_of_one_s_own_are_read_from_a_table(micromask, maps, tmp_path):
    evaluate(micromask, maps, tmp_path / "first", "--protocol", "k-fold-subjects", "--folds", "2")
    splits = tmp_path / "first" / "splits.csv"
    done = evaluate(micromask, maps, tmp_path / "second", "--splits", str(splits))
    assert done.code == 0
    told = [json.loads((tmp_path / name / "results.json").read_text()) for name in ("first", "second")]
    assert told[0]["metrics"] == told[1]["metrics"]
    assert told[1]["protocol"]["name"] == "splits.csv"


@pytest.mark.parametrize(
    ("options", "line"),
    [
        pytest.param(("--protocol", "losso"), "no protocol 'losso'; did you mean 'loso'?", id="protocol"),
        pytest.param(("--labels", "megc3"), "no label set 'megc3'; did you mean 'megc-3'?", id="label set"),
        pytest.param(("--select", "best"), "--select is inner, last, as-published, got 'best'", id="select"),
        pytest.param(("--recipe", "moton"), "no recipe 'moton'; did you mean 'motion'?", id="recipe"),
        pytest.param(("--epochs", "0"), "this recipe cannot be: epochs >= 1", id="epochs"),
        pytest.param(("--size", "big"), "--size wants px, such as 96 or 96x64, got 'big'", id="size"),
        pytest.param(("--protocol", "hde"), "two data sets", id="one corpus"),
        pytest.param(("--augment", "blur"), "augmentation 'blur' is not for inputs of 'motion'", id="augment"),
    ],
)
def test_what_cannot_be_run_is_one_line_and_leaves_nothing(micromask, maps, tmp_path, options, line):
    done = evaluate(micromask, maps, tmp_path / "run", *options, models=("shallow-flow",))
    assert done.code == 2
    assert line in done.err
    assert done.err.count("error:") == 1
    assert not (tmp_path / "run").exists()


def test_a_misspelt_model_two_of_one_and_too_few_roots_are_refused(micromask, maps, tmp_path):
    done = evaluate(micromask, maps, tmp_path / "run", models=("stsnet",))
    assert "no model 'stsnet'; did you mean 'ststnet'?" in done.err
    done = evaluate(micromask, maps, tmp_path / "run", models=("ststnet", "ststnet"))
    assert "--model ststnet stands there twice" in done.err
    done = micromask("evaluate", "flow-table", "--model", "ststnet", "--out", str(tmp_path / "run"))
    assert "1 data sets (flow-table) and 0 --root: one for each" in done.err


@pytest.mark.slow
def test_a_run_killed_in_the_middle_is_resumed_to_the_same_predictions(micromask, maps, tmp_path):
    options = ["--model", "shallow-flow", "--epochs", "60", "--select", "last", "--jobs", "2"]
    line = ["evaluate", "flow-table", "--root", str(maps), *options]
    out = tmp_path / "killed"
    command = [sys.executable, "-c", "import sys; from micromask.app.cli import run; sys.exit(run())", *line]
    child = subprocess.Popen([*command, "--out", str(out)], stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 180
    while not list(tmp_path.glob("killed.part/shallow-flow/checkpoints/*.final")):
        assert time.monotonic() < deadline
        assert child.poll() is None
        time.sleep(0.02)
    os.kill(child.pid, signal.SIGKILL)
    child.wait()
    time.sleep(2.5)
    again = micromask(*line, "--out", str(out))
    assert again.code == 2
    assert "holds a run that was cut off: go on with --resume" in again.err
    assert micromask(*line, "--out", str(out), "--resume").code == 0
    assert micromask(*line, "--out", str(tmp_path / "whole")).code == 0
    told = [(tmp_path / name / "predictions.csv").read_bytes() for name in ("killed", "whole")]
    assert told[0] == told[1]
