"""When frames were shown: from a container's ticks to a mean rate and, where the clock is not uniform, to times."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

TICK_TOLERANCE = 1.01
"""How far, in ticks of the container, a frame may lie from a uniform clock: both ends of a difference are rounded."""

INTERVAL_TOLERANCE = 0.25
"""And never farther than this share of the interval between two frames, however coarse the ticks are."""


def seconds_from_first(ticks: NDArray[np.int64], tick: Fraction) -> NDArray[np.float64]:
    """Strictly ascending seconds from the first frame.

    Frames that claim the same moment are spread evenly up to the next moment (the last ones over the mean interval),
    so that every frame has a time of its own and their order stays.

    Parameters
    ----------
    ticks : (T,) int
        Presentation times in units of ``tick``, ascending, T >= 1.
    tick : Fraction
        Seconds.

    Examples
    --------
    >>> seconds_from_first(np.array([7, 8, 8, 9]), Fraction(1, 10)).round(3).tolist()
    [0.0, 0.1, 0.15, 0.2]
    """
    moments, counts = np.unique(ticks, return_counts=True)
    since = (moments - moments[0]).astype(np.float64)
    if len(moments) < len(ticks):
        mean = since[-1] / (len(since) - 1) if len(since) > 1 else 1.0
        gaps = np.diff(since, append=since[-1] + mean)
        rank = np.arange(len(ticks)) - np.repeat(np.cumsum(counts) - counts, counts)
        since = np.repeat(since, counts) + np.repeat(gaps / counts, counts) * rank
    seconds: NDArray[np.float64] = since * tick.numerator / tick.denominator
    return seconds


def rate_and_times(
    times: NDArray[np.float64], tick: Fraction, declared: Iterable[Fraction | None], *, default: float = 25.0
) -> tuple[float, NDArray[np.float64] | None]:
    """The mean rate in frames per second, and the times where no uniform clock explains them (else None).

    Parameters
    ----------
    times : (T,) float
        Seconds from the first frame, strictly ascending.
    tick : Fraction
        Seconds: what the container rounds to.
    declared : rates
        What the container says, tried first because it is exact (30000/1001 and not 29.97).
    default : float
        The rate of a film of one frame that declares none.

    Examples
    --------
    A clock that rounds 30 frames/s to milliseconds is uniform; one that drops a frame is not:

    >>> thirty = np.array([0.0, 0.033, 0.067, 0.1])
    >>> rate_and_times(thirty, Fraction(1, 1000), [Fraction(30)])
    (30.0, None)
    >>> rate, times = rate_and_times(np.delete(thirty, 1), Fraction(1, 1000), [Fraction(30)])
    >>> rate, times.tolist()
    (20.0, [0.0, 0.067, 0.1])
    """
    rates = [float(rate) for rate in declared if rate is not None and rate > 0]
    if len(times) == 1:
        return (rates[0] if rates else default), None
    mean = (len(times) - 1) / float(times[-1])
    count = np.arange(len(times))
    for rate in [*rates, mean]:
        allowed = min(TICK_TOLERANCE * float(tick), INTERVAL_TOLERANCE / rate)
        if np.abs(times - count / rate).max() <= allowed:
            return rate, None
    return mean, times
