"""A browser that was handed to a participant: what it reaches, whose, and how the researcher comes back."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest
from fastapi.testclient import TestClient

from micromask.app.web.guard import CSRF_HEADER
from micromask.app.web.handed import FREE_TRIES, MOST_TRIES, OPEN_ANYWHERE, OPEN_IN_STUDY, WAIT_SECONDS, Code
from micromask.app.web.server import Serving, create_app
from micromask.app.web.study.participant import participant_link
from micromask.core.errors import BadInputError
from micromask.studies.people import give_consent, sha256_of
from micromask.studies.read_design import read_design

ADDRESS = "http://127.0.0.1:8123"
CODE = "grey owl 7"
HERE = "/studies/study"
REFUSED = "this browser was handed to the participant of a study"
Routes = list[tuple[str, str]]

MINE = {
    ("GET", "/participant"),
    ("GET", "/participants/new"),
    ("GET", "/participants/{name}/consent"),
    ("GET", "/sessions/{session}"),
    ("GET", "/stimuli/{item}"),
    ("GET", "/return"),
    ("GET", "/api/sessions/{session}"),
    ("POST", "/api/consent"),
    ("POST", "/api/participants"),
    ("POST", "/api/participants/{name}/consent"),
    ("POST", "/api/sessions"),
    ("POST", "/api/sessions/{session}/here"),
    ("POST", "/api/sessions/{session}/camera"),
    ("POST", "/api/sessions/{session}/recordings"),
    ("POST", "/api/sessions/{session}/end"),
    ("POST", "/api/sessions/{session}/delete"),
    ("POST", "/api/sessions/{session}/leave"),
    ("POST", "/api/recordings/{recording}/chunks/{number}"),
    ("POST", "/api/recordings/{recording}/events"),
    ("POST", "/api/recordings/{recording}/end"),
    ("POST", "/api/recordings/{recording}/go-on"),
    ("POST", "/api/return"),
}
"""What a participant needs of one study, written down a second time: a route that is opened by mistake is seen here."""

ANYBODYS = {("GET", "/link/{token}"), ("GET", "/static/{name}"), ("GET", "/favicon.ico"), ("GET", "/api/mark")}


@pytest.fixture
def whole(workspace: Path, study: Path, no_workers: None, tmp_path: Path) -> Iterator[Any]:
    """The app with a workspace and two studies."""
    other = copytree(study, tmp_path / "other")
    app = create_app(workspace=workspace, studies=[study, other], detector="haar")
    with TestClient(app, base_url=ADDRESS):
        yield app


class Browser(TestClient):
    """A browser that knows its pages' mark, as api.js does."""

    def __init__(self, app: Any, link: str = "") -> None:
        super().__init__(app, base_url=ADDRESS, follow_redirects=False)
        self.opened = self.get(link or f"/link/{app.state.links.mint()}")
        self.look_up_mark()

    def look_up_mark(self) -> None:
        self.headers[CSRF_HEADER] = self.get("/api/mark").json().get("mark", "")

    def hand_over(self, participant: str = "", code: str = CODE) -> dict[str, Any]:
        answer = self.post(f"{HERE}/api/hand-over", json={"code": code, "participant": participant})
        assert answer.status_code == 200, answer.text
        self.look_up_mark()
        told: dict[str, Any] = answer.json()
        return told

    def sit_down(self, study: Path) -> tuple[str, int]:
        """Consent, form and the beginning of a session."""
        text = sha256_of(read_design(study).consent)
        ticket = self.post(f"{HERE}/api/consent", json={"text_sha256": text}).json()["ticket"]
        fields = {"age": "34", "gender": "female"}
        who = self.post(f"{HERE}/api/participants", json={"ticket": ticket, "fields": fields}).json()["participant"]
        session = self.post(f"{HERE}/api/sessions", json={"participant": who})
        assert session.status_code == 200, session.text
        return who, session.json()["session"]

    def film(self, session: int) -> int:
        made = self.post(f"{HERE}/api/sessions/{session}/recordings", json={"part": "questions", "mime": "video/webm"})
        assert made.status_code == 200, made.text
        return int(made.json()["recording"])


