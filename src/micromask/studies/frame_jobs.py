"""The frames of many recordings, several at a time, each in a process of its own."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing, contextmanager
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from micromask.core.errors import BadInputError, MicromaskError
from micromask.core.workers import end_with, one_thread_each
from micromask.studies.design import Design
from micromask.studies.frame_rows import Made
from micromask.studies.frames import (
    Cut,
    Task,
    Wish,
    begin_frames,
    cut_recording,
    finish_frames,
    frames_there,
    make_frames,
)
from micromask.studies.fresh_folder import abandon, tidy

LOCK = "frames.lock"
"""An empty file in the study; whoever makes frames holds it."""

POLL_SECONDS = 0.2

Outcome = Made | MicromaskError


def make_all(
    study: Path,
    design: Design,
    recordings: Sequence[int],
    wish: Wish,
    *,
    jobs: int = 1,
    progress: Callable[[int], None] | None = None,
) -> Iterator[tuple[int, Outcome]]:
    """Make the frames of recordings; each with its outcome as soon as it is done. Errors and rows as `make_frames`.

    A recording that cannot be done does not stop the others: its error is its outcome. What a killed run left is
    cleared up first.

    Parameters
    ----------
    study : Path
    design : Design
    recordings : sequence of int
    wish : Wish
    jobs : int
        Processes, one thread each. The result does not depend on it.
    progress : callable, optional
        Called with the number of frames of all films that are done; twice as many where candidates are looked for.

    Raises
    ------
    BadInputError
        If somebody else makes frames of this study at the time.
    """
    with _alone(study):
        tidy(study)
        count = _Counter(progress)
        if jobs <= 1 or len(recordings) <= 1:
            for number in recordings:
                yield number, _one(study, design, number, wish, count)
                count.ended(number)
        else:
            yield from _in_processes(study, design, recordings, wish, jobs, count)


class _Counter:
    """The frames done in all recordings together."""

    def __init__(self, progress: Callable[[int], None] | None) -> None:
        self._progress = progress
        self._done: dict[int, int] = {}

    def of(self, number: int, done: int) -> None:
        self._done[number] = max(done, self._done.get(number, 0))
        if self._progress is not None:
            self._progress(sum(self._done.values()))

    def ended(self, number: int) -> None:
        self.of(number, 0)


def _one(study: Path, design: Design, number: int, wish: Wish, count: _Counter) -> Outcome:
    try:
        return make_frames(study, design, number, wish, progress=lambda done: count.of(number, done))
    except Exception as error:  # noqa: BLE001 - whatever is wrong with one film, the others are done
        return _told(number, error)


def _told(number: int, error: Exception) -> MicromaskError:
    if isinstance(error, MicromaskError):
        return error
    return MicromaskError(f"recording {number}: {type(error).__name__}: {error}")


def _in_processes(
    study: Path, design: Design, recordings: Sequence[int], wish: Wish, jobs: int, count: _Counter
) -> Iterator[tuple[int, Outcome]]:
    spawn = get_context("spawn")
    done, stop = spawn.Array("q", len(recordings)), spawn.Value("b", 0)
    tasks: dict[int, Task] = {}
    with one_thread_each():
        pool = ProcessPoolExecutor(
            min(jobs, len(recordings)), spawn, initializer=_begin, initargs=(done, stop, os.getpid())
        )
        try:
            waiting: dict[Future[Cut], int] = {}
            for place, number in enumerate(recordings):
                try:
                    task = begin_frames(study, design, number, wish)
                except MicromaskError as error:
                    yield number, error
                    continue
                if task is None:
                    yield number, frames_there(study, number)
                    continue
                tasks[number] = task
                waiting[pool.submit(_there, task, place)] = number
            while waiting:
                ready, _ = wait(waiting, POLL_SECONDS, FIRST_COMPLETED)
                for place, number in enumerate(recordings):
                    count.of(number, done[place])
                for future in ready:
                    number = waiting.pop(future)
                    yield number, _finished(study, tasks.pop(number), future)
        except BrokenProcessPool:
            raise MicromaskError(
                "a process ended before its film was done (out of memory?): run again with fewer --jobs; "
                "what is finished is kept"
            ) from None
        finally:
            stop.value = bool(tasks)  # somebody stopped us: what is being cut is not wanted any more
            pool.shutdown(wait=True, cancel_futures=True)
            for task in tasks.values():
                abandon(study, task.folder)


def _finished(study: Path, task: Task, future: Future[Cut]) -> Outcome:
    try:
        return finish_frames(study, task, future.result())
    except BrokenProcessPool:
        abandon(study, task.folder)
        raise
    except Exception as error:  # noqa: BLE001 - as above
        abandon(study, task.folder)
        return _told(task.recording, error)


@contextmanager
def _alone(study: Path) -> Iterator[None]:
    """Hold the study's lock on making frames; the system takes it back when the process ends, however it ends."""
    if not study.is_dir():
        raise BadInputError(f"{study} holds no study: make one with 'micromask study new {study}'")
    path = study / LOCK
    os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))
    with closing(sqlite3.connect(path, timeout=0, isolation_level=None)) as lock:
        try:
            lock.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError:
            raise BadInputError(f"somebody is making frames of {study} already: wait until they are done") from None
        yield


_shared: dict[str, Any] = {}


def _begin(done: Any, stop: Any, parent: int) -> None:
    import cv2
    import torch

    cv2.setNumThreads(1)
    torch.set_num_threads(1)
    _shared["done"] = done
    end_with(parent, lambda: bool(stop.value))


def _there(task: Task, place: int) -> Cut:
    counts = _shared["done"]

    def onward(done: int) -> None:
        counts[place] = done

    return cut_recording(task, onward)
