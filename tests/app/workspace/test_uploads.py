import http.client
import json
import resource
import shutil
import socket
import time
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from hashlib import sha256
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import psutil
import pytest

from micromask.app.web.analyse import uploads as upload_api
from micromask.app.web.server import Serving
from micromask.app.workspace import uploads as uploads_module
from micromask.app.workspace.jobs import MOST_WAITING, jobs, queue, waiting
from micromask.app.workspace.recordings import recordings

Until = Callable[..., None]


class Sender:
    """A signed-in program that sends films."""

    def __init__(self, serving: Serving) -> None:
        self.port = int(serving.address.rsplit(":", 1)[1])
        jar = CookieJar()
        opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
        with opener.open(serving.new_link()):
            pass
        with opener.open(f"{serving.address}/api/mark") as answer:
            mark = json.load(answer)["mark"]
        self.headers = {
            "Host": f"127.0.0.1:{self.port}",
            "Cookie": "; ".join(f"{one.name}={one.value}" for one in jar),
            "X-Micromask-CSRF": mark,
        }

    def ask(
        self, method: str, path: str, body: bytes | Iterator[bytes] | None = None, **headers: str
    ) -> tuple[int, Any, http.client.HTTPMessage]:
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)) as connection:
            connection.request(method, path, body, self.headers | headers)
            answer = connection.getresponse()
            return answer.status, json.load(answer), answer.headers

    def upload(self, name: str, data: bytes, **asked: str) -> tuple[int, Any, http.client.HTTPMessage]:
        return self.ask("POST", f"/api/uploads?{urlencode({'name': name} | asked)}", data)

    @contextmanager
    def begun(self, announced: int, data: bytes) -> Iterator[socket.socket]:
        """An upload that says how long it is, sends less, and then is what the test makes of it."""
        lines = [
            "POST /api/uploads?name=x.mp4 HTTP/1.1",
            *(f"{name}: {value}" for name, value in self.headers.items()),
        ]
        head = "\r\n".join([*lines, f"Content-Length: {announced}", "", ""])
        with socket.create_connection(("127.0.0.1", self.port), timeout=30) as connection:
            connection.sendall(head.encode() + data)
            yield connection


@pytest.fixture
def sender(serving: Serving) -> Sender:
    return Sender(serving)


def parts(workspace: Path) -> list[Path]:
    return list((workspace / "uploads").iterdir())


def nothing_stayed(workspace: Path) -> bool:
    return not parts(workspace) and not recordings(workspace) and not list((workspace / "films").iterdir())


def test_a_film_arrives_as_it_was_and_its_analysis_is_queued(workspace: Path, sender: Sender) -> None:
    data = bytes(range(256)) * 12_345
    status, said, _ = sender.upload("Änna 1.webm", data, participant="P01", group="a", threshold="2.5", masked="true")
    assert (status, said) == (200, {"recording": 1, "job": 1})
    (one,) = recordings(workspace)
    assert (one.title, one.participant, one.group, one.state) == ("Änna 1.webm", "P01", "a", "waiting")
    assert one.film.read_bytes() == data
    assert one.film.stat().st_mode & 0o777 == 0o600
    (job,) = jobs(workspace)
    assert (job.kind, job.recording, job.payload["floor"], job.payload["masked"]) == ("analyze", 1, 2.5, True)
    assert parts(workspace) == []


def test_fifty_films_at_the_same_time_all_arrive(workspace: Path, sender: Sender) -> None:
    films = {f"{number}.mp4": bytes([number]) * (300_000 + number) for number in range(50)}
    with ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(lambda one: sender.upload(*one)[0], films.items()))
    assert answers == [200] * 50
    found = {one.title: sha256(one.film.read_bytes()).hexdigest() for one in recordings(workspace)}
    assert found == {name: sha256(data).hexdigest() for name, data in films.items()}
    assert waiting(workspace) == 50
    assert parts(workspace) == []


@pytest.mark.parametrize("name", ["../../evil.mp4", "/etc/passwd", "..\\..\\evil.mp4", "a/../../b.mp4", "\x00.mp4"])
def test_a_name_that_is_a_path_leads_nowhere(workspace: Path, sender: Sender, name: str) -> None:
    before = sorted(path for path in workspace.parent.rglob("*") if not path.is_relative_to(workspace))
    status, _, _ = sender.ask("POST", f"/api/uploads?name={quote(name, safe='')}", b"data")
    assert status in (200, 400)
    assert sorted(path for path in workspace.parent.rglob("*") if not path.is_relative_to(workspace)) == before
    for one in recordings(workspace):
        assert one.film.parent == workspace / "films" / str(one.id)
        assert "/" not in one.title


