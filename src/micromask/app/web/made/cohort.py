"""The page Cohort: expressions per minute by emotion, of participants and groups."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from micromask.app.web.analyse.api import Workspace
from micromask.app.web.look import page, report_response
from micromask.app.web.made.shown import shown_made
from micromask.app.workspace.made import PAGE, made_file
from micromask.app.workspace.work.cohort import KIND, ready
from micromask.reports.cohort.page import ALL, COUNTED, apart_of, group_name, plots_of, untold_of

pages = APIRouter(prefix="/cohort")


@pages.get("")
def choose(request: Request, workspace: Workspace) -> Response:
    """Choose recordings, and what was worked out so far."""
    return page(request, "cohort.html", recordings=ready(workspace), counted=COUNTED)


@pages.get("/{number}")
def show(request: Request, workspace: Workspace, number: int) -> Response:
    """One cohort."""
    shown = shown_made(request, workspace, KIND, number)
    if isinstance(shown, Response):
        return shown
    document = shown["document"]
    axis, differences = apart_of(document)
    total = document["recordings"]
    return page(
        request,
        "cohort_result.html",
        **shown,
        plots=plots_of(document),
        axis=axis,
        differences=differences,
        untold=untold_of(document),
        all=ALL,
        counted=COUNTED[document["which"]],
        minutes=sum(row["rates"][0]["minutes"] for row in total),
        found=sum(row["rates"][0]["count"] for row in total),
        group_name=group_name,
    )


@pages.get("/{number}/report")
def report(workspace: Workspace, number: int) -> Response:
    """The same as a page to pass on."""
    return report_response(made_file(workspace, KIND, number, PAGE))
