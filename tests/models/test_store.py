from __future__ import annotations

import pickle
from dataclasses import replace

import numpy as np
import pytest
import torch
from safetensors.numpy import save_file
from torch import nn

from micromask.core.errors import BadInputError, BadOutputError
from micromask.models import Input, create, example_inputs, load_model, save_model
from micromask.models.store import Promise
from micromask.models.weights_file import read_weights, write_weights
from micromask.training.fit_classical import fit_classical

PROMISE = Promise(
    classes=("negative", "positive", "surprise"),
    label_set="megc-3",
    preprocessing={"flow": "tvl1", "scaled": "each channel to 0-255"},
    training_data="synthetic maps of this test",
    licence="Apache-2.0",
    protocol="loso",
    metrics={"UF1": 0.5, "UAR": 0.25},
)


class Plain(nn.Module):
    """A network of any width, to stand for one that is of another shape tomorrow."""

    def __init__(self, channels, n_classes, width=4):
        super().__init__()
        self.body = nn.Conv2d(channels, width, 3)
        self.head = nn.Linear(width, n_classes)

    def forward(self, frames):
        return self.head(self.body(frames).mean((2, 3)))


PLAIN = {
    "family": "frame network",
    "input": Input("frame", 1, 16, 16),
    "stages": (("body",), ("head",)),
    "resizable": True,
    "any_channels": True,
}


@pytest.fixture
def model():
    torch.manual_seed(0)
    made = create("ststnet", 3)
    made(example_inputs(made.input, 4))  # batch norm moves, so that its state counts too
    return made


@pytest.fixture
def path(model, tmp_path):
    save_model(tmp_path / "w.safetensors", model, PROMISE)
    return tmp_path / "w.safetensors"


def rewritten(path, tensors=None, **card):
    """The same file with other tensors or another card, and a checksum that is right."""
    old_tensors, old_card = read_weights(path)
    write_weights(path, old_tensors if tensors is None else tensors, {**old_card, **card})
    return path


def test_a_model_is_read_with_the_same_logits_and_its_promise(model, path):
    read, card = load_model(path)
    inputs = example_inputs(model.input, 5)
    assert not read.training
    assert torch.equal(read(inputs), model.eval()(inputs))
    assert (read.name, read.n_classes, read.input) == ("ststnet", 3, model.input)
    assert card["classes"] == list(PROMISE.classes)
    assert card["preprocessing"] == PROMISE.preprocessing
    assert card["metrics"] == {"UF1": 0.5, "UAR": 0.25}
    assert Input(**card["input"]) == model.input
    for key in ("label_set", "training_data", "licence", "protocol", "version"):
        assert card[key] == getattr(PROMISE, key)
    assert len(card["checksum"]) == 64


def test_every_tensor_keeps_its_shape_and_type(model, path):
    tensors, _ = read_weights(path)
    for name, each in model.network.state_dict().items():
        assert (tensors[name].shape, tensors[name].dtype) == (tuple(each.shape), each.numpy().dtype), name


def test_create_takes_the_file_as_weights(model, path):
    read = create("ststnet", 3, path, classes=PROMISE.classes)
    inputs = example_inputs(model.input, 2)
    assert torch.equal(read(inputs), model.eval()(inputs))
    assert torch.equal(create("ststnet", 3, str(path))(inputs), read(inputs))


def test_the_same_model_gives_the_same_bytes(model, path, tmp_path):
    save_model(tmp_path / "again.safetensors", model, replace(PROMISE, metrics={"UAR": 0.25, "UF1": 0.5}))
    assert (tmp_path / "again.safetensors").read_bytes() == path.read_bytes()


def test_reading_draws_nothing_from_the_generator(path):
    torch.manual_seed(1)
    expected = torch.rand(3)
    torch.manual_seed(1)
    load_model(path)
    assert torch.equal(torch.rand(3), expected)


def test_a_file_that_is_there_is_kept_unless_asked(model, path):
    before = path.read_bytes()
    with torch.no_grad():
        model.network.head.bias += 1
    with pytest.raises(BadOutputError, match=r"w\.safetensors exists; .*overwrite"):
        save_model(path, model, PROMISE)
    assert path.read_bytes() == before
    save_model(path, model, PROMISE, overwrite=True)
    assert path.read_bytes() != before


def test_a_place_that_cannot_be_written_is_an_error_for_people(model, tmp_path):
    with pytest.raises(BadOutputError, match="cannot write the weights"):
        save_model(tmp_path / "none" / "w.safetensors", model, PROMISE)