@pytest.fixture
def browser(whole: Any) -> Browser:
    return Browser(whole)


def filled(path: str, **parts: object) -> str:
    return re.sub(r"\{(\w+)\}", lambda part: str(parts.get(part[1], 1)), path)


def test_every_route_of_the_app_is_closed_to_a_narrowed_browser_unless_it_is_one_of_the_few(
    whole: Any, browser: Browser, study: Path, routes_of: Callable[[Any], Routes]
) -> None:
    browser.hand_over()
    who, session = browser.sit_down(study)
    film = browser.film(session)
    own = {"name": who, "session": session, "recording": film, "number": 0, "item": "sun"}
    routes = routes_of(whole)
    open_here = {(method, HERE + path) for method, path in MINE} | ANYBODYS
    assert open_here - set(routes) == set()
    assert len(routes) > 100
    looked_at = []
    for method, path in sorted(routes, key=lambda one: re.search("/(end|delete|leave|return)$", one[1]) is not None):
        body = {"json": {}} if method == "POST" else {}
        there = "/static/base.css" if path == "/static/{name}" else filled(path, **own)
        answer = browser.request(method, there, **body)
        if (method, path) in open_here:
            looked_at.append((method, path))
            assert REFUSED not in answer.text.lower(), (method, path)
            assert answer.status_code in ((200, 303, 403) if "/link/" in path else (200, 303, 404, 422, 503)), path
        else:
            assert (answer.status_code, REFUSED in answer.text.lower()) == (403, True), (method, path)
            assert "set-cookie" not in answer.headers
            if "/api/" in path:
                assert list(answer.json()) == ["error"]
    assert set(looked_at) == open_here
    for path in ("/nothing", "/studies/nothing/", "/studies/study/nothing", "/docs", "/studies/study/sessions/all"):
        assert browser.get(path).status_code == 403, path
    for method in ("HEAD", "PUT", "DELETE", "OPTIONS", "PATCH"):
        assert browser.request(method, f"{HERE}/sessions/{session}").status_code == 403, method


def test_what_is_open_is_written_down_once_in_the_app_and_once_here() -> None:
    assert {tuple(one.split(" ")) for one in OPEN_IN_STUDY} == MINE
    assert {tuple(one.split(" ")) for one in OPEN_ANYWHERE} < ANYBODYS


def test_a_page_that_is_refused_leads_back_and_has_no_bar(browser: Browser, study: Path) -> None:
    browser.hand_over()
    refused = browser.get("/analyse").text
    assert f'href="{HERE}/participant"' in refused
    assert f'href="{HERE}/return"' in refused
    assert refused.lower().count(REFUSED) == 1
    assert browser.get(f"{HERE}/participant").headers["location"] == f"{HERE}/participants/new"
    _, session = browser.sit_down(study)
    assert browser.get(f"{HERE}/participant").headers["location"] == f"{HERE}/sessions/{session}"
    for path in ("/participants/new", f"/sessions/{session}", "/return"):
        page = browser.get(HERE + path).text
        assert "<nav" not in page
        closed = re.findall(rf'href="((?!/static/|#|{HERE}/(?:participants/new|participant|return)")[^"]*)"', page)
        assert closed == [], path


