"""The page of an evaluation as a person meets it: opened from a file, in a real browser."""

from __future__ import annotations

import pytest

from micromask.reports.evaluation import render

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def browser(plain_chromium):
    return plain_chromium


@pytest.mark.parametrize(("width", "height"), [(1280, 720), (390, 720)])
def test_the_page_draws_itself_in_silence_and_fits_its_window(browser, document, tmp_path, width, height):
    path = tmp_path / "report.html"
    path.write_text(render(document), encoding="utf-8")
    page = browser.new_page(viewport={"width": width, "height": height})
    said, asked = [], []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    page.goto(path.as_uri())
    for name in ("roc", "reliability", "loss", "accuracy"):
        page.wait_for_selector(f"#chart-{name} .main-svg .scatterlayer path", state="attached")
    assert said == []
    assert [address for address in asked if not address.startswith("data:")] == [path.as_uri()]
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.close()
