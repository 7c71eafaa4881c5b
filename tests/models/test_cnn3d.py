import pytest
import torch

from micromask.core.errors import BadInputError
from micromask.models import create, multiply_adds, parameter_count
from micromask.models.cnn3d import MicroExpSTCNN


@pytest.fixture(autouse=True)
def seeded():
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        yield


def test_it_has_the_parameters_of_the_authors_code():
    # 18 frames of 64 x 64: 4 x 62 x 62 after the convolution, 1 x 20 x 20 after the pool.
    convolution = 32 * (15 * 3 * 3 + 1)
    assert convolution + (32 * 20 * 20 + 1) * 128 + (128 + 1) * 3 == 1_643_267
    assert parameter_count(create("cnn3d", 3)) == 1_643_267
    assert multiply_adds(create("cnn3d", 3)) == 4 * 62 * 62 * 32 * 15 * 9 + 12800 * 128 + 128 * 3


def test_with_the_96_frames_of_cas_me_2_it_has_those_of_that_code():
    # 82 x 62 x 62 after the convolution, 27 x 20 x 20 after the pool; built without its numbers.
    with torch.device("meta"):
        network = MicroExpSTCNN(3, (1, 96, 64, 64))
    assert parameter_count(network) == 32 * 136 + (32 * 27 * 20 * 20 + 1) * 128 + 129 * 3


def test_a_filter_sees_fifteen_frames_and_three_pixels():
    network = MicroExpSTCNN(3).eval()
    inputs = torch.rand(1, 1, 18, 64, 64, requires_grad=True)
    network.space_time(inputs)[0, :, 0, 10, 20].sum().backward()
    frames, rows, columns = torch.nonzero(inputs.grad[0, 0], as_tuple=True)
    assert (frames.min(), frames.max()) == (0, 14)
    assert (rows.min(), rows.max()) == (10, 12)
    assert (columns.min(), columns.max()) == (20, 22)


def test_the_order_of_the_frames_matters():
    network = MicroExpSTCNN(3).eval()
    inputs = torch.rand(2, 1, 18, 64, 64)
    assert not torch.allclose(network(inputs), network(inputs.flip(2)))


def test_it_takes_other_sizes_and_colour():
    assert create("cnn3d", 5, size=(32, 48), channels=3)(torch.rand(2, 3, 18, 32, 48)).shape == (2, 5)


@pytest.mark.parametrize("shape", [(1, 16, 64, 64), (1, 18, 4, 64)])
def test_too_short_or_small_a_sequence_is_refused(shape):
    with pytest.raises(BadInputError, match="cnn3d reads 17 frames or more of 5 x 5 px or more, asked for"):
        MicroExpSTCNN(3, shape)


def test_the_shortest_and_smallest_sequence_is_read():
    assert MicroExpSTCNN(3, (1, 17, 5, 5))(torch.rand(2, 1, 17, 5, 5)).shape == (2, 3)