def test_a_large_film_goes_to_the_disk_and_not_into_memory(workspace: Path, sender: Sender) -> None:
    piece, pieces = b"x" * (1 << 20), 200
    largest = before = psutil.Process().memory_info().rss

    def film() -> Iterator[bytes]:
        nonlocal largest
        for _ in range(pieces):
            largest = max(largest, psutil.Process().memory_info().rss)
            yield piece

    status, _, _ = sender.ask(
        "POST", "/api/uploads?name=large.mp4", film(), **{"Content-Length": str(pieces * len(piece))}
    )
    assert status == 200
    assert recordings(workspace)[0].film.stat().st_size == 200 << 20
    assert largest - before < 48 << 20


def test_a_film_that_breaks_off_leaves_nothing(workspace: Path, sender: Sender, until: Until) -> None:
    with sender.begun(10_000_000, b"x" * 2_000_000):
        until(lambda: parts(workspace) and parts(workspace)[0].stat().st_size > 1_000_000)
        assert parts(workspace)[0].stat().st_mode & 0o777 == 0o600
    until(lambda: nothing_stayed(workspace))
    assert sender.upload("x.mp4", b"data")[0] == 200


def test_a_film_that_stops_coming_is_given_up(
    workspace: Path, sender: Sender, until: Until, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upload_api, "SILENT_SECONDS", 0.3)
    with sender.begun(10_000_000, b"x" * 500_000) as connection:
        assert connection.recv(100).startswith(b"HTTP/1.1 408 ")
    until(lambda: nothing_stayed(workspace))


def test_when_two_hundred_jobs_wait_the_answer_is_429_with_one_line_and_when_to_come_back(
    workspace: Path, sender: Sender
) -> None:
    for _ in range(MOST_WAITING - 1):
        queue(workspace, "magnify", {})
    assert sender.upload("last.mp4", b"data")[0] == 200
    status, said, headers = sender.upload("more.mp4", b"x" * 5_000_000)
    assert (status, headers["Retry-After"]) == (429, "10")
    assert said["error"].startswith("200 jobs are waiting")
    assert "come back when some are done, or cancel some" in said["error"]
    assert [one.title for one in recordings(workspace)] == ["last.mp4"]
    assert parts(workspace) == []
    status, said, headers = sender.ask("POST", "/api/jobs/200/cancel")
    assert (status, said["state"]) == (200, "cancelled")
    assert sender.upload("more.mp4", b"data")[0] == 200
    status, said, headers = sender.ask("POST", "/api/jobs/200/again")
    assert (status, headers["Retry-After"]) == (429, "10")


def test_films_that_are_coming_in_count_as_waiting(workspace: Path, sender: Sender, until: Until) -> None:
    for _ in range(MOST_WAITING - 1):
        queue(workspace, "magnify", {})
    with sender.begun(1_000_000, b"x"):
        until(lambda: parts(workspace))
        assert sender.upload("more.mp4", b"data")[0] == 429
    until(lambda: not parts(workspace))
    assert sender.upload("more.mp4", b"data")[0] == 200


def test_too_many_films_at_once_are_told_to_come_later(
    workspace: Path, sender: Sender, until: Until, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads_module, "MOST_AT_ONCE", 1)
    with sender.begun(1_000_000, b"x"):
        until(lambda: parts(workspace))
        status, said, _ = sender.upload("more.mp4", b"data")
        assert (status, said["error"]) == (429, "1 films are coming in already: send this one when some are here")


def test_a_film_for_which_the_disk_has_no_room_is_refused_before_it_comes(
    workspace: Path, sender: Sender, monkeypatch: pytest.MonkeyPatch
) -> None:
    free = 3 << 30
    monkeypatch.setattr(shutil, "disk_usage", lambda path: shutil._ntuple_diskusage(1 << 40, (1 << 40) - free, free))
    monkeypatch.setattr(upload_api, "DRAIN_SECONDS", 0.2)
    with sender.begun(5 << 30, b"x" * 1000) as connection:
        answer = http.client.HTTPResponse(connection)
        answer.begin()
        said = json.load(answer)["error"]
    assert answer.status == 507
    assert said.startswith("no room for this film: it has 5.0 GiB and 2.0 GiB can still be taken; make room")
    assert nothing_stayed(workspace)


