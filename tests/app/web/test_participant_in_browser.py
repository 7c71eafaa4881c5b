"""Handing a browser over in Chromium: a participant takes part, tries to leave, and the researcher comes back."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from micromask.app.web.server import Serving, opened_server

pytestmark = pytest.mark.browser

CODE = "grey owl 7"
FETCHED = "async (path) => (await fetch(path)).status"
IN_CACHE = """
async (path) => {
  const asked = fetch(path, { cache: "only-if-cached", mode: "same-origin" });
  return asked.then(({ ok }) => ok, () => false);
}
"""


@pytest.fixture
def served(workspace: Path, study: Path, no_workers: None, running: Callable[..., Any]) -> Iterator[Serving]:
    """The whole app with one study, as `micromask app --study` serves it."""
    with opened_server(workspace=workspace, studies=[study], detector="haar") as ready, running(ready):
        yield ready


@pytest.fixture
def page(served: Serving, chromium: Any, counted: Any) -> Iterator[Any]:
    """The study's page, in the browser of a researcher who came there over the list of studies."""
    with closing(chromium.new_context(viewport={"width": 1280, "height": 720})) as context:
        context.set_default_timeout(30_000)
        made = context.new_page()
        made.add_init_script(counted.watch)
        faults: list[str] = []
        made.on("pageerror", lambda error: faults.append(str(error)))
        made.goto(served.new_link())
        made.get_by_role("link", name="Studies").click()
        made.get_by_role("link", name="Faces and small talk").click()
        made.wait_for_url("**/studies/study/")
        yield made
        assert faults == []


def hand_over(page: Any, code: str = CODE) -> None:
    """By keyboard alone."""
    page.get_by_role("button", name="Hand this browser to the participant").focus()
    page.keyboard.press("Enter")
    page.get_by_label("A code to come back with").focus()
    page.keyboard.type(code)
    page.keyboard.press("Tab")
    page.keyboard.type(code)
    page.keyboard.press("Enter")


def fill_in_form(page: Any) -> None:
    page.get_by_label("Your age").fill("34")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    page.wait_for_url("**/sessions/*")


def states(study: Path) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(study / "study.sqlite")) as store:
        return store.execute("SELECT participant, state FROM session ORDER BY id").fetchall()


def test_a_participant_takes_part_cannot_leave_and_the_researcher_comes_back(
    served: Serving, study: Path, page: Any, participant: Any, until: Callable[..., Any]
) -> None:
    left_open = page.context.new_page()
    left_open.goto(f"{served.address}/analyse")
    page.bring_to_front()
    hand_over(page)
    page.wait_for_url("**/participants/new")
    until(lambda: left_open.get_by_role("heading", name="Refused").count(), "the tab that was left open")
    assert page.locator("nav").count() == 0

    participant.consents(page)
    fill_in_form(page)
    participant.begins(page)
    closed = ("/", "/analyse", "/studies", "/studies/study/", "/studies/study/status", "/studies/study/coding")
    for path in (*closed, "/api/analyse", "/api/jobs", "/studies/study/api/films/1", "/recordings/1", "/nothing"):
        assert page.evaluate(FETCHED, path) == 403, path
    for path in closed:
        assert left_open.goto(served.address + path).status == 403, path
        assert "handed to the participant" in left_open.locator("main").inner_text()
    page.bring_to_front()
    if page.locator("#paused").is_visible():  # the other tab was in front for a moment
        page.keyboard.press("Space")
    page.locator("#intro").wait_for()
    participant.goes_on(page)
    page.locator("#end").wait_for()
    assert "kept for the study" in page.locator("#end-text").inner_text()
    assert states(study) == [("P01", "done")]

    page.get_by_role("link", name="Next participant").click()
    page.wait_for_url("**/participants/new")
    assert page.evaluate(FETCHED, "/studies/study/status") == 403
    page.get_by_role("checkbox").wait_for()

    page.goto(f"{served.address}/studies/study/return")
    page.get_by_label("The code that you chose").fill("grey owl 8")
    page.keyboard.press("Enter")
    page.get_by_text("not the code").wait_for()
    page.get_by_label("The code that you chose").fill(CODE)
    page.keyboard.press("Enter")
    page.wait_for_url("**/studies/study/")
    assert page.get_by_role("navigation").count() == 2
    assert page.evaluate(FETCHED, "/api/analyse") == 200


