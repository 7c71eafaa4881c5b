"""`micromask models` as a person uses it."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch

from micromask.models import create, example_inputs, models, save_model
from micromask.models.store import Promise


@pytest.fixture
def weights(here: Path) -> Path:
    torch.manual_seed(3)
    promise = Promise(("negative", "positive", "surprise"), "megc-3", "none", "none", "none", "none", {})
    save_model("fitted.safetensors", create("ststnet", 3), promise)
    return here / "fitted.safetensors"


def test_list_names_every_model_with_what_it_reads(micromask):
    done = micromask("models", "list")
    assert (done.code, done.err) == (0, "")
    lines = done.out.splitlines()
    assert lines[0].split() == ["name", "family", "reads", "input", "parameters", "source"]
    assert [line.split()[0] for line in lines[1:]] == sorted(models)
    (row,) = [line for line in lines if line.startswith("ststnet ")]
    # 448 of the streams, 32 of the norm, 400 * 5 + 5 of the head
    assert row.split()[1:9] == ["motion", "network", "motion", "3", "x", "28", "x", "28"]
    assert "  2,485  " in row


def test_list_as_json_has_everything(micromask):
    done = micromask("models", "list", "--json")
    rows = {row["name"]: row for row in json.loads(done.out)}
    assert list(rows) == sorted(models)
    row = rows["ststnet"]
    assert (row["parameters"], row["classes"], row["doi"]) == (2485, 5, "10.1109/FG.2019.8756567")
    assert row["input"] == asdict(models["ststnet"].input)
    assert (row["input"]["reads"], row["input"]["channels"], row["input"]["height"]) == ("motion", 3, 28)
    assert rows["svm-rbf"]["parameters"] is None, "known once it is fitted, and not 0"
    assert {"title", "family", "paper", "resizable", "any_channels", "imagenet"} <= set(row)


def test_info_says_what_a_model_is_layer_by_layer(micromask):
    done = micromask("models", "info", "ststnet", "--classes", 3)
    assert (done.code, done.err) == (0, "")
    facts = dict(line.split("  ", 1) for line in done.out.splitlines() if "  " in line)
    assert facts["doi"].strip() == "10.1109/FG.2019.8756567"
    assert facts["reads"].strip() == str(models["ststnet"].input)
    assert facts["gives"].strip() == "logits (N, 3)"
    assert facts["parameters"].strip() == "1,683"
    assert facts["multiply-adds"].strip() == "390,000 a sample"
    assert facts["ImageNet weights"].strip() == "no"
    assert "16 x 30 x 30" in done.out
    assert [line for line in done.out.splitlines() if line.startswith("- ")] == [
        f"- {point}" for point in models["ststnet"].open_points
    ]


def test_info_of_a_classical_model_says_that_its_numbers_come_from_the_data(micromask):
    done = micromask("models", "info", "svm-rbf")
    assert done.code == 0
    facts = dict(line.split("  ", 1) for line in done.out.splitlines() if "  " in line)
    assert facts["parameters"].strip() == facts["multiply-adds"].strip() == "by the data"
    assert facts["grey or colour"].strip() == "grey only"
    (row,) = [line for line in done.out.splitlines() if line.startswith("mean and spread")]
    assert row.split()[-2:] == ["-", "-"], "no figure that would be another one once it is fitted"


def test_info_knows_the_networks_of_timm(micromask):
    done = micromask("models", "info", "timm:resnet18", "--classes", 1000)
    assert done.code == 0
    facts = dict(line.split("  ", 1) for line in done.out.splitlines() if "  " in line)
    # ResNet-18 has 11,689,512 parameters and 1.8 thousand million multiply-adds (torchvision's documentation).
    assert facts["parameters"].strip() == "11,689,512"
    assert round(int(facts["multiply-adds"].split()[0].replace(",", "")) / 1e9, 1) == 1.8


@pytest.mark.parametrize("verb", ["info", "export"])
def test_a_misspelt_name_is_answered_with_the_nearest(micromask, here, verb):
    done = micromask("models", verb, "stsnet", *(("--onnx", "m.onnx") if verb == "export" else ()))
    assert done.code == 2
    assert "no model 'stsnet'; did you mean 'ststnet'" in done.error
    assert not list(here.iterdir())


def test_info_of_one_class_is_refused(micromask):
    done = micromask("models", "info", "ststnet", "--classes", 1)
    assert done.code == 2
    assert "two classes or more" in done.error


def test_export_of_a_classical_model_by_name_says_how_to_fit_it(micromask, here):
    done = micromask("models", "export", "svm-rbf", "--onnx", "m.onnx")
    assert done.code == 2
    assert "micromask train --model svm-rbf --out svm-rbf.safetensors, then export that file" in done.error
    assert not list(here.iterdir())


def test_export_of_a_name_says_that_its_weights_are_random(micromask, here):
    done = micromask("models", "export", "ststnet", "--onnx", "m.onnx", "--classes", 4)
    assert done.code == 0
    assert done.error.startswith("note: its weights were drawn at random")
    facts = dict(line.split("  ", 1) for line in done.out.splitlines())
    assert facts["onnx"].strip() == "m.onnx"
    assert facts["input"].strip() == "(batch, 3, 28, 28) float32"
    assert facts["logits"].strip() == "(batch, 4)"
    assert float(facts["parity"].split()[0]) <= 1e-4
    assert [each.name for each in here.iterdir()] == ["m.onnx"]


@pytest.mark.parametrize("by", ["the file alone", "name and file"])
def test_export_of_fitted_weights_gives_their_logits(micromask, weights, by):
    given = [weights.name] if by == "the file alone" else ["ststnet", "--weights", weights.name]
    done = micromask("models", "export", *given, "--onnx", "m.onnx")
    assert (done.code, done.err) == (0, "")
    assert "logits  (batch, 3): negative, positive, surprise" in done.out
    session = onnxruntime.InferenceSession("m.onnx", providers=["CPUExecutionProvider"])
    assert json.loads(session.get_modelmeta().custom_metadata_map["classes"]) == ["negative", "positive", "surprise"]
    model = create("ststnet", 3, weights)
    inputs = example_inputs(model.input, 2)
    with torch.no_grad():
        expected = model(inputs).numpy()
    np.testing.assert_allclose(session.run(None, {"input": inputs.numpy()})[0], expected, rtol=1e-4, atol=1e-4)


def test_export_keeps_a_file_that_is_there_unless_asked(micromask, here):
    (here / "m.onnx").write_text("mine")
    done = micromask("models", "export", "ststnet", "--onnx", "m.onnx")
    assert done.code == 2
    assert "m.onnx exists" in done.error
    assert "--overwrite" in done.error
    assert (here / "m.onnx").read_text() == "mine"
    assert micromask("models", "export", "ststnet", "--onnx", "m.onnx", "--overwrite").code == 0
    assert (here / "m.onnx").stat().st_size > 1000


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("nowhere.safetensors",), "cannot read the weights nowhere.safetensors"),
        (("ststnet", "--weights", "imagnet"), "no such weights imagnet: give 'none', 'imagenet' or a file"),
        (("ststnet", "--weights", "imagenet"), "ststnet has no ImageNet weights"),
        (("fitted.safetensors", "--classes", 5), "number of classes of these weights is 3, wanted 5"),
        (("fitted.safetensors", "--weights", "imagenet"), "is a file of weights already; leave --weights imagenet out"),
    ],
)
def test_what_cannot_be_exported_is_refused_in_one_line(micromask, weights, arguments, message):
    done = micromask("models", "export", *arguments, "--onnx", "m.onnx")
    assert (done.code, done.out) == (2, "")
    assert message in done.error
    assert [each.name for each in weights.parent.iterdir()] == ["fitted.safetensors"]


def test_the_group_without_a_verb_shows_its_help(micromask):
    done = micromask("models")
    assert (done.code, done.err) == (0, "")
    assert done.out == micromask("models", "--help").out


def test_help_imports_nothing_heavy():
    code = """
import sys
from micromask.app.cli import run
for verb in (["models"], ["models", "list"], ["models", "info"], ["models", "export"], ["spot"], ["datasets"]):
    run([*verb, "--help"])
print()
print(*sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.splitlines()[-1].split())
    assert not loaded & {"torch", "timm", "onnx", "onnxruntime", "sklearn"}
