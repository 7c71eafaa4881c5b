import pytest
import torch
from torch import nn

from micromask.models import create, parameter_count
from micromask.models.htnet import AreaTransformer, HierarchicalTransformer, SelfAttention


@pytest.fixture(autouse=True)
def seeded():
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        yield


def test_its_parameters_are_those_of_its_layers():
    def blocks(width, depth):
        norms, attention = 4 * width, 3 * width * width + (width + 1) * width
        return 4 * width + depth * (norms + attention + (width + 1) * 4 * width + (4 * width + 1) * width)

    aggregate = 192 * (96 * 9 + 1) + 2 * 192
    assert parameter_count(create("htnet", 3)) == (
        96 * (3 * 49 + 1) + blocks(96, 2) + aggregate + blocks(192, 2) + 2 * 192 + 192 * 3 + 3
    )


def test_attention_is_that_of_torch():
    ours, theirs = SelfAttention(12, heads=3).eval(), nn.MultiheadAttention(12, 3, batch_first=True).eval()
    with torch.no_grad():
        theirs.in_proj_weight.copy_(ours.query_key_value.weight)
        theirs.in_proj_bias.zero_()
        theirs.out_proj.weight.copy_(ours.out.weight)
        theirs.out_proj.bias.copy_(ours.out.bias)
        tokens = torch.randn(2, 4, 12)
        normed = ours.norm(tokens)
        expected = tokens + theirs(normed, normed, normed)[0]
        torch.testing.assert_close(ours(tokens), expected)


@pytest.mark.parametrize(("areas", "side"), [(2, 2), (1, 2), (2, 3)])
def test_a_token_sees_those_of_its_own_area_and_no_other(areas, side):
    local = AreaTransformer(12, 3, depth=2, areas=areas, side=side).eval()
    whole = areas * side
    planes = torch.randn(1, 12, whole, whole)
    with torch.no_grad():
        before = local(planes)
        for row in range(whole):
            for column in range(whole):
                other = planes.clone()
                other[0, :, row, column] += torch.arange(12.0)
                changed = (local(other) != before)[0].any(dim=0)
                expected = torch.zeros(whole, whole, dtype=torch.bool)
                top, left = row // side * side, column // side * side
                expected[top : top + side, left : left + side] = True
                assert torch.equal(changed, expected)


def test_tokens_come_back_to_their_places():
    local = AreaTransformer(12, 3, depth=0, areas=2, side=2)
    with torch.no_grad():
        local.place.zero_()
    planes = torch.randn(2, 12, 4, 4)
    assert torch.equal(local(planes), planes)


def test_the_four_areas_are_the_quarters_of_the_map():
    network = HierarchicalTransformer(3).eval()
    maps = torch.rand(1, 3, 28, 28)
    other = maps.clone()
    other[..., 20:, :5] += 1  # the lower left
    with torch.no_grad():
        changed = (network.local(network.tokens(maps)) != network.local(network.tokens(other)))[0].any(dim=0)
    assert torch.equal(changed, torch.tensor([[0, 0, 0, 0], [0, 0, 0, 0], [1, 1, 0, 0], [1, 1, 0, 0]]).bool())


def test_the_areas_meet_after_the_aggregation():
    network = HierarchicalTransformer(3).eval()
    inputs = torch.rand(1, 3, 28, 28, requires_grad=True)
    network.whole(network.aggregate(network.local(network.tokens(inputs))))[0, :, 0, 0].sum().backward()
    assert (inputs.grad[0, :, 21:, 21:] != 0).any()
