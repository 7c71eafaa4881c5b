"""Whose a session or film is: a participant's browser reaches their own and nobody else's."""

from __future__ import annotations

from fastapi import Request
from starlette.exceptions import HTTPException

from micromask.app.web.handed import handed_of
from micromask.studies.store import read_store

OTHERS = "this browser was handed to a participant: it reaches their own session and nobody else's"


def own_only(request: Request) -> None:
    """Refuse (403) what a narrowed browser asks of another study, or about others than its own participant.

    A dependency of all routes of a study. What an address names is looked at: a participant, a session or a recording;
    of the participant's own sessions the last one is open.
    """
    handed = handed_of(request.scope)
    if handed is None:
        return
    if request.app.state.study != handed.study:  # another one that has its key since
        raise HTTPException(403, OTHERS)
    parts = request.path_params
    if "name" in parts:
        check_own(request, parts["name"])
    if "session" in parts:
        _check_session(request, int(parts["session"]))
    if "recording" in parts:
        check_recording(request, int(parts["recording"]))


def check_own(request: Request, participant: str) -> None:
    """Refuse (403) a narrowed browser another participant than its own."""
    handed = handed_of(request.scope)
    if handed is not None and (not participant or participant != handed.participant):
        raise HTTPException(403, OTHERS)


def check_recording(request: Request, recording: int) -> None:
    """Refuse (403) a narrowed browser a recording of another session than its own."""
    if handed_of(request.scope) is not None:
        with read_store(request.app.state.study) as store:
            row = store.execute("SELECT session FROM recording WHERE id = ?", (recording,)).fetchone()
        _check_session(request, row["session"] if row else 0)


def sits_down(request: Request, participant: str) -> None:
    """A narrowed browser is from now on the one of somebody who has just been added."""
    handed = handed_of(request.scope)
    if handed is not None:
        handed.participant = participant


def _check_session(request: Request, session: int) -> None:
    handed = handed_of(request.scope)
    with read_store(request.app.state.study) as store:
        last = store.execute(
            "SELECT max(id) FROM session WHERE participant = ?", ("" if handed is None else handed.participant,)
        ).fetchone()[0]
    if session != last:
        raise HTTPException(403, OTHERS)