def test_a_disk_that_is_full_in_the_middle_of_a_film_is_one_clear_line_and_nothing_stays(
    workspace: Path, sender: Sender
) -> None:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, before[1]))  # the system itself refuses the rest
    try:
        status, said, _ = sender.upload("x.mp4", b"x" * 3_000_000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert status == 507
    assert said["error"].startswith("this film cannot be kept (")
    assert said["error"].endswith("): make room on the disk, then try again")
    assert nothing_stayed(workspace)
    assert sender.upload("x.mp4", b"x" * 3_000_000)[0] == 200


@pytest.mark.parametrize(
    ("path", "data", "headers", "status", "line"),
    [
        ("/api/uploads?name=x.mp4", b"", {}, 422, "this file is empty: choose another"),
        ("/api/uploads?name=x.mp4&detector=harr", b"x", {}, 422, "no detector 'harr'; did you mean 'haar'?"),
        ("/api/uploads?name=x.mp4&model=no.safetensors", b"x", {}, 422, "there is no model 'no.safetensors'"),
        ("/api/uploads?name=x.mp4&threshold=0", b"x", {}, 422, "threshold: Input should be greater than 0"),
        ("/api/uploads", b"x", {}, 422, "name: Field required"),
        ("/api/uploads?name=x.mp4", b"x", {"Content-Length": str(9 << 30)}, 413, "too large: at most 8192 MiB"),
    ],
)
def test_what_is_not_in_order_is_said(
    workspace: Path, sender: Sender, path: str, data: bytes, headers: dict[str, str], status: int, line: str
) -> None:
    got, said, _ = sender.ask("POST", path, data, **headers)
    assert got == status
    assert line in said["error"]
    assert nothing_stayed(workspace)


def test_a_film_without_its_length_is_refused(workspace: Path, sender: Sender) -> None:
    with closing(http.client.HTTPConnection("127.0.0.1", sender.port, timeout=30)) as connection:
        connection.request("POST", "/api/uploads?name=x.mp4", iter([b"x"]), sender.headers, encode_chunked=True)
        answer = connection.getresponse()
        assert (answer.status, json.load(answer)["error"][:32]) == (411, "a film has to say how long it is")
    assert nothing_stayed(workspace)


def test_the_queue_is_told_and_changed_over_the_web(workspace: Path, sender: Sender) -> None:
    numbers = [queue(workspace, kind, {"secret": 1}) for kind in ("analyze", "magnify")]
    told = sender.ask("GET", "/api/jobs")[1]["jobs"]
    assert [(one["id"], one["kind"], one["state"]) for one in told] == [
        (1, "analyze", "queued"),
        (2, "magnify", "queued"),
    ]
    assert set(told[0]) == {"id", "kind", "recording", "state", "done", "total", "line", "queued", "begun", "ended"}
    assert [one["id"] for one in sender.ask("GET", "/api/jobs?kind=magnify")[1]["jobs"]] == [2]
    assert sender.ask("POST", f"/api/jobs/{numbers[0]}/cancel")[1]["state"] == "cancelled"
    assert sender.ask("GET", f"/api/jobs/{numbers[0]}")[1]["state"] == "cancelled"
    assert sender.ask("POST", f"/api/jobs/{numbers[0]}/again")[1]["state"] == "queued"
    assert sender.ask("GET", "/api/jobs/99")[:2] == (422, {"error": "there is no job 99 here (any more)"})


def test_the_list_of_jobs_keeps_all_that_wait_and_the_latest_that_ended(workspace: Path, sender: Sender) -> None:
    from micromask.app.web.jobs_api import LATEST
    from micromask.app.workspace.store import writing

    first = queue(workspace, "magnify", {})
    with writing(workspace) as store:
        for number in range(LATEST + 50):
            store.execute(
                "INSERT INTO job (kind, payload, state, queued, ended) VALUES ('magnify', '{}', 'done', '2026', ?)",
                (f"2026-01-01T00:00:00.{number:03}",),
            )
    told = [one["id"] for one in sender.ask("GET", "/api/jobs")[1]["jobs"]]
    assert told == [first, *range(52, 52 + LATEST)]


def test_pages_are_answered_while_films_come_in(workspace: Path, sender: Sender) -> None:
    """Films use threads of their own: with slow ones in all of those, a page still comes at once."""
    with ThreadPoolExecutor(20) as pool:
        films = [pool.submit(sender.upload, f"{number}.mp4", b"x" * 4_000_000) for number in range(20)]
        slowest = 0.0
        while not all(one.done() for one in films):
            began = time.monotonic()
            assert sender.ask("GET", "/api/jobs")[0] == 200
            slowest = max(slowest, time.monotonic() - began)
    assert [one.result()[0] for one in films] == [200] * 20
    assert slowest < 5
