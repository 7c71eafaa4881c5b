"""The Analyse page's requests, without workers: the rows of the queue are set by hand."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from micromask.app.web.server import create_app
from micromask.app.workspace.corrections.authors import author_named
from micromask.app.workspace.corrections.opinions import Told, say, undo
from micromask.app.workspace.jobs import MOST_WAITING, job, jobs, queue
from micromask.app.workspace.recordings import add_and_queue, recordings, results_of
from micromask.app.workspace.shown import PLAYED
from micromask.app.workspace.store import writing
from micromask.core.types import Analysis, Evidence, Expression, FaceSummary, MaskedInterval, Recording
from micromask.reports.document import write_document

EVIDENCE = Evidence(face_px=120, fps=25, blur=90, head_motion=0.2)


@dataclass
class Browser:
    client: TestClient

    def get(self, path: str, status: int = 200) -> Any:
        answer = self.client.get(path)
        assert answer.status_code == status, answer.text
        return answer.json()

    def post(self, path: str, value: object = None, status: int = 200) -> Any:
        answer = self.client.post(path, json=value or {})
        assert answer.status_code == status, answer.text
        return answer.json()


@pytest.fixture
def browser(workspace: Path, sign_in: Callable[..., TestClient]) -> Browser:
    return Browser(sign_in(create_app(workspace=workspace)))


def add(workspace: Path, title: str, state: str = "queued", line: str = "", done: int = 0, total: int = 0) -> int:
    part = workspace / "uploads" / "part"
    part.write_bytes(b"film")
    number, of = add_and_queue(workspace, title, part, {})
    with writing(workspace) as store:
        store.execute(
            "UPDATE job SET state = ?, line = ?, done = ?, total = ? WHERE id = ?", (state, line, done, total, of)
        )
    return number


def expression(kind: str, emotion: str) -> Expression:
    return Expression(0, 10, 12, 15, 0.4, 0.48, 0.6, kind, 3.0, ("brows",), EVIDENCE, {emotion: 1.0})  # type: ignore[arg-type]


ANALYSIS = Analysis(
    recording=Recording("film", Path("film.mp4"), 25, 100, (240, 320)),
    frames=100,
    seconds=4,
    faces=(FaceSummary(0, 0, 99, 1.0, 120),),
    expressions=(expression("micro", "surprise"), expression("macro", "positive"), expression("micro", "surprise")),
    events=(),
    timelines=(),
    detector="haar",
    recognizer="none",
    settings={},
    cautions=("slow",),
)


def write_results(workspace: Path, number: int, analysis: Analysis) -> None:
    folder = results_of(workspace, number)
    folder.mkdir()
    write_document(analysis, folder / "analysis.json")
    (folder / "timeline.parquet").write_bytes(b"")
    (workspace / "films" / str(number) / PLAYED).write_bytes(b"")


def test_the_list_is_newest_first_and_says_how_far_each_recording_is(workspace: Path, browser: Browser) -> None:
    add(workspace, "a.mp4", "running", "following the face", 30, 200)
    add(workspace, "b.mp4", "failed", "b.mp4: is no film")
    add(workspace, "c.mp4")
    add(workspace, "d.mp4")
    told = browser.get("/api/analyse")["recordings"]
    assert [(one["title"], one["state"], one["place"], one["why"]) for one in told] == [
        ("d.mp4", "waiting", 2, ""),
        ("c.mp4", "waiting", 1, ""),
        ("b.mp4", "failed", None, "b.mp4: is no film"),
        ("a.mp4", "working", None, ""),
    ]
    assert told[3]["job"] == {"done": 30, "total": 200, "line": "following the face"}
    assert {one["found"] for one in told} == {None}


def test_what_was_found_is_counted_and_counted_anew_when_the_results_change(workspace: Path, browser: Browser) -> None:
    number = add(workspace, "a.mp4", "done")
    write_results(workspace, number, ANALYSIS)
    found = browser.get("/api/analyse")["recordings"][0]["found"]
    assert (found["micro"], found["macro"], found["masked"], found["faces"], found["cautions"]) == (2, 1, 0, 1, 1)
    assert found["emotions"] == {"surprise": 2, "positive": 1}
    smile = MaskedInterval(0, 10, 12, 15, 0.4, 0.48, 0.6, "still", 0.9, (9, 12, 16), (), ())  # type: ignore[arg-type]
    write_document(replace(ANALYSIS, expressions=(), masked=(smile,)), results_of(workspace, number) / "analysis.json")
    found = browser.get("/api/analyse")["recordings"][0]["found"]
    assert (found["micro"], found["macro"], found["masked"], found["emotions"]) == (0, 0, 1, {})


def test_what_people_corrected_counts_in_the_list_and_names_them(workspace: Path, browser: Browser) -> None:
    number = add(workspace, "a.mp4", "done")
    write_results(workspace, number, replace(ANALYSIS, expressions=(ANALYSIS.expressions[0],)))
    assert browser.get("/api/analyse")["recordings"][0]["found"]["by"] == []
    author_named(workspace, "ann")
    say(workspace, number, "ann", Told("reject", "m0-10-12-15"))
    found = browser.get("/api/analyse")["recordings"][0]["found"]
    assert (found["micro"], found["emotions"], found["by"]) == (0, {}, ["ann"])
    undo(workspace, number, "ann")
    found = browser.get("/api/analyse")["recordings"][0]["found"]
    assert (found["micro"], found["emotions"], found["by"]) == (1, {"surprise": 1}, [])


def test_results_that_cannot_be_read_do_not_stop_the_list(workspace: Path, browser: Browser) -> None:
    number = add(workspace, "a.mp4", "done")
    write_results(workspace, number, ANALYSIS)
    (results_of(workspace, number) / "analysis.json").write_text("{", encoding="utf-8")
    assert browser.get("/api/analyse")["recordings"][0]["found"] is None


def test_a_participant_and_a_group_are_kept_one_at_a_time(workspace: Path, browser: Browser) -> None:
    number = add(workspace, "a.mp4")
    assert browser.post(f"/api/analyse/{number}", {"participant": " P 1\n"}) == {"participant": "P 1", "group": ""}
    assert browser.post(f"/api/analyse/{number}", {"group": "controls"}) == {"participant": "P 1", "group": "controls"}
    assert "no recording 77" in browser.post("/api/analyse/77", {"group": "x"}, 422)["error"]


def test_one_is_cancelled_and_queued_again_as_it_was_asked_for(workspace: Path, browser: Browser) -> None:
    number = add(workspace, "a.mp4")
    browser.post(f"/api/analyse/{number}/cancel")
    assert browser.get("/api/analyse")["recordings"][0]["state"] == "cancelled"
    browser.post(f"/api/analyse/{number}/again")
    assert browser.get("/api/analyse")["recordings"][0]["state"] == "waiting"
    assert len(jobs(workspace)) == 1


def test_all_that_wait_are_cancelled_and_all_that_failed_are_queued(workspace: Path, browser: Browser) -> None:
    for title, state in [("a", "running"), ("b", "queued"), ("c", "failed"), ("d", "cancelled"), ("e", "queued")]:
        add(workspace, title, state)
    other = queue(workspace, "magnify", {})
    assert browser.post("/api/analyse/cancel-waiting") == {"cancelled": 2}
    assert browser.post("/api/analyse/again-failed") == {"queued": 1}
    states = {one["title"]: one["state"] for one in browser.get("/api/analyse")["recordings"]}
    assert states == {"a": "working", "b": "cancelled", "c": "waiting", "d": "cancelled", "e": "cancelled"}
    assert job(workspace, other).state == "queued"


def test_a_recording_is_analysed_anew_with_other_options(workspace: Path, browser: Browser) -> None:
    number = add(workspace, "a.mp4", "done")
    made = browser.post(f"/api/analyse/{number}/anew", {"detector": "dlib", "threshold": 2, "model": "none"})["job"]
    payload = job(workspace, made).payload
    assert (payload["detector"], payload["floor"], payload["recognise"], payload["model"]) == ("dlib", 2, False, None)
    assert "in the queue already" in browser.post(f"/api/analyse/{number}/anew", {}, 422)["error"]


@pytest.mark.parametrize(
    ("options", "line"),
    [
        ({"detector": "mtccn"}, "did you mean 'mtcnn'"),
        ({"flow": "../dis"}, "no flow method '../dis'"),
        ({"threshold": 0}, "threshold: Input should be greater than 0"),
        ({"threshold": "nan"}, "threshold"),
        ({"magnify": 51}, "magnify"),
        ({"face": "-1"}, "face"),
        ({"model": "../weights.safetensors"}, "there is no model '../weights.safetensors' in this workspace"),
    ],
)
def test_options_that_make_no_sense_are_refused_in_one_line(
    workspace: Path, browser: Browser, options: dict[str, Any], line: str
) -> None:
    number = add(workspace, "a.mp4", "done")
    told = browser.post(f"/api/analyse/{number}/anew", options, 422)["error"]
    assert line in told
    assert "\n" not in told
    assert len(jobs(workspace)) == 1


def test_a_removed_recording_is_gone_with_its_files(workspace: Path, browser: Browser) -> None:
    number = add(workspace, "a.mp4", "done")
    write_results(workspace, number, ANALYSIS)
    browser.post(f"/api/analyse/{number}/remove")
    assert browser.get("/api/analyse")["recordings"] == []
    assert not results_of(workspace, number).exists()
    assert not (workspace / "films" / str(number)).exists()
    assert "any more" in browser.post(f"/api/analyse/{number}/cancel", {}, 422)["error"]


def folder_with(tmp_path: Path, *names: str) -> Path:
    folder = tmp_path / "films of mine"
    folder.mkdir()
    for name in names:
        (folder / name).write_bytes(b"film")
    return folder


def test_films_of_a_folder_are_taken_where_they_are(workspace: Path, browser: Browser, tmp_path: Path) -> None:
    folder = folder_with(tmp_path, "a.mp4", "b.MOV")
    asked = {"path": str(folder), "names": ["a.mp4", "b.MOV", "gone.mp4"], "participant": "P1", "group": "g"}
    told = browser.post("/api/analyse/folder", asked | {"options": {"face": "all"}})
    assert told == {"failed": [{"name": "gone.mp4", "why": f"gone.mp4: is not in {folder} any more"}], "left": []}
    listed = browser.get("/api/analyse")["recordings"]
    assert [(one["title"], one["outside"], one["participant"], one["group"]) for one in listed] == [
        ("b.MOV", True, "P1", "g"),
        ("a.mp4", True, "P1", "g"),
    ]
    assert [one.payload["face"] for one in jobs(workspace)] == ["all", "all"]
    browser.post(f"/api/analyse/{listed[0]['id']}/remove")
    assert (folder / "b.MOV").is_file()


def test_a_folder_of_pictures_is_taken_as_one_recording(workspace: Path, browser: Browser, tmp_path: Path) -> None:
    folder = folder_with(tmp_path, "1.png", "2.png")
    assert browser.post("/api/analyse/folder", {"path": str(folder), "names": [""]}) == {"failed": [], "left": []}
    (one,) = recordings(workspace)
    assert (one.title, one.film, one.outside) == ("films of mine", folder, True)


@pytest.mark.parametrize("name", ["../a.mp4", "/etc/passwd", "sub/a.mp4", "..", ".", "notes.txt", "a.mp4\0"])
def test_a_name_that_leads_out_of_the_folder_is_no_film_of_it(
    workspace: Path, browser: Browser, tmp_path: Path, name: str
) -> None:
    folder = folder_with(tmp_path, "notes.txt")
    (tmp_path / "a.mp4").write_bytes(b"film")
    (folder / "sub").mkdir()
    (folder / "sub" / "a.mp4").write_bytes(b"film")
    told = browser.post("/api/analyse/folder", {"path": str(folder), "names": [name]})
    assert len(told["failed"]) == 1
    assert jobs(workspace) == ()


def test_a_full_queue_leaves_the_rest_of_a_folder_for_later(workspace: Path, browser: Browser, tmp_path: Path) -> None:
    for _ in range(MOST_WAITING - 1):
        queue(workspace, "magnify", {})
    folder = folder_with(tmp_path, "a.mp4", "b.mp4", "c.mp4")
    told = browser.post("/api/analyse/folder", {"path": str(folder), "names": ["a.mp4", "b.mp4", "c.mp4"]})
    assert told == {"failed": [], "left": ["b.mp4", "c.mp4"]}
    assert [one["title"] for one in browser.get("/api/analyse")["recordings"]] == ["a.mp4"]


def test_the_page_offers_what_is_there_to_choose(workspace: Path, browser: Browser) -> None:
    (workspace / "models" / "broken.safetensors").write_bytes(json.dumps({}).encode())
    page = browser.client.get("/analyse").text
    for word in ("mtcnn", "haar", "dlib", "tvl1", "shipped: the model"):
        assert word in page
    assert "broken" not in page
    assert 'style="' not in page
    assert "<script>" not in page
