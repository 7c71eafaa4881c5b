"""What all decisions share: which classes were there to be learnt, and where their scores go."""

from __future__ import annotations

import math
from functools import partial

import torch
from torch import Tensor

from micromask.models.classical.arrays import Arrays, Method

FLOOR = 1e-6
"""The least probability that a score stands for: log(0) would be a score that nothing can be compared with."""


def over_classes(method: Method, n_classes: int) -> Method:
    """A method that scores the classes that were there (N, P), made into one that scores all (N, n_classes).

    Its array ``present`` (P,) are the classes that the training data held, ascending. A class that was not there cannot
    be learnt; its score is the lowest of the others' less 13.8 (a millionth of its probability), so that it never wins.
    Softmax makes probabilities of the scores.
    """
    kinds = {"present": torch.int64, **method.kinds}
    return Method(kinds, partial(_misfit, method, n_classes), partial(_scores, method, n_classes), method.derive)


def _misfit(method: Method, n_classes: int, arrays: Arrays, n_features: int) -> str:
    present = arrays["present"]
    if present.ndim != 1 or len(present) < 2 or bool((present.diff() <= 0).any()):
        return f"the classes present must be two or more in ascending order, got {present.tolist()}"
    if int(present[0]) < 0 or int(present[-1]) >= n_classes:
        return f"a model of {n_classes} classes cannot hold the classes {present.tolist()}"
    return method.misfit(arrays, n_features)


def _scores(method: Method, n_classes: int, features: Tensor, arrays: Arrays) -> Tensor:
    scores, present = method.apply(features, arrays), arrays["present"][:, None]
    lowest = scores.amin(dim=1, keepdim=True) + math.log(FLOOR)
    classes = torch.arange(n_classes, device=present.device)
    column = torch.where((present == classes).any(0), (present < classes).sum(0), len(present))
    return torch.cat([scores, lowest], dim=1)[:, column]
