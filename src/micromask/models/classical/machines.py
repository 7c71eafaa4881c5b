"""Support vector machines, one against one, on the arrays that LIBSVM leaves behind."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from micromask.models.classical.decision import Decision, shape_misfit


def pairs_of(classes: int) -> list[tuple[int, int]]:
    """The pairs of classes in LIBSVM's order.

    >>> pairs_of(3)
    [(0, 1), (0, 2), (1, 2)]
    """
    return [(i, j) for i in range(classes) for j in range(i + 1, classes)]


def pair_signs(classes: int) -> Tensor:
    """(pairs, classes): what a pair's decision says for its first class, and against its second.

    >>> pair_signs(3).tolist()
    [[1.0, -1.0, 0.0], [1.0, 0.0, -1.0], [0.0, 1.0, -1.0]]
    """
    signs = torch.zeros(len(pairs_of(classes)), classes)
    for row, (first, second) in enumerate(pairs_of(classes)):
        signs[row, first], signs[row, second] = 1, -1
    return signs


class LinearMachines(Decision):
    """A plane for each pair of classes: ``weight`` (pairs, F), ``intercept`` (pairs,); positive favours the first.

    A class's score is the sum of what its pairs say for it.

    Source
    ------
    Cortes, Vapnik 1995, doi:10.1007/BF00994018
    """

    weight: Tensor
    intercept: Tensor
    signs: Tensor

    def __init__(self, n_features: int, n_classes: int) -> None:
        super().__init__(n_features, n_classes, weight=torch.float32, intercept=torch.float32)
        self.register_buffer("signs", torch.empty(0), persistent=False)

    def misfit(self, arrays: Mapping[str, Tensor]) -> str:
        """See `FittedArrays`."""
        pairs = len(pairs_of(arrays["present"].numel()))
        return super().misfit(arrays) or shape_misfit(arrays, weight=(pairs, self.n_features), intercept=(pairs,))

    def settle(self) -> None:
        """See `FittedArrays`."""
        super().settle()
        self.signs = pair_signs(len(self.present)).to(self.weight.device)

    def pair_decisions(self, features: Tensor) -> Tensor:
        """(N, F) to (N, pairs), in the order 0-1, 0-2, ..., 1-2, ..."""
        return features @ self.weight.T + self.intercept

    def scores(self, features: Tensor) -> Tensor:
        """See `Decision`."""
        return self.pair_decisions(features) @ self.signs


class RbfMachines(Decision):
    """Machines with the kernel exp(-gamma |x - y|^2) for each pair of classes.

    ``support`` (S, F) holds the support vectors grouped by class, ``per_class`` (P,) how many each class has, ``dual``
    (P - 1, S) the dual coefficients, ``intercept`` (pairs,) the offsets and ``gamma`` (1,) the kernel's: the arrays of
    `models.flow_histogram.SupportVectorMachine`. A class's score is the sum of what its pairs say for it.

    Source
    ------
    Cortes, Vapnik 1995, doi:10.1007/BF00994018; Chang, Lin 2011, doi:10.1145/1961189.1961199
    """

    support: Tensor
    per_class: Tensor
    dual: Tensor
    intercept: Tensor
    gamma: Tensor
    by_pair: Tensor
    signs: Tensor

    def __init__(self, n_features: int, n_classes: int) -> None:
        kinds = dict.fromkeys(("support", "dual", "intercept", "gamma"), torch.float32)
        super().__init__(n_features, n_classes, per_class=torch.int64, **kinds)
        self.register_buffer("by_pair", torch.empty(0), persistent=False)
        self.register_buffer("signs", torch.empty(0), persistent=False)

    def misfit(self, arrays: Mapping[str, Tensor]) -> str:
        """See `FittedArrays`."""
        classes, vectors = arrays["present"].numel(), arrays["support"].shape[:1].numel()
        pairs = len(pairs_of(classes))
        wrong = super().misfit(arrays) or shape_misfit(
            arrays,
            support=(vectors, self.n_features),
            per_class=(classes,),
            dual=(classes - 1, vectors),
            intercept=(pairs,),
            gamma=(1,),
        )
        if wrong:
            return wrong
        counts = arrays["per_class"]
        if bool((counts < 1).any()) or int(counts.sum()) != vectors:
            return f"per_class must be 1 or more each and add to {vectors} support vectors, got {counts.tolist()}"
        return "" if bool((arrays["gamma"] > 0).all()) else "gamma must be positive"

    def settle(self) -> None:
        """See `FittedArrays`; lays the coefficients out as one row a pair."""
        super().settle()
        ends = self.per_class.cumsum(0).tolist()
        own = [slice(end - count, end) for end, count in zip(ends, self.per_class.tolist(), strict=True)]
        pairs = pairs_of(len(own))
        self.by_pair = torch.zeros(len(pairs), len(self.support), device=self.dual.device)
        for row, (i, j) in enumerate(pairs):
            # A vector of class i stands against class j in row j - 1 of the dual where j > i, else in row j.
            self.by_pair[row, own[i]] = self.dual[j - 1, own[i]]
            self.by_pair[row, own[j]] = self.dual[i, own[j]]
        self.signs = pair_signs(len(own)).to(self.dual.device)

    def pair_decisions(self, features: Tensor) -> Tensor:
        """(N, F) to (N, pairs), in the order 0-1, 0-2, ..., 1-2, ..."""
        apart = features.square().sum(1, keepdim=True) + self.support.square().sum(1) - 2 * features @ self.support.T
        kernel = torch.exp(-self.gamma * apart.clamp_min(0))
        return kernel @ self.by_pair.T + self.intercept

    def scores(self, features: Tensor) -> Tensor:
        """See `Decision`."""
        return self.pair_decisions(features) @ self.signs
