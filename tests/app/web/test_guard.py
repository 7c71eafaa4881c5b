"""What the server refuses: strangers, other sites, other host names, paths that climb, bodies that are too large."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest
from fastapi.testclient import TestClient

from micromask.app.web.guard import CSRF_HEADER
from micromask.app.web.links import Links
from micromask.app.web.server import Serving, create_app, opened_server
from micromask.app.web.study.app import create_study_app
from micromask.app.web.study.session import Eyes
from micromask.core.errors import BadInputError, BadOutputError
from micromask.studies.design import Design

ADDRESS = "http://127.0.0.1:8123"


@pytest.fixture
def stranger(study: Path) -> TestClient:
    """A browser that has opened no link."""
    return TestClient(create_app(studies=[study]), base_url=ADDRESS, follow_redirects=False)


@pytest.fixture
def browser(stranger: TestClient) -> TestClient:
    """A browser that is signed in and whose pages' mark is known."""
    stranger.get(f"/link/{stranger.app.state.links.mint()}")  # type: ignore[attr-defined]
    stranger.headers[CSRF_HEADER] = stranger.get("/api/mark").json()["mark"]
    return stranger


def test_a_link_is_exchanged_once_for_a_cookie_that_scripts_do_not_see(stranger: TestClient) -> None:
    token = stranger.app.state.links.mint()  # type: ignore[attr-defined]
    first = stranger.get(f"/link/{token}")
    assert (first.status_code, first.headers["location"]) == (303, "/")
    cookie = first.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert "secure" not in cookie  # there is no certificate on 127.0.0.1
    assert token not in first.headers["set-cookie"]
    assert stranger.get("/studies/study/").status_code == 200

    stranger.cookies.clear()
    for link in (token, "wrong", "x" * 43):
        again = stranger.get(f"/link/{link}")
        assert again.status_code == 403
        assert "used already or is none of ours" in again.text
        assert "set-cookie" not in again.headers


def test_looking_at_a_link_without_opening_it_does_not_use_it_up(stranger: TestClient) -> None:
    token = stranger.app.state.links.mint()  # type: ignore[attr-defined]
    assert stranger.head(f"/link/{token}").status_code == 405
    assert stranger.get(f"/link/{token}").status_code == 303


def test_a_link_in_web_mail_signs_in_by_a_page_of_our_own(stranger: TestClient) -> None:
    token = stranger.app.state.links.mint()  # type: ignore[attr-defined]
    headers = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"}
    page = stranger.get(f"/link/{token}", headers=headers)
    assert page.status_code == 200
    assert 'http-equiv="refresh"' in page.text
    assert "set-cookie" in page.headers


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        pytest.param({"host": "evil.example"}, 421, id="foreign host name (DNS rebinding)"),
        pytest.param({"host": "127.0.0.1:9"}, 421, id="another port"),
        pytest.param({"host": "127.0.0.1.evil.example:8123"}, 421, id="a name that begins like ours"),
        pytest.param({"origin": "http://evil.example"}, 403, id="foreign origin"),
        pytest.param({"origin": "http://127.0.0.1:9"}, 403, id="another server on this machine"),
        pytest.param({"origin": "null"}, 403, id="no origin to speak of"),
        pytest.param({"sec-fetch-site": "cross-site"}, 403, id="cross-site"),
        pytest.param({"sec-fetch-site": "same-site"}, 403, id="another port of this machine"),
        pytest.param({CSRF_HEADER: ""}, 403, id="no CSRF header"),
        pytest.param({CSRF_HEADER: "0" * 64}, 403, id="wrong CSRF header"),
        pytest.param({"host": "localhost:8123", "origin": "http://localhost:8123"}, 200, id="ours, by its other name"),
        pytest.param({"origin": ADDRESS, "sec-fetch-site": "same-origin"}, 200, id="ours"),
    ],
)
def test_only_our_own_pages_change_something(browser: TestClient, headers: dict[str, str], status: int) -> None:
    cookie = f"micromask-8123={browser.cookies['micromask-8123']}"
    answer = browser.post("/api/links", json={}, headers={"cookie": cookie} | headers)
    assert answer.status_code == status
    if status != 200:
        assert list(answer.json()) == ["error"]
        assert "\n" not in answer.json()["error"]


