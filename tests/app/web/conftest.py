"""Studies to serve, servers to ask, and a camera that films a synthetic face with a frame counter."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import pytest
from starlette.routing import Mount, Route

from micromask.app.web.server import Serving, opened_server
from micromask.app.workspace.store import create_workspace
from micromask.core.types import Image
from micromask.datasets.synthetic import Script, render
from micromask.studies.store import create_store

STUDY = """\
title: Faces and small talk
emotions: [happiness, sadness]
kinds: [micro]
instructions: |
  You will see short questions and pictures.
  Answer aloud, in your own words.
consent: |
  We film your face and record your voice.
  You can stop at any time.
fields:
  - {name: age, title: Your age, kind: whole}
  - {name: gender, title: Your gender, kind: choice, choices: [female, male, other]}
  - {name: remarks, title: Anything we should know, needed: false}
parts:
  - name: questions
    instructions: Three short questions.
    items:
      - {id: q1, intended_emotion: happiness, seconds: 2.0, text: "What made you laugh last week?"}
      - {id: q2, intended_emotion: sadness, seconds: 1.0, text: "What do you miss?"}
      - {id: q3, intended_emotion: happiness, seconds: 0.8, text: "What is your favourite smell?"}
  - name: images
    instructions: Two pictures. You need not say anything.
    items:
      - {id: sun, intended_emotion: happiness, seconds: 0.9, image: images/sun.svg}
      - {id: rain, intended_emotion: sadness, seconds: 0.9, image: images/rain.svg}
