"""The page Live in Chromium, its camera a film of a face that raises its brows every four seconds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from time import sleep
from typing import Any

import cv2
import numpy as np
import pytest

from micromask.app.web.server import Serving, opened_server
from micromask.app.workspace.recordings import recordings
from micromask.datasets.synthetic import PlannedExpression, Script, render

pytestmark = [pytest.mark.browser, pytest.mark.slow]

RAISED = PlannedExpression(1.8, 2.1, 2.4, (("inner_brow_raiser", 0.05), ("outer_brow_raiser", 0.05)), "surprise")
FAKE = ("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream")

DRAWN = """
() => {
  const boxes = document.getElementById("boxes");
  return boxes.getContext("2d").getImageData(0, 0, boxes.width, boxes.height).data.some((value) => value > 0);
}
"""


@pytest.fixture(scope="module")
def brows(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The film that the camera gives, again and again, 320 x 240."""
    path = tmp_path_factory.mktemp("camera") / "brows.mjpeg"
    picture = np.full((240, 320, 3), 120, np.uint8)
    with path.open("wb") as film:
        for face in render(Script(4, 30, size=240, expressions=(RAISED,), noise=1.0)):
            picture[:, 40:280] = face[..., ::-1]
            film.write(cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, 92])[1])
    return path


@pytest.fixture(scope="module")
def filming(launch_chromium: Callable[..., Any], brows: Path) -> Iterator[Any]:
    browser = launch_chromium(*FAKE, f"--use-file-for-fake-video-capture={brows}")
    yield browser
    browser.close()


@pytest.fixture
def opened(signed_in: Callable[..., Any]) -> Callable[..., Any]:
    """opened(serving, browser, **context): the page, its face found by the quickest detector."""

    @contextmanager
    def at_live(serving: Serving, browser: Any, **context: Any) -> Iterator[Any]:
        with signed_in(browser, serving.new_link(), "/live", **context) as page:
            page.evaluate("document.getElementById('detector').value = 'haar'")
            yield page

    return at_live


@pytest.fixture
def page(app_serving: Serving, filming: Any, opened: Callable[..., Any]) -> Iterator[Any]:
    with opened(app_serving, filming) as made:
        yield made


@pytest.fixture
def start(until: Callable[..., Any]) -> Callable[[Any], None]:
    """start(page): the camera is on, and there is a face."""

    def go(page: Any) -> None:
        page.click("#start")
        until(lambda: page.locator("#people li").count() == 1)

    return go


def camera_is_on(page: Any) -> bool:
    on: bool = page.evaluate("document.getElementById('video').srcObject !== null")
    return on


def test_a_face_its_expression_a_snapshot_and_a_film(
    page: Any,
    app_serving: Serving,
    until: Callable[..., Any],
    start: Callable[..., None],
    faults_of: Callable[..., Any],
) -> None:
    workspace: Path = app_serving.app.state.workspace
    assert not camera_is_on(page)
    start(page)
    until(lambda: page.inner_text("#rate").isdecimal() and int(page.inner_text("#rate")) > 0)
    assert int(page.inner_text("#latency")) > 0
    assert page.inner_text("#picture") == "320 × 240"
    assert "Face 0" in page.inner_text("#people")
    until(lambda: page.evaluate(DRAWN))

    # the expression, in the table and for screen readers
    slow = []

    def is_told() -> bool:
        slow.append(page.locator("#slow").is_visible())
        return bool(page.locator("#told-rows tr").count() >= 1)

    until(is_told)
    if not any(slow):  # else the page says itself that it looks at too few frames for the first showing
        first = page.locator("#told-rows tr").last
        assert first.get_attribute("data-emotion") == "surprise"
        assert "brow" in first.inner_text()
    until(lambda: page.locator("#told-rows tr[data-emotion=surprise]", has_text="brow").count() >= 1)
    until(lambda: "surprise" in page.text_content("#heard"))

    # a snapshot with the space bar
    page.keyboard.press("Space")
    until(lambda: page.locator("#snaps li").count() == 1)
    assert "1 face" in page.inner_text("#snaps")
    until(lambda: page.evaluate("document.querySelector('#snaps img').naturalWidth") == 256)
    assert "no model for single pictures is chosen" in page.inner_text("#snaps")
    with page.expect_download() as saved:
        page.click("text=Save picture")
    assert saved.value.suggested_filename.endswith(".jpg")

    # nothing was kept until now; then a film is, when it is asked for
    assert recordings(workspace) == ()
    page.focus("#view")
    page.keyboard.press("r")
    until(lambda: page.is_visible("#on-air"))
    assert page.get_attribute("#record", "aria-pressed") == "true"
    sleep(2.5)
    page.keyboard.press("r")
    until(lambda: "The film is in the list" in page.inner_text("#says"))
    (one,) = recordings(workspace)
    assert one.title.startswith("Live ")
    assert one.film.stat().st_size > 10_000

    assert faults_of(page, "minor") == []
    page.focus("#view")
    page.keyboard.press("Escape")
    until(lambda: not camera_is_on(page))
    assert page.is_visible("#start")
    assert page.evaluate("document.activeElement.id") == "start"
    until(lambda: not app_serving.app.state.live._views)
    until(lambda: recordings(workspace)[0].state in ("ready", "failed"))
    assert recordings(workspace)[0].state == "ready", recordings(workspace)[0].why


