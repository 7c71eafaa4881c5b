"""Take a film that was made elsewhere into a study, with its participant, their consent and what they saw."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from micromask.core.errors import BadInputError, BadOutputError
from micromask.core.types import Recording
from micromask.recordings import probe
from micromask.studies.chunks import ENDINGS
from micromask.studies.design import Design
from micromask.studies.files import copy_private, private_folder, sync_folder
from micromask.studies.people import check_fields, check_known, consent_stands, insert_consent, insert_participant
from micromask.studies.sessions import insert_recording, insert_session
from micromask.studies.shown import StudyEvent, insert_event
from micromask.studies.stimulus_log import read_stimulus_log
from micromask.studies.store import now, open_store, read_store

_TYPES = {ending: mime for mime, ending in ENDINGS.items()} | {
    ".m4v": "video/mp4",
    ".mov": "video/quicktime",
    ".avi": "video/x-msvideo",
}


@dataclass(frozen=True, slots=True)
class PaperConsent:
    """A consent that was given outside of this program.

    ``text`` is what was agreed to, None for the study's own; ``given`` the day (ISO 8601), None where it is now.
    """

    text: str | None = None
    given: str | None = None


@dataclass(frozen=True, slots=True)
class Imported:
    """Where a film went; ``damage`` says in words what is wrong with it, else is empty."""

    participant: str
    session: int
    recording: int
    path: str
    seconds: float
    stimuli: int
    damage: str


def import_film(
    study: Path,
    design: Design,
    film: Path,
    log: Path,
    part: str,
    *,
    participant: str | None = None,
    fields: Mapping[str, str] | None = None,
    consent: PaperConsent | None = None,
) -> Imported:
    """Copy a film into a study as the recording of one part; all of it is done or nothing.

    Parameters
    ----------
    study, design
        The study's folder, and what `read_design` gives for it.
    film : Path
        Any film that can be read; it stays where it is, too.
    log : Path
        What was on the screen when, see `read_stimulus_log`.
    part : str
        The part of the design that was filmed.
    participant : str, optional
        One who is in the study already; by default a new one is added with ``fields``.
    fields : mapping, optional
        Answers of a new participant.
    consent : PaperConsent, optional
        Needed where there is none that stands.

    Raises
    ------
    BadInputError
        If the film, the log, the part, the answers or the consent are not as they should be.
    BadOutputError
        If there is no room for the copy.
    """
    if part not in [each.name for each in design.parts]:
        raise BadInputError(f"no part {part!r} in this study; it has: {', '.join(each.name for each in design.parts)}")
    answers = None if participant else check_fields(design, fields or {})
    if participant and fields:
        raise BadInputError(f"{participant} has answered already: leave the fields out, or leave --participant out")
    if consent is None:
        _check_standing(study, participant)
    if film.is_dir():
        raise BadInputError(f"{film} is a folder: wanted a film")
    facts = probe(film)
    seconds = seconds_of(facts)
    events = read_stimulus_log(log, [item.id for item in design.part(part).items], seconds)
    copy = study / "films" / f"{secrets.token_hex(8)}.part"
    with film.open("rb") as source:
        size = copy_private(source, copy)
    place = copy
    try:
        with open_store(study) as store:
            who = participant or insert_participant(store, answers or {})
            check_known(store, who)
            if consent is not None:
                text = design.consent if consent.text is None else consent.text
                insert_consent(store, who, text, consent.given)
            elif not consent_stands(store, who):
                raise BadInputError(f"{who} has withdrawn consent: nothing may be added")
            shown = tuple(dict.fromkeys(event.item for event in events if event.item))
            session = insert_session(store, who, {part: shown}, "imported")
            ending = film.suffix.lower()
            mime = _TYPES.get(ending, "application/octet-stream")
            number = insert_recording(store, session.id, who, part, mime, ending)
            for event in events:
                insert_event(store, number, event, shown)
            (path,) = store.execute("SELECT path FROM recording WHERE id = ?", (number,)).fetchone()
            store.execute(
                "UPDATE recording SET state = 'closed', ended = ?, chunks = 1, bytes = ? WHERE id = ?",
                (now(), size, number),
            )
            private_folder((study / path).parent)
            place = copy.replace(study / path)
            sync_folder(place.parent)
    except OSError as error:
        place.unlink(missing_ok=True)
        raise BadOutputError(f"{film} cannot be taken in: {error.strerror or error}") from None
    except BaseException:
        place.unlink(missing_ok=True)
        raise
    return Imported(who, session.id, number, path, seconds, _stimuli(events), damage_of(facts))


def _check_standing(study: Path, participant: str | None) -> None:
    if participant is None:
        raise BadInputError("a new participant needs a consent: name its text (--consent-text) or day (--consented-on)")
    with read_store(study) as store:
        check_known(store, participant)
        if not consent_stands(store, participant):
            raise BadInputError(f"{participant} has given no consent, or has withdrawn it: nothing may be added")


def seconds_of(film: Recording) -> float:
    """How long a film is: until its last frame has been shown as long as a frame is in the mean."""
    last = (film.n_frames - 1) / film.fps if film.times is None else float(film.times[-1])
    return last + 1 / film.fps


def damage_of(film: Recording) -> str:
    """What is wrong with a film that can be read all the same, in words; empty where nothing is."""
    declared = film.declared_frames or 0
    if declared <= film.n_frames:
        return ""
    return f"it breaks off: {film.n_frames} of {declared} frames are there"


def _stimuli(events: tuple[StudyEvent, ...]) -> int:
    return sum(event.kind == "stimulus-on" for event in events)
