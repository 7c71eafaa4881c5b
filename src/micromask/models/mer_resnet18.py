"""ResNet-18 with the 512 reduction: the pre-trained network of the study of seven emotions."""

from __future__ import annotations

from torch import nn

from micromask.models.catalogue import Layer
from micromask.models.imagenet import Grey
from micromask.models.inputs import Input
from micromask.models.pretrained import enter_pretrained, resnet_stages
from micromask.models.timm_backbone import build_timm

WIDTH = 512
"""Numbers that leave ResNet-18, and numbers that the reduction leaves of them."""


def build_mer_resnet18(given: Input, n_classes: int, pretrained: bool, grey: Grey = "repeat") -> nn.Module:
    """ResNet-18 without its last layer, then linear to 512, relu and linear to the classes."""
    network = build_timm("resnet18.tv_in1k", given, 0, pretrained, grey)
    network.add_module("reduction", nn.Sequential(nn.Linear(WIDTH, WIDTH), nn.ReLU()))
    network.add_module("head", nn.Linear(WIDTH, n_classes))
    return network


enter_pretrained(
    "mer-resnet18",
    "ResNet-18 with ImageNet weights and a reduction to 512, of the study of seven emotions",
    build_mer_resnet18,
    side=128,
    stages=resnet_stages("reduction", "head"),
    paper="Tadeo Sánchez García, López Lin, Romero-Herrera 2023, Detection of facial micro-expressions using CNN, "
    "Journal of Theoretical and Applied Information Technology 101(23); its ResNet-18: He, Zhang, Ren, Sun 2016, "
    "Deep residual learning for image recognition",
    doi="10.1109/CVPR.2016.90",
    layers=(
        Layer("convolution 7 x 7, 64 filters, stride 2", "backbone.conv1"),
        Layer("batch normalization", "backbone.bn1"),
        Layer("max pool 3 x 3, stride 2", "backbone.maxpool"),
        Layer("residual block 1: 4 convolutions, 64 filters", "backbone.layer1"),
        Layer("residual block 2: 4 convolutions, 128 filters", "backbone.layer2"),
        Layer("residual block 3: 4 convolutions, 256 filters", "backbone.layer3"),
        Layer("residual block 4: 4 convolutions, 512 filters", "backbone.layer4"),
        Layer("pooling layer", "backbone.global_pool"),
        Layer("feature reduction: linear to 512, relu", "reduction"),
        Layer("linear to classes", "head"),
    ),
    open_points=(
        "The paper has no DOI; the one given is that of ResNet.",
        "No input size is given: 128 px.",
        "The text calls the last layers a feature reduction to 512 and a regularization, the comparison lists two "
        "linear layers and no dropout: linear, relu, linear, without dropout.",
        "The comparison names a max pool after each block: the network is ResNet-18 as published, which has one "
        "after its first convolution and halves the picture by strides.",
        "Which ImageNet weights: torchvision's, timm/resnet18.tv_in1k.",
    ),
)
