"""The app in headless Chromium over the real server and its workers: films in, a queue, results, what goes wrong."""

from __future__ import annotations

import csv
import json
import signal
import time
import zipfile
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import pytest

from micromask.app.web.server import Serving, opened_server
from micromask.app.workspace.jobs import jobs
from micromask.app.workspace.recordings import recordings
from micromask.app.workspace.store import create_workspace
from micromask.datasets.synthetic import PlannedExpression, Script, render, write
from micromask.recordings import probe
from micromask.recordings.write import write_film

pytestmark = [pytest.mark.browser, pytest.mark.slow]

Visit = Callable[[], Any]

RAISED = (("inner_brow_raiser", 0.05), ("outer_brow_raiser", 0.05))


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two seconds and a half of a synthetic face that raises its brows from 0.8 to 1.25 s."""
    path = tmp_path_factory.mktemp("films") / "brows.mp4"
    write(Script(2.4, 25, size=240, expressions=(PlannedExpression(0.8, 1.0, 1.25, RAISED, "surprise"),)), path)
    return path


@pytest.fixture(scope="module")
def still_film(tmp_path_factory: pytest.TempPathFactory) -> Callable[[int], Path]:
    """still_film(seconds): a face that does nothing at 25 frames/s, to have something to wait for."""
    face = list(render(Script(1, 25, size=128)))
    folder = tmp_path_factory.mktemp("still")
    return lambda seconds: write_film(folder / f"{seconds}.mp4", islice(cycle(face), 25 * seconds), 25)


@pytest.fixture(scope="module")
def shared_workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return create_workspace(tmp_path_factory.mktemp("app") / "workspace")


@pytest.fixture(scope="module")
def app(shared_workspace: Path, running: Callable[..., Any]) -> Iterator[Serving]:
    """One server with workers for this file; each test removes nothing and looks at its own recordings."""
    with opened_server(workspace=shared_workspace) as ready, running(ready):
        yield ready


@pytest.fixture
def at_analyse(plain_chromium: Any, signed_in: Callable[..., Any]) -> Callable[[str], Any]:
    """at_analyse(link): Analyse, with its list read, in a browser of its own."""

    @contextmanager
    def opened(link: str) -> Iterator[Any]:
        with signed_in(plain_chromium, link, "/analyse", seconds=60) as page:
            page.locator("#reading").wait_for(state="hidden")
            yield page

    return opened


@pytest.fixture
def visit(at_analyse: Callable[[str], Any], app: Serving) -> Callable[[], Any]:
    return lambda: at_analyse(app.new_link())


def row(page: Any, title: str) -> Any:
    return page.locator(".recording").filter(has=page.get_by_role("heading", name=title, exact=True))


def in_state(page: Any, title: str, state: str) -> Any:
    """Wait until a recording is in a state; its row."""
    found = page.locator(f'.recording[data-state="{state}"]').filter(
        has=page.get_by_role("heading", name=title, exact=True)
    )
    found.wait_for()
    return found


def named(film: Path, title: str) -> dict[str, Any]:
    """The same film under another name, as a browser's file dialog would hand it over."""
    return {"name": title, "mimeType": "video/mp4", "buffer": film.read_bytes()}


def send(page: Any, *films: dict[str, Any]) -> None:
    page.locator("#files").set_input_files(list(films))


NOW = "document.getElementById('film').currentTime"

DROP = """
([name, base64]) => {
  const bytes = Uint8Array.from(atob(base64), (sign) => sign.charCodeAt(0));
  const transfer = new DataTransfer();
  transfer.items.add(new File([bytes], name));
  const place = document.getElementById("drop");
  const how = { dataTransfer: transfer, bubbles: true, cancelable: true };
  const send = (kind) => place.dispatchEvent(new DragEvent(kind, how));
  send("dragenter");
  send("dragover");
  const shown = document.body.classList.contains("dropping");
  send("drop");
  return shown;
}
"""


