"""The page Analyse: films in, a queue, and a list of what was found."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from micromask.app.web.analyse.api import workspace_of
from micromask.app.web.analyse.options import DETECTOR_WORDS, FLOW_WORDS, Options, model_words
from micromask.app.web.look import page
from micromask.app.workspace.recordings import LONGEST_NAME
from micromask.faces.detect import detectors
from micromask.motion.flow import flow_methods
from micromask.recordings.track import FILM_SUFFIXES

pages = APIRouter()


@pages.get("/analyse")
def analyse(request: Request) -> Response:
    """Where films are added and listed; the list itself is asked for by the page."""
    return page(
        request,
        "analyse.html",
        endings=sorted(FILM_SUFFIXES),
        longest=LONGEST_NAME,
        usual=Options(),
        detectors=[(name, DETECTOR_WORDS.get(name, name)) for name in detectors],
        flows=[(name, FLOW_WORDS.get(name, name)) for name in flow_methods],
        models=model_words(workspace_of(request)),
    )
