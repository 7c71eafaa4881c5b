"""How much better one group of samples is read than another, with an interval over people."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from micromask.core.types import FloatArray, IntArray
from micromask.evaluation.metrics import accuracy_each
from micromask.evaluation.statistics import DRAWS, FigureOfCounts, Interval
from micromask.evaluation.tested import Tested


@dataclass(frozen=True, slots=True, eq=False)
class PeopleCounts:
    """Confusion counts (R, S, K, K) of each run or seed and person; ``people`` are the S names."""

    people: tuple[str, ...]
    counts: NDArray[np.int64]


def people_counts(tested: Tested) -> PeopleCounts:
    """The counts of a run, a layer a seed."""
    return PeopleCounts(tuple(map(str, np.unique(tested.subjects))), tested.subject_counts())


def joined(runs: list[PeopleCounts]) -> PeopleCounts | None:
    """Runs of several models as layers of one: a figure is the mean over them. None where their people differ."""
    if not runs or len({(run.people, run.counts.shape[2:]) for run in runs}) != 1:
        return None
    return PeopleCounts(runs[0].people, np.concatenate([run.counts for run in runs]))


def difference(
    first: PeopleCounts,
    second: PeopleCounts,
    figure: FigureOfCounts = accuracy_each,
    *,
    level: float = 0.95,
    draws: int = DRAWS,
    seed: int = 0,
) -> Interval | None:
    """How much higher the figure of ``first`` is than that of ``second``, with its interval at ``level``.

    Where somebody is in both (the same people under two stimuli, or two splits of one data set) people are drawn from
    all of them and bring their samples to both sides; where nobody is (women and men) each side is drawn by itself.
    Draws in which a side has no samples are left out.

    Returns
    -------
    Interval or None
        None with fewer than two people on a side: no interval can be said.

    Source
    ------
    Draws of whole people: Field, Welsh 2007, doi:10.1111/j.1467-9868.2007.00593.x

    Examples
    --------
    Two people whom the first run gets right and the second wrong, one sample each: whoever is drawn, it is 1.

    >>> right, wrong = np.array([[[[1, 0], [0, 0]]] * 2]), np.array([[[[0, 1], [0, 0]]] * 2])
    >>> print(difference(PeopleCounts(("a", "b"), right), PeopleCounts(("a", "b"), wrong)))
    1.000 [1.000, 1.000]
    """
    if min(len(first.people), len(second.people)) < 2:
        return None
    rng = np.random.default_rng(seed)
    if set(first.people) & set(second.people):
        everybody = sorted(set(first.people) | set(second.people))
        drawn = _times(len(everybody), draws, rng)
        times = [drawn[:, [everybody.index(name) for name in side.people]] for side in (first, second)]
    else:
        times = [_times(len(side.people), draws, rng) for side in (first, second)]
    apart = _figures(first, times[0], figure) - _figures(second, times[1], figure)
    known = apart[~np.isnan(apart)]
    low, high = np.percentile(known, [50 - 50 * level, 50 + 50 * level]) if len(known) else (np.nan, np.nan)
    return Interval(_value(first, figure) - _value(second, figure), float(low), float(high))


def _value(side: PeopleCounts, figure: FigureOfCounts) -> float:
    return float(np.mean(figure(side.counts.sum(axis=1))))


def _times(people: int, draws: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """How often each person is in each draw (draws, people)."""
    drawn = rng.integers(people, size=(draws, people)) + people * np.arange(draws)[:, None]
    return np.bincount(drawn.ravel(), minlength=draws * people).reshape(draws, people)


def _figures(side: PeopleCounts, times: IntArray, figure: FigureOfCounts) -> FloatArray:
    """The figure of each draw (draws,), its mean over the layers."""
    layers, people, classes = side.counts.shape[:3]
    flat = side.counts.reshape(layers, people, classes**2).astype(np.float64)
    values = [figure((times @ layer).reshape(-1, classes, classes)) for layer in flat]
    return np.asarray(np.mean(values, axis=0), np.float64)