def test_a_film_is_dropped_analysed_looked_at_corrected_and_exported(
    visit: Visit, film: Path, shared_workspace: Path, tmp_path: Path, until: Callable[..., Any]
) -> None:
    with visit() as page:
        assert page.evaluate(DROP, ["dropped.mp4", b64encode(film.read_bytes()).decode()])
        ready = in_state(page, "dropped.mp4", "ready")
        assert "1 micro-expression" in ready.inner_text()
        assert "1 surprise" in ready.inner_text()
        assert "2.4 s · 25 frames/s" in ready.inner_text()
        until(lambda: "dropped.mp4: ready, 1 micro-" in page.locator("#heard").inner_text(), "it is announced")

        ready.get_by_role("link", name="Open").click()
        page.locator("#recording[data-ready=yes]").wait_for()
        page.locator("[data-interval='1']").click()
        until(lambda: page.locator("#play").inner_text() == "Pause", "the interval plays")
        until(lambda: page.evaluate(NOW) > 0.5, "the film is at the onset")
        assert page.evaluate("document.getElementById('film').playbackRate") == 0.125
        shown = [page.evaluate(NOW) for _ in range(80) if not time.sleep(0.05)]
        assert min(shown) == pytest.approx(0.8, abs=0.12)
        assert max(shown) == pytest.approx(1.25, abs=0.12)

        page.get_by_label("Your name").fill("ann")
        page.keyboard.press("Enter")
        page.locator("#bar").wait_for()
        page.locator("[data-interval='1']").click()
        page.locator("#correct:enabled").click()
        page.locator("#form-offset").fill("33")
        page.locator("#form-kind").select_option("macro")
        page.locator("#form-emotion").fill("interest")
        page.locator("#save").click()
        page.locator("#said").get_by_text("interest").first.wait_for()
        page.locator("#export-panel summary").click()
        page.get_by_label("Clips (a film of each interval)").check()
        with page.expect_download(timeout=120_000) as coming:
            page.locator("#export-panel [type=submit]").click()
        coming.value.save_as(tmp_path / "export.zip")
        look_into(tmp_path / "export.zip")

        page.goto(page.url.split("/recordings")[0] + "/analyse")
        told = in_state(page, "dropped.mp4", "ready").inner_text()
        assert "1 macro-expression" in told
        assert "checked by ann" in told


def look_into(path: Path) -> None:
    """What was said lies beside what was measured, and the clip holds the frames of the corrected interval."""
    with zipfile.ZipFile(path) as packed:
        packed.extractall(path.parent)
    (row,) = csv.DictReader((path.parent / "intervals.csv").read_text("utf-8-sig").splitlines())
    assert (row["machine_kind"], row["machine_emotion"]) == ("micro", "surprise")
    assert int(row["machine_onset"]) == pytest.approx(20, abs=2)
    assert (row["people_kind"], row["kind"], row["emotion"], row["offset"]) == ("macro", "macro", "interest", "33")
    folder = path.parent / "001 dropped"
    assert "ann" in (folder / "dropped.eaf").read_text("utf-8")
    assert "interest" in (folder / "report.html").read_text("utf-8")
    assert json.loads((folder / "analysis.json").read_text("utf-8"))["expressions"][0]["kind"] == "micro"
    assert json.loads((folder / "corrections.json").read_text("utf-8"))
    (clip,) = (folder / "clips").iterdir()
    assert probe(clip).n_frames == 33 - int(row["onset"]) + 1
    assert probe(clip).fps == pytest.approx(25 / 8)


