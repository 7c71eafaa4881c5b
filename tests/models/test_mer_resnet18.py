import pytest
import torch

from micromask.models import create, example_inputs, parameter_count
from micromask.models.cost import blueprint, layer_table
from micromask.models.torchvision_schemas import import_timm


@pytest.mark.parametrize("classes", [3, 7])
def test_the_parameters_are_those_of_resnet_18_and_of_the_two_linear_layers(classes):
    # ResNet-18 as published, 11,689,512, less its 512 x 1000 + 1000 for ImageNet's classes.
    backbone = 11_689_512 - 513_000
    assert backbone == 11_176_512
    assert parameter_count(blueprint("mer-resnet18", classes)) == backbone + (512 * 512 + 512) + (
        512 * classes + classes
    )


def test_the_layers_are_those_of_the_paper_in_their_order():
    rows = {row.ours: row.output for row in layer_table(blueprint("mer-resnet18", 7))}
    assert rows["backbone.layer4"] == ((512, 4, 4),)
    assert rows["backbone.global_pool"] == rows["reduction"] == ((512,),)
    assert rows["head"] == ((7,),)


def test_the_reduction_ends_with_relu_and_the_head_does_not():
    torch.manual_seed(0)
    model = create("mer-resnet18", 7, size=(64, 64)).eval()
    with torch.no_grad():
        reduced = model.network[:3](example_inputs(model.input, 4))
        logits = model(example_inputs(model.input, 4))
    assert reduced.min() == 0
    assert logits.min() < 0


def test_imagenet_weights_arrive_and_the_two_linear_layers_are_new(hub):
    torch.manual_seed(1)
    held = import_timm().create_model("resnet18").state_dict()
    hub("timm/resnet18.tv_in1k", held)
    torch.manual_seed(2)
    model = create("mer-resnet18", 7, weights="imagenet")
    found = model.network.backbone.state_dict()
    assert set(found) == {key for key in held if not key.startswith("fc.")}
    assert all(torch.equal(each, held[key]) for key, each in found.items())
    torch.manual_seed(2)
    summed = create("mer-resnet18", 7, weights="imagenet", channels=1, grey="sum").network.backbone.conv1.weight
    torch.testing.assert_close(summed, held["conv1.weight"].sum(1, keepdim=True))
