"""How often something is seen: events per minute with 95 % intervals, of one person, of a group, between two groups."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from math import comb
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.stats import chi2, norm, t

from micromask.core.types import FloatArray, IntArray
from micromask.evaluation.comparisons import ROUNDING, SWAPS

LEAST_PEOPLE = 5
"""Of fewer participants nothing is said of their group: the bootstrap has too few different draws to go by."""
DRAWS = 10_000
"""More than elsewhere: with few participants the interval ends far out in the tails (`_tail`)."""
TAIL = 0.025

Way = Literal["exact", "bootstrap"]


@dataclass(frozen=True, slots=True)
class Rate:
    """Events per minute: ``count`` in ``minutes``, with a 95 % interval and the way that it was found.

    Where there is no value or no interval it is None, and ``why`` says so in words.
    """

    count: int
    minutes: float
    value: float | None
    interval: tuple[float, float] | None = None
    way: Way | None = None
    why: str = ""


@dataclass(frozen=True, slots=True)
class RateDifference:
    """How many more events per minute the first group has: 95 % interval, and p of so large a difference by chance.

    ``least_p`` is the smallest p that groups of these sizes can reach. Where something is None, ``why`` says so.
    """

    value: float | None
    interval: tuple[float, float] | None = None
    p: float | None = None
    least_p: float | None = None
    why: str = ""


def poisson_interval(count: int) -> tuple[float, float]:
    """The exact 95 % interval of the expected number of events where ``count`` were seen.

    It holds for events that come independently of each other at one rate; where they come in bouts it is too narrow.

    Raises
    ------
    ValueError
        If the count is negative.

    Source
    ------
    Garwood 1936, doi:10.1093/biomet/28.3-4.437

    Examples
    --------
    Of nothing seen, the upper end is -ln 0.025; of 10 it is the table's 4.80 to 18.39:

    >>> [tuple(round(end, 2) for end in poisson_interval(count)) for count in (0, 10)]
    [(0.0, 3.69), (4.8, 18.39)]
    """
    if count < 0:
        raise ValueError(f"a count is 0 or more, got {count}")
    low = float(chi2.ppf(TAIL, 2 * count)) / 2 if count else 0.0
    return low, float(chi2.ppf(1 - TAIL, 2 * count + 2)) / 2


def exact_rate(count: int, seconds: float) -> Rate:
    """Events per minute of one recording or one person, with the exact Poisson interval (`poisson_interval`).

    Parameters
    ----------
    count : int
    seconds : float
        Time in which an event would have been seen.

    Examples
    --------
    >>> rate = exact_rate(3, 90.0)
    >>> rate.value, [round(end, 2) for end in rate.interval]
    (2.0, [0.41, 5.84])
    """
    minutes = seconds / 60
    if not minutes > 0:
        return Rate(count, 0.0, None, why="the face was not seen, so there is no time to count in")
    low, high = poisson_interval(count)
    return Rate(count, minutes, count / minutes, (low / minutes, high / minutes), "exact")


def group_rate(counts: IntArray, seconds: FloatArray, *, draws: int = DRAWS, seed: int = 0) -> Rate:
    """Events per minute of a group: all events over all minutes, with an interval over new draws of participants.

    Events of one person are alike and people differ, so people are drawn, with all that is theirs. The percentiles are
    those that make up for the narrowness of a bootstrap of few people. The interval is never narrower than the exact
    Poisson interval of all events together, which is what people who did not differ at all would leave: a bootstrap
    alone takes a group without any event to be sure of none.

    Parameters
    ----------
    counts, seconds : (P,)
        Events of each participant, and the time in which one would have been seen; who was never seen is left out.
    draws, seed : int

    Raises
    ------
    ValueError
        If the two differ in length or something is negative.

    Source
    ------
    Drawing people: Field, Welsh 2007, doi:10.1111/j.1467-9868.2007.00593.x. Percentiles for few: Hesterberg 2015,
    doi:10.1080/00031305.2015.1089789
    """
    counts, seconds = _seen(counts, seconds)
    minutes, count = float(seconds.sum()) / 60, int(counts.sum())
    if not minutes > 0:
        return Rate(count, 0.0, None, why="no face was seen, so there is no time to count in")
    if len(counts) < LEAST_PEOPLE:
        return Rate(count, minutes, count / minutes, why=_too_few(len(counts)))
    drawn = _drawn(counts, seconds, draws, np.random.default_rng(seed))
    low, high = _ends(drawn, len(counts))
    least, most = (end / minutes for end in poisson_interval(count))
    return Rate(count, minutes, count / minutes, (min(low, least), max(high, most)), "bootstrap")


def rate_difference(
    first: tuple[IntArray, FloatArray], second: tuple[IntArray, FloatArray], *, draws: int = DRAWS, seed: int = 0
) -> RateDifference:
    """How many more events per minute one group of people has than another, of different people.

    The interval is over new draws of participants of each group, in the same way as `group_rate`; never narrower than
    the one that the two exact Poisson intervals give together. p is that of a permutation test: were it all one group,
    who is in which would be chance. All ways to part the people are tried where they are no more than 10,000, else
    that many are drawn and the way it was counts as one more.

    Parameters
    ----------
    first, second : ((P,) counts, (P,) seconds)
        Of each group, as in `group_rate`.
    draws, seed : int

    Source
    ------
    As `group_rate`. Two exact intervals as one of the difference: Zou, Donner 2008, doi:10.1002/sim.3095. The one
    more: Phipson, Smyth 2010, doi:10.2202/1544-6115.1585
    """
    sides = (_seen(*first), _seen(*second))
    if not all(seconds.sum() > 0 for _, seconds in sides):
        return RateDifference(None, why="in one of the groups no face was seen")
    value, *rates = _apart(sides)
    people = [len(counts) for counts, _ in sides]
    if min(people) < LEAST_PEOPLE:
        return RateDifference(value, why=_too_few(min(people)))
    rng = np.random.default_rng(seed)
    one, other = (_drawn(*side, draws, rng) for side in sides)
    low, high = _ends(one - other, min(people))
    least, most = _both_exact(sides, rates)
    p, least_p = _permuted(sides, value, rng)
    return RateDifference(value, (min(low, least), max(high, most)), p, least_p)


def _seen(counts: IntArray, seconds: FloatArray) -> tuple[IntArray, FloatArray]:
    counts, seconds = np.asarray(counts), np.asarray(seconds, np.float64)
    if counts.ndim != 1 or counts.shape != seconds.shape or (counts < 0).any() or (seconds < 0).any():
        raise ValueError(f"a count and seconds of each person, none negative, got {counts.shape} and {seconds.shape}")
    return counts[seconds > 0], seconds[seconds > 0]


def _too_few(people: int) -> str:
    who = "1 participant" if people == 1 else f"{people} participants"
    return f"{who}: an interval over participants needs {LEAST_PEOPLE} or more in each group"


def _drawn(counts: IntArray, seconds: FloatArray, draws: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """The rate of each draw of as many people (draws,)."""
    people = len(counts)
    times = rng.multinomial(people, np.full(people, 1 / people), size=draws)
    return np.asarray(60 * (times @ counts) / (times @ seconds), np.float64)


def _tail(people: int) -> float:
    """The share of draws beyond each end, so that the interval is as wide as one from Student's t: below 0.025."""
    return float(norm.cdf(np.sqrt(people / (people - 1)) * t.ppf(TAIL, people - 1)))


