import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from micromask.app.workspace.claims import LOST, claim
from micromask.app.workspace.jobs import Job, cancel, job, jobs, queue
from micromask.app.workspace.recordings import add_recording, remove
from micromask.app.workspace.worker import do_all
from micromask.app.workspace.workers import Workers, start_workers
from micromask.core.errors import BadInputError

Until = Callable[..., None]

SOON = 6.0
"""Seconds; alone on a machine it is one or two."""

SERVER = """
import sys, time
from pathlib import Path
from micromask.app.workspace.worker import do_all
from micromask.app.workspace.workers import start_workers
workers = start_workers(Path(sys.argv[1]))
while len(workers.pids) < 2:
    time.sleep(0.01)
print(*workers.pids, flush=True)
time.sleep(600)
"""


def running(workspace: Path, number: int) -> bool:
    one = job(workspace, number)
    return one.state == "running" and one.line == "at it"


def ended(workspace: Path, number: int) -> Callable[[], bool]:
    return lambda: job(workspace, number).state in ("done", "failed", "cancelled")


def enough(workspace: Path) -> None:
    """The polite jobs may end."""
    (workspace / "enough").touch()


def test_jobs_are_done_and_say_what_they_said_last(workspace: Path, working: Workers, until: Until) -> None:
    numbers = [queue(workspace, "short", {}) for _ in range(5)]
    until(lambda: all(job(workspace, number).state == "done" for number in numbers))
    last = job(workspace, numbers[-1])
    assert (last.done, last.total, last.line) == (1, 1, "short")
    assert last.queued <= (last.begun or "") <= (last.ended or "")


def test_a_worker_is_nice_has_one_thread_and_asks_nobody_for_models(
    workspace: Path, working: Workers, until: Until
) -> None:
    number = queue(workspace, "told", {})
    until(ended(workspace, number))
    assert job(workspace, number).line == f"nice {os.nice(0) + 10}, threads 1, hub 1"


def test_a_worker_reaches_nobody_on_the_network(workspace: Path, working: Workers, until: Until) -> None:
    number = queue(workspace, "calls", {})
    until(ended(workspace, number))
    one = job(workspace, number)
    assert (one.state, one.line) == ("failed", "work on films stays on this machine: socket.connect was refused")


def test_no_more_than_two_jobs_run_at_a_time(workspace: Path, working: Workers, until: Until) -> None:
    numbers = [queue(workspace, "polite", {}) for _ in range(4)]
    until(lambda: running(workspace, numbers[0]) and running(workspace, numbers[1]))
    time.sleep(1)
    assert [job(workspace, number).state for number in numbers] == ["running", "running", "queued", "queued"]
    assert len(working.pids) == 2
    enough(workspace)
    until(lambda: all(one.state == "done" for one in jobs(workspace)))


def test_a_fault_of_ours_fails_the_job_in_one_line_and_the_worker_goes_on(
    workspace: Path, working: Workers, until: Until
) -> None:
    numbers = [queue(workspace, kind, {}) for kind in ("wrong", "no such kind", "short")]
    until(lambda: all(ended(workspace, number)() for number in numbers))
    wrong, unknown, short = (job(workspace, number) for number in numbers)
    assert wrong.state == unknown.state == "failed"
    assert wrong.line == "something is wrong in micromask itself (RuntimeError: two lines): please report it"
    assert unknown.line.startswith("no kind of work 'no such kind'; known: ")
    assert short.state == "done"
    assert "RuntimeError: two" in (workspace / "worker.log").read_text()


def test_a_cancelled_job_ends_at_its_next_word_and_its_worker_stays(
    workspace: Path, working: Workers, until: Until
) -> None:
    number = queue(workspace, "polite", {})
    until(lambda: running(workspace, number) and len(working.pids) == 2)
    before = working.pids
    cancel(workspace, number)
    until(ended(workspace, number), seconds=SOON)
    assert job(workspace, number).state == "cancelled"
    assert working.pids == before
    assert list((workspace / "scratch").iterdir()) == []


def test_a_cancelled_job_that_does_not_listen_is_ended_by_force(
    workspace: Path, working: Workers, until: Until
) -> None:
    number = queue(workspace, "deaf", {})
    until(lambda: running(workspace, number))
    cancel(workspace, number)
    until(ended(workspace, number), seconds=SOON)
    assert job(workspace, number).state == "cancelled"
    after = [queue(workspace, "short", {}) for _ in range(4)]
    until(lambda: all(job(workspace, each).state == "done" for each in after))


def test_removing_a_recording_ends_the_work_on_it(workspace: Path, working: Workers, film: Path, until: Until) -> None:
    recording = add_recording(workspace, "1.mp4", film)
    number = queue(workspace, "deaf", {}, recording=recording)
    until(lambda: running(workspace, number) and len(working.pids) == 2)
    before = set(working.pids)
    remove(workspace, recording)
    until(lambda: before - set(working.pids), seconds=SOON)
    assert jobs(workspace) == ()


