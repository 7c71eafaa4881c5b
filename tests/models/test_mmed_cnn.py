import pytest
import torch
from torch import nn

from micromask.core.errors import BadInputError
from micromask.models import create, parameter_count
from micromask.models.cost import layer_table


def test_mmed_cnn_has_the_layers_of_table_2():
    table = layer_table(create("mmed-cnn", 5))
    network = create("mmed-cnn", 5).network
    for convolution, filters in zip(network.convolutions, (16, 32, 64), strict=True):
        assert (convolution.out_channels, convolution.kernel_size, convolution.padding) == (filters, (3, 3), (0, 0))
    assert (network.pool.kernel_size, network.pool.stride, network.pool.padding) == (2, 2, 0)
    # Each valid convolution takes two pixels a side, each pool half of what is left.
    assert [row.output for row in table] == [
        ((16, 126, 126),),
        ((16, 63, 63),),
        ((32, 61, 61),),
        ((32, 30, 30),),
        ((64, 28, 28),),
        ((64, 14, 14),),
        ((128,),),
        ((5,),),
    ]


def test_mmed_cnn_has_as_many_parameters_as_table_2_gives_by_hand():
    convolutions = (9 * 1 * 16 + 16) + (9 * 16 * 32 + 32) + (9 * 32 * 64 + 64)
    assert parameter_count(create("mmed-cnn", 5)) == convolutions + (64 * 14 * 14 * 128 + 128) + (128 * 5 + 5)


def test_mmed_cnn_does_what_its_layers_do_one_after_the_other():
    model = create("mmed-cnn", 2, size=(32, 40))
    one, two, three = model.network.convolutions
    plain = nn.Sequential(
        *(one, nn.ReLU(), nn.MaxPool2d(2), two, nn.ReLU(), nn.MaxPool2d(2), three, nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Flatten(), model.network.dense, nn.ReLU(), model.network.head),
    )
    frames = torch.rand(3, 1, 32, 40)
    torch.testing.assert_close(model(frames), plain(frames))


def test_the_last_layer_of_mmed_cnn_has_no_relu():
    torch.manual_seed(0)
    assert create("mmed-cnn", 5, size=(32, 32))(torch.rand(8, 1, 32, 32)).min() < 0


def test_mmed_cnn_reads_frames_from_22_pixels_on():
    # (64 + 1) numbers reach the dense layer from the one pixel that is left of 64 planes.
    assert create("mmed-cnn", 3, size=(22, 22)).network.dense.in_features == 64
    with pytest.raises(BadInputError, match="22 x 22 px or more, asked for 21 x 40"):
        create("mmed-cnn", 3, size=(21, 40))
