"""What the session page asks of the server: camera checks, films piece by piece, events as they happen."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from threading import Lock
from time import monotonic
from typing import Any, Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field, FiniteFloat
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from micromask.app.web.study.own import check_own, check_recording
from micromask.core.errors import BadInputError
from micromask.faces.detect import Detector, detectors
from micromask.studies.camera_check import check_camera, read_picture
from micromask.studies.design import Design
from micromask.studies.sessions import (
    StudyEvent,
    add_chunk,
    add_events,
    begin_recording,
    begin_session,
    delete_session,
    end_recording,
    end_session,
)
from micromask.studies.sittings import go_on, running, sittings

api = APIRouter(prefix="/api")

SILENT_SECONDS, LOOK_SECONDS = 30.0, 5.0
"""A running session whose page is silent for so long is over, since its browser is gone; looked at so often.

Should the page turn up again, it goes on (`go_on`)."""

Detail = dict[str, str | int | FiniteFloat | bool | None]


class Eyes:
    """The detector of the camera check: loaded when first needed, one picture at a time."""

    def __init__(self, name: str) -> None:
        self._name, self._lock = name, Lock()
        self._detector: Detector | None = None

    def look(self, data: bytes) -> dict[str, Any]:
        """The checks of one picture; 503 while another one is looked at."""
        if not self._lock.acquire(blocking=False):
            raise HTTPException(503, "another picture is being looked at")
        try:
            if self._detector is None:
                self._detector = detectors[self._name]()
            seen = check_camera(read_picture(data), self._detector)
        finally:
            self._lock.release()
        checks = [{"name": one.name, "good": one.good, "words": one.words} for one in seen.checks]
        return {"faces": seen.faces, "box": seen.box, "size": seen.size, "checks": checks}


class Heard:
    """When each running session's page was last heard of."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock, self._at = clock, dict[int, float]()

    def note(self, session: int) -> None:
        """Its page is there."""
        self._at[session] = self._clock()

    def silent(self, session: int) -> bool:
        """Whether it has been silent for too long; one that was never heard of begins to be silent now."""
        return self._clock() - self._at.setdefault(session, self._clock()) > SILENT_SECONDS


class NewSession(BaseModel):
    """Who sits down."""

    participant: str


class NewRecording(BaseModel):
    """Which part is filmed, and what the browser makes of it."""

    part: str
    mime: str


class Event(BaseModel):
    """A `StudyEvent` as the page sends it."""

    number: int
    time_s: FiniteFloat
    kind: Literal["stimulus-on", "stimulus-off", "pause", "resume", "stop"]
    item: str | None = None
    detail: Detail = Field(default_factory=dict)


class Events(BaseModel):
    """Events of one recording."""

    events: list[Event] = Field(max_length=1000)


class Ended(BaseModel):
    """How a session ended."""

    state: Literal["done", "stopped", "interrupted"]


class Left(Events):
    """What a page sends when it is closed: the recording it was at, and its last events."""

    recording: int | None = None


@api.post("/sessions")
def new_session(request: Request, asked: NewSession) -> dict[str, int]:
    """Begin a session of a participant who has agreed."""
    check_own(request, asked.participant)
    session = begin_session(_study(request), request.app.state.design, asked.participant)
    request.app.state.heard.note(session.id)
    return {"session": session.id}


@api.get("/sessions/{session}")
def plan(request: Request, session: int) -> dict[str, Any]:
    """What is shown in a running session: its parts, their items in order, without what they are meant to bring out."""
    design: Design = request.app.state.design
    order = running(_study(request), session).items
    parts = []
    for name, ids in order.items():
        part = design.part(name)
        items = {item.id: item for item in part.items}
        shown = [
            {
                "id": each,
                "text": items[each].text,
                "image": None if items[each].image is None else f"{request.app.state.base}/stimuli/{each}",
                "seconds": items[each].seconds,
            }
            for each in ids
        ]
        parts.append({"name": name, "instructions": part.instructions, "items": shown})
    return {"instructions": design.instructions, "parts": parts}


@api.post("/sessions/{session}/here")
def here(request: Request, session: int) -> dict[str, bool]:
    """The page is still open."""
    request.app.state.heard.note(session)
    return {"heard": True}


@api.post("/sessions/{session}/camera")
async def camera(request: Request, session: int) -> dict[str, Any]:
    """Look at one picture of the camera; it is not kept."""
    await run_in_threadpool(running, _study(request), session)
    request.app.state.heard.note(session)
    eyes: Eyes = request.app.state.eyes
    return await run_in_threadpool(eyes.look, await request.body())


@api.post("/sessions/{session}/recordings")
def new_recording(request: Request, session: int, asked: NewRecording) -> dict[str, int]:
    """Begin the film of a part."""
    return {"recording": begin_recording(_study(request), session, asked.part, asked.mime)}


@api.post("/recordings/{recording}/chunks/{number}")
async def chunk(request: Request, recording: int, number: int) -> dict[str, int]:
    """The next piece of a film; it is on the disk when this is answered."""
    data = await request.body()
    if not data:
        raise BadInputError(f"recording {recording}: piece {number} is empty")
    safe = await run_in_threadpool(add_chunk, _study(request), recording, number, data)
    return {"chunks": safe.chunks, "bytes": safe.bytes}


@api.post("/recordings/{recording}/events")
def events(request: Request, recording: int, told: Events) -> dict[str, int]:
    """What happened, on the recording's own clock."""
    return {"events": add_events(_study(request), recording, _events(told))}


@api.post("/recordings/{recording}/end")
def end_film(request: Request, recording: int) -> dict[str, bool]:
    """All pieces of a film have come."""
    end_recording(_study(request), recording)
    return {"ended": True}


@api.post("/recordings/{recording}/go-on")
def go_on_with(request: Request, recording: int) -> dict[str, bool]:
    """The page of a film that was interrupted is still there."""
    go_on(_study(request), recording)
    return {"open": True}


@api.post("/sessions/{session}/end")
def end(request: Request, session: int, how: Ended) -> dict[str, str]:
    """All was shown, or it was stopped."""
    end_session(_study(request), session, how.state)
    return {"state": how.state}


@api.post("/sessions/{session}/delete")
def delete(request: Request, session: int) -> dict[str, str]:
    """Delete what was recorded."""
    delete_session(_study(request), session)
    return {"state": "deleted"}


@api.post("/sessions/{session}/leave")
def leave(request: Request, session: int, last: Left) -> dict[str, str]:
    """The page was closed before the end."""
    study = _study(request)
    running(study, session)
    if last.recording is not None and last.events:
        check_recording(request, last.recording)
        add_events(study, last.recording, _events(last))
    end_session(study, session, "interrupted")
    return {"state": "interrupted"}


def end_silent(study: Path, heard: Heard) -> None:
    """End the sessions whose browser is gone."""
    for one in sittings(study):
        if one.state == "running" and heard.silent(one.id):
            end_session(study, one.id, "interrupted")


def _events(told: Events) -> list[StudyEvent]:
    return [StudyEvent(one.number, one.time_s, one.kind, one.item, one.detail) for one in told.events]


def _study(request: Request) -> Path:
    study: Path = request.app.state.study
    return study
