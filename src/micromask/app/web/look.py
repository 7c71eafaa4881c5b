"""Pages from templates, and the refusals and errors that look like them."""

from __future__ import annotations

from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.types import Scope

from micromask import __version__
from micromask.app.web.guard import cookie_of

API = "/api/"


@cache
def templates() -> Environment:
    """The templates; what is put into them is escaped, and a missing value is an error."""
    return Environment(
        loader=PackageLoader("micromask.app.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def page(request: Request, template: str, *, status: int = 200, **values: Any) -> HTMLResponse:
    """One page.

    Parameters
    ----------
    request : Request
        Of a visitor who is signed in.
    template : str
        A file of templates/ that extends layout.html. It sees ``values`` and: ``design`` (of the study), ``csrf``,
        ``path`` (of the request) and ``version``.
    status : int
    """
    cookie = cookie_of(request.scope)
    text = (
        templates()
        .get_template(template)
        .render(
            design=request.app.state.design,
            csrf=request.app.state.links.csrf(cookie) if cookie else "",
            path=request.url.path,
            version=__version__,
            **values,
        )
    )
    return HTMLResponse(text, status)


def refusal(scope: Scope, status: int, line: str, **more: Any) -> Response:
    """One clear line: JSON ``{"error": line}`` below /api/, elsewhere a page that needs nobody to be signed in."""
    if scope["path"].startswith(API):
        return JSONResponse({"error": line, **more}, status)
    text = templates().get_template("refusal.html").render(line=line, status=status)
    return HTMLResponse(text, status)
