"""Frames at their time: a film played as if a camera filmed it, and the newest frame for whoever is slower."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterable, Iterator
from itertools import count
from threading import Condition, Thread

from micromask.core.types import Frame, Recording
from micromask.recordings.stream import read

LEAVE_SECONDS = 5.0
"""So long the end of `newest` waits for a frame that is just being taken."""


def played(
    recording: Recording,
    *,
    longest: int | None = None,
    loop: bool = False,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> Iterator[Frame]:
    """The frames of a film in colour, each given when it is due on the film's own clock.

    Who takes them too slowly gets them late and none is left out; see `newest`.

    Parameters
    ----------
    recording : Recording
    longest : int, optional
        As `micromask.recordings.read`.
    loop : bool
        Begin again at the end, for ever; numbers and times go on.
    clock, sleep : callable
        Seconds that never run backwards, and waiting for some of them.
    """
    began: float | None = None
    before_s, before = 0.0, 0
    for turn in count():
        index, at = before, before_s
        for frame in read(recording, colour=True, longest=longest):
            began = clock() if began is None else began
            index, at = before + frame.index, before_s + frame.time
            wait = began + at - clock()
            if wait > 0:
                sleep(wait)
            yield Frame(index, at, frame.image, frame.scale)
        if not loop or (turn == 0 and began is None):
            return
        before, before_s = index + 1, at + 1 / recording.fps


def newest(frames: Iterable[Frame], clock: Callable[[], float] = time.monotonic) -> Generator[tuple[Frame, float]]:
    """The newest frame each time, and when it came (s of the clock); what came meanwhile is left out.

    The frames are taken by a thread of their own, so that a camera never waits and nothing old is looked at. What goes
    wrong there is raised here, after the last frame.
    """
    box = _Box()

    def take() -> None:
        error: BaseException | None = None
        iterator = iter(frames)
        try:
            for frame in iterator:
                if not box.put((frame, clock())):
                    break
        except BaseException as raised:  # noqa: BLE001 - raised again where the frames are used
            error = raised
        finally:
            if hasattr(iterator, "close"):
                iterator.close()
        box.end(error)

    thread = Thread(target=take, name="camera", daemon=True)
    thread.start()
    try:
        while (got := box.get()) is not None:
            yield got
    finally:
        box.leave()
        thread.join(LEAVE_SECONDS)  # a camera is not to be closed while it is asked for a frame


class _Box:
    """Room for one frame."""

    def __init__(self) -> None:
        self._changed = Condition()
        self._frame: tuple[Frame, float] | None = None
        self._over, self._left = False, False
        self._error: BaseException | None = None

    def put(self, frame: tuple[Frame, float]) -> bool:
        """Put the newest in; whether anybody still wants it."""
        with self._changed:
            self._frame = frame
            self._changed.notify()
            return not self._left

    def end(self, error: BaseException | None) -> None:
        """There is no more."""
        with self._changed:
            self._over, self._error = True, error
            self._changed.notify()

    def get(self) -> tuple[Frame, float] | None:
        """The newest, waited for; None at the end."""
        with self._changed:
            self._changed.wait_for(lambda: self._frame is not None or self._over)
            frame, self._frame = self._frame, None
            if frame is None and self._error is not None:
                raise self._error
            return frame

    def leave(self) -> None:
        """Nobody wants more."""
        with self._changed:
            self._left = True
