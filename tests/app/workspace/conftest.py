"""Workspaces, workers with kinds of work made for tests, and a server to upload to."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from micromask.app.web.server import Serving, opened_server
from micromask.app.workspace.store import create_workspace
from micromask.app.workspace.workers import Workers, start_workers

WORKS = '''
import os, signal, socket, time
from pathlib import Path

from micromask.app.workspace.work.kinds import scratch, works

@works.add("short")
def short(workspace, job, tell):
    tell(1, 1, "short")

@works.add("polite")
def polite(workspace, job, tell):
    """Begins, says so, and goes on until it is told not to, or a file says that it may end."""
    (scratch(workspace, job) / "half").write_text("done")
    for step in range(10**9):
        tell(step, 0, "at it")
        if (workspace / "enough").exists():
            return
        time.sleep(0.02)

@works.add("deaf")
def deaf(workspace, job, tell):
    """Asks nobody."""
    tell(0, 0, "at it")
    time.sleep(600)

@works.add("deadly")
def deadly(workspace, job, tell):
    tell(0, 0, "at it")
    os.kill(os.getpid(), signal.SIGKILL)

@works.add("wrong")
def wrong(workspace, job, tell):
    raise RuntimeError("two\\nlines")

@works.add("calls")
def calls(workspace, job, tell):
    with socket.socket() as outside:
        outside.connect(("192.0.2.1", 80))

@works.add("told")
def told(workspace, job, tell):
    tell(1, 1, f"nice {os.nice(0)}, threads {os.environ['OMP_NUM_THREADS']}, hub {os.environ['HF_HUB_OFFLINE']}")
'''


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    return create_workspace(tmp_path / "workspace")


@pytest.fixture
def film(films: Path, tmp_path: Path) -> Path:
    """Ten frames of a face, to be moved about."""
    return Path(shutil.copy(films / "short.mp4", tmp_path / "film.mp4"))


@pytest.fixture
def kinds_of_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Worker processes find the kinds of work above, as they find those of any plug-in."""
    folder = tmp_path / "plug-in"
    about = folder / "works_for_tests-1.dist-info"
    about.mkdir(parents=True)
    (folder / "works_for_tests.py").write_text(WORKS, encoding="utf-8")
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: works-for-tests\nVersion: 1\n", encoding="utf-8")
    (about / "entry_points.txt").write_text("[micromask.plugins]\ntests = works_for_tests\n", encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(folder))


@pytest.fixture
def working(workspace: Path, kinds_of_work: None) -> Iterator[Workers]:
    """Two workers on the workspace."""
    workers = start_workers(workspace)
    try:
        yield workers
    finally:
        workers.stop()


@pytest.fixture
def serving(workspace: Path, no_workers: None, running: Callable[..., Any]) -> Iterator[Serving]:
    """The workspace served by a thread of this process, with nobody who does the jobs."""
    with opened_server(workspace=workspace, detector="haar") as ready, running(ready):
        yield ready
