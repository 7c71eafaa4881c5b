import pytest
import torch

from micromask.core.errors import BadInputError
from micromask.models import create, parameter_count
from micromask.models.sssnet import SSSNet


@pytest.fixture(autouse=True)
def seeded():
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        yield


def counted(first, second, hidden, cells, classes=3):
    """Two convolutions with a batch norm each, two layers."""
    convolutions = first * (3 * 5 * 5 + 1) + 2 * first + second * (first * 3 * 3 + 1) + 2 * second
    return convolutions + (second * cells + 1) * hidden + (hidden + 1) * classes


def test_it_has_the_parameters_of_the_authors_library():
    # 64 px: 60 after the first convolution, 20 after the pool, 18, and 9 x 9 planes that are read.
    assert counted(32, 64, 256, cells=9 * 9) == 1_349_251
    assert parameter_count(create("sssnet", 3)) == 1_349_251


def test_the_narrower_one_has_those_of_the_papers_own_code():
    # 60 px: 56, 18, 16, and 8 x 8.
    assert parameter_count(SSSNet(3, (60, 60), widths=(14, 28, 128))) == counted(14, 28, 128, cells=8 * 8)


def test_it_takes_the_small_maps_of_the_other_networks():
    model = create("sssnet", 3, size=(28, 28))
    assert model(torch.rand(2, 3, 28, 28)).shape == (2, 3)
    assert parameter_count(model) == counted(32, 64, 256, cells=3 * 3)


@pytest.mark.parametrize("size", [(16, 16), (16, 40), (17, 21)])
def test_it_takes_any_size_from_16_px(size):
    assert create("sssnet", 2, size=size)(torch.rand(2, 3, *size)).shape == (2, 2)


def test_smaller_maps_are_refused():
    with pytest.raises(BadInputError, match="sssnet reads maps of 16 x 16 px or more, asked for 28 x 15 px"):
        create("sssnet", 3, size=(28, 15))


def test_dropout_takes_whole_planes_after_the_convolutions():
    network = SSSNet(3).train()
    planes = network.first(torch.rand(4, 3, 64, 64))
    gone = (planes == 0).flatten(2).all(dim=2)
    assert 0.2 < gone.float().mean() < 0.8
    assert ((planes == 0).flatten(2).any(dim=2) == gone).all()
