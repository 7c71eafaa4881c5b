"""Links that sign a browser in, and the mark of its pages."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from micromask.app.web.guard import cookie_of, give_cookie, own_hosts
from micromask.app.web.links import Links
from micromask.app.web.look import refusal, templates

api = APIRouter()

USED = "this link was used already or is none of ours: ask whoever runs the server for a new one"
NOT_HERE = (
    "this link is for a participant's browser, and this one is signed in as yours: open it in another browser or "
    "profile, or hand this one over on the study's page; the link is still good"
)


@api.get("/link/{token}")
def sign_in(request: Request, token: str) -> Response:
    """Exchange a link for a cookie, once; who is signed in already goes on."""
    links: Links = request.app.state.links
    name, *others = own_hosts(request.scope)
    if request.headers["host"].lower() in others:
        # Cookies of our two names are kept apart: handing over one would leave the other as it is.
        return RedirectResponse(f"http://{name}/link/{token}", 303)
    before = cookie_of(request.scope)
    known = links.visitor(before)
    if known is not None and known.handed is None:
        return refusal(request.scope, 403, NOT_HERE) if links.is_narrow(token) else RedirectResponse("/", 303)
    cookie = links.redeem(token, before)
    visitor = links.visitor(cookie)
    if cookie is None or visitor is None:
        return refusal(request.scope, 403, USED)
    to = "/" if visitor.handed is None else f"/studies/{visitor.handed.key}/participant"
    response: Response = RedirectResponse(to, 303)
    if request.headers.get("sec-fetch-site", "none") not in ("none", "same-origin"):
        # A strict cookie does not go with a redirect that began on another site, such as web mail.
        response = Response(templates().get_template("signed_in.html").render(to=to), media_type="text/html")
    give_cookie(response, request.scope, cookie)
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
