"""A study in the paper's design with three participants, whose kept frames and settled labels are written by hand."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from micromask.studies.design import Design
from micromask.studies.new import new_study
from micromask.studies.people import add_participant, give_consent
from micromask.studies.sessions import begin_recording, begin_session, end_recording, end_session
from micromask.studies.store import now, open_store

PEOPLE = (("female", 21), ("male", 19), ("female", 30))


@dataclass
class Case:
    """The study and its design; verbs that put into it what other parts of the project would."""

    folder: Path
    design: Design

    def person(self, gender: str, age: int) -> str:
        name = add_participant(self.folder, self.design, {"gender": gender, "age": str(age)})
        give_consent(self.folder, name, self.design.consent)
        return name

    def film(self, participant: str, part: str, frames: int = 40) -> int:
        """A recording with kept frames 1 to ``frames``, each a picture of its own; item Q01 or I01 on the screen."""
        session = begin_session(self.folder, self.design, participant)
        recording = begin_recording(self.folder, session.id, part, "video/webm")
        end_recording(self.folder, recording)
        end_session(self.folder, session.id, "done")
        item = "I01" if part == "images" else "Q09"
        with open_store(self.folder) as store:
            for number in range(1, frames + 1):
                path = f"frames/{participant}/{recording}/{number:04d}.png"
                (self.folder / path).parent.mkdir(parents=True, exist_ok=True)
                (self.folder / path).write_bytes(self.picture(recording, number))
                row = (recording, number, number * 15, number * 0.5, item, path, "[]", json.dumps({"size": 256}))
                store.execute("INSERT INTO frame VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row)
            store.execute("INSERT INTO framed VALUES (?, 0.5, 'mtcnn', 0, '[]', ?)", (recording, now()))
        return recording

    @staticmethod
    def picture(recording: int, number: int) -> bytes:
        pixels = np.full((16, 16, 3), (recording, number, 90), np.uint8)
        return cv2.imencode(".png", pixels)[1].tobytes()

    def settle(
        self, recording: int, number: int, emotion: str, kind: str = "micro", how: str = "agreed", units: str = ""
    ) -> None:
        with open_store(self.folder) as store:
            store.execute(
                "INSERT INTO settled VALUES (?, ?, ?, ?, ?, 'Anna and Ben', ?, ?)",
                (recording, number, kind, emotion, how, units, now()),
            )

    def exports(self) -> dict[str, str]:
        """Noted places of exports -> the participants they are noted for."""
        with open_store(self.folder) as store:
            rows = store.execute("SELECT path, participant FROM file WHERE kind = 'export' ORDER BY participant")
            found: dict[str, str] = {}
            for path, name in rows:
                found[path] = f"{found.get(path, '')} {name}".strip()
            return found


def copied(master: Case, tmp_path: Path) -> Case:
    folder = tmp_path / "study"
    shutil.copytree(master.folder, folder)
    return Case(folder, replace(master.design, folder=folder))


@pytest.fixture(scope="session")
def empty_master(tmp_path_factory: pytest.TempPathFactory) -> Case:
    folder = tmp_path_factory.mktemp("empty") / "study"
    return Case(folder, new_study(folder, "mmed-fst"))


@pytest.fixture(scope="session")
def master(empty_master: Case, tmp_path_factory: pytest.TempPathFactory) -> Case:
    """P01 answered questions twice and saw images; P02 and P03 answered questions."""
    case = copied(empty_master, tmp_path_factory.mktemp("full"))
    for gender, age in PEOPLE:
        case.person(gender, age)
    for name, part in (("P01", "questionnaire"), ("P01", "images"), ("P01", "questionnaire"), ("P02", "questionnaire")):
        case.film(name, part)
    case.settle(1, 30, "anger", units="4")
    case.settle(1, 30, "happy_but_angry", "masked", "discussion", "12+L4")
    case.settle(1, 31, "", "micro")
    case.settle(1, 32, "sadness", how="majority")
    case.settle(2, 4, "happiness")
    case.settle(3, 30, "contempt")
    case.settle(4, 7, "disgust", how="one coder")
    case.film("P03", "questionnaire")
    case.settle(5, 9, "happy_but_sad", "masked", "third coder")
    return case


@pytest.fixture
def empty(empty_master: Case, tmp_path: Path) -> Case:
    return copied(empty_master, tmp_path)


@pytest.fixture
def case(master: Case, tmp_path: Path) -> Case:
    return copied(master, tmp_path)
