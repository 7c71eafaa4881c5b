"""Every page of the app with a film analysed in it: nothing leaves this machine, and everybody can use it."""

from __future__ import annotations

import re
import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import psutil
import pytest

from micromask.app.web.server import create_app
from micromask.app.workspace.known_studies import begin_study
from micromask.app.workspace.store import create_workspace
from micromask.datasets.synthetic import PlannedExpression, Script, write

pytestmark = pytest.mark.slow

GUARD = """
import os, sys
log = os.open(os.environ["SOCKET_LOG"], os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600)

def heard(event, arguments):
    if event in ("socket.connect", "socket.bind", "socket.sendto", "socket.sendmsg"):
        os.write(log, f"{os.getpid()}\\t{event}\\t{arguments[1]!r}\\n".encode())
    elif event in ("socket.getaddrinfo", "socket.gethostbyname"):
        os.write(log, f"{os.getpid()}\\t{event}\\t{arguments[0]!r}\\n".encode())

sys.addaudithook(heard)
os.write(log, f"{os.getpid()}\\tbegan\\t{' '.join(sys.orig_argv)}\\n".encode())
"""
"""Python imports this at its start: every socket that it or a library in Python opens from then on is noted."""

ODD = "<b>Ärger & 'spaß'<i>.mp4"


@dataclass
class Full:
    """A server process with an analysed film, a failed one and a study in its workspace."""

    address: str
    pid: int
    link: Callable[[], str]
    log: Path
    remote: set[str]
    pages: list[str]

    def heard(self) -> list[list[str]]:
        return [line.split("\t") for line in self.log.read_text().splitlines()]


@pytest.fixture(scope="module")
def full(
    tmp_path_factory: pytest.TempPathFactory, starter: Callable[..., Any], client: Any, routes_of: Callable[..., Any]
) -> Iterator[Full]:
    folder = tmp_path_factory.mktemp("full")
    (folder / "guard").mkdir()
    (folder / "guard" / "sitecustomize.py").write_text(GUARD)
    workspace = create_workspace(folder / "workspace")
    begin_study(workspace, "Faces at rest", "rest", "mmed-fst")
    smile = PlannedExpression(0.6, 0.8, 1.1, (("lip_corner_puller", 0.05),), "happiness")
    write(Script(2, 25, size=240, expressions=(smile,)), folder / "film.mp4")
    pages = [
        re.sub(r"\{[^}]*\}", "1", path)
        for method, path in routes_of(create_app(workspace=workspace))
        if method == "GET" and not re.search(r"/api/|^/(link|static|favicon)|/stimuli/|/studies/\{key\}$", path)
    ]
    with starter("app", PYTHONPATH=str(folder / "guard"), SOCKET_LOG=str(folder / "log")) as start:
        server = start(workspace)
        one = client(server.links[0])
        one.post(f"/api/uploads?name={quote(ODD)}", data=(folder / "film.mp4").read_bytes())
        one.post("/api/uploads?name=broken.mp4", data=b"no film at all")
        remote: set[str] = set()
        process, end = psutil.Process(server.process.pid), time.monotonic() + 240
        while any(job["state"] in ("queued", "running") for job in one.get("/api/jobs")["jobs"]):
            assert time.monotonic() < end, one.get("/api/jobs")
            for each in (process, *process.children(recursive=True)):
                try:
                    remote |= {line.raddr.ip for line in each.net_connections() if line.raddr}
                except psutil.Error:
                    continue  # it has ended since
            time.sleep(0.2)
        states = {job["recording"]: job["state"] for job in one.get("/api/jobs")["jobs"] if job["kind"] == "analyze"}
        assert states == {1: "done", 2: "failed"}
        made = lambda: one.post("/api/links")["link"]  # noqa: E731
        yield Full(server.address, server.process.pid, made, folder / "log", remote, pages)


def pages_of(browser: Any, full: Full, **context: Any) -> Iterator[tuple[str, Any]]:
    """(path, page) of each page of the app that is there, opened in turn by somebody who is signed in."""
    opened = browser.new_context(**context)
    opened.set_default_timeout(30_000)
    page = opened.new_page()
    page.goto(full.link())
    for path in full.pages:
        if page.goto(full.address + path).status != 200:
            continue  # of a participant or session that the study does not have
        page.wait_for_load_state("networkidle") if "/report" in path else page.wait_for_timeout(300)
        yield path, page
    opened.close()


