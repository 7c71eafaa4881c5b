"""Models of the user's own: which there are, one more from a file, one more from a folder of pictures per emotion."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from micromask.app.web.analyse.api import Workspace, workspace_of
from micromask.app.web.analyse.folders import open_folder
from micromask.app.web.receive import received
from micromask.app.workspace.jobs import Job, jobs, queue
from micromask.app.workspace.own import add_model, models_folder, remove_model
from micromask.app.workspace.training import KIND, NOBODY, Training, look_at
from micromask.inference.own_models import OwnModel, honest_figures, own_models

api = APIRouter(prefix="/api/models")

LATEST = 20


class Looked(BaseModel):
    """A folder, and how names tell who is in the pictures."""

    path: str = Field(max_length=4096)
    who: str = Field(NOBODY, max_length=40)
    pattern: str = Field("", max_length=200)


class Fit(Looked):
    """A model that is wanted."""

    title: str = Field("my model", max_length=80)
    model: str = Field("mer-cnn1", max_length=40)
    size: int = 48
    epochs: int = 20
    whole: bool = False


class Named(BaseModel):
    """A model by its file's name."""

    name: str = Field(max_length=255)


@api.get("")
def listed(workspace: Workspace) -> dict[str, Any]:
    """The models, and the fits that wait, run or have ended, newest first."""
    fits = list(reversed(jobs(workspace, KIND)))[:LATEST]
    return {
        "models": [_told(one) for one in own_models(models_folder(workspace))],
        "fits": [_fit(one) for one in fits],
    }


@api.post("/file")
async def add(request: Request, name: str) -> dict[str, str]:
    """Take a weights file in that ``micromask train`` wrote; the body is the file as it is."""
    workspace = workspace_of(request)
    return {"name": await received(request, workspace, lambda part: add_model(workspace, name[:255], part))}


@api.post("/remove")
def remove(workspace: Workspace, asked: Named) -> dict[str, bool]:
    """Remove a model's file."""
    remove_model(workspace, asked.name)
    return {"removed": True}


@api.post("/look")
def look(workspace: Workspace, asked: Looked) -> dict[str, Any]:
    """What a folder holds to learn from, by the names in it."""
    found = look_at(open_folder(asked.path, workspace), asked.who, asked.pattern)
    return {"emotions": dict(found.emotions), "people": found.people, "lines": list(found.lines)}


@api.post("/fit")
def fit(workspace: Workspace, asked: Fit) -> dict[str, int]:
    """Queue the fit of a model on a folder of pictures per emotion."""
    folder = open_folder(asked.path, workspace)
    look_at(folder, asked.who, asked.pattern)
    wanted = asked.model_dump(exclude={"path"}) | {"folder": str(folder)}
    return {"job": queue(workspace, KIND, Training(**wanted).payload)}


def _told(one: OwnModel) -> dict[str, Any]:
    card = one.card
    data = card.get("training_data")
    return {
        "name": one.path.name,
        "model": one.name,
        "classes": list(one.classes),
        "reads": one.reads,
        "figures": honest_figures(card) if card else "",
        "protocol": str(card.get("protocol", "")),
        "licence": str(card.get("licence", "")),
        "data": data if isinstance(data, dict) else {},
        "why": one.why.removeprefix(f"{one.path} ").removeprefix(f"{one.path}: "),
    }


def _fit(one: Job) -> dict[str, Any]:
    return {
        "id": one.id,
        "title": one.payload.get("title", ""),
        "model": one.payload.get("model", ""),
        "state": one.state,
        "done": one.done,
        "total": one.total,
        "line": one.line,
    }
