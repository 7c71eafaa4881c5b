"""Cohort, Agreement, Runs and Compare in headless Chromium over the real server and its workers."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from axe_core_python.sync_playwright import Axe

from micromask.app.web.server import Serving
from micromask.app.workspace.jobs import jobs
from micromask.app.workspace.recordings import add_and_queue, describe
from micromask.app.workspace.store import writing
from micromask.datasets.synthetic import PlannedExpression, Script, write

pytestmark = [pytest.mark.browser, pytest.mark.slow]

FPS = 25
THREE = ("negative", "positive", "surprise")


def until(true: Callable[[], object], what: str, seconds: float = 90.0) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, f"not in {seconds:g} s: {what}"
        time.sleep(0.05)


@pytest.fixture
def started(app_serving: Serving) -> Serving:
    """The server once it has tidied up: from then on files may be put into its workspace."""
    until(lambda: app_serving.server.started, "the server has started")
    return app_serving


@pytest.fixture
def visit(plain_chromium: Any, started: Serving) -> Callable[..., Any]:
    """visit(path, width, scheme): a page; faults of its scripts and requests that leave the machine fail."""

    @contextmanager
    def opened(path: str, width: int = 1280, scheme: str = "light") -> Iterator[Any]:
        size = {"width": width, "height": 900}
        with closing(plain_chromium.new_context(viewport=size, color_scheme=scheme)) as context:
            context.set_default_timeout(60_000)
            faults: list[str] = []
            address = started.address
            context.on(
                "request", lambda one: None if one.url.startswith((address, "blob:")) else faults.append(one.url)
            )
            page = context.new_page()
            page.on("pageerror", lambda error: faults.append(str(error)))
            page.goto(started.new_link())
            page.goto(address + path)
            yield page
            assert faults == []

    return opened


def assert_in_order(page: Any) -> None:
    """No accessibility fault of weight, and nothing wider than the window."""
    found = [
        f"{one['id']}: {one['nodes'][0]['html']}" for one in Axe().run(page)["violations"] if one["impact"] != "minor"
    ]
    assert found == []
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def test_a_cohort_is_worked_out_by_a_worker_and_shown_with_its_plot(visit, two_groups):
    with visit("/cohort") as page:
        assert page.locator("[data-chosen]").inner_text() == "10 of 10 chosen"
        page.get_by_role("button", name="Choose none").click()
        page.get_by_role("button", name="Work it out").click()
        page.get_by_text("Choose a recording that has results", exact=False).wait_for()
        page.get_by_role("button", name="Choose all").focus()
        page.keyboard.press("Enter")
        page.get_by_role("button", name="Work it out").click()
        page.get_by_role("link", name="More often: all emotions together in patients; sadness in patients").click()
        page.get_by_role("heading", name="Between groups").wait_for()
        marks = page.get_by_role("img", name="sadness, patients: 7.00 per minute")
        assert marks.locator("circle.dot").count() == 5
        assert page.locator(".told .who").all_inner_texts() == [
            "all emotions together\ncontrols − patients",
            "sadness\ncontrols − patients",
        ]
        assert_in_order(page)
        with page.context.expect_page() as other:
            page.get_by_role("link", name="Report to pass on").click()
        assert "More often" in other.value.title()


@pytest.mark.parametrize(("width", "scheme"), [(1280, "dark"), (390, "light")])
def test_every_page_is_in_order_in_the_dark_and_on_a_phone(visit, workspace, two_groups, write_toy, width, scheme):
    write_toy(workspace / "runs" / "honest", 8)
    write_toy(workspace / "runs" / "leaky", 0, "as-published")
    with visit("/cohort", width, scheme) as page:
        page.get_by_role("button", name="Work it out").click()
        page.locator("#made a").wait_for()
        assert_in_order(page)
        page.locator("#made a").click()
        page.get_by_role("heading", name="Recordings", exact=True).wait_for()
        assert_in_order(page)
        for path in ("/agree", "/runs", "/compare"):
            page.goto(page.url.split("/cohort")[0] + path)
            page.get_by_role("heading", level=1).wait_for()
            assert_in_order(page)
            if path == "/runs":
                page.go_back()


def test_runs_are_compared_and_a_report_cannot_reach_the_app(visit, workspace, write_toy):
    cookie = "try { document.cookie; } catch { document.title = `no cookie, origin ${self.origin}`; }"
    script = f"<script>{cookie}</script>"
    write_toy(workspace / "runs" / "honest", 8, page=f"<title>no</title>{script}")
    write_toy(workspace / "runs" / "leaky", 0, "as-published")
    with visit("/runs") as page:
        assert page.locator(".tag.bad").all_inner_texts()[0].startswith("LK004")
        page.get_by_label("Compare honest").focus()
        page.keyboard.press("Space")
        page.get_by_label("Compare leaky").check()
        page.get_by_role("button", name="Compare chosen runs").click()
        with page.context.expect_page() as told:
            page.get_by_role("link", name="honest is the only run without a leak: UF1 0.625").click()
        assert told.value.locator("h1").inner_text() == "honest is the only run without a leak: UF1 0.625"
        with page.context.expect_page() as report:
            page.get_by_role("link", name="Report of honest").click()
        until(lambda: report.value.title() not in ("", "no"), "the report's script runs")
        assert report.value.title() == "no cookie, origin null"
        assert_in_order(page)
        page.get_by_role("button", name="Remove honest is the only run").click()
        page.get_by_text("None yet.").wait_for()


def test_a_folder_of_runs_that_is_typed_wrong_is_said_at_its_field(visit, tmp_path):
    with visit("/runs") as page:
        page.get_by_label("Add a folder of this machine").fill(str(tmp_path / "nowhere"))
        page.keyboard.press("Enter")
        page.locator("#folder-fault").get_by_text("there is no such folder on this machine", exact=False).wait_for()
        assert page.locator("#folder").get_attribute("aria-invalid") == "true"


@pytest.fixture
def two_films(workspace: Path, started: Serving, tmp_path: Path) -> list[int]:
    """A smile from 0.8 s on in a film of 2.4 s, and one from 1.2 s on in one of 3 s; both analysed by workers."""
    numbers = []
    for begin, seconds in ((0.8, 2.4), (1.2, 3.0)):
        smile = PlannedExpression(begin, begin + 0.2, begin + 0.45, (("lip_corner_puller", 0.06),), "positive")
        film = tmp_path / f"{begin}.mp4"
        write(Script(seconds, FPS, size=160, expressions=(smile,)), film)
        source = Path(shutil.move(film, workspace / "uploads" / film.name))
        numbers.append(add_and_queue(workspace, film.name, source, {"detector": "haar"})[0])
    until(lambda: all(job.ended for job in jobs(workspace, "analyze")), "both are analysed")
    return numbers


def test_two_films_stand_and_play_in_step_and_onsets_can_be_put_in_step(visit, two_films):
    left, right = two_films
    with visit(f"/compare?left={left}&right={right}") as page:
        page.locator("#compare[data-ready]").wait_for()
        assert_in_order(page)
        page.get_by_role("link", name="Open interval 1 in 1.2.mp4").click()
        assert_plays_interval(page, right, 1)
        page.go_back()
        page.locator("#compare[data-ready]").wait_for()
        videos = "[...document.querySelectorAll('video')]"
        still = f"{videos}.every((one) => one.paused && !one.seeking && one.readyState > 1)"

        def times() -> list[float]:
            until(lambda: page.evaluate(still), "both stand still")
            return page.evaluate(f"{videos}.map((one) => one.currentTime)")

        page.locator("[data-intervals=left]").get_by_role("button").click()
        first = times()
        assert first[0] == pytest.approx(first[1], abs=0.01) == pytest.approx(0.8, abs=0.13)
        page.locator("[data-intervals=right]").get_by_role("button").click()
        page.get_by_role("button", name="Put their onsets in step").click()
        shift = float(page.locator("#shift").input_value())
        assert shift == pytest.approx(-0.4, abs=0.1)
        one, other = times()
        assert other - one == pytest.approx(-shift, abs=0.02)
        page.get_by_role("button", name="½×").click()
        page.get_by_role("button", name="Play").click()
        seen = []
        for _ in range(12):
            page.wait_for_timeout(60)
            seen.append(page.evaluate(f"{videos}.map((one) => one.currentTime)"))
        page.get_by_role("button", name="Pause").click()
        moving = np.array([row for row in seen if row[0] > one + 0.02])
        assert len(moving) > 2
        assert np.abs(np.diff(moving, axis=1)[:, 0] + shift).max() < 0.2
        one, other = times()
        assert other - one == pytest.approx(-shift, abs=0.02)
        page.get_by_role("button", name="Back to their own clocks").click()
        one, other = times()
        assert other == pytest.approx(one, abs=0.02)


def assert_plays_interval(page: Any, recording: int, number: int) -> None:
    """The page of a recording has an interval chosen, plays it at an eighth of its speed, and keys go on from there."""
    page.locator(f"#intervals [data-interval='{number}'][aria-pressed=true]").wait_for()
    assert page.url.endswith(f"/recordings/{recording}#interval={number}")
    page.get_by_role("button", name="Pause").wait_for()
    assert page.locator("#speeds [data-speed='0.125']").get_attribute("aria-pressed") == "true"
    assert page.get_by_role("button", name="Loop interval").get_attribute("aria-pressed") == "true"
    assert page.evaluate("document.activeElement.dataset.interval") == str(number)


def test_an_interval_on_which_models_differ_opens_its_recording_and_plays(visit, two_films, put_agreement):
    number = put_agreement(two_films, ["0.8.mp4", "1.2.mp4"], ["P1", "P2"])
    with visit(f"/agree/{number}") as page:
        assert_in_order(page)
        page.get_by_role("link", name="Interval 1 of 1.2.mp4: play it slowly").focus()
        page.keyboard.press("Enter")
        assert_plays_interval(page, two_films[1], 1)
        page.keyboard.press("Home")
        page.get_by_role("button", name="Play", exact=True).wait_for()
        page.go_back()
        page.get_by_role("heading", name="Where they differ").wait_for()
        assert page.url.endswith(f"/agree/{number}")
        page.goto(page.url.replace(f"/agree/{number}", f"/recordings/{two_films[0]}#interval=9"))
        page.get_by_text("There is no interval 9 in this recording any more", exact=False).wait_for()
        page.evaluate("location.hash = '#interval=1'")
        assert_plays_interval(page, two_films[0], 1)


def note_analysis(workspace: Path, number: int) -> None:
    """The list of recordings takes it for analysed, before everything else that was done."""
    with writing(workspace) as store:
        store.execute(
            "INSERT INTO job (kind, recording, payload, state, queued, ended) "
            "VALUES ('analyze', ?, '{}', 'done', ?, ?)",
            (number, "2024-01-01T00:00:00.000+00:00", "2024-01-01T00:01:00.000+00:00"),
        )


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_before_a_recording_is_removed_the_cohort_with_it_is_named_and_then_made_again(
    visit, workspace, two_groups, width, scheme
):
    note_analysis(workspace, two_groups[0])
    with visit("/cohort", width, scheme) as page:
        home = page.url.removesuffix("/cohort")
        page.get_by_role("button", name="Work it out").click()
        page.locator("#made a").click()
        page.get_by_role("heading", name="Between groups").wait_for()
        shown = page.url
        page.goto(f"{home}/analyse")
        page.get_by_role("button", name="Remove a0.mp4").click()
        held = page.locator("#sure-held")
        held.get_by_text("made again from the other 9", exact=False).wait_for()
        assert held.inner_text().startswith("It is also in:\n\nCohort ")
        assert_in_order(page)
        page.locator("#sure-yes").click()
        page.locator(f"[data-id='{two_groups[0]}']").wait_for(state="detached")
        page.goto(shown)
        page.get_by_text("A recording that was in it was removed", exact=False).wait_for()
        assert page.get_by_role("link", name="a0.mp4").count() == 0
        assert_in_order(page)


@pytest.mark.parametrize(("width", "scheme"), [(1280, "dark"), (390, "light")])
def test_a_cohort_whose_people_changed_says_so_and_is_made_again_with_one_button(
    visit, workspace, two_groups, width, scheme
):
    with visit("/cohort", width, scheme) as page:
        page.get_by_role("button", name="Work it out").click()
        page.locator("#made a").wait_for()
        describe(workspace, two_groups[0], participant="A9")
        page.reload()
        page.locator("#made").get_by_text("out of date").wait_for()
        assert_in_order(page)
        page.locator("#made a").click()
        page.get_by_text("participant or group has changed: a0.mp4").wait_for()
        assert_in_order(page)
        page.get_by_role("button", name="Make it again").click()
        page.get_by_role("cell", name="A9").first.wait_for()
        assert page.get_by_text("Out of date").count() == 0


def test_two_models_are_asked_by_a_worker(visit, workspace, two_films, model):
    model(workspace / "models" / "faces.safetensors", "mbcc-cnn", THREE[::-1], size=(32, 32))
    with visit("/agree") as page:
        page.get_by_label("Second model").select_option("")
        page.get_by_role("button", name="Ask them").click()
        page.get_by_text("a model always agrees with itself", exact=False).wait_for()
        page.get_by_label("Second model").select_option("faces.safetensors")
        page.get_by_role("button", name="Ask them").click()
        page.locator("#made a").wait_for()
        page.locator("#made a").click()
        page.get_by_role("heading", name="Who says what").wait_for()
        assert "Agreement is not accuracy" in page.locator(".notes").inner_text()
        assert_in_order(page)
        with page.expect_download() as kept:
            page.get_by_role("link", name="JSON").click()
        told = json.loads(Path(kept.value.path()).read_text())
        assert told["recordings"] == 2
        assert [row["apex_s"] for row in told["intervals"]] == pytest.approx([1.0, 1.4], abs=0.1)