def _ends(drawn: FloatArray, people: int) -> tuple[float, float]:
    low, high = np.quantile(drawn, [_tail(people), 1 - _tail(people)])
    return float(low), float(high)


def _apart(sides: tuple[tuple[IntArray, FloatArray], ...]) -> tuple[float, float, float]:
    """The difference of the rates, and both."""
    one, other = (60 * float(counts.sum()) / float(seconds.sum()) for counts, seconds in sides)
    return one - other, one, other


def _both_exact(sides: tuple[tuple[IntArray, FloatArray], ...], rates: list[float]) -> tuple[float, float]:
    """The interval of the difference that two exact Poisson intervals give."""
    (one, other), ends = rates, []
    for counts, seconds in sides:
        ends.append([60 * end / float(seconds.sum()) for end in poisson_interval(int(counts.sum()))])
    (low, high), (least, most) = ends
    down, up = np.hypot(one - low, most - other), np.hypot(high - one, other - least)
    return float(one - other - down), float(one - other + up)


def _permuted(
    sides: tuple[tuple[IntArray, FloatArray], ...], found: float, rng: np.random.Generator
) -> tuple[float, float]:
    """p of so large a difference either way were people parted by chance, and the least p that there can be."""
    counts, seconds = (np.concatenate([side[part] for side in sides]) for part in (0, 1))
    people, size = len(counts), len(sides[0][0])
    ways = comb(people, size)
    exact = ways <= SWAPS
    if exact:
        inside = np.zeros((ways, people))
        for row, chosen in enumerate(combinations(range(people), size)):
            inside[row, list(chosen)] = 1
    else:
        inside = (rng.random((SWAPS, people)).argsort(1) < size).astype(np.float64)
    apart = 60 * ((inside @ counts) / (inside @ seconds) - ((1 - inside) @ counts) / ((1 - inside) @ seconds))
    as_far = int((np.abs(apart) >= abs(found) - ROUNDING).sum())
    mirrored = 2 if 2 * size == people else 1
    return (as_far / ways, mirrored / ways) if exact else ((as_far + 1) / (SWAPS + 1), 1 / (SWAPS + 1))
