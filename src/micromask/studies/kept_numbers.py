"""Which frames of a film are kept, and the number that each is known by."""

from __future__ import annotations

import math

import numpy as np

from micromask.core.types import FloatArray
from micromask.imaging.sample import each_seconds


def kept_numbers(times: FloatArray, seconds: float) -> dict[int, int]:
    """The frame of the film that each kept number stands for: number n is the frame nearest to n * ``seconds``.

    Counted from 1, so that with steps of half a second number 30 is the 15th second. A number near which the film has
    no frame, as in a gap of a film of variable rate, is left out, and the others keep theirs.

    Parameters
    ----------
    times : (T,) float
        Each frame's time from the first one, s, ascending.
    seconds : float
        The step, s.

    Examples
    --------
    A film of ten frames a second that shows nothing new from 0.9 to 2.0 s:

    >>> times = np.concatenate([np.arange(0, 1.0, 0.1), np.arange(2.0, 3.0, 0.1)])
    >>> kept_numbers(times, 0.5)
    {1: 5, 2: 9, 4: 10, 5: 15}
    """
    clock = np.asarray(times, dtype=np.float64)
    numbers: dict[int, int] = {}
    last = 0
    for frame in each_seconds(clock, seconds).tolist():
        # A frame half way between two numbers stands for the first of them that is free.
        number = max(math.ceil(clock[frame] / seconds - 0.5 - 1e-9), last + 1)
        numbers[number] = frame
        last = number
    return numbers
