"""The page of one recording: its film with the timeline below, in step."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response

from micromask.app.web.look import page
from micromask.app.web.recording.exports import corrected_report_response
from micromask.app.workspace.recordings import recording
from micromask.core.errors import BadInputError
from micromask.reports.words import measured, slow_film, verdict

pages = APIRouter(prefix="/recordings")


@pages.get("/{number}")
def show(request: Request, number: int) -> Response:
    """A recording; one that is not analysed yet says so."""
    from micromask.app.workspace.shown import is_shown, read_shown, timelines_of

    workspace = request.app.state.workspace
    try:
        one = recording(workspace, number)
    except BadInputError as error:
        raise HTTPException(404, str(error)) from None
    if not is_shown(workspace, one):
        return page(request, "recording_waits.html", recording=one)
    analysis = read_shown(workspace, one)
    notes, slow = list(analysis.cautions), slow_film(analysis.recording.fps)
    return page(
        request,
        "recording.html",
        recording=one,
        analysis=analysis,
        verdict=verdict(analysis),
        measured=bool(analysis.expressions) or measured(timelines_of(workspace, one)),
        notes=[*notes, slow] if slow else notes,
    )


@pages.get("/{number}/report")
def report(request: Request, number: int) -> Response:
    """The report that the analysis wrote, with what people said since."""
    return corrected_report_response(request.app.state.workspace, number)
