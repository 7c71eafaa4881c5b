"""What the page of a recording asks of the server: the film, its clock, curves, tracks, and motion to lay over it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import numpy as np
from fastapi import APIRouter, Depends, Request
from starlette.exceptions import HTTPException
from starlette.responses import FileResponse, Response

from micromask.app.workspace.jobs import Job, jobs, queue
from micromask.app.workspace.playable import read_clock
from micromask.app.workspace.recordings import Recorded, recording, results_of
from micromask.app.workspace.shown import (
    PLAYED,
    curves,
    is_shown,
    packed_track,
    read_shown,
    region_outlines,
    shown_document,
    timelines_of,
)
from micromask.app.workspace.skin_motion import SkinMotion, skin_motion
from micromask.app.workspace.work.magnify import KIND, Magnified, magnified_path, payload_of
from micromask.core.errors import BadInputError
from micromask.reports.pictures import colour_wheel
from micromask.reports.tracks import TRACKS_FILE, read_some_tracks

api = APIRouter(prefix="/api/recordings/{number}")

BINARY = "application/octet-stream"
CHUNK = 512
"""Tracks are handed out for so many frames at a time."""


def shown_recording(request: Request, number: int) -> tuple[Path, Recorded]:
    """The workspace, and a recording of it that can be looked at.

    Raises
    ------
    HTTPException
        404 if there is no such recording or it has no results.
    """
    workspace: Path = request.app.state.workspace
    try:
        one = recording(workspace, number)
    except BadInputError as error:
        raise HTTPException(404, str(error)) from None
    if not is_shown(workspace, one):
        raise HTTPException(404, f"{one.title} has no results yet: wait until it is analysed, or analyse it")
    return workspace, one


Shown = Annotated[tuple[Path, Recorded], Depends(shown_recording)]


@api.get("")
def document(shown: Shown) -> dict[str, Any]:
    """What was found, in words and numbers; the curves of which faces there are."""
    workspace, one = shown
    told = shown_document(one, read_shown(workspace, one))
    told["curves"] = {timeline.face: curves(timeline)[0] for timeline in timelines_of(workspace, one)}
    told["chunk"] = CHUNK
    return told


@api.get("/film")
def film(shown: Shown) -> Response:
    """The film as the browser plays it, whole or the bytes that it asks for."""
    return FileResponse(shown[1].folder / PLAYED, media_type="video/mp4")


@api.get("/clock")
def clock(shown: Shown) -> Response:
    """Which frames of the recording the film shows: N times (s from the recording's first frame), then N frame numbers.

    8-byte floats. The film begins with the first of them.
    """
    told = read_clock(shown[1].folder / PLAYED)
    both = np.concatenate([told.times, told.frames]).astype("<f8")
    return Response(both.tobytes(), media_type=BINARY)


@api.get("/curves/{face}")
def face_curves(shown: Shown, face: int) -> Response:
    """The curves of one face: 4-byte floats, as the document's ``curves`` says."""
    workspace, one = shown
    for timeline in timelines_of(workspace, one):
        if timeline.face == face:
            return Response(curves(timeline)[1], media_type=BINARY)
    raise HTTPException(404, f"{one.title} has no face {face}")


@api.get("/tracks/{face}/{chunk}")
def track(shown: Shown, face: int, chunk: int) -> Response:
    """Where a face is in frames CHUNK x chunk and following: 4-byte floats, rows as `packed_track` says."""
    workspace, one = shown
    first = CHUNK * chunk
    for found in read_some_tracks(results_of(workspace, one.id) / TRACKS_FILE, first, first + CHUNK - 1):
        if found.face_id == face:
            return Response(packed_track(found), media_type=BINARY)
    raise HTTPException(404, f"{one.title} has no face {face}")


@api.get("/regions/{face}/{chunk}")
def regions(shown: Shown, face: int, chunk: int) -> dict[str, Any]:
    """The outlines of a face's regions in those frames, in px of the aligned face."""
    workspace, one = shown
    first = CHUNK * chunk
    for found in read_some_tracks(results_of(workspace, one.id) / TRACKS_FILE, first, first + CHUNK - 1):
        if found.face_id == face:
            return {"regions": region_outlines(found)}
    raise HTTPException(404, f"{one.title} has no face {face}")


@api.get("/motion/{face}/{onset}/{frame}")
def motion(shown: Shown, face: int, onset: int, frame: int) -> dict[str, Any]:
    """What the pictures of a face's motion between two frames mean and where they belong."""
    return _motion(shown, face, onset, frame).about


@api.get("/motion/{face}/{onset}/{frame}/flow")
def flow(shown: Shown, face: int, onset: int, frame: int) -> Response:
    """That motion as a picture."""
    return Response(_motion(shown, face, onset, frame).flow, media_type="image/png")


@api.get("/motion/{face}/{onset}/{frame}/strain")
def strain(shown: Shown, face: int, onset: int, frame: int) -> Response:
    """Its strain as a picture."""
    return Response(_motion(shown, face, onset, frame).strain, media_type="image/png")


@api.get("/wheel")
def wheel(shown: Shown) -> Response:
    """What the colours of flow mean: right is right."""
    import cv2

    packed: np.ndarray = cv2.imencode(".png", cv2.cvtColor(colour_wheel(), cv2.COLOR_RGBA2BGRA))[1]
    return Response(packed.tobytes(), media_type="image/png")


@api.get("/magnified/{face}/{onset}/{offset}/{times}")
def magnified(shown: Shown, face: int, onset: int, offset: int, times: int) -> dict[str, Any]:
    """How far the magnified film of an interval is: state none, queued, running, ready, failed or cancelled."""
    return _magnified(shown, Magnified(face, onset, offset, times))


@api.post("/magnified/{face}/{onset}/{offset}/{times}")
def magnify(shown: Shown, face: int, onset: int, offset: int, times: int) -> dict[str, Any]:
    """Have an interval magnified, unless that is done or under way."""
    wanted = Magnified(face, onset, offset, times)
    workspace, one = shown
    if _magnified(shown, wanted)["state"] not in ("ready", "queued", "running"):
        queue(workspace, KIND, payload_of(wanted), recording=one.id, urgent=True)
    return _magnified(shown, wanted)


@api.get("/magnified/{face}/{onset}/{offset}/{times}/film")
def magnified_film(shown: Shown, face: int, onset: int, offset: int, times: int) -> Response:
    """The magnified film."""
    path = magnified_path(*shown, Magnified(face, onset, offset, times))
    if not path.is_file():
        raise HTTPException(404, "this interval has not been magnified yet")
    return FileResponse(path, media_type="video/mp4")


def _magnified(shown: tuple[Path, Recorded], wanted: Magnified) -> dict[str, Any]:
    if magnified_path(*shown, wanted).is_file():
        return {"state": "ready", "done": 1, "total": 1, "line": ""}
    job = _last_job(*shown, wanted)
    if job is None or job.state == "done":
        return {"state": "none", "done": 0, "total": 0, "line": ""}
    return {"state": job.state, "done": job.done, "total": job.total, "line": job.line}


def _last_job(workspace: Path, one: Recorded, wanted: Magnified) -> Job | None:
    asked = payload_of(wanted)
    found = [job for job in jobs(workspace, KIND) if job.recording == one.id and job.payload == asked]
    return found[-1] if found else None


def _motion(shown: tuple[Path, Recorded], face: int, onset: int, frame: int) -> SkinMotion:
    workspace, one = shown
    return skin_motion(one, results_of(workspace, one.id), face, onset, frame)
