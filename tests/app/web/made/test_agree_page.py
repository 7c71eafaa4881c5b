"""The page Agreement: two models on a film that a worker has analysed."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from micromask.app.workspace.recordings import add_and_queue

THREE = ("negative", "positive", "surprise")


@pytest.fixture
def smile(browser, workspace: Path, films: Path, tmp_path: Path) -> int:
    """A film with one interval, analysed."""
    film = Path(shutil.copy(films / "smile.mp4", tmp_path / "smile.mp4"))
    number, _ = add_and_queue(workspace, "smile.mp4", film, {"detector": "haar"}, participant="P1")
    browser.work()
    return number


def test_two_models_are_asked_about_the_intervals_that_the_analysis_found(browser, workspace, smile, model):
    model(workspace / "models" / "faces.safetensors", "mbcc-cnn", THREE[::-1], size=(32, 32))
    asked = {"first": "", "second": "faces.safetensors", "recordings": [smile]}
    number = browser.post("/api/made/agree", asked)["number"]
    browser.work()
    (listed,) = browser.get("/api/made/agree").json()["made"]
    assert (listed["state"], listed["line"]) == ("done", "")
    assert listed["words"].startswith("shipped and faces name the same emotion in")
    told = browser.get(f"/api/made/agree/{number}/numbers").json()
    (row,) = told["intervals"]
    assert (row["recording"], row["title"], row["participant"], row["number"]) == (str(smile), "smile.mp4", "P1", 1)
    analysed = browser.get(f"/api/recordings/{smile}").json()["intervals"][0]
    assert row["first"]["probabilities"] == pytest.approx(dict(analysed["probabilities"]), abs=1e-6)
    page = browser.get(f"/agree/{number}").text
    assert "Agreement is not accuracy" in page
    assert f'href="/recordings/{smile}"' in page
    report = browser.get(f"/agree/{number}/report")
    assert report.headers["content-security-policy"].startswith("sandbox ")
    assert "smile.mp4" in browser.get(f"/api/made/agree/{number}/table").text


def test_without_a_second_model_the_page_says_how_to_get_one(browser):
    page = browser.get("/agree").text
    assert "Only the model that comes with micromask is here" in page
    assert "Agreement is not accuracy" in page


@pytest.mark.parametrize(
    ("second", "line"),
    [
        ("", "choose two different ones"),
        ("gone.safetensors", "there is no model 'gone.safetensors' in this workspace"),
        ("../app.sqlite", "there is no model '../app.sqlite' in this workspace"),
        ("masks.safetensors", "no emotion is shared"),
        ("torn.safetensors", "torn.safetensors"),
    ],
)
def test_models_that_cannot_be_compared_are_refused_in_one_line(browser, workspace, add_result, model, second, line):
    model(workspace / "models" / "masks.safetensors", "mbcc-cnn", ("masked", "not masked"), size=(32, 32))
    (workspace / "models" / "torn.safetensors").write_bytes(b"torn")
    one = add_result("one.mp4", ["sadness"])
    asked = {"first": "", "second": second, "recordings": [one]}
    assert line in browser.post("/api/made/agree", asked, status=422)["error"]
