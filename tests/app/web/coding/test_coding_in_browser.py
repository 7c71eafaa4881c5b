"""Coding in headless Chromium: by keyboard, two coders, and the very frame that the server means on the screen."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from micromask.app.web.server import Serving, opened_server
from micromask.studies.coding import labels_of
from micromask.studies.store import open_store
from micromask.studies.undo import steps

pytestmark = pytest.mark.browser

BITS = 8
SIZE = (96, 64)


@pytest.fixture
def serving(study: Path, running: Callable[..., Any]) -> Iterator[Serving]:
    with opened_server(studies=[study]) as ready, running(ready):
        yield ready


@pytest.fixture
def browse(plain_chromium: Any, serving: Serving, signed_in: Callable[..., Any]) -> Callable[..., Any]:
    """browse(coder): a page of a browser of that coder's own, signed in; faults of its scripts fail the test."""

    @contextmanager
    def open_page(coder: str) -> Iterator[Any]:
        size = {"width": 1280, "height": 720}
        with signed_in(plain_chromium, serving.new_link(), "/studies/study/coding", viewport=size) as page:
            page.locator("#name").fill(coder)
            page.keyboard.press("Enter")
            page.get_by_role("link", name="Code P01").wait_for()
            yield page

    return open_page


def open_film(page: Any, coder: str, recording: int = 1) -> None:
    address = page.url.split("/studies/")[0]
    page.goto(f"{address}/studies/study/coding/{coder}/{recording}")
    page.locator("#coding[data-ready=yes]").wait_for()


