"""The app's server: a workspace, studies or both, on this machine only."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, closing, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path

import uvicorn
from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool

from micromask.app.web import sign_in, static_files, workspace_pages
from micromask.app.web.alone import alone
from micromask.app.web.guard import Guard
from micromask.app.web.limits import LIMITS
from micromask.app.web.links import Links
from micromask.app.web.look import refusal
from micromask.app.web.refusals import bare_app
from micromask.app.web.studies import api as studies_api
from micromask.app.web.studies import pages as studies_pages
from micromask.app.web.studies.api import open_known
from micromask.app.web.studies.opened import OpenStudies
from micromask.app.workspace.workers import start_workers
from micromask.core.errors import BadOutputError

HOST = "127.0.0.1"
STOP_SECONDS = 5


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
    def studies(self) -> OpenStudies:
        """The studies that are open."""
        opened: OpenStudies = self.app.state.studies
        return opened

    @property
    def recovered(self) -> tuple[str, ...]:
        """A line for each thing that had to be brought in order after the server before."""
        return self.studies.recovered()

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
        MicromaskError
            If the workers cannot begin.
        """
        try:
            self.server.run(sockets=[self.socket])
        except SystemExit:
            if self.app.state.failed is None:
                raise
        finally:
            self.studies.interrupt()
        if self.app.state.failed is not None:
            raise self.app.state.failed


def create_app(*, workspace: Path | None = None, studies: Sequence[Path] = (), detector: str = "mtcnn") -> FastAPI:
    """All pages as an ASGI application; a study's recordings that were cut off are closed first.

    Parameters
    ----------
    workspace : Path, optional
        A folder that `micromask.app.workspace.store.create_workspace` made. Its workers begin and stop with the
        application's lifespan. Without one only the studies have pages.
    studies : sequence of Path
        Folders of studies, each below ``/studies/KEY``.
    detector : str
        Name in `micromask.faces.detect.detectors`, for the camera check.

    Returns
    -------
    FastAPI
        With ``state.workspace``, ``state.links`` and ``state.studies``.

    Raises
    ------
    BadInputError
        If a folder holds no study, or its study.yaml has a mistake.
    """
    app = _app(workspace, detector, locked=False)
    _open(app, studies)
    return app


@contextmanager
def opened_server(
    port: int = 0, *, workspace: Path | None = None, studies: Sequence[Path] = (), detector: str = "mtcnn"
) -> Iterator[Serving]:
    """A server on 127.0.0.1, ready to `Serving.run`; port 0 takes a free one.

    Raises
    ------
    BadInputError
        As `create_app`; and if the workspace or a study is being served already.
    BadOutputError
        If the port is taken.
    """
    held = nullcontext() if workspace is None else alone(workspace)
    with held, closing(_listen(port)) as listening:
        app = _app(workspace, detector, locked=True)
        with closing(app.state.studies):
            _open(app, studies)
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


def _app(workspace: Path | None, detector: str, *, locked: bool) -> FastAPI:
    app = bare_app()
    app.router.lifespan_context = _lifespan
    app.state.workspace, app.state.design, app.state.base = workspace, None, ""
    app.state.links, app.state.failed = Links(), None
    app.state.studies = OpenStudies(app.state.links, detector=detector, workspace=workspace, locked=locked)
    app.add_middleware(Guard, links=app.state.links, limits=LIMITS, refuse=refusal)
    for router in (sign_in.api, static_files.pages, studies_pages.pages):
        app.include_router(router)
    if workspace is not None:
        for router in (studies_api.api, *workspace_pages.ROUTERS):
            app.include_router(router)
    app.mount("/studies/{key}", app.state.studies)
    return app


def _open(app: FastAPI, studies: Sequence[Path]) -> None:
    """Open what the workspace knows, as far as it can be opened, and what was asked for."""
    if app.state.workspace is not None:
        open_known(app.state.workspace, app.state.studies)
    for study in studies:
        app.state.studies.open(study)


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    """While the server runs, workers do the workspace's jobs, and sessions whose browser is gone are ended."""
    workspace: Path | None = app.state.workspace
    try:
        workers = None if workspace is None else await run_in_threadpool(start_workers, workspace)
    except Exception as error:
        app.state.failed = error  # the server ends without a word: `Serving.run` raises it
        raise
    watching = asyncio.create_task(app.state.studies.watch())
    try:
        yield
    finally:
        watching.cancel()
        if workers is not None:
            await run_in_threadpool(workers.stop)


def _listen(port: int) -> socket.socket:
    # asyncio sends small answers at once (TCP_NODELAY) only where the socket names its protocol; else they wait 40 ms
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
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
