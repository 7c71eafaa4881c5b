"""What every model promises, checked for each name in the catalogue.

A model that can take other sizes learns here on SIZES[0] pixels a side, or on the next size that it does not refuse;
what it declares is read at its own size.
"""

from __future__ import annotations

import re

import numpy as np
import pytest
import torch
from torch import nn

from micromask.core.errors import BadInputError
from micromask.models import (
    Model,
    create,
    entry_of,
    example_inputs,
    export_onnx,
    load_model,
    models,
    parameter_count,
    save_model,
)
from micromask.models.cost import layer_table
from micromask.models.store import Promise
from micromask.training.fit_classical import fit_classical

SIZES = (40, 80)
"""Pixels a side; Inception V3 takes no less than 75."""

EXAMPLES = 8
STEPS = 150
RATE = 3e-4
CLASSES = ("anger", "happiness", "surprise")

NETWORKS = [name for name in sorted(models) if models[name].family != "classical"]
CLASSICAL = [name for name in sorted(models) if models[name].family == "classical"]


def made(name: str, seed: int = 0) -> Model:
    """The model, its weights drawn from the seed, on small pictures where it can."""
    given, sizes = models[name].input, SIZES if models[name].resizable else ()
    for size in (*(each for each in sizes if each < min(given.height, given.width)), None):
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            try:
                return create(name, len(CLASSES), size=None if size is None else (size, size))
            except BadInputError:
                if size is None:
                    raise
    raise AssertionError


def examples(model: Model) -> tuple[torch.Tensor, torch.Tensor]:
    """Eight inputs that have nothing to do with their classes, which are all there."""
    return example_inputs(model.input, EXAMPLES, seed=1), torch.arange(EXAMPLES) % model.n_classes


def learn(model: Model, name: str) -> None:
    """Learn the examples by heart, every weight of a network taking part."""
    inputs, labels = examples(model)
    if name in CLASSICAL:
        fit_classical(model, inputs, labels.numpy(), seed=0)
        return
    for module in model.modules():
        if isinstance(module, nn.modules.batchnorm._BatchNorm):
            module.momentum = 1.0  # every batch is the same: its mean and spread are those of all there is
    optimiser = torch.optim.Adam(model.parameters(), lr=RATE)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        for _ in range(STEPS):
            loss = nn.functional.cross_entropy(model.train()(inputs), labels)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            if loss < 0.9 and right(model, inputs, labels) == 1:
                return


def right(model: Model, inputs: torch.Tensor, labels: torch.Tensor) -> float:
    model.eval()
    with torch.no_grad():
        return float((model(inputs).argmax(1) == labels).float().mean())


def belongs(parameter: str, stage: tuple[str, ...]) -> bool:
    return any(f"{parameter}.".startswith(f"{prefix}.") for prefix in stage)


@pytest.fixture(scope="module", params=sorted(models))
def name(request) -> str:
    return request.param


@pytest.fixture(scope="module")
def fresh(name) -> Model:
    """As it is made, unless a test says otherwise."""
    return made(name)


@pytest.fixture(scope="module")
def fitted(name) -> Model:
    model = made(name)
    learn(model, name)
    return model.eval()


def test_it_says_where_it_is_from_and_what_was_settled(name):
    entry = entry_of(name)
    assert entry.name == name
    assert entry.title.strip()
    assert re.search(r"\b(19|20)\d\d\b", entry.paper), "the paper has a year"
    assert re.fullmatch(r"10\.\d{4,9}/\S+", entry.doi) or (entry.doi == "" and len(entry.paper) > 40)
    assert entry.open_points, "a paper leaves something open"
    assert all(re.fullmatch(r"[A-Z0-9].*\.", point) for point in entry.open_points), "each is a sentence"


def test_its_layers_stand_beside_those_of_the_paper(name, fresh):
    rows = layer_table(fresh)
    assert rows
    assert all(row.paper.strip() for row in rows)
    if entry_of(name).family != "classical":
        assert rows[-1].output[-1] == (len(CLASSES),)
        assert all(row.output for row in rows if row.ours)
        assert sum(row.parameters for row in rows) == parameter_count(fresh), "the rows add up to the network"


def test_what_it_declares_gives_a_logit_a_class(name):
    if name in CLASSICAL:
        model = create(name, 3)
        inputs = example_inputs(model.input, 4)
        fit_classical(model, inputs, np.array([0, 1, 2, 0]))
    else:
        model = create(name, 3)
        inputs = example_inputs(model.input, 2)
    with torch.no_grad():
        logits = model.eval()(inputs)
    assert logits.shape == (len(inputs), 3)
    assert logits.dtype == torch.float32
    assert torch.isfinite(logits).all()


