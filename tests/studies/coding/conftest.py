"""A study with two participants, one film and four kept frames each, written into the store by hand."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from micromask.recordings import write_film
from micromask.studies.design import Design, Item, Part, StudyKind
from micromask.studies.labels import Decision, Label
from micromask.studies.store import create_store, open_store

EMOTIONS = ("anger", "sad", "happiness")
PEOPLE = ("P01", "P02")
FRAMES, FPS = 50, 25.0


@dataclass(frozen=True)
class Case:
    """The study, its design, and the recordings: 1 of P01 and 2 of P02, with kept frames 0 to 3 each."""

    folder: Path
    design: Design

    def code(
        self, coder: str, recording: int, number: int, emotion: str, kind: StudyKind = "micro", **told: object
    ) -> Label:
        from micromask.studies.coding import save_label

        return save_label(self.folder, self.design, coder, recording, Decision(kind, emotion, number, **told))


def design_in(folder: Path) -> Design:
    part = Part("images", (Item("I1", "sad", 1.0, image="images/i1.png"),))
    masked = (("happiness", "sad"), ("happiness", "anger"))
    return Design(folder, "A study", EMOTIONS, ("micro", "masked"), (part,), "I agree.", masked)


def fill(folder: Path, film: Callable[[Path], object]) -> None:
    """Rows for both participants, and what ``film`` writes at each film's place."""
    create_store(folder)
    with open_store(folder) as store:
        for number, name in enumerate(PEOPLE, start=1):
            path = f"films/{name}/{number}-images.mp4"
            (folder / path).parent.mkdir(parents=True)
            film(folder / path)
            store.execute("INSERT INTO participant VALUES (?, '{}', '2026-01-01')", (name,))
            store.execute(
                "INSERT INTO consent (participant, given, text, text_sha256) VALUES (?, '2026-01-01', 'I agree.', '')",
                (name,),
            )
            store.execute("INSERT INTO session VALUES (?, ?, '2026-01-01', '2026-01-01', 'done', '{}')", (number, name))
            store.execute(
                "INSERT INTO recording VALUES (?, ?, 'images', ?, 'video/mp4', '2026', '2026', 1, 1, 'closed')",
                (number, number, path),
            )
            for kept in range(4):
                frame = (number, kept, round(kept * 0.5 * FPS), kept * 0.5, "I1", f"frames/{name}/{number}/{kept}.png")
                store.execute("INSERT INTO frame VALUES (?, ?, ?, ?, ?, ?, '[]', ?)", (*frame, json.dumps({})))


@pytest.fixture(scope="session")
def grey_film(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("film") / "grey.mp4"
    write_film(path, (np.full((16, 16), 40 + 4 * index, np.uint8) for index in range(FRAMES)), FPS)
    return path.read_bytes()


@pytest.fixture
def case(tmp_path: Path, grey_film: bytes) -> Case:
    fill(tmp_path, lambda path: path.write_bytes(grey_film))
    return Case(tmp_path, design_in(tmp_path))
