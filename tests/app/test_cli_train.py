"""`micromask train` as a person uses it, on motion maps with a pattern that can be learnt."""

from __future__ import annotations

import csv
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from micromask.models import load_model

SUBJECTS, EACH = 5, 6
LABELS = ("negative", "positive", "surprise")
COMMAND = [sys.executable, "-c", "from micromask.app.cli import main; main()"]


@pytest.fixture
def maps(here: Path, write_maps: Callable[..., Path]) -> Path:
    return write_maps(here / "data", SUBJECTS, EACH)


def arguments(maps: Path, *more: object) -> list[object]:
    return ["train", "flow-table", "--root", maps, "--model", "shallow-flow", "--out", "m.safetensors", *more]


QUICK = ("--epochs", 4, "--jobs", 1, "--device", "cpu")


def facts(out: str) -> dict[str, str]:
    return {key: value.strip() for key, value in (line.split("  ", 1) for line in out.splitlines())}


def logged() -> list[dict[str, str]]:
    with Path("log.csv").open() as file:
        return list(csv.DictReader(file))


def test_a_model_is_written_with_an_honest_estimate(micromask, maps):
    done = micromask(*arguments(maps, *QUICK))
    assert done.code == 0, done.err
    told = facts(done.out)
    assert told["estimate"] == (
        "k-fold-subjects, 5 folds, nobody on both sides; epochs chosen on people of each training side"
    )
    assert told["model"] == "m.safetensors"
    model, card = load_model("m.safetensors", name="shallow-flow", classes=LABELS)
    assert model.input.reads == "motion"
    metrics = card["metrics"]
    assert metrics["accuracy"] > 0.9
    assert (
        told["UF1"]
        == f"{metrics['uf1']:.3f} [{metrics['intervals']['uf1'][0]:.3f}, {metrics['intervals']['uf1'][1]:.3f}]"
    )
    assert card["training_data"]["fit"]["recipe"] == "motion, changed: epochs"
    assert card["training_data"]["fit"]["epochs_fitted"] <= 4
    assert "30 samples, 5 subjects, 3 classes; shallow-flow by recipe motion" in done.err
    assert not Path("m.safetensors.part").exists()


@pytest.mark.slow
def test_onnx_can_be_written_of_it(micromask, maps):
    micromask(*arguments(maps, *QUICK, "--no-estimate"))
    done = micromask("models", "export", "m.safetensors", "--onnx", "m.onnx")
    assert done.code == 0
    assert "(batch, 3): negative, positive, surprise" in done.out
    assert Path("m.onnx").stat().st_size > 0


def test_without_an_estimate_the_file_says_so(micromask, maps):
    done = micromask(*arguments(maps, *QUICK, "--no-estimate", "--licence", "research only"))
    told = facts(done.out)
    assert told["estimate"] == "not evaluated"
    assert told["epochs"].endswith("the lowest loss on people who were kept out of a first fit")
    assert told["licence"] == "research only"
    assert "note: how good it is was not measured; the file says so" in done.err
    assert load_model("m.safetensors")[1]["protocol"] == "not evaluated"


def test_the_same_command_writes_the_same_bytes(micromask, maps):
    micromask(*arguments(maps, *QUICK))
    first = Path("m.safetensors").read_bytes()
    micromask(*arguments(maps, *QUICK, "--overwrite"))
    assert Path("m.safetensors").read_bytes() == first


def test_the_epochs_of_the_final_fit_can_be_logged(micromask, maps):
    done = micromask(*arguments(maps, *QUICK, "--no-estimate", "--select", "last", "--log", "csv:log.csv"))
    assert facts(done.out)["epochs"] == "4: all of the recipe; nothing was chosen"
    rows = logged()
    assert [(row["fit"], row["epoch"]) for row in rows] == [("final", str(epoch)) for epoch in (1, 2, 3, 4)]
    assert float(rows[-1]["train_loss"]) < float(rows[0]["train_loss"])


