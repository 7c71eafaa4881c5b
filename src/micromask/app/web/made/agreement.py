"""The page Agreement: two models on the same recordings that nobody has labelled."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from micromask.app.web.analyse.api import Workspace
from micromask.app.web.analyse.options import NO_MODEL, model_words
from micromask.app.web.look import page, report_response
from micromask.app.web.made.shown import shown_made
from micromask.app.workspace.made import PAGE, made_file
from micromask.app.workspace.work.agree import KIND
from micromask.app.workspace.work.cohort import ready
from micromask.evaluation.agreement_words import NOT_ACCURACY
from micromask.reports.agreement.page import READS, differing, lines_of
from micromask.reports.comparison.forest import place

pages = APIRouter(prefix="/agree")


@pages.get("")
def choose(request: Request, workspace: Workspace) -> Response:
    """Choose two models and recordings, and what was asked so far."""
    models = [(name, words) for name, words in model_words(workspace) if name != NO_MODEL]
    return page(
        request,
        "agree.html",
        models=models,
        recordings=ready(workspace),
        not_accuracy=NOT_ACCURACY,
        folder=workspace / "models",
    )


@pages.get("/{number}")
def show(request: Request, workspace: Workspace, number: int) -> Response:
    """One agreement."""
    shown = shown_made(request, workspace, KIND, number)
    if isinstance(shown, Response):
        return shown
    document = shown["document"]
    axis, lines = lines_of(document)
    return page(
        request,
        "agree_result.html",
        **shown,
        axis=axis,
        lines=lines,
        zero=place(axis, 0.0),
        differ=differing(document),
        apart=[row for row in document["intervals"] if row["same"] is None],
        there={str(one.id) for one in ready(workspace)},
        reads=READS,
        totals=[sum(column) for column in zip(*document["table"]["counts"], strict=True)],
    )


@pages.get("/{number}/report")
def report(workspace: Workspace, number: int) -> Response:
    """The same as a page to pass on."""
    return report_response(made_file(workspace, KIND, number, PAGE))
