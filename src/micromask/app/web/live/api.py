"""What the page Live asks of the server: frames looked at as they come, snapshots, and a film where one is wanted."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated, Any

import cv2
from fastapi import APIRouter, Depends, FastAPI, Query, Request
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from micromask.app.web.analyse.options import Options, payload_of
from micromask.app.web.live.sessions import BusyError, GoneError, LiveView, LiveViews
from micromask.app.workspace.jobs import FullError
from micromask.app.workspace.live_films import rescue
from micromask.core.errors import BadInputError
from micromask.inference.fitted import Fitted, load_fitted
from micromask.inference.own_models import OwnModel, own_models
from micromask.inference.recent import Told
from micromask.inference.recognise import load_recognizer
from micromask.inference.snapshot import SnapFace
from micromask.inference.stream import MEASURED_WIDTH, LiveFace, LiveState
from micromask.reports.words import region_words


@asynccontextmanager
async def _open(app: FastAPI) -> AsyncIterator[None]:
    """While the server runs there may be live views; when it stops they end, and their films are kept."""
    app.state.live = LiveViews()
    try:
        yield
    finally:
        await run_in_threadpool(app.state.live.close)


api = APIRouter(prefix="/api/live", lifespan=_open)

NARROW = 80.0
"""Below this width (px) small movements may be lost or imagined, as the reports say."""

Key = Annotated[str, Field(pattern="^[0-9a-f]{16}$")]


class Wanted(BaseModel):
    """How to watch: ``model`` is the file of a model of single frames in the workspace, or empty."""

    detector: Annotated[str, Field(max_length=40)] = "mtcnn"
    model: Annotated[str, Field(max_length=255)] = ""


class Film(BaseModel):
    """What kind of film the browser makes."""

    mime: Annotated[str, Field(max_length=100)]


def frame_models(workspace: Path) -> list[OwnModel]:
    """The workspace's own models that read single frames."""
    return [one for one in own_models(workspace / "models") if not one.why and one.reads == "frame"]


def views_of(request: Request) -> LiveViews:
    """The live views of this server."""
    views: LiveViews = request.app.state.live
    return views


Views = Annotated[LiveViews, Depends(views_of)]


@api.post("")
def begin(request: Request, views: Views, wanted: Wanted) -> dict[str, Any]:
    """Begin a live view: its key, and what tells the emotions."""
    workspace: Path = request.app.state.workspace
    payload = payload_of(Options(detector=wanted.detector, face="all"), workspace)
    model = _model(workspace, wanted.model)
    try:
        rescued = rescue(workspace, payload, views.films())
    except FullError:
        rescued = 0  # they wait for another time
    try:
        key = views.open(lambda: LiveView(wanted.detector, model, payload))
    except BusyError as error:
        raise HTTPException(429, str(error)) from None
    described = None if model is None else model.describe
    return {"key": key, "model": described, "recognizer": load_recognizer().describe, "rescued": rescued}


@api.post("/{key}/frames/{number}")
async def frame(
    request: Request, views: Views, key: Key, number: int, at: Annotated[float, Query(ge=0, lt=1e9)]
) -> dict[str, Any]:
    """Look at one frame, taken ``at`` seconds on the page's clock; it is not kept. ``{"late": true}``: a newer one came
    before it."""
    view, data = _view(views, key), await request.body()
    state = await _quick(view.watch, data, number, at)
    return {"late": True} if state is None else _told(state)


@api.post("/{key}/snapshots")
async def snap(request: Request, views: Views, key: Key) -> dict[str, Any]:
    """Look closely at one picture; it is not kept."""
    view, data = _view(views, key), await request.body()
    faces = await _quick(view.snap, data)
    return {"faces": [_snapped(one) for one in faces]}


@api.post("/{key}/film")
def record(request: Request, views: Views, key: Key, film: Film) -> dict[str, bool]:
    """Begin to record."""
    _view(views, key).begin_film(request.app.state.workspace, film.mime)
    return {"recording": True}


