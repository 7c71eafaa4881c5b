"""The app of one study, and the server that it runs in: on this machine only, one server a study."""

from __future__ import annotations

import asyncio
import mimetypes
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import uvicorn
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from micromask.app.web import agreement_api, coding_api, coding_pages, consent_api, film_api, session_api, study_pages
from micromask.app.web.alone import alone
from micromask.app.web.guard import MEBIBYTE, Guard, cookie_name, cookie_of
from micromask.app.web.links import Links
from micromask.app.web.look import refusal, templates
from micromask.core.errors import BadInputError, BadOutputError, MicromaskError
from micromask.studies.design import Design
from micromask.studies.read_design import read_design
from micromask.studies.recover import recover

HOST = "127.0.0.1"
LIMITS = {"/api/recordings/": 32 * MEBIBYTE, "/api/sessions/": 4 * MEBIBYTE}
"""Most bytes of a body: a chunk of film, a picture of the camera check; elsewhere `guard.BODY_LIMIT`."""

STOP_SECONDS = 5
USED = "this link was used already or is none of ours: ask whoever runs the server for a new one"


@dataclass(frozen=True, slots=True)
class Serving:
    """A server that is ready to run: its app, its socket and how to sign in."""

    app: FastAPI
    server: uvicorn.Server
    socket: socket.socket

    @property
    def address(self) -> str:
        """Where it is: ``http://127.0.0.1:PORT``."""
        return f"http://{HOST}:{self.socket.getsockname()[1]}"

    @property
    def recovered(self) -> tuple[str, ...]:
        """A line for each thing that had to be brought in order after the server before."""
        told: tuple[str, ...] = self.app.state.recovered
        return told

    def new_link(self) -> str:
        """A link that signs one browser in."""
        links: Links = self.app.state.links
        return f"{self.address}/link/{links.mint()}"

    def run(self) -> None:
        """Serve until it is stopped by Ctrl-C or ``server.should_exit``; sessions that run then are interrupted.

        Raises
        ------
        KeyboardInterrupt
            After Ctrl-C, when all is closed.
        """
        try:
            self.server.run(sockets=[self.socket])
        finally:
            recover(self.app.state.study)


def create_app(study: Path, *, design: Design | None = None, detector: str = "mtcnn") -> FastAPI:
    """The pages of a study as an ASGI application; recordings that were cut off are closed first.

    Parameters
    ----------
    study : Path
        The study's folder.
    design : Design, optional
        Its study.yaml, where that has been read already.
    detector : str
        Name in `micromask.faces.detect.detectors`, for the camera check.

    Returns
    -------
    FastAPI
        With ``state.study``, ``state.design`` and ``state.links``.

    Raises
    ------
    BadInputError
        If there is no study, or its study.yaml has a mistake.
    """
    app = FastAPI(
        title="micromask", docs_url=None, redoc_url=None, openapi_url=None, redirect_slashes=False, lifespan=_watching
    )
    app.state.study, app.state.design = study, design or read_design(study)
    app.state.links, app.state.consents = Links(), consent_api.Consents()
    app.state.eyes, app.state.heard = session_api.Eyes(detector), session_api.Heard()
    app.state.recovered = recover(study)
    app.add_middleware(Guard, links=app.state.links, limits=LIMITS, refuse=refusal)
    app.add_exception_handler(MicromaskError, _told)
    app.add_exception_handler(HTTPException, _no)
    app.add_exception_handler(RequestValidationError, _malformed)
    _add_sign_in(app)
    _add_static(app)
    for router in (study_pages.pages, consent_api.api, session_api.api):
        app.include_router(router)
    for router in (coding_pages.pages, coding_api.api, film_api.api, agreement_api.api):
        app.include_router(router)
    return app


@contextmanager
def opened_server(study: Path, port: int = 0, *, detector: str = "mtcnn") -> Iterator[Serving]:
    """A server for a study on 127.0.0.1, ready to `Serving.run`; port 0 takes a free one.

    Raises
    ------
    BadInputError
        As `create_app`; and if the study is being served already.
    BadOutputError
        If the port is taken.
    """
    with alone(study), closing(_listen(port)) as listening:
        app = create_app(study, detector=detector)
        settings = uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            server_header=False,
            ws="none",
            lifespan="on",
            timeout_graceful_shutdown=STOP_SECONDS,
        )
        yield Serving(app, uvicorn.Server(settings), listening)


@asynccontextmanager
async def _watching(app: FastAPI) -> AsyncIterator[None]:
    """While the server runs, sessions whose browser is gone are ended."""
    watching = asyncio.create_task(session_api.watch(app.state.study, app.state.heard))
    yield
    watching.cancel()


def _listen(port: int) -> socket.socket:
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((HOST, port))
        listening.listen()  # who opens a link at once waits, and is not turned away
    except (OSError, OverflowError) as error:
        listening.close()
        raise BadOutputError(
            f"port {port} of {HOST} cannot be used ({getattr(error, 'strerror', None) or error}): choose another --port"
        ) from None
    return listening


def _add_sign_in(app: FastAPI) -> None:
    @app.get("/link/{token}")
    def sign_in(request: Request, token: str) -> Response:
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


def _add_static(app: FastAPI) -> None:
    """The app's own style and scripts, read once: a request's name is looked up and is never a path."""
    known = {
        one.name: (one.read_bytes(), mimetypes.guess_type(one.name)[0] or "application/octet-stream")
        for one in files("micromask.app.web").joinpath("static").iterdir()
        if one.is_file()
    }

    @app.get("/static/{name}")
    def static(name: str) -> Response:
        if name not in known:
            raise HTTPException(404, "there is no such page here")
        data, kind = known[name]
        return Response(data, media_type=kind, headers={"Cache-Control": "no-cache"})

    @app.get("/favicon.ico")
    def icon() -> Response:
        return static("icon.svg")


def _told(request: Request, error: Exception) -> Response:
    status = 422 if isinstance(error, BadInputError) else 500
    return refusal(request.scope, status, str(error))


def _no(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    line = "there is no such page here" if error.status_code == 404 and error.detail == "Not Found" else error.detail
    response = refusal(request.scope, error.status_code, line)
    response.headers.update(error.headers or {})
    return response


def _malformed(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    faults = "; ".join(f"{'.'.join(map(str, one['loc'][1:]))}: {one['msg']}" for one in error.errors())
    return refusal(request.scope, 422, f"this request is not in order: {faults}")
