"""The page Live: a camera, the faces in it and what they do."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from micromask.app.web.analyse.options import DETECTOR_WORDS
from micromask.app.web.live.api import frame_models
from micromask.app.web.look import page
from micromask.faces.detect import detectors

pages = APIRouter()

WIDTHS = ((640, "640 px: fastest"), (1280, "1280 px"), (1920, "1920 px: for faces far away"))


@pages.get("/live")
def live(request: Request) -> Response:
    """Nothing is asked of the camera before somebody begins."""
    models = frame_models(request.app.state.workspace)
    return page(
        request,
        "live.html",
        detectors=[(name, DETECTOR_WORDS.get(name, name)) for name in detectors],
        models=[(one.path.name, f"{one.path.stem}: {', '.join(one.classes)}") for one in models],
        widths=WIDTHS,
    )
