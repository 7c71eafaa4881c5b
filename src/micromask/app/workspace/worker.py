"""The process that does jobs, one after the other: ``python -m micromask.app.workspace.worker WORKSPACE SLOT``.

It ends when its standard input does, which the server holds open: also when the server is killed. It answers to nobody
on the network, and reaches nobody.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
import traceback
from pathlib import Path

from micromask.app.workspace.claims import Teller, claim, finish
from micromask.app.workspace.jobs import Cancelled, Job, JobState
from micromask.app.workspace.locks import locked
from micromask.app.workspace.recordings import one_line
from micromask.app.workspace.work.kinds import works
from micromask.core.errors import MicromaskError
from micromask.core.registry import load_plugins

NICENESS = 10
"""The pages come first."""

POLL_SECONDS = 0.25
LOCK_SECONDS = 60.0

FRESH_BYTES = 1536 << 20
"""A worker that has grown to this ends after its job, and a fresh one follows it."""

LONGEST_LINE = 500


def lock_of(workspace: Path, slot: int) -> Path:
    """The file that the worker in a slot holds for as long as it lives."""
    return workspace / f"worker-{slot}.lock"


def main(workspace: Path, slot: int) -> None:
    """Do the jobs of a workspace until the server is gone."""
    threading.Thread(target=_end_with_input, daemon=True).start()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the server, which then ends this
    if hasattr(os, "nice"):
        os.nice(NICENESS)
    sys.addaudithook(_no_network)
    with locked(lock_of(workspace, slot), wait=LOCK_SECONDS):
        load_plugins()
        do_all(workspace, slot)


def do_all(workspace: Path, slot: int, *, fresh_bytes: int = FRESH_BYTES) -> None:
    """Do one job after the other, and wait where there is none, until this process has grown to so many bytes."""
    while True:
        job = claim(workspace, slot)
        if job is None:
            time.sleep(POLL_SECONDS)
            continue
        do(workspace, slot, job)
        if _memory() > fresh_bytes:
            return


def do(workspace: Path, slot: int, job: Job) -> None:
    """Do one job that this worker has claimed, and say how it ended; whatever goes wrong is one line."""
    tell = Teller(workspace, job)
    state: JobState = "failed"
    try:
        works[job.kind](workspace, job, tell)
        state, line = "done", tell.said[2]
    except Cancelled:
        state, line = "cancelled", ""
    except MicromaskError as error:
        line = str(error)
    except MemoryError:
        line = "there was not enough memory: close other programs or take a shorter film, then try again"
    except Exception as error:  # noqa: BLE001 - the next job is done all the same
        traceback.print_exc()
        line = f"something is wrong in micromask itself ({type(error).__name__}: {error}): please report it"
    finish(workspace, slot, job.id, state, (*tell.said[:2], one_line(line, LONGEST_LINE)))


def _end_with_input() -> None:
    # Not through sys.stdin: a thread that waits in its lock makes Python abort when the worker ends by itself.
    while os.read(sys.stdin.fileno(), 1):
        pass
    os._exit(1)


def _no_network(event: str, arguments: tuple[object, ...]) -> None:
    if event in ("socket.connect", "socket.getaddrinfo", "socket.sendto", "socket.sendmsg", "socket.bind"):
        if event == "socket.connect" and isinstance(arguments[1], str | bytes):
            return  # a socket of this machine's file system
        raise MicromaskError(f"work on films stays on this machine: {event} was refused")


def _memory() -> int:
    """Bytes of memory that this process holds now; 0 where the system does not say."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    except OSError:
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
