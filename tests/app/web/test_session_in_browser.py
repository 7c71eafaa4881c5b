"""A whole session in headless Chromium, its camera fed from a film that counts its frames."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import numpy as np
import pytest

pytestmark = pytest.mark.browser


@pytest.fixture
def page(chromium: Any, counted: Any) -> Iterator[Any]:
    with closing(chromium.new_context(viewport={"width": 1280, "height": 720})) as context:
        context.set_default_timeout(20_000)
        made = context.new_page()
        made.add_init_script(counted.watch)
        faults: list[str] = []
        made.on("pageerror", lambda error: faults.append(str(error)))
        yield made
        assert faults == []


@pytest.fixture
def take_part(participant: Any) -> Callable[..., None]:
    """take_part(page, link, begin=True): by keyboard alone, into the first part, or up to the camera check."""

    def go(page: Any, link: str, *, begin: bool = True) -> None:
        page.goto(link)
        page.get_by_role("link", name="New participant").focus()
        page.keyboard.press("Enter")
        page.wait_for_url("**/participants/new")
        participant.consents(page)
        page.get_by_label("Your age").fill("34")
        page.keyboard.press("Tab")
        page.keyboard.press("Space")
        page.keyboard.press("Enter")
        page.wait_for_url("**/sessions/*")
        if begin:
            participant.begins(page)

    return go


def playwright_error() -> type[Exception]:
    from playwright.sync_api import Error

    return Error


def test_a_session_is_recorded_and_its_log_agrees_with_the_film_to_a_frame(
    serving, study, page, counted, take_part, rows, until_in
):
    outside: list[str] = []
    page.on("request", lambda one: outside.append(one.url) if serving.address not in one.url else None)
    take_part(page, serving.new_link())
    until_in(page, "logged.length >= 1")
    page.keyboard.press("Space")
    page.locator("#paused").wait_for()
    time.sleep(0.7)
    page.keyboard.press("Space")
    page.locator("#intro").wait_for()
    page.keyboard.press("Enter")
    page.locator("#end").wait_for()
    assert outside == []
    assert "kept for the study" in page.locator("#end-text").inner_text()

    logged, taken = page.evaluate("[logged, taken]")
    assert [(one["kind"], one["item"]) for one in logged if one["part"] == "questions"] == [
        ("stimulus-on", "q1"),
        ("pause", None),
        ("resume", None),
        ("stimulus-off", "q1"),
        ("stimulus-on", "q2"),
        ("stimulus-off", "q2"),
        ("stimulus-on", "q3"),
        ("stimulus-off", "q3"),
        ("stop", None),
    ]
    pause, resume = (next(one for one in logged if one["kind"] == kind) for kind in ("pause", "resume"))
    assert resume["at"] - pause["at"] > 700
    assert resume["time_s"] == pause["time_s"]  # the film's clock stands still

    kept = rows("SELECT recording, number, kind, item, time_s FROM event ORDER BY recording, number")
    told = [(one["recording"], one["number"], one["kind"], one["item"], one["time_s"]) for one in logged]
    assert kept == told
    films = dict(rows("SELECT id, path FROM recording WHERE state = 'closed'"))
    assert set(films) == {1, 2}
    for recording, path in films.items():
        film = counted.film(study / path)
        numbers = [number for _, number in film]
        assert numbers == sorted(numbers)
        for event in (one for one in logged if one["recording"] == recording and one["kind"] != "stop"):
            true = counted.true_time(film, taken, event)
            assert event["time_s"] == pytest.approx(true, abs=counted.frame), event

    (state,) = rows("SELECT state FROM session")
    assert state == ("done",)
    ((fields, given, text),) = rows(
        "SELECT fields, given, text FROM participant JOIN consent ON participant = participant.name"
    )
    assert json.loads(fields) == {"age": 34, "gender": "female"}
    assert text.startswith("We film your face")
    ((begun,),) = rows("SELECT min(begun) FROM recording")
    assert given < begun
    assert {path.stat().st_mode & 0o777 for path in (study / "films").rglob("*.webm")} == {0o600}


@pytest.mark.parametrize("how", ["closed", "crashed"])
def test_a_page_that_goes_away_half_way_loses_less_than_two_seconds(
    serving, study, page, counted, take_part, rows, until_in, how
):
    take_part(page, serving.new_link())
    until_in(page, "logged.some(({ item, kind }) => item === 'q3' && kind === 'stimulus-on')")
    shown = page.evaluate("logged.at(-1).time_s")
    other = page.context.new_page()
    page.on("dialog", lambda asked: asked.accept())
    if how == "closed":
        page.close(run_before_unload=True)
    else:
        with pytest.raises(playwright_error(), match=r"(?i)crash"):
            page.goto("chrome://crash", timeout=5000)
    for _ in range(50):
        if rows("SELECT state FROM session") == [("interrupted",)]:
            break
        other.wait_for_timeout(20 if how == "crashed" else 100)
    ((path, state, size),) = rows("SELECT path, state, bytes FROM recording")
    assert (state, size) == ("interrupted" if how == "closed" else "open", (study / path).stat().st_size)
    assert counted.film(study / path)[-1][0] > shown - 2
    last = rows("SELECT kind FROM event ORDER BY number DESC LIMIT 1")
    assert last == [("stop",) if how == "closed" else ("stimulus-on",)]


def test_deleting_what_was_recorded_leaves_no_film(serving, study, page, take_part, rows, until_in):
    take_part(page, serving.new_link())
    until_in(page, "logged.length >= 3")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Stop and delete").click()
    page.get_by_role("button", name="Delete it").click()
    page.locator("#end").wait_for()
    assert "was deleted" in page.locator("#end-text").inner_text()
    assert rows("SELECT state FROM session") == [("deleted",)]
    assert rows("SELECT * FROM recording") == rows("SELECT * FROM event") == []
    assert list((study / "films").rglob("*.webm")) == []


@pytest.mark.slow
def test_a_server_that_is_killed_and_started_again_gets_the_rest_of_the_film(
    study, page, serve_process, counted, take_part, rows, until_in
):
    first = serve_process(study)
    take_part(page, first.links[0])
    until_in(page, "logged.some(({ item, kind }) => item === 'q2' && kind === 'stimulus-on')")
    first.end()
    ((path, acknowledged),) = rows("SELECT path, bytes FROM recording")
    assert 0 < acknowledged <= (study / path).stat().st_size
    second = serve_process(study, first.port)
    page.get_by_text("open a new link").locator("visible=true").first.wait_for()
    page.context.new_page().goto(second.links[0])
    page.locator("#intro").wait_for()
    ((state, size),) = rows("SELECT state, bytes FROM recording")
    assert (state, size > acknowledged) == ("closed", True)
    film = counted.film(study / path)
    last = page.evaluate("logged.at(-1)")
    assert last["kind"] == "stop"
    assert film[-1][0] == pytest.approx(last["time_s"], abs=0.15)
    assert np.diff([number for _, number in film]).max() < 12  # a piece that was lost would be 15


def test_no_page_has_a_serious_accessibility_fault(serving, page, take_part, until_in, faults_of):
    faults: list[str] = []

    def look(name: str) -> None:
        faults.extend(f"{name}: {fault}" for fault in faults_of(page))

    page.goto(serving.new_link())
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        for path in (
            "/studies",
            "/studies/study/",
            "/studies/study/status",
            "/studies/study/participants/new",
            "/nothing",
        ):
            page.goto(serving.address + path)
            look(f"{scheme} {path}")
    take_part(page, serving.address + "/studies/study", begin=False)
    page.locator("#ready[aria-disabled=false]").wait_for()
    look("camera")
    page.locator("#ready").click()
    look("instructions")
    page.keyboard.press("Enter")
    until_in(page, "logged.length >= 1")
    page.keyboard.press("Space")
    look("paused")
    page.keyboard.press("Escape")
    look("stopping")
    page.get_by_role("button", name="Stop and keep").click()
    page.locator("#end").wait_for()
    look("end")
    page.goto(serving.address + "/studies/study/status")
    look("status")
    assert faults == []
