"""What the list of studies asks of the server: a new study, one more folder, a plan read again."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from micromask.app.web.studies.opened import OpenStudies, key_of
from micromask.app.workspace.known_studies import begin_study, forget_study, known_studies, remember_study
from micromask.core.errors import BadInputError, MicromaskError

api = APIRouter(prefix="/api/studies")


class NewStudy(BaseModel):
    """A title and a template's name."""

    title: str = Field(max_length=1000)
    template: str = Field(max_length=100)


class Place(BaseModel):
    """A study's folder on this machine, as somebody typed it."""

    folder: str = Field(max_length=4096)


@api.post("")
def new(request: Request, asked: NewStudy) -> dict[str, str]:
    """Begin a study in the workspace and open it."""
    studies = _studies(request)
    folder = begin_study(_workspace(request), asked.title, key_of(asked.title), asked.template)
    return {"key": studies.open(folder)}


@api.post("/add")
def add(request: Request, asked: Place) -> dict[str, str]:
    """Open a study that lies elsewhere on this machine, now and whenever the app is started."""
    folder = _typed(asked.folder)
    workspace, studies = _workspace(request), _studies(request)
    key = studies.open(folder)
    for fault in [one for one, (faulty, _) in studies.faults.items() if faulty == folder]:
        del studies.faults[fault]
    if not folder.is_relative_to(workspace.resolve()):
        remember_study(workspace, key, folder)
    return {"key": key}


@api.post("/{key}/read")
def read_again(request: Request, key: str) -> dict[str, str]:
    """Take over what was changed in the plan; open a study that could not be opened before."""
    studies = _studies(request)
    if key in studies.faults:
        folder, _ = studies.faults[key]
        opened = studies.open(folder, key)
        del studies.faults[key]
        return {"key": opened}
    if key not in studies:
        raise HTTPException(404, "there is no such study here: look at the list of studies")
    studies.read_again(key)
    return {"key": key}


@api.post("/{key}/remove")
def remove(request: Request, key: str) -> dict[str, str]:
    """Take a study that lies elsewhere off the list; nothing of it is deleted."""
    workspace, studies = _workspace(request), _studies(request)
    folder = studies[key].state.study if key in studies else studies.faults.get(key, (None, ""))[0]
    if folder is None or folder not in {one.folder for one in known_studies(workspace) if one.outside}:
        raise HTTPException(404, "there is no such study on the list of those that were added")
    if key in studies:
        studies.shut(key)
    studies.faults.pop(key, None)
    forget_study(workspace, folder)
    return {"removed": key}


def open_known(workspace: Path, studies: OpenStudies) -> None:
    """Open the studies of a workspace; what is wrong with one is kept in ``studies.faults`` and stops no other."""
    for one in known_studies(workspace):
        try:
            studies.open(one.folder, one.key)
        except MicromaskError as error:
            studies.faults[one.key or key_of(one.folder.name)] = (one.folder, str(error))


def _typed(words: str) -> Path:
    """The whole path that somebody typed, with its links followed."""
    with suppress(RuntimeError, ValueError, OSError):  # no such home; a sign that no path has; links in a circle
        path = Path(words.strip()).expanduser()
        if path.is_absolute():
            return path.resolve()
    raise BadInputError("type the whole path of a study's folder, from / or ~ on")


def _studies(request: Request) -> OpenStudies:
    opened: OpenStudies = request.app.state.studies
    return opened


def _workspace(request: Request) -> Path:
    workspace: Path = request.app.state.workspace
    return workspace
