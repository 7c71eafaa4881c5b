"""What the session page asks of the server, without a browser."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from fastapi.testclient import TestClient

from micromask.app.web.server import create_app
from micromask.app.web.study.consent import Consents
from micromask.app.web.study.session import SILENT_SECONDS, Heard, end_silent
from micromask.core.errors import BadInputError
from micromask.datasets.synthetic import Script, render
from micromask.studies.people import sha256_of
from micromask.studies.read_design import read_design

TEXT = "We film your face and record your voice.\nYou can stop at any time."
WEBM = {"part": "questions", "mime": "video/webm;codecs=vp8,opus"}


@pytest.fixture
def browser(study: Path, sign_in: Callable[..., TestClient]) -> TestClient:
    return sign_in(create_app(studies=[study], detector="haar"))


@pytest.fixture
def session(browser: TestClient) -> int:
    """A running session of P01."""
    return begin(browser)


def begin(browser: TestClient) -> int:
    ticket = browser.post("/studies/study/api/consent", json={"text_sha256": sha256_of(TEXT)}).json()["ticket"]
    added = browser.post(
        "/studies/study/api/participants", json={"ticket": ticket, "fields": {"age": "34", "gender": "female"}}
    )
    begun = browser.post("/studies/study/api/sessions", json=added.json())
    return int(begun.json()["session"])


def test_consent_comes_first_and_leaves_nothing_until_the_form_is_sent(
    browser: TestClient, rows: Callable[..., Any]
) -> None:
    assert browser.post("/studies/study/api/participants", json={"ticket": "none", "fields": {}}).status_code == 422
    ticket = browser.post("/studies/study/api/consent", json={"text_sha256": sha256_of(TEXT)}).json()["ticket"]
    assert rows("SELECT * FROM participant") == rows("SELECT * FROM consent") == []
    fields = {"age": "34", "gender": "female", "remarks": " "}
    assert browser.post("/studies/study/api/participants", json={"ticket": ticket, "fields": fields}).json() == {
        "participant": "P01"
    }
    ((given, text),) = rows("SELECT given, text FROM consent")
    ((kept, added),) = rows("SELECT fields, added FROM participant")
    assert text == TEXT
    assert given < added
    assert json.loads(kept) == {"age": 34, "gender": "female"}
    again = browser.post("/studies/study/api/participants", json={"ticket": ticket, "fields": fields})
    assert (again.status_code, len(rows("SELECT * FROM participant"))) == (422, 1)


def test_consent_to_another_text_than_the_studys_is_refused(browser: TestClient, study: Path) -> None:
    answer = browser.post("/studies/study/api/consent", json={"text_sha256": sha256_of("Do what you want.")})
    assert answer.status_code == 422
    assert "was changed since this page was loaded" in answer.json()["error"]


def test_a_ticket_of_consent_is_good_once() -> None:
    consents = Consents()
    ticket = consents.keep(TEXT)
    assert consents.look(ticket).text == TEXT
    consents.use(ticket)
    with pytest.raises(BadInputError, match="give it anew"):
        consents.look(ticket)


def test_answers_that_are_not_in_order_are_told_by_their_field(browser: TestClient, rows: Callable[..., Any]) -> None:
    ticket = browser.post("/studies/study/api/consent", json={"text_sha256": sha256_of(TEXT)}).json()["ticket"]
    answer = browser.post(
        "/studies/study/api/participants", json={"ticket": ticket, "fields": {"age": "old", "name": "Eve"}}
    )
    assert answer.status_code == 422
    assert answer.json()["fields"] == {
        "age": "wanted a whole number, got 'old'",
        "gender": "please answer this",
        "name": "'name' is no field of this study",
    }
    assert rows("SELECT * FROM participant") == []


def test_nobody_is_filmed_without_consent(browser: TestClient, session: int, study: Path) -> None:
    from micromask.studies.people import withdraw_consent

    withdraw_consent(study, "P01")
    assert browser.post(f"/studies/study/api/sessions/{session}/recordings", json=WEBM).status_code == 422
    assert browser.post("/studies/study/api/sessions", json={"participant": "P01"}).status_code == 422
    assert browser.post(f"/studies/study/api/sessions/{session}/camera", content=picture(240)).status_code == 422
    answer = browser.post("/studies/study/api/participants/P01/consent", json={"text_sha256": sha256_of(TEXT)})
    assert answer.json() == {"participant": "P01"}
    assert browser.post("/studies/study/api/sessions", json={"participant": "P01"}).status_code == 200
    assert (
        browser.post("/studies/study/api/participants/P09/consent", json={"text_sha256": sha256_of(TEXT)}).status_code
        == 422
    )


def test_the_plan_names_what_is_shown_and_not_what_it_is_meant_to_bring_out(browser: TestClient, session: int) -> None:
    plan = browser.get(f"/studies/study/api/sessions/{session}").json()
    assert [part["name"] for part in plan["parts"]] == ["questions", "images"]
    assert plan["parts"][1]["items"][0] == {
        "id": "sun",
        "text": "",
        "image": "/studies/study/stimuli/sun",
        "seconds": 0.9,
    }
    assert "happiness" not in json.dumps(plan)


def test_a_film_comes_piece_by_piece_and_a_piece_that_is_sent_twice_is_kept_once(
    browser: TestClient, session: int, study: Path, rows: Callable[..., Any]
) -> None:
    recording = browser.post(f"/studies/study/api/sessions/{session}/recordings", json=WEBM).json()["recording"]
    path = f"/studies/study/api/recordings/{recording}"
    assert browser.post(f"{path}/chunks/0", content=b"one").json() == {"chunks": 1, "bytes": 3}
    assert browser.post(f"{path}/chunks/0", content=b"one").json() == {"chunks": 1, "bytes": 3}
    assert browser.post(f"{path}/chunks/2", content=b"three").status_code == 422
    assert browser.post(f"{path}/chunks/1", content=b"").status_code == 422
    assert browser.post(f"{path}/chunks/1", content=b"two").json() == {"chunks": 2, "bytes": 6}
    on = {"number": 0, "time_s": 0.5, "kind": "stimulus-on", "item": "q1"}
    for _ in range(2):
        assert browser.post(f"{path}/events", json={"events": [on]}).json() == {"events": 1}
    for wrong in ({"time_s": -1}, {"kind": "dance"}, {"item": "q9"}, {"detail": {"x": ["y"]}}):
        assert browser.post(f"{path}/events", json={"events": [on | {"number": 1} | wrong]}).status_code == 422
    nan = '{"events": [{"number": 1, "time_s": NaN, "kind": "pause", "detail": {"x": NaN}}]}'
    assert browser.post(f"{path}/events", content=nan, headers={"content-type": "application/json"}).status_code == 422
    assert browser.post(f"{path}/end").json() == {"ended": True}
    assert browser.post(f"/studies/study/api/sessions/{session}/end", json={"state": "done"}).json() == {
        "state": "done"
    }
    assert rows("SELECT state, chunks, bytes FROM recording") == [("closed", 2, 6)]
    assert (study / "films/P01/1-questions.webm").read_bytes() == b"onetwo"


def test_a_page_that_is_left_leaves_its_last_events(
    browser: TestClient, session: int, rows: Callable[..., Any]
) -> None:
    recording = browser.post(f"/studies/study/api/sessions/{session}/recordings", json=WEBM).json()["recording"]
    last = {"number": 0, "time_s": 3.25, "kind": "stop", "detail": {"why": "page closed"}}
    answer = browser.post(
        f"/studies/study/api/sessions/{session}/leave", json={"recording": recording, "events": [last]}
    )
    assert answer.json() == {"state": "interrupted"}
    assert rows("SELECT time_s, kind FROM event") == [(3.25, "stop")]
    assert rows("SELECT state FROM recording") == [("interrupted",)]
    assert browser.post(f"/studies/study/api/sessions/{session}/leave", json={"events": []}).status_code == 422


def test_a_session_whose_browser_is_gone_ends_after_half_a_minute(
    browser: TestClient, session: int, study: Path, rows: Callable[..., Any]
) -> None:
    now = [0.0]
    heard = Heard(lambda: now[0])
    end_silent(study, heard)
    now[0] = SILENT_SECONDS - 1
    end_silent(study, heard)
    assert rows("SELECT state FROM session") == [("running",)]
    heard.note(session)
    now[0] += SILENT_SECONDS - 1
    end_silent(study, heard)
    assert rows("SELECT state FROM session") == [("running",)]
    now[0] += 2
    end_silent(study, heard)
    assert rows("SELECT state FROM session") == [("interrupted",)]


def test_the_camera_is_looked_at_and_its_picture_is_not_kept(browser: TestClient, session: int, study: Path) -> None:
    before = sorted(study.rglob("*"))
    seen = browser.post(f"/studies/study/api/sessions/{session}/camera", content=picture(240)).json()
    assert {one["name"]: one["good"] for one in seen["checks"]} == dict.fromkeys(
        ("face", "size", "light", "focus"), True
    )
    assert seen["size"] == [240, 240]
    assert browser.post(f"/studies/study/api/sessions/{session}/camera", content=b"no picture").status_code == 422
    assert browser.post("/studies/study/api/sessions/99/camera", content=picture(240)).status_code == 422
    assert sorted(study.rglob("*")) == before


def picture(size: int) -> bytes:
    face = next(iter(render(Script(0.1, 30, size=size))))
    return bytes(np.asarray(cv2.imencode(".jpg", face[..., ::-1])[1]).tobytes())


def test_what_was_recorded_is_deleted_on_request(browser: TestClient, session: int, study: Path) -> None:
    recording = browser.post(f"/studies/study/api/sessions/{session}/recordings", json=WEBM).json()["recording"]
    browser.post(f"/studies/study/api/recordings/{recording}/chunks/0", content=b"film")
    assert browser.post(f"/studies/study/api/sessions/{session}/delete").json() == {"state": "deleted"}
    assert list((study / "films").rglob("*.webm")) == []
    assert browser.post(f"/studies/study/api/recordings/{recording}/chunks/1", content=b"more").status_code == 422
    assert browser.post(f"/studies/study/api/recordings/{recording}/go-on").status_code == 422


def test_pages_tell_how_things_stand(browser: TestClient, study: Path) -> None:
    assert "Nobody yet" in browser.get("/studies/study/").text
    session = begin(browser)
    start = browser.get("/studies/study/").text
    assert "1: running" in start
    assert "Begin a session" in start
    assert 'src="/static/session.js"' in browser.get(f"/studies/study/sessions/{session}").text
    browser.post(f"/studies/study/api/sessions/{session}/end", json={"state": "stopped"})
    ended = browser.get(f"/studies/study/sessions/{session}").text
    assert "This session has ended" in ended
    assert "session.js" not in ended
    assert browser.get("/studies/study/sessions/99").status_code == 404
    assert browser.get("/studies/study/participants/P07/consent").status_code == 404
    assert "Film somebody" in browser.get("/studies/study/status").text
    yaml = (study / "study.yaml").read_text().replace("You can stop", "You may stop")
    (study / "study.yaml").write_text(yaml)
    browser.app.state.studies["study"].state.design = read_design(study)  # type: ignore[attr-defined]
    assert "to an older text" in browser.get("/studies/study/").text


def test_what_a_study_says_is_shown_as_words(study: Path) -> None:
    yaml = (study / "study.yaml").read_text().replace("Your age", "<script>alert(1)</script>")
    (study / "study.yaml").write_text(yaml)
    app = create_app(studies=[study])
    client = TestClient(app, base_url="http://127.0.0.1:8123")
    client.get(f"/link/{app.state.links.mint()}")
    page = client.get("/studies/study/participants/new").text
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page
