"""Fewer points to draw where a film is long, with nothing that stands out left out."""

from __future__ import annotations

import numpy as np

from micromask.core.types import FloatArray, IntArray


def envelope(values: FloatArray, limit: int) -> IntArray:
    """Which points of a line to draw so that its peaks and troughs stay.

    Parameters
    ----------
    values : (T,) float
        NaN where nothing was measured.
    limit : int
        At most about this many points, at least 4.

    Returns
    -------
    (N,) int64
        Ascending indices: all of them where T <= limit, else the lowest and the highest of each of limit / 2 equal
        stretches, and one point of a stretch that is NaN throughout, so that the line breaks there.

    Examples
    --------
    A single spike among a thousand points is kept:

    >>> line = np.zeros(1000)
    >>> line[777] = 5
    >>> drawn = envelope(line, 20)
    >>> 777 in drawn, len(drawn) <= 20
    (True, True)
    """
    if limit < 4:
        raise ValueError(f"a drawn line has at least 4 points, got {limit}")
    if len(values) <= limit:
        return np.arange(len(values), dtype=np.int64)
    blocks, starts = _blocks(np.asarray(values, dtype=np.float64), limit // 2)
    unseen = np.isnan(blocks)
    low = np.where(unseen, np.inf, blocks).argmin(axis=1)
    high = np.where(unseen, -np.inf, blocks).argmax(axis=1)
    kept = np.unique(np.concatenate([starts + low, starts + high]))
    return kept[kept < len(values)].astype(np.int64)


def peaks(values: FloatArray, columns: int) -> tuple[FloatArray, IntArray]:
    """The highest of each stretch of a line, for a heat map of at most ``columns`` columns.

    Returns
    -------
    (N,) float
        Values, NaN where a stretch has none.
    (N,) int64
        The first index of each stretch.

    >>> peaks(np.array([0.0, 1, 2, 9, 4, 5]), 3)
    (array([1., 9., 5.]), array([0, 2, 4]))
    """
    if len(values) <= columns:
        return np.asarray(values, dtype=np.float64), np.arange(len(values), dtype=np.int64)
    blocks, starts = _blocks(np.asarray(values, dtype=np.float64), columns)
    return np.fmax.reduce(blocks, axis=1), starts


def _blocks(values: FloatArray, wanted: int) -> tuple[FloatArray, IntArray]:
    """Equal stretches (N, width), the last filled up with NaN, and where each starts; N <= wanted."""
    width = -(-len(values) // wanted)
    number = -(-len(values) // width)
    padded = np.full(number * width, np.nan)
    padded[: len(values)] = values
    return padded.reshape(number, width), np.arange(number, dtype=np.int64) * width
