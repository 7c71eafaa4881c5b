"""What the page Live asks of the server, without a browser: frames, snapshots, films, and views that are left."""

from __future__ import annotations

import base64
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from fastapi.testclient import TestClient

from micromask.app.web.live import sessions as live_sessions
from micromask.app.web.live.sessions import SILENT_SECONDS, LiveView
from micromask.app.web.server import create_app
from micromask.app.workspace.recordings import recordings
from micromask.core.types import Frame
from micromask.datasets.synthetic import PlannedExpression, Script, render
from micromask.inference.recent import Told
from micromask.inference.spot import Interval
from micromask.inference.stream import LiveFace, LiveState


@pytest.fixture
def begun(workspace: Path, no_workers: None, sign_in: Callable[..., TestClient]) -> Callable[[], Any]:
    """begun(): a browser of the app, for as long as it runs."""

    @contextmanager
    def run() -> Iterator[TestClient]:
        app = create_app(workspace=workspace, detector="haar")
        with TestClient(app, base_url="http://127.0.0.1:8123", follow_redirects=False) as client:
            yield sign_in(app, client)

    return run


@pytest.fixture
def browser(begun: Callable[[], Any]) -> Iterator[TestClient]:
    with begun() as client:
        yield client


@pytest.fixture
def view(browser: TestClient) -> str:
    """The address of a live view that has begun."""
    return f"/api/live/{begin(browser)}"


def begin(browser: TestClient) -> str:
    answer = browser.post("/api/live", json={"detector": "haar"})
    assert answer.status_code == 200, answer.text
    key: str = answer.json()["key"]
    return key


@pytest.fixture(scope="module")
def pictures() -> list[bytes]:
    """Two seconds of a face as a page sends them."""
    raised = PlannedExpression(0.6, 0.8, 1.1, (("inner_brow_raiser", 0.04),), "surprise")
    frames = render(Script(2, 25, size=200, expressions=(raised,)))
    return [cv2.imencode(".jpg", frame[..., ::-1])[1].tobytes() for frame in frames]


def test_frames_are_looked_at_and_nothing_of_them_is_kept(
    browser: TestClient, view: str, pictures: list[bytes], workspace: Path
) -> None:
    before = sorted(workspace.rglob("*"))
    for number, picture in enumerate(pictures):
        answer = browser.post(f"{view}/frames/{number}?at={number / 25}", content=picture)
        assert answer.status_code == 200
        state = answer.json()
    assert (state["frame"], state["at"], state["size"]) == (49, 1.96, [200, 200])
    (face,) = state["faces"]
    assert face["face"] == 0
    assert 80 < face["width"] < 110
    assert (face["narrow"], face["measured"], face["emotions"]) == (False, True, [])
    assert browser.post(f"{view}/end").json() == {"ended": True}
    assert [one for one in sorted(workspace.rglob("*")) if one not in before and "live" not in one.parts] == []
    assert list((workspace / "live").iterdir()) == []


def test_a_frame_that_was_overtaken_is_not_looked_at(browser: TestClient, view: str, pictures: list[bytes]) -> None:
    assert browser.post(f"{view}/frames/5?at=0.2", content=pictures[5]).json()["frame"] == 5
    assert browser.post(f"{view}/frames/4?at=0.16", content=pictures[4]).json() == {"late": True}
    assert browser.post(f"{view}/frames/6?at=0.2", content=pictures[6]).json() == {"late": True}


@pytest.mark.parametrize("data", [b"", b"no picture", b"\xff\xd8\xff\xe0 torn"])
def test_what_is_no_picture_is_refused_in_one_line(browser: TestClient, view: str, data: bytes) -> None:
    for path in (f"{view}/frames/1?at=0.1", f"{view}/snapshots"):
        answer = browser.post(path, content=data)
        assert answer.status_code == 422
        assert "wanted a JPEG or PNG picture" in answer.json()["error"]


def test_bodies_and_pictures_that_are_too_large_are_refused(browser: TestClient, view: str) -> None:
    huge = browser.post(f"{view}/frames/1?at=0.1", content=b"x" * (9 << 20))
    assert huge.status_code == 413
    wide = cv2.imencode(".png", np.zeros((8, 5000, 3), np.uint8))[1].tobytes()
    assert "5000x8 px" in browser.post(f"{view}/frames/1?at=0.1", content=wide).json()["error"]


@pytest.mark.parametrize("at", ["nan", "inf", "-1", "x", ""])
def test_a_time_that_is_none_is_refused(browser: TestClient, view: str, pictures: list[bytes], at: str) -> None:
    assert browser.post(f"{view}/frames/1?at={at}", content=pictures[0]).status_code == 422


def test_a_snapshot_is_enhanced_and_not_kept(browser: TestClient, view: str, pictures: list[bytes]) -> None:
    for number in range(5):
        browser.post(f"{view}/frames/{number}?at={number / 25}", content=pictures[number])
    (face,) = browser.post(f"{view}/snapshots", content=pictures[5]).json()["faces"]
    shown = cv2.imdecode(np.frombuffer(base64.b64decode(face["picture"]), np.uint8), cv2.IMREAD_COLOR)
    assert shown.shape == (256, 256, 3)
    assert face["emotions"] == []
    assert 80 < face["width"] < 110


def test_a_view_that_is_over_is_told_so(browser: TestClient) -> None:
    for path in ("frames/1?at=0.1", "snapshots", "film", "film/0", "film/end"):
        answer = browser.post(f"/api/live/0123456789abcdef/{path}", json={"mime": "video/webm"})
        assert answer.status_code == 404, path
        assert "this live view is over" in answer.json()["error"]
    assert browser.post("/api/live/0123456789abcdef/end").json() == {"ended": True}


