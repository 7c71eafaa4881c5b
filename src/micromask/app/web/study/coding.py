"""What the coding pages ask of the server: a coder's own labels and the films, never what another coder said.

A browser codes under one name at a time: the one that was chosen on it. Requests for another one are refused.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from micromask.app.web.links import Visitor
from micromask.core.errors import BadInputError
from micromask.studies.candidates import candidates_of
from micromask.studies.coded_films import open_film
from micromask.studies.coded_units import read_units
from micromask.studies.coding import add_coder, coders, labels_of, progress, remove_label, save_label
from micromask.studies.design import Design, StudyKind
from micromask.studies.film_clock import film_clock
from micromask.studies.frame_rows import StudyFrame, frames_of
from micromask.studies.labels import Decision, Label, label_document
from micromask.studies.masked_pairs import pairs_of
from micromask.studies.store import now
from micromask.studies.undo import redo, steps, undo

api = APIRouter(prefix="/api/coding")


class Name(BaseModel):
    """A coder's name."""

    name: str = Field(max_length=200)


class NewLabel(BaseModel):
    """A decision as the page sends it: `Decision` with the action units as typed; ``id`` of an interval to change."""

    kind: StudyKind
    emotion: str = Field(max_length=200)
    number: int | None = None
    id: int | None = None
    onset: int | None = None
    apex: int | None = None
    offset: int | None = None
    action_units: str = Field("", max_length=500)
    confidence: int | None = None
    covered: list[str] = Field(default_factory=list, max_length=10)
    note: str = ""


def visitor(request: Request) -> Visitor:
    """Who asks: the guard put it there."""
    found: Visitor = request.state.visitor
    return found


def chosen_coder(request: Request) -> str:
    """The coder who was chosen on this browser for this study; empty for none."""
    return visitor(request).coders.get(request.app.state.key, "")


def _choose(request: Request, name: str) -> None:
    visitor(request).coders[request.app.state.key] = name


def own_name(request: Request, coder: str) -> str:
    """The coder of the address, who must be the one that was chosen on this browser."""
    chosen = chosen_coder(request)
    if chosen != coder:
        now_is = f"this browser codes as {chosen!r}" if chosen else "no coder is chosen on this browser"
        raise HTTPException(403, f"{now_is}: choose {coder!r} on the coding page first")
    return coder


Coder = Annotated[str, Depends(own_name)]


@api.get("/coders")
def all_coders(request: Request) -> dict[str, Any]:
    """The coders of the study, and which of them was chosen on this browser."""
    return {"coders": list(coders(_study(request))), "me": chosen_coder(request)}


@api.post("/coders")
def new_coder(request: Request, asked: Name) -> dict[str, str]:
    """Add a coder and choose them on this browser."""
    name = add_coder(_study(request), asked.name)
    _choose(request, name)
    return {"coder": name}


@api.post("/me")
def choose(request: Request, asked: Name) -> dict[str, str]:
    """Choose a coder on this browser."""
    if asked.name not in coders(_study(request)):
        raise BadInputError(f"there is no coder {asked.name!r}: add the name first")
    _choose(request, asked.name)
    return {"coder": asked.name}


@api.get("/{coder}/films")
def films(request: Request, coder: Coder) -> dict[str, Any]:
    """Films that can be coded, with this coder's progress."""
    found = progress(_study(request), _design(request), coder)
    return {
        "films": [
            {
                "recording": film.recording,
                "participant": film.participant,
                "part": film.part,
                "frames": film.frames,
                "coded": film.coded,
                "intervals": film.intervals,
            }
            for film in found
        ]
    }


@api.get("/{coder}/films/{recording}")
def film(request: Request, coder: Coder, recording: int) -> dict[str, Any]:
    """One film to be coded: its clock, its kept frames and this coder's own labels.

    With the study's ``blind_to_stimulus`` neither what was on the screen nor what it was chosen for.
    """
    study, design = _study(request), _design(request)
    opened = open_film(study, recording)
    clock = film_clock(study, recording)
    intended = {item.id: item.intended_emotion for part in design.parts for item in part.items}
    return {
        "recording": recording,
        "participant": opened.participant,
        "part": opened.part,
        "film": f"{request.app.state.base}/api/films/{recording}",
        "times": [round(float(time), 6) for time in clock.times],
        "lead": clock.lead,
        "kinds": list(design.kinds),
        "emotions": list(design.emotions),
        "masked": list(pairs_of(design)) if "masked" in design.kinds else [],
        "frames": [
            _frame(request.app.state.base, recording, frame)
            | ({} if design.blind_to_stimulus else {"item": frame.item, "intended": intended.get(frame.item or "")})
            for frame in frames_of(study, recording)
        ],
        "candidates": [[one.onset, one.apex, one.offset] for one in candidates_of(study, recording)],
        "labels": [label_document(label) for label in labels_of(study, coder, recording)],
        **_steps(study, coder, recording),
    }


@api.post("/{coder}/films/{recording}/labels")
def save(request: Request, coder: Coder, recording: int, asked: NewLabel) -> dict[str, Any]:
    """Save a decision; the answer says that it is on the disk."""
    study = _study(request)
    told = Decision(
        asked.kind,
        asked.emotion,
        asked.number,
        asked.onset,
        asked.apex,
        asked.offset,
        read_units(asked.action_units),
        asked.confidence,
        tuple(asked.covered),
        asked.note,
    )
    label = save_label(study, _design(request), coder, recording, told, asked.id)
    return _changed(study, coder, recording, label.id, label)


@api.post("/{coder}/films/{recording}/labels/{label}/remove")
def remove(request: Request, coder: Coder, recording: int, label: int) -> dict[str, Any]:
    """Remove a label; undo brings it back."""
    study = _study(request)
    remove_label(study, coder, recording, label)
    return _changed(study, coder, recording, label, None)


@api.post("/{coder}/films/{recording}/undo")
def take_back(request: Request, coder: Coder, recording: int) -> dict[str, Any]:
    """Take back the coder's last change to this film."""
    study = _study(request)
    undone = undo(study, coder, recording)
    return _changed(study, coder, recording, undone.id, undone.label)


@api.post("/{coder}/films/{recording}/redo")
def bring_back(request: Request, coder: Coder, recording: int) -> dict[str, Any]:
    """Bring back what was taken back last."""
    study = _study(request)
    redone = redo(study, coder, recording)
    return _changed(study, coder, recording, redone.id, redone.label)


def _frame(base: str, recording: int, frame: StudyFrame) -> dict[str, Any]:
    return {
        "number": frame.number,
        "frame": frame.frame,
        "time": frame.time_s,
        "picture": f"{base}/api/films/{recording}/frames/{frame.number}",
        "flags": list(frame.flags),
        "size": frame.measures.get("size"),
        "regions": frame.measures.get("regions", {}),
        "to_aligned": frame.measures.get("to_aligned"),
    }


def _changed(study: Path, coder: str, recording: int, label: int, now_is: Label | None) -> dict[str, Any]:
    told = None if now_is is None else label_document(now_is)
    return {"id": label, "label": told, "saved": now(), **_steps(study, coder, recording)}


def _steps(study: Path, coder: str, recording: int) -> dict[str, int]:
    found = steps(study, coder, recording)
    return {"undo": found.undo, "redo": found.redo}


def _study(request: Request) -> Path:
    study: Path = request.app.state.study
    return study


def _design(request: Request) -> Design:
    design: Design = request.app.state.design
    return design
