"""The pages of coding: who codes and which film, one film, and how well the coders agree."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from micromask.app.web.look import page
from micromask.app.web.study.coding import chosen_coder
from micromask.studies.coded_films import open_film
from micromask.studies.coding import coders

pages = APIRouter(prefix="/coding")


@pages.get("")
def choose(request: Request) -> Response:
    """Choose or add a coder, then a film."""
    return page(request, "coding.html", coders=coders(request.app.state.study), coder=chosen_coder(request))


@pages.get("/agreement")
def agree(request: Request) -> Response:
    """The figures, the disagreements, and settling them."""
    return page(request, "agreement.html", coder=chosen_coder(request))


@pages.get("/{coder}/{recording}")
def film(request: Request, coder: str, recording: int) -> Response:
    """Code one film; back to the choice of a coder where this browser codes under another name."""
    if chosen_coder(request) != coder:
        return RedirectResponse(f"{request.app.state.base}/coding", 303)
    return page(request, "coding_film.html", coder=coder, film=open_film(request.app.state.study, recording))
