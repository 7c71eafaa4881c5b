"""The Images page in a browser: pictures in, faces out, a model from a folder; by keyboard, and for screen readers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from micromask.app.web.server import Serving

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
def page(app_serving: Serving, plain_chromium: Any, signed_in: Callable[..., Any]) -> Iterator[Any]:
    phone = {"viewport": {"width": 390, "height": 800}, "color_scheme": "dark"}
    with signed_in(plain_chromium, app_serving.new_link(), "/images", **phone) as opened:
        yield opened


def test_pictures_become_faces_and_a_folder_becomes_a_model(
    page: Any, picture_folder: Path, tmp_path: Path, until: Callable[..., Any], faults_of: Callable[..., Any]
) -> None:
    assert "No model of seven emotions comes with micromask" in page.inner_text("#images")
    assert faults_of(page, "minor") == []

    # a model from a folder, by keyboard from the first field on
    page.focus("#folder")
    page.keyboard.type(str(picture_folder))
    page.keyboard.press("Tab")
    until(lambda: "happiness 3" in page.inner_text("#folder-found"))
    assert "the names do not tell who is in the pictures" in page.inner_text("#folder-found")
    page.select_option("#kind", "mmed-cnn")
    page.fill("#epochs", "1")
    page.fill("#title", "Quick")
    page.keyboard.press("Enter")
    until(lambda: "quick.safetensors: nobody can say how good this model is" in page.inner_text("#fits"))
    until(lambda: "was never measured" in page.inner_text("#model-list"))
    until(lambda: page.locator("#model option").count() == 2)

    # pictures, one of them torn, one of no bytes
    (tmp_path / "torn.jpg").write_bytes(b"nothing")
    (tmp_path / "empty.jpg").write_bytes(b"")
    face = sorted((picture_folder / "surprise").iterdir())[0]
    page.select_option("#model", "quick.safetensors")
    page.set_input_files("#files", [str(face), str(tmp_path / "torn.jpg"), str(tmp_path / "empty.jpg")])
    until(lambda: "empty.jpg: this file is empty" in page.inner_text("#coming-faults"))
    until(lambda: "1 face in 2 pictures" in page.inner_text("#batches"))
    assert faults_of(page, "minor") == []

    page.click("#batches a")
    until(lambda: page.locator("#rows .face").count() == 2)
    text = page.inner_text("#rows")
    assert face.name in text
    assert "is no picture that can be read" in text
    page.locator("#rows img").first.scroll_into_view_if_needed()
    until(lambda: page.evaluate("[...document.querySelectorAll('#rows img')].every((one) => one.naturalWidth === 256)"))
    assert page.locator("#rows img").count() == 2
    assert "was never measured" in page.inner_text("#described")
    assert faults_of(page, "minor") == []
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    with page.expect_download() as coming:
        page.click("text=Download the table")
    assert coming.value.suggested_filename == "predictions.csv"

    # a batch goes only when that was meant
    page.goto(page.url.rsplit("/", 1)[0])
    page.click("#batches button:has-text('Remove')")
    page.keyboard.press("Escape")
    assert page.locator("#batches .item").count() == 1
    page.click("#batches button:has-text('Remove')")
    page.click("#sure-yes")
    until(lambda: page.locator("#batches .item").count() == 0)


def test_a_folder_of_this_machine_is_chosen_and_read_in_place(
    page: Any, picture_folder: Path, until: Callable[..., Any], faults_of: Callable[..., Any]
) -> None:
    page.click("#browse")
    page.fill("#path", str(picture_folder))
    page.keyboard.press("Enter")
    until(lambda: "neutral" in page.inner_text("#folders"))
    page.click("#folders button:has-text('surprise')")
    until(lambda: page.inner_text("#inside").startswith("3 pictures here"))
    assert faults_of(page, "minor") == []
    page.click("#take")
    until(lambda: "3 faces in 3 pictures" in page.inner_text("#batches"))
    assert "in a folder of this machine" in page.inner_text("#batches")
    assert len(list((picture_folder / "surprise").iterdir())) == 3


def test_a_fit_without_a_folder_asks_for_one_and_what_is_refused_is_in_sight(
    page: Any, until: Callable[..., Any]
) -> None:
    page.set_viewport_size({"width": 1000, "height": 500})
    page.click("#fit-form [type=submit]")
    until(lambda: "Which folder?" in page.inner_text("#folder-found"))
    assert page.evaluate("document.activeElement.id") == "folder"
    page.fill("#folder", "/nowhere/to/be/found")
    page.click("#fit-form [type=submit]")
    until(lambda: page.locator("#says").is_visible())
    assert page.inner_text("#says").startswith("/nowhere/to/be/found")
    until(lambda: page.evaluate("document.getElementById('says').getBoundingClientRect().top >= 0"))


def test_a_double_click_fits_one_model(
    page: Any, picture_folder: Path, until: Callable[..., Any], no_workers: None
) -> None:
    page.fill("#folder", str(picture_folder))
    page.dblclick("#fit-form [type=submit]")
    until(lambda: page.locator("#fits li").count() > 0)
    page.reload()
    until(lambda: page.locator("#fits li").count() > 0)
    assert page.locator("#fits li").count() == 1
