"""What pages ask about exports: make one, see how far it is, fetch it, remove it."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.responses import FileResponse, Response

from micromask.app.web.look import REPORT_POLICY
from micromask.app.workspace.corrections.opinions import corrected
from micromask.app.workspace.exports.clips import Cut
from micromask.app.workspace.exports.kept import export_file, exports, remove_export
from micromask.app.workspace.exports.wanted import MOST_RECORDINGS, PARTS, Part, Wanted, payload_of
from micromask.app.workspace.jobs import jobs, queue
from micromask.app.workspace.recordings import recording, results_of
from micromask.app.workspace.work.export import KIND, export_now
from micromask.core.errors import BadInputError
from micromask.reports.corrected import corrected_report
from micromask.reports.folder import FILES

api = APIRouter(prefix="/api/exports")


def workspace_of(request: Request) -> Path:
    """The workspace that is served."""
    workspace: Path = request.app.state.workspace
    return workspace


Workspace = Annotated[Path, Depends(workspace_of)]


class Asked(BaseModel):
    """What to export; slower and the rest are for clips."""

    recordings: list[int] = Field(max_length=MOST_RECORDINGS)
    parts: list[Part] = Field(max_length=len(PARTS))
    slower: int = 8
    around: float = 0.0
    caption: Literal["none", "burnt", "separate"] = "none"


@api.get("")
def all_exports(workspace: Workspace) -> dict[str, Any]:
    """Exports that can be fetched, the newest first, and the jobs that are still at work or went wrong."""
    under_way = [job for job in jobs(workspace, KIND) if job.state in ("queued", "running", "failed")]
    return {
        "exports": [asdict(one) for one in exports(workspace)],
        "jobs": [
            {
                "id": job.id,
                "state": job.state,
                "done": job.done,
                "total": job.total,
                "line": job.line,
                "recordings": len(job.payload["recordings"]),
            }
            for job in under_way
        ],
    }


@api.post("")
def make(workspace: Workspace, asked: Asked) -> dict[str, int | None]:
    """Make an export: the id of what can be fetched, or that of the job where it takes longer."""
    cut = Cut(asked.slower, asked.around, asked.caption)
    wanted = Wanted(tuple(asked.recordings), tuple(dict.fromkeys(asked.parts)), cut)
    for number in wanted.recordings:
        recording(workspace, number)
    if wanted.is_long:
        return {"export": None, "job": queue(workspace, KIND, payload_of(wanted), urgent=len(wanted.recordings) == 1)}
    return {"export": export_now(workspace, payload_of(wanted)), "job": None}


@api.get("/{number}/file")
def fetch(workspace: Workspace, number: int) -> Response:
    """The zip itself."""
    try:
        path, export = export_file(workspace, number)
    except BadInputError as error:
        raise HTTPException(404, str(error)) from None
    return FileResponse(path, media_type="application/zip", filename=export.name)


@api.post("/{number}/remove")
def remove(workspace: Workspace, number: int) -> dict[str, Any]:
    """Remove one from the disk."""
    remove_export(workspace, number)
    return all_exports(workspace)


def corrected_report_response(workspace: Path, number: int) -> Response:
    """The report of a recording with what people said, to look at; 404 if there is none yet."""
    path = results_of(workspace, recording(workspace, number).id) / FILES["report"]
    if not path.is_file():
        raise HTTPException(404, "this recording has no report yet: analyse it first")
    html = corrected_report(path.read_text(encoding="utf-8"), corrected(workspace, number))
    return Response(html, media_type="text/html", headers={"Content-Security-Policy": REPORT_POLICY})
