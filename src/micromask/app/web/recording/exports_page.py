"""The page on which many recordings are exported at once."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from micromask.app.web.look import page
from micromask.app.workspace.exports.kept import MOST_KEPT
from micromask.app.workspace.recordings import recordings, results_of
from micromask.reports.folder import FILES

pages = APIRouter()


@pages.get("/exports")
def choose(request: Request, recording: str = "") -> Response:
    """What can be exported; ``recording`` names ids that are chosen at first, with commas between, else all are."""
    workspace = request.app.state.workspace
    ready = [one for one in recordings(workspace) if (results_of(workspace, one.id) / FILES["analysis"]).is_file()]
    asked = {int(each) for each in recording.split(",") if each.isdecimal() and len(each) < 12}
    return page(
        request,
        "exports.html",
        ready=ready,
        groups=sorted({one.group for one in ready if one.group}),
        chosen=asked or {one.id for one in ready},
        kept=MOST_KEPT,
    )