"""
SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 400 300"><rect width="400" height="300" fill="{sky}"/>'
    '<circle cx="200" cy="150" r="70" fill="{round}"/></svg>'
)


@pytest.fixture
def study(tmp_path: Path) -> Path:
    """The folder of a study with two parts that take seven seconds."""
    folder = tmp_path / "study"
    (folder / "images").mkdir(parents=True)
    (folder / "study.yaml").write_text(STUDY, encoding="utf-8")
    (folder / "images" / "sun.svg").write_text(SVG.format(sky="#bde0ff", round="#ffcf33"), encoding="utf-8")
    (folder / "images" / "rain.svg").write_text(SVG.format(sky="#8d99a6", round="#c8d0d8"), encoding="utf-8")
    create_store(folder)
    return folder


@pytest.fixture
def serving(study: Path, running: Callable[..., Any]) -> Iterator[Serving]:
    """That study on a free port, served by a thread of this process."""
    with opened_server(studies=[study], detector="haar") as ready, running(ready):
        yield ready


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """An empty workspace."""
    return create_workspace(tmp_path / "workspace")


@pytest.fixture
def app_serving(workspace: Path, running: Callable[..., Any]) -> Iterator[Serving]:
    """That workspace on a free port, served by a thread of this process, with worker processes of its own."""
    with opened_server(workspace=workspace, detector="haar") as ready, running(ready):
        yield ready


@pytest.fixture
def rows(study: Path) -> Callable[[str], list[tuple[Any, ...]]]:
    """rows("SELECT ..."): what the study has in its database."""

    def ask(question: str) -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(study / "study.sqlite")) as store:
            return store.execute(question).fetchall()

    return ask


@dataclass
class ServerProcess:
    """A server in a process of its own, as `micromask study serve` or `micromask app` starts it."""

    process: subprocess.Popen[str]
    links: list[str]

    @property
    def address(self) -> str:
        return self.links[0].split("/link/")[0]

    @property
    def port(self) -> int:
        return int(self.address.rsplit(":", 1)[1])

    def end(self, number: signal.Signals = signal.SIGKILL) -> str:
        """Send it a signal; what it had said on stderr."""
        self.process.send_signal(number)
        return self.process.communicate(timeout=20)[1]


@pytest.fixture
def serve_process() -> Iterator[Callable[..., ServerProcess]]:
    """start(study, port=0, links=2): `micromask study serve` that can be killed; all are killed at the end."""
    with _starter("study", "serve") as start:
        yield start


@pytest.fixture
def app_process() -> Iterator[Callable[..., ServerProcess]]:
    """start(workspace, port=0, links=2): `micromask app` that can be killed; all are killed at the end."""
    with _starter("app") as start:
        yield start


@pytest.fixture(scope="session")
def starter() -> Callable[..., Any]:
    """starter("app", ENVIRONMENT="value"): the same as a context, for a server that several tests share."""
    return _starter


@contextmanager
def _starter(*verb: str, **environment: str) -> Iterator[Callable[..., ServerProcess]]:
    with ExitStack() as at_end:

        def start(folder: Path, port: int = 0, links: int = 2) -> ServerProcess:
            arguments = [sys.executable, "-c", "from micromask.app.cli import main; main()", *verb, str(folder)]
            arguments += ["--port", str(port), "--links", str(links), "--no-browser"]
            process = subprocess.Popen(
                arguments,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                env=os.environ | {"OMP_NUM_THREADS": "1", "PYTHONUNBUFFERED": "1"} | environment,
            )
            at_end.callback(_end, process)
            assert process.stdout is not None
            printed = [process.stdout.readline().strip() for _ in range(links)]
            if "" in printed:
                raise AssertionError(process.communicate(timeout=20)[1])
            return ServerProcess(process, printed)

        yield start


def _end(process: subprocess.Popen[str]) -> None:
    if process.poll() is None:
        process.kill()
        process.communicate(timeout=20)
    for stream in (process.stdout, process.stderr):
        if stream is not None:
            stream.close()


def every_route(app: Any, base: str = "") -> Iterator[tuple[str, str]]:
    """(method, path) of all routes, as they are written: ``/recordings/{number}``."""
    waiting = list(app.routes)
    while waiting:
        route = waiting.pop(0)
        if isinstance(route, Route):
            yield from ((method, base + route.path) for method in sorted(route.methods or ()) if method != "HEAD")
        elif isinstance(route, Mount):
            for key, study in route.app.items():  # type: ignore[attr-defined]
                yield from every_route(study, f"{base}/studies/{key}")
        else:
            waiting += getattr(route, "routes", None) or getattr(getattr(route, "original_router", None), "routes", [])


@pytest.fixture(scope="session")
def routes_of() -> Callable[[Any], list[tuple[str, str]]]:
    """routes_of(app): (method, path) of each route of the server, those of its studies too."""
    return lambda app: list(every_route(app))


class Client:
    """A signed-in program that talks to a server as the pages do."""

    def __init__(self, link: str) -> None:
        self.address = link.split("/link/")[0]
        self.cookies = CookieJar()
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.cookies))
        with self._opener.open(link):
            pass
        self.mark = self.get("/api/mark")["mark"]

    def get(self, path: str) -> Any:
        with self._opener.open(self.address + path) as answer:
            return json.load(answer)

    def post(self, path: str, value: Any = None, data: bytes | None = None) -> Any:
        body = json.dumps(value or {}).encode() if data is None else data
        kind = "application/json" if data is None else "application/octet-stream"
        headers = {"X-Micromask-CSRF": self.mark, "Content-Type": kind}
        with self._opener.open(urllib.request.Request(self.address + path, body, headers)) as answer:
            return json.load(answer)


@pytest.fixture(scope="session")
def client() -> type[Client]:
    return Client


BITS, BAR = 12, 24
"""A frame's number in the film is a row of so many squares, so high, at the bottom of its picture."""

CAMERA_SIZE = (320, 240)


def with_counter(image: Image, number: int) -> Image:
    """The same picture with a number in its lowest rows, as black and white squares."""
    height, width = image.shape[:2]
    for bit in range(BITS):
        left, right = bit * width // BITS, (bit + 1) * width // BITS
        image[height - BAR :, left:right] = 255 if number >> bit & 1 else 0
    return image


