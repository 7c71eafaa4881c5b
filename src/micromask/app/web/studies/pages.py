"""Where the app begins, and the list of the studies that it has open."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from fastapi import APIRouter, FastAPI, Request
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from micromask.app.web.look import page
from micromask.app.web.studies.opened import OpenStudies
from micromask.app.workspace.known_studies import LONGEST_TITLE, known_studies
from micromask.core.errors import MicromaskError
from micromask.studies.new import TEMPLATES
from micromask.studies.people import participants
from micromask.studies.sittings import sittings

pages = APIRouter()


@dataclass(frozen=True, slots=True)
class Listed:
    """A study as the list shows it; ``why`` is empty unless something is wrong with it."""

    key: str
    title: str
    folder: Path
    added: bool
    people: int = 0
    done: int = 0
    running: bool = False
    why: str = ""


@pages.get("/")
def start(request: Request) -> Response:
    """On to Analyse; to the one study, or the list of studies, where there is no workspace."""
    if request.app.state.workspace is not None:
        return RedirectResponse("/analyse", 303)
    studies: OpenStudies = request.app.state.studies
    return RedirectResponse(f"/studies/{next(iter(studies))}/" if len(studies) == 1 else "/studies", 303)


@pages.get("/studies")
def every_study(request: Request) -> Response:
    """The studies that are open here; with a workspace, forms for more of them."""
    studies: OpenStudies = request.app.state.studies
    workspace: Path | None = request.app.state.workspace
    added = {one.folder for one in known_studies(workspace) if one.outside} if workspace else set()
    listed = [_listed(key, app, app.state.study in added) for key, app in studies.items()]
    listed += [
        Listed(key, folder.name, folder, folder in added, why=why) for key, (folder, why) in studies.faults.items()
    ]
    return page(request, "studies.html", studies=listed, templates=TEMPLATES, longest=LONGEST_TITLE)


@pages.get("/studies/{key}")
def study(request: Request, key: str) -> Response:
    """A study's address without its last stroke."""
    if key not in request.app.state.studies:
        raise HTTPException(404, "there is no such study here: look at the list of studies")
    return RedirectResponse(f"/studies/{key}/", 303)


def _listed(key: str, app: FastAPI, added: bool) -> Listed:
    folder, title = app.state.study, app.state.design.title
    try:
        states = [one.state for one in sittings(folder)]
        people = len(participants(folder))
    except MicromaskError as error:  # its folder may be gone since: a stick that was pulled out
        return Listed(key, title, folder, added, why=str(error))
    done = sum(state in ("done", "imported") for state in states)
    return Listed(key, title, folder, added, people, done, "running" in states)
