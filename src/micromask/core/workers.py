"""Processes that work for another: one thread each, and none that works on for nobody."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

POLL_SECONDS = 0.3
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


@contextmanager
def one_thread_each() -> Iterator[None]:
    """Processes that start meanwhile begin with one thread, not with one a core."""
    before = {name: os.environ.get(name) for name in THREADS}
    os.environ.update(dict.fromkeys(THREADS, "1"))
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def end_with(parent: int, stopped: Callable[[], bool]) -> None:
    """Called in a worker: it ends at once when its parent is gone or ``stopped`` says so, whatever it is doing.

    What it has written whole is kept; a pool would let it end its task first, and begin one more.
    """

    def watch() -> None:
        while os.getppid() == parent and not stopped():
            time.sleep(POLL_SECONDS)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
