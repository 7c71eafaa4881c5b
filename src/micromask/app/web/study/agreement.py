"""What the agreement page asks of the server: everybody's labels, so not for coders still at work."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any, Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from micromask.app.web.study.coding import chosen_coder
from micromask.studies.agreement import agreement, agreement_document
from micromask.studies.coding import coders
from micromask.studies.design import Design, StudyKind
from micromask.studies.masked_pairs import pairs_of
from micromask.studies.settle import settle, settle_by_rule, settled, undo_settling

api = APIRouter(prefix="/api/agreement")


class Rule(BaseModel):
    """What is settled by the labels alone, and who asks for it."""

    by: str = Field(max_length=200)
    majority: bool = False
    one_coder: bool = False


class Decided(BaseModel):
    """One frame settled by people."""

    recording: int
    number: int
    kind: StudyKind
    emotion: str = Field(max_length=200)
    how: Literal["discussion", "third coder"]
    by: str = Field(max_length=400)
    action_units: str = Field("", max_length=500)


class By(BaseModel):
    """Who asks."""

    by: str = Field(max_length=200)


@api.get("")
def everything(request: Request) -> dict[str, Any]:
    """The figures, the disagreements, and what is settled."""
    study, design = _study(request), _design(request)
    return {
        **agreement_document(agreement(study)),
        "settled": [asdict(row) for row in settled(study)],
        "choices": {
            "micro": list(design.emotions),
            "masked": list(pairs_of(design)) if "masked" in design.kinds else [],
        },
        "coders": list(coders(study)),
        "me": chosen_coder(request),
    }


@api.post("/rule")
def by_rule(request: Request, asked: Rule) -> dict[str, Any]:
    """Settle what the labels settle."""
    told = settle_by_rule(_study(request), asked.by, majority=asked.majority, one_coder=asked.one_coder)
    return asdict(told)


@api.post("/settle")
def decide(request: Request, asked: Decided) -> dict[str, Any]:
    """Settle one frame by discussion or by a third coder."""
    told = settle(
        _study(request),
        _design(request),
        asked.recording,
        asked.number,
        asked.kind,
        asked.emotion,
        how=asked.how,
        by=asked.by,
        action_units=asked.action_units,
    )
    return asdict(told)


@api.post("/undo")
def take_back(request: Request, asked: By) -> dict[str, int]:
    """Take back what somebody settled last."""
    return {"frames": undo_settling(_study(request), asked.by)}


def _study(request: Request) -> Path:
    study: Path = request.app.state.study
    return study


def _design(request: Request) -> Design:
    design: Design = request.app.state.design
    return design
