"""What the Images page asks of the server: batches of pictures, their rows and faces, the table."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.responses import FileResponse, Response

from micromask.app.web.analyse.api import Workspace, workspace_of
from micromask.app.web.analyse.folders import open_folder
from micromask.app.web.receive import received
from micromask.app.workspace.jobs import FullError, cancel
from micromask.app.workspace.own import models_folder
from micromask.app.workspace.pictures import (
    Batch,
    add_folder,
    add_picture,
    batch_of,
    batches,
    begin,
    create_batch,
    face_file,
    pictures,
    read_again,
    remove_batch,
)
from micromask.app.workspace.recordings import LONGEST_TITLE
from micromask.core.errors import BadInputError
from micromask.inference.own_models import own_models

if TYPE_CHECKING:
    from micromask.reports.predictions import FaceLine

api = APIRouter(prefix="/api/images")

AT_ONCE = 200
"""So many rows are handed out in one answer."""


class Asked(BaseModel):
    """How pictures are to be read: by which model ('' for none), and whether it reads the enhanced faces."""

    model: str = Field("", max_length=255)
    enhanced: bool = False


class New(Asked):
    """Pictures that are going to be uploaded, under a title."""

    title: str = Field("pictures", max_length=LONGEST_TITLE)


class Folder(Asked):
    """A folder of this machine."""

    path: str = Field(max_length=4096)


@api.get("")
def listed(workspace: Workspace) -> dict[str, Any]:
    """All batches, newest first."""
    return {"batches": [told(one) for one in batches(workspace)], "models": frame_models(workspace)}


@api.post("")
def create(workspace: Workspace, asked: New) -> dict[str, int]:
    """An empty batch to upload to."""
    return {"batch": create_batch(workspace, asked.title, model=asked.model, enhanced=asked.enhanced)}


@api.post("/folder")
def take_folder(workspace: Workspace, asked: Folder) -> dict[str, int]:
    """A batch of all pictures in a folder of this machine, which is begun at once."""
    folder = open_folder(asked.path, workspace)
    number = add_folder(workspace, folder, model=asked.model, enhanced=asked.enhanced)
    try:
        begin(workspace, number)
    except FullError:
        remove_batch(workspace, number)
        raise
    return {"batch": number}


@api.post("/{number}/pictures")
async def upload(request: Request, number: int, name: str) -> dict[str, int]:
    """Take one picture in; the body is the picture as it is."""
    workspace = workspace_of(request)
    if len(name) > 1000:
        raise BadInputError("this name is too long")
    return {"picture": await received(request, workspace, lambda part: add_picture(workspace, number, name, part))}


@api.post("/{number}/begin")
def start(workspace: Workspace, number: int) -> dict[str, int]:
    """Read what was added."""
    return {"job": begin(workspace, number)}


@api.post("/{number}/again")
def again(workspace: Workspace, number: int, asked: Asked) -> dict[str, int]:
    """Read everything anew, with another model perhaps."""
    return {"job": read_again(workspace, number, model=asked.model, enhanced=asked.enhanced)}


@api.post("/{number}/cancel")
def stop(workspace: Workspace, number: int) -> dict[str, bool]:
    """Stop reading; what was read stays."""
    job = batch_of(workspace, number).job
    if job is not None:
        cancel(workspace, job.id)
    return {"cancelled": job is not None}


@api.post("/{number}/remove")
def forget(workspace: Workspace, number: int) -> dict[str, bool]:
    """Remove a batch with all that was read; pictures outside of the workspace stay."""
    remove_batch(workspace, number)
    return {"removed": True}


@api.get("/{number}")
def rows(
    request: Request, number: int, after: int = 0, emotion: str | None = None, seen: int | None = None
) -> dict[str, Any]:
    """A batch and its rows from ``after`` on, in the order of the pictures; ``next`` is where to go on, or None.

    Counts are those of all rows; ``emotion`` keeps the rows of one emotion ('' for pictures without a face or answer).
    Where no more than ``seen`` pictures are read, the rows are known to who asks, and None.
    """
    batch = batch_or_404(request, number)
    if seen is not None and batch.read == seen:
        return {**told(batch), "rows": None}
    found = [
        row | {"id": one.id, "row": at, "emotion": _emotion(row)}
        for one in pictures(workspace_of(request), number)
        for at, row in enumerate(one.rows or ())
    ]
    counts: dict[str, int] = {}
    for row in found:
        counts[row["emotion"]] = counts.get(row["emotion"], 0) + 1
    kept = [row for row in found if emotion is None or row["emotion"] == emotion]
    upto = max(0, after) + AT_ONCE
    return {
        **told(batch),
        "counts": counts,
        "faces": sum(row["face"] is not None for row in found),
        "unread": sum(bool(row["why"]) for row in found),
        "rows": kept[max(0, after) : upto],
        "next": upto if upto < len(kept) else None,
    }


@api.get("/{number}/table")
def table(request: Request, number: int) -> Response:
    """predictions.csv of what was read so far."""
    from micromask.reports.predictions import read_line, write_csv

    batch = batch_or_404(request, number)
    every = [read_line(row) for one in pictures(workspace_of(request), number) for row in one.rows or ()]
    headers = {"Content-Disposition": 'attachment; filename="predictions.csv"'}
    return Response(write_csv(every, batch.classes), media_type="text/csv", headers=headers)


@api.get("/{number}/{picture}/{row}/{which}")
def face(workspace: Workspace, number: int, picture: int, row: int, which: str) -> Response:
    """The JPEG of a row: ``face`` is what is shown, ``heat`` where the network looked."""
    path = face_file(workspace, number, picture, row, heat=which == "heat")
    if which not in ("face", "heat") or not path.is_file():
        raise HTTPException(404, "there is no such page here")
    return FileResponse(path, media_type="image/jpeg", headers={"Cache-Control": "private, max-age=60"})


def batch_or_404(request: Request, number: int) -> Batch:
    """One batch; HTTPException 404 where there is none."""
    try:
        return batch_of(workspace_of(request), number)
    except BadInputError as error:
        raise HTTPException(404, str(error)) from None


def frame_models(workspace: Path) -> list[dict[str, Any]]:
    """The user's models that read single frames, for a list to choose from."""
    return [
        {"name": one.path.name, "describe": one.describe, "classes": list(one.classes)}
        for one in own_models(models_folder(workspace))
        if not one.why and one.reads == "frame"
    ]


def lines_with_pictures(workspace: Path, number: int) -> list[FaceLine]:
    """All rows of a batch, with the pictures of as many as a page shows."""
    from micromask.reports.predictions import MOST_SHOWN, read_line

    lines: list[FaceLine] = []
    for one in pictures(workspace, number):
        for at, row in enumerate(one.rows or ()):
            both = (face_file(workspace, number, one.id, at), face_file(workspace, number, one.id, at, heat=True))
            packed = [path.read_bytes() if path.is_file() else b"" for path in both] if len(lines) < MOST_SHOWN else []
            lines.append(read_line(row, *packed))
    return lines


def told(one: Batch) -> dict[str, Any]:
    """A batch as the page reads it."""
    job = one.job
    return {
        "id": one.id,
        "title": one.title,
        "model": one.model,
        "enhanced": one.enhanced,
        "outside": one.outside,
        "described": one.described,
        "classes": list(one.classes),
        "added": one.added,
        "total": one.total,
        "read": one.read,
        "state": "new" if job is None else job.state,
        "line": "" if job is None else job.line,
    }


def _emotion(row: dict[str, Any]) -> str:
    shares: dict[str, float] = row["probabilities"]
    return max(shares, key=shares.__getitem__) if shares else ""
