"""The participants of a study: pseudonyms, what they were asked, and what they have agreed to."""

from __future__ import annotations

import hashlib
import json
import re
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from micromask.core.errors import BadInputError
from micromask.studies.design import Design, Field
from micromask.studies.store import now, open_store, read_store

OLDEST = 150
"""The highest number that is taken for an age."""

MOST_LETTERS = 2000
"""The longest answer in a free field."""

_AGE = re.compile(r"(^|[\W_])(age|years)([\W_]|$)", re.IGNORECASE)
_WHOLE = re.compile(r"[+-]?[0-9]{1,9}")

ConsentState = Literal["none", "given", "withdrawn"]


@dataclass(frozen=True, slots=True)
class Participant:
    """A pseudonym, the answers by field, when they were added (UTC) and how their consent stands."""

    name: str
    fields: Mapping[str, str | int]
    added: str
    consent: ConsentState

    @property
    def number(self) -> int:
        """12 for P12: the number that orders of items are drawn by."""
        return number_of(self.name)


def number_of(participant: str) -> int:
    """The number in a pseudonym.

    >>> number_of("P07")
    7
    """
    found = re.fullmatch(r"P([0-9]{2,})", participant)
    if not found:
        raise BadInputError(f"a participant is named like P01, got {participant!r}")
    return int(found[1])


def check_fields(design: Design, answers: Mapping[str, str]) -> dict[str, str | int]:
    """A participant's answers as the design wants them; those that are empty and not needed are left out.

    Raises
    ------
    BadInputError
        If a needed one is missing, one is asked for nowhere, or one is not of its kind; the message names it.
    """
    known = {field.name for field in design.fields}
    for name in answers:
        if name not in known:
            raise BadInputError(
                f"{name!r} is no field of this study; it asks for: {', '.join(sorted(known)) or 'none'}"
            )
    given = {}
    for field in design.fields:
        answer = answers.get(field.name, "").strip()
        if answer:
            given[field.name] = _checked(field, answer)
        elif field.needed:
            raise BadInputError(f"{field.name} ({field.title}) is needed and was left empty")
    return given


def _checked(field: Field, answer: str) -> str | int:
    if field.kind == "whole":
        if not _WHOLE.fullmatch(answer):
            raise BadInputError(f"{field.name}: wanted a whole number, got {answer[:40]!r}")
        if _AGE.search(field.name) and not 0 <= int(answer) <= OLDEST:
            raise BadInputError(f"{field.name}: wanted a number from 0 to {OLDEST}, got {answer}")
        return int(answer)
    if field.kind == "choice" and answer not in field.choices:
        raise BadInputError(f"{field.name}: wanted one of {', '.join(field.choices)}, got {answer[:40]!r}")
    if len(answer) > MOST_LETTERS:
        raise BadInputError(f"{field.name}: at most {MOST_LETTERS} letters, got {len(answer)}")
    if any(not letter.isprintable() and letter not in "\n\r\t" for letter in answer):
        raise BadInputError(f"{field.name}: holds letters that do not print; type it anew")
    return answer


def add_participant(study: Path, design: Design, fields: Mapping[str, str]) -> str:
    """Add a person under the next pseudonym: P01, P02 and so on, none of them ever used again.

    Errors as in `check_fields`.
    """
    given = check_fields(design, fields)
    with open_store(study) as store:
        return insert_participant(store, given)


def insert_participant(store: sqlite3.Connection, fields: Mapping[str, str | int]) -> str:
    """The same inside a transaction that the caller has open, for answers that were checked."""
    (number,) = store.execute(
        "INSERT INTO counter (name, last) VALUES ('participant', 1)"
        " ON CONFLICT (name) DO UPDATE SET last = last + 1 RETURNING last"
    ).fetchone()
    name = f"P{number:02d}"
    store.execute(
        "INSERT INTO participant (name, fields, added) VALUES (?, ?, ?)",
        (name, json.dumps(dict(fields), ensure_ascii=False), now()),
    )
    return name


def give_consent(study: Path, participant: str, text: str) -> None:
    """Keep that a participant agreed, now, to this text.

    Raises
    ------
    BadInputError
        If the text is empty or there is no such participant.
    """
    with open_store(study) as store:
        insert_consent(store, participant, text)