def test_detectors_and_models_that_are_not_there_are_refused(browser: TestClient) -> None:
    assert "did you mean 'haar'" in browser.post("/api/live", json={"detector": "harr"}).json()["error"]
    answer = browser.post("/api/live", json={"detector": "haar", "model": "../../x.safetensors"})
    assert answer.status_code == 422
    assert "no model of single frames" in answer.json()["error"]


def test_there_are_so_many_views_at_a_time_and_a_left_one_makes_room(browser: TestClient) -> None:
    keys = [begin(browser) for _ in range(live_sessions.MOST_VIEWS)]
    full = browser.post("/api/live", json={"detector": "haar"})
    assert full.status_code == 429
    assert "close one of them" in full.json()["error"]
    browser.post(f"/api/live/{keys[0]}/end")
    begin(browser)


def test_a_page_that_is_silent_for_too_long_is_gone_and_its_film_is_kept(
    browser: TestClient, view: str, pictures: list[bytes], workspace: Path
) -> None:
    browser.post(f"{view}/frames/1?at=0.1", content=pictures[0])
    browser.post(f"{view}/film", json={"mime": "video/webm"})
    browser.post(f"{view}/film/0", content=b"film")
    views = browser.app.state.live
    views.sweep()
    assert browser.post(f"{view}/film/1", content=b" more").json() == {"pieces": 2}
    views.get(view.rsplit("/", 1)[1]).heard -= SILENT_SECONDS + 1
    views.sweep()
    assert browser.post(f"{view}/frames/2?at=0.2", content=pictures[1]).status_code == 404
    (one,) = recordings(workspace)
    assert one.film.read_bytes() == b"film more"


def test_a_film_is_recorded_only_when_asked_and_goes_to_the_list(
    browser: TestClient, view: str, workspace: Path
) -> None:
    assert "nothing is being recorded" in browser.post(f"{view}/film/0", content=b"x").json()["error"]
    assert browser.post(f"{view}/film", json={"mime": "text/html"}).status_code == 422
    assert browser.post(f"{view}/film", json={"mime": "video/webm;codecs=vp8"}).json() == {"recording": True}
    assert "recording already" in browser.post(f"{view}/film", json={"mime": "video/webm"}).json()["error"]
    assert browser.post(f"{view}/film/0", content=b"film").json() == {"pieces": 1}
    number = browser.post(f"{view}/film/end").json()["recording"]
    assert [(one.id, one.title[:5], one.state) for one in recordings(workspace)] == [(number, "Live ", "waiting")]
    assert browser.post(f"{view}/film/end").json() == {"recording": None}


def test_when_the_server_stops_a_film_that_is_being_recorded_is_kept(workspace: Path, begun: Callable[[], Any]) -> None:
    with begun() as client:
        key = begin(client)
        client.post(f"/api/live/{key}/film", json={"mime": "video/mp4"})
        client.post(f"/api/live/{key}/film/0", content=b"film")
    (one,) = recordings(workspace)
    assert one.film.read_bytes() == b"film"


def test_frames_that_come_faster_than_they_are_looked_at_are_refused(
    monkeypatch: pytest.MonkeyPatch, pictures: list[bytes]
) -> None:
    view = LiveView("haar", None, {})
    began, free = threading.Semaphore(0), threading.Event()

    def slow(frame: Frame) -> LiveState:
        began.release()
        assert free.wait(20)
        return LiveState(frame.index, frame.time, (200, 200), (), ())

    monkeypatch.setattr(view._watcher, "step", slow)
    answers: list[Any] = []
    threads = [
        threading.Thread(target=lambda n=number: answers.append(view.watch(pictures[0], n, n / 25)))
        for number in range(1, live_sessions.MOST_WAITING + 1)
    ]
    for thread in threads:
        thread.start()
    try:
        assert began.acquire(timeout=20)
        while view._waiting.acquire(blocking=False):  # until all of them are waiting
            view._waiting.release()
        with pytest.raises(live_sessions.BusyError, match="send two at a time"):
            view.watch(pictures[0], 9, 9.0)
    finally:
        free.set()
        for thread in threads:
            thread.join(20)
    assert len(answers) == live_sessions.MOST_WAITING
    view.close()


def test_what_is_told_of_a_face_is_in_words_for_people(
    browser: TestClient, view: str, pictures: list[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    one = Interval(0, 36, 42, 49, 1.2, 1.4, 1.63, "micro", 4.444, ("brow_left", "lip_upper"), 0.5)
    told = Told(one, {"negative": 0.04, "surprise": 0.96}, 60.0, 29.97, 0.5)
    face = LiveFace(0, (1, 2, 31, 52), np.zeros((68, 2)), 1.234, 0.9, ((0.1, 1.234),), {"fear": 0.3, "anger": 0.7})
    state = LiveState(50, 2.0, (200, 200), (face,), (told,))
    watcher = browser.app.state.live.get(view.rsplit("/", 1)[1])._watcher
    monkeypatch.setattr(watcher, "step", lambda frame: state)
    answer = browser.post(f"{view}/frames/50?at=2", content=pictures[0]).json()
    assert answer["told"] == [
        {
            "face": 0,
            "kind": "micro",
            "onset": 1.2,
            "apex": 1.4,
            "offset": 1.63,
            "strength": 4.44,
            "regions": "left brow, upper lip",
            "emotions": [["surprise", 0.96], ["negative", 0.04]],
            "delay": 0.5,
            "fps": 30.0,
            "narrow": True,
        }
    ]
    (shown,) = answer["faces"]
    assert shown["emotions"] == [["anger", 0.7], ["fear", 0.3]]
    assert (shown["strength"], shown["measured"], shown["narrow"]) == (1.23, False, True)
