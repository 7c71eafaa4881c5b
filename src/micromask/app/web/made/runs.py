"""The page Runs: evaluation runs with their figures and leaks, their reports, and runs side by side."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.responses import Response

from micromask.app.web.analyse.api import Workspace
from micromask.app.web.analyse.folders import open_folder
from micromask.app.web.look import page, report_response
from micromask.app.workspace.eval_runs import add_run_folder, eval_run, eval_runs, leave_run_folder, run_folders
from micromask.app.workspace.made import PAGE, made_file
from micromask.app.workspace.work.compare_runs import KIND, MOST
from micromask.evaluation.run_files import FILES

pages = APIRouter(prefix="/runs")
api = APIRouter(prefix="/api/runs")

SELECTIONS = {
    "inner": "epoch chosen on people of the training side",
    "last": "last epoch, nothing chosen",
    "as-published": "epoch chosen on the test side",
}


class Where(BaseModel):
    """A folder as somebody typed it."""

    path: str = Field(max_length=4096)


@pages.get("")
def listed(request: Request, workspace: Workspace) -> Response:
    """All runs, the newest first."""
    runs = sorted(eval_runs(workspace), key=lambda one: (one.made, one.number), reverse=True)
    home = str(Path.home())
    return page(
        request,
        "runs.html",
        runs=runs,
        folders=[(number, _short(path, home)) for number, path in run_folders(workspace)],
        own=_short(workspace / "runs", home),
        selections=SELECTIONS,
        most=MOST,
    )


@pages.get("/{number}/report")
def report(workspace: Workspace, number: int) -> Response:
    """The report that the run wrote."""
    path = eval_run(workspace, number).folder / FILES["report"]
    if not path.is_file():
        raise HTTPException(404, "this run has no report: evaluate again")
    return report_response(path)


@pages.get("/comparisons/{number}")
def comparison(workspace: Workspace, number: int) -> Response:
    """The page of a comparison."""
    return report_response(made_file(workspace, KIND, number, PAGE))


@api.post("/folders")
def add(workspace: Workspace, asked: Where) -> dict[str, Any]:
    """Also list the runs of a folder."""
    return {"runs": add_run_folder(workspace, open_folder(asked.path, workspace))}


@api.post("/folders/{number}/leave")
def leave(workspace: Workspace, number: int) -> dict[str, bool]:
    """List them no longer."""
    leave_run_folder(workspace, number)
    return {"left": True}


def _short(path: Path, home: str) -> str:
    words = str(path)
    return f"~{words[len(home) :]}" if words.startswith(f"{home}/") else words
