from __future__ import annotations

import csv
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from types import SimpleNamespace

import cv2
import numpy as np
import pytest

from micromask.app.cli.explain import may_show
from micromask.evaluation.run_files import read_document
from micromask.reports.evaluation import read_pictures, render


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
        pytest.param(("--epochs", "0"), "learning_rate > 0 wanted, got epochs 0, batch ", id="epochs"),
        pytest.param(("--seed", "-1"), "'--seed'", id="seed"),
        pytest.param(("--weights", "away.safetensors"), "shallow-flow: no such weights away.safetensors", id="weights"),
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


def test_weights_that_cannot_be_had_are_refused_before_the_data_are_read(micromask, maps, tmp_path):
    done = evaluate(micromask, maps, tmp_path / "run", "--weights", "away.safetensors", models=("shallow-flow",))
    assert done.code == 2
    assert done.error.startswith("error: shallow-flow: no such weights"), "nothing was read before it"


def test_clips_are_explained_and_the_page_can_be_drawn_again_from_the_files(micromask, maps, tmp_path):
    options = ("--epochs", "3", "--select", "last", "--protocol", "k-fold-subjects", "--folds", "2", "--explain", "2")
    done = evaluate(micromask, maps, tmp_path / "run", *options, "--pictures", models=("shallow-flow",))
    assert done.code == 0, done.err
    run = tmp_path / "run"
    document = read_document(run)
    clips = [row["clip"] for sort in ("hardest", "surest") for row in document[sort][:2]]
    assert [row["clip"] for row in document["explained"]] == clips
    assert len(clips) >= 2
    page = (run / "report.html").read_text()
    assert page.count('as the model read it">') == page.count('Grad-CAM">') == len(clips)
    assert render(document, read_pictures(run, document)) == page
    row = document["explained"][0]
    number = int(row["sample"].removeprefix("toy/p").partition("/c")[2])
    np.testing.assert_array_equal(
        cv2.imread(str(run / "explained" / row["picture"])), cv2.imread(str(maps / f"{number:02d}.png"))
    )
    assert cv2.imread(str(run / "explained" / row["heat"]), cv2.IMREAD_UNCHANGED).shape == (28, 28)
    again = evaluate(micromask, maps, run, *options[:-2], "--overwrite", models=("shallow-flow",))
    assert again.code == 0
    assert not (run / "explained").exists()
    assert read_document(run)["explained"] == []


def test_without_a_licence_that_allows_pictures_only_the_heat_is_shown(micromask, maps, tmp_path):
    options = ("--epochs", "2", "--select", "last", "--protocol", "k-fold-subjects", "--folds", "2", "--explain", "1")
    done = evaluate(micromask, maps, tmp_path / "run", *options, models=("shallow-flow",))
    assert "no licence says that the pictures may be shown" in done.err
    names = sorted(each.name for each in (tmp_path / "run" / "explained").iterdir())
    assert names
    assert all(name.endswith("-heat.png") for name in names)
    page = (tmp_path / "run" / "report.html").read_text()
    assert "as the model read it" not in page
    assert page.count('Grad-CAM">') == len(names)


def test_licences_that_allow_pictures_are_known_by_their_words():
    def clip(licence):
        return SimpleNamespace(recording=SimpleNamespace(licence=licence))

    assert may_show([clip("made from a public-domain portrait; free for any use"), clip("CC-BY-4.0")], said=False)
    assert not may_show([clip("CC0"), clip("CASME II licence agreement: research only")], said=False)
    assert not may_show([clip("unknown")], said=False)
    assert may_show([clip("unknown")], said=True)


def test_a_classical_model_cannot_be_explained_and_the_report_is_written_all_the_same(micromask, maps, tmp_path):
    done = evaluate(micromask, maps, tmp_path / "run", "--explain", "2")
    assert done.code == 0
    assert "note: --explain: flow-histogram-svm is a classical model: it has no planes to look at" in done.err
    assert (tmp_path / "run" / "report.html").exists()
    assert not (tmp_path / "run" / "explained").exists()


def test_near_duplicates_of_other_people_are_a_leak_of_the_run_and_of_its_audit_later(micromask, maps, tmp_path):
    copies = tmp_path / "maps"
    shutil.copytree(maps, copies)
    shutil.copy(copies / "00.png", copies / "30.png")  # the same class under another person
    assert evaluate(micromask, maps, tmp_path / "clean").code == 0
    done = evaluate(micromask, copies, tmp_path / "run")
    assert done.code == 1
    assert "LK003 leak: near-duplicate pictures are on both sides" in done.out
    audited = micromask("audit", tmp_path / "run", "--json")
    assert audited.code == 1
    (finding,) = [each for each in json.loads(audited.out)["findings"] if each["severity"] == "leak"]
    assert "fold toy/p0: toy/p0/c00 is toy/p3/c30 (toy/p0 and toy/p3), correlation 1.000" in finding["evidence"]
    assert "LK003" not in audited.err
    assert "LK003" not in micromask("audit", tmp_path / "clean").err


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
def test_ctrl_c_ends_the_workers_at_once_and_says_how_to_go_on(maps, tmp_path):
    options = ["--model", "shallow-flow", "--epochs", "2000", "--select", "last", "--jobs", "2"]
    line = ["evaluate", "flow-table", "--root", str(maps), *options, "--out", str(tmp_path / "run")]
    command = [sys.executable, "-c", "import sys; from micromask.app.cli import run; sys.exit(run())", *line]
    child = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, start_new_session=True)
    try:
        deadline = time.monotonic() + 180
        while not list(tmp_path.glob("run.part/shallow-flow/checkpoints/*.final")):
            assert time.monotonic() < deadline
            assert child.poll() is None
            time.sleep(0.02)
        os.killpg(child.pid, signal.SIGINT)
        stopped = time.monotonic()
        _, said = child.communicate(timeout=60)
    finally:
        child.kill()
        child.communicate()
    assert child.returncode == 130
    assert time.monotonic() - stopped < 20, "2,000 epochs take longer than that"
    assert said.splitlines()[-1] == "error: stopped; finished folds are kept, go on with --resume"
    assert "Traceback" not in said


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
