import pytest
import torch

from micromask.models.shallow_flow import ShallowFlowNet
from micromask.models.ststnet import STSTNet


def count(network):
    return sum(p.numel() for p in network.parameters())


def test_ststnet_has_the_streams_of_the_paper():
    network = STSTNet(3)
    assert [stream.weight.shape for stream in network.streams] == [(3, 3, 3, 3), (5, 3, 3, 3), (8, 3, 3, 3)]
    assert network.head.in_features == 400
    # (27 + 1) * 16 for the streams, 2 * 16 for the norm, 400 * 3 + 3 for the head
    assert count(network) == 448 + 32 + 1203


def test_each_stream_of_ststnet_reaches_the_logits():
    network = STSTNet(3).eval()
    maps = torch.rand(2, 3, 28, 28)
    before = network(maps)
    for stream in network.streams:
        with torch.no_grad():
            stream.weight.add_(0.5)
        after = network(maps)
        assert not torch.allclose(before, after)
        before = after


@pytest.mark.parametrize("build", [STSTNet, ShallowFlowNet])
@pytest.mark.parametrize("classes", [2, 5])
def test_networks_give_a_logit_a_class_and_a_gradient_to_every_weight(build, classes):
    network = build(classes)
    logits = network(torch.rand(4, 3, 28, 28))
    assert logits.shape == (4, classes)
    logits.square().sum().backward()
    assert all(p.grad is not None for p in network.parameters())


def test_the_shallow_network_is_small():
    # 5 * 5 * 3 * 16 + 16, 2 * 16, 16 * 49 * 3 + 3
    assert count(ShallowFlowNet(3)) == 1216 + 32 + 2355