def test_a_promise_of_other_classes_is_not_written(model, tmp_path):
    with pytest.raises(ValueError, match="ststnet has 3 classes, the promise names 2"):
        save_model(tmp_path / "w.safetensors", model, replace(PROMISE, classes=("a", "b")))
    for classes in (("a",), ("a", "a"), ("a", "")):
        with pytest.raises(ValueError, match="two or more, each with its own name"):
            replace(PROMISE, classes=classes)
    assert not list(tmp_path.iterdir())


def refused(path, match, **wanted):
    with pytest.raises(BadInputError, match=match) as error:
        load_model(path, **wanted)
    assert "\n" not in str(error.value)
    assert path.name in str(error.value)


def test_what_is_no_file_of_weights_is_refused(tmp_path):
    refused(tmp_path / "none.safetensors", "cannot read the weights .*No such file")
    (tmp_path / "w").write_bytes(pickle.dumps({"head": [1.0]}))
    refused(tmp_path / "w", "is not a weights file.*never pickles")
    save_file({"head.weight": np.zeros((3, 4), np.float32)}, tmp_path / "foreign.safetensors")
    refused(tmp_path / "foreign.safetensors", "has no card of micromask")


@pytest.mark.parametrize("cut", [0, 7, 200, -1, -400])
def test_a_file_that_is_cut_short_is_refused(path, cut):
    path.write_bytes(path.read_bytes()[:cut])
    refused(path, "is damaged or cut short|is not a weights file")


@pytest.mark.parametrize("place", [-1, -500, -3000])
def test_changed_numbers_are_refused(path, place):
    content = bytearray(path.read_bytes())
    content[place] ^= 1
    path.write_bytes(bytes(content))
    refused(path, "checksum is")


def test_another_models_file_is_refused(path, enter_model):
    enter_model("plain", lambda given, n, _: Plain(given.channels, n), **PLAIN)
    refused(path, "holds the weights of 'ststnet', wanted 'plain'", name="plain")
    with pytest.raises(BadInputError, match="holds the weights of 'ststnet', wanted 'plain'"):
        create("plain", 3, path)


def test_other_classes_are_refused(path):
    refused(path, "number of classes of these weights is 3, wanted 5", n_classes=5)
    with pytest.raises(BadInputError, match="number of classes of these weights is 3, wanted 5"):
        create("ststnet", 5, path)
    refused(
        path,
        "classes in this order of these weights is negative, positive, surprise, wanted positive, negative, surprise",
        classes=("positive", "negative", "surprise"),
    )
    with pytest.raises(BadInputError, match="wanted a, b, c"):
        create("ststnet", 3, path, classes=["a", "b", "c"])
    refused(path, "label set of these weights is megc-3, wanted basic-7", label_set="basic-7")


def test_the_size_and_the_colour_are_those_of_the_file(enter_model, tmp_path):
    enter_model("plain", lambda given, n, _: Plain(given.channels, n), **PLAIN)
    path = tmp_path / "w.safetensors"
    save_model(path, create("plain", 3, size=(20, 24), channels=3), PROMISE)
    assert load_model(path)[0].input == Input("frame", 3, 20, 24)
    assert create("plain", 3, path).input == Input("frame", 3, 20, 24)
    with pytest.raises(BadInputError, match="the size of these weights is 20, 24, wanted 16, 16"):
        create("plain", 3, path, size=(16, 16))
    with pytest.raises(BadInputError, match="the number of channels of these weights is 3, wanted 1"):
        create("plain", 3, path, channels=1)


def test_a_summed_stem_is_kept(enter_model, tmp_path):
    enter_model(
        "plain",
        lambda given, n, _: Plain(3, n),
        build_grey=lambda given, n, _: Plain(1, n),
        **PLAIN | {"input": Input("frame", 3, 16, 16)},
    )
    path = tmp_path / "w.safetensors"
    model = create("plain", 3, channels=1, grey="sum")
    save_model(path, model, PROMISE)
    again, card = load_model(path)
    assert (again.grey, card["grey"]) == ("sum", "sum")
    inputs = example_inputs(model.input, 2)
    assert torch.equal(again(inputs), model(inputs))
    assert create("plain", 3, path).grey == "sum"
    save_model(path, create("plain", 3), PROMISE, overwrite=True)
    with pytest.raises(
        BadInputError, match="way of one channel into the network of these weights is repeat, wanted sum"
    ):
        create("plain", 3, path, grey="sum")


