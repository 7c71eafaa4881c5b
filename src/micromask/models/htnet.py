"""A hierarchical transformer after HTNet: attention within four areas of the face, then between them."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from micromask.models.catalogue import Layer, ModelEntry, enter
from micromask.models.inputs import Input

PATCH = 7
"""Pixels a side of one token."""


class ChannelNorm(nn.Module):
    """Layer norm over the planes of each place, for (N, planes, H, W)."""

    def __init__(self, planes: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(planes)

    def forward(self, planes: Tensor) -> Tensor:
        """The same shape out."""
        normed: Tensor = self.norm(planes.movedim(1, -1))
        return normed.movedim(-1, 1)


class SelfAttention(nn.Module):
    """Multi-head self-attention over tokens (N, T, width), after a layer norm; what comes out is added to them."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.norm = nn.LayerNorm(width)
        self.query_key_value = nn.Linear(width, 3 * width, bias=False)
        self.out = nn.Linear(width, width)

    def forward(self, tokens: Tensor) -> Tensor:
        """The same shape out."""
        _, length, width = tokens.shape
        parts = self.query_key_value(self.norm(tokens)).reshape(-1, length, 3, self.heads, width // self.heads)
        query, key, value = parts.permute(2, 0, 3, 1, 4)
        seen = nn.functional.scaled_dot_product_attention(query, key, value)
        added: Tensor = self.out(seen.transpose(1, 2).flatten(2))
        return tokens + added


class FeedForward(nn.Module):
    """Two layers, the first four times as wide, over each token after a layer norm; added to the tokens."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.steps = nn.Sequential(
            nn.LayerNorm(width), nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width)
        )

    def forward(self, tokens: Tensor) -> Tensor:
        """The same shape out."""
        added: Tensor = self.steps(tokens)
        return tokens + added


class AreaTransformer(nn.Module):
    """Transformer blocks in which a token sees only those of its own area.

    Parameters
    ----------
    width, heads, depth : int
    areas : int
        Areas a side: 2 for the four quarters of the face, 1 for the whole.
    side : int
        Tokens a side of one area.
    """

    def __init__(self, width: int, heads: int, depth: int, areas: int, side: int) -> None:
        super().__init__()
        self.areas, self.side = areas, side
        self.place = nn.Parameter(0.02 * torch.randn(side * side, width))
        self.blocks = nn.Sequential(
            *(step for _ in range(depth) for step in (SelfAttention(width, heads), FeedForward(width)))
        )

    def forward(self, planes: Tensor) -> Tensor:
        """(N, width, areas * side, areas * side), and the same out."""
        areas, side = self.areas, self.side
        width = planes.shape[1]
        split = planes.reshape(-1, width, areas, side, areas, side).permute(0, 2, 4, 3, 5, 1)
        tokens: Tensor = self.blocks(split.reshape(-1, side * side, width) + self.place)
        back = tokens.reshape(-1, areas, areas, side, side, width).permute(0, 5, 1, 3, 2, 4)
        return back.reshape(-1, width, areas * side, areas * side)


class HierarchicalTransformer(nn.Module):
    """Four areas of the face, each read by itself, then all together; for maps of 28 x 28 pixels.

    The map becomes 4 x 4 tokens of 7 x 7 pixels. In each quarter of the face (the two eyes, the two corners of the
    mouth) its 2 x 2 tokens attend to one another. An aggregation block, a 3 x 3 convolution, layer norm and a max pool
    of stride 2, makes one token of each quarter, and these four attend to one another. Their mean goes to the classes.

    Parameters
    ----------
    classes : int
    width : int
        Numbers of a token; twice as many after the aggregation. Divisible by ``heads``.
    heads : int
        Twice as many after the aggregation.
    depth : (int, int)
        Transformer blocks before and after the aggregation.

    Source
    ------
    After Wang, Zhang, Luo, Sankaranarayana, HTNet, arXiv:2307.14637; code of the authors:
    https://github.com/wangzhifengharrison/HTNet

    Examples
    --------
    >>> HierarchicalTransformer(3)(torch.zeros(2, 3, 28, 28)).shape
    torch.Size([2, 3])
    """

    def __init__(self, classes: int = 3, width: int = 96, heads: int = 3, depth: tuple[int, int] = (2, 2)) -> None:
        super().__init__()
        self.tokens = nn.Conv2d(3, width, PATCH, stride=PATCH)
        self.local = AreaTransformer(width, heads, depth[0], areas=2, side=2)
        self.aggregate = nn.Sequential(
            nn.Conv2d(width, 2 * width, 3, padding=1), ChannelNorm(2 * width), nn.MaxPool2d(3, stride=2, padding=1)
        )
        self.whole = AreaTransformer(2 * width, 2 * heads, depth[1], areas=1, side=2)
        self.norm = ChannelNorm(2 * width)
        self.head = nn.Linear(2 * width, classes)

    def forward(self, maps: Tensor) -> Tensor:
        """Maps (N, 3, 28, 28) float to logits (N, classes)."""
        face = self.whole(self.aggregate(self.local(self.tokens(maps))))
        logits: Tensor = self.head(self.norm(face).mean(dim=(2, 3)))
        return logits


enter(
    ModelEntry(
        name="htnet",
        title="Hierarchical transformer after HTNet",
        family="motion network",
        input=Input("motion", 3, 28, 28, low=-1.0),
        build=lambda given, n_classes, pretrained: HierarchicalTransformer(n_classes),
        stages=(("tokens",), ("local",), ("aggregate",), ("whole", "norm"), ("head",)),
        paper="After Wang, Zhang, Luo, Sankaranarayana 2024, HTNet for micro-expression recognition, arXiv:2307.14637",
        doi="10.48550/arXiv.2307.14637",
        layers=(
            Layer("patches of 7 x 7 pixels to tokens", "tokens"),
            Layer("transformer layers with self-attention inside each of four areas", "local"),
            Layer("aggregation: convolution 3 x 3, layer norm, max pool 3 x 3 of stride 2", "aggregate"),
            Layer("transformer layers over the coarser areas", "whole"),
            Layer("layer norm, mean over the tokens", "norm"),
            Layer("fully connected to classes", "head"),
        ),
        open_points=(
            "Like HTNet and not equal to it. Two levels instead of three: with 4 x 4 tokens, the authors' three levels "
            "leave one token to each area at every level, so that attention has nothing to choose from.",
            "The areas are the quarters of the aligned map. The authors cut 14 x 14 pixels around the eyes and the "
            "corners of the mouth, found by landmarks, and put the four side by side as one map; the common motion map "
            "carries no landmarks.",
            "Width 96 with 3 heads and 2 + 2 blocks instead of 256 with 3 heads (which do not divide it) and "
            "2 + 2 + 10 blocks, as in the published code: 1.3 million weights instead of 140, for some "
            "hundred maps and a CPU.",
            "A place has a learnt vector; in the authors' code one number for all planes.",
            "The authors feed 0 to 255; here -1 to 1, so that the tokens start as small as what attention adds to them "
            "and what all maps have in common does not drown the rest.",
        ),
    )
)
