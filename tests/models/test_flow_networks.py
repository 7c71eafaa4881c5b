import numpy as np
import pytest
import torch
from torch import nn

from micromask.models import create, multiply_adds, parameter_count, to_input
from micromask.models.shallow_flow import Centre, CentredFlowNet, ShallowFlowNet
from micromask.models.ststnet import STSTNet


@pytest.fixture(autouse=True)
def seeded():
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        yield


def maps(many, seed=0):
    return np.random.default_rng(seed).integers(0, 256, (many, 28, 28, 3), dtype=np.uint8)


class ThreeStreams(nn.Module):
    """The published network with its streams apart: convolution, relu, batch norm, max pool, dropout."""

    def __init__(self):
        super().__init__()
        self.streams = nn.ModuleList(
            nn.Sequential(
                nn.Conv2d(3, filters, 3, padding=2),
                nn.ReLU(),
                nn.BatchNorm2d(filters),
                nn.MaxPool2d(3, 3, padding=1),
                nn.Dropout(0.5),
            )
            for filters in (3, 5, 8)
        )
        self.head = nn.Linear(400, 3)

    def forward(self, inputs):
        joined = torch.cat([stream(inputs) for stream in self.streams], dim=1)
        return self.head(nn.functional.avg_pool2d(joined, 2, 2).flatten(1))


def test_ststnet_has_the_streams_of_the_paper():
    network = STSTNet(3)
    assert [stream.weight.shape for stream in network.streams] == [(3, 3, 3, 3), (5, 3, 3, 3), (8, 3, 3, 3)]
    assert network.head.in_features == 400


def test_ststnet_has_as_many_parameters_as_its_authors_published():
    # main.py of https://github.com/christy1206/STSTNet: convolutions of 3, 5 and 8 filters of 3 x 3 x 3 with a bias
    # each, a batch norm of two numbers a filter, and one layer from 5 * 5 * 16 to 3 classes.
    streams = sum(filters * (3 * 3 * 3 + 1) for filters in (3, 5, 8))
    norms = sum(2 * filters for filters in (3, 5, 8))
    assert streams + norms + 5 * 5 * 16 * 3 + 3 == 1683
    assert parameter_count(create("ststnet", 3)) == 1683
    assert parameter_count(ThreeStreams()) == 1683


def test_ststnet_is_the_network_with_its_streams_apart():
    ours, apart = STSTNet(3), ThreeStreams()
    for own, stream, planes in zip(ours.streams, apart.streams, (slice(0, 3), slice(3, 8), slice(8, 16)), strict=True):
        stream[0].load_state_dict(own.state_dict())
        with torch.no_grad():
            ours.norm.weight[planes] = stream[2].weight.uniform_(-1, 2)
            ours.norm.bias[planes] = stream[2].bias.uniform_(-1, 1)
    apart.head.load_state_dict(ours.head.state_dict())
    inputs = to_input(maps(16), create("ststnet", 3).input)
    for network in (ours, apart):
        network.train()
        for part in network.modules():
            if isinstance(part, nn.Dropout):
                part.p = 0.0
    torch.testing.assert_close(ours(inputs), apart(inputs), rtol=1e-4, atol=1e-4)
    # That was in training, with the batch's own mean; now with the means that were kept.
    torch.testing.assert_close(ours.eval()(inputs), apart.eval()(inputs), rtol=1e-4, atol=1e-4)


def test_ststnet_reads_maps_as_they_are_stored():
    pictures = maps(2)
    inputs = to_input(pictures, create("ststnet", 3).input)
    np.testing.assert_array_equal(inputs.numpy(), np.moveaxis(pictures, 3, 1))


def test_the_multiply_adds_of_ststnet_are_those_of_its_layers():
    # 16 filters of 27 weights at 30 x 30 places, then 400 x 3.
    assert multiply_adds(create("ststnet", 3)) == 30 * 30 * 16 * 27 + 400 * 3


def test_each_stream_of_ststnet_reaches_the_logits():
    network = STSTNet(3).eval()
    inputs = torch.rand(2, 3, 28, 28)
    before = network(inputs)
    for stream in network.streams:
        with torch.no_grad():
            stream.weight.add_(0.5)
        after = network(inputs)
        assert not torch.allclose(before, after)
        before = after


@pytest.mark.parametrize("build", [STSTNet, ShallowFlowNet, CentredFlowNet])
@pytest.mark.parametrize("classes", [2, 5])
def test_networks_give_a_logit_a_class_and_a_gradient_to_every_weight(build, classes):
    network = build(classes)
    logits = network(torch.rand(4, 3, 28, 28))
    assert logits.shape == (4, classes)
    logits.square().sum().backward()
    assert all(p.grad is not None for p in network.parameters())


def test_the_shallow_network_is_small():
    # 5 * 5 * 3 * 16 + 16, 2 * 16, 16 * 49 * 3 + 3
    assert parameter_count(ShallowFlowNet(3)) == 1216 + 32 + 2355
    assert parameter_count(create("shallow-flow", 3)) == 1216 + 32 + 2355


@pytest.mark.parametrize("sides", [(28, 28), (4, 6), (5, 5), (1, 2), (1, 1)])
def test_centring_takes_numpys_median_for_even_and_odd_counts(sides):
    inputs = torch.rand(3, 2, *sides)
    inputs[0] = inputs[0].round(decimals=1)  # ties
    expected = (inputs - torch.from_numpy(np.median(inputs.numpy(), axis=(2, 3), keepdims=True))) * 255 / 64
    torch.testing.assert_close(Centre()(inputs), expected, rtol=0, atol=1e-5)


def test_the_entry_of_the_shallow_network_centres_as_the_recognisers_candidates_do():
    # scripts/recognizer_data.py: 0-255 less the plane's median, in 64ths
    planes = np.moveaxis(maps(5).astype(np.float32), 3, 1)
    centred = torch.from_numpy((planes - np.median(planes, axis=(2, 3), keepdims=True)) / 64)
    pictures, model = maps(5), create("shallow-flow", 3).eval()
    plain = ShallowFlowNet(3).eval()
    plain.load_state_dict(model.network.state_dict())
    with torch.no_grad():
        logits = model(to_input(pictures, model.input))
        torch.testing.assert_close(logits, plain(centred), rtol=0, atol=1e-4)