def insert_consent(store: sqlite3.Connection, participant: str, text: str, given: str | None = None) -> None:
    """The same inside a transaction that the caller has open; ``given`` (ISO 8601) where it was at another time.

    Raises
    ------
    BadInputError
        Also if ``given`` is no date or has not come yet.
    """
    if not text.strip():
        raise BadInputError("a consent is to a text, and this one is empty")
    check_known(store, participant)
    store.execute(
        "INSERT INTO consent (participant, given, text, text_sha256) VALUES (?, ?, ?, ?)",
        (participant, now() if given is None else _past(given), text, sha256_of(text)),
    )


def _past(given: str) -> str:
    try:
        time = datetime.fromisoformat(given)
    except ValueError:
        raise BadInputError(f"a consent is given on a day such as 2026-03-31, got {given!r}") from None
    if (time if time.tzinfo else time.replace(tzinfo=UTC)) > datetime.now(UTC):
        raise BadInputError(f"a consent cannot have been given on {given}, which has not come yet")
    return given


def sha256_of(text: str) -> str:
    """By what texts of consent are told apart: SHA-256 of their UTF-8, as hexadecimal digits."""
    return hashlib.sha256(text.encode()).hexdigest()


def withdraw_consent(study: Path, participant: str) -> None:
    """Mark a participant's consent as withdrawn: from now on nothing is recorded, cut into frames or exported of them.

    A session that is running is stopped. What is there stays until it is forgotten (`forget`).

    Raises
    ------
    BadInputError
        If there is no such participant, or no consent to withdraw.
    """
    with open_store(study) as store:
        check_known(store, participant)
        when = now()
        marked = store.execute(
            "UPDATE consent SET withdrawn = ? WHERE participant = ? AND withdrawn IS NULL", (when, participant)
        )
        if not marked.rowcount:
            raise BadInputError(f"{participant} has no consent that could be withdrawn")
        stop_recording(store, participant, "stopped")


def stop_recording(store: sqlite3.Connection, participant: str, state: Literal["stopped", "interrupted"]) -> int:
    """End what is being recorded of a participant; how many sessions were running."""
    store.execute(
        "UPDATE recording SET state = 'interrupted', ended = ? WHERE state = 'open'"
        " AND session IN (SELECT id FROM session WHERE participant = ?)",
        (now(), participant),
    )
    return store.execute(
        "UPDATE session SET state = ?, ended = ? WHERE state = 'running' AND participant = ?",
        (state, now(), participant),
    ).rowcount


def has_consent(study: Path, participant: str, text: str | None = None) -> bool:
    """Whether a participant's latest consent stands; with ``text``, whether it is to this very text."""
    with read_store(study) as store:
        return consent_stands(store, participant, text)


def consent_stands(store: sqlite3.Connection, participant: str, text: str | None = None) -> bool:
    """The same inside a transaction that the caller has open."""
    row = store.execute(
        "SELECT withdrawn, text_sha256 FROM consent WHERE participant = ? ORDER BY id DESC LIMIT 1", (participant,)
    ).fetchone()
    if row is None or row["withdrawn"] is not None:
        return False
    return text is None or row["text_sha256"] == sha256_of(text)


def participants(study: Path) -> tuple[Participant, ...]:
    """All participants, in the order of their numbers."""
    with read_store(study) as store:
        rows = store.execute(
            "SELECT name, fields, added, (SELECT CASE WHEN withdrawn IS NULL THEN 'given' ELSE 'withdrawn' END"
            " FROM consent WHERE participant = name ORDER BY id DESC LIMIT 1) AS consent FROM participant"
        ).fetchall()
    found = [
        Participant(row["name"], json.loads(row["fields"]), row["added"], row["consent"] or "none") for row in rows
    ]
    return tuple(sorted(found, key=lambda each: each.number))


def check_known(store: sqlite3.Connection, participant: str) -> None:
    """Refuse a pseudonym that nobody has.

    Raises
    ------
    BadInputError
        With the ones that are known.
    """
    names = [row["name"] for row in store.execute("SELECT name FROM participant ORDER BY length(name), name")]
    if participant not in names:
        told = ", ".join(names[:12]) + (" and more" if len(names) > 12 else "")
        raise BadInputError(f"no participant {participant!r} in this study; known: {told or 'none'}")