def test_a_participant_reaches_nobody_elses_session(browser: Browser, whole: Any, study: Path) -> None:
    first, session = browser.sit_down(study)
    film = browser.film(session)
    browser.hand_over()
    own, mine = browser.sit_down(study)
    browser.film(mine)
    assert own != first
    body = {"state": "done"}
    paths = [
        ("GET", f"/sessions/{session}", None),
        ("GET", f"/participants/{first}/consent", None),
        ("GET", "/sessions/77", None),
        ("GET", f"/api/sessions/{session}", None),
        ("POST", f"/api/participants/{first}/consent", {"text_sha256": sha256_of(read_design(study).consent)}),
        ("POST", "/api/sessions", {"participant": first}),
        ("POST", "/api/sessions", {"participant": ""}),
        ("POST", f"/api/sessions/{session}/end", body),
        ("POST", f"/api/sessions/{session}/delete", {}),
        ("POST", f"/api/sessions/{session}/leave", {"events": []}),
        ("POST", f"/api/recordings/{film}/events", {"events": []}),
        ("POST", f"/api/recordings/{film}/end", {}),
        ("POST", f"/api/recordings/{film}/go-on", {}),
        ("POST", f"/api/recordings/{film}/chunks/0", {}),
        (
            "POST",
            f"/api/sessions/{mine}/leave",
            {"recording": film, "events": [{"number": 0, "time_s": 0, "kind": "stop"}]},
        ),
    ]
    for method, path, json in paths:
        answer = browser.request(method, HERE + path, json=json)
        assert (answer.status_code, "nobody else's" in re.sub("&#39;", "'", answer.text)) == (403, True), path
    states = {one.id: one.state for one in sittings_of(study)}
    assert states == {session: "running", mine: "running"}


def sittings_of(study: Path) -> Any:
    from micromask.studies.sittings import sittings

    return sittings(study)


def test_the_next_participant_does_not_reach_the_one_before(browser: Browser, study: Path) -> None:
    browser.hand_over()
    _, before = browser.sit_down(study)
    browser.post(f"{HERE}/api/sessions/{before}/end", json={"state": "done"})
    assert browser.get(f"{HERE}/sessions/{before}").status_code == 200
    _, after = browser.sit_down(study)
    assert browser.get(f"{HERE}/sessions/{after}").status_code == 200
    assert browser.get(f"{HERE}/sessions/{before}").status_code == 403
    assert browser.post(f"{HERE}/api/sessions/{before}/delete").status_code == 403
    assert browser.get("/studies/study/").status_code == 403


def test_a_known_participant_can_begin_another_session_but_not_touch_an_earlier_one(
    browser: Browser, study: Path
) -> None:
    who, before = browser.sit_down(study)
    browser.post(f"{HERE}/api/sessions/{before}/end", json={"state": "done"})
    assert browser.hand_over(who) == {"participant": who, "agreed": True, "running": False}
    now = browser.post(f"{HERE}/api/sessions", json={"participant": who}).json()["session"]
    assert browser.get(f"{HERE}/api/sessions/{now}").status_code == 200
    assert browser.post(f"{HERE}/api/sessions/{before}/delete").status_code == 403


def test_handing_over_tells_who_has_to_read_the_text_first_and_whose_session_runs(
    browser: Browser, study: Path
) -> None:
    who, _ = browser.sit_down(study)
    give_consent(study, who, "an older text")
    refused = browser.post(f"{HERE}/api/hand-over", json={"code": CODE, "participant": "P77"})
    assert (refused.status_code, "no participant" in refused.text) == (422, True)
    assert browser.get("/analyse").status_code == 200  # nothing was handed over
    assert browser.hand_over(who) == {"participant": who, "agreed": False, "running": True}