def test_leaving_the_page_or_looking_elsewhere_ends_it(
    page: Any, app_serving: Serving, until: Callable[..., Any], start: Callable[..., None]
) -> None:
    start(page)
    page.evaluate("Object.defineProperty(document, 'hidden', { value: true, configurable: true })")
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    until(lambda: not camera_is_on(page))
    assert "out of sight" in page.inner_text("#says")
    page.evaluate("delete document.hidden")
    start(page)
    page.goto(f"{app_serving.address}/analyse")
    until(lambda: not app_serving.app.state.live._views, seconds=15)


def test_when_the_server_is_gone_the_camera_stops_and_that_is_said(
    workspace: Path,
    filming: Any,
    until: Callable[..., Any],
    start: Callable[..., None],
    opened: Callable[..., Any],
    running: Callable[..., Any],
) -> None:
    with opened_server(workspace=workspace, detector="haar") as ready, ExitStack() as server:
        server.enter_context(running(ready))
        with opened(ready, filming) as page:
            start(page)
            server.close()
            until(lambda: page.is_visible("#says"))
            assert "The server does not answer, so the camera was stopped" in page.inner_text("#says")
            assert not camera_is_on(page)


def test_without_a_camera_it_says_so(
    app_serving: Serving, plain_chromium: Any, until: Callable[..., Any], opened: Callable[..., Any]
) -> None:
    with opened(app_serving, plain_chromium) as page:
        page.click("#start")
        until(lambda: page.is_visible("#says"))
        assert "No camera was found" in page.inner_text("#says")
        assert page.is_enabled("#start")
        assert app_serving.app.state.live._views == {}


def test_a_camera_that_is_refused_is_told_with_what_to_do(
    app_serving: Serving, launch_chromium: Callable[..., Any], until: Callable[..., Any], opened: Callable[..., Any]
) -> None:
    browser = launch_chromium(FAKE[0])
    try:
        with opened(app_serving, browser) as page:
            page.click("#start")
            until(lambda: page.is_visible("#says"))
            assert "was not allowed to use the camera" in page.inner_text("#says")
            assert page.is_enabled("#start")
            assert not camera_is_on(page)
    finally:
        browser.close()


def test_two_browsers_watch_at_once_and_a_phone_is_wide_enough(
    app_serving: Serving,
    filming: Any,
    until: Callable[..., Any],
    start: Callable[..., None],
    opened: Callable[..., Any],
    faults_of: Callable[..., Any],
) -> None:
    phone = {"viewport": {"width": 390, "height": 844}, "color_scheme": "dark"}
    with opened(app_serving, filming) as first, opened(app_serving, filming, **phone) as second:
        for page in (first, second):
            start(page)
        assert len(app_serving.app.state.live._views) == 2
        assert second.evaluate("document.documentElement.scrollWidth") == 390
        assert faults_of(second, "minor") == []
        second.click("#stop")
        until(lambda: len(app_serving.app.state.live._views) == 1)
        sleep(1)
        assert first.inner_text("#rate") != "0"
