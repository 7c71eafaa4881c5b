"""Films that the demo, the tests and the benchmarks share."""

from __future__ import annotations

import math

import numpy as np

from micromask.core.errors import BadInputError
from micromask.datasets.synthetic.script import HeadMove, LightChange, PlannedExpression, Script


def demo_script(fps: float = 30) -> Script:
    """Fifteen seconds: slow head motion, two blinks, three micro-expressions and a macro-expression (a smile)."""
    return Script(
        seconds=15,
        fps=fps,
        expressions=(
            PlannedExpression(2.5, 2.7, 2.95, (("inner_brow_raiser", 0.045), ("outer_brow_raiser", 0.045)), "surprise"),
            PlannedExpression(5.6, 5.78, 6.02, (("brow_lowerer", 0.045),), "negative"),
            PlannedExpression(8.4, 8.62, 8.86, (("lip_corner_puller", 0.04),), "positive"),
            PlannedExpression(11.2, 11.8, 13.0, (("lip_corner_puller", 0.08),), "positive", hold_s=0.4),
        ),
        blinks=(4.1, 10.0),
        head=(HeadMove("sway", 0, 15, 0.05),),
        seed=1,
    )


def still_script(seconds: float = 20, fps: float = 30) -> Script:
    """A still face and nothing but noise."""
    return Script(seconds=seconds, fps=fps, seed=2)


def trap_script(seconds: float = 20, fps: float = 30) -> Script:
    """What is easily taken for an expression, and no expression: turns and nods, a change of light, six blinks."""
    s = seconds / 20
    return Script(
        seconds=seconds,
        fps=fps,
        blinks=tuple(s * start for start in (1.0, 3.6, 7.4, 11.0, 14.6, 18.2)),
        head=(
            HeadMove("yaw", 2 * s, 5 * s, 8),
            HeadMove("pitch", 6 * s, 8.5 * s, 6),
            HeadMove("yaw", 9.5 * s, 13 * s, -8),
            HeadMove("pitch", 16.5 * s, 19 * s, -5),
        ),
        light=(LightChange("global", 13.6 * s, 16 * s, 1.15),),
        seed=3,
    )


def vfr_times(seconds: float, mean_fps: float, seed: int = 0) -> tuple[float, ...]:
    """Irregular presentation times (s) as a browser records them: intervals of 15 to 52 ms around 1 / mean_fps.

    Raises
    ------
    BadInputError
        If mean_fps is not between 20 and 62.
    """
    if not 20 <= mean_fps <= 62:
        raise BadInputError(f"intervals of 15 to 52 ms give a mean of 20 to 62 frames/s, got {mean_fps}")
    rng = np.random.default_rng([seed, 5])
    mean = 1 / mean_fps
    reach = min(mean - 0.015, 0.052 - mean)
    half = reach * rng.random(math.ceil(seconds * mean_fps / 2) + 1) ** 0.5
    steps = mean + rng.permutation(np.concatenate([half, -half]))
    times = np.round(np.concatenate([[0], np.cumsum(steps)]), 3)
    return tuple(float(time) for time in times[times < seconds])