@api.post("/{key}/film/end")
def end_film(views: Views, key: Key) -> dict[str, int | None]:
    """End the film: its number in the list of recordings, None where nothing of it came."""
    ids = _view(views, key).end_film()
    return {"recording": None if ids is None else ids[0]}


@api.post("/{key}/film/{number}")
async def piece(request: Request, views: Views, key: Key, number: int) -> dict[str, int]:
    """The next piece of the film; it is on the disk when this is answered."""
    view, data = _view(views, key), await request.body()
    return {"pieces": await run_in_threadpool(view.add_piece, number, data)}


@api.post("/{key}/end")
def end(views: Views, key: Key) -> dict[str, bool]:
    """The page was left: nothing of what was seen stays, but a film that was being recorded does."""
    views.end(key)
    return {"ended": True}


def _view(views: LiveViews, key: str) -> LiveView:
    try:
        return views.get(key)
    except GoneError as error:
        raise HTTPException(404, str(error)) from None


async def _quick(work: Any, *arguments: Any) -> Any:
    try:
        return await run_in_threadpool(work, *arguments)
    except BusyError as error:
        raise HTTPException(429, str(error)) from None
    except GoneError as error:
        raise HTTPException(404, str(error)) from None


def _model(workspace: Path, name: str) -> Fitted | None:
    if not name:
        return None
    for one in frame_models(workspace):
        if one.path.name == name:
            return load_fitted(one.path)
    raise BadInputError(f"there is no model of single frames called {name!r} in this workspace (any more)")


def _told(state: LiveState) -> dict[str, Any]:
    return {
        "frame": state.frame,
        "at": round(state.time, 4),
        "size": state.size,
        "faces": [_face(one) for one in state.faces],
        "told": [_interval(one) for one in state.told],
    }


def _face(one: LiveFace) -> dict[str, Any]:
    return {
        "face": one.face,
        "box": _box(one.box),
        "width": round(one.width, 1),
        "measured": one.width >= MEASURED_WIDTH,
        "narrow": one.width < NARROW,
        "strength": None if one.strength is None else round(one.strength, 2),
        "threshold": round(one.threshold, 2),
        "course": [(round(time, 3), round(strength, 2)) for time, strength in one.course],
        "emotions": _chances(one.emotions),
    }


def _interval(one: Told) -> dict[str, Any]:
    spotted = one.interval
    return {
        "face": spotted.face,
        "kind": spotted.kind,
        "onset": round(spotted.onset_s, 3),
        "apex": round(spotted.apex_s, 3),
        "offset": round(spotted.offset_s, 3),
        "strength": round(spotted.strength, 2),
        "regions": ", ".join(dict.fromkeys(region_words(name) for name in spotted.regions)),
        "emotions": _chances(one.probabilities),
        "delay": round(one.delay_s, 3),
        "fps": round(one.fps, 1),
        "narrow": one.face_px < NARROW,
    }


def _snapped(one: SnapFace) -> dict[str, Any]:
    written, data = cv2.imencode(".jpg", cv2.cvtColor(one.enhanced.picture, cv2.COLOR_RGB2BGR))
    assert written
    return {
        "face": one.face,
        "box": _box(one.box),
        "width": round(one.box[2] - one.box[0], 1),
        "picture": base64.b64encode(data.tobytes()).decode("ascii"),
        "steps": one.enhanced.steps,
        "emotions": _chances(one.probabilities),
        "as_it_is": _chances(one.as_it_is),
    }


def _chances(chances: Any) -> list[tuple[str, float]]:
    """Classes with their probabilities, the most probable first."""
    return [(name, round(chance, 3)) for name, chance in sorted(chances.items(), key=lambda one: -one[1])]


def _box(box: tuple[float, float, float, float]) -> list[float]:
    return [round(side, 1) for side in box]
