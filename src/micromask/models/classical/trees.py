"""A decision tree, or the mean of many: walked level by level, all samples and all trees at once."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch
from torch import Tensor

from micromask.models.classical.decision import FLOOR, Decision, shape_misfit


class Trees(Decision):
    """Trees over shared features; a class's score is the log of its mean share in the leaves that a sample reaches.

    The nodes of all trees stand one after another: ``roots`` (T,) say where each begins; ``feature``, ``threshold``,
    ``left`` and ``right`` (M,) are the question of each node, `is this feature at most the threshold?`, and where yes
    and no lead. A leaf leads to itself. ``share`` (M, P) are the classes' shares of each node. Shares below a millionth
    count as one, so that the log is finite.

    Source
    ------
    Breiman, Friedman, Olshen, Stone 1984, doi:10.1201/9781315139470; Breiman 2001, doi:10.1023/A:1010933404324
    """

    roots: Tensor
    feature: Tensor
    threshold: Tensor
    left: Tensor
    right: Tensor
    share: Tensor

    def __init__(self, n_features: int, n_classes: int) -> None:
        whole = dict.fromkeys(("roots", "feature", "left", "right"), torch.int64)
        super().__init__(n_features, n_classes, **whole, threshold=torch.float32, share=torch.float32)
        self.levels = 0

    def misfit(self, arrays: Mapping[str, Tensor]) -> str:
        """See `FittedArrays`; children must come after their parent, so that every walk ends."""
        nodes, trees = arrays["feature"].numel(), max(arrays["roots"].numel(), 1)
        own = dict.fromkeys(("feature", "threshold", "left", "right"), (nodes,))
        wrong = super().misfit(arrays) or shape_misfit(
            arrays, roots=(trees,), **own, share=(nodes, arrays["present"].numel())
        )
        if wrong:
            return wrong
        place = torch.arange(nodes, device=arrays["left"].device)
        left, right = arrays["left"], arrays["right"]
        leaf = (left == place) & (right == place)
        if (
            not bool((leaf | ((left > place) & (right > place))).all())
            or max(int(left.max()), int(right.max())) >= nodes
        ):
            return "a tree's nodes must lead on to later nodes, or be leaves"
        for name, limit in (("roots", nodes), ("feature", self.n_features)):
            if int(arrays[name].min()) < 0 or int(arrays[name].max()) >= limit:
                return f"{name} must be 0 to {limit - 1}"
        return ""

    def settle(self) -> None:
        """See `FittedArrays`; counts the levels of the deepest tree."""
        super().settle()
        self.levels = 0
        left, right, here = (each.cpu().numpy() for each in (self.left, self.right, self.roots))
        while len(here := here[left[here] != here]):
            self.levels += 1
            here = np.unique(np.concatenate([left[here], right[here]]))

    def shares(self, features: Tensor) -> Tensor:
        """(N, F) to (N, P): the mean share of each class over the trees."""
        node = self.roots.expand(features.shape[0], -1)
        for _ in range(self.levels):
            low = features.gather(1, self.feature[node]) <= self.threshold[node]
            node = torch.where(low, self.left[node], self.right[node])
        return self.share[node].mean(dim=1)

    def scores(self, features: Tensor) -> Tensor:
        """See `Decision`."""
        return self.shares(features).clamp_min(FLOOR).log()
