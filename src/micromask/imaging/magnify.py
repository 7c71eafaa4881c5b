"""Eulerian motion magnification: movements too small to see, made larger without following anything.

Each pixel's brightness is filtered in time within one band of spatial wavelengths, and the filtered part is added back
several times over. For a displacement d that is small against the wavelength this moves the pattern by (1 + alpha) d.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from micromask.core.types import Image

Plane = NDArray[np.float32]

# RGB to YIQ (NTSC) and back: brightness apart from colour.
_TO_YIQ = np.array([[0.299, 0.587, 0.114], [0.596, -0.274, -0.322], [0.211, -0.523, 0.312]], dtype=np.float32)
_FROM_YIQ = np.linalg.inv(_TO_YIQ).astype(np.float32)


@dataclass(frozen=True, slots=True)
class Magnification:
    """How much of what is made larger.

    ``alpha`` is what the motion grows by: (1 + alpha) times. ``band`` are the lowest and the highest frequency in Hz
    that count as motion of interest. ``wavelength`` in px: patterns finer than this get less than alpha, because for
    them (1 + alpha) d would pass an eighth of their wavelength and tear; for pictures that move by d px, take
    8 (1 + alpha) d. ``chroma`` is the share of alpha that colour gets.
    """

    alpha: float = 10.0
    band: tuple[float, float] = (0.5, 8.0)
    wavelength: float = 16.0
    chroma: float = 0.1

    def __post_init__(self) -> None:
        if not self.alpha >= 0 or not self.wavelength > 0 or not 0 <= self.chroma <= 1:
            raise ValueError(f"alpha >= 0, wavelength > 0 and chroma in [0, 1] are wanted, got {self}")
        if not 0 < self.band[0] < self.band[1]:
            raise ValueError(f"a band is two rising frequencies above 0 Hz, got {self.band}")

    def at(self, level: int) -> float:
        """Factor for one level of the pyramid, whose patterns are about 3 * 2**level px long."""
        return float(np.clip((1 + self.alpha) * 3 * 2**level / self.wavelength - 1, 0, self.alpha))


def _band(wanted: Magnification, fps: float) -> tuple[float, float]:
    low, high = wanted.band
    if not fps > 0:
        raise ValueError(f"fps must be positive, got {fps}")
    if low >= fps / 2:
        raise ValueError(
            f"a film of {fps:g} frames/s shows nothing above {fps / 2:g} Hz; the band begins at {low:g} Hz"
        )
    return low, min(high, 0.499 * fps)


def two_poles(low: float, high: float, fps: float) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Numerator and denominator of the recursive Butterworth band-pass of two poles between two frequencies, Hz.

    By the bilinear transform of w s / (s² + w s + w0²), with both edges bent so that they stay where they are wanted;
    the gain is 1 at their (bent) geometric mean and 0 at rest.
    """
    lower, upper = np.tan(np.pi * low / fps), np.tan(np.pi * high / fps)
    width, centre = upper - lower, lower * upper
    scale = 1 + width + centre
    gain = float(width / scale)
    return (gain, 0.0, -gain), (1.0, float(2 * (centre - 1) / scale), float((1 - width + centre) / scale))


def _levels(shape: tuple[int, ...]) -> int:
    return max(1, int(np.log2(max(min(shape[:2]), 2) / 4)))


def _decompose(picture: Plane, levels: int) -> list[Plane]:
    """Laplacian pyramid without its lowest rest, finest level first."""
    made: list[Plane] = []
    for _ in range(levels):
        small = cv2.pyrDown(picture)
        made.append(picture - cv2.pyrUp(small, dstsize=(picture.shape[1], picture.shape[0])))
        picture = np.asarray(small, dtype=np.float32)
    return made


def _collapse(parts: list[Plane]) -> Plane:
    total = parts[-1]
    for part in reversed(parts[:-1]):
        total = part + cv2.pyrUp(total, dstsize=(part.shape[1], part.shape[0]))
    return total


def _to_plane(frame: Image) -> Plane:
    values = frame.astype(np.float32)
    return np.asarray(values @ _TO_YIQ.T) if frame.ndim == 3 else values


def _add(frame: Image, change: Plane, chroma: float) -> Image:
    if frame.ndim == 3:
        change = (change * np.array([1, chroma, chroma], dtype=np.float32)) @ _FROM_YIQ.T
    return np.asarray(np.clip(np.rint(frame + change), 0, 255), dtype=np.uint8)


def _check(shape: tuple[int, ...], dtype: np.dtype[Any]) -> None:
    if dtype != np.uint8 or len(shape) not in (2, 3) or (len(shape) == 3 and shape[2] != 3) or min(shape[:2]) < 8:
        raise ValueError(f"frames must be (H, W) or (H, W, 3) uint8 of at least 8 px, got {shape} {dtype}")


