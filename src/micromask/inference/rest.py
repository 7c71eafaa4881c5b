"""Where a face rests: the slow part of its motion, from which an expression is a journey and a return."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
from scipy.ndimage import gaussian_filter1d

from micromask.core.types import FloatArray

GRID_RATE = 100.0
"""Motion is studied at no more than this many samples per second."""

SMOOTHING = 0.012
"""Standard deviation of the smoothing over time, s: takes the jitter at 200 frames/s, changes nothing at 30."""

WINDOW = 10.0
"""Seconds over which the resting place is sought: well beyond twice the longest ordinary expression (4 s)."""


def timeline_grid(times: FloatArray) -> tuple[FloatArray, Callable[[FloatArray], FloatArray]]:
    """A uniform grid over ``times`` (T,) and the function that brings values (T, C) onto it as (G, C).

    The grid has the film's own median rate, at most GRID_RATE; faster film is averaged, irregular film interpolated.

    Examples
    --------
    >>> grid, onto = timeline_grid(np.array([0, 0.03, 0.07, 0.1]))
    >>> len(grid), bool(np.allclose(onto(np.array([[0], [3], [7], [10.0]]))[:, 0], 100 * grid, atol=0.5))
    (4, True)
    """
    interval = float(np.median(np.diff(times)))
    count = max(2, round((times[-1] - times[0]) * min(1 / interval, GRID_RATE)) + 1)
    grid = np.linspace(times[0], times[-1], count)
    fine = np.linspace(times[0], times[-1], max(count, len(times)))

    def onto(values: FloatArray) -> FloatArray:
        even = np.stack([np.interp(fine, times, column) for column in values.T], axis=1)
        step = (fine[-1] - fine[0]) / (len(fine) - 1)
        smooth = gaussian_filter1d(even, SMOOTHING / step, axis=0, mode="nearest", truncate=3)
        return np.stack([np.interp(grid, fine, column) for column in smooth.T], axis=1)

    return grid, onto


def resting_place(grid: FloatArray, travel: FloatArray, quiet: float) -> FloatArray:
    """The slow part of a face's travel: where each region would be without expressions.

    A running median over WINDOW seconds, taken again without the moments at which any region is further away than
    expressions' noise allows, so that a long smile does not drag its own resting place along.

    Parameters
    ----------
    grid : (G,) float
        Uniform times, s.
    travel : (G, R, 2) float
        Displacements.
    quiet : float
        Distance from rest, in the unit of travel, up to which a moment counts as rest.

    Returns
    -------
    (G, R, 2) float
    """
    rate = (len(grid) - 1) / (grid[-1] - grid[0])
    every = max(1, round(rate / 10))
    flat = travel.reshape(len(grid), -1)
    coarse, columns = grid[::every], flat[::every]
    width = max(3, round(WINDOW * rate / every)) | 1
    rest = _running_median(columns, width)
    for _ in range(3):
        away = np.linalg.norm((columns - rest).reshape(len(coarse), -1, 2), axis=2).max(1)
        calm = away <= max(quiet, 1.5 * float(np.quantile(away, 0.3)))
        if calm.sum() < 0.15 * len(calm):
            break
        rest = _running_median(np.where(calm[:, None], columns, np.nan), width)
    smooth = gaussian_filter1d(rest, 0.5 * rate / every, axis=0, mode="nearest")
    fine = np.stack([np.interp(grid, coarse, column) for column in smooth.T], axis=1)
    return fine.reshape(travel.shape)


def _running_median(columns: FloatArray, width: int) -> FloatArray:
    """Centred running median over rows, without the NaN; gaps are filled from their neighbours."""
    fewest = max(1, min(width, len(columns)) // 12)
    table = pd.DataFrame(columns).rolling(width, center=True, min_periods=fewest).median()
    return table.interpolate(limit_direction="both").to_numpy()
