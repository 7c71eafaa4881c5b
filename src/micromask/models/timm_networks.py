"""Networks of timm: three of the study of MMED-FST under their own names, and any other as ``timm:NAME``."""

from __future__ import annotations

from difflib import get_close_matches
from functools import lru_cache, partial

import torch
from torch import nn

from micromask.core.errors import BadInputError
from micromask.models.catalogue import Layer, ModelEntry
from micromask.models.imagenet import Grey
from micromask.models.inputs import Input
from micromask.models.pretrained import enter_pretrained, resnet_stages
from micromask.models.timm_backbone import build_timm
from micromask.models.timm_stages import stages_of
from micromask.models.torchvision_schemas import import_timm

PREFIX = "timm:"


@lru_cache(maxsize=64)
def timm_entry(name: str) -> ModelEntry:
    """An entry for a network of timm by its own name, made when it is asked for.

    Raises
    ------
    BadInputError
        If timm has no such network, or no such weights of it; the message names the nearest one.
    """
    timm = import_timm()
    if not name or not timm.is_model(name):
        near = get_close_matches(name, timm.list_models(), n=1, cutoff=0.5)
        hint = f"; did you mean {PREFIX + near[0]!r}?" if near else ""
        raise BadInputError(f"timm has no network {name!r}{hint} ({len(timm.list_models())} are in timm.list_models())")
    try:
        facts = timm.get_pretrained_cfg(name, allow_unregistered=False)
    except RuntimeError as error:
        tags = ", ".join(sorted(timm.list_pretrained(f"{name.split('.')[0]}.*"))) or "none"
        raise BadInputError(f"timm has no weights {name!r} (with weights: {tags})") from error
    channels, height, width = facts.input_size
    with torch.device("meta"):
        network = timm.create_model(name, num_classes=2)
    return ModelEntry(
        name=PREFIX + name,
        title=f"{name} of timm",
        family="frame network",
        input=Input("frame", channels, height, width),
        build=partial(build_timm, name),
        build_grey=partial(build_timm, name, grey="sum"),
        stages=tuple(tuple(f"backbone.{each}" for each in stage) for stage in stages_of(network)),
        paper=f"timm {timm.__version__}, {name}"
        + (f" ({facts.paper_ids})" if facts.paper_ids else "")
        + (f"; its weights are under {facts.license}" if facts.license else ""),
        doi="",
        resizable=True,
        any_channels=channels == 3,
        imagenet=bool(facts.hf_hub_id) and channels == 3,
    )


_STUDY = (
    "used by Suresh et al. 2025, Micro-expression and masked expression classification (doi:"
    "10.47852/bonviewJCCE52026148)"
)

_HEAD = (
    "The study says ImageNet weights and default parameters, and nothing about the head: the average over the picture "
    "and one linear layer, which is the network's own head for other classes."
)

enter_pretrained(
    "resnet50",
    "ResNet-50 with ImageNet weights, as in the study of MMED-FST",
    partial(build_timm, "resnet50.tv_in1k"),
    side=128,
    stages=resnet_stages("backbone.fc"),
    paper=f"He, Zhang, Ren, Sun 2016, Deep residual learning for image recognition; {_STUDY}",
    doi="10.1109/CVPR.2016.90",
    layers=(
        Layer("convolution 7 x 7, 64 filters, stride 2", "backbone.conv1"),
        Layer("batch normalization", "backbone.bn1"),
        Layer("max pool 3 x 3, stride 2", "backbone.maxpool"),
        Layer("3 bottlenecks of 64, 64, 256", "backbone.layer1"),
        Layer("4 bottlenecks of 128, 128, 512", "backbone.layer2"),
        Layer("6 bottlenecks of 256, 256, 1024", "backbone.layer3"),
        Layer("3 bottlenecks of 512, 512, 2048", "backbone.layer4"),
        Layer("average pool", "backbone.global_pool"),
        Layer("fully connected, 2048 to classes", "backbone.fc"),
    ),
    open_points=(
        _HEAD,
        "The study gives no input size: 128 px.",
        "Which ImageNet weights: torchvision's first ones (timm/resnet50.tv_in1k), fitted with the plain recipe of "
        "the network's own time; timm:resnet50 takes timm's newer ones.",
        "A bottleneck halves the picture in its 3 x 3 convolution, as torchvision's does, not in the first 1 x 1.",
    ),
)


def build_inception(given: Input, n_classes: int, pretrained: bool, grey: Grey = "repeat") -> nn.Module:
    """Inception V3; drawn weights are He's for relu.

    timm draws them all with a spread of 0.1. Before the batch norms have seen pictures, an untrained network then gives
    logits of 1e11, with which nothing can be compared.
    """
    network = build_timm("inception_v3.tv_in1k", given, n_classes, pretrained, grey)
    if not pretrained:
        for module in network.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
    return network


