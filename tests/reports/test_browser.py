"""The report as a person meets it: opened from a file, in a real browser."""

from __future__ import annotations

import pytest

from micromask.reports.page import write_report

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def browser(plain_chromium):
    return plain_chromium


@pytest.fixture(scope="module")
def report(analysis, tmp_path_factory):
    path = tmp_path_factory.mktemp("report") / "report.html"
    write_report(analysis, path)
    return path


@pytest.fixture(scope="module")
def opened(browser, report):
    """A page that has drawn its timeline; whatever it complained about or asked for is in ``page.said``."""
    page = browser.new_page(viewport={"width": 1280, "height": 1000})
    page.said, page.asked = [], []
    page.on("console", lambda message: page.said.append(message.text))
    page.on("pageerror", lambda error: page.said.append(str(error)))
    page.on("request", lambda request: page.asked.append(request.url))
    page.goto(report.as_uri())
    page.wait_for_selector("#chart-0 .main-svg .scatterlayer path")
    yield page
    page.close()


def point_at(page, second, height):
    box = page.locator("#chart-0 .nsewdrag").first.bounding_box()
    page.mouse.move(box["x"] + second / 14 * box["width"], box["y"] + height * box["height"])
    return box


def test_the_page_draws_itself_in_silence_and_asks_for_nothing(opened, report):
    assert opened.said == []
    assert [address for address in opened.asked if not address.startswith("data:")] == [report.as_uri()]
    assert opened.locator("#chart-0 .heatmaplayer image").count() == 1
    assert opened.locator("article.card").count() == 4
    assert opened.evaluate("[...document.images].every(picture => picture.naturalWidth > 0)")


def test_pointing_at_an_interval_shows_its_times_and_clicking_it_goes_to_its_card(opened):
    opened.locator("#chart-0").scroll_into_view_if_needed()
    box = point_at(opened, 8.3, 0.5)
    told = opened.locator("#chart-0 .hoverlayer .hovertext").all_text_contents()
    assert any("3 · macro · positive 95 %" in text and "apex 8.300 s (frame 1660)" in text for text in told)
    opened.mouse.click(box["x"] + 8.3 / 14 * box["width"], box["y"] + 0.5 * box["height"])
    opened.wait_for_function("document.activeElement.id === 'expression-3'")
    assert opened.said == []


def test_no_button_of_the_timeline_sends_anything_away(opened):
    titles = opened.locator("#chart-0 .modebar-btn").evaluate_all("all => all.map(one => one.dataset.title)")
    assert sorted(titles) == ["Download plot", "Pan", "Reset axes", "Zoom", "Zoom in", "Zoom out"]


def test_onset_and_apex_change_places_from_the_keyboard(opened):
    card = opened.locator("#expression-1")
    before = card.locator("img.onset").get_attribute("src")
    button = card.get_by_role("button", name="Flip onset and apex")
    button.focus()
    opened.keyboard.press("Enter")
    assert button.get_attribute("aria-pressed") == "true"
    assert card.locator("img.onset").get_attribute("src") == card.locator("img.apex").get_attribute("src")
    opened.keyboard.press("Enter")
    assert card.locator("img.onset").get_attribute("src") == before


def test_arrows_can_be_taken_away(opened):
    arrows = opened.locator("#expression-1 .flow svg")
    assert arrows.is_visible()
    opened.get_by_label("arrows over the flow").uncheck()
    assert not arrows.is_visible()


def test_the_page_fits_windows_from_a_telephone_to_a_desk(opened):
    for width in (400, 768, 1600):
        opened.set_viewport_size({"width": width, "height": 900})
        opened.wait_for_timeout(300)
        assert opened.evaluate("document.documentElement.scrollWidth") <= width
        drawn = opened.locator("#chart-0 .main-svg").first.bounding_box()
        assert drawn["x"] >= 0
        assert drawn["x"] + drawn["width"] <= width
    assert opened.said == []


def test_the_timeline_is_narrow_enough_for_paper_and_wide_again_after(opened):
    opened.set_viewport_size({"width": 1280, "height": 900})
    opened.wait_for_function("document.querySelector('#chart-0 .main-svg').clientWidth > 900")
    opened.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    opened.wait_for_function("document.querySelector('#chart-0 .main-svg').clientWidth === 680")
    opened.evaluate("window.dispatchEvent(new Event('afterprint'))")
    opened.wait_for_function("document.querySelector('#chart-0 .main-svg').clientWidth > 900")
    assert opened.said == []