class Magnifier:
    """Magnifies a film frame by frame; keeps three pyramids, however long the film.

    The band-pass is a recursive Butterworth filter of two poles, so what comes out lags by a fraction of a period.

    Parameters
    ----------
    fps : float
        Frames per second.
    wanted : Magnification
        What to enlarge.

    Raises
    ------
    ValueError
        If the band lies above what the frame rate shows.

    Source
    ------
    Wu, Rubinstein, Shih, Guttag, Durand, Freeman 2012, doi:10.1145/2185520.2185561
    """

    def __init__(self, fps: float, wanted: Magnification | None = None) -> None:
        self._wanted = wanted or Magnification()
        self._b, self._a = two_poles(*_band(self._wanted, fps), fps)
        self._state: list[tuple[Plane, Plane]] | None = None
        self._shape: tuple[int, ...] = ()

    def step(self, frame: Image) -> Image:
        """The next frame (H, W) or (H, W, 3) uint8, magnified; the first comes back unchanged.

        Raises
        ------
        ValueError
            If the frame is of another kind or size than the first.
        """
        _check(frame.shape, frame.dtype)
        parts = _decompose(_to_plane(frame), _levels(frame.shape))
        if self._state is None:
            # As if the first frame had always been there: a band-pass then gives nothing.
            self._shape = frame.shape
            self._state = [(-self._b[0] * part, self._b[2] * part) for part in parts]
        elif frame.shape != self._shape:
            raise ValueError(f"the film began with frames of {self._shape}, got {frame.shape}")
        moved = []
        for level, part in enumerate(parts):
            filtered = self._filter(level, part)
            moved.append(np.asarray(filtered * np.float32(self._wanted.at(level)), dtype=np.float32))
        return _add(frame, _collapse(moved), self._wanted.chroma)

    def _filter(self, level: int, value: Plane) -> Plane:
        """One step of the transposed direct form II."""
        assert self._state is not None
        one, two = self._state[level]
        (b0, b1, b2), (_, a1, a2) = self._b, self._a
        out = b0 * value + one
        self._state[level] = (b1 * value - a1 * out + two, b2 * value - a2 * out)
        return out


def magnify(
    frames: NDArray[np.uint8],
    fps: float,
    wanted: Magnification | None = None,
    temporal: Literal["ideal", "iir"] = "ideal",
) -> NDArray[np.uint8]:
    """A short film with its small movements enlarged.

    Parameters
    ----------
    frames : (T, H, W) or (T, H, W, 3) uint8
        The film, grey or RGB.
    fps : float
        Frames per second.
    wanted : Magnification, optional
        What to enlarge and how much.
    temporal : {"ideal", "iir"}
        ``ideal`` keeps exactly the band's frequencies, without lag; it looks at all frames at once and needs some ten
        times their memory, and it takes the film for one period of an endless one. ``iir`` is ``Magnifier`` on each
        frame in turn.

    Returns
    -------
    like frames, uint8

    Raises
    ------
    ValueError
        If frames are of another kind, or the band lies above what the frame rate shows.

    Source
    ------
    Wu, Rubinstein, Shih, Guttag, Durand, Freeman 2012, doi:10.1145/2185520.2185561

    Examples
    --------
    >>> still = np.full((4, 16, 16), 100, np.uint8)
    >>> bool((magnify(still, 30) == still).all())
    True
    """
    if frames.ndim < 3 or len(frames) == 0:
        raise ValueError(f"a film is (T, H, W) or (T, H, W, 3), got {frames.shape}")
    _check(frames.shape[1:], frames.dtype)
    setting = wanted or Magnification()
    if temporal == "iir":
        magnifier = Magnifier(fps, setting)
        return np.stack([magnifier.step(frame) for frame in frames])
    if temporal != "ideal":
        raise ValueError(f"no temporal filter {temporal!r}; known: ideal, iir")
    low, high = _band(setting, fps)
    frequency = np.fft.rfftfreq(len(frames), 1 / fps)
    outside = (frequency < low) | (frequency > high)
    levels = _levels(frames.shape[1:])
    pyramids = [_decompose(_to_plane(frame), levels) for frame in frames]
    moved: list[Plane] = []
    for level in range(levels):
        spectrum = np.fft.rfft(np.stack([pyramid[level] for pyramid in pyramids]), axis=0)
        spectrum[outside] = 0
        kept = np.fft.irfft(spectrum, len(frames), axis=0) * setting.at(level)
        moved.append(kept.astype(np.float32))
    made = [_add(frame, _collapse([each[i] for each in moved]), setting.chroma) for i, frame in enumerate(frames)]
    return np.stack(made)
