"""A recording that is removed is gone from every cohort and agreement, which are made again of the others."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from micromask.app.workspace.claims import claim
from micromask.app.workspace.jobs import MOST_WAITING, cancel, job, jobs, queue
from micromask.app.workspace.made import made_folder
from micromask.app.workspace.recordings import remove
from micromask.app.workspace.store import writing
from micromask.app.workspace.tidy import tidy
from micromask.app.workspace.work.kinds import works
from micromask.app.workspace.worker import do

TITLE, PERSON = "Annegret-first-talk.mp4", "Annegret-Z"


def found_in(workspace: Path, *words: str) -> list[str]:
    """The files of a workspace that hold one of some words; its database with what is not yet written back."""
    files = [path for path in workspace.rglob("*") if path.is_file()]
    return sorted(
        path.relative_to(workspace).parts[0]
        for path in files
        if any(one.encode() in path.read_bytes() for one in words)
    )


@pytest.fixture
def three(add_result: Any) -> list[int]:
    """Three recordings; the first is of somebody who wants to be forgotten."""
    return [
        add_result(TITLE, ["sadness"] * 3, PERSON, "patients"),
        add_result("ben.mp4", ["sadness"], "P2", "patients"),
        add_result("cem.mp4", ["happiness"], "P3", "controls"),
    ]


@pytest.fixture
def cohort(browser: Any, three: list[int]) -> int:
    """A cohort of the three, made."""
    number = browser.post("/api/made/cohort", {"recordings": three})["number"]
    browser.work()
    return int(number)


def test_what_was_told_of_a_recording_is_gone_with_it_and_the_rest_is_told_again(
    browser, workspace, three, cohort, put_agreement
):
    agreement = put_agreement(three, [TITLE, "ben.mp4", "cem.mp4"], [PERSON, "P2", "P3"])
    assert set(found_in(workspace, TITLE, PERSON)) >= {"cohorts", "agreements"}
    browser.post(f"/api/analyse/{three[0]}/remove")
    assert {one.split("/")[0] for one in found_in(workspace, TITLE, PERSON)} <= {"app.sqlite-wal"}
    assert not made_folder(workspace, "cohort", cohort).exists()
    assert not made_folder(workspace, "agree", agreement).exists()
    waiting = [(one.id, one.kind, one.payload["recordings"]) for one in jobs(workspace) if one.state == "queued"]
    assert waiting == [(cohort, "cohort", three[1:]), (agreement, "agree", three[1:])]
    page = browser.get(f"/cohort/{cohort}").text
    assert "A recording that was in it was removed" in page
    assert "waiting to be made" in page
    browser.work()
    told = browser.get(f"/api/made/cohort/{cohort}/numbers").json()
    assert [row["number"] for row in told["recordings"]] == three[1:]
    assert [row["participant"] for row in told["participants"]] == ["P3", "P2"]
    assert "this is made from the others" in browser.get(f"/cohort/{cohort}").text
    assert TITLE not in browser.get(f"/cohort/{cohort}/report").text
    (listed,) = browser.get("/api/made/cohort").json()["made"]
    assert (listed["state"], listed["of"], listed["removed"], listed["outdated"]) == ("done", 2, 1, [])


def test_what_has_no_recording_left_is_removed(browser, workspace, add_result, put_agreement):
    one = add_result(TITLE, ["sadness"], PERSON)
    number = browser.post("/api/made/cohort", {"recordings": [one]})["number"]
    browser.work()
    agreement = put_agreement([one], [TITLE], [PERSON])
    remove(workspace, one)
    for kind, gone in (("cohort", number), ("agree", agreement)):
        assert browser.get(f"/api/made/{kind}").json()["made"] == []
        assert not made_folder(workspace, kind, gone).exists()
        browser.get(f"/{kind}/{gone}", status=404)


def test_what_a_recording_is_not_in_stays_as_it_is(browser, workspace, three):
    number = browser.post("/api/made/cohort", {"recordings": three[1:]})["number"]
    browser.work()
    before = job(workspace, number)
    remove(workspace, three[0])
    assert job(workspace, number) == before
    assert browser.get(f"/api/made/cohort/{number}/numbers").json()["recordings"]


def test_one_that_is_being_made_is_begun_anew_without_it_and_what_its_worker_made_is_not_kept(
    browser, workspace, three, monkeypatch
):
    """The recording is removed after the worker has read it, and before it puts the result in its place."""
    number = browser.post("/api/made/cohort", {"recordings": three})["number"]
    make = works["cohort"]

    def made_meanwhile(place: Path, one: Any, tell: Any) -> None:
        def said(done: int, total: int, line: str) -> None:
            if line.startswith("drawing"):
                remove(workspace, three[0])
            tell(done, total, line)

        make(place, one, said)

    monkeypatch.setitem(works._entries, "cohort", made_meanwhile)
    one = claim(workspace, 1)
    do(workspace, 1, one)
    monkeypatch.undo()
    assert found_in(workspace / "cohorts", TITLE) == []
    assert list((workspace / "scratch").iterdir()) == []
    (again,) = [one for one in jobs(workspace) if one.kind == "cohort"]
    assert (again.state, again.payload["recordings"]) == ("queued", three[1:])
    assert again.id > number
    browser.work()
    told = browser.get(f"/api/made/cohort/{again.id}/numbers").json()
    assert [row["number"] for row in told["recordings"]] == three[1:]


def test_no_full_queue_keeps_a_recording(workspace, three, cohort):
    for _ in range(MOST_WAITING):
        queue(workspace, "short", {})
    remove(workspace, three[0])
    assert job(workspace, cohort).state == "queued"


def test_one_that_was_cancelled_before_it_was_made_stays_cancelled_and_forgets_the_recording(browser, workspace, three):
    number = browser.post("/api/made/cohort", {"recordings": three})["number"]
    cancel(workspace, number)
    remove(workspace, three[0])
    assert (job(workspace, number).state, job(workspace, number).payload["recordings"]) == ("cancelled", three[1:])


KILLED = """
import os, sys
from pathlib import Path
from micromask.app.workspace import recordings

