"""The pages of a study: where one begins, and what a participant sees."""

from __future__ import annotations

from pathlib import Path

from fastapi import APIRouter, Request
from starlette.exceptions import HTTPException
from starlette.responses import FileResponse, Response

from micromask.app.web.look import page
from micromask.studies.design import Design
from micromask.studies.images import check_image
from micromask.studies.people import has_consent, participants, sha256_of
from micromask.studies.sittings import sittings
from micromask.studies.status import study_status

pages = APIRouter()

SANDBOX = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:"
"""For a stimulus that is opened by itself: it is drawn and does nothing else."""


@pages.get("/")
def start(request: Request) -> Response:
    """Title, participants, what can be done next."""
    study, design = request.app.state.study, request.app.state.design
    people = participants(study)
    agreed = {one.name: has_consent(study, one.name, design.consent) for one in people}
    every = sittings(study)
    return page(request, "start.html", people=people, agreed=agreed, sittings=every)


@pages.get("/status")
def status(request: Request) -> Response:
    """How far the study is: its films are looked at for that, so this may take a while."""
    study, design = request.app.state.study, request.app.state.design
    return page(request, "status.html", told=study_status(study, design))


@pages.get("/participants/new")
def new_participant(request: Request) -> Response:
    """Consent, then the form."""
    return _consent(request, None)


@pages.get("/participants/{name}/consent")
def consent_anew(request: Request, name: str) -> Response:
    """Consent of somebody who is known: the text was changed, or they had withdrawn it."""
    if name not in {one.name for one in participants(request.app.state.study)}:
        raise HTTPException(404, f"no participant {name} in this study")
    return _consent(request, name)


@pages.get("/sessions/{session}")
def session(request: Request, session: int) -> Response:
    """Camera check, stimuli, thanks."""
    found = sittings(request.app.state.study, session)
    if not found:
        raise HTTPException(404, f"no session {session} in this study")
    return page(request, "session.html", sitting=found[0])


@pages.get("/stimuli/{item}")
def stimulus(request: Request, item: str) -> Response:
    """The image of an item, by the item's id; looked at again before it is given out."""
    design: Design = request.app.state.design
    study: Path = request.app.state.study
    for part in design.parts:
        for one in part.items:
            if one.id == item and one.image is not None:
                path = (study / one.image).resolve()
                if not path.is_relative_to(study.resolve()):
                    break
                check_image(path)
                return FileResponse(path, headers={"Content-Security-Policy": SANDBOX})
    raise HTTPException(404, f"no item {item} with an image in this study")


def _consent(request: Request, name: str | None) -> Response:
    text = request.app.state.design.consent
    return page(request, "consent.html", participant=name, text_sha256=sha256_of(text))
