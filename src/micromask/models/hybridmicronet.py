"""HybridMicroNet: VGG-16 joined with a light residual network that attends to regions of the face."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from micromask.models.catalogue import Layer
from micromask.models.imagenet import Grey, ImageNetInput, stem_channels
from micromask.models.inputs import Input
from micromask.models.pretrained import enter_pretrained
from micromask.models.vgg import refuse_small, vgg_features

STEM = 16
WIDTHS = (32, 64, 128)
"""Filters of the stem, and of the three steps that follow it and halve the picture each."""


class ResidualBlock(nn.Module):
    """Two 3 x 3 convolutions with batch norm beside a shortcut; (N, C, H, W) to (N, filters, H / stride, W / stride).

    The shortcut is the input itself, or a 1 x 1 convolution with batch norm where the shape changes.
    """

    def __init__(self, channels: int, filters: int, stride: int = 1) -> None:
        super().__init__()
        self.convolutions = nn.Sequential(
            nn.Conv2d(channels, filters, 3, stride=stride, padding=1, bias=False),
            nn.BatchNorm2d(filters),
            nn.ReLU(),
            nn.Conv2d(filters, filters, 3, padding=1, bias=False),
            nn.BatchNorm2d(filters),
        )
        self.shortcut: nn.Module = nn.Identity()
        if stride != 1 or channels != filters:
            self.shortcut = nn.Sequential(
                nn.Conv2d(channels, filters, 1, stride=stride, bias=False), nn.BatchNorm2d(filters)
            )

    def forward(self, maps: Tensor) -> Tensor:
        """Maps (N, C, H, W) to (N, filters, H / stride, W / stride)."""
        return torch.relu(self.convolutions(maps) + self.shortcut(maps))


class ResidualAttention(nn.Module):
    """Features T, weighted where the mask M finds something: (1 + M) T; (N, C, H, W) to the same shape.

    T is a residual block. M looks at half the resolution, comes back to the full one and ends between 0 and 1, for each
    place and channel. A mask of 0 leaves T as it is, so that no module can blot out what those before it have found.

    Source
    ------
    Wang et al. 2017, Residual attention network for image classification, arXiv:1704.06904
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.trunk = ResidualBlock(channels, channels)
        self.down = nn.MaxPool2d(3, stride=2, padding=1)
        self.mask = ResidualBlock(channels, channels)
        self.gate = nn.Conv2d(channels, channels, 1)

    def forward(self, maps: Tensor) -> Tensor:
        """Maps (N, C, H, W) to maps of the same shape."""
        coarse = self.mask(self.down(maps))
        fine = functional.interpolate(coarse, size=maps.shape[-2:], mode="bilinear", align_corners=False)
        weighted: Tensor = (1 + torch.sigmoid(self.gate(fine))) * self.trunk(maps)
        return weighted


class HybridMicroNet(nn.Module):
    """Two readings of one face, averaged over the picture and joined before one linear layer.

    VGG-16 without its dense layers gives 512 numbers. The residual network begins with a 7 x 7 convolution of 16
    filters (stride 2, padding 2), batch norm, relu and a 3 x 3 max pool of stride 2, and goes on with three steps of a
    residual block that halves the picture and a module of residual attention; it gives 128 numbers.

    Parameters
    ----------
    classes : int
    channels : int
        3, or 1 for a grey picture through summed stems; with 3, a grey picture is repeated.
    pretrained : bool
        ImageNet weights for VGG-16.

    Source
    ------
    Kalpana, Arun Kumar 2026, Machine learning-based analysis of facial expressions and emotion regulation through
    micro-expressions, section 3.2

    Examples
    --------
    >>> HybridMicroNet(5)(torch.zeros(2, 3, 64, 64)).shape
    torch.Size([2, 5])
    """

    def __init__(self, classes: int, channels: int = 3, *, pretrained: bool = False) -> None:
        super().__init__()
        self.scale = ImageNetInput(channels)
        self.vgg = vgg_features(16, channels, pretrained=pretrained)
        self.stem = nn.Sequential(
            nn.Conv2d(channels, STEM, 7, stride=2, padding=2, bias=False),
            nn.BatchNorm2d(STEM),
            nn.ReLU(),
            nn.MaxPool2d(3, stride=2),
        )
        before = (STEM, *WIDTHS)
        self.steps = nn.Sequential(
            *(
                nn.Sequential(ResidualBlock(channels_in, filters, stride=2), ResidualAttention(filters))
                for channels_in, filters in zip(before, WIDTHS, strict=False)
            )
        )
        self.average = nn.AdaptiveAvgPool2d(1)
        self.head = nn.Linear(512 + WIDTHS[-1], classes)

    def forward(self, faces: Tensor) -> Tensor:
        """Faces (N, 1 or 3, H, W) in [0, 1] to logits (N, classes)."""
        scaled = self.scale(faces)
        readings = (self.vgg(scaled), self.steps(self.stem(scaled)))
        joined = torch.cat([self.average(each).flatten(1) for each in readings], dim=1)
        logits: Tensor = self.head(joined)
        return logits


def build_hybridmicronet(given: Input, n_classes: int, pretrained: bool, grey: Grey = "repeat") -> nn.Module:
    """HybridMicroNet for an input."""
    refuse_small("hybridmicronet", given)
    return HybridMicroNet(n_classes, stem_channels(given.channels, grey), pretrained=pretrained)


enter_pretrained(
    "hybridmicronet",
    "HybridMicroNet: VGG-16 joined with a light residual network with attention",
    build_hybridmicronet,
    side=224,
    stages=(
        *((f"vgg.block{number}",) for number in range(1, 6)),
        ("stem", "steps"),
        ("head",),
    ),
    paper="Kalpana, Arun Kumar 2026, Machine learning-based analysis of facial expressions and emotion regulation "
    "through micro-expressions (EJETMS)",
    doi="",
    layers=(
        Layer("VGG-16 with ImageNet weights, its three dense layers removed", "vgg"),
        Layer("convolution 7 x 7, 16 filters, stride 2, padding 2", "stem.0"),
        Layer("batch normalization", "stem.1"),
        Layer("relu", "stem.2"),
        Layer("max pool 3 x 3, stride 2", "stem.3"),
        Layer("light residual network with residual attention", "steps"),
        Layer("softmax over the classes", "head"),
    ),
    open_points=(
        "The paper has no DOI in print.",
        "How the two are combined: both read the same picture, each is averaged over it, and the 512 and the 128 "
        "numbers are joined before one linear layer. The paper also speaks of features that are extracted before "
        "the training; training the last block only (stem, steps and head) is that reading.",
        "After the stem the paper names no layer: three steps of a residual block that halves the picture (32, 64, "
        "128 filters) and a module of residual attention, which ends at VGG's own 7 x 7.",
        "Residual attention is named without a source: (1 + mask) x features, after Wang et al. 2017 "
        "(arXiv:1704.06904), with a mask at half the resolution.",
        "Which ImageNet weights: torchvision's, timm/vgg16.tv_in1k.",
        "VGG-16 is said to have 14 convolutions and four dense layers, of which three are removed: it has 13 and "
        "three, as published.",
        "The border of 3 px is named among the changes to the pictures (section 3.3): it is a matter of preparing "
        "them and not of the network, which reads 224 x 224 px.",
        "Whether both parts read ImageNet's scale: they do, and the residual part's first batch norm makes up for "
        "any other.",
    ),
)
