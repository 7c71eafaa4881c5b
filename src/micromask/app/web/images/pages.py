"""The page Images: pictures in, a row a face out; and models of one's own from a folder of pictures."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response

from micromask.app.web.analyse.api import Workspace
from micromask.app.web.images.api import batch_or_404, frame_models
from micromask.app.web.look import page
from micromask.app.workspace.pictures import Batch
from micromask.app.workspace.training import MODELS, MOST_EPOCHS, WHO
from micromask.recordings.images import IMAGE_SUFFIXES

pages = APIRouter()

Known = Annotated[Batch, Depends(batch_or_404)]


@pages.get("/images")
def images(request: Request, workspace: Workspace) -> Response:
    """Where pictures are added and listed, and models are fitted; the lists are asked for by the page."""
    return page(
        request,
        "images.html",
        endings=sorted(IMAGE_SUFFIXES | {".gif"}),
        models=frame_models(workspace),
        fits=[(name, words, sizes) for name, (words, sizes) in MODELS.items()],
        who=[(name, words) for name, (words, _) in WHO.items()],
        most_epochs=MOST_EPOCHS,
    )


@pages.get("/images/{number}")
def pictures(request: Request, workspace: Workspace, batch: Known) -> Response:
    """The rows of one batch."""
    return page(request, "images_batch.html", batch=batch, models=frame_models(workspace))


@pages.get("/images/{number}/report")
def report(workspace: Workspace, batch: Known) -> Response:
    """The rows as one offline page."""
    from micromask.app.web.images.api import lines_with_pictures
    from micromask.app.web.look import REPORT_POLICY
    from micromask.reports.predictions import render

    if not batch.read:
        raise HTTPException(404, f"nothing of {batch.title} was read yet")
    lines = lines_with_pictures(workspace, batch.id)
    text = render(lines, title=batch.title, model=batch.described, classes=batch.classes)
    headers = {"Content-Security-Policy": REPORT_POLICY, "Content-Disposition": 'inline; filename="predictions.html"'}
    return Response(text, media_type="text/html", headers=headers)
