"""What the page of a recording asks about corrections: everybody's opinions, and one's own to add or take back.

A browser speaks under one name, which it gave once; the server keeps it with the visitor.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from micromask.app.web.study.coding import visitor
from micromask.app.workspace.corrections.authors import author_named, authors
from micromask.app.workspace.corrections.document import OF_MASKED, corrected_document, emotions_for
from micromask.app.workspace.corrections.opinions import LONGEST_NOTE, Told, history, read_results, redo, say, undo
from micromask.app.workspace.corrections.said import Said, steps
from micromask.app.workspace.corrections.standing import found_by, resolved
from micromask.app.workspace.recordings import recording as recorded
from micromask.app.workspace.recordings import results_of
from micromask.core.clips import ClipKind
from micromask.core.errors import BadInputError
from micromask.reports.folder import FILES

api = APIRouter(prefix="/api/corrections")

HERE = ""
"""Under this key a visitor keeps the name for the workspace; studies have keys of their own."""


class Name(BaseModel):
    """An author's name."""

    name: str = Field(max_length=200)


class Telling(BaseModel):
    """What somebody says of an interval: `Told` as the page sends it."""

    does: Literal["accept", "reject", "correct", "add", "withdraw"]
    about: str | None = Field(None, max_length=100)
    face: int = 0
    onset: int = 0
    apex: int = 0
    offset: int = 0
    kind: ClipKind = "micro"
    emotion: str = Field("", max_length=200)
    shown_emotion: str = Field("", max_length=200)
    felt_emotion: str = Field("", max_length=200)
    note: str = Field("", max_length=2 * LONGEST_NOTE)


def known(request: Request, number: int) -> tuple[Path, int]:
    """The workspace, and a recording of it; 404 if there is none."""
    workspace: Path = request.app.state.workspace
    try:
        return workspace, recorded(workspace, number).id
    except BadInputError as error:
        raise HTTPException(404, str(error)) from None


Known = Annotated[tuple[Path, int], Depends(known)]


def author(request: Request) -> str:
    """Who speaks on this browser; 403 if nobody said who they are."""
    name = visitor(request).coders.get(HERE, "")
    if not name:
        raise HTTPException(403, "say who you are first: your name is kept with what you correct")
    return name


Author = Annotated[str, Depends(author)]


@api.get("/me")
def who(request: Request) -> dict[str, Any]:
    """The name on this browser, empty for none, and all names that are known here."""
    return {"me": visitor(request).coders.get(HERE, ""), "authors": list(authors(request.app.state.workspace))}


@api.post("/me")
def name_yourself(request: Request, asked: Name) -> dict[str, Any]:
    """Say who speaks on this browser from now on."""
    visitor(request).coders[HERE] = author_named(request.app.state.workspace, asked.name)
    return who(request)


@api.get("/{number}")
def everything(request: Request, there: Known, after: str = "") -> dict[str, Any]:
    """Every interval with all opinions on it; only the version where nothing was said since version ``after``."""
    return _state(request, *there, after)


@api.post("/{number}")
def tell(request: Request, there: Known, me: Author, asked: Telling) -> dict[str, Any]:
    """Say something of an interval; the answer says that it is on the disk."""
    say(*there, me, Told(**asked.model_dump()))
    return _state(request, *there)


@api.post("/{number}/undo")
def take_back(request: Request, there: Known, me: Author) -> dict[str, Any]:
    """Take back what one said last about this recording."""
    undo(*there, me)
    return _state(request, *there)


@api.post("/{number}/redo")
def bring_back(request: Request, there: Known, me: Author) -> dict[str, Any]:
    """Bring back what one took back last."""
    redo(*there, me)
    return _state(request, *there)


def _state(request: Request, workspace: Path, number: int, after: str = "") -> dict[str, Any]:
    lines = history(workspace, number)
    version = _version(workspace, number, lines)
    if version == after:
        return {"version": version}
    analysis = read_results(workspace, number)
    me = visitor(request).coders.get(HERE, "")
    left = steps(lines, me)
    return {
        "version": version,
        "me": me,
        "authors": list(authors(workspace)),
        "undo": left.undo,
        "redo": left.redo,
        "faces": sorted(face.face for face in analysis.faces) or [0],
        "emotions": emotions_for(analysis.expressions),
        "emotions_of_masked": list(OF_MASKED),
        "intervals": [corrected_document(one) for one in resolved(found_by(analysis), lines)],
    }


def _version(workspace: Path, number: int, lines: Sequence[Said]) -> str:
    """Changes with every line that is said and with every new analysis."""
    path = results_of(workspace, number) / FILES["analysis"]
    analysed = path.stat().st_mtime_ns if path.is_file() else 0
    return f"{lines[-1].id if lines else 0}-{analysed}"
