"""Every model by name: what it reads is declared with it, so that nothing else needs special cases."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from torch import Tensor, nn

from micromask.core.errors import BadInputError
from micromask.core.registry import Registry
from micromask.models.imagenet import Grey
from micromask.models.inputs import Input

Family = Literal["frame network", "motion network", "sequence network", "classical"]


Build = Callable[[Input, int, bool], nn.Module]
"""From the input, the number of classes and whether ImageNet weights are wanted, to a network: inputs to logits."""


@dataclass(frozen=True, slots=True)
class Layer:
    """A row of the table that sets the paper's network beside ours.

    ``paper`` is what the paper says of it in few words, ``ours`` the name of our module (a prefix of ``named_modules``;
    empty where we have none of its own, such as a relu inside another step).
    """

    paper: str
    ours: str


@dataclass(frozen=True, slots=True)
class ModelEntry:
    """A model of the catalogue: where it is from, what it reads and how it is built.

    ``stages`` names the network's parts from the input to the output, each a tuple of prefixes of parameter names; the
    last one is the head. Freezing goes by them. ``resizable`` and ``any_channels`` say whether another size or number
    of channels may be asked for. ``imagenet`` says whether ImageNet weights can be loaded. ``layers`` set the paper's
    table of layers beside ours; ``open_points`` are what the paper leaves open and how it was settled, a sentence each.
    ``build_grey`` builds the network with a stem for one channel, summed from that for three, where there is such a
    choice.
    """

    name: str
    title: str
    family: Family
    input: Input
    build: Build
    stages: tuple[tuple[str, ...], ...]
    paper: str
    doi: str
    resizable: bool = False
    any_channels: bool = False
    imagenet: bool = False
    layers: tuple[Layer, ...] = ()
    open_points: tuple[str, ...] = ()
    build_grey: Build | None = None


MOST_CLASSES = 100_000
"""More than any label set has, ImageNet's 21,843 among them; a slip of the hand would fill the memory."""

MOST_SIDE = 4096
"""Pixels a side of what a model reads, at most: no face in a film is larger."""

models: Registry[ModelEntry] = Registry("model")
"""Filled when `micromask.models.known` is imported, as every name of `micromask.models` sees to."""


def enter(entry: ModelEntry) -> ModelEntry:
    """Put a model into the catalogue under its name."""
    return models.add(entry.name)(entry)


class Model(nn.Module):
    """A network and the promise that goes with it: its name, its input, its number of classes, its stages."""

    def __init__(
        self, entry: ModelEntry, given: Input, n_classes: int, network: nn.Module, grey: Grey = "repeat"
    ) -> None:
        super().__init__()
        self.name = entry.name
        self.input = given
        self.n_classes = n_classes
        self.stages = entry.stages
        self.grey = grey
        self.network = network

    def forward(self, inputs: Tensor) -> Tensor:
        """Inputs (N, *input.shape) to logits (N, n_classes).

        Raises
        ------
        BadInputError
            If the shape is another one.
        """
        if tuple(inputs.shape[1:]) != self.input.shape or inputs.ndim != len(self.input.shape) + 1:
            raise BadInputError(f"{self.name} reads {self.input}, got {tuple(inputs.shape)}")
        logits: Tensor = self.network(inputs)
        return logits


def entry_of(name: str) -> ModelEntry:
    """The entry of a model of the catalogue, or of any network of timm by ``timm:NAME``.

    Raises
    ------
    BadInputError
        If there is no such model; the message names the nearest one.
    """
    if name.startswith("timm:"):
        from micromask.models.timm_networks import timm_entry

        return timm_entry(name.removeprefix("timm:"))
    return models[name]


