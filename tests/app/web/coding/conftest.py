"""A study with a small film of a synthetic face, its kept frames made, and coders who sign in."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from micromask.app.web.server import create_app
from micromask.datasets.synthetic import PlannedExpression, Script, write
from micromask.studies.design import Design
from micromask.studies.frames import Wish, make_frames
from micromask.studies.read_design import read_design
from micromask.studies.store import create_store, open_store

STUDY = """\
title: Faces at rest and not
emotions: [anger, sadness, happiness]
kinds: [micro, masked]
masked: [happy but sad, happy but angry]
consent: We film your face.
frame_seconds: 0.5
blind_to_stimulus: {blind}
parts:
  - name: images
    instructions: Two pictures.
    items:
      - {{id: sun, intended_emotion: happiness, seconds: 1, text: Sun}}
      - {{id: rain, intended_emotion: sadness, seconds: 1, text: Rain}}
"""

SECONDS, FPS = 4, 25


@pytest.fixture(scope="session")
def framed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The study before anybody coded it: P01 and P02, a film each with a smile of a third of a second."""
    folder = tmp_path_factory.mktemp("coding") / "study"
    folder.mkdir(mode=0o700)
    (folder / "study.yaml").write_text(STUDY.format(blind="false"), encoding="utf-8")
    create_store(folder)
    smile = PlannedExpression(1.2, 1.4, 1.8, (("lip_corner_puller", 0.05),), "happiness")
    film = folder / "film.mp4"
    write(Script(SECONDS, FPS, size=240, expressions=(smile,)), film)
    design = read_design(folder)
    for number, person in enumerate(("P01", "P02"), start=1):
        path = f"films/{person}/{number}-images.mp4"
        (folder / path).parent.mkdir(parents=True)
        shutil.copy(film, folder / path)
        add_recording(folder, number, person, path)
        make_frames(folder, design, number, Wish(detector="haar", candidates=False))
    with open_store(folder) as store:
        store.execute("INSERT INTO candidate VALUES (NULL, 1, 30, 35, 44, 1.2, 1.4, 1.76, 'micro', '{}')")
    film.unlink()
    return folder


def add_recording(folder: Path, number: int, person: str, path: str) -> None:
    day = "2026-01-01T00:00:00.000+00:00"
    with open_store(folder) as store:
        store.execute("INSERT INTO participant VALUES (?, '{}', ?)", (person, day))
        store.execute(
            "INSERT INTO consent (participant, given, text, text_sha256) VALUES (?, ?, 'We film your face.', '')",
            (person, day),
        )
        items = '{"images": ["sun", "rain"]}'
        store.execute("INSERT INTO session VALUES (?, ?, ?, ?, 'done', ?)", (number, person, day, day, items))
        store.execute(
            "INSERT INTO recording VALUES (?, ?, 'images', ?, 'video/mp4', ?, ?, 1, ?, 'closed')",
            (number, number, path, day, day, (folder / path).stat().st_size),
        )
        for event, (time, kind, item) in enumerate(
            [(0.0, "stimulus-on", "sun"), (2.0, "stimulus-off", "sun"), (2.0, "stimulus-on", "rain")]
        ):
            store.execute("INSERT INTO event VALUES (?, ?, ?, ?, ?, '{}')", (number, event, time, kind, item))


@pytest.fixture
def study(framed: Path, tmp_path: Path) -> Path:
    """A copy of that study of a test's own; the store's journal is closed, so that its file is whole."""
    return Path(shutil.copytree(framed, tmp_path / "study"))


@dataclass
class Browser:
    """Somebody's browser, signed in and coding under a name."""

    client: TestClient
    coder: str = ""
    seen: list[str] = field(default_factory=list)

    def get(self, path: str, status: int = 200) -> Any:
        answer = self.client.get(path)
        assert answer.status_code == status, answer.text
        self.seen.append(answer.text)
        return answer.json()

    def post(self, path: str, value: object = None, status: int = 200) -> Any:
        answer = self.client.post(path, json=value or {})
        assert answer.status_code == status, answer.text
        self.seen.append(answer.text)
        return answer.json()

    def label(self, recording: int, number: int | None, emotion: str, kind: str = "micro", **told: object) -> Any:
        value = {"kind": kind, "emotion": emotion, "number": number, **told}
        return self.post(f"/studies/study/api/coding/{self.coder}/films/{recording}/labels", value)


@dataclass
class Site:
    """The study's app; ``browser(name)`` signs a new browser in and adds or chooses that coder."""

    app: Any
    folder: Path
    sign_in: Callable[..., TestClient]

    def browser(self, coder: str = "") -> Browser:
        made = Browser(self.sign_in(self.app), coder)
        if coder:
            known = made.get("/studies/study/api/coding/coders")["coders"]
            made.post(
                "/studies/study/api/coding/me" if coder in known else "/studies/study/api/coding/coders",
                {"name": coder},
            )
        return made


@pytest.fixture
def site(study: Path, sign_in: Callable[..., TestClient]) -> Site:
    return Site(create_app(studies=[study]), study, sign_in)


@pytest.fixture
def blind_site(study: Path, sign_in: Callable[..., TestClient]) -> Site:
    (study / "study.yaml").write_text(STUDY.format(blind="true"), encoding="utf-8")
    design: Design = read_design(study)
    assert design.blind_to_stimulus
    return Site(create_app(studies=[study]), study, sign_in)
