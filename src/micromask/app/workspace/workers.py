"""The worker processes of a server: started, watched, ended by force where that is wanted, and started again."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import threading
from contextlib import ExitStack
from pathlib import Path
from time import monotonic

from micromask.app.workspace.claims import recover, slots, unwanted
from micromask.app.workspace.locks import HeldError, locked
from micromask.app.workspace.store import kept_open
from micromask.app.workspace.tidy import tidy
from micromask.app.workspace.worker import lock_of
from micromask.core.errors import BadInputError, MicromaskError
from micromask.core.workers import THREADS

WORKERS = 2
LOCK = "working.lock"
LOG = "worker.log"
LONGEST_LOG = 1 << 20

LOOK_SECONDS = 0.2
GRACE_SECONDS = 1.0
"""A job that was cancelled may take this long to end by itself; then its process is killed."""

SHORT_LIFE_SECONDS, LONGEST_PAUSE_SECONDS = 5.0, 30.0
"""A worker that ends so soon is started again after a pause, which doubles each time."""


class Workers:
    """The processes at work on a workspace; see `start_workers`."""

    def __init__(self, workspace: Path, count: int) -> None:
        self._workspace, self._stopping, self._held = workspace, threading.Event(), ExitStack()
        self._processes: dict[int, subprocess.Popen[bytes]] = {}
        try:
            self._held.enter_context(locked(workspace / LOCK))
        except HeldError:
            raise BadInputError(
                f"{workspace} is open in another server already: use that one, or stop it first"
            ) from None
        with ExitStack() as after_error:
            after_error.push(self._held)
            tidy(workspace)
            # While one connection stays open, the others close without clearing up after each request.
            self._held.enter_context(kept_open(workspace))
            after_error.pop_all()
        own = range(1, count + 1)
        others = [slot for slot in slots(workspace) if slot not in own]
        self._threads = [threading.Thread(target=self._tend, args=(slot,), daemon=True) for slot in own]
        self._threads += [threading.Thread(target=self._recovered, args=(slot,), daemon=True) for slot in others]
        for thread in self._threads:
            thread.start()

    @property
    def pids(self) -> tuple[int, ...]:
        """The process ids of the workers that live."""
        return tuple(one.pid for one in tuple(self._processes.values()) if one.poll() is None)

    def stop(self) -> None:
        """End the workers at once; what they were at goes back to the queue. Can be called again."""
        self._stopping.set()
        for thread in self._threads:
            thread.join()
        self._held.close()

    def _tend(self, slot: int) -> None:
        """Keep a worker in a slot, whatever happens to it, until stopped."""
        pause = 0.0
        while not self._stopping.wait(pause):
            if not self._recovered(slot):
                return
            began = monotonic()
            try:
                with _started(self._workspace, slot) as process:
                    self._processes[slot] = process
                    self._watch(slot, process)
            except OSError:  # no memory or no process left: later perhaps
                pass
            if monotonic() - began > SHORT_LIFE_SECONDS:
                pause = 0.0
            else:
                pause = min(max(LOOK_SECONDS, 2 * pause), LONGEST_PAUSE_SECONDS)
        self._recovered(slot, counted=False)

    def _watch(self, slot: int, process: subprocess.Popen[bytes]) -> None:
        """Until the worker has ended: by itself, by force, or because we stop."""
        since: float | None = None
        while process.poll() is None:
            if self._stopping.wait(LOOK_SECONDS):
                process.kill()
                process.wait()
            elif not self._is_unwanted(slot):
                since = None
            elif since is None:
                since = monotonic()
            elif monotonic() - since > GRACE_SECONDS:
                process.kill()
                process.wait()

    def _recovered(self, slot: int, *, counted: bool = True) -> bool:
        """Bring the slot's job in order, once the worker that was in it is surely gone; False if stopped before."""
        while True:
            try:
                with locked(lock_of(self._workspace, slot), wait=LOOK_SECONDS):
                    recover(self._workspace, slot, counted=counted)
                return True
            except (MicromaskError, OSError, sqlite3.Error):  # an old server's worker ends; the disk is full
                if self._stopping.wait(LOOK_SECONDS):
                    return False

    def _is_unwanted(self, slot: int) -> bool:
        try:
            return unwanted(self._workspace, slot)
        except (MicromaskError, OSError, sqlite3.Error):
            return False


def start_workers(workspace: Path, *, count: int = WORKERS) -> Workers:
    """Start the processes that do a workspace's jobs; `Workers.stop` ends them.

    What a server before left is brought in order first: broken uploads are removed, and jobs that it was at go back
    to the queue as soon as its workers are gone.

    Parameters
    ----------
    workspace : Path
        From `micromask.app.workspace.store.create_workspace`.
    count : int
        How many jobs are done at a time.

    Raises
    ------
    BadInputError
        If another server works on it, or there is no workspace.
    """
    return Workers(workspace, count)


def _started(workspace: Path, slot: int) -> subprocess.Popen[bytes]:
    log = workspace / LOG
    flags = os.O_CREAT | os.O_WRONLY | os.O_APPEND
    if log.exists() and log.stat().st_size > LONGEST_LOG:
        flags |= os.O_TRUNC
    said = os.open(log, flags, 0o600)
    try:
        return subprocess.Popen(
            [sys.executable, "-P", "-m", "micromask.app.workspace.worker", str(workspace), str(slot)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=said,
            env=os.environ | dict.fromkeys(THREADS, "1") | {"HF_HUB_OFFLINE": "1"},
        )
    finally:
        os.close(said)