def test_the_code_brings_the_researcher_back_with_another_cookie(browser: Browser, whole: Any) -> None:
    before = browser.cookies["micromask-8123"]
    answer = browser.post(f"{HERE}/api/hand-over", json={"code": CODE})
    assert answer.headers["clear-site-data"] == '"cache"'
    assert {"httponly", "samesite=strict"} <= set(re.split("; ", answer.headers["set-cookie"].lower()))
    browser.look_up_mark()
    narrow = browser.cookies["micromask-8123"]
    assert whole.state.links.visitor(before) is None  # who noted it has nothing of it
    assert whole.state.links.visitor(narrow).handed.participant == ""
    assert CODE not in repr(vars(whole.state.links.visitor(narrow).handed.code))
    wrong = browser.post(f"{HERE}/api/return", json={"code": "grey owl 8"})
    assert (wrong.status_code, wrong.json()) == (422, {"error": "this is not the code that was chosen"})
    assert browser.get("/analyse").status_code == 403
    assert browser.post(f"{HERE}/api/return", json={"code": CODE}).json() == {"back": True}
    assert browser.get("/analyse").status_code == 200
    assert whole.state.links.visitor(narrow) is None
    assert browser.get(f"{HERE}/return").headers["location"] == f"{HERE}/"


def test_a_link_brings_the_researcher_back_where_the_code_is_forgotten(browser: Browser, whole: Any) -> None:
    browser.hand_over()
    narrow = browser.cookies["micromask-8123"]
    wrong = browser.get("/link/made-up")
    assert (wrong.status_code, "set-cookie" in wrong.headers) == (403, False)
    assert browser.get("/analyse").status_code == 403
    assert browser.get(f"/link/{whole.state.links.mint()}").headers["location"] == "/"
    assert browser.get("/analyse").status_code == 200
    assert whole.state.links.visitor(narrow) is None


def test_other_browsers_are_not_narrowed(browser: Browser, whole: Any) -> None:
    other = Browser(whole)
    browser.hand_over()
    assert other.get("/analyse").status_code == 200
    assert other.get(f"{HERE}/status").status_code == 200


def test_the_researcher_keeps_the_name_under_which_they_code(browser: Browser, whole: Any) -> None:
    whole.state.links.visitor(browser.cookies["micromask-8123"]).coders["study"] = "Kim"
    browser.hand_over()
    browser.post(f"{HERE}/api/return", json={"code": CODE})
    assert whole.state.links.visitor(browser.cookies["micromask-8123"]).coders == {"study": "Kim"}


@pytest.mark.parametrize(
    ("code", "line"),
    [
        pytest.param("12345", "has 5 signs", id="short"),
        pytest.param("x" * 101, "String should have at most 100", id="long"),
        pytest.param("123456", "soon guessed", id="run"),
        pytest.param("654321", "soon guessed", id="run down"),
        pytest.param("aaaaaaaa", "soon guessed", id="one sign"),
        pytest.param("121212", "soon guessed", id="two signs"),
    ],
)
def test_a_code_that_is_soon_guessed_is_not_taken(browser: Browser, code: str, line: str) -> None:
    answer = browser.post(f"{HERE}/api/hand-over", json={"code": code})
    assert (answer.status_code, line in answer.json()["error"]) == (422, True), answer.text
    assert browser.get("/analyse").status_code == 200


def test_a_code_may_hold_any_signs(browser: Browser) -> None:
    for code in ("Straße 17", "七只灰色猫头鹰"):
        browser.hand_over(code=code)
        assert browser.get("/analyse").status_code == 403
        assert browser.post(f"{HERE}/api/return", json={"code": code}).status_code == 200
        browser.look_up_mark()
    half = browser.post(f"{HERE}/api/hand-over", content=b'{"code": "\\ud800 half a sign"}')
    assert half.status_code in (200, 422), half.text


def test_guessing_the_code_is_slow_and_comes_to_an_end() -> None:
    now = 0.0
    code = Code("right-1", clock=lambda: now)
    for _ in range(FREE_TRIES):
        assert code.wait == 0
        assert not code.fits("wrong-1")
    assert code.wait == WAIT_SECONDS
    assert not code.fits("right-1")  # not even the right one, before its time
    for _ in range(MOST_TRIES - FREE_TRIES):
        now += WAIT_SECONDS
        assert not code.fits("wrong-1")
    now += WAIT_SECONDS
    assert code.spent
    assert not code.fits("right-1")
    with pytest.raises(BadInputError, match="has 0 signs"):
        Code("")