def test_what_is_no_film_gets_one_clear_line_and_the_next_film_is_done(
    visit: Visit, film: Path, shared_workspace: Path
) -> None:
    with visit() as page:
        send(page, {"name": "notes.txt", "mimeType": "text/plain", "buffer": b"hello"})
        page.locator("#says:not([hidden])").wait_for()
        assert "notes.txt" in page.locator("#says").inner_text()
        cut = {"name": "../../broken\u202e.mp4", "mimeType": "video/mp4", "buffer": film.read_bytes()[:3000]}
        text = [{"name": name, "mimeType": "video/mp4", "buffer": b"hello"} for name in ("text.mp4", "more.mp4")]
        send(page, cut, *text, named(film, "good.mp4"))  # four, from which on the list can be filtered
        in_state(page, "good.mp4", "ready")
        why = in_state(page, "text.mp4", "failed").locator(".why").inner_text()
        assert why.startswith("text.mp4: ")
        assert "\n" not in why
        assert "Traceback" not in why
        assert str(shared_workspace) not in why
        broken = page.locator('.recording[data-state="failed"]').filter(has_text="broken")
        assert "broken" in broken.locator(".why").inner_text()
        page.locator("[data-show=failed]").click()
        assert row(page, "good.mp4").is_hidden()
        broken.get_by_role("button", name="Remove").focus()
        page.keyboard.press("Enter")
        assert page.locator("#sure").evaluate("(one) => one.contains(document.activeElement)")
        page.keyboard.press("Shift+Tab")
        page.keyboard.press("Enter")
        broken.wait_for(state="detached")
    assert not any("broken" in path.name for path in shared_workspace.rglob("*"))
    assert not any("broken" in one.title for one in recordings(shared_workspace))


def test_two_browsers_add_films_at_once_and_see_what_the_other_one_does(
    visit: Visit, film: Path, until: Callable[..., Any]
) -> None:
    with visit() as ann, visit() as ben:
        send(ann, named(film, "ann.mp4"))
        ben.locator("#options summary").click()
        ben.get_by_label("Participant", exact=True).fill("P02")
        send(ben, named(film, "ben.mp4"))
        for page in (ann, ben):
            row(page, "ann.mp4").wait_for()
            row(page, "ben.mp4").wait_for()
        who = row(ann, "ben.mp4").get_by_label("Participant of ben.mp4")
        assert who.input_value() == "P02"
        row(ben, "ann.mp4").get_by_label("Group of ann.mp4").fill("controls")
        ben.keyboard.press("Enter")
        group = row(ann, "ann.mp4").get_by_label("Group of ann.mp4")
        until(lambda: group.input_value() == "controls", "the other browser shows the group")
        for page in (ann, ben):
            in_state(page, "ann.mp4", "ready")
            in_state(page, "ben.mp4", "ready")


def test_what_runs_and_what_waits_is_cancelled_within_seconds_and_done_on_demand(
    visit: Visit, film: Path, still_film: Callable[[int], Path], until: Callable[..., Any]
) -> None:
    long_film = still_film(120)
    with visit() as page:
        # two at a time are sent, and may arrive in any order: the third one only when both are at work
        send(page, *(named(long_film, f"long {number}.mp4") for number in (1, 2)))
        running = in_state(page, "long 1.mp4", "working")
        in_state(page, "long 2.mp4", "working")
        send(page, named(long_film, "long 3.mp4"))
        until(lambda: running.locator("progress").get_attribute("value"), "its progress is shown")
        until(lambda: "following the face" in running.locator(".line").inner_text(), "it says what is done")
        assert "1st in the queue" in in_state(page, "long 3.mp4", "waiting").inner_text()
        for number in (3, 2, 1):
            row(page, f"long {number}.mp4").get_by_role("button", name="Cancel").click()
            began = time.monotonic()
            in_state(page, f"long {number}.mp4", "cancelled")
            assert time.monotonic() - began < 10
        send(page, named(film, "after.mp4"))
        in_state(page, "after.mp4", "ready")
        row(page, "long 3.mp4").get_by_role("button", name="Analyse").click()
        in_state(page, "long 3.mp4", "working")
        row(page, "long 3.mp4").get_by_role("button", name="Cancel").click()
        in_state(page, "long 3.mp4", "cancelled")


def test_a_full_queue_holds_films_back_and_they_are_sent_when_there_is_room(visit: Visit, film: Path) -> None:
    with visit() as page:
        answers = [(429, {"Retry-After": "2"}), (507, {})]

        def answer(route: Any) -> None:
            if answers:
                status, headers = answers.pop(0)
                route.fulfill(status=status, headers=headers, json={"error": "there is no room"})
            else:
                route.continue_()

        page.route("**/api/uploads?*", answer)
        send(page, named(film, "held.mp4"))
        page.locator(".upload").get_by_text("the queue is full: waits").wait_for()
        page.locator(".upload.failed").get_by_text("there is no room").wait_for()
        page.get_by_role("button", name="Try again held.mp4").click()
        row(page, "held.mp4").wait_for()
        assert page.locator("#coming").is_hidden()


