from itertools import pairwise

import pytest
import torch
from torch import nn

from micromask.core.errors import BadInputError
from micromask.models import create, parameter_count
from micromask.models.cost import layer_table

CONVOLUTIONS = ((3, 32, 64, 64), (64, 128, 128, 128), (128, 256, 256, 256), (256, 512, 512, 512))


def parts(name, kind):
    return [part for part in create(name, 7).network.modules() if isinstance(part, kind)]


def by_hand(blocks, features, n_classes):
    convolutions = sum(9 * a * b + b for row in CONVOLUTIONS[:blocks] for a, b in pairwise(row))
    return convolutions + (features * 1024 + 1024) + (1024 * 512 + 512) + (512 * n_classes + n_classes)


@pytest.mark.parametrize(("name", "convolutions", "pools"), [("mer-cnn1", 9, 3), ("mer-cnn2", 12, 4)])
def test_the_networks_have_the_layers_of_the_list_in_section_3_6(name, convolutions, pools):
    assert len(parts(name, nn.Conv2d)) == convolutions
    assert len(parts(name, nn.MaxPool2d)) == pools
    assert [each.out_features for each in parts(name, nn.Linear)] == [1024, 512, 7]


def test_dropout_comes_in_cnn_2_alone_after_1024_and_512_units():
    assert not parts("mer-cnn1", nn.Dropout)
    dropped = [row for row in layer_table(create("mer-cnn2", 7)) if row.ours == "dropout"]
    assert [row.output for row in dropped] == [((1024,),), ((512,),)]
    assert [each.p for each in parts("mer-cnn2", nn.Dropout)] == [0.5]


@pytest.mark.parametrize(
    ("name", "blocks", "features"),
    [pytest.param("mer-cnn1", 3, 256 * 10 * 10, id="80 px halved three times"),
     pytest.param("mer-cnn2", 4, 512 * 5 * 5, id="80 px halved four times")],
)  # fmt: skip
def test_the_networks_have_as_many_parameters_as_by_hand(name, blocks, features):
    assert parameter_count(create(name, 7)) == by_hand(blocks, features, 7)


def test_cnn_2_drops_units_in_training_and_none_in_use():
    model = create("mer-cnn2", 7, size=(16, 16))
    frames = torch.rand(2, 3, 16, 16)
    assert not torch.equal(model.train()(frames), model(frames))
    assert torch.equal(model.eval()(frames), model(frames))


def test_grey_frames_are_read_where_asked_for():
    assert create("mer-cnn1", 7, channels=1, size=(24, 16))(torch.rand(2, 1, 24, 16)).shape == (2, 7)


@pytest.mark.parametrize(("name", "smallest"), [("mer-cnn1", 8), ("mer-cnn2", 16)])
def test_frames_that_pools_would_use_up_are_refused(name, smallest):
    create(name, 7, size=(smallest, smallest))
    with pytest.raises(BadInputError, match=f"{smallest} x {smallest} px or more, asked for {smallest - 1} x 80"):
        create(name, 7, size=(smallest - 1, 80))
