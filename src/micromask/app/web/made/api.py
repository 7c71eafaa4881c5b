"""What the pages Cohort, Agreement and Runs have made of several recordings or runs, and what was made so far."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter
from pydantic import BaseModel, Field
from starlette.responses import FileResponse, Response

from micromask.app.web.analyse.api import Workspace
from micromask.app.workspace.jobs import queue
from micromask.app.workspace.made import NUMBERS, REMOVED, TABLE, MadeKind, all_made, made, made_file, remove_made
from micromask.app.workspace.outdated import outdated, recordings_now
from micromask.app.workspace.work.agree import agree_payload
from micromask.app.workspace.work.cohort import cohort_payload
from micromask.app.workspace.work.compare_runs import compare_payload

api = APIRouter(prefix="/api/made")

LATEST = 100
"""So many of the newest of a kind are listed."""

Numbers = Annotated[list[int], Field(max_length=5000)]


class Cohort(BaseModel):
    """Which expressions of which recordings."""

    which: Literal["all", "micro", "macro"] = "all"
    recordings: Numbers


class Agreement(BaseModel):
    """Two models by their files' names ('' is the one that is shipped), and recordings."""

    first: Annotated[str, Field(max_length=255)]
    second: Annotated[str, Field(max_length=255)]
    recordings: Numbers


class Comparison(BaseModel):
    """Evaluation runs; ``ensemble``: also the mean of their probabilities."""

    runs: Numbers
    ensemble: bool = False


@api.get("/{kind}")
def listed(workspace: Workspace, kind: MadeKind) -> dict[str, Any]:
    """Those of one kind, the newest first; ``outdated`` says what has changed since one was made."""
    now = recordings_now(workspace)
    return {
        "made": [
            {
                "number": one.number,
                "state": one.state,
                "line": one.line,
                "done": one.done,
                "total": one.total,
                "made": one.made,
                "words": one.words,
                "of": len(one.payload.get("recordings") or one.payload.get("runs") or ()),
                "removed": one.payload.get(REMOVED, 0),
                "there": one.there,
                "outdated": outdated(workspace, kind, one, now),
            }
            for one in all_made(workspace, kind)[:LATEST]
        ]
    }


@api.post("/cohort")
def make_cohort(workspace: Workspace, asked: Cohort) -> dict[str, int]:
    """Queue a cohort; a person waits for it, and it takes seconds."""
    payload = cohort_payload(workspace, asked.which, asked.recordings)
    return {"number": queue(workspace, "cohort", payload, urgent=True)}


@api.post("/agree")
def make_agreement(workspace: Workspace, asked: Agreement) -> dict[str, int]:
    """Queue the question of how far two models agree."""
    payload = agree_payload(workspace, (asked.first, asked.second), asked.recordings)
    return {"number": queue(workspace, "agree", payload)}


@api.post("/compare-runs")
def make_comparison(workspace: Workspace, asked: Comparison) -> dict[str, int]:
    """Queue a comparison of runs; a person waits for it."""
    payload = compare_payload(workspace, asked.runs, ensemble=asked.ensemble)
    return {"number": queue(workspace, "compare-runs", payload, urgent=True)}


@api.post("/{kind}/{number}/remove")
def forget(workspace: Workspace, kind: MadeKind, number: int) -> dict[str, bool]:
    """Remove one with its files."""
    remove_made(workspace, kind, number)
    return {"removed": True}


@api.get("/{kind}/{number}/numbers")
def numbers(workspace: Workspace, kind: MadeKind, number: int) -> Response:
    """Its document, to be kept."""
    path = made_file(workspace, kind, number, NUMBERS)
    return FileResponse(
        path, media_type="application/json", filename=f"{kind}-{made(workspace, kind, number).number}.json"
    )


@api.get("/{kind}/{number}/table")
def table(workspace: Workspace, kind: MadeKind, number: int) -> Response:
    """Its table, to be kept."""
    path = made_file(workspace, kind, number, TABLE)
    return FileResponse(path, media_type="text/csv; charset=utf-8", filename=f"{kind}-{number}.csv")