def press(page: Any, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def saved(page: Any) -> None:
    page.locator("#state.saved").wait_for()


def strip(page: Any) -> list[str]:
    return [words.strip() for words in page.locator("#strip .said").all_inner_texts()]


def test_three_frames_are_coded_by_keyboard_one_is_undone_and_a_second_coder_sees_nothing_of_it(study, browse):
    with browse("ann") as page:
        page.get_by_role("link", name="Code P01").focus()
        press(page, "Enter")
        page.locator("#coding[data-ready=yes]").wait_for()
        press(page, "2", "Shift+Digit4", "x")
        page.keyboard.type("1, L15B")
        press(page, "Enter", "n", "Enter", "3", "w")
        page.keyboard.type("a smile?")
        press(page, "Enter", "u")
        page.locator("#strip li:nth-child(3) .said:text-is('happiness')").wait_for()
        press(page, "u")
        page.locator("#strip li:nth-child(3) .said:text-is('')").wait_for()
        assert page.locator("#number").inner_text().startswith("Frame 3 ")
        press(page, "k", "ArrowUp", "1")
        page.locator("#strip li:nth-child(2) .said:text-is('happy but sad')").wait_for()
        saved(page)
        page.reload()
        page.locator("#coding[data-ready=yes]").wait_for()
        assert strip(page)[:3] == ["sadness", "no expression", ""]
        assert page.locator("#state").inner_text() == "all is saved"
        with browse("ben") as other:
            open_film(other, "ben")
            assert set(strip(other)) == {""}
            press(other, "1")
            saved(other)
            press(page, "Enter", "1")
            saved(page)
        page.reload()
        page.locator("#coding[data-ready=yes]").wait_for()
        assert strip(page)[:4] == ["sadness", "no expression", "", "anger"]
    told = {label.decision.number: label.decision for label in labels_of(study, "ann", 1)}
    first = told[1]
    assert (first.emotion, first.confidence, [str(unit) for unit in first.action_units]) == (
        "sadness",
        4,
        ["1", "L15B"],
    )
    masked = [label for label in labels_of(study, "ann", 1) if label.decision.kind == "masked"]
    assert [(label.decision.emotion, label.felt, label.decision.covered) for label in masked] == [
        ("happy_but_sad", "sadness", ("mouth",))
    ]
    assert [(label.decision.number, label.decision.emotion) for label in labels_of(study, "ben", 1)] == [(1, "anger")]


def test_an_interval_is_marked_labelled_changed_and_removed_by_keyboard(study, browse):
    with browse("ann") as page:
        open_film(page, "ann")
        press(page, "j", "o", *["ArrowRight"] * 5, "a", "Shift+ArrowRight", "f", "3")
        saved(page)
        assert [
            (label.decision.onset, label.decision.apex, label.decision.offset) for label in labels_of(study, "ann", 1)
        ] == [(30, 35, 45)]
        press(page, "ArrowLeft", "f")
        page.locator("#intervals button:text-is('30–35–44 happiness')").wait_for()
        saved(page)
        assert len(labels_of(study, "ann", 1)) == 1
        press(page, "Delete")
        page.locator("#intervals button").wait_for(state="detached")
        press(page, "u")
        page.locator("#intervals button:text-is('30–35–44 happiness')").wait_for()


def test_what_is_typed_stays_when_the_server_says_no_or_is_gone(study, serving, browse):
    with browse("ann") as page:
        open_film(page, "ann")
        press(page, "1", "x")
        page.keyboard.type("smiles")
        press(page, "Enter")
        page.locator("#state.bad").wait_for()
        assert "wanted" in page.locator("#state").inner_text() or "such as 4" in page.locator("#state").inner_text()
        assert page.locator("#units").input_value() == "smiles"
        assert page.locator("#units").get_attribute("aria-invalid") == "true"
        page.locator("#units").fill("6")
        press(page, "Enter")
        saved(page)
        page.context.set_offline(True)
        press(page, "2", "w")
        page.keyboard.type("while the server was away")
        press(page, "Enter")
        page.locator("#state.bad").wait_for()
        assert "does not answer" in page.locator("#state").inner_text()
        page.context.set_offline(False)
        page.locator("#unsaved").click()
        saved(page)
        assert page.locator("#unsaved").is_hidden()
    told = [
        (label.decision.number, label.decision.emotion, label.decision.note) for label in labels_of(study, "ann", 1)
    ]
    assert told == [(1, "anger", ""), (2, "sadness", "while the server was away")]


def test_typing_fast_saves_each_label_once(study, browse):
    with browse("ann") as page:
        open_film(page, "ann")
        for emotion in ("1", "2", "3", "n", "t", "1", "2"):
            press(page, emotion, "Enter")
        page.locator("#done:text-is('7 of 7 coded')").wait_for()
        saved(page)
    told = [label.decision.emotion for label in labels_of(study, "ann", 1)]
    assert told == ["anger", "sadness", "happiness", "", "cannot tell", "anger", "sadness"]
    assert steps(study, "ann", 1).undo == 7


READ = """
() => {
  const video = document.getElementById("film");
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [video.videoWidth, video.videoHeight];
  const pen = canvas.getContext("2d");
  pen.drawImage(video, 0, 0);
  let number = 0;
  for (let bit = 0; bit < BITS; bit++) {
    const x = ((2 * bit + 1) * canvas.width) / (2 * BITS);
    if (pen.getImageData(x, canvas.height / 2, 1, 1).data[0] > 127) number |= 1 << bit;
  }
  return number;
}
""".replace("BITS", str(BITS))


def write_counting_film(path: Path, times: np.ndarray, how: str) -> None:
    """A film whose pictures say their number in bars; ``live`` is as browsers record: no length, no index."""
    codec, container = ("libx264", "mp4") if how == "mp4" else ("libvpx", "webm")
    options = {"live": "1"} if how == "live" else {}
    with av.open(str(path), "w", format=container, options=options) as film:
        stream = film.add_stream(codec, rate=30, options={"g": "40"})
        stream.width, stream.height, stream.pix_fmt = *SIZE, "yuv420p"
        stream.bit_rate = 2_000_000
        stream.codec_context.time_base = Fraction(1, 1000)
        for number, seconds in enumerate(times):
            bars = np.repeat([255 if number >> bit & 1 else 0 for bit in range(BITS)], SIZE[0] // BITS)
            picture = np.repeat(np.tile(bars.astype(np.uint8), (SIZE[1], 1))[:, :, None], 3, axis=2)
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            frame.pts, frame.time_base = round(seconds * 1000), Fraction(1, 1000)
            film.mux(stream.encode(frame))
        film.mux(stream.encode(None))


@pytest.mark.parametrize("how", ["mp4", "live"])
def test_the_frame_on_the_screen_is_the_one_that_is_named(study, browse, until_in, how):
    """A film of irregular times, stepped along, jumped in and played: the picture's own number is the page's."""
    gaps = np.random.default_rng(4).choice([0.02, 0.033, 0.05, 0.066], size=150)
    ending = "mp4" if how == "mp4" else "webm"
    path = study / "films" / "P01" / f"1-counting.{ending}"
    write_counting_film(path, np.cumsum(gaps), how)
    with open_store(study) as store:
        store.execute(
            "UPDATE recording SET path = ?, mime = ?, bytes = ? WHERE id = 1",
            (f"films/P01/{path.name}", f"video/{ending}", path.stat().st_size),
        )
    with browse("ann") as page:
        open_film(page, "ann")

        def seen(index: int) -> int:
            page.locator(f'#film[data-frame="{index}"]').wait_for()
            return page.evaluate(READ)

        press(page, "ArrowDown", "ArrowUp")
        index = int(page.locator("#along").input_value())
        for key, by in [("ArrowRight", 1), ("ArrowRight", 1), ("ArrowLeft", -1), ("Shift+ArrowRight", 10)] * 3:
            press(page, key)
            index += by
            assert seen(index) == index
        page.locator("#along").evaluate("(along) => { along.value = 140; along.dispatchEvent(new Event('input')); }")
        assert seen(140) == 140
        page.locator("#along").evaluate("(along) => { along.value = 20; along.dispatchEvent(new Event('input')); }")
        assert seen(20) == 20
        press(page, ",", " ")
        until_in(page, "Number(document.getElementById('along').value) > 26")
        press(page, " ")
        page.locator("#film[data-frame]").wait_for()
        index = int(page.locator("#along").input_value())
        assert seen(index) == index > 26


def test_the_pages_have_no_serious_fault_for_people_who_use_keyboard_or_screen_reader(study, browse, faults_of):
    with browse("ann") as page:
        found = {}
        open_film(page, "ann")
        press(page, "1", "Enter", "k", "1")
        saved(page)
        found["film"] = faults_of(page)
        press(page, "?")
        found["keys"] = faults_of(page)
        with browse("ben") as other:
            open_film(other, "ben")
            press(other, "2", "Enter")
            saved(other)
            found["choice"] = faults_of(other.goto(other.url.split("/ben")[0]) and other)
            other.goto(f"{other.url.rstrip('/')}/agreement")
            other.locator("[data-ready=yes]").wait_for()
            found["agreement"] = faults_of(other)
        assert {name: faults for name, faults in found.items() if faults} == {}
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert page.evaluate("document.documentElement.scrollHeight <= innerHeight")
