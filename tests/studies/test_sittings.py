"""How sessions stand, and going on with one after the server was started again."""

from __future__ import annotations

from pathlib import Path

import pytest

from micromask.core.errors import BadInputError
from micromask.studies.design import Design, Item, Part
from micromask.studies.people import add_participant, give_consent, withdraw_consent
from micromask.studies.sessions import (
    add_chunk,
    begin_recording,
    begin_session,
    end_recording,
    end_session,
    recordings_of,
    recover,
)
from micromask.studies.sittings import go_on, running, sittings
from micromask.studies.store import create_store


@pytest.fixture
def design(tmp_path: Path) -> Design:
    create_store(tmp_path)
    parts = tuple(Part(name, (Item(f"{name}-1", "sadness", 1.0, "?"),)) for name in ("first", "second"))
    return Design(tmp_path, "Study", ("sadness",), ("micro",), parts, "I agree.")


@pytest.fixture
def film(design: Design) -> int:
    """A film with one piece, whose server was killed."""
    add_participant(design.folder, design, {})
    give_consent(design.folder, "P01", design.consent)
    begin_session(design.folder, design, "P01")
    recording = begin_recording(design.folder, 1, "first", "video/webm")
    add_chunk(design.folder, recording, 0, b"one")
    recover(design.folder)
    return recording


def state(study: Path) -> tuple[str, list[str]]:
    return sittings(study)[0].state, [one.state for one in recordings_of(study)]


def test_a_film_goes_on_where_it_was_acknowledged(design: Design, film: int) -> None:
    study = design.folder
    assert state(study) == ("interrupted", ["interrupted"])
    with pytest.raises(BadInputError, match="has ended"):
        add_chunk(study, film, 1, b"two")
    for _ in range(2):
        go_on(study, film)
        assert state(study) == ("running", ["open"])
    assert add_chunk(study, film, 1, b"two").bytes == 6
    assert (study / "films/P01/1-first.webm").read_bytes() == b"onetwo"


def test_a_session_goes_on_between_two_films(design: Design, film: int) -> None:
    study = design.folder
    go_on(study, film)
    end_recording(study, film)
    recover(study)
    assert state(study) == ("interrupted", ["closed"])
    go_on(study, film)
    assert state(study) == ("running", ["closed"])
    begin_recording(study, 1, "second", "video/webm")
    recover(study)
    with pytest.raises(BadInputError, match="another was begun since"):
        go_on(study, film)


@pytest.mark.parametrize("how", ["done", "stopped"])
def test_a_session_that_was_ended_does_not_go_on(design: Design, film: int, how: str) -> None:
    go_on(design.folder, film)
    end_session(design.folder, 1, how)  # type: ignore[arg-type]
    with pytest.raises(BadInputError, match="has ended; begin another session"):
        go_on(design.folder, film)


def test_nor_one_after_which_another_was_begun(design: Design, film: int) -> None:
    begin_session(design.folder, design, "P01")
    with pytest.raises(BadInputError, match="another was begun since"):
        go_on(design.folder, film)


def test_nor_one_whose_consent_was_withdrawn(design: Design, film: int) -> None:
    withdraw_consent(design.folder, "P01")
    with pytest.raises(BadInputError, match="withdrawn consent"):
        go_on(design.folder, film)


def test_sessions_tell_what_was_filmed(design: Design, film: int) -> None:
    (one,) = sittings(design.folder)
    assert (one.participant, one.filmed, one.items) == (
        "P01",
        ("first",),
        {"first": ("first-1",), "second": ("second-1",)},
    )
    assert sittings(design.folder, 9) == ()
    with pytest.raises(BadInputError, match="session 1 is interrupted; begin another"):
        running(design.folder, 1)
    with pytest.raises(BadInputError, match="no session 9"):
        running(design.folder, 9)
    with pytest.raises(BadInputError, match="no recording 9"):
        go_on(design.folder, 9)
