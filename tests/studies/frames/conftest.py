"""A study with one participant, and films: of frames that carry their numbers, and of a drawn face."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

import cv2
import numpy as np
import pytest

from micromask.core.types import Image
from micromask.datasets.synthetic import PlannedExpression, Script, render
from micromask.recordings import write_film
from micromask.studies.design import Design, Item, Part
from micromask.studies.people import add_participant, give_consent
from micromask.studies.sessions import StudyEvent, add_events, begin_session
from micromask.studies.store import open_store

CONSENT = "I agree to be filmed."
ITEMS = tuple(Item(f"q{number}", "happiness", 1.0, "What made you laugh?") for number in (1, 2, 3))

BITS = 10
SIDE = 160


def picture(number: int) -> Image:
    """A square picture without a face whose upper half holds its number as black and white blocks."""
    image = np.full((SIDE, SIDE, 3), 110, np.uint8)
    block = SIDE // BITS
    for bit in range(BITS):
        image[: SIDE // 2, bit * block : (bit + 1) * block] = 235 if number >> bit & 1 else 20
    return image


def number_on(path: Path) -> int:
    """The number on a kept picture of `picture`: without a face, the whole of the square."""
    image = cv2.imread(str(path))
    assert image is not None
    block = image.shape[1] / BITS
    row = image[image.shape[0] // 8 : image.shape[0] * 3 // 8].mean(axis=(0, 2))
    return sum(1 << bit for bit in range(BITS) if row[int((bit + 0.5) * block)] > 128)


@pytest.fixture(name="number_on")
def _number_on() -> Callable[[Path], int]:
    return number_on


@pytest.fixture(scope="session")
def numbered(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Writes a film whose frames carry their numbers: ``rate`` frames a second, or a frame at each of some times."""
    folder = tmp_path_factory.mktemp("numbered")

    def write(name: str, frames: int, rate: float = 30, times: Sequence[float] | None = None) -> Path:
        return write_film(folder / name, (picture(number) for number in range(frames)), rate, times=times)

    return write


@pytest.fixture(scope="session")
def faces() -> list[Image]:
    """Three seconds of a drawn face at ten frames a second, 200 px; its brows go up at 1.2 s, its lids down at 2 s."""
    raised = PlannedExpression(1.2, 1.5, 1.8, (("outer_brow_raiser", 0.06), ("inner_brow_raiser", 0.06)), "surprise")
    script = Script(3, 10, size=200, noise=1.0, expressions=(raised,), blinks=(1.85,), blink_seconds=0.4, seed=3)
    return list(render(script))


@pytest.fixture(scope="session")
def face_film(tmp_path_factory: pytest.TempPathFactory, faces: list[Image]) -> Path:
    return write_film(tmp_path_factory.mktemp("faces") / "face.mp4", faces, 10)


@pytest.fixture
def design(study: Path) -> Design:
    return Design(study, "Smiles", ("happiness",), ("micro",), (Part("questions", ITEMS),), CONSENT)


@pytest.fixture
def film_of(study: Path, design: Design) -> Callable[..., int]:
    """Puts a film into the study as a closed recording, of P01 or of somebody new; its number."""

    def add(film: Path, events: Iterable[StudyEvent] = (), participant: str | None = "P01") -> int:
        with open_store(study) as store:
            known = {row["name"] for row in store.execute("SELECT name FROM participant")}
        if participant not in known:
            participant = add_participant(study, design, {})
            give_consent(study, participant, CONSENT)
        session = begin_session(study, design, participant)
        with open_store(study) as store:
            made = store.execute(
                "INSERT INTO recording (session, part, path, mime, begun, ended, bytes, state)"
                " VALUES (?, 'questions', '', 'video/mp4', '2026', '2026', ?, 'closed')",
                (session.id, film.stat().st_size),
            )
            recording = int(made.lastrowid or 0)
            path = f"films/{participant}/{recording}-questions{film.suffix}"
            store.execute("UPDATE recording SET path = ? WHERE id = ?", (path, recording))
        (study / path).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        (study / path).write_bytes(film.read_bytes())
        add_events(study, recording, events)
        return recording

    return add


def shown(*starts: float) -> Iterator[StudyEvent]:
    """q1, q2 ... come on the screen at these times, each until the next; the last is there to the end."""
    for number, start in enumerate(starts):
        yield StudyEvent(number, start, "stimulus-on", f"q{number + 1}")


@pytest.fixture(name="shown")
def _shown() -> Callable[..., Iterator[StudyEvent]]:
    return shown