@pytest.mark.parametrize("name", [each for each in NETWORKS if models[each].any_channels], scope="module")
def test_it_takes_grey_and_colour_where_it_says_so(name):
    ways = [(1, "repeat"), (3, "repeat")] + ([(1, "sum")] if models[name].build_grey else [])
    for channels, grey in ways:
        size = (SIZES[-1], SIZES[-1]) if models[name].resizable else None
        model = create(name, len(CLASSES), size=size, channels=channels, grey=grey).eval()
        assert model.input.channels == channels
        with torch.no_grad():
            assert model(example_inputs(model.input, 1)).shape == (1, len(CLASSES))


def test_another_shape_is_refused_with_the_right_one_named(fresh):
    batch, *rest = 2, *fresh.input.shape
    channels, *sides = rest
    for wrong in (
        (*rest,),
        (batch, channels + 1, *sides),
        (batch, channels, *sides[:-1], sides[-1] + 1),
        (batch, *sides, channels + 1),
        (1, batch, *rest),
    ):
        with pytest.raises(BadInputError) as refused:
            fresh(torch.zeros(wrong))
        assert str(refused.value) == f"{fresh.name} reads {fresh.input}, got {wrong}"


def test_the_same_seed_gives_the_same_weights_and_another_others(name, fresh):
    again, other = made(name).state_dict(), made(name, seed=1).state_dict()
    assert all(torch.equal(each, again[key]) for key, each in fresh.state_dict().items())
    drawn = name in NETWORKS
    assert any(not torch.equal(each, again[key]) for key, each in other.items()) == drawn


def test_its_stages_cover_every_parameter_once(fresh):
    for parameter, _ in fresh.network.named_parameters():
        homes = [stage for stage in fresh.stages if belongs(parameter, stage)]
        assert len(homes) == 1, f"{parameter} is in the stages {homes}"
    names = [
        own
        for own, _ in (
            *fresh.network.named_parameters(),
            *fresh.network.named_buffers(),
            *fresh.network.named_modules(),
        )
    ]
    for stage in fresh.stages:
        for prefix in stage:
            assert any(belongs(own, (prefix,)) for own in names), f"nothing is called {prefix}"


@pytest.mark.parametrize("name", NETWORKS, scope="module")
def test_the_gradient_reaches_every_weight(name):
    model = made(name)
    inputs, labels = examples(model)
    optimiser = torch.optim.Adam(model.parameters(), lr=RATE)
    waiting = {own for own, _ in model.named_parameters()}
    # A branch that begins at nothing, as the residual ones of timm do, lets gradients in after the first steps.
    for _ in range(3):
        optimiser.zero_grad()
        nn.functional.cross_entropy(model.train()(inputs), labels).backward()
        for own, each in model.named_parameters():
            assert each.grad is not None, f"{own} has no gradient"
            assert torch.isfinite(each.grad).all(), f"the gradient of {own} is not finite"
            if each.grad.any():
                waiting.discard(own)
        optimiser.step()
    assert not waiting, f"no gradient reaches {', '.join(sorted(waiting))}"


def test_it_learns_eight_samples_by_heart(fitted):
    inputs, labels = examples(fitted)
    assert right(fitted, inputs, labels) == 1


def test_it_is_saved_and_loaded_with_equal_logits(fitted, tmp_path):
    path = tmp_path / "fitted.safetensors"
    save_model(path, fitted, Promise(CLASSES, "test", "none", "noise", "none", "none", {"accuracy": 1.0}))
    again, card = load_model(path, name=fitted.name, classes=CLASSES)
    inputs, _ = examples(fitted)
    with torch.no_grad():
        assert torch.equal(again(inputs), fitted(inputs))
    assert again.input == fitted.input
    assert card["classes"] == list(CLASSES)


def test_its_onnx_gives_pytorchs_logits_for_any_batch(name, fitted, tmp_path):
    import onnxruntime

    model = fitted if name in CLASSICAL else audible(made(name))
    path = tmp_path / "model.onnx"
    assert export_onnx(model, path, classes=CLASSES) <= 1e-4
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    inputs = example_inputs(model.input, 5, seed=7)
    (logits,) = session.run(None, {"input": inputs.numpy()})
    with torch.no_grad():
        expected = model(inputs).numpy()
    assert np.abs(expected).max() > 0.1, "logits so small that none can be wrong"
    np.testing.assert_allclose(logits, expected, atol=1e-4)


def audible(model: Model) -> Model:
    """The network with a last layer that makes its largest logit 1: drawn weights may give next to nothing."""
    last = [module for module in model.modules() if isinstance(module, nn.Linear)][-1]
    assert last.out_features == model.n_classes
    with torch.no_grad():
        largest = model.eval()(example_inputs(model.input, 5, seed=7)).abs().max()
        last.weight.div_(largest)
        last.bias.div_(largest)
    return model
