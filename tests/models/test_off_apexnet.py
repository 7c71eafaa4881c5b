import pytest
import torch

from micromask.models import create, multiply_adds, parameter_count
from micromask.models.off_apexnet import OffApexNet


@pytest.fixture(autouse=True)
def seeded():
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        yield


def test_it_has_the_2_66_million_parameters_that_are_given_for_it():
    # 2.66M in the table of https://github.com/ECNU-Cross-Innovation-Lab/PRICAI2021-Off-TANet
    stream = 6 * (5 * 5 + 1) + 16 * (5 * 5 * 6 + 1)
    wide = (2 * 784 + 1) * 1024 + (1024 + 1) * 1024
    assert 2 * stream + wide + (1024 + 1) * 3 == 2_664_475
    assert parameter_count(create("off-apexnet", 3)) == 2_664_475


def test_its_multiply_adds_are_those_of_its_layers():
    # The same table gives 3.87 million operations, pools and activations among them.
    stream = 28 * 28 * 6 * 25 + 14 * 14 * 16 * 25 * 6
    assert multiply_adds(create("off-apexnet", 3)) == 2 * stream + 2 * 784 * 1024 + 1024 * 1024 + 1024 * 3


def test_it_reads_the_two_flows_and_not_the_strain():
    network = OffApexNet(3).eval()
    inputs = torch.rand(2, 3, 28, 28, requires_grad=True)
    network(inputs).square().sum().backward()
    u, v, strain = inputs.grad.abs().sum(dim=(0, 2, 3))
    assert u > 0
    assert v > 0
    assert strain == 0


def test_the_two_flows_have_weights_of_their_own():
    network = OffApexNet(3).eval()
    inputs = torch.rand(2, 3, 28, 28)
    assert not torch.allclose(network(inputs), network(inputs[:, [1, 0, 2]]))
