"""Handing a browser to a participant, and taking it back."""

from __future__ import annotations

from math import ceil
from pathlib import Path

from fastapi import APIRouter, FastAPI, Request
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, RedirectResponse, Response

from micromask.app.web.guard import cookie_of, give_cookie
from micromask.app.web.handed import MOST_SIGNS, Code, Handed, handed_of
from micromask.app.web.links import Links
from micromask.app.web.look import page
from micromask.core.errors import BadInputError
from micromask.studies.people import has_consent, participants
from micromask.studies.sittings import sittings

pages = APIRouter()
api = APIRouter(prefix="/api")


class HandOver(BaseModel):
    """The code to come back with, and who sits down: nobody yet where it is empty."""

    code: str = Field(max_length=MOST_SIGNS)
    participant: str = Field("", max_length=20)


class ComeBack(BaseModel):
    """The code that was chosen."""

    code: str = Field(max_length=MOST_SIGNS)


@pages.get("/participant")
def where(request: Request) -> Response:
    """On to where a participant's browser was: the last session of the one who sits there, else consent."""
    handed, base = handed_of(request.scope), request.app.state.base
    if handed is None:
        return RedirectResponse(f"{base}/", 303)
    theirs = [one.id for one in sittings(request.app.state.study) if one.participant == handed.participant]
    if theirs:
        return RedirectResponse(f"{base}/sessions/{theirs[-1]}", 303)
    known = f"{handed.participant}/consent" if handed.participant else "new"
    return RedirectResponse(f"{base}/participants/{known}", 303)


@pages.get("/return")
def come_back_page(request: Request) -> Response:
    """Where the researcher takes the browser back."""
    handed = handed_of(request.scope)
    if handed is None:
        return RedirectResponse(f"{request.app.state.base}/", 303)
    return page(request, "return.html", code=handed.code is not None and not handed.code.spent)


@api.post("/hand-over")
def hand_over(request: Request, asked: HandOver) -> Response:
    """Narrow the browser that asks to a participant's pages.

    Answers whether they have agreed to the text as it reads now, and whether a session of theirs is running already.
    """
    study, design = request.app.state.study, request.app.state.design
    if asked.participant and asked.participant not in {one.name for one in participants(study)}:
        raise BadInputError(f"no participant {asked.participant!r} in this study")
    handed = Handed(study, request.app.state.key, asked.participant, Code(asked.code))
    agreed = bool(asked.participant) and has_consent(study, asked.participant, design.consent)
    runs = any(one.participant == asked.participant and one.state == "running" for one in sittings(study))
    response = _narrowed(request, handed, {"participant": asked.participant, "agreed": agreed, "running": runs})
    response.headers["Clear-Site-Data"] = '"cache"'  # a picture that was looked at is not to be had from there
    return response


@api.post("/return")
def come_back(request: Request, asked: ComeBack) -> Response:
    """Take the browser back with the code."""
    handed = handed_of(request.scope)
    if handed is None:
        return JSONResponse({"back": True})
    code = handed.code
    if code is None or code.spent:
        raise BadInputError("no code leads back: open a new link of the server in this browser")
    if code.wait > 0:
        raise HTTPException(429, f"too many wrong codes: try again in {ceil(code.wait)} s")
    if not code.fits(asked.code):
        raise BadInputError("this is not the code that was chosen")
    return _narrowed(request, None, {"back": True})


@api.post("/participant-link")
def new_participant_link(request: Request) -> dict[str, str]:
    """A link for a participant's own browser or profile."""
    return {"link": participant_link(request.app, f"http://{request.headers['host']}")}


def participant_link(study: FastAPI, address: str) -> str:
    """A link that signs one browser in for a study's participants only.

    Parameters
    ----------
    study : FastAPI
        As `create_study_app` made it.
    address : str
        The server's.
    """
    links: Links = study.state.links
    folder: Path = study.state.study
    return f"{address}/link/{links.mint(Handed(folder, study.state.key))}"


def _narrowed(request: Request, handed: Handed | None, answer: dict[str, str | bool]) -> Response:
    links: Links = request.app.state.links
    cookie = links.narrow(cookie_of(request.scope), handed)
    if cookie is None:
        raise HTTPException(401, "not signed in any more: open a new link")
    response = JSONResponse(answer)
    give_cookie(response, request.scope, cookie)
    return response
