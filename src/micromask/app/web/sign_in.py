"""Links that sign a browser in, and the mark of its pages."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from micromask.app.web.guard import cookie_name, cookie_of
from micromask.app.web.links import Links
from micromask.app.web.look import refusal, templates

api = APIRouter()

USED = "this link was used already or is none of ours: ask whoever runs the server for a new one"


@api.get("/link/{token}")
def sign_in(request: Request, token: str) -> Response:
    """Exchange a link for a cookie, once; who is signed in already goes on."""
    links: Links = request.app.state.links
    if links.visitor(cookie_of(request.scope)) is not None:
        return RedirectResponse("/", 303)
    cookie = links.redeem(token)
    if cookie is None:
        return refusal(request.scope, 403, USED)
    response: Response = RedirectResponse("/", 303)
    if request.headers.get("sec-fetch-site", "none") not in ("none", "same-origin"):
        # A strict cookie does not go with a redirect that began on another site, such as web mail.
        response = Response(templates().get_template("signed_in.html").render(), media_type="text/html")
    response.set_cookie(cookie_name(request.scope), cookie, httponly=True, samesite="strict", path="/")
    return response


@api.get("/api/mark")
def mark(request: Request) -> dict[str, str]:
    """The mark that this browser's pages send along with all that changes something."""
    links: Links = request.app.state.links
    return {"mark": links.csrf(cookie_of(request.scope) or "")}


@api.post("/api/links")
def new_link(request: Request) -> dict[str, str]:
    """A link for another person, or another browser."""
    links: Links = request.app.state.links
    return {"link": f"http://{request.headers['host']}/link/{links.mint()}"}