def test_an_input_that_the_model_does_not_read_is_refused(path):
    _, card = read_weights(path)
    rewritten(path, input={**card["input"], "low": -7.0})
    refused(path, r"the weights read motion .* in \[-7, .*\], ststnet of this version reads motion .* in \[0, ")
    rewritten(path, input={**card["input"], "height": 32})
    refused(path, "does not fit this version's ststnet: ststnet reads 28 x 28 px only, asked for 32 x 28")
    rewritten(path, input={**card["input"], "reads": "frame"})
    refused(path, "the weights read frame")


@pytest.mark.parametrize("wrong", ["28 x 28", {"reads": "motion"}, {"colour": 3}, None])
def test_a_card_whose_input_cannot_be_read_is_refused(path, wrong):
    rewritten(path, input=wrong)
    refused(path, "declares no input that a model of the catalogue reads")


@pytest.mark.parametrize("wrong", [[], ["one"], "three", [1, 2, 3]])
def test_a_card_without_classes_is_refused(path, wrong):
    rewritten(path, classes=wrong)
    refused(path, "its card names no classes")


def test_a_card_that_names_a_class_twice_or_no_model_is_refused(path):
    rewritten(path, classes=["anger", "anger", "surprise"])
    refused(path, "its card names a class twice")
    rewritten(path, classes=["anger", "fear", "surprise"], name=["ststnet"])
    refused(path, "its card names no model")


def test_a_model_that_is_no_longer_known_is_refused_with_who_wrote_it(path):
    rewritten(path, name="ststnet-old", micromask="0.0.9")
    refused(path, "written by micromask 0.0.9 for a model of its catalogue: no model 'ststnet-old'; did you mean")


def test_tensors_that_are_missing_or_too_many_are_refused(path):
    tensors, _ = read_weights(path)
    few = {name: each for name, each in tensors.items() if not name.startswith("head")}
    rewritten(path, few)
    refused(path, r"not those of ststnet: it lacks 2 tensors, such as head\.bias")
    rewritten(path, {**few, "tail": np.zeros(3, np.float32)})
    refused(path, r"it lacks 2 tensors, such as head\.bias; it has 1 tensors that it should not, such as tail")


def test_tensors_of_another_shape_are_refused(path):
    tensors, _ = read_weights(path)
    rewritten(path, {**tensors, "head.weight": np.zeros((3, 200), np.float32)})
    refused(path, r"head\.weight is \(3, 200\), in ststnet it is \(3, 400\)")


def test_a_network_that_was_changed_since_refuses_its_old_weights(enter_model, tmp_path):
    path = tmp_path / "w.safetensors"
    enter_model("plain", lambda given, n, _: Plain(given.channels, n), **PLAIN)
    save_model(path, create("plain", 3), PROMISE)
    enter_model("plain", lambda given, n, _: Plain(given.channels, n, width=5), **PLAIN)
    refused(path, r"body\.weight is \(4, 1, 3, 3\), in plain it is \(5, 1, 3, 3\)")


def test_a_network_of_timm_is_kept_under_its_name(tmp_path):
    path = tmp_path / "w.safetensors"
    model = create("timm:test_efficientnet", 3, size=(64, 64), channels=1).eval()
    save_model(path, model, PROMISE)
    again, card = load_model(path, name="timm:test_efficientnet")
    assert card["name"] == again.name == "timm:test_efficientnet"
    inputs = example_inputs(model.input, 2)
    assert inputs.shape == (2, 1, 64, 64)
    assert torch.equal(again(inputs), model(inputs))
    with pytest.raises(BadInputError, match="holds the weights of 'timm:test_efficientnet', wanted 'ststnet'"):
        create("ststnet", 3, path)


def test_a_classical_model_is_kept_with_arrays_of_any_shape(tmp_path):
    path = tmp_path / "w.safetensors"
    model = create("svm-rbf", 3)
    inputs = example_inputs(model.input, 9)
    fit_classical(model, inputs, np.arange(9) % 3)
    save_model(path, model.eval(), PROMISE)
    assert torch.equal(load_model(path)[0](inputs), model(inputs))
    tensors, _ = read_weights(path)
    rewritten(path, {**tensors, "decision.intercept": np.zeros(7, np.float32)})
    refused(path, r"intercept must be \(3,\), got \(7,\)")


def test_words_of_any_language_survive(model, tmp_path):
    path = tmp_path / "w.safetensors"
    save_model(path, model, replace(PROMISE, classes=("Ärger", "喜び", "überrascht")))
    assert load_model(path, classes=("Ärger", "喜び", "überrascht"))[1]["classes"][1] == "喜び"
