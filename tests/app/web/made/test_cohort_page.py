"""The page Cohort: from recordings with known results to rates, a table and files to keep."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest

from micromask.app.workspace.corrections.opinions import Told, corrected, say
from micromask.app.workspace.recordings import describe, remove
from micromask.app.workspace.tidy import tidy


def made(browser: Any, numbers: list[int], which: str = "all") -> tuple[int, dict[str, Any]]:
    number = browser.post("/api/made/cohort", {"which": which, "recordings": numbers})["number"]
    browser.work()
    return number, browser.get(f"/api/made/cohort/{number}/numbers").json()


def test_groups_with_known_counts_have_the_known_rates(browser, two_groups):
    number, told = made(browser, two_groups)
    assert told["words"] == "More often: all emotions together in patients; sadness in patients"
    rates = {(row["group"], rate["emotion"]): rate for row in told["groups"] for rate in row["rates"]}
    assert rates["patients", "sadness"]["value"] == pytest.approx(7.0)
    assert rates["patients", "sadness"]["minutes"] == pytest.approx(5.0)
    assert rates["controls", "sadness"]["value"] == pytest.approx(2.0)
    page = browser.get(f"/cohort/{number}").text
    assert told["words"] in page
    assert "sadness, controls less patients: higher in patients: -5.00 per minute" in page
    (listed,) = browser.get("/api/made/cohort").json()["made"]
    assert (listed["state"], listed["words"], listed["of"]) == ("done", told["words"], 10)


def test_what_people_corrected_counts_as_they_corrected_it(browser, workspace, add_result):
    one = add_result("one.mp4", ["sadness", "sadness", "happiness"], "P1", minutes=2)
    first, second, _ = corrected(workspace, one)
    from micromask.app.workspace.corrections.authors import author_named

    me = author_named(workspace, "Ada")
    say(workspace, one, me, Told("reject", first.key))
    say(workspace, one, me, Told("correct", second.key, 0, 5, 6, 7, "macro", "anger"))
    _, told = made(browser, [one])
    assert {rate["emotion"]: rate["count"] for rate in told["recordings"][0]["rates"]} == {
        None: 2,
        "anger": 1,
        "happiness": 1,
    }
    _, macro = made(browser, [one], "macro")
    assert {rate["emotion"]: rate["value"] for rate in macro["recordings"][0]["rates"]} == {None: 0.5, "anger": 0.5}


def test_recordings_of_one_name_are_told_apart_and_an_uncorrected_one_beside_a_corrected_one_is_warned_of(
    browser, workspace, add_result
):
    from micromask.app.workspace.corrections.authors import author_named

    numbers = [add_result("film.mp4", ["sadness"], "P1"), add_result("film.mp4", ["sadness"], "P2")]
    say(workspace, numbers[0], author_named(workspace, "Ada"), Told("reject", corrected(workspace, numbers[0])[0].key))
    _, told = made(browser, numbers)
    assert [row["recording"] for row in told["recordings"]] == ["film.mp4", f"film.mp4 ({numbers[1]})"]
    assert [row["number"] for row in told["recordings"]] == numbers
    assert any(line.startswith("People corrected 1 of 2") for line in told["cautions"])


def test_the_table_and_the_report_hold_the_same_numbers(browser, two_groups):
    number, told = made(browser, two_groups)
    answer = browser.get(f"/api/made/cohort/{number}/table")
    assert "attachment" in answer.headers["content-disposition"]
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    (sad,) = [row for row in rows if (row["of"], row["name"], row["emotion"]) == ("group", "patients", "sadness")]
    assert (float(sad["per_minute"]), sad["way"]) == (pytest.approx(7.0), "bootstrap")
    report = browser.get(f"/cohort/{number}/report")
    assert report.headers["content-security-policy"].startswith("sandbox ")
    assert told["words"] in report.text


def test_who_is_on_a_recording_is_taken_when_it_is_worked_out(browser, workspace, add_result):
    one = add_result("one.mp4", ["sadness"])
    describe(workspace, one, participant="P7", group="late")
    _, told = made(browser, [one])
    assert told["participants"][0]["participant"] == "P7"


@pytest.mark.parametrize(
    ("asked", "line"),
    [
        ({"recordings": []}, "choose a recording that has results"),
        ({"recordings": [99]}, "there is no recording 99 here"),
    ],
)
def test_what_cannot_be_worked_out_is_refused_in_one_line(browser, asked, line):
    assert line in browser.post("/api/made/cohort", asked, status=422)["error"]


def test_one_whose_only_recording_is_removed_before_it_is_made_is_gone(browser, workspace, add_result):
    one = add_result("one.mp4", ["sadness"])
    number = browser.post("/api/made/cohort", {"recordings": [one]})["number"]
    remove(workspace, one)
    assert browser.get("/api/made/cohort").json()["made"] == []
    assert "(any more)" in browser.get(f"/cohort/{number}", status=404).text


def test_one_that_waits_says_so_on_its_page(browser, add_result):
    number = browser.post("/api/made/cohort", {"recordings": [add_result("one.mp4", ["sadness"])]})["number"]
    page = browser.get(f"/cohort/{number}").text
    assert "waiting to be made" in page
    assert "Make it again" not in page
    assert "is not ready yet" in browser.get(f"/cohort/{number}/report", status=422).text


def test_one_that_is_removed_is_gone_with_its_files(browser, workspace, two_groups):
    number, _ = made(browser, two_groups)
    assert (workspace / "cohorts" / str(number)).is_dir()
    browser.post(f"/api/made/cohort/{number}/remove")
    assert not (workspace / "cohorts" / str(number)).exists()
    assert browser.get("/api/made/cohort").json()["made"] == []
    assert "(any more)" in browser.get(f"/cohort/{number}", status=404).text


def test_a_folder_that_a_killed_server_left_is_removed_when_the_next_one_starts(browser, workspace, two_groups):
    number, _ = made(browser, two_groups)
    (workspace / "cohorts" / "99").mkdir()
    tidy(workspace)
    assert [path.name for path in (workspace / "cohorts").iterdir()] == [str(number)]


def test_a_cohort_is_no_agreement(browser, two_groups):
    number, _ = made(browser, two_groups)
    assert f"here is no agreement {number} here" in browser.get(f"/agree/{number}", status=404).text
    browser.get("/api/made/pictures", status=422)


def test_the_files_of_a_cohort_are_their_owners_only(browser, workspace, two_groups):
    number, _ = made(browser, two_groups)
    folder = workspace / "cohorts" / str(number)
    assert {path.name: path.stat().st_mode & 0o777 for path in folder.iterdir()} == {
        "report.html": 0o600,
        "numbers.json": 0o600,
        "table.csv": 0o600,
    }


def test_the_page_names_recordings_that_have_results_and_who_is_on_them(browser, add_result):
    assert "No recording has results yet" in browser.get("/cohort").text
    add_result("a<b>.mp4", ["sadness"], "P1", "g")
    page = browser.get("/cohort").text
    assert "a&lt;b&gt;.mp4" in page
    assert "P1, g" in page
