"""How sure one can be of a figure: intervals over new draws of people, and its spread over seeds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from micromask.core.types import FloatArray, IntArray
from micromask.evaluation.metrics import confusion, uf1_each

FigureOfCounts = Callable[[IntArray | FloatArray], FloatArray]
"""From counts (..., K, K) to the figure of each (...): ``uf1_each``, ``uar_each``, ``accuracy_each``."""

DRAWS = 2000


@dataclass(frozen=True, slots=True)
class Interval:
    """A figure with its 95 % interval."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:.3f} [{self.low:.3f}, {self.high:.3f}]"


@dataclass(frozen=True, slots=True)
class Spread:
    """A figure over seeds: mean, standard deviation (n - 1; NaN for one seed), lowest, highest, number of seeds.

    It says how far chance in training moves the figure on these people. It says nothing of other people.
    """

    mean: float
    sd: float
    low: float
    high: float
    seeds: int


def seed_spread(values: Sequence[float]) -> Spread:
    """The spread of a figure, one value a seed.

    Raises
    ------
    ValueError
        If there is no seed.

    Examples
    --------
    >>> seed_spread([0.25, 0.5, 0.75])
    Spread(mean=0.5, sd=0.25, low=0.25, high=0.75, seeds=3)
    """
    if not values:
        raise ValueError("a spread over seeds needs one seed or more")
    sd = float(np.std(values, ddof=1)) if len(values) > 1 else float("nan")
    return Spread(float(np.mean(values)), sd, float(min(values)), float(max(values)), len(values))


def subject_counts(truth: IntArray, predicted: IntArray, subjects: Sequence[object], classes: int) -> NDArray[np.int64]:
    """Counts of each person (S, K, K), people in the order of their names.

    For several seeds, stack those of each: (R, S, K, K).

    Raises
    ------
    ValueError
        As ``confusion``; and if subjects are not as many as samples.

    Examples
    --------
    >>> subject_counts(np.array([0, 1, 1]), np.array([0, 1, 0]), ["ann", "ann", "bob"], 2).tolist()
    [[[1, 0], [0, 1]], [[0, 0], [1, 0]]]
    """
    if len(subjects) != len(truth):
        raise ValueError(f"a subject for each of {len(truth)} samples, got {len(subjects)}")
    own = np.array([str(person) for person in subjects])
    return np.stack([confusion(truth[own == name], predicted[own == name], classes) for name in np.unique(own)])


def bootstrap_counts(
    counts: IntArray | FloatArray, figure: FigureOfCounts = uf1_each, *, draws: int = DRAWS, seed: int = 0
) -> Interval:
    """A figure's 95 % interval over new draws of people, where the figure is a function of counts.

    The same figure and interval as `subject_bootstrap` gives with the same seed, some hundred times faster.

    Parameters
    ----------
    counts : (S, K, K) or (R, S, K, K), numbers that add up over people
        From `subject_counts`; with R seeds the figure is its mean over the seeds, and a draw of people is the same for
        all of them.
    figure : callable
        From counts (..., K, K) to the figure of each.
    draws, seed : int

    Raises
    ------
    ValueError
        If counts have another shape, or there are fewer than two people.

    Source
    ------
    Field, Welsh 2007, doi:10.1111/j.1467-9868.2007.00593.x
    """
    values = _drawn(counts, figure, draws, seed)
    return _interval(float(figure(_seeds_first(counts).sum(axis=1)).mean()), values)


def bootstrap_difference(
    first: IntArray, second: IntArray, figure: FigureOfCounts = uf1_each, *, draws: int = DRAWS, seed: int = 0
) -> Interval:
    """The 95 % interval of how much better ``first`` is than ``second``, both on the same draws of the same people.

    Parameters
    ----------
    first, second : (S, K, K) or (R, S, K, K) int
        Counts of the two models on the same samples; the number of seeds may differ.
    figure, draws, seed
        As in `bootstrap_counts`, whose source this is too.

    Raises
    ------
    ValueError
        As `bootstrap_counts`; and if the two were not run on the same samples of the same people.
    """
    check_paired(first, second)
    value = float(figure(_seeds_first(first).sum(axis=1)).mean() - figure(_seeds_first(second).sum(axis=1)).mean())
    return _interval(value, _drawn(first, figure, draws, seed) - _drawn(second, figure, draws, seed))


def check_paired(first: IntArray, second: IntArray) -> None:
    """ValueError if two arrays of counts cannot be of the same samples: each person's true labels must agree."""
    one, other = _seeds_first(first), _seeds_first(second)
    if one.shape[1:] != other.shape[1:]:
        raise ValueError(f"two models need the same people and classes, got {first.shape} and {second.shape}")
    if (one.sum(axis=-1) != other[0].sum(axis=-1)).any() or (other.sum(axis=-1) != other[0].sum(axis=-1)).any():
        raise ValueError("the two models were not run on the same samples: a person's true labels differ")


def subject_bootstrap(
    figure: Callable[[IntArray], float], subjects: Sequence[object], draws: int = DRAWS, seed: int = 0
) -> Interval:
    """Any figure's 95 % percentile interval over new draws of people, not of clips.

    Clips of one person are alike, so drawing clips would promise too much. For the difference between two models on
    the same clips, let ``figure`` return the difference: the draws are then paired. Draws without a figure (NaN) are
    left out; figures of counts are faster with `bootstrap_counts`.

    Parameters
    ----------
    figure : callable
        From clip numbers (with repeats) to the figure over them.
    subjects : (N,)
        Whose each clip is.
    draws, seed : int

    Source
    ------
    Field, Welsh 2007, doi:10.1111/j.1467-9868.2007.00593.x
    """
    own = np.array([str(person) for person in subjects])
    clips = [np.flatnonzero(own == name) for name in np.unique(own)]
    drawn = [
        figure(np.concatenate([clips[person] for person in people])) for people in _people(len(clips), draws, seed)
    ]
    return _interval(float(figure(np.arange(len(own)))), np.array(drawn))


def _people(people: int, draws: int, seed: int) -> NDArray[np.int64]:
    """Who is in each draw (draws, S)."""
    if people < 2 or draws < 1:
        raise ValueError(f"a bootstrap over subjects needs two or more, got {people}, and a draw, got {draws}")
    return np.random.default_rng(seed).integers(people, size=(draws, people))


def _drawn(counts: IntArray | FloatArray, figure: FigureOfCounts, draws: int, seed: int) -> NDArray[np.float64]:
    """The figure of each draw (draws,), its mean over seeds."""
    each = _seeds_first(counts)
    people, classes = each.shape[1:3]
    drawn = _people(people, draws, seed) + people * np.arange(draws)[:, None]
    times = np.bincount(drawn.ravel(), minlength=draws * people).reshape(draws, people).astype(np.float64)
    flat = each.reshape(len(each), people, classes**2).astype(np.float64)
    values = [figure((times @ one).reshape(draws, classes, classes)) for one in flat]
    return np.asarray(np.mean(values, axis=0), np.float64)


def _seeds_first(counts: IntArray | FloatArray) -> IntArray | FloatArray:
    if counts.ndim not in (3, 4) or counts.shape[-1] != counts.shape[-2]:
        raise ValueError(f"counts must be (S, K, K) or (R, S, K, K), got {counts.shape}")
    return counts if counts.ndim == 4 else counts[None]


def _interval(value: float, drawn: FloatArray) -> Interval:
    known = drawn[~np.isnan(drawn)]
    low, high = np.percentile(known, [2.5, 97.5]) if len(known) else (np.nan, np.nan)
    return Interval(value, float(low), float(high))
