"""Slow work beside the frames of a camera: one call at a time, in a thread of its own or, in step, at once."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Generic, TypeVar

T = TypeVar("T")


class Aside(Generic[T]):
    """Does one kind of work while whoever asked goes on.

    Parameters
    ----------
    name : str
        Of the thread.
    in_step : bool
        Without a thread: the work is done when it is begun, so that the same frames always give the same.

    Examples
    --------
    >>> aside = Aside("sums", in_step=True)
    >>> aside.begin(lambda: 1 + 1)
    >>> aside.idle, aside.take(), aside.idle, aside.take()
    (False, 2, True, None)
    """

    def __init__(self, name: str, *, in_step: bool = False) -> None:
        self._pool = None if in_step else ThreadPoolExecutor(1, thread_name_prefix=name)
        self._work: Future[T] | None = None

    @property
    def idle(self) -> bool:
        """Whether there is nothing begun whose result was not taken."""
        return self._work is None

    def begin(self, work: Callable[[], T]) -> None:
        """Begin; ValueError unless idle."""
        if self._work is not None:
            raise ValueError("one call at a time: take the result of the one before first")
        if self._pool is not None:
            self._work = self._pool.submit(work)
            return
        self._work = Future()
        self._work.set_result(work())

    def take(self) -> T | None:
        """The result once it is there, and only once; until then None. What went wrong in the work is raised here."""
        if self._work is None or not self._work.done():
            return None
        work, self._work = self._work, None
        return work.result()

    def close(self) -> None:
        """Wait for what is being done and begin no more."""
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)
