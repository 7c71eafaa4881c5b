"""The page of a recording in headless Chromium: the frame that is shown is the frame that is meant."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

pytestmark = [pytest.mark.browser, pytest.mark.slow]

VARIABLE, FAST, BROKEN = 1, 2, 3


READ = """
() => {
  const video = document.getElementById("film");
  const canvas = new OffscreenCanvas(video.videoWidth, 1);
  const pen = canvas.getContext("2d");
  pen.drawImage(video, 0, video.videoHeight / 2, video.videoWidth, 1, 0, 0, video.videoWidth, 1);
  let number = 0;
  for (let bit = 0; bit < 8; bit++) {
    if (pen.getImageData(((2 * bit + 1) * video.videoWidth) / 16, 0, 1, 1).data[0] > 125) number |= 1 << bit;
  }
  return number;
}
"""


@pytest.fixture
def stands_at(until_in: Callable[..., Any]) -> Callable[[Any, int], None]:
    """stands_at(page, frame): the film stands still at a frame: the page says so, and the picture does."""

    def look_at(page: Any, frame: int) -> None:
        page.locator(f'#film[data-frame="{frame}"]').wait_for()
        until_in(page, "document.getElementById('film').paused && !document.getElementById('film').seeking")
        assert page.evaluate(READ) == frame
        assert page.locator("#where").inner_text().endswith(f"· frame {frame}")

    return look_at


TELL = "([name, detail]) => document.dispatchEvent(new CustomEvent(`micromask:${name}`, { detail }))"


def turns(numbers: list[int]) -> list[list[int]]:
    """The numbers that were shown, cut where a loop begins again."""
    cuts = [0, *(place + 1 for place in np.flatnonzero(np.diff(numbers) < 0)), len(numbers)]
    return [numbers[one:two] for one, two in pairwise(cuts)]


@pytest.mark.parametrize(
    ("number", "onset", "offset", "seconds"),
    [(VARIABLE, 20, 27, 9.0), (FAST, 60, 75, 5.0), (BROKEN, 30, 40, 12.0)],
    ids=["variable", "200 frames/s", "breaks off"],
)
def test_a_click_on_an_interval_plays_it_slowly_from_onset_to_offset_and_never_beyond(
    look: Callable[..., Any],
    number: int,
    onset: int,
    offset: int,
    seconds: float,
    until_in: Callable[..., Any],
    stands_at: Callable[..., None],
) -> None:
    with look(number) as page:
        page.evaluate("window.taken.length = 0; window.heard = []")
        page.evaluate("document.addEventListener('micromask:interval', ({ detail }) => window.heard.push(detail))")
        page.locator("[data-interval='1']").click()
        until_in(page, f"window.taken.includes({onset})")
        assert page.locator("#film").evaluate("(film) => film.playbackRate") == 0.125
        page.wait_for_timeout(1000 * seconds)
        taken = page.evaluate("window.taken")
        taken = taken[taken.index(onset) :]
        assert set(taken) <= set(range(onset, offset + 1))
        assert {onset, offset} <= set(taken)
        begun = turns(taken)
        assert len(begun) >= 3, taken
        assert all(turn[0] == onset and turn[-1] == offset for turn in begun[:-1]), taken
        assert all((np.diff(turn) >= 0).all() for turn in begun)
        (heard,) = page.evaluate("window.heard")
        assert (heard["onset"], heard["offset"], heard["face"]) == (onset, offset, 0)
        page.keyboard.press("Home")
        stands_at(page, onset)
        page.keyboard.press("End")
        stands_at(page, offset)


@pytest.mark.parametrize("number", [VARIABLE, FAST, BROKEN], ids=["variable", "200 frames/s", "breaks off"])
def test_steps_and_jumps_show_the_very_frame_that_is_named(
    look: Callable[..., Any], number: int, until_in: Callable[..., Any], stands_at: Callable[..., None]
) -> None:
    with look(number) as page:
        last = int(page.locator("#along").get_attribute("max"))
        at = 0
        stands_at(page, 0)
        for key, by in [("ArrowRight", 1), ("ArrowRight", 1), ("Shift+ArrowRight", 10), ("ArrowLeft", -1)] * 2:
            page.keyboard.press(key)
            at += by
            stands_at(page, at)
        for _ in range(7):
            page.keyboard.press("ArrowRight")  # faster than the film can follow
        stands_at(page, at + 7)
        for where in (last, 3, last - 1, last // 2):
            page.locator("#along").evaluate(
                "(along, to) => { along.value = to; along.dispatchEvent(new Event('input')); }", where
            )
            stands_at(page, where)
        page.keyboard.press("Shift+ArrowLeft")
        page.keyboard.press("Space")
        until_in(page, f"window.now > {last // 2 + 5}")
        page.keyboard.press("Space")
        page.locator("#film[data-frame]").wait_for()
        where = int(page.locator("#film").get_attribute("data-frame"))
        stands_at(page, where)


def test_a_film_that_breaks_off_says_so_and_ends_where_it_ends(
    look: Callable[..., Any], stands_at: Callable[..., None]
) -> None:
    with look(BROKEN) as page:
        last = int(page.locator("#along").get_attribute("max"))
        assert last < 80
        assert f"The film breaks off at frame {last + 1} of 90" in page.locator(".notes[open]").inner_text()
        page.locator("#speeds [data-speed='2']").click()
        page.keyboard.press("Space")
        stands_at(page, last)
        assert page.locator("#play").inner_text() == "Play"


def test_loop_with_nothing_chosen_plays_the_first_interval(
    look: Callable[..., Any], until_in: Callable[..., Any]
) -> None:
    with look(VARIABLE) as page:
        page.locator("#loop").click()
        until_in(page, "window.taken.includes(20)")
        assert page.locator("#loop").get_attribute("aria-pressed") == "true"
        assert page.locator("[data-interval='1']").get_attribute("aria-pressed") == "true"


def test_speeds_are_from_an_eighth_to_twice(look: Callable[..., Any]) -> None:
    with look(FAST) as page:
        rate = "document.getElementById('film').playbackRate"
        page.keyboard.press("Space")
        for key, wanted in [(".", 2), (",", 1), (",", 0.5), (",", 0.25), (",", 0.125), (",", 0.125)]:
            page.keyboard.press(key)
            assert page.evaluate(rate) == wanted
            pressed = page.locator("#speeds [aria-pressed=true]")
            assert float(pressed.get_attribute("data-speed")) == wanted
        page.keyboard.press("Space")


def drawn(page: Any, x: float, y: float) -> bool:
    """Whether anything is drawn over a pixel of the film, or the next one."""
    return page.evaluate(
        """([x, y]) => {
          const [over, film] = [document.getElementById("over"), document.getElementById("film")];
          const scale = Math.min(film.clientWidth / film.videoWidth, film.clientHeight / film.videoHeight);
          const left = (film.clientWidth - film.videoWidth * scale) / 2;
          const top = (film.clientHeight - film.videoHeight * scale) / 2;
          const dense = over.width / film.clientWidth;
          const [across, down] = [(left + x * scale) * dense - 2, (top + y * scale) * dense - 2];
          const { data } = over.getContext("2d").getImageData(across, down, 5, 5);
          return data.some((value, place) => place % 4 === 3 && value > 100);
        }""",
        [x, y],
    )


def test_what_lies_over_the_film_belongs_to_the_frame_that_is_shown(
    look: Callable[..., Any], to_picture: Callable[[int, int], Any], stands_at: Callable[..., None]
) -> None:
    """The face of the results goes one pixel to the right in every frame: the box and the regions go along."""
    from micromask.faces.align import aligned_landmarks, apply

    points = aligned_landmarks(50)
    with look(FAST) as page:
        assert not drawn(page, 20, 70)
        page.keyboard.press("1")
        for frame in (1, 11, 21):
            page.keyboard.press("ArrowRight" if frame == 1 else "Shift+ArrowRight")
            stands_at(page, frame)
            page.locator(f'#over[data-drawn="{frame}"]').wait_for(state="attached")
            x0, y0 = points.min(0) + [10 + frame, 60]
            assert drawn(page, x0, y0 + 15)
            assert not drawn(page, x0 - 8, y0 + 15)
            assert not drawn(page, x0 + 8, y0 + 15)
        page.keyboard.press("1")
        page.keyboard.press("3")
        # the left eye's region: an ellipse of 0.32 x 0.2 of the distance between the eyes around the eye's middle
        eye = aligned_landmarks(128)[42:48].mean(0)
        for away, seen in (((0.32 * 48, 0), True), ((0, 0), False)):
            x, y = apply(to_picture(0, 21), eye + np.array(away))
            page.wait_for_timeout(200)
            assert drawn(page, float(x), float(y)) is seen
        page.keyboard.press("3")
        page.keyboard.press("2")
        page.wait_for_timeout(200)
        assert drawn(page, *(points[30] + [10 + 21, 60]))


def test_flow_and_strain_of_a_paused_frame_are_shown_and_said(
    look: Callable[..., Any], until_in: Callable[..., Any]
) -> None:
    with look(FAST) as page:
        page.keyboard.press("4")
        assert page.locator("#motion-words").inner_text() == "Flow and strain are those of an interval: choose one."
        page.locator("[data-interval='1']").click()
        assert "pause it" in page.locator("#motion-words").inner_text()
        page.keyboard.press("Enter")
        page.locator("#motion[data-ready=yes]").wait_for()
        words = page.locator("#motion-words").inner_text()
        assert words.startswith("From frame 60 (onset) to frame 66. Flow: full colour is ")
        assert "% of the distance between the eyes or more" in words
        assert page.locator("#wheel").evaluate("(wheel) => wheel.complete && wheel.naturalWidth") == 112
        until_in(page, "document.getElementById('over').dataset.drawn === '66'")
        page.keyboard.press("5")
        page.locator("#motion-words", has_text="Strain: full colour is a stretch of").or_(
            page.locator("#motion-words", has_text="strain: full colour is a stretch of")
        ).wait_for()
        page.keyboard.press("ArrowRight")
        page.locator("#motion-words", has_text="to frame 67").wait_for()
        page.keyboard.press("Home")
        page.locator("#motion-words", has_text="are shown after the onset of expression 1").wait_for()


def test_an_interval_is_magnified_by_a_worker_and_plays_beside_itself(
    look: Callable[..., Any], until_in: Callable[..., Any]
) -> None:
    with look(FAST) as page:
        page.locator("[data-interval='1']").click()
        page.locator("#magnify").click()
        page.locator("#magnified-film").wait_for(state="visible", timeout=60_000)
        until_in(page, "document.getElementById('magnified-film').readyState >= 2")
        assert page.locator("#magnified-film").evaluate("(film) => film.duration") == pytest.approx(16 / 200, abs=0.006)
        assert page.locator("#magnified-film").evaluate("(film) => film.playbackRate") == 0.125
        until_in(page, "!document.getElementById('magnified-film').paused")
        assert page.locator("#magnify").is_disabled()
        page.reload()
        page.locator("#recording[data-ready=yes]").wait_for()
        page.locator("[data-interval='1']").click()
        page.locator("#magnified-film").wait_for(state="visible")


def x_of(page: Any, seconds: float, whole: float) -> float:
    """Where a second lies on the timeline while all of it is seen, px from its left."""
    width = page.locator("#timeline").evaluate("(canvas) => canvas.clientWidth")
    return 96 + seconds / whole * (width - 96 - 10)


def test_the_timeline_is_in_step_chooses_scrubs_and_zooms(
    look: Callable[..., Any], until_in: Callable[..., Any], stands_at: Callable[..., None]
) -> None:
    with look(FAST) as page:
        canvas = page.locator("#timeline")
        canvas.click(position={"x": x_of(page, 66.5 / 200, 1.0), "y": 60})
        page.locator("tr.chosen [data-interval='1']").wait_for()
        until_in(page, "window.now >= 60 && window.now <= 75")
        canvas.click(position={"x": x_of(page, 150.5 / 200, 1.0), "y": 60})
        stands_at(page, 150)
        assert page.locator("#loop").get_attribute("aria-pressed") == "false"
        canvas.hover(position={"x": x_of(page, 66.5 / 200, 1.0), "y": 60})
        under = page.locator("#under").inner_text()
        assert under == "0.333 s · frame 66 · strength 3.50 % · expression 1, micro, surprise 70 %"
        box = canvas.bounding_box()
        page.mouse.move(box["x"] + x_of(page, 0.1, 1.0), box["y"] + 40)
        page.mouse.down()
        page.mouse.move(box["x"] + x_of(page, 0.2, 1.0), box["y"] + 40)
        page.mouse.move(box["x"] + x_of(page, 20.5 / 200, 1.0), box["y"] + 40)
        page.mouse.up()
        stands_at(page, 20)
        page.keyboard.press("9")
        canvas.hover(position={"x": 98, "y": 60})
        # the interval with at least a quarter of a second around it
        first = int(page.locator("#under").inner_text().split("frame ")[1].split(" ")[0])
        assert first == pytest.approx(10, abs=2)
        page.keyboard.press("0")
        canvas.hover(position={"x": 98, "y": 60})
        assert page.locator("#under").inner_text().startswith("0.00")


def test_several_faces_have_a_row_each_and_their_own_intervals(
    look: Callable[..., Any], until_in: Callable[..., Any]
) -> None:
    with look(VARIABLE) as page:
        buttons = page.locator("#faces button")
        assert buttons.all_inner_texts() == ["Face 0", "Face 1"]
        assert page.locator("#faces [aria-pressed=true]").inner_text() == "Face 0"
        page.keyboard.press("]")
        page.keyboard.press("]")
        page.locator("tr.chosen [data-interval='2']").wait_for()
        assert page.locator("#faces [aria-pressed=true]").inner_text() == "Face 1"
        until_in(page, "window.now >= 40 && window.now <= 64")
        assert page.locator("#chosen-about").inner_text().startswith("Face 1 · lasts ")
        page.locator("#timeline").click(position={"x": 40, "y": 40})
        assert page.locator("#faces [aria-pressed=true]").inner_text() == "Face 0"
        shown = page.locator("#chosen-chances .chance").all_inner_texts()
        assert [" ".join(row.split()) for row in shown] == ["surprise 70.0 %", "negative 20.0 %", "positive 10.0 %"]
        assert page.locator("#chosen-regions li").all_inner_texts() == ["left mouth", "left brow"]
        assert "The face is only 70 px wide" in page.locator("#chosen-cautions").inner_text()


def test_others_can_play_show_and_mark_through_events(
    look: Callable[..., Any], until_in: Callable[..., Any], stands_at: Callable[..., None]
) -> None:
    with look(FAST) as page:
        page.evaluate(TELL, ["show", {"frame": 120}])
        stands_at(page, 120)
        page.evaluate("window.frames2 = []")
        page.evaluate("document.addEventListener('micromask:frame', ({ detail }) => window.frames2.push(detail))")
        page.evaluate("window.taken.length = 0")
        page.evaluate(TELL, ["loop", {"face": 0, "onset": 100, "offset": 104}])
        until_in(page, "window.taken.filter((one) => one === 104).length >= 2")
        taken = page.evaluate("window.taken")
        assert set(taken[taken.index(100) :]) <= set(range(100, 105))
        heard = page.evaluate("window.frames2.at(-1)")
        assert heard["playing"] is True
        assert heard["seconds"] == pytest.approx(heard["frame"] / 200)
        high = page.locator("#timeline").evaluate("(canvas) => canvas.clientHeight")
        page.evaluate(TELL, ["marks", [{"face": 0, "onset": 90, "offset": 99, "counts": True}]])
        until_in(page, f"document.getElementById('timeline').clientHeight > {high}")


def test_the_page_is_left_to_whoever_types(look: Callable[..., Any], stands_at: Callable[..., None]) -> None:
    with look(FAST) as page:
        page.keyboard.press("?")
        page.locator("#keys[open]").wait_for()
        page.locator("#single").uncheck()
        page.locator("#keys-close").click()
        page.keyboard.press("1")
        assert page.locator("[data-over=box]").get_attribute("aria-pressed") == "false"
        page.keyboard.press("ArrowRight")
        stands_at(page, 1)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_the_page_works_with_screen_readers_in_the_dark_and_on_a_phone(
    look: Callable[..., Any], scheme: str, width: int, faults_of: Callable[..., Any]
) -> None:
    with look(VARIABLE, viewport={"width": width, "height": 844}, color_scheme=scheme) as page:
        page.locator("[data-interval='1']").click()
        page.locator("[data-over=flow]").click()
        page.locator("#chosen").wait_for()
        assert faults_of(page) == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
