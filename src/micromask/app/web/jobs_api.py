"""The queue as pages see it: how far each job is, cancel it, do it again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request

from micromask.app.workspace.jobs import Job, again, cancel, job, jobs

api = APIRouter(prefix="/api/jobs")

LATEST = 200
"""Of the jobs that have ended the list holds so many."""


@api.get("")
def all_jobs(request: Request, kind: str | None = None) -> dict[str, Any]:
    """Those that wait or run, and the latest of those that have ended, in the order in which they were queued."""
    found = jobs(_workspace(request), kind)
    ended = [one for one in found if one.ended is not None]
    left_out = {one.id for one in sorted(ended, key=lambda one: one.ended or "")[:-LATEST]}
    return {"jobs": [_told(one) for one in found if one.id not in left_out]}


@api.get("/{number}")
def one_job(request: Request, number: int) -> dict[str, Any]:
    """One job."""
    return _told(job(_workspace(request), number))


@api.post("/{number}/cancel")
def stop(request: Request, number: int) -> dict[str, Any]:
    """Cancel a job; one that runs ends within a second or two."""
    cancel(_workspace(request), number)
    return _told(job(_workspace(request), number))


@api.post("/{number}/again")
def once_more(request: Request, number: int) -> dict[str, Any]:
    """Queue a job that has ended once more, as it was asked for."""
    again(_workspace(request), number)
    return _told(job(_workspace(request), number))


def _told(one: Job) -> dict[str, Any]:
    return {
        "id": one.id,
        "kind": one.kind,
        "recording": one.recording,
        "state": one.state,
        "done": one.done,
        "total": one.total,
        "line": one.line,
        "queued": one.queued,
        "begun": one.begun,
        "ended": one.ended,
    }


def _workspace(request: Request) -> Path:
    workspace: Path = request.app.state.workspace
    return workspace