def test_a_code_that_was_guessed_at_too_often_is_told(browser: Browser, whole: Any) -> None:
    browser.hand_over()
    for _ in range(FREE_TRIES):
        assert browser.post(f"{HERE}/api/return", json={"code": "wrong!"}).status_code == 422
    late = browser.post(f"{HERE}/api/return", json={"code": CODE})
    assert (late.status_code, late.json()["error"]) == (429, "too many wrong codes: try again in 30 s")
    whole.state.links.visitor(browser.cookies["micromask-8123"]).handed.code._wrong = MOST_TRIES
    last = browser.post(f"{HERE}/api/return", json={"code": CODE})
    assert (last.status_code, "open a new link" in last.json()["error"]) == (422, True)
    assert 'id="code"' not in browser.get(f"{HERE}/return").text


def test_a_participants_link_signs_in_for_that_study_only(browser: Browser, whole: Any, study: Path) -> None:
    link = browser.post(f"{HERE}/api/participant-link").json()["link"]
    refused = browser.get(link)
    assert (refused.status_code, "for a participant" in refused.text) == (403, True)
    assert browser.get("/analyse").status_code == 200
    guest = Browser(whole, link)  # still good
    assert guest.opened.headers["location"] == f"{HERE}/participant"
    assert guest.get("/analyse").status_code == guest.get(f"{HERE}/").status_code == 403
    assert guest.get("/studies/other/participants/new").status_code == 403
    _, session = guest.sit_down(study)
    assert guest.get(f"{HERE}/sessions/{session}").status_code == 200
    assert "open a new link" in guest.get(f"{HERE}/return").text
    answer = guest.post(f"{HERE}/api/return", json={"code": ""})
    assert (answer.status_code, "open a new link" in answer.json()["error"]) == (422, True)
    assert Browser(whole, link).opened.status_code == 403  # used
    mail = TestClient(whole, base_url=ADDRESS, follow_redirects=False)
    page = mail.get(
        participant_link(whole.state.studies["study"], ADDRESS),
        headers={"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"},
    )
    assert f'url={HERE}/participant"' in page.text


def test_a_browser_has_one_sign_in_and_not_one_for_each_name_of_this_machine(whole: Any) -> None:
    one = TestClient(whole, base_url="http://localhost:8123", follow_redirects=False)
    token = whole.state.links.mint()
    answer = one.get(f"/link/{token}")
    assert (answer.status_code, answer.headers["location"]) == (303, f"{ADDRESS}/link/{token}")
    assert "set-cookie" not in answer.headers
    assert Browser(whole, f"/link/{token}").get("/analyse").status_code == 200


def test_another_study_that_takes_over_the_address_is_not_opened(
    browser: Browser, whole: Any, study: Path, tmp_path: Path
) -> None:
    browser.hand_over()
    assert browser.get(f"{HERE}/participants/new").status_code == 200
    whole.state.studies.shut("study")
    assert browser.get(f"{HERE}/participants/new").status_code == 404
    whole.state.studies.open(copytree(study, tmp_path / "elsewhere"), "study")
    assert browser.get(f"{HERE}/participants/new").status_code == 403


def test_study_serve_prints_a_participants_link_on_request(
    study: Path, micromask: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    narrow: list[list[bool]] = []

    def run(serving: Serving) -> None:
        links = serving.app.state.links
        narrow.append([waiting is not None for waiting in links._waiting.values()])
        raise KeyboardInterrupt

    monkeypatch.setattr(Serving, "run", run)
    for option, links in (((), [False]), (("--participant-link",), [True, False])):
        done = micromask("study", "serve", study, "--port", 0, "--no-browser", *option)
        assert len(done.out.split()) == len(links)
        assert ("for a participant's browser" in done.err) == bool(option)
        assert narrow.pop() == links