workspace, number, after = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
name = "tidy_made_in" if after == "files" else "_remove_files"
does = getattr(recordings, name)

def and_die(*given, **more):
    does(*given, **more)
    os._exit(9)

setattr(recordings, name, and_die)
recordings.remove(workspace, number)
"""


@pytest.mark.parametrize("after", ["film", "files"])
def test_a_server_that_is_killed_in_between_leaves_nothing_told_and_the_rest_is_made_again(
    browser, workspace, three, cohort, after
):
    """Killed once the film is gone, and once the cohort's files are gone; nothing is in the database by then."""
    ended = subprocess.run([sys.executable, "-c", KILLED, workspace, str(three[0]), after], check=False, timeout=120)
    assert ended.returncode == 9
    tidy(workspace)  # as a server does when it begins
    told = made_folder(workspace, "cohort", cohort)
    assert told.exists() == (after == "film")
    browser.post(f"/api/analyse/{three[0]}/remove")  # it is in the list still
    assert not told.exists()
    assert found_in(workspace / "cohorts", TITLE, PERSON) == found_in(workspace / "scratch", TITLE, PERSON) == []
    browser.work()
    numbers = browser.get(f"/api/made/cohort/{cohort}/numbers").json()
    assert [row["number"] for row in numbers["recordings"]] == three[1:]


def test_a_workspace_from_before_is_brought_in_order_when_it_is_opened(browser, workspace, three, cohort):
    """As an older version left it: the recording is gone, what was told of it is not."""
    with writing(workspace) as store:
        store.execute("DELETE FROM recording WHERE id = ?", (three[0],))
    tidy(workspace)
    assert found_in(workspace / "cohorts", TITLE, PERSON) == []
    browser.work()
    assert len(browser.get(f"/api/made/cohort/{cohort}/numbers").json()["recordings"]) == 2


def test_the_question_before_it_is_removed_names_what_it_is_in(browser, three, cohort, put_agreement):
    alone = put_agreement(three[:1], [TITLE], [PERSON])
    held = browser.get(f"/api/analyse/{three[0]}/held").json()
    assert [(one["kind"], one["number"], one["left"]) for one in held["made"]] == [
        ("cohort", cohort, 2),
        ("agree", alone, 0),
    ]
    assert held["made"][0]["words"].startswith("How often each emotion was shown")
    assert held["exports"] == 0
    assert [one["number"] for one in browser.get(f"/api/analyse/{three[1]}/held").json()["made"]] == [cohort]
    assert "(any more)" in browser.get("/api/analyse/99/held", status=422).json()["error"]
