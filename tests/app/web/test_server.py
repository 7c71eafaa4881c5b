"""The server itself: `micromask app` as a process, what it makes, what it tells, and what it does not send."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from micromask.app.cli import run
from micromask.app.web.refusals import bare_app
from micromask.app.web.server import opened_server
from micromask.app.workspace.locks import locked
from micromask.app.workspace.workers import LOCK
from micromask.core.errors import BadInputError


def test_the_workspace_is_made_in_the_home_folder_and_named_in_one_line(tmp_path: Path, client: Any) -> None:
    arguments = [sys.executable, "-c", "from micromask.app.cli import main; main()", "app", "--port", "0"]
    process = subprocess.Popen(
        [*arguments, "--no-browser"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"HOME": str(tmp_path), "PYTHONUNBUFFERED": "1"},
    )
    try:
        assert process.stdout is not None
        link = process.stdout.readline().strip()
        assert client(link).get("/api/jobs")
    finally:
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=30)
    address = link.split("/link/")[0]
    made = tmp_path / "micromask"
    assert said.splitlines() == [
        f"made {made}: films, results and models are kept there, readable by you only",
        f"micromask: serving on {address}, on this machine only; Ctrl-C stops it",
        "stopped; its links and sign-ins end with it",
    ]
    assert process.returncode == 0
    for path in (made, *made.rglob("*")):
        assert path.stat().st_mode & 0o077 == 0, path


def test_a_link_of_the_app_leads_to_analyse_and_the_pages_are_there_after_a_restart(
    workspace: Path, study: Path, app_process: Callable[..., Any], client: Any
) -> None:
    first = app_process(workspace)
    one = client(first.links[0])
    one.post("/api/studies/add", {"folder": str(study)})
    with one._opener.open(first.address) as page:
        assert page.url == f"{first.address}/analyse"
    assert "Traceback" not in first.end(signal.SIGKILL)
    second = app_process(workspace, first.port)
    two = client(second.links[0])
    assert two.get("/studies/study/api/coding/coders") == {"coders": [], "me": ""}
    assert "made " not in second.end(signal.SIGINT)


def test_a_workspace_has_one_server(workspace: Path, app_serving: Any) -> None:
    with pytest.raises(BadInputError, match="workspace is being served already"), opened_server(workspace=workspace):
        pass


def test_workers_that_cannot_begin_are_told_and_end_the_server(workspace: Path) -> None:
    with (
        locked(workspace / LOCK),
        opened_server(workspace=workspace) as serving,
        ThreadPoolExecutor(1) as thread,  # in this one a browser's own loop may be running
        pytest.raises(BadInputError, match="is open in another server already"),
    ):
        thread.submit(serving.run).result(30)


@pytest.mark.parametrize("what", ["a file", "other things"])
def test_a_folder_that_is_no_workspace_is_told_and_left_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], what: str
) -> None:
    place = tmp_path / "mine"
    if what == "a file":
        place.write_text("mine")
    else:
        place.mkdir()
        (place / "diary.txt").write_text("mine")
    before = sorted(tmp_path.rglob("*"))
    assert run(["app", str(place), "--port", "0", "--no-browser"]) == 2
    error = capsys.readouterr().err
    assert error.startswith(f"error: {place} ")
    assert len(error.splitlines()) == 1
    assert sorted(tmp_path.rglob("*")) == before


def test_a_study_that_is_none_stops_the_app_in_one_line(
    workspace: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["app", str(workspace), "--study", str(tmp_path / "nowhere"), "--port", "0", "--no-browser"]
    assert run(arguments) == 2
    assert f"error: {tmp_path / 'nowhere'} holds no study" in capsys.readouterr().err


def test_what_the_framework_measures_is_sent_nowhere_whatever_the_environment_says(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    fastapi = pytest.importorskip("fastapi.telemetry")
    assert fastapi is not None
    monkeypatch.setenv("FASTAPI_OTEL_AUTO_CONFIGURE", "true")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://192.0.2.1:4318")
    from starlette.testclient import TestClient

    app = bare_app()
    with TestClient(app) as client:  # with the environment's exporters this start would fail or send
        assert client.get("/").status_code == 404
    assert not app._native_telemetry.enabled()
    assert not app._telemetry["auto_configure"]
