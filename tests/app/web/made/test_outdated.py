"""A cohort says when its recordings have changed since it was made, and can be made again."""

from __future__ import annotations

from typing import Any

import pytest

from micromask.app.workspace.claims import claim, finish
from micromask.app.workspace.corrections.authors import author_named
from micromask.app.workspace.corrections.opinions import Told, corrected, say
from micromask.app.workspace.jobs import cancel, job, queue
from micromask.app.workspace.recordings import describe


@pytest.fixture
def two(add_result: Any) -> list[int]:
    return [
        add_result("ann.mp4", ["sadness"] * 2, "P1", "patients"),
        add_result("ben.mp4", ["anger"], "P2", "controls"),
    ]


@pytest.fixture
def number(browser: Any, two: list[int]) -> int:
    made = browser.post("/api/made/cohort", {"recordings": two})["number"]
    browser.work()
    return int(made)


def changed(browser: Any) -> list[str]:
    (one,) = browser.get("/api/made/cohort").json()["made"]
    page = browser.get(f"/cohort/{one['number']}").text
    assert ("Out of date" in page) == ("Make it again" in page) == bool(one["outdated"])
    assert all(line in page for line in one["outdated"])
    return list(one["outdated"])


def test_another_participant_or_group_is_said_until_it_is_as_before_or_made_again(browser, workspace, two, number):
    assert changed(browser) == []
    describe(workspace, two[0], participant="P7")
    assert changed(browser) == ["participant or group has changed: ann.mp4"]
    describe(workspace, two[0], participant="P1")
    assert changed(browser) == []
    describe(workspace, two[1], group="patients")
    assert changed(browser) == ["participant or group has changed: ben.mp4"]
    browser.post(f"/api/jobs/{number}/again")
    page = browser.get(f"/cohort/{number}").text
    assert "It is being made again. Until then this is how it was." in page
    browser.work()
    assert changed(browser) == []
    told = browser.get(f"/api/made/cohort/{number}/numbers").json()
    assert [row["group"] for row in told["groups"]] == ["patients"]


def test_what_people_correct_later_is_said(browser, workspace, two, number):
    (one,) = corrected(workspace, two[1])
    say(workspace, two[1], author_named(workspace, "Ada"), Told("reject", one.key))
    assert changed(browser) == ["corrected: ben.mp4"]


def test_a_new_analysis_is_said(browser, workspace, two, number):
    again = queue(workspace, "analyze", {}, recording=two[0])
    assert changed(browser) == []
    assert claim(workspace, 1) is not None
    assert changed(browser) == []
    finish(workspace, 1, again, "done", (1, 1, ""))
    assert changed(browser) == ["analysed again: ann.mp4"]


def test_many_changed_recordings_are_counted(browser, workspace, add_result):
    numbers = [add_result(f"{at}.mp4", ["sadness"], f"P{at}") for at in range(5)]
    browser.post("/api/made/cohort", {"recordings": numbers})
    browser.work()
    for each in numbers:
        describe(workspace, each, group="late")
    assert changed(browser) == ["participant or group has changed: 0.mp4, 1.mp4, 2.mp4 and 2 more"]


def test_one_whose_second_making_is_cancelled_is_shown_as_it_was(browser, workspace, two, number):
    describe(workspace, two[0], participant="P7")
    browser.post(f"/api/jobs/{number}/again")
    cancel(workspace, number)
    page = browser.get(f"/cohort/{number}").text
    assert "Making it again was cancelled. This is how it was before." in page
    assert "Make it again" in page
    (listed,) = browser.get("/api/made/cohort").json()["made"]
    assert (listed["state"], listed["there"], listed["words"] != "") == ("cancelled", True, True)
    assert job(workspace, number).state == "cancelled"
