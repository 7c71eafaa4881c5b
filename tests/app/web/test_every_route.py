"""Every route of the whole app, found and not listed: strangers, other sites, odd numbers, names that climb."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from micromask.app.web.guard import CSRF_HEADER
from micromask.app.web.server import create_app

ADDRESS = "http://127.0.0.1:8123"
OPEN = ("/link/", "/static/")
"""The sign-in, and the look of the page that says no."""

Routes = list[tuple[str, str]]


@pytest.fixture
def whole(workspace: Path, study: Path, no_workers: None) -> Iterator[Any]:
    """The app with a workspace and a study, begun as a server begins it, but for the workers."""
    app = create_app(workspace=workspace, studies=[study], detector="haar")
    with TestClient(app, base_url=ADDRESS):
        yield app


@pytest.fixture
def routes(whole: Any, routes_of: Callable[[Any], Routes]) -> Routes:
    found = routes_of(whole)
    assert len(found) > 60
    for one in (
        ("GET", "/analyse"),
        ("POST", "/api/uploads"),
        ("POST", "/api/studies/add"),
        ("GET", "/studies/study/coding"),
        ("POST", "/studies/study/api/recordings/{recording}/chunks/{number}"),
    ):
        assert one in found
    return found


@pytest.fixture
def browser(whole: Any, sign_in: Callable[..., TestClient]) -> TestClient:
    return sign_in(whole)


def filled(path: str, value: str = "1") -> str:
    return re.sub(r"\{[^}]*\}", value, path)


def test_no_two_routes_are_one_and_none_takes_a_path(routes: Routes) -> None:
    shapes = [(method, filled(path)) for method, path in routes if not re.search(r"/[a-z-]+$", path)]
    assert len(shapes) == len(set(shapes)), sorted(one for one in shapes if shapes.count(one) > 1)
    assert len(routes) == len(set(routes)), sorted(one for one in routes if routes.count(one) > 1)
    assert [path for _, path in routes if ":path" in path] == []
    assert {method for method, _ in routes} <= {"GET", "POST"}


def test_every_route_refuses_a_stranger(whole: Any, routes: Routes) -> None:
    stranger = TestClient(whole, base_url=ADDRESS, follow_redirects=False)
    for method, path in routes:
        if path.startswith(OPEN):
            continue
        for cookie in ("", "micromask-8123=made-up", "micromask-9=made-up"):
            answer = stranger.request(method, filled(path), headers={"cookie": cookie})
            assert answer.status_code == 401, (method, path)
            assert "not signed in" in answer.text.lower()


FOREIGN = (
    ({"host": "evil.example"}, 421, "this server answers for"),
    ({"origin": "http://evil.example"}, 403, "from another site"),
    ({"origin": "null"}, 403, "from another site"),
    ({"sec-fetch-site": "cross-site"}, 403, "from another site"),
    ({"sec-fetch-site": "same-site", "sec-fetch-mode": "no-cors"}, 403, "from another site"),
)


def test_every_route_refuses_another_site_even_with_the_cookie(browser: TestClient, routes: Routes) -> None:
    for method, path in routes:
        for headers, status, line in FOREIGN:
            answer = browser.request(method, filled(path), headers=headers)
            assert (answer.status_code, line in answer.text.lower()) == (status, True), (method, path, headers)


def test_every_route_that_changes_something_wants_the_pages_mark(
    browser: TestClient, routes: Routes, workspace: Path, study: Path
) -> None:
    def all_files() -> dict[Path, bytes]:
        return {path: path.read_bytes() for top in (workspace, study) for path in top.rglob("*") if path.is_file()}

    before = all_files()
    changing = [(method, path) for method, path in routes if method != "GET"]
    assert len(changing) > 30
    for method, path in changing:
        for mark in ("", "0" * 64):
            answer = browser.request(method, filled(path), headers={CSRF_HEADER: mark}, json={})
            assert (answer.status_code, "page's own mark" in answer.text) == (403, True), (method, path)
    assert all_files() == before
    shown = [re.compile(re.sub(r"\{[^}]*\}", "[^/]+", path)) for method, path in routes if method == "GET"]
    for path in {filled(path) for _, path in changing}:
        if not any(one.fullmatch(path) for one in shown):
            assert browser.get(path).status_code in (404, 405), path  # a link or a picture cannot do it


@pytest.mark.parametrize("value", ["1", "999", "0", "-1", "x", "9" * 30, "1e3", "%C3%A9", "1.5", "nan", "~", "_"])
def test_every_route_bears_an_odd_name_for_its_parts(browser: TestClient, routes: Routes, value: str) -> None:
    for method, path in routes:
        if "{" not in path or path.startswith(OPEN):
            continue
        answer = browser.request(method, filled(path, value), json={} if method == "POST" else None)
        assert answer.status_code in (200, 303, 400, 403, 404, 405, 409, 411, 422), (method, path, answer.text)
        assert "Traceback" not in answer.text
        if "/api/" in path and answer.status_code >= 400:
            assert "\n" not in answer.json()["error"], (method, path)


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"null", b'"x"', b"\xff\xfe", b"1e999", b'{"a":' * 3000, b"[" * 5000], ids=range(9)
)
def test_every_route_bears_a_body_that_is_no_answer(browser: TestClient, routes: Routes, body: bytes) -> None:
    for method, path in routes:
        if method != "POST" or path.endswith("/api/links"):
            continue
        answer = browser.post(filled(path, "999"), content=body, headers={"content-type": "application/json"})
        assert answer.status_code in (200, 400, 403, 404, 409, 411, 415, 422), (path, answer.status_code, answer.text)
        assert "Traceback" not in answer.text


NAMES = (
    "../../../outside.mp4",
    "/etc/passwd",
    "..\\..\\outside.mp4",
    "C:\\film.mp4",
    "film.mp4/../../../x",
    "film\0.mp4",
    "fi\nlm\r.mp4",
    "$(touch x).mp4",
    "';drop table recording;--.mp4",
    "<script>alert(1)</script>.mp4",
    "film.py",
    "film.html",
    ".",
    "..",
    "-rf.mp4",
    "film.mp4 " * 30,
    "𝓯𝓲𝓵𝓶.mp4",
    "CON.mp4",
)


def test_an_uploaded_name_never_becomes_a_path(browser: TestClient, workspace: Path) -> None:
    outside = set(workspace.parent.rglob("*")) - set(workspace.rglob("*"))
    taken = 0
    for name in NAMES:
        answer = browser.post("/api/uploads", params={"name": name}, content=b"no film at all")
        assert answer.status_code in (200, 422), (name, answer.text)
        if answer.status_code == 200:
            taken += 1
    assert taken > 10
    assert set(workspace.parent.rglob("*")) - set(workspace.rglob("*")) == outside
    for path in (workspace / "films").rglob("*"):
        below = path.relative_to(workspace / "films").as_posix()
        assert re.fullmatch(r"[0-9]+(/film(\.[a-z0-9]{2,5})?)?", below), below
        assert path.suffix not in (".py", ".html")
        assert path.stat().st_mode & 0o077 == 0
    listed = browser.get("/analyse").text + browser.get("/api/analyse").text
    assert "<script>alert(1)</script>" not in browser.get("/analyse").text
    assert "outside.mp4" in listed
    assert "Access-Control-Allow-Origin" not in browser.get("/api/analyse").headers
