"""What the Analyse page asks of the server: the list of recordings, and what is done to one of them."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, Field

from micromask.app.web.analyse.folders import film_in, open_folder
from micromask.app.web.analyse.options import Options, payload_of
from micromask.app.workspace.exports.kept import exports_with
from micromask.app.workspace.found import Found, found_in, last_corrections
from micromask.app.workspace.jobs import FullError, Job, again, cancel, jobs, queue
from micromask.app.workspace.made import made_with
from micromask.app.workspace.recordings import (
    LONGEST_NAME,
    Recorded,
    add_and_queue,
    describe,
    recording,
    recordings,
    remove,
)
from micromask.app.workspace.shown import is_shown
from micromask.core.errors import BadInputError

api = APIRouter(prefix="/api/analyse")


def workspace_of(request: Request) -> Path:
    """The workspace that is served."""
    workspace: Path = request.app.state.workspace
    return workspace


Workspace = Annotated[Path, Depends(workspace_of)]
Name = Annotated[str, Field(max_length=LONGEST_NAME)]


class Person(BaseModel):
    """Who is on a recording and what they belong to; what is None stays as it is."""

    participant: Name | None = None
    group: Name | None = None


class Films(BaseModel):
    """Films of a folder of this machine; the name '' is the folder itself, as a recording in pictures."""

    path: str = Field(max_length=4096)
    names: list[Annotated[str, Field(max_length=1000)]] = Field(max_length=50)
    participant: Name = ""
    group: Name = ""
    options: Options = Options()


@api.get("")
def listed(workspace: Workspace) -> dict[str, Any]:
    """All recordings, newest first, each with how far its analysis is and what it found."""
    latest = _latest(workspace)
    waiting = sorted((job for job in latest.values() if job.state == "queued"), key=lambda job: (job.queued, job.id))
    places = {job.recording: place for place, job in enumerate(waiting, start=1)}
    last = last_corrections(workspace)
    told = []
    for one in reversed(recordings(workspace)):
        found = found_in(workspace, one.id, last.get(one.id)) if is_shown(workspace, one) else None
        told.append(_told(one, latest.get(one.id), found) | {"place": places.get(one.id)})
    return {"recordings": told}


@api.post("/folder")
def add_films(workspace: Workspace, asked: Films) -> dict[str, Any]:
    """Take films of a folder in and queue them, until the queue is full; ``left`` are those that it has no room for."""
    folder = open_folder(asked.path, workspace)
    payload = payload_of(asked.options, workspace)
    failed: list[dict[str, str]] = []
    who = {"participant": asked.participant, "group": asked.group}
    for number, name in enumerate(asked.names):
        try:
            film = film_in(folder, name)
            add_and_queue(workspace, film.name, film, payload, outside=True, **who)
        except FullError:
            return {"failed": failed, "left": asked.names[number:]}
        except BadInputError as error:
            failed.append({"name": name, "why": str(error)})
    return {"failed": failed, "left": []}


@api.post("/cancel-waiting")
def cancel_waiting(workspace: Workspace) -> dict[str, int]:
    """Cancel every analysis that waits; those that run go on."""
    waiting = [job for job in _latest(workspace).values() if job.state == "queued"]
    for job in waiting:
        cancel(workspace, job.id)
    return {"cancelled": len(waiting)}


@api.post("/again-failed")
def failed_again(workspace: Workspace) -> dict[str, int]:
    """Queue every analysis that failed once more."""
    failed = [job for job in _latest(workspace).values() if job.state == "failed"]
    for job in failed:
        again(workspace, job.id)
    return {"queued": len(failed)}


@api.post("/{number}")
def change(workspace: Workspace, number: int, asked: Person) -> dict[str, str]:
    """Say who is on a recording."""
    describe(workspace, number, participant=asked.participant, group=asked.group)
    now_is = recording(workspace, number)
    return {"participant": now_is.participant, "group": now_is.group}


@api.post("/{number}/cancel")
def stop(workspace: Workspace, number: int) -> dict[str, bool]:
    """Cancel a recording's analysis, whether it waits or runs."""
    cancel(workspace, _job(workspace, number).id)
    return {"cancelled": True}


@api.post("/{number}/again")
def once_more(workspace: Workspace, number: int) -> dict[str, bool]:
    """Queue an analysis that failed or was cancelled as it was asked for."""
    again(workspace, _job(workspace, number).id)
    return {"queued": True}


@api.post("/{number}/anew")
def anew(workspace: Workspace, number: int, asked: Options) -> dict[str, int]:
    """Queue a new analysis with other options; the results there are stay until it is done."""
    if recording(workspace, number).state in ("waiting", "working"):
        raise BadInputError("this recording is in the queue already: wait for it, or cancel it first")
    return {"job": queue(workspace, "analyze", payload_of(asked, workspace), recording=number)}


@api.get("/{number}/held")
def held(workspace: Workspace, number: int) -> dict[str, Any]:
    """What else goes or changes when a recording is removed: cohorts and agreements with it, and exports."""
    recording(workspace, number)
    return {
        "made": [
            {
                "kind": kind,
                "number": one.number,
                "words": one.words,
                "left": sum(each != number for each in one.payload["recordings"]),
            }
            for kind, one in made_with(workspace, number)
        ],
        "exports": exports_with(workspace, number),
    }


@api.post("/{number}/remove")
def forget(workspace: Workspace, number: int) -> dict[str, bool]:
    """Remove a recording with all that belongs to it; what was made with it is made again, its film outside stays."""
    remove(workspace, number)
    return {"removed": True}


def _latest(workspace: Path) -> dict[int, Job]:
    """The newest analysis of each recording, by the recording's id: jobs come in the order of their ids."""
    return {job.recording: job for job in jobs(workspace, "analyze") if job.recording is not None}


def _job(workspace: Path, number: int) -> Job:
    recording(workspace, number)
    try:
        return _latest(workspace)[number]
    except KeyError:
        raise BadInputError(f"recording {number} was never queued: analyse it again with options") from None


def _told(one: Recorded, job: Job | None, found: Found | None) -> dict[str, Any]:
    running = job is not None and job.state == "running"
    return {
        "id": one.id,
        "title": one.title,
        "participant": one.participant,
        "group": one.group,
        "state": one.state,
        "why": one.why,
        "outside": one.outside,
        "seconds": one.seconds,
        "fps": one.fps,
        "job": {"done": job.done, "total": job.total, "line": job.line} if job is not None and running else None,
        "found": None if found is None else asdict(found) | {"line": found.line},
    }
