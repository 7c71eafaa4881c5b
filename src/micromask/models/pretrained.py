"""What all networks with ImageNet weights have in common as entries of the catalogue."""

from __future__ import annotations

from functools import partial
from typing import Protocol

from torch import nn

from micromask.models.catalogue import Layer, ModelEntry, enter
from micromask.models.imagenet import Grey
from micromask.models.inputs import Input


class Build(Protocol):
    """From the input, the number of classes, whether ImageNet weights are wanted and how grey enters, to a network."""

    def __call__(self, given: Input, n_classes: int, pretrained: bool, grey: Grey = "repeat") -> nn.Module:
        """See the class."""


def enter_pretrained(
    name: str,
    title: str,
    build: Build,
    *,
    side: int,
    stages: tuple[tuple[str, ...], ...],
    paper: str,
    doi: str,
    layers: tuple[Layer, ...],
    open_points: tuple[str, ...],
) -> ModelEntry:
    """Enter a network that reads one frame of any size, grey or colour, and can begin with ImageNet weights.

    ``side`` is that of the square frame that it declares; the rest is as in `ModelEntry`.
    """
    return enter(
        ModelEntry(
            name=name,
            title=title,
            family="frame network",
            input=Input("frame", 3, side, side),
            build=build,
            build_grey=partial(build, grey="sum"),
            stages=stages,
            paper=paper,
            doi=doi,
            resizable=True,
            any_channels=True,
            imagenet=True,
            layers=layers,
            open_points=open_points,
        )
    )


def resnet_stages(*head: str) -> tuple[tuple[str, ...], ...]:
    """A ResNet of timm from its stem to its fourth layer, and the head that stands on it.

    >>> resnet_stages("backbone.fc")[-2:]
    (('backbone.layer4',), ('backbone.fc',))
    """
    stem = ("backbone.conv1", "backbone.bn1")
    return (stem, *((f"backbone.layer{number}",) for number in range(1, 5)), head)