def create(
    name: str,
    n_classes: int,
    weights: str | Path = "none",
    *,
    size: tuple[int, int] | None = None,
    channels: int | None = None,
    grey: Grey = "repeat",
    classes: Sequence[str] | None = None,
) -> Model:
    """A model by name, ready to be trained or, with weights of one's own, to be used.

    Parameters
    ----------
    name : str
        A name in ``models``, or ``timm:NAME``.
    n_classes : int
        Two to MOST_CLASSES.
    weights : {"none", "imagenet"} or path
        Drawn from torch's generator, ImageNet's for the feature extractor, or a file that `save_model` wrote.
    size : (height, width)
        Where the model can take another size than it declares; else its own, or that of the file.
    channels : int
        1 for grey or 3 for colour, where the model can take either; else its own, or that of the file.
    grey : {"repeat", "sum"}
        How one channel enters a network that was made for three: repeated inside (exactly what the grey picture in
        colour gives), or through a stem whose weights are summed (cheaper, and as exact as ImageNet's three means and
        spreads are equal). Only with ``channels=1``, of a network that can have ImageNet weights.
    classes : sequence of str
        The classes in their order, which those of a file have to be.

    Raises
    ------
    BadInputError
        If there is no such model, it cannot take that size or number of channels, or the weights do not fit.

    Examples
    --------
    >>> from micromask.models import create
    >>> create("ststnet", 3).input.shape
    (3, 28, 28)
    """
    from micromask.models import known  # noqa: F401  (it enters the models, and each of them imports this module)

    entry = entry_of(name)
    if n_classes < 2:
        raise BadInputError(f"{name}: a model tells two classes or more apart, got n_classes={n_classes}")
    if n_classes > MOST_CLASSES:
        raise BadInputError(f"{name}: a model tells {MOST_CLASSES:,} classes at most apart, got n_classes={n_classes}")
    if classes is not None and len(classes) != n_classes:
        raise BadInputError(f"{name}: n_classes is {n_classes}, got {len(classes)} classes: {', '.join(classes)}")
    given = asked_input(entry, size, channels)
    if weights not in ("none", "imagenet"):
        from micromask.models.store import load_model

        if not Path(weights).exists():
            raise BadInputError(f"{name}: no such weights {weights}: give 'none', 'imagenet' or a file of weights")
        stem = None if grey == "repeat" else grey
        return load_model(
            weights, name=name, n_classes=n_classes, size=size, channels=channels, grey=stem, classes=classes
        )[0]
    if weights == "imagenet" and not entry.imagenet:
        able = ", ".join(each for each in models if models[each].imagenet)
        raise BadInputError(
            f"{name} has no ImageNet weights: ask for weights 'none'; those that have: {able}, timm:NAME"
        )
    build = _builder(entry, given, grey)
    return Model(entry, given, n_classes, build(given, n_classes, weights == "imagenet"), grey)


def _builder(entry: ModelEntry, given: Input, grey: Grey) -> Build:
    if grey == "repeat":
        return entry.build
    if grey != "sum":
        raise BadInputError(f"{entry.name}: grey is 'repeat' or 'sum', got {grey!r}")
    if entry.build_grey is None or given.channels != 1:
        raise BadInputError(
            f"{entry.name}: grey='sum' sums a stem for three channels, and this one reads {given.channels} with a "
            "stem of its own: leave it out, or ask for channels=1 where the network can have ImageNet weights"
        )
    return entry.build_grey


def asked_input(entry: ModelEntry, size: tuple[int, int] | None, channels: int | None) -> Input:
    """What a model reads where another size or number of channels is asked for; BadInputError where it cannot."""
    given = entry.input
    if size is not None and size != (given.height, given.width):
        if not entry.resizable:
            raise BadInputError(
                f"{entry.name} reads {given.height} x {given.width} px only, asked for {size[0]} x {size[1]}"
            )
        if min(size) < 1 or max(size) > MOST_SIDE:
            raise BadInputError(
                f"{entry.name} reads 1 to {MOST_SIDE:,} px a side, asked for {size[0]} x {size[1]}; its own are "
                f"{given.height} x {given.width}"
            )
        given = replace(given, height=size[0], width=size[1])
    if channels is not None and channels != given.channels:
        if not entry.any_channels or channels not in (1, 3):
            able = "1 channel or 3" if entry.any_channels else f"{given.channels} channels only"
            raise BadInputError(f"{entry.name} reads {able}, asked for {channels}")
        given = replace(given, channels=channels)
    return given