def test_a_classical_model_is_fitted_in_its_own_way(micromask, maps):
    call = arguments(maps, "--jobs", 1, "--no-estimate")
    call[call.index("shallow-flow")] = "flow-histogram-svm"
    assert "epochs" not in facts(micromask(*call).out)
    fit = load_model("m.safetensors")[1]["training_data"]["fit"]
    assert (fit["recipe"], fit["cost"], fit["epochs_fitted"]) == ("its own", 3.0, 0)
    refused = micromask(*call, "--overwrite", "--epochs", 3)
    assert refused.error == (
        "error: flow-histogram-svm is fitted in a way of its own: leave --recipe, --epochs and the like out"
    )


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (["--select", "as-published"], "--select is inner or last, got 'as-published'"),
        (["--protocol", "random-clips"], "an estimate by random-clips leaks (LK001, LK002)"),
        (["--device", "toaster"], "no device 'toaster' on this machine"),
        (["--log", "csv"], "a log is KIND:WHERE"),
        (["--out", "model.pt"], "--out wants a file that ends in .safetensors"),
        (["--recipe", "motoin"], "no recipe 'motoin'; did you mean 'motion'"),
        (["--augment", "blur"], "augmentation 'blur' is not for inputs of 'motion'"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(micromask, maps, more, message):
    done = micromask(*arguments(maps, *QUICK, *more))
    assert done.code == 2
    assert message in done.err.splitlines()[-1]
    assert not Path("m.safetensors").exists()


def test_a_file_that_is_there_is_kept(micromask, maps):
    Path("m.safetensors").write_text("mine")
    done = micromask(*arguments(maps, *QUICK))
    assert (done.code, done.error) == (2, "error: m.safetensors exists; choose another --out or add --overwrite")
    assert Path("m.safetensors").read_text() == "mine"


def test_a_fit_that_was_stopped_is_gone_on_with_only_when_asked(micromask, maps, monkeypatch):
    from micromask.app.cli import train

    def stop(fit, row, write, done):
        if row["epoch"] == 2:
            raise KeyboardInterrupt

    call = arguments(maps, *QUICK, "--no-estimate", "--select", "last")
    with monkeypatch.context() as patch:
        patch.setattr(train, "_came", stop)
        done = micromask(*call)
    assert done.code == 130
    assert done.err.splitlines()[-1] == "error: stopped; finished folds and epochs are kept, go on with --resume"
    done = micromask(*call)
    assert done.error == (
        "error: m.safetensors.part holds a fit that was cut off: go on with --resume, or remove it to begin anew"
    )
    done = micromask(*call, "--resume", "--log", "csv:log.csv")
    assert done.code == 0
    assert [row["epoch"] for row in logged()] == ["3", "4"]
    resumed = Path("m.safetensors").read_bytes()
    micromask(*call, "--overwrite")
    assert Path("m.safetensors").read_bytes() == resumed


@pytest.mark.slow
def test_a_fit_that_was_killed_goes_on_to_the_same_bytes(micromask, maps):
    call = arguments(maps, "--epochs", 150, "--select", "last", "--device", "cpu", "--no-estimate")
    child = subprocess.Popen([*COMMAND, *map(str, call)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 120
    while not Path("m.safetensors.part/final").exists():
        assert time.monotonic() < deadline
        assert child.poll() is None
        time.sleep(0.02)
    os.kill(child.pid, signal.SIGKILL)
    child.wait()
    assert not Path("m.safetensors").exists()
    assert micromask(*call, "--resume", "--log", "csv:log.csv").code == 0
    epochs = [int(row["epoch"]) for row in logged()]
    assert 1 < epochs[0] < 150
    assert epochs == list(range(epochs[0], 151))
    resumed = Path("m.safetensors").read_bytes()
    assert micromask(*call, "--overwrite").code == 0
    assert Path("m.safetensors").read_bytes() == resumed
