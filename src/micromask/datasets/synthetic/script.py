"""What happens in a synthetic film, and when."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from micromask.core.errors import BadInputError
from micromask.datasets.synthetic.actions import ACTIONS, MOST_AMPLITUDE

Times = NDArray[np.float64]

HeadKind = Literal["yaw", "pitch", "roll", "shift_x", "shift_y", "zoom", "sway"]
LightKind = Literal["global", "side", "flicker"]

MOST_DEGREES = 20.0
"""The farthest turn (degrees): beyond it a picture of the front of a head shows what the camera never saw."""


def rise(t: NDArray[np.floating[Any]] | float, start: float, end: float) -> Times:
    """Half a cosine: 0 up to ``start``, 1 from ``end`` on, smooth in between.

    >>> [round(float(rise(t, 1.0, 2.0)), 3) for t in (0.5, 1.0, 1.5, 2.0, 3.0)]
    [0.0, 0.0, 0.5, 1.0, 1.0]
    """
    share = np.clip((np.asarray(t, dtype=np.float64) - start) / (end - start), 0, 1)
    return np.asarray(0.5 - 0.5 * np.cos(np.pi * share))


@dataclass(frozen=True, slots=True)
class PlannedExpression:
    """One expression: it rises from ``onset_s`` to ``apex_s``, stays for ``hold_s`` and is gone at ``offset_s``.

    Parameters
    ----------
    onset_s, apex_s, offset_s : float
        Seconds on the film's clock; there is no movement at and before onset, and none at and after offset.
    actions : tuple of (name, amplitude)
        Names of :data:`micromask.datasets.synthetic.ACTIONS`; amplitude is the farthest that any point of the face
        moves at the apex, as a fraction of the distance between the eyes. 0.02 to 0.05 is a typical micro-expression,
        0.06 to 0.12 a macro-expression.
    emotion : str
        What the expression is meant to show, such as ``"surprise"``.
    hold_s : float
        How long the peak lasts (s), beginning at ``apex_s``.

    Raises
    ------
    BadInputError
        For an unknown action, an amplitude outside (0, 0.15], or times out of order.
    """

    onset_s: float
    apex_s: float
    offset_s: float
    actions: tuple[tuple[str, float], ...]
    emotion: str
    hold_s: float = 0.0

    def __post_init__(self) -> None:
        if not 0 <= self.onset_s < self.apex_s <= self.apex_s + self.hold_s < self.offset_s:
            raise BadInputError(
                f"a planned expression needs 0 <= onset < apex, apex + hold < offset; got onset {self.onset_s}, "
                f"apex {self.apex_s}, hold {self.hold_s}, offset {self.offset_s} s"
            )
        if not self.actions:
            raise BadInputError(f"the expression at {self.onset_s} s has no action; name at least one")
        for name, amplitude in self.actions:
            ACTIONS[name]  # answers a miss with the nearest name
            if not 0 < amplitude <= MOST_AMPLITUDE:
                raise BadInputError(
                    f"{name} at {self.onset_s} s: amplitude must be above 0 and at most {MOST_AMPLITUDE} "
                    f"of the distance between the eyes, got {amplitude}"
                )

    def strength(self, times: NDArray[np.floating[Any]] | float) -> Times:
        """How far the expression has come at each time, 0 to 1."""
        up = rise(times, self.onset_s, self.apex_s)
        return np.asarray(up - rise(times, self.apex_s + self.hold_s, self.offset_s))


@dataclass(frozen=True, slots=True)
class HeadMove:
    """One move of the head.

    ``amount`` is degrees for yaw (positive: the nose goes right in the picture), pitch (positive: down) and roll
    (positive: clockwise), a fraction of the distance between the eyes for shift_x, shift_y and sway, and the share by
    which the head grows for zoom. ``there_and_back`` returns to rest at ``end_s``; otherwise the head stays where it
    is from then on. Sway is a slow wandering (shift, a little roll and yaw) of that amplitude, faded in and out.
    """

    kind: HeadKind
    start_s: float
    end_s: float
    amount: float
    there_and_back: bool = True

    def __post_init__(self) -> None:
        most = {"yaw": MOST_DEGREES, "pitch": MOST_DEGREES, "roll": MOST_DEGREES, "zoom": 0.25}
        limits: dict[str, float] = most | {"shift_x": 0.4, "shift_y": 0.4, "sway": 0.2}
        if self.kind not in limits:
            raise BadInputError(f"no head move {self.kind!r}; known: {', '.join(sorted(limits))}")
        _check_interval(f"head move {self.kind}", self.start_s, self.end_s)
        if abs(self.amount) > limits[self.kind]:
            raise BadInputError(f"head move {self.kind}: at most {limits[self.kind]} either way, got {self.amount}")

    def course(self, times: NDArray[np.floating[Any]] | float) -> Times:
        """Share of ``amount`` that is reached at each time, 0 to 1."""
        if not self.there_and_back:
            return rise(times, self.start_s, self.end_s)
        middle = (self.start_s + self.end_s) / 2
        return np.asarray(rise(times, self.start_s, middle) - rise(times, middle, self.end_s))


@dataclass(frozen=True, slots=True)
class LightChange:
    """One change of light.

    ``gain`` multiplies the picture when the change is complete: everywhere (global), at the left edge with its
    opposite at the right edge (side), or swinging between ``gain`` and ``2 - gain`` at ``hertz`` (flicker).
    """

    kind: LightKind
    start_s: float
    end_s: float
    gain: float = 1.2
    there_and_back: bool = True
    hertz: float = 3.0

    def __post_init__(self) -> None:
        if self.kind not in ("global", "side", "flicker"):
            raise BadInputError(f"no light change {self.kind!r}; known: flicker, global, side")
        _check_interval(f"light change {self.kind}", self.start_s, self.end_s)
        if not 0.2 <= self.gain <= 1.8:
            raise BadInputError(f"light change {self.kind}: gain must be 0.2 to 1.8, got {self.gain}")

    def course(self, times: NDArray[np.floating[Any]] | float) -> Times:
        """Share of the change that is reached at each time, 0 to 1 (-1 to 1 for flicker)."""
        t = np.asarray(times, dtype=np.float64)
        if self.kind == "flicker":
            fade = min(0.2, (self.end_s - self.start_s) / 4)
            window = rise(t, self.start_s, self.start_s + fade) - rise(t, self.end_s - fade, self.end_s)
            return np.asarray(window * np.sin(2 * np.pi * self.hertz * (t - self.start_s)))
        return HeadMove("yaw", self.start_s, self.end_s, 1, self.there_and_back).course(t)


@dataclass(frozen=True, slots=True)
class Script:
    """All that happens in one synthetic film. The same script gives the same bytes.

    Parameters
    ----------
    seconds, fps : float
        Length (s) and frame rate, 1 to 240 frames/s. With ``times``, which say it
        all, ``seconds`` is not looked at and ``fps`` is only what a container is told.
    size : int
        Width and height of the square picture (px), a multiple of 4 from 64 to 2160.
    expressions : tuple of PlannedExpression
    blinks : tuple of float
        Times (s) at which blinks begin; each lasts ``blink_seconds``.
    head, light : tuple of HeadMove, tuple of LightChange
    noise : float
        Standard deviation of the sensor noise in each channel (grey levels), mostly common to the channels.
    subject : int
        0 is the plain portrait; every other number is another face.
    seed : int
        Of the noise and of the sway.
    times : tuple of float or None
        Presentation time of every frame (s), ascending, for a variable frame rate.
    """

    seconds: float
    fps: float
    size: int = 480
    expressions: tuple[PlannedExpression, ...] = ()
    blinks: tuple[float, ...] = ()
    blink_seconds: float = 0.25
    head: tuple[HeadMove, ...] = ()
    noise: float = 2.0
    light: tuple[LightChange, ...] = ()
    subject: int = 0
    seed: int = 0
    times: tuple[float, ...] | None = None

    def __post_init__(self) -> None:
        if not 1 <= self.fps <= 240:
            raise BadInputError(f"a synthetic film has 1 to 240 frames/s, got {self.fps}")
        if not 0 < self.seconds < math.inf:
            raise BadInputError(f"a synthetic film needs a length above 0 s, got {self.seconds}")
        if self.size % 4 or not 64 <= self.size <= 2160:
            raise BadInputError(f"size must be a multiple of 4 from 64 to 2160 px, got {self.size}")
        if not 0.05 <= self.blink_seconds <= 1:
            raise BadInputError(f"a blink lasts 0.05 to 1 s, got {self.blink_seconds}")
        if not 0 <= self.noise <= 50:
            raise BadInputError(f"noise must be 0 to 50 grey levels, got {self.noise}")
        if self.subject < 0 or self.seed < 0:
            raise BadInputError(f"subject and seed count from 0, got {self.subject} and {self.seed}")
        if self.times is not None and (not self.times or (np.diff(self.times) <= 0).any() or self.times[0] < 0):
            raise BadInputError("times must be one or more ascending seconds, none of them negative")


def _check_interval(what: str, start_s: float, end_s: float) -> None:
    if not start_s < end_s:
        raise BadInputError(f"{what}: must end after it starts, got {start_s} to {end_s} s")


def frame_times(script: Script) -> Times:
    """(T,) presentation time of every frame (s): ``script.times``, or n / fps from 0.

    >>> frame_times(Script(seconds=1, fps=4)).tolist()
    [0.0, 0.25, 0.5, 0.75]
    """
    if script.times is not None:
        return np.array(script.times, dtype=np.float64)
    return np.arange(max(1, round(script.seconds * script.fps))) / script.fps


def blink_closure(script: Script, times: NDArray[np.floating[Any]] | float) -> Times:
    """How far the lids are down at each time, 0 (open) to 1 (shut): down in a third of the blink, up in half of it."""
    closure = np.zeros_like(np.asarray(times, dtype=np.float64))
    for start in script.blinks:
        shut, opening, end = (start + share * script.blink_seconds for share in (0.35, 0.5, 1.0))
        closure = np.maximum(closure, rise(times, start, shut) - rise(times, opening, end))
    return closure
