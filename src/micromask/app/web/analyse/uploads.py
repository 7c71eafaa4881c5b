"""A film from the browser, streamed to the disk: no more than a piece of it is ever held in memory."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, TypeVar, TypeVarTuple

from anyio import CapacityLimiter, to_thread
from fastapi import APIRouter, Query, Request
from pydantic import Field
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from micromask.app.web.analyse.options import Options, payload_of
from micromask.app.web.receive import pieces
from micromask.app.workspace.jobs import RETRY_SECONDS, FullError
from micromask.app.workspace.recordings import LONGEST_NAME, add_and_queue
from micromask.app.workspace.uploads import Part, Uploads
from micromask.core.errors import BadInputError, BadOutputError

api = APIRouter(prefix="/api/uploads")

PIECE = 1 << 18
"""Bytes that are gathered before they are written, for each film that is coming in."""

WRITERS = 4
"""Threads that write; the threads that answer pages are others."""

SILENT_SECONDS = 60.0
"""A film of which nothing comes for so long has broken off."""

DRAIN_SECONDS = 5.0
"""A refused film is read for so long and thrown away: a browser that is still sending does not hear a refusal."""

FULL_DISK = 507
BROKEN_OFF = 499
CLOSE = {"Connection": "close"}

T = TypeVar("T")
Arguments = TypeVarTuple("Arguments")


class Asked(Options):
    """What is asked of a film: its name, who is on it, and how it is to be analysed."""

    name: str = Field(max_length=1000)
    participant: str = Field("", max_length=LONGEST_NAME)
    group: str = Field("", max_length=LONGEST_NAME)


@api.post("")
async def upload(request: Request, asked: Annotated[Asked, Query()]) -> dict[str, int]:
    """Take one film in and queue its analysis: ``{"recording": id, "job": id}`` once it is on the disk.

    The body is the film as it is; its length has to be announced. 429: the queue is full; 507: the disk is; 408: it
    stopped coming. Nothing stays of a film that is refused or breaks off.
    """
    workspace: Path = request.app.state.workspace
    door = _door(request)
    announced = request.headers.get("content-length")
    if announced is None:
        raise HTTPException(411, "a film has to say how long it is: send it in one piece", CLOSE)
    try:
        payload = payload_of(asked, workspace)
        with door.uploads.part(workspace, int(announced)) as part:
            await _receive(request, door, part)
            number, job = await door.by_writer(
                lambda: add_and_queue(
                    workspace, asked.name, part.path, payload, participant=asked.participant, group=asked.group
                )
            )
    except ClientDisconnect:
        raise HTTPException(BROKEN_OFF, "the film broke off") from None  # nobody hears it
    except FullError as error:
        await _drain(request)
        raise HTTPException(429, str(error), {"Retry-After": str(RETRY_SECONDS)}) from None
    except BadOutputError as error:
        await _drain(request)
        raise HTTPException(FULL_DISK, str(error)) from None
    except BadInputError:
        await _drain(request)
        raise
    return {"recording": number, "job": job}


async def _receive(request: Request, door: _Door, part: Part) -> None:
    gathered = bytearray()
    async for piece in pieces(request, SILENT_SECONDS, "nothing of this film came", CLOSE):
        gathered += piece
        if len(gathered) >= PIECE:
            await door.by_writer(part.add, bytes(gathered))
            gathered.clear()
    await door.by_writer(part.add, bytes(gathered))
    await door.by_writer(part.complete)


async def _drain(request: Request) -> None:
    """Read what still comes of a film and throw it away, for a while: who is still sending does not listen."""
    try:
        async with asyncio.timeout(DRAIN_SECONDS):
            async for _ in request.stream():
                pass
    except (TimeoutError, ClientDisconnect, RuntimeError):  # RuntimeError: all of it was read
        pass


class _Door:
    """Where films come into one server: which are coming, and the few threads that write them.

    Those that answer pages are others and stay free.
    """

    def __init__(self) -> None:
        self.uploads, self._writers = Uploads(), CapacityLimiter(WRITERS)

    async def by_writer(self, work: Callable[[*Arguments], T], *arguments: *Arguments) -> T:
        return await to_thread.run_sync(work, *arguments, limiter=self._writers)


def _door(request: Request) -> _Door:
    state = request.app.state
    if not hasattr(state, "door"):
        state.door = _Door()
    door: _Door = state.door
    return door
