"""A small study, and a film for it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from micromask.recordings import write_film
from micromask.studies.design import Design, Field, Item, Part
from micromask.studies.people import add_participant, give_consent
from micromask.studies.sessions import begin_recording, begin_session

CONSENT = "I agree to be filmed and know that I may stop at any time."


@pytest.fixture
def design(study: Path) -> Design:
    return design_in(study)


def design_in(folder: Path) -> Design:
    return Design(
        folder=folder,
        title="Smiles",
        emotions=("happiness", "sadness"),
        kinds=("micro", "masked"),
        parts=(
            Part("questions", (Item("q1", "happiness", 2.0, "A good day?"), Item("q2", "sadness", 2.0, "A loss?"))),
            Part("images", (Item("i1", "happiness", 1.0, image="images/sun.svg"),)),
        ),
        consent=CONSENT,
        masked=(("happiness", "sadness"),),
        fields=(
            Field("age", "Your age", "whole"),
            Field("gender", "Your gender", "choice", ("female", "male", "other")),
            Field("about", "Anything you want to add", "text", needed=False),
        ),
    )


@pytest.fixture
def join(study: Path, design: Design) -> Callable[..., str]:
    """Adds a participant who agrees."""

    def add(about: str = "", age: str = "21") -> str:
        name = add_participant(study, design, {"age": age, "gender": "female", "about": about})
        give_consent(study, name, CONSENT)
        return name

    return add


@pytest.fixture(scope="session")
def designed() -> Callable[[Path], Design]:
    """The design of a study that lies in a folder."""
    return design_in


@pytest.fixture
def recording(study: Path, design: Design, join: Callable[..., str]) -> int:
    """An open recording of the questions of P01, in session 1."""
    session = begin_session(study, design, join())
    return begin_recording(study, session.id, "questions", "video/webm;codecs=vp8,opus")


@pytest.fixture(scope="session")
def webm(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """3 s of VP8 in WebM at 10 frames a second, 64 x 48 px: a brightness a frame."""
    frames = [np.full((48, 64), 20 + 7 * number, np.uint8) for number in range(30)]
    return write_film(tmp_path_factory.mktemp("films") / "grey.webm", frames, 10, codec="libvpx")