def test_odd_cookies_of_other_programs_do_not_hide_ours(browser: TestClient) -> None:
    ours = f"micromask-8123={browser.cookies['micromask-8123']}"
    for others in ('a={"b": [1, 2]}; ', "theirs[]=1;; =; ", 'x="never closed; '):
        assert browser.get("/studies/study/", headers={"cookie": others + ours}).status_code == 200


def test_the_mark_of_one_browser_is_not_anothers(browser: TestClient) -> None:
    other = TestClient(browser.app, base_url=ADDRESS, follow_redirects=False)
    other.get(browser.post("/api/links").json()["link"])
    assert other.get("/studies/study/").status_code == 200
    assert other.post("/api/links", headers={CSRF_HEADER: browser.headers[CSRF_HEADER]}).status_code == 403


def test_pages_say_that_nothing_from_outside_may_be_loaded_or_frame_them(browser: TestClient) -> None:
    for path in ("/studies/study/", "/studies/study/participants/new", "/nothing", "/static/base.css"):
        headers = browser.get(path).headers
        assert headers["content-security-policy"].startswith("default-src 'self';")
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["cache-control"] == ("no-cache" if path.startswith("/static") else "no-store")
    assert [browser.get(path).status_code for path in ("/docs", "/redoc", "/openapi.json")] == [404, 404, 404]


def test_an_image_with_a_script_is_not_given_out_and_others_cannot_run_one(browser: TestClient, study: Path) -> None:
    good = browser.get("/studies/study/stimuli/sun")
    assert good.status_code == 200
    assert good.headers["content-type"] == "image/svg+xml"
    assert good.headers["content-security-policy"].startswith("sandbox; default-src 'none'")
    evil = '<svg xmlns="http://www.w3.org/2000/svg"><script>fetch("/api/links", {method: "POST"})</script></svg>'
    (study / "images" / "sun.svg").write_text(evil)
    refused = browser.get("/studies/study/stimuli/sun")
    assert refused.status_code == 422
    assert "which does more than draw" in refused.text
    (study / "images" / "rain.svg").unlink()
    (study / "images" / "rain.svg").symlink_to("/etc/hostname")
    assert browser.get("/studies/study/stimuli/rain").status_code == 404
    assert (
        browser.get("/studies/study/stimuli/q1").status_code
        == browser.get("/studies/study/stimuli/study.yaml").status_code
        == 404
    )


def ask(serving: Serving, request: bytes, wait: float = 10) -> bytes:
    """What a server answers to bytes before it hangs up."""
    with socket.create_connection(serving.socket.getsockname(), timeout=wait) as line:
        line.sendall(request)
        return b"".join(iter(lambda: line.recv(4000), b""))


def signed_in(serving: Serving, client: Any) -> str:
    """The header lines of somebody who is signed in."""
    one = client(serving.new_link())
    (cookie,) = one.cookies
    return (
        f"Host: {serving.address.removeprefix('http://')}\r\nCookie: {cookie.name}={cookie.value}\r\n"
        f"X-Micromask-CSRF: {one.mark}\r\n"
    )


@pytest.mark.parametrize(
    "path",
    [
        "/../study.yaml",
        "/static/../study.yaml",
        "/static/..%2fstudy.yaml",
        "/static/%2e%2e%2fstudy.yaml",
        "/static/%252e%252e%252fstudy.yaml",
        "/studies/study/stimuli/..%5cstudy.yaml",
        "/static//etc/passwd",
        "//etc/passwd",
        "/static/base.css%00.js",
        "http://127.0.0.1/study.yaml",
        "/static/\\study.yaml",
    ],
)
def test_a_path_that_climbs_is_refused(serving: Serving, client: Any, path: str) -> None:
    answer = ask(serving, f"GET {path} HTTP/1.1\r\n{signed_in(serving, client)}\r\n".encode())
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert b"Faces and small talk" not in answer


