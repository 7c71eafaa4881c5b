import subprocess
import sys

import pytest
import torch
from torch import nn

from micromask.core.errors import BadInputError
from micromask.models import Input, create, entry_of, models


class Flat(nn.Module):
    """Any picture to logits: what a model that takes any size and colour does at its least."""

    def __init__(self, given, n_classes):
        super().__init__()
        self.head = nn.Linear(given.channels, n_classes)

    def forward(self, frames):
        return self.head(frames.mean((2, 3)))


@pytest.fixture
def flat(enter_model):
    return enter_model(
        "flat",
        lambda given, n_classes, _: Flat(given, n_classes),
        input=Input("frame", 1, 32, 32),
        stages=(("head",),),
        resizable=True,
        any_channels=True,
    )


def test_a_model_keeps_what_it_reads_and_tells_apart():
    model = create("ststnet", 3)
    assert (model.name, model.n_classes, model.input) == ("ststnet", 3, models["ststnet"].input)
    assert model.stages == models["ststnet"].stages
    assert model(torch.zeros(2, 3, 28, 28)).shape == (2, 3)


def test_a_misspelt_model_is_answered_with_the_nearest():
    with pytest.raises(BadInputError, match="no model 'stsnet'; did you mean 'ststnet'"):
        create("stsnet", 3)
    with pytest.raises(BadInputError, match="did you mean 'ststnet'"):
        entry_of("stsnet")


@pytest.mark.parametrize("n_classes", [1, 0, -2])
def test_one_class_is_no_choice(n_classes):
    with pytest.raises(BadInputError, match=r"tells 100,000 classes at most apart, got n_classes=2000000000"):
        create("ststnet", 2_000_000_000)
    with pytest.raises(BadInputError, match="two classes or more"):
        create("ststnet", n_classes)


def test_classes_must_be_as_many_as_said():
    with pytest.raises(BadInputError, match="n_classes is 3, got 2 classes: a, b"):
        create("ststnet", 3, classes=("a", "b"))


@pytest.mark.parametrize(
    "shape", [(3, 28, 28), (2, 3, 28, 29), (2, 1, 28, 28), (2, 28, 28, 3), (1, 2, 3, 28, 28), (2, 3 * 28 * 28)]
)
def test_another_shape_is_refused_with_the_right_one_named(shape):
    with pytest.raises(BadInputError, match=r"ststnet reads motion \(N, 3, 28, 28\) float32 in ") as error:
        create("ststnet", 3)(torch.zeros(shape))
    assert str(error.value).endswith(f"got {shape}")


def test_size_and_channels_are_taken_where_the_model_can(flat):
    model = create("flat", 2, size=(20, 24), channels=3)
    assert model.input == Input("frame", 3, 20, 24)
    assert model(torch.zeros(2, 3, 20, 24)).shape == (2, 2)
    assert create("flat", 2).input == flat.input


def test_size_and_channels_are_refused_where_it_cannot(flat):
    with pytest.raises(BadInputError, match="ststnet reads 28 x 28 px only, asked for 32 x 28"):
        create("ststnet", 3, size=(32, 28))
    with pytest.raises(BadInputError, match="ststnet reads 3 channels only, asked for 1"):
        create("ststnet", 3, channels=1)
    with pytest.raises(BadInputError, match="flat reads 1 channel or 3, asked for 2"):
        create("flat", 2, channels=2)
    for size in ((0, 20), (20, 99_999)):
        with pytest.raises(BadInputError, match=r"flat reads 1 to 4,096 px a side, asked for .*; its own are "):
            create("flat", 2, size=size)
    assert create("ststnet", 3, size=(28, 28), channels=3).input.shape == (3, 28, 28)


def test_imagenet_weights_are_asked_only_of_those_that_have_them():
    with pytest.raises(BadInputError, match=r"ststnet has no ImageNet weights: ask for weights 'none'; .*timm:NAME"):
        create("ststnet", 3, "imagenet")


def test_weights_that_are_nowhere_are_refused_with_the_choices():
    with pytest.raises(BadInputError, match="no such weights imagnet: give 'none', 'imagenet' or a file"):
        create("ststnet", 3, "imagnet")


def run(code: str) -> set[str]:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_the_recogniser_reads_its_arrays_without_torch():
    loaded = run("import sys, micromask.inference.recognise; print(*sys.modules)")
    assert "micromask.models.flow_histogram" in loaded
    assert not loaded & {"torch", "timm", "sklearn", "onnx", "micromask.models.known"}


def test_the_catalogue_is_whole_however_it_is_reached_and_needs_no_heavy_package_to_be_listed():
    loaded = run("from micromask.models import models; import sys; print(*models); print(*sys.modules)")
    assert set(models) <= loaded
    assert not loaded & {"timm", "torchvision", "onnx", "sklearn"}
    assert run("from micromask.models.catalogue import create; print(create('ststnet', 2).name)") == {"ststnet"}


def test_the_package_says_what_it_does_not_have():
    import micromask.models

    with pytest.raises(AttributeError, match=r"micromask\.models.*nothing"):
        micromask.models.nothing  # noqa: B018
    for name in micromask.models.__all__:
        assert getattr(micromask.models, name) is not None
