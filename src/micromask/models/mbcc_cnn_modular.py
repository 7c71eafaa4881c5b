"""MBCC-CNN as its figures draw it: residual, Network-in-Network and tree modules, joined before one global average."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import torch
from torch import Tensor, nn

from micromask.models.catalogue import Layer, ModelEntry, enter
from micromask.models.inputs import Input, check_size
from micromask.models.mbcc_cnn import PAPER

Fusion = Literal["add", "concatenate"]

SMALLEST = 33
"""Pixels a side that leave one after the stem and four pools: 33, 31, 15, 7, 3, 1."""

WIDTHS = (72, 144)
"""Channels of the modules of the first and of the second level."""


def _step(before: int, after: int, kernel: int = 3, padding: int | None = None) -> nn.Sequential:
    """A convolution that keeps the size, batch norm, relu."""
    convolution = nn.Conv2d(before, after, kernel, padding=kernel // 2 if padding is None else padding)
    return nn.Sequential(convolution, nn.BatchNorm2d(after), nn.ReLU())


def _steps(width: int, count: int) -> nn.Sequential:
    return nn.Sequential(*(_step(width, width) for _ in range(count)))


class Fuse(nn.Module):
    """Several planes of one width become one of that width: added, or laid side by side and mixed by a 1 x 1 step.

    >>> planes = [torch.ones(1, 8, 4, 4)] * 4
    >>> Fuse(8, 4, "add")(planes).mean(), Fuse(8, 4, "concatenate")(planes).shape
    (tensor(4.), torch.Size([1, 8, 4, 4]))
    """

    def __init__(self, width: int, count: int, how: Fusion) -> None:
        super().__init__()
        self.mix = _step(count * width, width, kernel=1) if how == "concatenate" else None

    def forward(self, planes: Sequence[Tensor]) -> Tensor:
        """Planes, each (N, width, H, W), to (N, width, H, W)."""
        if self.mix is None:
            return torch.stack(list(planes)).sum(dim=0)
        mixed: Tensor = self.mix(torch.cat(list(planes), dim=1))
        return mixed


class ResidualModule(nn.Module):
    """Module 1: two convolutions, and a shortcut that is added to what they give.

    The number of channels changes on the way, so the shortcut has a convolution of its own.
    """

    def __init__(self, before: int, width: int) -> None:
        super().__init__()
        self.shortcut = nn.Sequential(nn.Conv2d(before, width, 3, padding=1), nn.ReLU(), nn.BatchNorm2d(width))
        self.body = nn.Sequential(_step(before, width), nn.Conv2d(width, width, 3, padding=1), nn.BatchNorm2d(width))

    def forward(self, planes: Tensor) -> Tensor:
        """Planes (N, before, H, W) to (N, width, H, W)."""
        return torch.relu(self.shortcut(planes) + self.body(planes))


class NetworkInNetworkModule(nn.Module):
    """Module 2: a convolution, four branches that see 1, 3, 5 and 7 px far, their fusion, and a pool that halves."""

    def __init__(self, width: int, fusion: Fusion) -> None:
        super().__init__()
        self.stem = _step(width, width)
        self.branches = nn.ModuleList([_step(width, width, kernel=1), *(_steps(width, count) for count in (1, 2, 3))])
        self.fuse = Fuse(width, len(self.branches), fusion)
        self.pool = nn.MaxPool2d(3, stride=2)

    def forward(self, planes: Tensor) -> Tensor:
        """Planes (N, width, H, W) to (N, width, (H - 1) // 2, (W - 1) // 2)."""
        planes = self.stem(planes)
        pooled: Tensor = self.pool(self.fuse([branch(planes) for branch in self.branches]))
        return pooled


class TreeModule(nn.Module):
    """Module 3: a trunk, two boughs with a pool each, two twigs on each bough, their fusion, and a last convolution."""

    def __init__(self, width: int, fusion: Fusion) -> None:
        super().__init__()
        self.trunk = _step(width, width)
        self.boughs = nn.ModuleList(_step(width, width) for _ in range(2))
        self.pool = nn.MaxPool2d(3, stride=2)
        self.twigs = nn.ModuleList(_step(width, width) for _ in range(4))
        self.fuse = Fuse(width, len(self.twigs), fusion)
        self.last = _step(width, width)

    def forward(self, planes: Tensor) -> Tensor:
        """Planes (N, width, H, W) to (N, width, (H - 1) // 2, (W - 1) // 2)."""
        trunk = self.trunk(planes)
        boughs = [self.pool(bough(trunk)) for bough in self.boughs]
        grown: Tensor = self.last(self.fuse([twig(boughs[number // 2]) for number, twig in enumerate(self.twigs)]))
        return grown


class Level(nn.Module):
    """The three modules one after the other; both pools together make a side a quarter of what it was."""

    def __init__(self, before: int, width: int, fusion: Fusion) -> None:
        super().__init__()
        self.residual = ResidualModule(before, width)
        self.network_in_network = NetworkInNetworkModule(width, fusion)
        self.tree = TreeModule(width, fusion)

    def forward(self, planes: Tensor) -> Tensor:
        """Planes (N, before, H, W) to (N, width, about H/4, about W/4)."""
        grown: Tensor = self.tree(self.network_in_network(self.residual(planes)))
        return grown


class MbccCNNModular(nn.Module):
    """A convolution, two levels of three modules, a cross connection, one more convolution, global average pooling.

    The cross connection carries what the first level gives past the second, pooled as that pools, and lays it beside
    the second's.

    Parameters
    ----------
    given : Input
        Frames of 33 x 33 px or more; the paper's are 64 x 64, grey.
    n_classes : int
    fusion : {"add", "concatenate"}
        How a module joins its branches: equation 5 adds them, the captions of Figures 5 and 6 concatenate them.

    Raises
    ------
    BadInputError
        If the frames are smaller.

    Source
    ------
    Sharma et al. 2025, Journal of Information Systems Engineering and Management 10(61s), Figures 3 to 6; numbers of
    channels and the order of the modules as Shi et al. 2021, doi:10.1109/ACCESS.2021.3063493, published them

    Examples
    --------
    >>> MbccCNNModular(Input("frame", 1, 33, 33), 7)(torch.zeros(2, 1, 33, 33)).shape
    torch.Size([2, 7])
    """

    def __init__(self, given: Input, n_classes: int, fusion: Fusion = "add") -> None:
        super().__init__()
        check_size("mbcc-cnn-modular", given, SMALLEST)
        narrow, wide = WIDTHS
        self.stem = _step(given.channels, 32, padding=0)
        self.first = Level(32, narrow, fusion)
        self.second = Level(narrow, wide, fusion)
        self.cross = nn.Sequential(nn.MaxPool2d(3, stride=2), nn.MaxPool2d(3, stride=2))
        self.last = _step(narrow + wide, 2 * wide)
        self.average = nn.AdaptiveAvgPool2d(1)
        self.head = nn.Linear(2 * wide, n_classes)

    def forward(self, frames: Tensor) -> Tensor:
        """Frames (N, C, H, W) float to logits (N, n_classes)."""
        early = self.first(self.stem(frames))
        joined = torch.cat([self.cross(early), self.second(early)], dim=1)
        logits: Tensor = self.head(self.average(self.last(joined)).flatten(1))
        return logits


enter(
    ModelEntry(
        name="mbcc-cnn-modular",
        title="Multi-branch cross-connection CNN, of modules",
        family="frame network",
        input=Input("frame", 1, 64, 64),
        build=lambda given, n_classes, pretrained: MbccCNNModular(given, n_classes),
        stages=(("stem", "first"), ("second",), ("last",), ("head",)),
        paper=(
            f"{PAPER}; after Shi, Tan, Wang 2021, A facial expression recognition method based on a multibranch "
            "cross-connection convolutional neural network, IEEE Access 9, whose DOI this is"
        ),
        doi="10.1109/ACCESS.2021.3063493",
        resizable=True,
        any_channels=True,
        layers=(
            Layer("convolution before the modules", "stem"),
            Layer("module 1: residual, with a shortcut", "first.residual"),
            Layer("module 2: four Network-in-Network branches", "first.network_in_network.branches"),
            Layer("module 2: branches fused, pooled", "first.network_in_network"),
            Layer("module 3: tree, four twigs", "first.tree.twigs"),
            Layer("module 3: twigs fused, convolution", "first.tree"),
            Layer("module 1 again, twice as wide", "second.residual"),
            Layer("module 2 again", "second.network_in_network"),
            Layer("module 3 again", "second.tree"),
            Layer("cross connection between levels", "cross"),
            Layer("concatenation of the levels", ""),
            Layer("convolution after the modules", "last"),
            Layer("global average pooling", "average"),
            Layer("softmax over the classes", "head"),
        ),
        open_points=(
            "The paper's text describes this network and a dual-branch one, which it trains: that one is mbcc-cnn.",
            "Channels, kernels, order and repetition of the modules are not given: those of the code that Shi et al. "
            "published, 72 and 144 channels, each module twice, batch norm and relu after each convolution.",
            "Modules 2 and 3 add their branches by equation 5 and concatenate them by the captions of Figures 5 and 6: "
            "added, as Shi et al. do; MbccCNNModular(fusion='concatenate') is the other reading, with a 1 x 1 "
            "convolution that keeps the number of channels.",
            "Figure 4 names a concatenation in the residual module, the text a shortcut that the input takes: added, "
            "with a convolution on the shortcut, because the number of channels changes.",
            "Where branches are concatenated before the pooling and where the cross connection leads is not given: "
            "from the first level to before the last convolution; in the code of Shi et al. it is the shortcut alone.",
            "The size of Shi et al. is 48 x 48 px, the paper's 64 x 64: the paper's.",
            "Pixels may lie in [0, 1] or in [-1, 1]: [0, 1].",
        ),
    )
)
