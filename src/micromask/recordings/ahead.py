"""Decode in a thread of its own, a few frames ahead of whoever looks at them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from queue import Queue
from threading import Event as Signal
from threading import Thread

from micromask.core.types import Frame


def ahead(frames: Iterable[Frame], depth: int = 8) -> Iterator[Frame]:
    """The same frames, decoded by a thread of their own a few frames ahead; errors come through."""
    queue: Queue[Frame | BaseException | None] = Queue(maxsize=depth)
    stop = Signal()

    def produce() -> None:
        last: BaseException | None = None
        try:
            for frame in frames:
                queue.put(frame)
                if stop.is_set():
                    return
        except BaseException as error:  # noqa: BLE001 - raised again where the frames are used
            last = error
        queue.put(last)

    thread = Thread(target=produce, name="decoder", daemon=True)
    thread.start()
    try:
        while isinstance(item := queue.get(), Frame):
            yield item
        if item is not None:
            raise item
    finally:
        stop.set()
        while thread.is_alive():
            while not queue.empty():
                queue.get_nowait()
            thread.join(0.01)
