"""Correcting with the keyboard beside the film, two people at once, and fetching an export, in a real browser."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from micromask.app.workspace.corrections.opinions import corrected

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
def workspace(made: Any) -> Path:
    """What `app_serving` serves here: a recording that was analysed."""
    folder: Path = made.workspace
    return folder


@pytest.fixture
def sit_down(app_serving: Any, plain_chromium: Any) -> Iterator[Callable[..., Any]]:
    """sit_down(name, **context): somebody at a browser of their own, on the page of the recording."""
    contexts = []

    def open_page(name: str = "", path: str = "/recordings/1", **context: Any) -> Any:
        opened = plain_chromium.new_context(**{"viewport": {"width": 1280, "height": 860}} | context)
        opened.set_default_timeout(20_000)
        contexts.append(opened)
        page = opened.new_page()
        page.said = []
        page.on("console", lambda message: page.said.append(message.text))
        page.on("pageerror", lambda error: page.said.append(str(error)))
        page.goto(app_serving.new_link())
        page.goto(app_serving.address + path)
        page.locator("[data-ready=yes]").first.wait_for()
        if name:
            page.locator("#dock[data-ready=yes]").wait_for()
            page.get_by_label("Your name").fill(name)
            page.keyboard.press("Enter")
            page.locator("#bar").wait_for()
        return page

    yield open_page
    for one in contexts:
        one.close()


def saved(page: Any, words: str) -> None:
    page.locator("#corrections-state", has_text=f"{words} · saved").wait_for()


def row(page: Any, key: str) -> Any:
    return page.locator(f'#said tr[data-key="{key}"]')


def go_to(page: Any, frame: int) -> None:
    page.evaluate(f"document.dispatchEvent(new CustomEvent('micromask:show', {{detail: {{frame: {frame}}}}}))")
    page.locator(f'#film[data-frame="{frame}"]').wait_for(state="attached")


def test_all_of_it_with_the_keyboard(sit_down, made):
    page = sit_down("Kai")
    page.keyboard.press("]")
    page.locator("#dock-title", has_text="Expression 1").wait_for()
    page.keyboard.press("y")
    saved(page, "Accepted")
    assert page.locator("#accept").get_attribute("aria-pressed") == "true"
    page.keyboard.press("]")
    page.locator("#dock-title", has_text="Expression 2").wait_for()
    page.keyboard.press("x")
    saved(page, "Rejected")
    row(page, "m0-60-70-84").get_by_text("does not count").wait_for()

    page.keyboard.press("c")
    for key, name, frame in (("o", "onset", 58), ("a", "apex", 66), ("f", "offset", 70)):
        go_to(page, frame)
        page.keyboard.press(key)
        assert page.locator(f"#form-{name}").input_value() == str(frame)
    page.locator("#form-says", has_text="Lasts 0.").wait_for()
    page.get_by_label("Kind").select_option("micro")
    page.get_by_label("Emotion", exact=True).fill("a smile that fades")
    page.get_by_label("Note").fill("stops at once")
    page.keyboard.press("Enter")
    saved(page, "Corrected")

    page.keyboard.press("m")
    page.locator("#form-onset").fill("100")
    page.locator('#film[data-frame="100"]').wait_for(state="attached")  # what is typed is shown
    page.keyboard.press("s")
    page.locator("#form-fault", has_text="mark apex and offset").wait_for()
    go_to(page, 104)
    page.keyboard.press("a")
    go_to(page, 99)
    page.keyboard.press("f")
    page.keyboard.press("s")
    page.locator("#form-fault", has_text="onset, apex and offset must follow one another").wait_for()
    go_to(page, 108)
    page.keyboard.press("f")
    page.keyboard.press("s")
    saved(page, "Added")
    page.keyboard.press("u")
    saved(page, "Undone")
    assert page.locator("#said tr").count() == 2
    page.keyboard.press("r")
    saved(page, "Redone")

    told = {one.key: one for one in corrected(made.workspace, 1)}
    second = told["m0-60-70-84"]
    assert (second.stands.onset, second.stands.apex, second.stands.offset) == (58, 66, 70)
    assert (second.kind, second.emotion, second.opinions[0].note) == ("micro", "a smile that fades", "stops at once")
    (added,) = [one for one in told.values() if one.machine is None]
    assert (added.stands.onset, added.stands.apex, added.stands.offset, added.by) == (100, 104, 108, ("Kai",))
    assert page.said == []


def test_marks_of_masked_expressions_with_the_keyboard(sit_down, smiled):
    page = sit_down("Kai")
    for _ in range(3):  # the marks come after the expressions
        page.keyboard.press("]")
    page.locator("#dock-title", has_text="Mark M1").wait_for()
    assert page.locator("#marks tr.chosen button").inner_text() == "M1"
    assert page.locator("#chosen-measures li").first.inner_text().startswith("mouth corners up and outward 4.3 %")
    assert not page.locator("#chosen-expression").is_visible()
    page.keyboard.press("y")
    saved(page, "Accepted")
    page.keyboard.press("]")
    page.locator("#dock-title", has_text="Mark M2").wait_for()
    page.keyboard.press("x")
    saved(page, "Rejected")
    row(page, "mm0-66-68-70").get_by_text("does not count").wait_for()

    page.keyboard.press("[")
    page.keyboard.press("c")
    assert page.get_by_label("Kind").is_disabled()
    assert not page.get_by_label("Emotion", exact=True).is_visible()
    go_to(page, 62)
    page.keyboard.press("o")
    page.get_by_label("Shown emotion").fill("happiness")
    page.get_by_label("Felt emotion").fill("sadness")
    page.keyboard.press("Enter")
    saved(page, "Corrected")
    row(page, "mm0-60-70-84").locator(".stands", has_text="masked, happiness over sadness").wait_for()
    page.keyboard.press("u")
    saved(page, "Undone")
    row(page, "mm0-60-70-84").get_by_text("accepted").wait_for()
    page.keyboard.press("r")
    saved(page, "Redone")

    page.keyboard.press("m")
    for name, frame in (("onset", 20), ("apex", 25), ("offset", 30)):
        page.locator(f"#form-{name}").fill(str(frame))
    page.get_by_label("Emotion", exact=True).fill("surprise")
    page.get_by_label("Kind").select_option("masked")
    assert page.get_by_label("Shown emotion").input_value() == "surprise"  # what was entered goes along
    page.get_by_label("Felt emotion").fill("fear")
    page.keyboard.press("Enter")
    saved(page, "Added")

    told = {one.key: one for one in corrected(smiled.workspace, 1)}
    first = told["mm0-60-70-84"].stands
    assert (first.onset, first.offset, first.shown_emotion, first.felt_emotion) == (62, 84, "happiness", "sadness")
    (added,) = [one.stands for one in told.values() if one.machine is None]
    assert (added.onset, added.kind, added.emotion_words) == (20, "masked", "surprise over fear")
    assert all(not one.by for one in told.values() if one.layer == "expressions")
    # The table chooses the mark itself, not the expression at the same frames.
    row(page, "mm0-60-70-84").get_by_role("button", name="Mark M1: play it slowly").click()
    page.locator("#marks tr.chosen", has_text="M1").wait_for()
    # The address names the mark, so that a link leads to it.
    assert page.url.endswith("#interval=M1")
    page.goto(page.url.replace("=M1", "=M2"))
    page.locator("#dock-title", has_text="Mark M2").wait_for()
    assert page.said == []


def test_two_people_see_each_other_and_nothing_is_lost(sit_down, made):
    kai, mia = sit_down("Kai"), sit_down("Mia")
    for page in (kai, mia):
        page.locator('[data-interval="1"]').click()
    kai.locator("#accept").click()
    mia.locator("#reject").click()
    saved(kai, "Accepted")
    saved(mia, "Rejected")
    for page, other in ((kai, "Mia"), (mia, "Kai")):
        row(page, "m0-20-25-30").get_by_text(other, exact=True).wait_for()
        row(page, "m0-20-25-30").get_by_text("disputed").wait_for()
    mia.get_by_role("button", name="Say the same as Kai").click()
    saved(mia, "Corrected")
    row(kai, "m0-20-25-30").get_by_text("disputed").wait_for(state="detached")
    assert corrected(made.workspace, 1)[0].by == ("Kai", "Mia")


def test_a_name_is_asked_for_once_a_browser(sit_down):
    page = sit_down("Kai")
    page.reload()
    page.locator("#bar").wait_for()
    assert page.locator("#me").inner_text() == "Kai"
    page.get_by_role("button", name="not you?").click()
    page.get_by_label("Your name").fill("=Mia")
    page.keyboard.press("Enter")
    page.locator("#corrections-state", has_text="a name has 1 to 40 letters").wait_for()
    page.get_by_label("Your name").fill("Mia")
    page.keyboard.press("Enter")
    page.locator("#me", has_text="Mia").wait_for()


def test_single_keys_can_be_turned_off_and_do_nothing_in_a_field(sit_down, made):
    page = sit_down("Kai")
    page.locator('[data-interval="1"]').click()
    page.keyboard.press("c")
    page.get_by_label("Note").fill("")
    page.keyboard.type("xylophone")
    assert page.get_by_label("Note").input_value() == "xylophone"
    page.keyboard.press("Escape")
    page.locator("#form").wait_for(state="hidden")
    page.locator("#play").focus()  # the field that was hidden may have the focus for a moment yet
    page.keyboard.press("?")
    page.get_by_text("accept the chosen interval").wait_for()
    page.locator("#single").uncheck()
    page.keyboard.press("Escape")
    page.locator("#play").focus()
    page.keyboard.press("x")
    page.wait_for_timeout(300)
    assert corrected(made.workspace, 1)[0].by == ()


def test_a_page_of_an_old_analysis_says_so_and_loses_nothing(sit_down, made, moved):
    page = sit_down("Kai")
    page.locator('[data-interval="1"]').click()
    page.locator("#accept").click()
    saved(page, "Accepted")
    made.analysed_again(moved(40, 45, 50))
    row(page, "g0-20-25-30").get_by_text("not found any more").wait_for()
    page.locator('[data-interval="2"]').click()
    page.locator("#corrections-state", has_text="analysed again: load the page anew").wait_for()
    page.reload()
    row(page, "g0-20-25-30").get_by_text("You", exact=True).wait_for()


def test_an_export_with_clips_is_made_and_saved(sit_down, tmp_path, look):
    page = sit_down("Kai")
    page.locator('[data-interval="2"]').click()
    page.keyboard.press("x")
    saved(page, "Rejected")
    page.locator("#export-panel summary").click()
    page.get_by_label("Clips (a film of each interval)").check()
    page.get_by_label("Slowed down").select_option("4")
    with page.expect_download(timeout=60_000) as fetched:
        page.get_by_role("button", name="Export", exact=True).click()
    assert fetched.value.suggested_filename == "Interview 7.zip"
    fetched.value.save_as(tmp_path / "all.zip")
    archive = zipfile.ZipFile(tmp_path / "all.zip")
    (clip,) = [name for name in archive.namelist() if name.endswith(".mp4")]
    archive.extract(clip, tmp_path)
    assert [number for number, _ in look(tmp_path / clip)] == list(range(20, 31))
    assert b"rejected" in archive.read("001 Interview 7/report.html")
    page.locator("#export-panel .told", has_text="Your browser saves it").wait_for()
    assert page.said == []


def test_many_are_exported_from_a_page_of_their_own(sit_down, made, moved, until):
    made.another("Other.mp4", moved(10, 12, 14), group="patients")
    page = sit_down(path="/exports")
    page.get_by_role("button", name="Only patients").click()
    page.get_by_text("1 of 2 chosen").wait_for()
    page.get_by_role("button", name="All", exact=True).click()
    with page.expect_download() as fetched:
        page.get_by_role("button", name="Export", exact=True).click()
    assert fetched.value.suggested_filename == "micromask-2-recordings.zip"
    page.locator("#list tr", has_text="micromask-2-recordings.zip").wait_for()
    page.get_by_role("button", name="Remove micromask-2-recordings.zip").click()
    page.get_by_text("None yet.").wait_for()
    until(lambda: not list((made.workspace / "exports").iterdir()))


@pytest.mark.parametrize("scheme", ["light", "dark", "phone"])
def test_everybody_can_use_it(sit_down, smiled, faults_of, scheme):
    size = {"width": 390, "height": 844} if scheme == "phone" else {"width": 1280, "height": 860}
    page = sit_down("Kai", viewport=size, color_scheme="dark" if scheme == "dark" else "light")
    page.locator('[data-interval="1"]').click()
    page.locator("#accept").click()
    saved(page, "Accepted")
    page.locator("#export-panel summary").click()
    page.locator("#missed").click()
    page.locator("#form-onset").fill("100")
    page.locator("#save").click()
    page.locator("#form-fault", has_text="mark apex").wait_for()
    page.get_by_label("Kind").select_option("masked")
    page.get_by_label("Felt emotion").fill("fear")
    # The film stays in sight above the form.
    film, dock = page.locator(".screen").bounding_box(), page.locator("#dock").bounding_box()
    assert film["y"] >= -1
    assert film["y"] + film["height"] <= dock["y"] + 60
    assert faults_of(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
