import numpy as np
import pytest
import torch

from micromask.core.errors import BadInputError
from micromask.models import Input, example_inputs, to_input


def test_a_sample_has_the_shape_of_its_kind():
    assert Input("frame", 1, 64, 48).shape == (1, 64, 48)
    assert Input("motion", 3, 28, 28).shape == (3, 28, 28)
    assert Input("frames", 1, 64, 48, frames=10).shape == (1, 10, 64, 48)
    assert str(Input("frames", 1, 64, 48, frames=10, low=-1)) == "frames (N, 1, 10, 64, 48) float32 in [-1, 1]"


@pytest.mark.parametrize(
    "wrong",
    [{"channels": 0}, {"height": 0}, {"frames": 0}, {"low": 1.0}, {"reads": "frames"}, {"frames": 4}],
)
def test_an_input_that_cannot_be_is_refused(wrong):
    with pytest.raises(ValueError, match="an input"):
        Input(**{"reads": "frame", "channels": 1, "height": 8, "width": 8, **wrong})


def test_pictures_become_channels_first_and_fill_the_range():
    pictures = np.zeros((2, 4, 5, 3), np.uint8)
    pictures[1, 2, 3] = (0, 51, 255)
    made = to_input(pictures, Input("frame", 3, 4, 5, low=-1, high=1))
    assert made.dtype == torch.float32
    assert made.shape == (2, 3, 4, 5)
    # 51 of 255 is a fifth of the way from -1 to 1.
    torch.testing.assert_close(made[1, :, 2, 3], torch.tensor([-1.0, -0.6, 1.0]))
    assert (made[0] == -1).all()


def test_grey_pictures_serve_one_channel_and_three():
    grey = np.arange(2 * 4 * 4, dtype=np.uint8).reshape(2, 4, 4)
    one, three = to_input(grey, Input("frame", 1, 4, 4)), to_input(grey, Input("frame", 3, 4, 4))
    np.testing.assert_allclose(one[:, 0].numpy() * 255, grey, rtol=1e-6)
    for channel in range(3):
        assert torch.equal(three[:, channel], one[:, 0])


def test_a_sequence_has_its_time_after_the_channels():
    grey = np.zeros((2, 5, 4, 4), np.uint8)
    grey[:, 3] = 255
    made = to_input(grey, Input("frames", 1, 4, 4, frames=5))
    assert made.shape == (2, 1, 5, 4, 4)
    assert made.amax((0, 1, 3, 4)).tolist() == [0, 0, 0, 1, 0]
    colour = to_input(grey[..., None], Input("frames", 3, 4, 4, frames=5))
    assert colour.shape == (2, 3, 5, 4, 4)


@pytest.mark.parametrize(
    "pictures",
    [
        np.zeros((2, 4, 5), np.uint8),
        np.zeros((2, 4, 4, 2), np.uint8),
        np.zeros((2, 3, 4, 4), np.uint8),
        np.zeros((2, 4, 4, 3), np.float32),
        np.zeros((4, 4), np.uint8),
        np.zeros((2, 5, 4, 4, 3), np.uint8),
    ],
    ids=lambda each: f"{each.shape} {each.dtype}",
)
def test_other_pictures_are_refused_with_what_is_read(pictures):
    with pytest.raises(BadInputError, match=r"the model reads frame \(N, 3, 4, 4\).*got pictures"):
        to_input(pictures, Input("frame", 3, 4, 4))


def test_a_motion_map_of_one_channel_is_not_repeated():
    with pytest.raises(BadInputError, match="the model reads motion"):
        to_input(np.zeros((2, 4, 4), np.uint8), Input("motion", 3, 4, 4))


def test_examples_fill_the_range_and_are_those_of_their_seed():
    given = Input("motion", 3, 28, 28, low=-1, high=3)
    made = example_inputs(given, 4)
    assert made.shape == (4, 3, 28, 28)
    assert -1 <= made.min() < -0.8
    assert 2.8 < made.max() <= 3
    # Fields of 7 x 7 pixels differ in more than a pixel from its neighbour does.
    assert (made[..., 3] - made[..., 10]).std() > 2 * (made[..., 3] - made[..., 4]).std()
    assert torch.equal(made, example_inputs(given, 4))
    assert not torch.equal(made, example_inputs(given, 4, seed=1))
