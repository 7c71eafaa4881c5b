"""The Enhanced model of HybridMicroNet's paper: CNN features, action units and clusters, and a classifier on them."""

from __future__ import annotations

from collections import OrderedDict
from functools import partial

import torch
from torch import Tensor, nn

from micromask.models.catalogue import Layer, ModelEntry, enter
from micromask.models.classical.face_regions import ACTION_UNITS, UnitAppearance
from micromask.models.classical.network import ClassicalNetwork
from micromask.models.classical.perceptron import LOGISTIC
from micromask.models.imagenet import Grey, ImageNetInput, stem_channels
from micromask.models.inputs import Input
from micromask.models.vgg import refuse_small, vgg_features

NAME = "hybridmicronet-enhanced"

CNN = 512
"""Numbers that VGG-16 gives, averaged over the picture."""


def _as_they_are(network: nn.Module) -> nn.Module:
    """The network with its weights as buffers of the same names: saved as before, and learnt by nothing."""
    for part in network.modules():
        for name, weight in list(part.named_parameters(recurse=False)):
            delattr(part, name)
            part.register_buffer(name, weight.detach())
    return network


class EnhancedFeatures(nn.Module):
    """Faces (N, 1 or 3, H, W) in [0, 1] to (N, 1008): 512 numbers of VGG-16, then 496 of the face's regions.

    VGG-16 is not trained. Without ImageNet's weights it has drawn ones, always the same, so that two fits have the same
    features; torch's generator is left as it was.
    """

    def __init__(self, given: Input, channels: int, *, pretrained: bool) -> None:
        super().__init__()
        with torch.random.fork_rng(devices=[]):
            torch.default_generator.manual_seed(0)
            vgg = vgg_features(16, channels, pretrained=pretrained)
        self.cnn = nn.Sequential(
            OrderedDict[str, nn.Module](
                scale=ImageNetInput(channels),
                vgg=_as_they_are(vgg),
                average=nn.AdaptiveAvgPool2d(1),
                flatten=nn.Flatten(),
            )
        )
        self.units = UnitAppearance(given.height, given.width)
        self.kinds = (CNN, self.units.length)
        self.length = sum(self.kinds)

    def forward(self, faces: Tensor) -> Tensor:
        """Faces (N, 1 or 3, H, W) to (N, length)."""
        return torch.cat([self.cnn(faces), self.units(faces)], dim=1)


def build_enhanced(given: Input, n_classes: int, pretrained: bool, grey: Grey = "repeat") -> nn.Module:
    """The Enhanced model for an input."""
    refuse_small(NAME, given)
    features = EnhancedFeatures(given, stem_channels(given.channels, grey), pretrained=pretrained)
    return ClassicalNetwork(NAME, features, LOGISTIC, n_classes, standardise=True, kinds=features.kinds)


def _regions() -> tuple[Layer, ...]:
    found = []
    for region, units in ACTION_UNITS.items():
        word = "action units" if len(units) > 1 else "action unit"
        numbers = ", ".join(map(str, units))
        place = f"features.units.regions.{region}"
        found.append(Layer(f"{region.replace('_', ', ')}: appearance for {word} {numbers}", place))
    return tuple(found)


enter(
    ModelEntry(
        name=NAME,
        title="The Enhanced model: CNN features, action units and cluster membership",
        family="classical",
        input=Input("frame", 3, 224, 224),
        build=build_enhanced,
        build_grey=partial(build_enhanced, grey="sum"),
        stages=(("features", "scale", "clusters"), ("decision",)),
        paper="Kalpana, Arun Kumar 2026, Machine learning-based analysis of facial expressions and emotion regulation "
        "through micro-expressions (EJETMS), section 4.2",
        doi="",
        resizable=True,
        any_channels=True,
        imagenet=True,
        layers=(
            Layer("deep CNN features: VGG-16 with ImageNet weights, its dense layers removed", "features.cnn.vgg"),
            *_regions(),
            Layer("k-means cluster membership", "clusters"),
            Layer("classifier", "decision"),
        ),
        open_points=(
            "The paper has no DOI in print.",
            "The paper says that this model joins action unit features and deep CNN features, and that clusters by "
            "k-means were tried with action units. It gives no layer, no feature and no classifier: all that follows "
            "is ours, and our figures test the idea, not the authors' program.",
            "CNN features: VGG-16 as in HybridMicroNet, its convolutions averaged over the picture (512 numbers), not "
            "trained further. With --weights imagenet they are torchvision's (timm/vgg16.tv_in1k), else drawn at "
            "random, always the same.",
            "Action unit features: the paper names neither the units nor a detector. Seven fixed boxes on the upright, "
            "cropped face in which units show (table above), each described by gradients of 8 orientations in a grid "
            "of cells (496 numbers; Dalal, Triggs 2005, doi:10.1109/CVPR.2005.177). They say how a region looks, not "
            "which unit is present, and they only lie right on an aligned face (--crop face).",
            "Both kinds are standardised by the training frames and weighed alike, each over the root of its length.",
            "Cluster membership: k-means on these features of the training frames, never of others (LK006), with 8 "
            "clusters, fewer where there are fewer than two frames a cluster. What joins the features is a soft "
            "membership: exp(-d / spread) of the squared distance d from each centre, adding to 1, the spread being "
            "the mean squared distance of a training frame from its own centre.",
            "Clusters of frames of few people may well be the people: membership may tell who somebody is.",
            "Classifier: multinomial logistic regression, C = 10, classes weighted to balance them.",
            "Accuracies differ within the paper: 93.21 and 95.62 % in Table 2, 94.31 and 96.72 % in Table 3 (SAMM, "
            "CASME II).",
        ),
    )
)