def test_a_path_that_climbs_out_of_the_workspace_is_refused(app_serving: Serving, client: Any) -> None:
    headers = signed_in(app_serving, client)
    for path in (
        "/recordings/..%2f..%2fapp.sqlite",
        "/recordings/1/../../app.sqlite",
        "/recordings/%2e%2e/app.sqlite",
        "/api/recordings/1%2f..%2f2",
        "/studies/..%2f..%2fapp.sqlite",
        "/studies/../app.sqlite",
        "/studies/study/..%2fstudy.yaml",
        "//studies/study/",
        "/studies/study%00/",
        "/static/..%5c..%5capp.sqlite",
    ):
        answer = ask(app_serving, f"GET {path} HTTP/1.1\r\n{headers}\r\n".encode())
        assert answer.startswith(b"HTTP/1.1 400 "), path
        assert b"SQLite format" not in answer


def test_a_request_without_a_host_or_with_two_is_refused(serving: Serving) -> None:
    for lines in ("", "Host: 127.0.0.1\r\nHost: evil.example\r\n"):
        assert ask(serving, f"GET / HTTP/1.1\r\n{lines}\r\n".encode()).split()[1] in (b"400", b"421")


@pytest.mark.parametrize("path", ["/studies/study/api/recordings/1/chunks/0", "/api/links", "/"])
def test_five_gigabytes_are_refused_before_they_are_sent(serving: Serving, client: Any, path: str) -> None:
    headers = signed_in(serving, client)
    begun = time.monotonic()
    answer = ask(serving, f"POST {path} HTTP/1.1\r\n{headers}Content-Length: {5 * 2**30}\r\n\r\n".encode())
    assert time.monotonic() - begun < 5
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b"MiB are taken here" in answer


def test_a_body_without_a_length_is_counted_as_it_comes_and_not_kept(
    study: Path, serve_process: Callable[..., Any], client: Any
) -> None:
    server = serve_process(study)
    one = client(server.links[0])
    (cookie,) = one.cookies
    memory = psutil.Process(server.process.pid)
    before = memory.memory_info().rss
    answer, sent, piece = b"", 0, b"x" * 2**20
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as line:
        line.sendall(
            f"POST /studies/study/api/recordings/1/chunks/0 HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\n"
            f"Cookie: {cookie.name}={cookie.value}\r\nX-Micromask-CSRF: {one.mark}\r\n"
            "Transfer-Encoding: chunked\r\n\r\n".encode()
        )
        try:
            while sent < 400:
                line.sendall(b"%x\r\n%s\r\n" % (len(piece), piece))
                sent += 1
        except OSError:
            pass  # it hangs up
        try:
            answer = line.recv(4000)
        except OSError:
            answer = b""
    assert 30 <= sent < 60  # MiB: the limit is 32, and some are on their way
    assert answer in (b"",) or answer.startswith(b"HTTP/1.1 413 ")
    assert memory.memory_info().rss - before < 120 * 2**20
    assert one.get("/api/mark")["mark"] == one.mark  # and it goes on serving


def test_a_body_that_is_too_long_is_told_so(browser: TestClient) -> None:
    answer = browser.post("/studies/study/api/recordings/1/chunks/0", content=(b"x" * 2**20 for _ in range(40)))
    assert answer.status_code == 413
    assert answer.json() == {"error": "too large: at most 32 MiB are taken here"}
    assert browser.post("/api/links", content=iter([b"x" * (2**20 + 1)])).status_code in (200, 413)


def test_one_study_has_one_server(serving: Serving, study: Path) -> None:
    with pytest.raises(BadInputError, match="is being served already"), opened_server(studies=[study]):
        pass
    assert (study / "serving.lock").stat().st_mode & 0o777 == 0o600


def test_a_port_that_is_taken_is_told(serving: Serving, study: Path, tmp_path: Path) -> None:
    from shutil import copytree

    port = serving.socket.getsockname()[1]
    other = copytree(study, tmp_path / "other")
    with (
        pytest.raises(BadOutputError, match=rf"port {port} of 127\.0\.0\.1 cannot be used"),
        opened_server(port, studies=[other]),
    ):
        pass


def test_the_server_listens_on_this_machine_only(serving: Serving) -> None:
    assert serving.socket.getsockname()[0] == "127.0.0.1"


def test_a_study_that_is_none_is_told(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="holds no study"), opened_server(studies=[tmp_path / "nowhere"]):
        pass
    assert not (tmp_path / "nowhere").exists()


def test_the_design_can_be_given(study: Path) -> None:
    from micromask.studies.read_design import read_design

    design: Design = read_design(study)
    made = create_study_app(study, "study", Links(), Eyes("haar"), design=design)
    assert made.state.design is design
