"""The command line, servers and browser pages of this process, and films of a drawn-over portrait to give them."""

from __future__ import annotations

import csv
import functools
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from micromask.app.cli import run
from micromask.app.web.guard import CSRF_HEADER
from micromask.app.web.server import Serving
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
def running() -> Callable[[Serving], AbstractContextManager[Serving]]:
    """running(serving): a server that a thread of this process runs, from when it has started until the end."""

    @contextmanager
    def run_in_thread(serving: Serving) -> Iterator[Serving]:
        thread = threading.Thread(target=serving.run)
        thread.start()
        try:
            # What a server before left is cleared away first; what a test lays there in that time would go, too.
            while thread.is_alive() and not serving.server.started:
                time.sleep(0.01)
            yield serving
        finally:
            serving.server.should_exit = True
            thread.join(30)
            assert not thread.is_alive(), "the server did not stop"

    return run_in_thread


@pytest.fixture(scope="session")
def sign_in() -> Callable[..., TestClient]:
    """sign_in(app), or sign_in(app, client): a program without a server that is signed in and knows the pages' mark."""

    def enter(app: FastAPI, client: TestClient | None = None) -> TestClient:
        client = client or TestClient(app, base_url="http://127.0.0.1:8123", follow_redirects=False)
        client.get(f"/link/{app.state.links.mint()}")
        client.headers[CSRF_HEADER] = client.get("/api/mark").json()["mark"]
        return client

    return enter


@pytest.fixture(scope="session")
def until() -> Callable[..., Any]:
    """until(question, what, seconds=90): ask until the answer is yes, and give it; what: said where it never is."""

    def wait(question: Callable[[], Any], what: str = "what is waited for", seconds: float = 90.0) -> Any:
        ends = time.monotonic() + seconds
        while not (answer := question()):
            assert time.monotonic() < ends, f"not so after {seconds:g} s: {what}"
            time.sleep(0.03)
        return answer

    return wait


@pytest.fixture(scope="session")
def signed_in() -> Callable[..., AbstractContextManager[Any]]:
    """signed_in(browser, link, path, script, seconds, **context): a page of a browser of its own, signed in.

    Faults of its scripts fail the test, and so do requests that leave the machine; `script` runs before its own.
    """

    @contextmanager
    def opened(
        browser: Any, link: str, path: str = "", *, script: str = "", seconds: float = 30.0, **context: Any
    ) -> Iterator[Any]:
        address = link.split("/link/")[0]
        at_home = (address, "blob:", "data:", "chrome:")
        with closing(browser.new_context(**{"viewport": {"width": 1280, "height": 800}, **context})) as made:
            made.set_default_timeout(1000 * seconds)
            faults: list[str] = []
            made.on("request", lambda one: None if one.url.startswith(at_home) else faults.append(one.url))
            page = made.new_page()
            page.on("pageerror", lambda error: faults.append(str(error)))
            page.add_init_script(script)
            page.goto(link)
            if path:
                page.goto(address + path)
            yield page
            assert faults == []

    return opened


IMPACTS = ("minor", "moderate", "serious", "critical")


@pytest.fixture(scope="session")
def faults_of() -> Callable[..., list[str]]:
    """faults_of(page, least="serious"): what stands in the way of people who use keyboard or screen reader."""
    axe = pytest.importorskip("axe_core_python.sync_playwright").Axe()

    def look(page: Any, least: str = "serious") -> list[str]:
        count = IMPACTS[IMPACTS.index(least) :]
        found = [one for one in axe.run(page)["violations"] if one["impact"] in count]
        return [f"{one['id']}: {node['html']}" for one in found for node in one["nodes"]]

    return look


@pytest.fixture(scope="session")
def until_in(until: Callable[..., Any]) -> Callable[..., Any]:
    """until_in(page, "expression", seconds=30): wait for it, and give it.

    It is asked from outside: Playwright's own way needs eval, which the pages forbid.
    """
    return lambda page, true, seconds=30.0: until(lambda: page.evaluate(true), true, seconds)


@pytest.fixture(scope="session")
def write_maps() -> Callable[..., Path]:
    """write_maps(folder, subjects=4, each=9): a table of planted motion maps, as the corpus flow-table reads them.

    Class k moves up in its own third of the rows; there are three, and noise.
    """

    def write(folder: Path, subjects: int = 4, each: int = 9) -> Path:
        rng = np.random.default_rng(0)
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / "manifest.csv").open("w", newline="") as file:
            table = csv.writer(file)
            table.writerow(["dataset", "subject", "clip", "emotion", "file"])
            for number in range(subjects * each):
                label, picture = number % 3, rng.integers(90, 110, (28, 28, 3), np.uint8)
                picture[2 + 9 * label : 8 + 9 * label, 8:20, 1] = 20
                cv2.imwrite(str(folder / f"{number:02d}.png"), picture[..., ::-1])
                emotion = ("negative", "positive", "surprise")[label]
                table.writerow(["toy", f"p{number // each}", f"c{number:02d}", emotion, f"{number:02d}.png"])
        return folder

    return write


@pytest.fixture(scope="session")
def maps(tmp_path_factory: pytest.TempPathFactory, write_maps: Callable[..., Path]) -> Path:
    """36 of them, of four people; not to be changed."""
    return write_maps(tmp_path_factory.mktemp("maps"))


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
