"""What all decisions share: which classes were there to be learnt, and where their scores go."""

from __future__ import annotations

import math
from collections.abc import Mapping

import torch
from torch import Tensor

from micromask.models.classical.arrays import FittedArrays

FLOOR = 1e-6
"""The least probability that a score stands for: log(0) would be a score that nothing can be compared with."""


class Decision(FittedArrays):
    """Features to one score a class, by arrays that a fit has filled.

    ``present`` (P,) are the classes that the training data held, ascending. A class that was not there cannot be
    learnt; its score is the lowest of the others' less 13.8 (a millionth of its probability), so that it never wins.
    """

    present: Tensor
    column: Tensor

    def __init__(self, n_features: int, n_classes: int, **kinds: torch.dtype) -> None:
        super().__init__(present=torch.int64, **kinds)
        self.n_features = n_features
        self.n_classes = n_classes
        self.register_buffer("column", torch.empty(0, dtype=torch.int64), persistent=False)

    def forward(self, features: Tensor) -> Tensor:
        """(N, F) to (N, n_classes); softmax makes probabilities of them."""
        scores = self.scores(features)
        lowest = scores.amin(dim=1, keepdim=True) + math.log(FLOOR)
        return torch.cat([scores, lowest], dim=1)[:, self.column]

    def scores(self, features: Tensor) -> Tensor:
        """(N, F) to (N, P): a score for each class that was there."""
        raise NotImplementedError

    def misfit(self, arrays: Mapping[str, Tensor]) -> str:
        """See `FittedArrays`; each decision adds what it wants of its own arrays."""
        present = arrays["present"]
        if present.ndim != 1 or len(present) < 2 or bool((present.diff() <= 0).any()):
            return f"the classes present must be two or more in ascending order, got {present.tolist()}"
        if int(present[0]) < 0 or int(present[-1]) >= self.n_classes:
            return f"a model of {self.n_classes} classes cannot hold the classes {present.tolist()}"
        return ""

    def settle(self) -> None:
        """See `FittedArrays`."""
        last = len(self.present)
        self.column = torch.full((self.n_classes,), last, dtype=torch.int64, device=self.present.device)
        self.column[self.present] = torch.arange(last, device=self.present.device)


def shape_misfit(arrays: Mapping[str, Tensor], **wanted: tuple[int, ...]) -> str:
    """The first array whose shape is not the wanted one, in words, or nothing."""
    for name, shape in wanted.items():
        if tuple(arrays[name].shape) != shape:
            return f"{name} must be {shape}, got {tuple(arrays[name].shape)}"
    return ""