def test_the_pages_that_there_are(full: Full) -> None:
    for path in ("/", "/analyse", "/recordings/1", "/recordings/1/report", "/studies", "/studies/rest/", "/live"):
        assert path in full.pages


def test_no_request_of_a_page_leaves_this_machine(full: Full, plain_chromium: Any) -> None:
    asked: set[str] = set()
    errors: list[str] = []
    for path, page in pages_of(plain_chromium, full):
        if path == full.pages[0]:
            page.on("request", lambda one: asked.add(one.url))
            page.on("websocket", lambda one: asked.add(one.url))
            page.on("pageerror", lambda one: errors.append(str(one)))
            page.reload()
    hosts = {urlsplit(url).netloc for url in asked if not url.startswith(("blob:", "data:"))}
    assert hosts == {urlsplit(full.address).netloc}
    assert len(asked) > len(full.pages)
    assert errors == []


SEND = """
async (where) => {
  const ended = (made) => new Promise((done) => {
    made.onload = made.onerror = made.onclose = done;
    setTimeout(done, 500);
  });
  await fetch(where, { mode: "no-cors" }).catch(() => {});
  navigator.sendBeacon(where, "face");
  const script = document.createElement("script");
  script.src = `${where}x.js`;
  const style = Object.assign(document.createElement("link"), { rel: "stylesheet", href: `${where}x.css` });
  document.head.append(script, style);
  const made = [script, style, Object.assign(new Image(), { src: `${where}x.png` })];
  try { made.push(new WebSocket(where.replace("http", "ws"))); } catch {}
  await Promise.all(made.map(ended));
}
"""


def test_a_script_in_a_page_could_send_nothing_to_another_server(full: Full, plain_chromium: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        other.setblocking(False)
        where = f"http://127.0.0.1:{other.getsockname()[1]}/"
        tried = 0
        for path, page in pages_of(plain_chromium, full):
            if path in ("/analyse", "/recordings/1", "/recordings/1/report", "/studies/rest/"):
                page.evaluate(SEND, where)
                tried += 1
        assert tried == 4
        with pytest.raises(BlockingIOError):  # nobody came
            other.accept()


def test_no_socket_of_the_server_or_a_worker_leads_off_this_machine(full: Full) -> None:
    heard = full.heard()
    began = {pid: words for pid, what, words in heard if what == "began"}
    assert str(full.pid) in began
    assert sum("micromask.app.workspace.worker" in words for words in began.values()) >= 2
    bound = [where for _, what, where in heard if what == "socket.bind"]
    assert bound
    assert all(where.startswith("('127.0.0.1', ") for where in bound)
    others = [line for line in heard if line[1] not in ("began", "socket.bind")]
    assert [line for line in others if not re.search(r"'(127\.0\.0\.1|localhost|/[^']*)'", line[2])] == []
    assert full.remote <= {"127.0.0.1", "::1"}


@pytest.mark.parametrize("look", ["light", "dark", "phone"])
def test_no_page_has_an_accessibility_fault_or_is_wider_than_its_window(
    full: Full, plain_chromium: Any, faults_of: Callable[..., Any], look: str
) -> None:
    size = {"width": 390, "height": 844} if look == "phone" else {"width": 1280, "height": 800}
    faults: list[str] = []
    for path, page in pages_of(plain_chromium, full, viewport=size, color_scheme="dark" if look == "dark" else "light"):
        if path.endswith("/report"):
            continue  # a file with a policy of its own; reports are tested by themselves
        faults += [f"{path}: {fault}" for fault in faults_of(page)]
        over = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if over > 0:
            faults.append(f"{path}: {over} px wider than its window")
    assert faults == []


def test_a_name_of_a_film_is_shown_as_it_is_and_is_no_markup(full: Full, plain_chromium: Any) -> None:
    shown = 0
    for path, page in pages_of(plain_chromium, full):
        if path in ("/analyse", "/recordings/1"):
            page.get_by_text(ODD, exact=True).first.wait_for()
            assert page.locator("main :is(b, i)", has_text="spaß").count() == 0
            shown += 1
    assert shown == 2


def test_the_first_tab_leads_past_the_links_and_each_page_has_one_heading(full: Full, plain_chromium: Any) -> None:
    for path, page in pages_of(plain_chromium, full):
        if path.endswith("/report"):
            continue
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.className") == "skip", path
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.id") == "main", path
        assert page.locator("h1:visible").count() == 1, path
        assert page.title(), path
