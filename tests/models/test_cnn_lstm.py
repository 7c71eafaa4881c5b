import pytest
import torch

from micromask.core.errors import BadInputError
from micromask.models import create, multiply_adds, parameter_count
from micromask.models.cnn_lstm import CnnLstm


@pytest.fixture(autouse=True)
def seeded():
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        yield


def test_its_parameters_are_those_of_its_layers():
    convolutions = sum(to * (9 * planes + 1) + 2 * to for planes, to in ((1, 16), (16, 32), (32, 64)))
    lstm = 4 * (256 * 256 + 256 * 256 + 2 * 256)
    layers = (64 * 8 * 8 + 1) * 256 + (256 + 1) * 128 + (128 + 1) * 3
    assert parameter_count(create("cnn-lstm", 3)) == convolutions + lstm + layers


def test_its_multiply_adds_are_ten_frames_and_one_head():
    frame = 9 * (64 * 64 * 16 + 32 * 32 * 16 * 32 + 16 * 16 * 32 * 64) + 4096 * 256
    lstm = 4 * 2 * 256 * 256
    assert multiply_adds(create("cnn-lstm", 3)) == 10 * (frame + lstm) + 256 * 128 + 128 * 3


def test_each_frame_is_read_by_itself_and_in_its_place():
    network = CnnLstm(3).eval()
    inputs = torch.rand(2, 1, 10, 64, 64)
    with torch.no_grad():
        one = torch.relu(network.features(network.frames(inputs[:, :, 4]).flatten(1)))
        taken = {}
        network.sequence.register_forward_pre_hook(lambda _, given: taken.update(given=given[0]))
        network(inputs)
    assert taken["given"].shape == (2, 10, 256)
    torch.testing.assert_close(taken["given"][:, 4], one)


def test_every_frame_and_their_order_reach_the_logits():
    network = CnnLstm(3).eval()
    inputs = torch.rand(2, 1, 10, 64, 64, requires_grad=True)
    logits = network(inputs)
    logits.square().sum().backward()
    assert (inputs.grad.abs().sum(dim=(0, 1, 3, 4)) > 0).all()
    assert not torch.allclose(logits, network(inputs.flip(2)), rtol=0, atol=1e-7)


def test_it_takes_other_sizes_and_colour():
    assert create("cnn-lstm", 5, size=(32, 44), channels=3)(torch.rand(2, 3, 10, 32, 44)).shape == (2, 5)


def test_frames_of_less_than_eight_pixels_are_refused():
    with pytest.raises(BadInputError, match="cnn-lstm reads frames of 8 x 8 px or more, asked for 7 x 64 px"):
        create("cnn-lstm", 3, size=(7, 64))
