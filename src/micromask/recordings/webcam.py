"""A camera as a source of frames, each with the moment at which it came."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Any, Protocol

import cv2
from cv2.utils import logging

from micromask.core.errors import BadInputError
from micromask.core.types import Frame, Image


class Capture(Protocol):
    """What is asked of a camera: the part of ``cv2.VideoCapture`` that is used here."""

    def isOpened(self) -> bool:  # noqa: N802 - OpenCV's name
        """Whether the camera can be used."""
        ...

    def read(self) -> tuple[bool, Any]:
        """Whether a picture came, and the picture (H, W, 3) BGR."""
        ...

    def set(self, prop: int, value: float) -> bool:
        """Ask for a property."""
        ...

    def release(self) -> None:
        """Give the camera back."""
        ...


def webcam(
    device: int = 0,
    *,
    colour: bool = True,
    size: tuple[int, int] | None = None,
    fps: float | None = None,
    opener: Callable[[int], Capture] | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> Webcam:
    """A camera, open: iterate over it inside ``with``.

    Parameters
    ----------
    device : int
        0 for the first camera.
    colour : bool
        RGB; else grey.
    size : (H, W), optional
        What to ask the camera for; it gives the nearest it can.
    fps : float, optional
        What to ask the camera for. The true times are in the frames.
    opener : callable, optional
        From a device number to something like ``cv2.VideoCapture``, which it is if not given.
    clock : callable
        Seconds that never run backwards.

    Returns
    -------
    Webcam
        Frames are numbered from 0 and their times are seconds from the first.

    Raises
    ------
    BadInputError
        If there is no such camera, or another program holds it.
    """
    capture = _open(device) if opener is None else opener(device)
    for prop, value in (
        (cv2.CAP_PROP_FRAME_HEIGHT, size and size[0]),
        (cv2.CAP_PROP_FRAME_WIDTH, size and size[1]),
        (cv2.CAP_PROP_FPS, fps),
    ):
        if value and capture.isOpened():
            capture.set(prop, value)
    if not capture.isOpened():
        capture.release()
        raise BadInputError(f"no camera {device}: plug one in, close the program that uses it, or try another number")
    return Webcam(device, capture, colour=colour, clock=clock)


def _open(device: int) -> Capture:
    """OpenCV's capture, without its warning on the console where there is no camera."""
    level = logging.getLogLevel()
    logging.setLogLevel(logging.LOG_LEVEL_SILENT)
    try:
        capture: Capture = cv2.VideoCapture(device)
    finally:
        logging.setLogLevel(level)
    return capture


class Webcam:
    """Frames of a camera as they come, until the loop is left or the camera stops.

    ``broke_at`` is the number of the frame that did not come, else None, and ``reason`` says so. One camera gives one
    sequence: a second loop goes on where the first was left.

    Raises
    ------
    BadInputError
        While iterating, if the camera gives no picture at all.
    """

    def __init__(self, device: int, capture: Capture, *, colour: bool, clock: Callable[[], float]) -> None:
        self.device = device
        self.colour = colour
        self.broke_at: int | None = None
        self.reason = ""
        self._capture = capture
        self._clock = clock
        self._next = 0
        self._began = 0.0
        self._last = -1.0

    def __enter__(self) -> Webcam:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give the camera back."""
        self._capture.release()

    def __iter__(self) -> Iterator[Frame]:
        while True:
            there, picture = self._capture.read()
            now = self._clock()
            if not there or picture is None:
                if self._next == 0:
                    raise BadInputError(f"camera {self.device} gives no picture: is another program using it?")
                self.broke_at, self.reason = self._next, f"camera {self.device} stopped after {self._next} frames"
                return
            if self._next == 0:
                self._began = now
            elif now - self._began <= self._last:  # a clock too coarse to tell two frames apart
                now = self._began + self._last + 1e-6
            self._last = now - self._began
            image: Image = cv2.cvtColor(picture, cv2.COLOR_BGR2RGB if self.colour else cv2.COLOR_BGR2GRAY)
            self._next += 1
            yield Frame(self._next - 1, self._last, image)
