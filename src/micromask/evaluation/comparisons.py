"""Whether one model is better than another on the same samples, and by how much chance alone would part them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binomtest

from micromask.core.types import IntArray
from micromask.evaluation.metrics import uf1_each
from micromask.evaluation.statistics import FigureOfCounts, check_paired

SWAPS = 10_000
ROUNDING = 1e-12
"""Differences closer than this are equal: sums in another order differ by less."""


@dataclass(frozen=True, slots=True)
class McNemar:
    """``only_first`` and ``only_second``: samples that one model alone got right; ``p`` of so uneven a share."""

    only_first: int
    only_second: int
    p: float


def mcnemar(first_right: NDArray[np.bool_], second_right: NDArray[np.bool_]) -> McNemar:
    """Exact two-sided McNemar test: of the samples that one model alone got right, are the shares uneven?

    It takes samples to be independent. Clips of one person are not, so ``p`` is too small where people differ:
    `permute_subjects` is the test to believe.

    Parameters
    ----------
    first_right, second_right : (N,) bool
        Which samples each model got right, in the same order.

    Raises
    ------
    ValueError
        If the two differ in shape.

    Source
    ------
    McNemar 1947, doi:10.1007/BF02295996

    Examples
    --------
    Five samples that only the first got right, none that only the second did: 2 / 2^5.

    >>> mcnemar(np.array([True] * 9), np.array([True] * 4 + [False] * 5))
    McNemar(only_first=5, only_second=0, p=0.0625)
    """
    if first_right.ndim != 1 or first_right.shape != second_right.shape:
        raise ValueError(f"wanted two (N,), got {first_right.shape} and {second_right.shape}")
    one, other = int((first_right & ~second_right).sum()), int((second_right & ~first_right).sum())
    p = float(binomtest(one, one + other).pvalue) if one + other else 1.0
    return McNemar(one, other, p)


@dataclass(frozen=True, slots=True)
class SubjectPermutation:
    """``difference`` of the first model's figure to the second's; ``p``, two-sided; ``swaps`` that it is from.

    ``exact``: every way to swap people was tried, not a random choice of them.
    """

    difference: float
    p: float
    swaps: int
    exact: bool


def permute_subjects(
    first: IntArray, second: IntArray, figure: FigureOfCounts = uf1_each, *, swaps: int = SWAPS, seed: int = 0
) -> SubjectPermutation:
    """Permutation test by person: were the models equal, swapping all their predictions of anyone would change nothing.

    ``p`` is the share of swaps whose difference is at least as large as the one found, either way. Where there are no
    more ways to swap than ``swaps``, all are tried (``p`` is exact); otherwise as many are drawn and the way it was
    counts as one more, so that ``p`` is never 0.

    Parameters
    ----------
    first, second : (S, K, K) or (R, S, K, K) int
        Counts of the two models by person (``subject_counts``), on the same samples. With R seeds a person's
        predictions are swapped for all seeds at once, and the figure is its mean over them.
    figure : callable
        From counts (..., K, K) to the figure of each; UF1 by default.
    swaps, seed : int

    Raises
    ------
    ValueError
        If the two are not of the same people, samples, classes and number of seeds.

    Source
    ------
    F1 by randomisation: Yeh 2000, doi:10.3115/992730.992783. The one more: Phipson, Smyth 2010,
    doi:10.2202/1544-6115.1585

    Examples
    --------
    Three people of one clip each, the first model right on all, the second on none. Two of the 2^3 ways to swap, none
    and all, give a difference as large:

    >>> right, wrong = np.array([[[1, 0], [0, 0]]] * 3), np.array([[[0, 1], [0, 0]]] * 3)
    >>> permute_subjects(right, wrong)
    SubjectPermutation(difference=1.0, p=0.25, swaps=8, exact=True)
    """
    check_paired(first, second)
    if first.shape != second.shape or swaps < 1:
        raise ValueError(f"the models need as many seeds, got {first.shape} and {second.shape}, and a swap or more")
    one, other = (each if each.ndim == 4 else each[None] for each in (first, second))
    people, classes = one.shape[1:3]
    exact = 2**people <= swaps
    swapped = _all_ways(people) if exact else np.random.default_rng(seed).random((swaps, people)) < 0.5
    apart, found = np.zeros(len(swapped)), 0.0
    for mine, theirs in zip(one, other, strict=True):
        change = (theirs - mine).reshape(people, classes**2).astype(np.float64)
        moved = (swapped @ change).reshape(-1, classes, classes)
        apart += (figure(mine.sum(axis=0) + moved) - figure(theirs.sum(axis=0) - moved)) / len(one)
        found += float(figure(mine.sum(axis=0)) - figure(theirs.sum(axis=0))) / len(one)
    as_far = int((np.abs(apart) >= abs(found) - ROUNDING).sum())
    p = as_far / len(swapped) if exact else (as_far + 1) / (len(swapped) + 1)
    return SubjectPermutation(found, p, len(swapped), exact)


def _all_ways(people: int) -> NDArray[np.bool_]:
    return np.asarray((np.arange(2**people)[:, None] >> np.arange(people)) & 1, bool)


def holm(p_values: Sequence[float]) -> tuple[float, ...]:
    """p-values corrected for as many comparisons, in the order given; below 0.05 stays what 5 % error in all allows.

    Raises
    ------
    ValueError
        If one is not from 0 to 1.

    Source
    ------
    Holm 1979, doi:10.2307/4615733

    Examples
    --------
    The smallest times 4, the next times 3, never below one before it:

    >>> [round(p, 3) for p in holm([0.01, 0.04, 0.03, 0.005])]
    [0.03, 0.06, 0.06, 0.02]
    """
    values = np.asarray(p_values, np.float64)
    if not ((values >= 0) & (values <= 1)).all():
        raise ValueError(f"p-values are from 0 to 1, got {list(p_values)}")
    order = np.argsort(values, kind="stable")
    corrected = np.empty(len(values))
    corrected[order] = np.minimum(np.maximum.accumulate(values[order] * np.arange(len(values), 0, -1)), 1)
    return tuple(float(p) for p in corrected)
