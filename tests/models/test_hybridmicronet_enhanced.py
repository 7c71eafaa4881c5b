from __future__ import annotations

import numpy as np
import pytest
import torch

from micromask.core.errors import BadInputError
from micromask.models import create, example_inputs
from micromask.models.classical.clusters import CLUSTERS, WeighAlike, membership
from micromask.training.fit_classical import fit_classical

NAME = "hybridmicronet-enhanced"


def made(**options):
    return create(NAME, 3, size=(32, 32), **options)


def test_the_features_are_512_of_vgg_16_and_then_those_of_the_regions():
    model = made()
    features = model.network.features
    inputs = example_inputs(model.input, 2)
    found = features(inputs)
    assert features.kinds == (512, 496)
    assert found.shape == (2, 1008)
    assert torch.equal(found[:, 512:], features.units(inputs))
    # The average over the picture of the last of VGG's maps.
    assert torch.equal(found[:, :512], features.cnn.vgg(features.cnn.scale(inputs)).mean((2, 3)))


def test_drawn_weights_are_always_the_same_and_leave_torchs_generator_alone():
    torch.manual_seed(1)
    before = torch.random.get_rng_state()
    one = made().state_dict()
    assert torch.equal(torch.random.get_rng_state(), before)
    torch.manual_seed(2)
    other = made().state_dict()
    assert all(torch.equal(each, other[key]) for key, each in one.items())


def test_imagenet_weights_are_those_of_vgg_16_and_are_kept_by_a_fit(hub):
    names = [f"features.{number}" for number in (0, 2, 5, 7, 10, 12, 14, 17, 19, 21, 24, 26, 28)]
    wanted = list(made().network.features.cnn.vgg.state_dict().values())
    generator = torch.Generator().manual_seed(5)
    held = {
        f"{name}.{part}": torch.randn(wanted[2 * number + offset].shape, generator=generator) * 0.05
        for number, name in enumerate(names)
        for offset, part in enumerate(("weight", "bias"))
    }
    hub("timm/vgg16.tv_in1k", held)
    model = made(weights="imagenet")
    fit_classical(model, example_inputs(model.input, 6), np.arange(6) % 3)
    assert all(
        torch.equal(ours, theirs)
        for ours, theirs in zip(model.network.features.cnn.vgg.state_dict().values(), held.values(), strict=True)
    )
    assert not list(model.parameters())


def test_a_grey_face_gives_what_the_same_face_in_colour_gives():
    model, grey = made(), made(channels=1)
    inputs = example_inputs(grey.input, 6)
    fit_classical(model, inputs.expand(-1, 3, -1, -1), np.arange(6) % 3)
    grey.load_state_dict(model.state_dict())
    torch.testing.assert_close(grey(inputs), model(inputs.expand(-1, 3, -1, -1)), atol=1e-4, rtol=0)
    assert made(channels=1, grey="sum").network.features.cnn.vgg.block1.conv1.weight.shape[1] == 1


def test_a_picture_that_five_pools_leave_nothing_of_is_refused():
    with pytest.raises(BadInputError, match=rf"{NAME} halves a picture five times: it reads 32 x 32 px or more"):
        create(NAME, 3, size=(31, 64))


def test_both_kinds_of_features_weigh_alike():
    features = torch.randn((4000, 1008), generator=torch.Generator().manual_seed(0))
    alike = WeighAlike((512, 496))(features).square()
    torch.testing.assert_close(alike[:, :512].sum(1).mean(), torch.tensor(1.0), atol=0.01, rtol=0)
    torch.testing.assert_close(alike[:, 512:].sum(1).mean(), torch.tensor(1.0), atol=0.01, rtol=0)


def test_membership_falls_with_the_squared_distance():
    arrays = {"centres": torch.tensor([[0.0, 0.0], [3.0, 0.0], [0.0, 4.0]]), "spread": torch.tensor([9.0])}
    (found,) = membership(torch.tensor([[0.0, 0.0]]), arrays)
    weights = np.exp(-np.array([0, 9, 16]) / 9)
    np.testing.assert_allclose(found[:3], weights / weights.sum(), rtol=1e-6)
    assert not found[3:].any()
    assert len(found) == CLUSTERS
