import pytest
import torch

from micromask.models import create, multiply_adds, parameter_count
from micromask.models.dual_inception import DualInception, InceptionBlock


@pytest.fixture(autouse=True)
def seeded():
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        yield


def block(planes, filters):
    """1 x 1; 1 x 1 and 3 x 3; 1 x 1 and 5 x 5; pool and 1 x 1."""
    point = filters * (planes + 1)
    return 4 * point + filters * (9 * filters + 1) + filters * (25 * filters + 1)


def test_it_has_the_6_45_million_parameters_that_are_given_for_it():
    # 6.45M in the table of https://github.com/ECNU-Cross-Innovation-Lab/PRICAI2021-Off-TANet
    stream = block(1, 6) + block(24, 16)
    assert 2 * stream + (2 * 64 * 49 + 1) * 1024 + (1024 + 1) * 3 == 6_449_867
    assert parameter_count(create("dual-inception", 3)) == 6_449_867


def test_its_multiply_adds_are_those_of_its_layers():
    first = 28 * 28 * (4 * 6 * 1 + 6 * 6 * (9 + 25))
    second = 14 * 14 * (4 * 16 * 24 + 16 * 16 * (9 + 25))
    assert multiply_adds(create("dual-inception", 3)) == 2 * (first + second) + 2 * 3136 * 1024 + 1024 * 3


def test_a_block_keeps_the_size_and_joins_its_four_ways():
    ways = InceptionBlock(1, 6)(torch.rand(2, 1, 28, 28))
    assert ways.shape == (2, 24, 28, 28)
    assert (ways >= 0).all()


def test_each_way_of_a_block_sees_as_far_as_its_kernel():
    one = InceptionBlock(1, 6)
    inputs = torch.rand(1, 1, 9, 9)
    for way, reach in ((one.point, 0), (one.three, 1), (one.five, 2), (one.pooled, 1)):
        seen = torch.zeros(9, 9, dtype=torch.bool)
        before = way(inputs)
        for row in range(9):
            for column in range(9):
                # Much more in the one pixel, so that it is also the largest of its neighbourhood.
                other = inputs.clone()
                other[0, 0, row, column] = 100
                seen[row, column] = bool((way(other) != before)[0, :, 4, 4].any())
        rows, columns = torch.nonzero(seen, as_tuple=True)
        assert len(rows) > 0
        assert max((rows - 4).abs().max(), (columns - 4).abs().max()) == reach


def test_it_reads_the_two_flows_and_not_the_strain():
    inputs = torch.rand(2, 3, 28, 28, requires_grad=True)
    DualInception(3)(inputs).square().sum().backward()
    u, v, strain = inputs.grad.abs().sum(dim=(0, 2, 3))
    assert u > 0
    assert v > 0
    assert strain == 0
