"""Which frames of a film to take, as rows of numbers, and films brought to another number of frames."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from micromask.core.types import FloatArray

Indices = NDArray[np.intp]


def each_seconds(times: FloatArray, seconds: float = 0.5, *, start: float | None = None) -> Indices:
    """One frame each so many seconds: those whose times lie nearest to ``start``, ``start + seconds``, and so on.

    Parameters
    ----------
    times : (T,) float
        Each frame's time, s, ascending.
    seconds : float
        Step, s.
    start : float, optional
        The first time wanted, s. By default ``seconds``: the k-th frame taken, counted from 1, then is the film at
        k * seconds, so that with steps of half a second the 30th is the 15th second, as the frames of the MMED-FST
        study were counted. Give 0 to begin with the first frame.

    Returns
    -------
    (N,) int
        Ascending frame numbers, each once. A time at which no frame lies within half a step, as in a gap of a film of
        variable rate, is left out: use the frames' own times to map them back.

    Raises
    ------
    ValueError
        If times do not ascend or seconds is not positive.

    Examples
    --------
    >>> times = np.arange(0, 20 * 30) / 30
    >>> taken = each_seconds(times, 0.5)
    >>> taken[:3].tolist(), times[taken[30 - 1]].item()
    ([15, 30, 45], 15.0)
    """
    clock = np.asarray(times, dtype=np.float64)
    if clock.ndim != 1 or clock.size == 0 or (np.diff(clock) <= 0).any():
        raise ValueError(f"times must be (T,) and ascend, got shape {clock.shape}")
    if not seconds > 0:
        raise ValueError(f"seconds must be positive, got {seconds}")
    first = seconds if start is None else start
    last_shown = clock[-1] + (np.median(np.diff(clock)) / 2 if clock.size > 1 else 0.0)
    count = int(np.floor((last_shown - first) / seconds + 1e-9)) + 1
    wanted = first + seconds * np.arange(max(count, 0))
    after = np.searchsorted(clock, wanted).clip(1, max(clock.size - 1, 1))
    before = after - 1
    after = np.minimum(after, clock.size - 1)
    nearest = np.where(wanted - clock[before] <= clock[after] - wanted, before, after)
    near = np.abs(clock[nearest] - wanted) <= seconds / 2
    return np.unique(nearest[near]).astype(np.intp)


def per_second(times: FloatArray, k: float) -> Indices:
    """k frames in each second, from the first frame on, evenly; every frame where the film has fewer.

    Parameters, result and errors are those of ``each_seconds`` with ``seconds = 1 / k`` from the first frame's time.

    Examples
    --------
    >>> per_second(np.arange(200) / 200, 10).tolist()
    [0, 20, 40, 60, 80, 100, 120, 140, 160, 180]
    """
    if not k > 0:
        raise ValueError(f"k frames per second must be positive, got {k}")
    return each_seconds(times, 1 / k, start=float(times[0]) if np.size(times) else 0.0)


def around_apex(n_frames: int, apex: int, n: int, *, step: int = 1) -> Indices:
    """The apex and equally many frames before and after it.

    Parameters
    ----------
    n_frames : int
        Frames in the film.
    apex : int
        The strongest frame, counted from 0.
    n : int
        Frames wanted on each side; where the film has fewer on one side, both sides get as many as that side has.
    step : int
        Frames from one taken frame to the next, such as 20 for ten per second out of 200.

    Returns
    -------
    (2 m + 1,) int
        Ascending frame numbers, m <= n, the apex in the middle.

    Raises
    ------
    ValueError
        If the apex is not in the film, n is negative or step is below 1.

    Examples
    --------
    >>> around_apex(100, 50, 3, step=5).tolist()
    [35, 40, 45, 50, 55, 60, 65]
    >>> around_apex(100, 97, 3).tolist()
    [95, 96, 97, 98, 99]
    """
    if not 0 <= apex < n_frames:
        raise ValueError(f"apex {apex} is not in a film of {n_frames} frames (counted from 0)")
    if n < 0 or step < 1:
        raise ValueError(f"n must be 0 or more and step at least 1, got {n} and {step}")
    m = min(n, apex // step, (n_frames - 1 - apex) // step)
    return (apex + step * np.arange(-m, m + 1)).astype(np.intp)


def interpolate_frames(frames: NDArray[Any], n: int, method: Literal["linear", "tim"] = "linear") -> NDArray[Any]:
    """A film brought to n frames, evenly from its first to its last.

    Parameters
    ----------
    frames : (T, H, W) or (T, H, W, C) uint8 or float
        The film, or anything else with one entry a frame.
    n : int
        Frames wanted, more or fewer than T.
    method : {"linear", "tim"}
        ``linear`` blends the two frames beside each time. ``tim`` is the temporal interpolation model: the frames are
        taken as points on a curve, the curve is what embeds the graph in which each frame is joined to the next, and
        new frames are read off between them. It is smoother than blending and can overshoot.

    Returns
    -------
    (n, H, W) or (n, H, W, C)
        In the film's own type; integers are rounded and kept within their range.

    Raises
    ------
    ValueError
        If there is no frame, n is below 1 or there is no such method.

    Source
    ------
    Zhou, Zhao, Pietikäinen 2011, doi:10.1109/CVPR.2011.5995345

    Notes
    -----
    The k-th eigenvector of the path graph's Laplacian is cos(pi k (i - 1/2) / T) at frame i = 1 … T, a continuous
    function of i. The model finds the linear map that takes the frames, less their mean, to these coordinates, and its
    inverse. When the frames are linearly independent, as it supposes, going there and back is the cosine series of each
    pixel over time, evaluated between the frames: that is what is computed, one weight for each frame and no picture
    decomposed. It goes on where the model's own inverse would not exist, as with a frame that is shown twice.

    Examples
    --------
    >>> interpolate_frames(np.array([[[0.0]], [[1.0]]]), 5).ravel().tolist()
    [0.0, 0.25, 0.5, 0.75, 1.0]
    """
    film = np.asarray(frames)
    if film.ndim < 1 or film.shape[0] < 1 or film.size == 0:
        raise ValueError(f"a film of at least one frame is wanted, got {film.shape}")
    if n < 1:
        raise ValueError(f"at least one frame must be wanted, got {n}")
    makers = {"linear": _linear_weights, "tim": _cosine_weights}
    if method not in makers:
        raise ValueError(f"no interpolation {method!r}; known: {', '.join(makers)}")
    t = film.shape[0]
    weights = makers[method](t, np.linspace(0, t - 1, n))
    kind = film.dtype if film.dtype.kind == "f" else np.dtype(np.float32)
    made = (weights.astype(kind) @ film.reshape(t, -1).astype(kind)).reshape(n, *film.shape[1:])
    if film.dtype.kind in "iu":
        bounds = np.iinfo(film.dtype)
        made = np.clip(np.rint(made), bounds.min, bounds.max)
    return made.astype(film.dtype)


def _linear_weights(t: int, at: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(np.maximum(1 - np.abs(at[:, None] - np.arange(t)[None, :]), 0))


def _cosine_weights(t: int, at: NDArray[np.float64]) -> NDArray[np.float64]:
    """Row j gives frame ``at[j]``, counted from 0 and not whole, as a sum of the t frames."""
    k = np.arange(t)
    here = np.cos(np.pi * np.outer(at + 0.5, k) / t)
    there = np.cos(np.pi * np.outer(k + 0.5, k) / t)
    scale = np.where(k == 0, 1.0, 2.0) / t
    return np.asarray((here * scale) @ there.T)