def test_neither_the_back_button_nor_the_browsers_cache_shows_what_was_open(served: Serving, page: Any) -> None:
    only_there = "/static/studies.js"  # a file of the list of studies, which stands for all that a browser keeps
    assert page.evaluate(IN_CACHE, only_there)
    hand_over(page)
    page.wait_for_url("**/participants/new")
    assert not page.evaluate(IN_CACHE, only_there)
    for _ in range(2):
        page.go_back()
        page.get_by_role("heading", name="Refused").wait_for()
        assert "Faces and small talk" not in page.locator("body").inner_text()
    page.get_by_role("link", name="Back to the participant").click()
    page.wait_for_url("**/participants/new")


def test_a_session_that_has_begun_is_handed_over_where_it_is_and_can_be_begun_again_after_a_reload(
    study: Path, page: Any, participant: Any, until: Callable[..., Any]
) -> None:
    page.get_by_role("link", name="New participant").click()
    participant.consents(page)
    fill_in_form(page)
    page.locator("#ready[aria-disabled=false]").wait_for(timeout=60_000)
    hand_over(page)
    page.get_by_text("This browser is the participant’s now").wait_for()
    assert page.locator("#hand").is_hidden()
    assert not page.locator("#stopping").is_visible()  # Esc and Enter in the dialog were not the session's
    page.locator("#checks .good").nth(4).wait_for()
    assert states(study) == [("P01", "running")]
    assert page.evaluate(FETCHED, "/studies/study/") == 403
    page.reload()
    page.get_by_role("heading", name="This session has ended").wait_for()
    page.get_by_role("button", name="Begin a new session").click()
    participant.begins(page)
    assert states(study) == [("P01", "interrupted"), ("P01", "running")]
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Stop and keep").click()
    page.locator("#end").wait_for()
    page.get_by_role("link", name="For the researcher").click()
    page.get_by_label("The code that you chose").wait_for()
    until(lambda: states(study)[-1] == ("P01", "stopped"), "the session is stopped")


def test_a_mistake_in_the_dialog_is_told_there_and_nothing_is_handed_over(page: Any) -> None:
    hand_over(page, "12345")
    page.get_by_text("at least 6 signs").wait_for()
    page.get_by_label("A code to come back with").fill("123456")
    page.get_by_label("The same code again").fill("123457")
    page.keyboard.press("Enter")
    page.get_by_text("are not the same").wait_for()
    page.get_by_label("The same code again").fill("123456")
    page.keyboard.press("Enter")
    page.get_by_text("soon guessed").wait_for()
    page.keyboard.press("Escape")
    assert page.locator("#handing").is_hidden()
    assert page.evaluate(FETCHED, "/api/analyse") == 200


@pytest.mark.slow
@pytest.mark.parametrize("look", ["light", "dark", "phone"])
def test_the_pages_of_handing_over_have_no_accessibility_fault(served: Serving, page: Any, look: str) -> None:
    axe = pytest.importorskip("axe_core_python.sync_playwright").Axe()
    page.emulate_media(color_scheme="dark" if look == "dark" else "light")
    if look == "phone":
        page.set_viewport_size({"width": 390, "height": 844})
    faults: list[str] = []

    def looked_at(name: str) -> None:
        found = [one for one in axe.run(page)["violations"] if one["impact"] in ("serious", "critical")]
        faults.extend(f"{name}: {one['id']} {one['nodes'][0]['html']}" for one in found)
        over = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        faults.extend([f"{name}: {over} px too wide"] if over > 0 else [])

    page.locator("#hand").click()
    looked_at("dialog")
    page.keyboard.press("Escape")
    hand_over(page)
    page.wait_for_url("**/participants/new")
    looked_at("consent")
    page.get_by_role("button", name="I do not agree").click()
    looked_at("declined")
    for path in ("/analyse", "/studies/study/return"):
        page.goto(served.address + path)
        looked_at(path)
        assert page.locator("h1:visible").count() == 1
    page.locator("#code").fill("wrong one")
    page.keyboard.press("Enter")
    page.get_by_text("not the code").wait_for()
    looked_at("wrong code")
    assert faults == []
