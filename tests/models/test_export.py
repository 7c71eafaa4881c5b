from __future__ import annotations

import copy
import json

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from torch import nn

from micromask.core.errors import BadInputError, BadOutputError, MissingPartError
from micromask.models import create, example_inputs, export, export_onnx


class Fragile(nn.Module):
    """A network that onnxruntime and PyTorch can be made to disagree about, or that cannot be exported at all."""

    def __init__(self, act):
        super().__init__()
        self.head = nn.Linear(3, 2)
        self.act = act

    def forward(self, maps):
        return self.act(self.head(maps.mean((2, 3))))


@pytest.fixture
def model():
    torch.manual_seed(0)
    return create("ststnet", 3)


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """A model and the folder in which its ONNX file is the only one."""
    torch.manual_seed(0)
    model, folder = create("ststnet", 3), tmp_path_factory.mktemp("onnx")
    with torch.no_grad():
        model.network.head.weight *= 1e-3  # logits below 1, so that differences are not shares of them
    assert 0 <= export_onnx(model, folder / "m.onnx", classes=("negative", "喜び", "surprise")) <= 1e-4
    return model.eval(), folder / "m.onnx"


def test_the_file_gives_pytorchs_logits_for_any_batch(written):
    model, path = written
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    assert [each.name for each in (*session.get_inputs(), *session.get_outputs())] == ["input", "logits"]
    assert session.get_inputs()[0].shape == ["batch", 3, 28, 28]
    for batch in (1, 2, 7):
        inputs = example_inputs(model.input, batch, seed=9)
        with torch.no_grad():
            expected = model(inputs).numpy()
        (found,) = session.run(None, {"input": inputs.numpy()})
        np.testing.assert_allclose(found, expected, atol=1e-5)


def test_the_file_is_one_and_says_what_it_is(written):
    _, path = written
    assert list(path.parent.iterdir()) == [path]
    read = onnx.load(path)
    onnx.checker.check_model(read)
    facts = {each.key: each.value for each in read.metadata_props}
    assert facts["name"] == "ststnet"
    assert json.loads(facts["classes"]) == ["negative", "喜び", "surprise"]
    assert json.loads(facts["input"])["height"] == 28
    assert path.stat().st_mode & 0o777 == 0o644


def test_the_difference_is_measured_and_not_supposed(written):
    model, path = copy.deepcopy(written[0]), written[1]
    with torch.no_grad():
        model.network.head.bias[1] += 0.01
    assert export._difference(model, path, path) == pytest.approx(0.01, rel=1e-3)
    with torch.no_grad():
        model.network.head.bias[1] += 1000
    assert export._difference(model, path, path) == pytest.approx(1, rel=1e-2), "a share of a logit of 1000"
    with torch.no_grad():
        model.network.head.bias[1] = float("nan")
    assert not export._difference(model, path, path) <= export.ALLOWED


def test_the_model_stays_as_it_was_and_nothing_is_said(model, tmp_path, capfd):
    model.network.norm.eval()
    before = {name: each.clone() for name, each in model.state_dict().items()}
    export_onnx(model, tmp_path / "m.onnx")
    assert model.network.dropout.training
    assert not model.network.norm.training
    assert all(torch.equal(each, before[name]) for name, each in model.state_dict().items())
    assert capfd.readouterr() == ("", "")


def test_a_file_that_is_there_is_kept_unless_asked(model, tmp_path):
    path = tmp_path / "m.onnx"
    path.write_text("mine")
    with pytest.raises(BadOutputError, match=r"m\.onnx exists; .*--overwrite"):
        export_onnx(model, path)
    assert path.read_text() == "mine"
    export_onnx(model, path, overwrite=True)
    assert path.stat().st_size > 1000


def test_a_difference_is_told_with_its_size_and_leaves_no_file(model, tmp_path, monkeypatch):
    path = tmp_path / "m.onnx"
    path.write_text("mine")
    monkeypatch.setattr(export, "ALLOWED", 0.0)
    monkeypatch.setattr(export, "_difference", lambda *_: 2.5e-3)
    with pytest.raises(BadOutputError, match=r"a logit of ststnet differs by 2\.5e-03 .* nothing was written"):
        export_onnx(model, path, overwrite=True)
    assert path.read_text() == "mine"
    assert [each.name for each in tmp_path.iterdir()] == ["m.onnx"]


def test_a_network_that_has_no_onnx_is_refused_in_one_line(enter_model, tmp_path):
    enter_model("fragile", lambda *_: Fragile(lambda logits: logits if logits.sum() > 0 else -logits))
    with pytest.raises(BadOutputError, match="fragile cannot be written as ONNX: ") as error:
        export_onnx(create("fragile", 2), tmp_path / "m.onnx")
    assert "\n" not in str(error.value)
    assert not list(tmp_path.iterdir())


def test_a_model_that_was_not_fitted_says_so(tmp_path):
    with pytest.raises(BadInputError, match="svm-linear is not fitted"):
        export_onnx(create("svm-linear", 2), tmp_path / "m.onnx")
    assert not list(tmp_path.iterdir())


def test_a_network_whose_export_takes_one_batch_only_is_refused(enter_model, tmp_path):
    enter_model("fragile", lambda *_: Fragile(lambda logits: torch.cat([each[None] for each in logits])))
    assert create("fragile", 2)(torch.zeros(5, 3, 28, 28)).shape == (5, 2)
    with pytest.raises(BadOutputError, match="fragile as ONNX does not take a batch of 1: "):
        export_onnx(create("fragile", 2), tmp_path / "m.onnx")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("part", ["onnx", "onnxruntime", "onnxscript"])
def test_a_missing_part_is_named_with_the_way_to_get_it(model, tmp_path, monkeypatch, part):
    found = export.find_spec
    monkeypatch.setattr(export, "find_spec", lambda name: None if name == part else found(name))
    with pytest.raises(MissingPartError, match=rf"needs {part}: pip install 'micromask\[export\]'"):
        export_onnx(model, tmp_path / "m.onnx")


def test_a_place_that_cannot_be_written_is_an_error_for_people(model, tmp_path):
    with pytest.raises(BadOutputError, match=r"cannot write .*No such file or directory"):
        export_onnx(model, tmp_path / "none" / "m.onnx")
    (tmp_path / "folder").mkdir()
    with pytest.raises(BadOutputError, match=r"cannot write .*directory"):
        export_onnx(model, tmp_path / "folder", overwrite=True)
    assert [each.name for each in tmp_path.iterdir()] == ["folder"]


def test_names_of_other_classes_are_not_written(model, tmp_path):
    with pytest.raises(ValueError, match="ststnet has 3 classes, got 2 names: a, b"):
        export_onnx(model, tmp_path / "m.onnx", classes=("a", "b"))
