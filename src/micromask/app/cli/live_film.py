"""A film written while frames come, by a thread of its own: a frame that it has no time for is left out and counted."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from queue import Full, Queue
from threading import Thread

from micromask.core.errors import BadOutputError
from micromask.core.types import Frame, Image
from micromask.recordings import write_film

WAITING = 60
"""So many frames may wait to be written, two seconds of most cameras."""

FPS = 30.0
"""What the film's header says; the frames have their own times."""

ENDINGS = (".mp4", ".mkv", ".mov", ".avi")


class FilmWriter:
    """Writes frames as they come; `end` it, and the film is there under its name.

    Parameters
    ----------
    path : Path

    Raises
    ------
    BadOutputError
        If something of that name is there, its folder is not, or its ending is none of `ENDINGS`.
    """

    def __init__(self, path: Path) -> None:
        if path.suffix.lower() not in ENDINGS:
            raise BadOutputError(f"{path}: a film is recorded as {', '.join(ENDINGS)}; choose such an ending")
        if path.exists():
            raise BadOutputError(f"{path} is there already; choose another name for --record")
        if not path.parent.is_dir():
            raise BadOutputError(f"{path}: the folder {path.parent} is not there; make it first")
        self.path, self.left_out, self.written = path, 0, 0
        self._queue: Queue[Frame | None] = Queue(WAITING)
        self._times: list[float] = []
        self._error: BaseException | None = None
        self._thread = Thread(target=self._write, name="film", daemon=True)
        self._thread.start()

    def add(self, frame: Frame) -> None:
        """Take a frame; where too many wait it is left out.

        Raises
        ------
        BadOutputError
            If the film cannot be written any more.
        """
        if self._error is not None:
            raise self._error
        try:
            self._queue.put_nowait(frame)
        except Full:
            self.left_out += 1

    def end(self) -> Path | None:
        """Write what waits and close the film: its path, None if there was no frame.

        Raises
        ------
        BadOutputError
            If it cannot be written.
        """
        if self._thread.is_alive():
            self._queue.put(None)
        self._thread.join()
        if self._error is not None:
            raise self._error
        return self.path if self.written else None

    def _write(self) -> None:
        first = self._queue.get()
        if first is None:
            return
        try:
            write_film(self.path, self._frames(first), FPS, times=self._times)
        except BaseException as error:  # noqa: BLE001 - raised again by `add` and `end`
            self._error = error

    def _frames(self, first: Frame) -> Iterator[Image]:
        frame: Frame | None = first
        while frame is not None:
            height, width = (side // 2 * 2 for side in frame.image.shape[:2])  # most players want even sides
            self._times.append(frame.time)
            self.written += 1
            yield frame.image[:height, :width]
            frame = self._queue.get()
