"""Every pair of compared runs: how far apart they are, and whether chance alone would part them so far."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import combinations
from math import lcm
from typing import Any

import numpy as np
from numpy.typing import NDArray

from micromask.evaluation.comparisons import holm, mcnemar, permute_subjects
from micromask.evaluation.statistics import bootstrap_difference
from micromask.evaluation.summary import FIGURES
from micromask.evaluation.tested import Tested

LEVEL = 0.05
"""A difference is told where the corrected p of UF1 is below this; so seldom is any told where there is none."""


@dataclass(frozen=True, slots=True, eq=False)
class Side:
    """One run of a pair: its predictions in the rows that all runs share, and the codes of its leaks."""

    name: str
    tested: Tested
    leaks: tuple[str, ...]


def pairs_of(sides: Sequence[Side]) -> list[dict[str, Any]]:
    """A row a pair, in the order of the runs; each p also corrected by Holm over all pairs, every test on its own."""
    made = [_pair(first, second) for first, second in combinations(sides, 2)]
    for test in (*FIGURES, "mcnemar"):
        corrected = holm([row[test]["p"] for row in made])
        for row, p in zip(made, corrected, strict=True):
            row[test]["p_holm"] = p
    for row in made:
        if row["uf1"]["p_holm"] < LEVEL:
            row["ahead"] = row["first"] if row["uf1"]["difference"] > 0 else row["second"]
        row["words"] = pair_words(row)
    return made


def _pair(first: Side, second: Side) -> dict[str, Any]:
    counts = as_many_seeds(first.tested.subject_counts(), second.tested.subject_counts())
    row: dict[str, Any] = {"first": first.name, "second": second.name, "ahead": None}
    row["leaks"] = {side.name: list(side.leaks) for side in (first, second) if side.leaks}
    for name, figure in FIGURES.items():
        swapped = permute_subjects(*counts, figure)
        low, high = None, None
        if counts[0].shape[1] > 1:
            drawn = bootstrap_difference(*counts, figure)
            low, high = drawn.low, drawn.high
        row[name] = {"difference": swapped.difference, "low": low, "high": high, "p": swapped.p}
        row["swaps"], row["exact"] = swapped.swaps, swapped.exact
    row["mcnemar"] = asdict(mcnemar(clips_right(first.tested), clips_right(second.tested)))
    return row


def as_many_seeds(first: NDArray[np.int64], second: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Counts (R, S, K, K) of two runs with seeds repeated in turn until both have as many; their means stay the same.

    >>> one, other = as_many_seeds(np.ones((1, 2, 3, 3), np.int64), np.ones((5, 2, 3, 3), np.int64))
    >>> len(one), len(other)
    (5, 5)
    """
    seeds = lcm(len(first), len(second))
    one, other = (np.tile(each, (seeds // len(each), 1, 1, 1)) for each in (first, second))
    return one, other


def clips_right(tested: Tested) -> NDArray[np.bool_]:
    """Whether each clip is right by the mean probability over seeds, folds and frames; clips in the order of names."""
    _, first, clip = np.unique(tested.clips, return_index=True, return_inverse=True)
    sums = np.zeros((len(first), len(tested.labels)))
    np.add.at(sums, clip, tested.probabilities.sum(axis=0))
    return np.asarray(sums.argmax(axis=1) == tested.truth[first], np.bool_)


def least_p(subjects: int, pairs: int) -> float:
    """The smallest corrected p that swapping so many people can give the clearest of so many pairs.

    >>> least_p(5, 1), least_p(8, 3)
    (0.0625, 0.0234375)
    """
    return min(1.0, pairs * 2.0 ** (1 - subjects))


def pair_words(row: Mapping[str, Any]) -> str:
    """A pair in one sentence: who is ahead by how much, or that no difference can be told, and what a leak makes of it.

    Parameters
    ----------
    row : mapping
        With ``first``, ``second``, ``ahead``, ``leaks`` and ``uf1`` (``difference``, ``low``, ``high``, ``p_holm``).
    """
    first, second, ahead, leaks, uf1 = (row[key] for key in ("first", "second", "ahead", "leaks", "uf1"))
    behind = second if ahead == first else first
    sign = -1 if ahead == second else 1
    low, high = sorted(sign * uf1[end] for end in ("low", "high")) if uf1["low"] is not None else (None, None)
    between = "one subject, no interval" if low is None else f"95 % {low:+.3f} to {high:+.3f}"
    p = p_words(uf1["p_holm"])
    if ahead is None:
        told = f"no difference can be told: {first} less {second} is {uf1['difference']:+.3f} of UF1 ({between}; {p})"
    else:
        told = f"{ahead} is ahead of {behind} by {abs(uf1['difference']):.3f} of UF1 ({between}; {p})"
    if not leaks:
        return told
    which = " and ".join(f"{name} leaks ({', '.join(codes)})" for name, codes in leaks.items())
    if ahead in leaks and behind not in leaks:
        return f"{told}, but {which}: the lead says nothing for it"
    if ahead is not None and behind in leaks and ahead not in leaks:
        return f"{told}, although {which}"
    return f"{told}; {which}: a figure with a leak is not to be believed"


def p_words(p: float) -> str:
    """A p-value as it is printed.

    >>> p_words(0.0312), p_words(0.0001)
    ('p = 0.031', 'p < 0.001')
    """
    return "p < 0.001" if p < 0.001 else f"p = {p:.3f}"
