"""The Images page in a browser: pictures in, faces out, a model from a folder; by keyboard, and for screen readers."""

from __future__ import annotations

from pathlib import Path
from time import monotonic, sleep
from typing import Any

import pytest
from axe_core_python.sync_playwright import Axe

from micromask.app.web.server import Serving

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def until(question: Any, seconds: float = 120.0) -> None:
    ends = monotonic() + seconds
    while not question():
        assert monotonic() < ends
        sleep(0.1)


def faults_of(page: Any) -> list[str]:
    return [f"{one['id']}: {one['nodes'][0]['html']}" for one in Axe().run(page)["violations"]]


@pytest.fixture
def page(app_serving: Serving, plain_chromium: Any) -> Any:
    context = plain_chromium.new_context(viewport={"width": 390, "height": 800}, color_scheme="dark")
    context.set_default_timeout(20_000)
    made = context.new_page()
    broken: list[str] = []
    made.on("pageerror", lambda error: broken.append(str(error)))
    outside: list[str] = []
    made.on("request", lambda request: outside.append(request.url) if "127.0.0.1" not in request.url else None)
    made.goto(app_serving.new_link())
    made.goto(f"{app_serving.address}/images")
    yield made
    context.close()
    assert broken == []
    assert [url for url in outside if not url.startswith(("data:", "blob:"))] == []


def test_pictures_become_faces_and_a_folder_becomes_a_model(page: Any, picture_folder: Path, tmp_path: Path) -> None:
    assert "No model of seven emotions comes with micromask" in page.inner_text("#images")
    assert faults_of(page) == []

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
    assert faults_of(page) == []

    page.click("#batches a")
    until(lambda: page.locator("#rows .face").count() == 2)
    text = page.inner_text("#rows")
    assert face.name in text
    assert "is no picture that can be read" in text
    page.locator("#rows img").first.scroll_into_view_if_needed()
    until(lambda: page.evaluate("[...document.querySelectorAll('#rows img')].every((one) => one.naturalWidth === 256)"))
    assert page.locator("#rows img").count() == 2
    assert "was never measured" in page.inner_text("#described")
    assert faults_of(page) == []
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


def test_a_folder_of_this_machine_is_chosen_and_read_in_place(page: Any, picture_folder: Path) -> None:
    page.click("#browse")
    page.fill("#path", str(picture_folder))
    page.keyboard.press("Enter")
    until(lambda: "neutral" in page.inner_text("#folders"))
    page.click("#folders button:has-text('surprise')")
    until(lambda: page.inner_text("#inside").startswith("3 pictures here"))
    assert faults_of(page) == []
    page.click("#take")
    until(lambda: "3 faces in 3 pictures" in page.inner_text("#batches"))
    assert "in a folder of this machine" in page.inner_text("#batches")
    assert len(list((picture_folder / "surprise").iterdir())) == 3