def test_films_of_a_folder_are_chosen_by_keyboard_and_stay_where_they_are(
    visit: Visit, film: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "day 1"
    folder.mkdir()
    for name in ("left.mp4", "right.mp4"):
        (folder / name).write_bytes(film.read_bytes())
    with visit() as page:
        page.locator("#browse").focus()
        page.keyboard.press("Enter")
        page.locator("#folders button").first.wait_for()
        page.get_by_label("Folder", exact=True).fill(str(tmp_path / "nothing"))
        page.keyboard.press("Enter")
        page.locator("#path-fault:not([hidden])").wait_for()
        page.get_by_label("Folder", exact=True).fill(str(tmp_path))
        page.keyboard.press("Enter")
        page.get_by_role("button", name="day 1").focus()
        page.keyboard.press("Enter")
        page.locator("#films input").first.wait_for()
        page.get_by_role("checkbox", name="left.mp4").press("Space")
        page.get_by_role("button", name="Add 1 film").press("Enter")
        assert "read where it is" in in_state(page, "right.mp4", "ready").inner_text()
        assert row(page, "left.mp4").count() == 0
        page.locator("#browse").click()
        page.get_by_text("in the list already").wait_for()
        page.keyboard.press("Escape")
        assert page.locator("#browse").evaluate("(one) => one === document.activeElement")
    assert sorted(one.name for one in folder.iterdir()) == ["left.mp4", "right.mp4"]


def test_a_server_that_is_killed_in_mid_job_goes_on_with_it_when_it_is_started_again(
    at_analyse: Callable[[str], Any],
    app_process: Callable[..., Any],
    workspace: Path,
    still_film: Callable[[int], Path],
    until: Callable[..., Any],
) -> None:
    server = app_process(workspace)
    with at_analyse(server.links[0]) as page:
        send(page, named(still_film(8), "long.mp4"))
        in_state(page, "long.mp4", "working")
        until(lambda: jobs(workspace)[0].done > 10, "the job is under way")
        server.end(signal.SIGKILL)
        page.locator("#says:not([hidden])").wait_for()
        again = app_process(workspace, server.port)
        page.goto(again.links[0])
        page.goto(f"{again.address}/analyse")
        in_state(page, "long.mp4", "ready")
    assert len(jobs(workspace)) == 1


def test_the_page_has_no_fault_for_people_who_use_keyboard_or_screen_reader(
    visit: Visit, film: Path, faults_of: Callable[..., Any]
) -> None:
    with visit() as page:
        send(page, named(film, "look.mp4"), {"name": "bad.mp4", "mimeType": "video/mp4", "buffer": b"x"})
        in_state(page, "look.mp4", "ready")
        in_state(page, "bad.mp4", "failed")
        page.locator("#options summary").click()
        page.get_by_label("Weakest strength that counts").fill("0")
        send(page, named(film, "not yet.mp4"))
        assert page.locator("#threshold").evaluate("(one) => one === document.activeElement")
        assert page.locator("#threshold-fault").inner_text() == "A number from 0.1 to 99, please."
        found = {}
        for scheme, width in (("light", 1280), ("dark", 390)):
            page.emulate_media(color_scheme=scheme)
            page.set_viewport_size({"width": width, "height": 844})
            found[scheme, width, "page"] = faults_of(page)
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        page.locator("#usual").click()
        assert page.locator("#threshold-fault").is_hidden()
        page.locator("#browse").click()
        page.locator("#folders button").first.wait_for()
        found["chooser"] = faults_of(page)
        page.keyboard.press("Escape")
        page.emulate_media(color_scheme="light")
        row(page, "look.mp4").get_by_role("button", name="Remove").click()
        found["sure"] = faults_of(page)
        page.keyboard.press("Escape")
        assert row(page, "not yet.mp4").count() == 0
        row(page, "look.mp4").wait_for()
        assert {name: faults for name, faults in found.items() if faults} == {}
