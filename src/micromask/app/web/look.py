"""Pages from templates, and the refusals and errors that look like them."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, JSONResponse, Response
from starlette.types import Scope

from micromask import __version__
from micromask.app.web.guard import cookie_of
from micromask.app.web.handed import handed_of
from micromask.app.web.navigation import bars

API = re.compile(r"(/studies/[^/]+)?/api/")
"""Where a program asks and not a person: the answer is JSON there."""

REPORT_POLICY = (
    "sandbox allow-scripts allow-popups; default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; "
    "img-src data: blob:"
)
"""For a report, which is one file with its style and script inside: it may run them and reach nothing else."""


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
        A file of templates/ that extends layout.html. It sees ``values`` and: ``csrf``, ``path`` (of the request),
        ``base`` (``/studies/KEY`` before a study's own addresses, else empty), ``design`` (of the study, None
        outside of one), ``workspace`` (whether there is one), ``handed`` (whether a participant sits at this browser),
        ``bars`` (of links; none then) and ``version``.
    status : int
    """
    state, cookie, path = request.app.state, cookie_of(request.scope), request.url.path
    handed = handed_of(request.scope) is not None
    text = (
        templates()
        .get_template(template)
        .render(
            csrf=state.links.csrf(cookie) if cookie else "",
            path=path,
            base=state.base,
            design=state.design,
            workspace=state.workspace is not None,
            handed=handed,
            bars=() if handed else bars(path, state.base, workspace=state.workspace is not None),
            version=__version__,
            **values,
        )
    )
    return HTMLResponse(text, status)


def report_response(path: Path) -> Response:
    """A report of ours that is one HTML file; its script runs in a sandbox, without our cookie and with no way out."""
    return FileResponse(path, media_type="text/html", headers={"Content-Security-Policy": REPORT_POLICY})


def refusal(scope: Scope, status: int, line: str, **more: Any) -> Response:
    """One clear line: JSON ``{"error": line}`` below /api/, elsewhere a page that needs nobody to be signed in.

    On a browser that was handed to a participant the page leads back to their pages.
    """
    if API.match(scope["path"]):
        return JSONResponse({"error": line, **more}, status)
    handed = handed_of(scope)
    study = "" if handed is None else f"/studies/{handed.key}"
    text = templates().get_template("refusal.html").render(line=line, status=status, study=study)
    return HTMLResponse(text, status)