enter_pretrained(
    "inception-v3",
    "Inception V3 with ImageNet weights, as in the study of MMED-FST",
    build_inception,
    side=299,
    stages=(
        (
            "backbone.Conv2d_1a_3x3",
            "backbone.Conv2d_2a_3x3",
            "backbone.Conv2d_2b_3x3",
            "backbone.Conv2d_3b_1x1",
            "backbone.Conv2d_4a_3x3",
        ),
        *(
            tuple(f"backbone.Mixed_{number}{letter}" for letter in "abcde"[first:last])
            for number, first, last in ((5, 1, 4), (6, 0, 5), (7, 0, 3))
        ),
        ("backbone.head_drop", "backbone.fc"),
    ),
    paper="Szegedy, Vanhoucke, Ioffe, Shlens, Wojna 2016, Rethinking the Inception architecture for computer "
    f"vision; {_STUDY}",
    doi="10.1109/CVPR.2016.308",
    layers=(
        Layer("convolution 3 x 3, 32 filters, stride 2", "backbone.Conv2d_1a_3x3"),
        Layer("convolution 3 x 3, 32 filters", "backbone.Conv2d_2a_3x3"),
        Layer("convolution 3 x 3, 64 filters, padded", "backbone.Conv2d_2b_3x3"),
        Layer("max pool 3 x 3, stride 2", "backbone.Pool1"),
        Layer("convolution, 80 filters", "backbone.Conv2d_3b_1x1"),
        Layer("convolution 3 x 3, 192 filters", "backbone.Conv2d_4a_3x3"),
        *(
            Layer(f"Inception module {place} of {len(parts)} at {side} x {side}", f"backbone.Mixed_{stage}{part}")
            for stage, side, parts in ((5, 35, "bcd"), (6, 17, "abcde"), (7, 8, "abc"))
            for place, part in enumerate(parts, start=1)
        ),
        Layer("average pool 8 x 8", "backbone.global_pool"),
        Layer("fully connected, 2048 to classes", "backbone.fc"),
    ),
    open_points=(
        _HEAD,
        "The study gives no input size: the network's own 299 px. At 128 px its last maps are 2 x 2, which may be "
        "why the study finds it near chance.",
        "The auxiliary classifier of training is left out: the study does not speak of one.",
        "Without ImageNet weights, the convolutions are drawn as He's for relu.",
        "Which ImageNet weights: torchvision's (timm/inception_v3.tv_in1k), with a mean and spread of 0.5.",
    ),
)

enter_pretrained(
    "efficientnet-b0",
    "EfficientNet-B0 with ImageNet weights, as in the study of MMED-FST",
    partial(build_timm, "efficientnet_b0.ra_in1k"),
    side=128,
    stages=(
        ("backbone.conv_stem", "backbone.bn1", "backbone.blocks.0"),
        *((f"backbone.blocks.{number}",) for number in range(1, 6)),
        ("backbone.blocks.6", "backbone.conv_head", "backbone.bn2"),
        ("backbone.classifier",),
    ),
    paper=f"Tan, Le 2019, EfficientNet: rethinking model scaling for convolutional neural networks; {_STUDY}",
    doi="10.48550/arXiv.1905.11946",
    layers=(
        Layer("convolution 3 x 3, 32 channels, stride 2", "backbone.conv_stem"),
        Layer("batch normalization", "backbone.bn1"),
        Layer("1 MBConv1, 3 x 3, 16 channels", "backbone.blocks.0"),
        Layer("2 MBConv6, 3 x 3, 24 channels", "backbone.blocks.1"),
        Layer("2 MBConv6, 5 x 5, 40 channels", "backbone.blocks.2"),
        Layer("3 MBConv6, 3 x 3, 80 channels", "backbone.blocks.3"),
        Layer("3 MBConv6, 5 x 5, 112 channels", "backbone.blocks.4"),
        Layer("4 MBConv6, 5 x 5, 192 channels", "backbone.blocks.5"),
        Layer("1 MBConv6, 3 x 3, 320 channels", "backbone.blocks.6"),
        Layer("convolution 1 x 1, 1280 channels", "backbone.conv_head"),
        Layer("batch normalization", "backbone.bn2"),
        Layer("average pool", "backbone.global_pool"),
        Layer("fully connected, 1280 to classes", "backbone.classifier"),
    ),
    open_points=(
        _HEAD,
        "The study gives no input size: 128 px.",
        "The study names dropout among the regularization of this network, without a rate: none, as in timm.",
        "Which ImageNet weights: timm's own (timm/efficientnet_b0.ra_in1k).",
    ),
)
