import numpy as np
import pytest
import torch
from torch import nn

from micromask.core.errors import BadInputError
from micromask.inference.explain import grad_cam
from micromask.models import create, entry_of, models
from micromask.models.catalogue import Model
from micromask.models.inputs import Input, example_inputs
from micromask.training.fit import Side, fit
from micromask.training.recipe import Recipe

SMALL = [
    name
    for name in models
    if models[name].family != "classical" and not name.startswith(("vgg", "inception", "hybrid"))
]


class OneFilter(nn.Module):
    """Passes the picture on, averages it and sets one class against the other: all is known of it."""

    def __init__(self):
        super().__init__()
        self.filter = nn.Conv2d(1, 1, 1)
        self.head = nn.Linear(1, 2)
        with torch.no_grad():
            for part, weight in ((self.filter, 1.0), (self.head, torch.tensor([[2.0], [-2.0]]))):
                part.weight.copy_(torch.as_tensor(weight))
                part.bias.zero_()

    def forward(self, pictures):
        return self.head(self.filter(pictures).mean(dim=(2, 3)))


def one_filter():
    entry = entry_of("mmed-cnn")
    return Model(entry, Input("frame", 1, 8, 8), 2, OneFilter())


def test_the_map_of_a_network_that_is_known_is_the_one_by_hand():
    # The slope of class 0 by each place is 2 / 64 everywhere, so the map is the picture itself, scaled to 1.
    picture = torch.arange(64.0).reshape(1, 1, 8, 8) / 63
    np.testing.assert_allclose(grad_cam(one_filter(), picture, 0)[0], picture[0, 0], atol=1e-6)
    assert not grad_cam(one_filter(), picture, 1).any()  # every place speaks against class 1


def test_each_input_is_asked_about_its_own_class():
    pictures = torch.stack([torch.ones(1, 8, 8), -torch.ones(1, 8, 8)])
    maps = grad_cam(one_filter(), pictures)  # most probable: 0 of the bright one, 1 of the dark one
    assert maps.shape == (2, 8, 8)
    np.testing.assert_allclose(maps, 1)
    np.testing.assert_allclose(grad_cam(one_filter(), pictures, [0, 1]), maps)


def planted(n, rng, size, channels):
    """Noise, and in every second picture a bright spot somewhere; where the spots are (x, y)."""
    maps = rng.normal(0.5, 0.03, (n, channels, size, size))
    where = rng.integers(size // 5, size - size // 5, (n, 2))
    y, x = np.mgrid[:size, :size]
    for row in range(0, n, 2):
        maps[row] += 0.8 * np.exp(-((x - where[row, 0]) ** 2 + (y - where[row, 1]) ** 2) / (2 * (size / 11) ** 2))
    return torch.tensor(maps, dtype=torch.float32), (np.arange(n) % 2 == 0).astype(int), where


@pytest.mark.parametrize(("name", "size"), [("shallow-flow", None), ("ststnet", None), ("mmed-cnn", (64, 64))])
def test_the_map_peaks_where_the_pattern_is(name, size):
    rng = np.random.default_rng(0)
    given = create(name, 2, size=size).input
    inputs, labels, _ = planted(64, rng, given.height, given.channels)
    scale = given.high
    fitted = fit(
        lambda: create(name, 2, size=size),
        given,
        Side(inputs * scale, labels),
        2,
        Recipe(epochs=8, batch=8, learning_rate=2e-3),
        0,
        torch.device("cpu"),
    )
    new, truth, where = planted(40, rng, given.height, given.channels)
    spots = np.flatnonzero(truth)
    maps = grad_cam(fitted.network, new[spots] * scale, 1)
    assert (fitted.network(new * scale).argmax(dim=1).numpy() == truth).mean() > 0.9
    peaks = np.array([np.unravel_index(one.argmax(), one.shape)[::-1] for one in maps])
    apart = np.hypot(*(peaks - where[spots]).T) / given.height
    assert np.median(apart) < 0.15  # a peak anywhere would be 0.4 away
    assert apart.max() < 0.35


@pytest.mark.parametrize("name", SMALL)
def test_every_network_has_a_map_for_every_input(name):
    torch.manual_seed(0)
    entry = entry_of(name)
    model = create(name, 3, size=(64, 64) if entry.resizable and entry.input.height > 64 else None).eval()
    maps = grad_cam(model, example_inputs(model.input, 1).repeat(3, *[1] * len(model.input.shape)), [0, 1, 2])
    assert maps.shape == (3, model.input.height, model.input.width)
    assert maps.dtype == np.float32
    assert np.isfinite(maps).all()
    assert maps.min() >= 0
    assert maps.max() <= 1
    assert maps.any()  # whatever the weights, something speaks for one class or another


def test_an_input_is_explained_alike_alone_and_among_others():
    torch.manual_seed(1)
    model = create("cnn-lstm", 3)
    inputs = example_inputs(model.input, 3)
    together = grad_cam(model, inputs, 2)
    np.testing.assert_allclose(grad_cam(model, inputs[1:2], 2)[0], together[1], atol=1e-5)


def test_all_branches_are_looked_at_where_they_meet_as_vectors():
    # Only the first branch of mbcc-cnn is given a say: were the last one alone looked at, nothing would be found.
    torch.manual_seed(0)
    model = create("mbcc-cnn", 2)
    branches = len(model.network.branches)
    assert branches > 1
    with torch.no_grad():
        own = model.network.dense.weight.shape[1] // branches
        model.network.dense.weight[:, own:] = 0
    assert grad_cam(model, example_inputs(model.input, 1), 1).any()


def test_the_model_is_left_as_it_was():
    model = create("ststnet", 3).train()
    before = {name: value.clone() for name, value in model.state_dict().items()}
    for parameter in model.parameters():
        parameter.requires_grad_(False)
    with torch.inference_mode():
        inputs = example_inputs(model.input, 2)
    assert grad_cam(model, inputs).any()
    assert model.training
    assert all(parameter.grad is None and not parameter.requires_grad for parameter in model.parameters())
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())


def test_a_layer_can_be_named():
    torch.manual_seed(0)
    model = create("ststnet", 3)
    inputs = example_inputs(model.input, 1)
    assert not np.array_equal(grad_cam(model, inputs, 0, layer="pool"), grad_cam(model, inputs, 0))
    with pytest.raises(BadInputError, match=r"no module 'head' with planes; those that have: .*pool"):
        grad_cam(model, inputs, 0, layer="head")


def test_a_classical_model_is_refused():
    model = create("flow-histogram-svm", 3)
    with pytest.raises(BadInputError, match="flow-histogram-svm is a classical model: it has no planes"):
        grad_cam(model, example_inputs(model.input, 1))


@pytest.mark.parametrize("target", [3, -1, [0], [0, 1, 3]])
def test_a_class_that_is_not_there_is_refused(target):
    model = create("ststnet", 3)
    with pytest.raises(BadInputError, match=r"target is a class 0 ... 2"):
        grad_cam(model, example_inputs(model.input, 3), target)


def test_inputs_of_another_shape_are_refused():
    with pytest.raises(BadInputError, match="ststnet reads motion"):
        grad_cam(create("ststnet", 3), torch.zeros(1, 3, 30, 30))
