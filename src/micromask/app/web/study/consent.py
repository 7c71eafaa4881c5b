"""What the consent page asks of the server: a text agreed to, then a new participant or a known one's new consent."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from threading import Lock
from time import monotonic
from typing import NamedTuple

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field
from starlette.responses import JSONResponse, Response

from micromask.app.web.look import refusal
from micromask.app.web.study.own import sits_down
from micromask.core.errors import BadInputError
from micromask.studies.design import Design
from micromask.studies.people import (
    check_fields,
    give_consent,
    insert_consent,
    insert_participant,
    participants,
    sha256_of,
)
from micromask.studies.store import now, open_store

api = APIRouter(prefix="/api")

GOOD_FOR_SECONDS = 3600
MOST_WAITING = 200


class Agreed(NamedTuple):
    """Somebody agreed to a text at a time; they are not a participant yet."""

    text: str
    given: str
    until: float


class Consents:
    """Consents that wait for the participant's form, in memory: who goes away before it leaves nothing behind."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._waiting: dict[str, Agreed] = {}

    def keep(self, text: str) -> str:
        """A ticket for a consent that was given now."""
        ticket = secrets.token_urlsafe(24)
        with self._lock:
            still = {key: one for key, one in self._waiting.items() if one.until > monotonic()}
            self._waiting = dict(list(still.items())[-MOST_WAITING + 1 :])
            self._waiting[ticket] = Agreed(text, now(), monotonic() + GOOD_FOR_SECONDS)
        return ticket

    def look(self, ticket: str) -> Agreed:
        """What a ticket stands for.

        Raises
        ------
        BadInputError
            If it was used or is too old.
        """
        found = self._waiting.get(ticket)
        if found is None or found.until < monotonic():
            raise BadInputError(
                "the consent was given too long ago or to another server: load the page and give it anew"
            )
        return found

    def use(self, ticket: str) -> None:
        """A ticket is good once."""
        with self._lock:
            self._waiting.pop(ticket, None)


class TextAgreed(BaseModel):
    """The text of consent that was on the page, by its SHA-256."""

    text_sha256: str = Field(max_length=64)


class NewParticipant(BaseModel):
    """A participant's answers by field, with the ticket of their consent."""

    ticket: str = Field(max_length=100)
    fields: dict[str, str] = Field(max_length=200)


@api.post("/consent")
def agree(request: Request, agreed: TextAgreed) -> dict[str, str]:
    """Somebody agrees, now, to the text that is on their page."""
    design: Design = request.app.state.design
    _check_text(design, agreed)
    consents: Consents = request.app.state.consents
    return {"ticket": consents.keep(design.consent)}


@api.post("/participants")
def new_participant(request: Request, asked: NewParticipant) -> Response:
    """Add a participant together with the consent that they gave before the form."""
    study, design, consents = request.app.state.study, request.app.state.design, request.app.state.consents
    agreed: Agreed = consents.look(asked.ticket)
    faults = field_faults(design, asked.fields)
    if faults:
        line = "; ".join(faults.values()) if len(faults) < 3 else f"{len(faults)} answers are not in order"
        return refusal(request.scope, 422, line, fields=faults)
    with open_store(study) as store:
        name = insert_participant(store, check_fields(design, asked.fields))
        insert_consent(store, name, agreed.text, agreed.given)
    consents.use(asked.ticket)
    sits_down(request, name)
    return JSONResponse({"participant": name})


@api.post("/participants/{name}/consent")
def consent_anew(request: Request, name: str, agreed: TextAgreed) -> dict[str, str]:
    """A known participant agrees to the text as it reads now."""
    study: Path = request.app.state.study
    _check_text(request.app.state.design, agreed)
    if name not in {one.name for one in participants(study)}:
        raise BadInputError(f"no participant {name!r} in this study")
    give_consent(study, name, request.app.state.design.consent)
    return {"participant": name}


def field_faults(design: Design, answers: Mapping[str, str]) -> dict[str, str]:
    """What is wrong with a participant's answers, by field."""
    faults: dict[str, str] = {}
    for field in design.fields:
        answer = answers.get(field.name, "")
        if field.needed and not answer.strip():
            faults[field.name] = "please answer this"
            continue
        try:
            check_fields(replace(design, fields=(field,)), {field.name: answer})
        except BadInputError as error:
            faults[field.name] = str(error).removeprefix(f"{field.name}: ")
    for name in answers.keys() - {field.name for field in design.fields}:
        faults[name] = f"{name!r} is no field of this study"
    return faults


def _check_text(design: Design, agreed: TextAgreed) -> None:
    if agreed.text_sha256 != sha256_of(design.consent):
        raise BadInputError("the text of consent was changed since this page was loaded: load it anew and read it")
