"""The page Studies: what is listed, begun, added, read again and taken off the list."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from micromask.app.web.server import create_app
from micromask.app.web.studies.opened import OpenStudies
from micromask.studies.people import sha256_of

CONSENT = "We film your face and record your voice.\nYou can stop at any time.\n"


@pytest.fixture
def app_with(sign_in: Callable[..., TestClient]) -> Callable[..., TestClient]:
    """app_with(workspace=..., studies=...): signed in to it."""
    return lambda **what: sign_in(create_app(detector="haar", **what))


def opened(client: TestClient) -> OpenStudies:
    found: OpenStudies = client.app.state.studies  # type: ignore[attr-defined]
    return found


def test_the_app_begins_with_analyse_and_a_study_alone_with_itself(
    workspace: Path, study: Path, app_with: Callable[..., TestClient]
) -> None:
    assert app_with(workspace=workspace).get("/").headers["location"] == "/analyse"
    alone = app_with(studies=[study])
    assert alone.get("/").headers["location"] == "/studies/study/"
    assert alone.get("/studies/study").headers["location"] == "/studies/study/"
    assert "Nobody yet" in alone.get("/studies/study/").text


def test_a_server_of_a_study_alone_has_no_page_of_a_workspace_and_takes_no_other_study(
    study: Path, app_with: Callable[..., TestClient]
) -> None:
    alone = app_with(studies=[study])
    for path in ("/analyse", "/live", "/images", "/runs", "/compare", "/cohort", "/agree", "/api/jobs"):
        assert alone.get(path).status_code == 404, path
        assert path not in alone.get("/studies/study/").text
    assert alone.post("/api/studies", json={"title": "Mine", "template": "blank"}).status_code in (404, 405)
    assert alone.post("/api/studies/add", json={"folder": str(study)}).status_code in (404, 405)
    assert "<form" not in alone.get("/studies").text


def test_a_study_is_begun_from_a_template_under_its_own_title_for_its_owner_only(
    workspace: Path, app_with: Callable[..., TestClient]
) -> None:
    one = app_with(workspace=workspace)
    title = 'Smiles: "real" & {not} # so'
    made = one.post("/api/studies", json={"title": f"  {title} ", "template": "blank"})
    assert made.json() == {"key": "smiles-real-not-so"}
    folder = workspace / "studies" / "smiles-real-not-so"
    assert (folder.stat().st_mode & 0o777, (folder / "study.yaml").stat().st_mode & 0o777) == (0o700, 0o600)
    assert opened(one)["smiles-real-not-so"].state.design.title == title
    assert "Smiles: &#34;real&#34; &amp; {not} # so" in one.get("/studies").text
    assert one.get("/studies/smiles-real-not-so/").status_code == 200
    again = one.post("/api/studies", json={"title": title, "template": "mmed-fst"})
    assert again.json() == {"key": "smiles-real-not-so-2"}
    assert set(opened(app_with(workspace=workspace))) == {"smiles-real-not-so", "smiles-real-not-so-2"}


@pytest.mark.parametrize(
    "title", ["../../outside", "/etc/passwd", "..", "a/../../b", "\\..\\x", "CON", "名前", "x" * 120]
)
def test_a_title_never_becomes_a_path(workspace: Path, title: str, app_with: Callable[..., TestClient]) -> None:
    one = app_with(workspace=workspace)
    before = set(workspace.parent.iterdir())
    key = one.post("/api/studies", json={"title": title, "template": "blank"}).json()["key"]
    assert set(workspace.parent.iterdir()) == before
    assert [path.name for path in (workspace / "studies").iterdir()] == [key]
    assert opened(one)[key].state.design.title == title


@pytest.mark.parametrize(
    ("value", "line"),
    [
        ({"title": " ", "template": "blank"}, "a study wants a title of 1 to 120 letters"),
        ({"title": "x" * 121, "template": "blank"}, "a study wants a title of 1 to 120 letters"),
        ({"title": "Mine", "template": "../blank"}, "no template '../blank'"),
        ({"title": "Mine"}, "template: Field required"),
    ],
)
def test_a_study_that_cannot_be_begun_is_told_in_one_line(
    workspace: Path, value: dict[str, str], line: str, app_with: Callable[..., TestClient]
) -> None:
    answer = app_with(workspace=workspace).post("/api/studies", json=value)
    assert answer.status_code == 422
    assert line in answer.json()["error"]
    assert list((workspace / "studies").iterdir()) == []


def test_a_study_elsewhere_is_added_once_and_is_there_after_a_restart(
    workspace: Path, study: Path, app_with: Callable[..., TestClient]
) -> None:
    first = app_with(workspace=workspace)
    assert first.post("/api/studies/add", json={"folder": f" {study} "}).json() == {"key": "study"}
    assert first.post("/api/studies/add", json={"folder": f"{study}/../study"}).json() == {"key": "study"}
    assert list(opened(first)) == ["study"]
    second = app_with(workspace=workspace)
    assert opened(second)["study"].state.study == study
    assert "Faces and small talk" in second.get("/studies").text
    assert second.post("/api/studies/study/remove").json() == {"removed": "study"}
    assert second.get("/studies/study/").status_code == 404
    assert (study / "study.yaml").is_file()
    assert list(opened(app_with(workspace=workspace))) == []


def test_two_studies_of_one_name_have_keys_and_coders_of_their_own(
    workspace: Path, study: Path, tmp_path: Path, app_with: Callable[..., TestClient]
) -> None:
    other = Path(shutil.copytree(study, tmp_path / "elsewhere" / "study"))
    one = app_with(workspace=workspace, studies=[study, other])
    assert [opened(one)[key].state.study for key in ("study", "study-2")] == [study, other]
    one.post("/studies/study/api/coding/coders", json={"name": "ann"})
    assert one.get("/studies/study/api/coding/coders").json() == {"coders": ["ann"], "me": "ann"}
    assert one.get("/studies/study-2/api/coding/coders").json() == {"coders": [], "me": ""}
    assert one.get("/studies/study-2/api/coding/ann/films").status_code == 403


@pytest.mark.parametrize(
    "folder", ["", "study", "./study", "~nobody-of-that-name/x", "/nowhere/at/all", "/etc", "/etc\0"]
)
def test_what_is_no_study_is_not_added_and_nothing_is_left_in_it(
    workspace: Path, folder: str, app_with: Callable[..., TestClient]
) -> None:
    one = app_with(workspace=workspace)
    answer = one.post("/api/studies/add", json={"folder": folder})
    assert answer.status_code == 422
    assert "\n" not in answer.json()["error"]
    assert not Path("/etc/serving.lock").exists()


def test_a_folder_of_something_else_gets_no_file_of_ours(
    workspace: Path, tmp_path: Path, app_with: Callable[..., TestClient]
) -> None:
    (tmp_path / "diary").mkdir()
    answer = app_with(workspace=workspace).post("/api/studies/add", json={"folder": str(tmp_path / "diary")})
    assert "holds no study (no study.yaml)" in answer.json()["error"]
    assert list((tmp_path / "diary").iterdir()) == []


def test_a_study_with_a_mistake_is_listed_with_its_line_and_stops_no_other(
    workspace: Path, study: Path, app_with: Callable[..., TestClient]
) -> None:
    first = app_with(workspace=workspace)
    first.post("/api/studies/add", json={"folder": str(study)})
    first.post("/api/studies", json={"title": "Sound", "template": "blank"})
    plan = study / "study.yaml"
    good = plan.read_text()
    plan.write_text(good.replace("kinds: [micro]", "kinds: [mikro]"))
    second = app_with(workspace=workspace)
    assert list(opened(second)) == ["sound"]
    page = second.get("/studies").text
    assert "cannot be opened" in page
    assert "mikro" in page
    assert second.post("/api/studies/study/read").status_code == 422
    plan.write_text(good)
    assert second.post("/api/studies/study/read").json() == {"key": "study"}
    assert "cannot be opened" not in second.get("/studies").text
    assert second.get("/studies/study/").status_code == 200


def test_a_changed_plan_is_taken_over_but_not_under_a_session_that_runs(
    workspace: Path, study: Path, app_with: Callable[..., TestClient]
) -> None:
    one = app_with(workspace=workspace, studies=[study])
    plan = study / "study.yaml"
    ticket = one.post("/studies/study/api/consent", json={"text_sha256": sha256_of(CONSENT.strip())}).json()["ticket"]
    fields = {"age": "30", "gender": "female"}
    who = one.post("/studies/study/api/participants", json={"ticket": ticket, "fields": fields}).json()
    session = one.post("/studies/study/api/sessions", json=who).json()["session"]
    assert "a session is running" in one.get("/studies").text
    plan.write_text(plan.read_text().replace("Faces and small talk", "Faces and long talk"))
    refused = one.post("/api/studies/study/read")
    assert f"session {session} is running" in refused.json()["error"]
    one.post(f"/studies/study/api/sessions/{session}/end", json={"state": "stopped"})
    assert one.post("/api/studies/study/read").status_code == 200
    assert "Faces and long talk" in one.get("/studies/study/").text


def test_a_study_that_another_server_has_open_is_told_and_free_again_when_it_is_taken_off(
    app_serving: Any, client: Any, study: Path, serve_process: Callable[..., Any]
) -> None:
    import urllib.error

    one = client(app_serving.new_link())
    other = serve_process(study)
    with pytest.raises(urllib.error.HTTPError) as refused:
        one.post("/api/studies/add", {"folder": str(study)})
    assert b"is being served already" in refused.value.read()
    refused.value.close()
    other.end()
    assert one.post("/api/studies/add", {"folder": str(study)}) == {"key": "study"}
    one.post("/api/studies/study/remove")
    assert serve_process(study).address.startswith("http://127.0.0.1:")
