"""Support vector machines, one against one, on the arrays that LIBSVM leaves behind.

A class's score is the sum of what its pairs say for it.

Source
------
Cortes, Vapnik 1995, doi:10.1007/BF00994018; Chang, Lin 2011, doi:10.1145/1961189.1961199
"""

from __future__ import annotations

import torch
from torch import Tensor

from micromask.models.classical.arrays import Arrays, Method, shape_misfit


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


def linear_decisions(features: Tensor, arrays: Arrays) -> Tensor:
    """(N, F) to (N, pairs), in the order 0-1, 0-2, ..., 1-2, ...; positive favours the pair's first class."""
    return torch.addmm(arrays["intercept"], features, arrays["weight"].T)


def radial_decisions(features: Tensor, arrays: Arrays) -> Tensor:
    """The same by the kernel exp(-gamma |x - y|^2)."""
    support = arrays["support"]
    apart = features.square().sum(1, keepdim=True) + support.square().sum(1) - 2 * features @ support.T
    kernel = torch.exp(-arrays["gamma"] * apart.clamp_min(0))
    return torch.addmm(arrays["intercept"], kernel, _by_pair(arrays).T)


def _by_pair(arrays: Arrays) -> Tensor:
    """(pairs, S): the dual coefficients, laid out as one row a pair."""
    dual, per_class = arrays["dual"], arrays["per_class"]
    first, second = torch.tensor(pairs_of(len(per_class)), device=dual.device).unbind(1)
    owner = (torch.arange(dual.shape[1], device=dual.device)[:, None] >= per_class.cumsum(0)).sum(1)
    # A vector of class i stands against class j in row j - 1 of the dual where j > i, else in row j.
    return (owner == first[:, None]) * dual[second - 1] + (owner == second[:, None]) * dual[first]


def _linear_misfit(arrays: Arrays, n_features: int) -> str:
    pairs = len(pairs_of(arrays["present"].numel()))
    return shape_misfit(arrays, weight=(pairs, n_features), intercept=(pairs,))


def _radial_misfit(arrays: Arrays, n_features: int) -> str:
    classes, vectors = arrays["present"].numel(), arrays["support"].shape[:1].numel()
    wrong = shape_misfit(
        arrays,
        support=(vectors, n_features),
        per_class=(classes,),
        dual=(classes - 1, vectors),
        intercept=(len(pairs_of(classes)),),
        gamma=(1,),
    )
    if wrong:
        return wrong
    counts = arrays["per_class"]
    if bool((counts < 1).any()) or int(counts.sum()) != vectors:
        return f"per_class must be 1 or more each and add to {vectors} support vectors, got {counts.tolist()}"
    return "" if bool((arrays["gamma"] > 0).all()) else "gamma must be positive"


def _summed(decisions: Tensor, arrays: Arrays) -> Tensor:
    return decisions @ pair_signs(len(arrays["present"])).to(decisions.device)


def _linear(features: Tensor, arrays: Arrays) -> Tensor:
    return _summed(linear_decisions(features, arrays), arrays)


def _radial(features: Tensor, arrays: Arrays) -> Tensor:
    return _summed(radial_decisions(features, arrays), arrays)


LINEAR = Method(dict.fromkeys(("weight", "intercept"), torch.float32), _linear_misfit, _linear)
"""A plane for each pair of classes: ``weight`` (pairs, F), ``intercept`` (pairs,)."""

RADIAL = Method(
    {"per_class": torch.int64, **dict.fromkeys(("support", "dual", "intercept", "gamma"), torch.float32)},
    _radial_misfit,
    _radial,
)
"""Machines with a radial kernel for each pair of classes.

``support`` (S, F) holds the support vectors grouped by class, ``per_class`` (P,) how many each class has, ``dual``
(P - 1, S) the dual coefficients, ``intercept`` (pairs,) the offsets and ``gamma`` (1,) the kernel's: the arrays of
`models.flow_histogram.SupportVectorMachine`.
"""
