"""VGG-16 and VGG-19 without their dense layers, with ImageNet weights where they are asked for."""

from __future__ import annotations

from collections import OrderedDict
from functools import partial
from typing import Literal

from torch import nn

from micromask.core.errors import BadInputError
from micromask.models.catalogue import Layer
from micromask.models.hub import imagenet_file, sum_channels, tensors_of
from micromask.models.imagenet import Grey, ImageNetInput, stem_channels
from micromask.models.inputs import Input
from micromask.models.pretrained import enter_pretrained

Depth = Literal[16, 19]

BLOCKS: dict[Depth, tuple[tuple[int, int], ...]] = {
    16: ((2, 64), (2, 128), (3, 256), (3, 512), (3, 512)),
    19: ((2, 64), (2, 128), (4, 256), (4, 512), (4, 512)),
}
"""Convolutions and filters of each block: configurations D and E of the paper's Table 1."""

SMALLEST = 32
"""Pixels: five pools halve the picture five times."""


def vgg_features(depth: Depth, channels: int = 3, *, pretrained: bool = False) -> nn.Sequential:
    """The convolutions of VGG: (N, channels, H, W) to (N, 512, H / 32, W / 32).

    Five blocks ``block1`` ... ``block5`` of 3 x 3 convolutions with relu, each with a 2 x 2 max pool at its end. Drawn
    weights are He's for relu, as in torchvision; those of ImageNet are torchvision's, from ``timm/vgg16.tv_in1k``.

    Raises
    ------
    BadInputError
        If the weights cannot be had or are not those of this network.

    Source
    ------
    Simonyan, Zisserman 2015, arXiv:1409.1556

    Examples
    --------
    >>> import torch
    >>> vgg_features(16)(torch.zeros(1, 3, 64, 64)).shape
    torch.Size([1, 512, 2, 2])
    """
    path = imagenet_file(f"vgg{depth}", f"timm/vgg{depth}.tv_in1k") if pretrained else None
    blocks: OrderedDict[str, nn.Module] = OrderedDict()
    width = channels
    for number, (convolutions, filters) in enumerate(BLOCKS[depth], start=1):
        layers: OrderedDict[str, nn.Module] = OrderedDict()
        for each in range(1, convolutions + 1):
            layers[f"conv{each}"] = nn.Conv2d(width, filters, 3, padding=1)
            layers[f"relu{each}"] = nn.ReLU()
            width = filters
        layers["pool"] = nn.MaxPool2d(2)
        blocks[f"block{number}"] = nn.Sequential(layers)
    features = nn.Sequential(blocks)
    for module in features.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
            assert module.bias is not None
            nn.init.zeros_(module.bias)
    if path is not None:
        held = tensors_of(path, "features.")
        # There the layers are numbered through: features.0.weight, features.0.bias, features.2.weight, ...
        order = sorted(held, key=lambda name: (int(name.split(".")[1]), name.endswith("bias")))
        wanted = features.state_dict()
        found = dict(zip(wanted, (held[name] for name in order), strict=False))
        if channels == 1 and order:
            found["block1.conv1.weight"] = sum_channels(found["block1.conv1.weight"])
        shapes = {name: tuple(each.shape) for name, each in found.items()}
        if len(order) != len(wanted) or shapes != {name: tuple(each.shape) for name, each in wanted.items()}:
            raise BadInputError(f"{path} does not hold the convolutions of VGG-{depth}: wanted timm/vgg{depth}.tv_in1k")
        features.load_state_dict(found)
    return features


def refuse_small(name: str, given: Input) -> None:
    """Raise BadInputError for a picture that five pools leave nothing of."""
    if min(given.height, given.width) < SMALLEST:
        raise BadInputError(
            f"{name} halves a picture five times: it reads {SMALLEST} x {SMALLEST} px or more, "
            f"asked for {given.height} x {given.width}"
        )


def build_vgg(depth: Depth, given: Input, n_classes: int, pretrained: bool, grey: Grey = "repeat") -> nn.Module:
    """VGG's convolutions, the average over the picture and one linear layer."""
    refuse_small(f"vgg{depth}", given)
    channels = stem_channels(given.channels, grey)
    parts: OrderedDict[str, nn.Module] = OrderedDict(
        scale=ImageNetInput(channels),
        features=vgg_features(depth, channels, pretrained=pretrained),
        pool=nn.AdaptiveAvgPool2d(1),
        flatten=nn.Flatten(),
        head=nn.Linear(512, n_classes),
    )
    return nn.Sequential(parts)


_DEPTHS: tuple[Depth, ...] = (16, 19)

for _depth in _DEPTHS:
    enter_pretrained(
        f"vgg{_depth}",
        f"VGG-{_depth} with ImageNet weights, as in the study of MMED-FST",
        partial(build_vgg, _depth),
        side=128,
        stages=(*((f"features.block{number}",) for number in range(1, 6)), ("head",)),
        paper="Simonyan, Zisserman 2015, Very deep convolutional networks for large-scale image recognition; used "
        "by Suresh et al. 2025, Micro-expression and masked expression classification (doi:"
        "10.47852/bonviewJCCE52026148)",
        doi="10.48550/arXiv.1409.1556",
        layers=(
            *(
                Layer(
                    f"{convolutions} convolutions 3 x 3, {filters} filters; max pool 2 x 2",
                    f"features.block{number}",
                )
                for number, (convolutions, filters) in enumerate(BLOCKS[_depth], start=1)
            ),
            Layer("three dense layers of 4096, 4096 and the classes, with softmax", "head"),
        ),
        open_points=(
            "The study says ImageNet weights and default parameters, and nothing about the head: the dense layers, "
            "which are made for 224 px, are replaced by the average over the picture and one linear layer.",
            "The study gives no input size: 128 px.",
            "Which ImageNet weights: torchvision's, timm/vgg16.tv_in1k and timm/vgg19.tv_in1k.",
        ),
    )