def counter_in(grey: Image) -> int:
    """The number in a picture (H, W) grey."""
    height, width = grey.shape
    return sum(1 << bit for bit in range(BITS) if grey[height - BAR // 2, (2 * bit + 1) * width // (2 * BITS)] > 127)


WATCH = """
window.logged = [];
window.taken = [];
document.addEventListener("micromask:event", ({ detail }) => window.logged.push(detail));
document.addEventListener("DOMContentLoaded", () => {
  const video = document.getElementById("ticks");
  if (!video) return;
  const canvas = document.createElement("canvas");
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  const seen = (now, about) => {
    canvas.width = about.width; canvas.height = 1;
    pen.drawImage(video, 0, about.height - BAR / 2, about.width, 1, 0, 0, about.width, 1);
    const row = pen.getImageData(0, 0, about.width, 1).data;
    let number = 0;
    for (let bit = 0; bit < BITS; bit++) {
      if (row[4 * Math.floor(((2 * bit + 1) * about.width) / (2 * BITS))] > 127) number |= 1 << bit;
    }
    window.taken.push([about.captureTime, number]);
    video.requestVideoFrameCallback(seen);
  };
  video.requestVideoFrameCallback(seen);
});
""".replace("BAR", "24").replace("BITS", "12")
"""In the page: keeps what is logged, and the number of each camera picture with the time at which it was taken."""


def film_numbers(film: Path) -> list[tuple[float, int]]:
    """(time from the first frame, number) of each frame of a film."""
    with av.open(str(film)) as container:
        found = [
            (float(frame.time or 0), counter_in(frame.to_ndarray(format="gray")[: frame.height, : frame.width]))
            for frame in container.decode(video=0)
        ]
    return [(at - found[0][0], number) for at, number in found]


FRAME = 1 / 30


def film_time(film: list[tuple[float, int]], number: int) -> float:
    """When the film shows a frame of the camera; told by the nearest one that it has, where it was left out."""
    at, there = min(film, key=lambda one: abs(one[1] - number))
    assert abs(there - number) <= 3, f"the film has no frame near {number}, {there} is the nearest"
    return at + (number - there) * FRAME


class Counted:
    """A session held against its film: ``watch`` is for the page, and ``frame`` is the camera's step in seconds."""

    watch, frame = WATCH, FRAME
    film = staticmethod(film_numbers)

    @staticmethod
    def true_time(film: list[tuple[float, int]], taken: list[list[Any]], event: dict[str, Any]) -> float:
        """When the film shows what the camera took at an event, told by the picture of the preview nearest to it."""
        taken_at, number = min((one for one in taken if one[0]), key=lambda one: abs(one[0] - event["at"]))
        return film_time(film, number) + (event["at"] - taken_at) / 1000


@pytest.fixture(scope="session")
def counted() -> Counted:
    return Counted()


@pytest.fixture(scope="session")
def camera_film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A minute of a moving face at 30 frames/s with its frame numbers, as Chromium's fake camera reads it."""
    path = tmp_path_factory.mktemp("camera") / "camera.mjpeg"
    width, height = CAMERA_SIZE
    faces = [cv2.resize(face, (height, height)) for face in render(Script(2, 30, size=360))]
    left = (width - height) // 2
    picture = np.full((height, width, 3), 120, np.uint8)
    with path.open("wb") as film:
        for number in range(1800):
            picture[:, left : left + height] = faces[number % len(faces)][..., ::-1]
            film.write(cv2.imencode(".jpg", with_counter(picture, number), [cv2.IMWRITE_JPEG_QUALITY, 90])[1])
    return path


@pytest.fixture(scope="session")
def chromium(camera_film: Path, launch_chromium: Callable[..., Any]) -> Iterator[Any]:
    """Debian's chromium without a window, its camera fed from `camera_film`; a Playwright browser."""
    arguments = [
        "--use-fake-device-for-media-stream",
        "--use-fake-ui-for-media-stream",
        f"--use-file-for-fake-video-capture={camera_film}",
    ]
    browser = launch_chromium(*arguments)
    yield browser
    browser.close()


class Participant:
    """What a participant does on the pages of a session, by keyboard alone."""

    @staticmethod
    def consents(page: Any) -> None:
        page.get_by_role("checkbox").focus()
        page.keyboard.press("Space")
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")

    @staticmethod
    def begins(page: Any) -> None:
        """The first part, once the camera has seen the face."""
        page.wait_for_url("**/sessions/*")
        page.locator("#ready[aria-disabled=false]").wait_for(timeout=60_000)
        page.locator("#ready").focus()
        page.keyboard.press("Enter")
        Participant.goes_on(page)

    @staticmethod
    def goes_on(page: Any) -> None:
        """Past the instructions of a part, or on after a pause."""
        page.locator("#intro").wait_for()
        page.keyboard.press("Enter")
        page.locator("#stage").wait_for()


@pytest.fixture(scope="session")
def participant() -> type[Participant]:
    return Participant
