"""Corrections and exports as the pages ask for them: two people, names, refusals, fetching a zip."""

from __future__ import annotations

import io
import zipfile

import pytest

from micromask.app.workspace.jobs import jobs

FIRST = "m0-20-25-30"
ACCEPT = {"does": "accept", "about": FIRST, "onset": 20, "apex": 25, "offset": 30, "emotion": "surprise"}
MISSED = {"does": "add", "onset": 100, "apex": 104, "offset": 108, "emotion": "disgust"}


@pytest.fixture
def kai(people):
    person = people()
    person.post("/api/corrections/me", {"name": "Kai"})
    return person


@pytest.fixture
def mia(people, kai):
    person = people()
    person.post("/api/corrections/me", {"name": "Mia"})
    return person


def test_nobody_corrects_without_a_name(people):
    person = people()
    told = person.get("/api/corrections/1")
    assert (told["me"], told["authors"], len(told["intervals"])) == ("", [], 2)
    assert person.post("/api/corrections/1", ACCEPT, 403)["error"].startswith("say who you are first")
    assert person.post("/api/corrections/me", {"name": "<b>"}, 422)["error"].startswith("a name has 1 to 40 letters")
    assert person.post("/api/corrections/me", {"name": "Kai"}) == {"me": "Kai", "authors": ["Kai"]}
    assert person.post("/api/corrections/1", ACCEPT)["intervals"][0]["opinions"][0]["author"] == "Kai"


def test_what_is_offered_are_the_recognisers_classes_and_the_usual_seven(kai):
    told = kai.get("/api/corrections/1")
    seven = ["anger", "contempt", "disgust", "fear", "happiness", "sadness"]
    assert told["emotions"] == ["negative", "positive", "surprise", *seven]
    assert told["faces"] == [0]


def test_two_browsers_see_what_the_other_said(kai, mia):
    before = mia.get("/api/corrections/1")
    assert mia.get(f"/api/corrections/1?after={before['version']}") == {"version": before["version"]}
    kai.post("/api/corrections/1", ACCEPT)
    kai.post("/api/corrections/1", MISSED)
    told = mia.get(f"/api/corrections/1?after={before['version']}")
    assert [[o["author"] for o in one["opinions"]] for one in told["intervals"]] == [["Kai"], [], ["Kai"]]
    assert (told["me"], told["undo"]) == ("Mia", 0)
    mia.post("/api/corrections/1", {"does": "reject", "about": FIRST})
    told = kai.post("/api/corrections/1/undo")
    assert [[o["author"] for o in one["opinions"]] for one in told["intervals"]] == [["Kai", "Mia"], []]
    assert (told["undo"], told["redo"]) == (1, 1)
    assert len(kai.post("/api/corrections/1/redo")["intervals"]) == 3
    assert (
        mia.post("/api/corrections/1/redo", status=422)["error"] == "there is nothing to redo for Mia in this recording"
    )


def test_a_page_of_an_old_analysis_is_told_to_load_again(kai, made, moved):
    version = kai.get("/api/corrections/1")["version"]
    made.analysed_again(moved(40, 45, 50))
    assert "load the page again" in kai.post("/api/corrections/1", ACCEPT, 422)["error"]
    assert "intervals" in kai.get(f"/api/corrections/1?after={version}")


def test_a_long_micro_expression_is_said_and_not_refused(kai):
    told = kai.post("/api/corrections/1", MISSED | {"onset": 88, "apex": 95})
    added = next(one for one in told["intervals"] if one["machine"] is None)
    assert added["stands"]["says"].startswith("called micro, and lasts 0.598 s")
    assert added["stands"]["kind"] == "micro"


@pytest.mark.parametrize(
    ("value", "line"),
    [
        ({"does": "delete"}, "this request is not in order: does"),
        (MISSED | {"kind": "tiny"}, "this request is not in order: kind"),
        (MISSED | {"offset": 99}, "onset, apex and offset must follow one another"),
        (MISSED | {"offset": "x"}, "this request is not in order: offset"),
    ],
)
def test_what_is_not_in_order_is_one_line(kai, value, line):
    assert kai.post("/api/corrections/1", value, 422)["error"].startswith(line)


def test_recordings_that_are_not_there_are_said_to_be(kai):
    assert "no recording 99" in kai.get("/api/corrections/99", 404)["error"]
    assert "this export is not here any more" in kai.get("/api/exports/99/file", 404)["error"]
    assert "no recording 99" in kai.post("/api/corrections/99", ACCEPT, 404)["error"]
    assert "no recording 99" in kai.post("/api/exports", {"recordings": [99], "parts": ["csv"]}, 422)["error"]


def test_a_short_export_is_there_at_once(kai):
    kai.post("/api/corrections/1", ACCEPT)
    told = kai.post("/api/exports", {"recordings": [1], "parts": ["csv", "elan", "json", "report"]})
    assert told["job"] is None
    answer = kai.client.get(f"/api/exports/{told['export']}/file")
    assert answer.headers["content-type"] == "application/zip"
    assert "Interview%207.zip" in answer.headers["content-disposition"]
    assert len(zipfile.ZipFile(io.BytesIO(answer.content)).namelist()) == 7
    listed = kai.get("/api/exports")
    assert [one["id"] for one in listed["exports"]] == [told["export"]]
    assert kai.post(f"/api/exports/{told['export']}/remove")["exports"] == []
    assert kai.client.get(f"/api/exports/{told['export']}/file").status_code == 404


def test_clips_are_a_job(kai, made):
    told = kai.post("/api/exports", {"recordings": [1], "parts": ["clips"], "slower": 4, "caption": "burnt"})
    assert told["export"] is None
    (job,) = jobs(made.workspace, "export")
    assert job.payload["cut"] == {"slower": 4, "around": 0.0, "caption": "burnt"}
    assert kai.get("/api/exports")["jobs"][0]["state"] == "queued"
    assert (
        "times slower" in kai.post("/api/exports", {"recordings": [1], "parts": ["clips"], "slower": 3}, 422)["error"]
    )


def test_the_report_page_shows_what_people_said_in_its_sandbox(kai):
    before = kai.client.get("/recordings/1/report")
    assert "After corrections" not in before.text
    kai.post("/api/corrections/1", {"does": "reject", "about": FIRST})
    after = kai.client.get("/recordings/1/report")
    assert "<b>Kai</b> rejected" in after.text
    assert after.headers["content-security-policy"].startswith("sandbox allow-scripts")


def test_the_export_page_lists_what_is_ready(kai, made, moved):
    made.another("Other <b>.mp4", moved(10, 12, 14), group="patients")
    page = kai.client.get("/exports?recording=1,x,99999999999999").text
    assert "Other &lt;b&gt;.mp4" in page
    assert page.count(" checked> <span>Interview 7.mp4") == 1
    assert " checked> <span>Other" not in page
    assert "Only patients" in page
