"""A decision tree, or the mean of many: walked level by level, all samples and all trees at once."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from micromask.models.classical.arrays import Arrays, Method, shape_misfit
from micromask.models.classical.decision import FLOOR


def _log_shares(features: Tensor, arrays: Arrays) -> Tensor:
    """(N, F) to (N, P): the log of each class's mean share over the trees."""
    node = arrays["roots"].expand(features.shape[0], -1)
    for _ in range(len(arrays["levels"])):
        low = features.gather(1, arrays["feature"][node]) <= arrays["threshold"][node]
        node = torch.where(low, arrays["left"][node], arrays["right"][node])
    return arrays["share"][node].mean(dim=1).clamp_min(FLOOR).log()


def _levels(arrays: Arrays) -> dict[str, Tensor]:
    """``levels``, the numbers of the levels of the deepest tree: its length says how long a walk can be."""
    left, right, here = (arrays[name].cpu().numpy() for name in ("left", "right", "roots"))
    levels = 0
    while len(here := here[left[here] != here]):
        levels += 1
        here = np.unique(np.concatenate([left[here], right[here]]))
    return {"levels": torch.arange(levels, device=arrays["roots"].device)}


def _misfit(arrays: Arrays, n_features: int) -> str:
    """What is wrong; children must come after their parent, so that every walk ends."""
    nodes, trees = arrays["feature"].numel(), max(arrays["roots"].numel(), 1)
    own = dict.fromkeys(("feature", "threshold", "left", "right"), (nodes,))
    wrong = shape_misfit(arrays, roots=(trees,), **own, share=(nodes, arrays["present"].numel()))
    if wrong:
        return wrong
    place = torch.arange(nodes, device=arrays["left"].device)
    left, right = arrays["left"], arrays["right"]
    leaf = (left == place) & (right == place)
    if not bool((leaf | ((left > place) & (right > place))).all()) or max(int(left.max()), int(right.max())) >= nodes:
        return "a tree's nodes must lead on to later nodes, or be leaves"
    for name, limit in (("roots", nodes), ("feature", n_features)):
        if int(arrays[name].min()) < 0 or int(arrays[name].max()) >= limit:
            return f"{name} must be 0 to {limit - 1}"
    return ""


TREES = Method(
    {
        **dict.fromkeys(("roots", "feature", "left", "right"), torch.int64),
        **dict.fromkeys(("threshold", "share"), torch.float32),
    },
    _misfit,
    _log_shares,
    _levels,
)
"""Trees over shared features; a class's score is the log of its mean share in the leaves that a sample reaches.

The nodes of all trees stand one after another: ``roots`` (T,) say where each begins; ``feature``, ``threshold``,
``left`` and ``right`` (M,) are the question of each node, `is this feature at most the threshold?`, and where yes and
no lead. A leaf leads to itself. ``share`` (M, P) are the classes' shares of each node. Shares below a millionth count
as one, so that the log is finite.

Source
------
Breiman, Friedman, Olshen, Stone 1984, doi:10.1201/9781315139470; Breiman 2001, doi:10.1023/A:1010933404324
"""