def test_the_job_of_a_killed_worker_is_done_by_another_one(workspace: Path, working: Workers, until: Until) -> None:
    number = queue(workspace, "polite", {})
    until(lambda: running(workspace, number) and len(working.pids) == 2)
    begun, before = job(workspace, number).begun, working.pids
    for pid in before:
        os.kill(pid, signal.SIGKILL)
    until(lambda: running(workspace, number) and job(workspace, number).begun != begun)
    assert not set(before) & set(working.pids)
    enough(workspace)
    until(ended(workspace, number))
    assert job(workspace, number).state == "done"


def test_a_job_that_kills_its_worker_fails_after_three_tries_and_the_others_are_done(
    workspace: Path, working: Workers, until: Until
) -> None:
    deadly, other = queue(workspace, "deadly", {}), queue(workspace, "short", {})
    until(ended(workspace, deadly))
    assert (job(workspace, deadly).state, job(workspace, deadly).line) == ("failed", LOST)
    until(ended(workspace, other))
    assert job(workspace, other).state == "done"


def test_two_servers_on_one_workspace_are_one_too_many(workspace: Path, working: Workers) -> None:
    with pytest.raises(BadInputError, match="is open in another server already: use that one, or stop it first"):
        start_workers(workspace)
    working.stop()
    start_workers(workspace, count=0).stop()


def test_a_server_that_is_stopped_puts_its_jobs_back(workspace: Path, working: Workers, until: Until) -> None:
    number = queue(workspace, "polite", {})
    until(lambda: running(workspace, number))
    began = time.monotonic()
    working.stop()
    assert time.monotonic() - began < 3
    assert working.pids == ()
    assert job(workspace, number).state == "queued"
    assert list((workspace / "scratch").iterdir()) == []


def test_when_the_server_is_killed_its_workers_end_and_the_next_one_takes_the_jobs_up(
    workspace: Path, kinds_of_work: None, until: Until
) -> None:
    with subprocess.Popen([sys.executable, "-c", SERVER, str(workspace)], stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        pids = [int(pid) for pid in server.stdout.readline().split()]
        numbers = [queue(workspace, kind, {}) for kind in ("polite", "deaf", "short")]
        until(lambda: running(workspace, numbers[0]) and running(workspace, numbers[1]))
        (workspace / "uploads" / "half.part").write_bytes(b"x")
        begun = job(workspace, numbers[0]).begun
        with pytest.raises(BadInputError, match="open in another server"):
            start_workers(workspace)
        server.kill()
    # at once, while the old workers may be alive
    workers = start_workers(workspace)
    try:
        until(lambda: not any(psutil.pid_exists(pid) for pid in pids), seconds=SOON)
        until(lambda: running(workspace, numbers[0]) and running(workspace, numbers[1]))
        assert job(workspace, numbers[0]).begun != begun
        assert list((workspace / "uploads").iterdir()) == []
        enough(workspace)
        cancel(workspace, numbers[1])
        until(lambda: all(ended(workspace, number)() for number in numbers))
        assert [one.state for one in jobs(workspace)] == ["done", "cancelled", "done"]
    finally:
        workers.stop()


def test_a_server_with_fewer_workers_takes_up_the_jobs_of_all(
    workspace: Path, kinds_of_work: None, until: Until
) -> None:
    numbers = [queue(workspace, "short", {}) for _ in range(3)]
    taken: list[Job | None] = [claim(workspace, slot) for slot in (1, 2, 3)]
    assert None not in taken
    workers = start_workers(workspace, count=1)
    try:
        until(lambda: all(job(workspace, number).state == "done" for number in numbers))
    finally:
        workers.stop()


def test_a_worker_that_has_grown_large_ends_after_its_job(workspace: Path) -> None:
    numbers = [queue(workspace, "no such kind", {}) for _ in range(2)]
    do_all(workspace, 1, fresh_bytes=1)
    assert [job(workspace, number).state for number in numbers] == ["failed", "queued"]


def test_files_of_recordings_that_nobody_knows_are_cleared_up_at_the_start(workspace: Path, film: Path) -> None:
    known = add_recording(workspace, "1.mp4", film)
    for folder in ("films/99", "results/99", f"results/{known}"):
        (workspace / folder).mkdir()
    start_workers(workspace, count=0).stop()
    there = sorted(str(path.relative_to(workspace)) for path in workspace.glob("*/*"))
    assert there == [f"films/{known}", f"results/{known}"]


ENDS = """
import sys
from pathlib import Path
from micromask.app.workspace import worker
worker.do_all = lambda workspace, slot: None
worker.main(Path(sys.argv[1]), 1)
"""


def test_a_worker_that_ends_by_itself_ends_in_peace(workspace: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", ENDS, str(workspace)], stdin=subprocess.PIPE, stderr=subprocess.PIPE
    )
    try:
        process.wait(60)
        assert process.stderr is not None
        assert (process.returncode, process.stderr.read()) == (0, b"")
    finally:
        process.kill()
        process.communicate()
