"""The command line inside this process, and films of a drawn-over public-domain portrait to give it."""

from __future__ import annotations

import functools
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
import pytest

from micromask.app.cli import run
from micromask.app.workspace.workers import start_workers
from micromask.datasets.synthetic import PlannedExpression, Script, render
from micromask.recordings import write_film

SMILE = PlannedExpression(1.5, 1.7, 1.95, (("lip_corner_puller", 0.06),), "positive")
"""In frames of film at 30 frames/s: 46 to 58, apex 51."""


@dataclass(frozen=True)
class Done:
    code: int
    out: str
    err: str

    @property
    def error(self) -> str:
        """The only line on stderr."""
        (line,) = self.err.splitlines()
        return line


@pytest.fixture
def micromask(capsys: pytest.CaptureFixture[str]) -> Callable[..., Done]:
    def call(*arguments: object) -> Done:
        capsys.readouterr()
        code = run([str(argument) for argument in arguments])
        return Done(code, *capsys.readouterr())

    return call


@pytest.fixture
def no_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Servers of this process start nobody who does the jobs: what is queued stays queued."""
    monkeypatch.setattr("micromask.app.web.server.start_workers", functools.partial(start_workers, count=0))


@pytest.fixture(scope="session")
def films(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """smile.mp4 (3 s, a micro-expression), short.mp4 (10 frames of a face), nobody.mp4 (10 frames without one)."""
    folder = tmp_path_factory.mktemp("films")
    frames = list(render(Script(3, 30, size=240, expressions=(SMILE,))))
    write_film(folder / "smile.mp4", frames, 30)
    write_film(folder / "short.mp4", frames[:10], 30)
    write_film(folder / "nobody.mp4", [np.full_like(frame, 90) for frame in frames[:10]], 30)
    return folder


@pytest.fixture(scope="session")
def index_first(films: Path) -> Path:
    """The smile with its index before its frames, so that a part of the file is a part of the film."""
    path = films / "index-first.mp4"
    with av.open(films / "smile.mp4") as source, av.open(path, "w", options={"movflags": "faststart"}) as target:
        stream = target.add_stream_from_template(source.streams.video[0])
        for packet in source.demux(video=0):
            if packet.dts is not None:
                packet.stream = stream
                target.mux(packet)
    return path


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to be in."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def short(films: Path, here: Path) -> Path:
    return Path(shutil.copy(films / "short.mp4", here / "short.mp4"))
