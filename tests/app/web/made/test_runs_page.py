"""The page Runs: evaluation runs on disk, their leaks, and runs side by side."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from micromask.app.workspace.eval_runs import eval_runs


@pytest.fixture
def runs(workspace: Path, write_toy: Callable[..., None]) -> dict[str, int]:
    """honest (four of twelve read rightly in one class: UF1 0.625), and one whose epoch was chosen on the test side."""
    write_toy(workspace / "runs" / "honest", 8)
    write_toy(workspace / "runs" / "old" / "as-published", 0, "as-published", page=None)
    return {one.name: one.number for one in eval_runs(workspace)}


def test_runs_are_listed_with_their_figures_and_their_leaks(browser, workspace, runs):
    honest, leaky = sorted(eval_runs(workspace), key=lambda one: one.name)
    assert (honest.name, leaky.name) == ("honest", "old/as-published")
    assert honest.found["figures"]["uf1"]["value"] == pytest.approx(0.625)
    assert honest.found["figures"]["uf1"]["interval"] == pytest.approx([0.420, 0.782], abs=1e-3)
    assert (honest.found["leaks"], [code for code, _ in leaky.found["leaks"]]) == ([], ["LK004"])
    page = browser.get("/runs").text
    assert "0.62" in page
    assert '<span class="tag bad" title="epoch, checkpoint or setting chosen on test data">LK004' in page


def test_a_runs_number_stays_its_own(workspace, runs, write_toy):
    write_toy(workspace / "runs" / "another", 2)
    assert {one.name: one.number for one in eval_runs(workspace)}.items() >= runs.items()


def test_a_report_runs_in_a_sandbox_and_only_where_there_is_one(browser, runs):
    report = browser.get(f"/runs/{runs['honest']}/report")
    assert report.text == "<p>it</p>"
    assert report.headers["content-security-policy"].startswith("sandbox ")
    assert "has no report" in browser.get(f"/runs/{runs['old/as-published']}/report", status=404).text
    assert "there is no run 99 here" in browser.get("/runs/99/report", status=422).text.lower()


def test_chosen_runs_are_compared_and_the_one_that_leaks_has_no_rank(browser, runs):
    asked = {"runs": list(runs.values()), "ensemble": True}
    number = browser.post("/api/made/compare-runs", asked)["number"]
    browser.work()
    told = browser.get(f"/api/made/compare-runs/{number}/numbers").json()
    assert told["words"] == "honest is the only run without a leak: UF1 0.625"
    assert [row["rank"] for row in told["runs"]] == [1, None, None]
    page = browser.get(f"/runs/comparisons/{number}")
    assert told["words"] in page.text
    assert page.headers["content-security-policy"].startswith("sandbox ")
    (listed,) = browser.get("/api/made/compare-runs").json()["made"]
    assert listed["words"] == told["words"]


def test_runs_of_other_people_are_refused_in_one_line(browser, workspace, runs, write_toy):
    write_toy(workspace / "runs" / "fewer", 2, people=10)
    (fewer,) = (one for one in eval_runs(workspace) if one.name == "fewer")
    browser.post("/api/made/compare-runs", {"runs": [runs["honest"], fewer.number]})
    browser.work()
    (listed,) = browser.get("/api/made/compare-runs").json()["made"]
    assert listed["state"] == "failed"
    assert "honest" in listed["line"]
    assert "\n" not in listed["line"]


@pytest.mark.parametrize("chosen", [[], ["honest"], ["honest", "honest"]])
def test_one_run_is_nothing_to_compare(browser, runs, chosen):
    answer = browser.post("/api/made/compare-runs", {"runs": [runs[name] for name in chosen]}, status=422)
    assert "choose two to 12 runs" in answer["error"]


def test_a_folder_elsewhere_is_added_and_taken_off_the_list_again(browser, workspace, tmp_path, write_toy):
    write_toy(tmp_path / "elsewhere" / "deep" / "mine", 4)
    (tmp_path / "empty").mkdir()
    assert "No run yet" in browser.get("/runs").text
    answer = browser.post("/api/runs/folders", {"path": str(tmp_path / "empty")}, status=422)
    assert "no run of 'micromask evaluate' in it" in answer["error"]
    assert browser.post("/api/runs/folders", {"path": str(tmp_path / "elsewhere")}) == {"runs": 1}
    (one,) = eval_runs(workspace)
    assert one.name == "deep/mine"
    assert "elsewhere" in browser.get("/runs").text
    browser.post("/api/runs/folders/1/leave")
    assert eval_runs(workspace) == ()
    assert (tmp_path / "elsewhere" / "deep" / "mine" / "results.json").is_file()
    assert "(any more)" in browser.post("/api/runs/folders/1/leave", status=422)["error"]


def test_a_run_that_cannot_be_read_says_why_and_does_not_hide_the_others(browser, workspace, runs):
    (workspace / "runs" / "torn").mkdir()
    (workspace / "runs" / "torn" / "results.json").write_text('{"format": "another/1"}')
    torn = next(one for one in eval_runs(workspace) if one.name == "torn")
    assert "format 'another/1'" in torn.why
    page = browser.get("/runs").text
    assert "evaluate again" in page
    assert "honest" in page
    answer = browser.post("/api/made/compare-runs", {"runs": [runs["honest"], torn.number]}, status=422)
    assert answer["error"].startswith("torn: ")
