"""Workspaces with results that are known to the last expression, and a visitor of their pages."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from starlette.testclient import TestClient

from micromask.app.web.server import create_app
from micromask.app.workspace.claims import claim
from micromask.app.workspace.jobs import queue
from micromask.app.workspace.made import made_folder, write_made
from micromask.app.workspace.playable import clock_path
from micromask.app.workspace.recordings import add_recording, results_of
from micromask.app.workspace.shown import PLAYED
from micromask.app.workspace.store import writing
from micromask.app.workspace.worker import do
from micromask.core.results import Prediction, Results, Sample, Split
from micromask.core.types import Analysis, Evidence, Expression, FaceSummary, Recording, SubjectId, Timeline
from micromask.datasets.preparation import Preparation
from micromask.evaluation.document import document_of
from micromask.evaluation.judged import Judged, Rater
from micromask.evaluation.model_agreement import model_agreement
from micromask.evaluation.run_files import write_run
from micromask.models import Promise, create, save_model
from micromask.reports.document import write_document
from micromask.reports.folder import FILES
from micromask.reports.tables import write_timeline_parquet

FPS = 10
EVIDENCE = Evidence(face_px=120, fps=FPS, blur=90, head_motion=0.2)


@dataclass
class Browser:
    """What a page does, without a page."""

    client: TestClient
    mark: str
    workspace: Path

    def get(self, path: str, status: int = 200) -> Any:
        answer = self.client.get(path)
        assert answer.status_code == status, answer.text
        return answer

    def post(self, path: str, value: object = None, status: int = 200) -> Any:
        answer = self.client.post(path, json=value or {}, headers={"X-Micromask-CSRF": self.mark})
        assert answer.status_code == status, answer.text
        return answer.json()

    def work(self) -> None:
        """Do the next job here."""
        one = claim(self.workspace, 1)
        assert one is not None
        do(self.workspace, 1, one)


@pytest.fixture
def browser(workspace: Path) -> Browser:
    app = create_app(workspace=workspace)
    client = TestClient(app, base_url="http://127.0.0.1")
    client.get(f"/link/{app.state.links.mint()}")
    return Browser(client, client.get("/api/mark").json()["mark"], workspace)


Add = Callable[..., int]


@pytest.fixture
def add_result(workspace: Path) -> Add:
    """add(title, emotions, who, group, minutes=1.0, recognizer=...): a recording with results; its id.

    Of the film's minutes the face is seen in all but the last frame.
    """

    def add(
        title: str,
        emotions: Sequence[str],
        who: str = "",
        group: str = "",
        minutes: float = 1.0,
        recognizer: str = "a model",
    ) -> int:
        part = workspace / "uploads" / "part"
        part.write_bytes(b"film")
        number = add_recording(workspace, title, part, participant=who, group=group)
        analysis = _analysis(title, emotions, minutes, recognizer)
        results = results_of(workspace, number)
        results.mkdir()
        write_document(analysis, results / FILES["analysis"])
        write_timeline_parquet(analysis, results / FILES["timeline"])
        film = workspace / "films" / str(number) / PLAYED
        film.write_bytes(b"film")
        frames = np.arange(analysis.frames)
        np.savez(clock_path(film), frames=frames, times=frames / FPS)
        return number

    return add


def _analysis(title: str, emotions: Sequence[str], minutes: float, recognizer: str) -> Analysis:
    frames = round(60 * minutes * FPS) + 1
    strength = np.ones(frames, np.float32)
    strength[-1] = np.nan
    times = np.arange(frames) / FPS
    line = Timeline(0, np.arange(frames), times, strength, {}, strength, strength, 0.9)
    shown = tuple(
        Expression(0, 5 * at, 5 * at + 1, 5 * at + 2, 0.5 * at, 0.5 * at + 0.1, 0.5 * at + 0.2, "micro", 3.0, (),
                   EVIDENCE, {emotion: 0.75, "other": 0.25})
        for at, emotion in enumerate(emotions)
    )  # fmt: skip
    film = Recording(Path(title).stem, Path(title), FPS, frames, (240, 320))
    face = FaceSummary(0, 0, frames - 1, 1.0, 120)
    return Analysis(film, frames, frames / FPS, (face,), shown, (), (line,), "haar", recognizer, {"floor": 0.9})


@pytest.fixture
def two_groups(add_result: Add) -> list[int]:
    """Five of each group, a minute each: sadness 5 to 9 times or 0 to 4 times, happiness twice."""
    numbers = [
        add_result(f"a{n}.mp4", ["sadness"] * (5 + n) + ["happiness"] * 2, f"A{n}", "patients") for n in range(5)
    ]
    return numbers + [
        add_result(f"b{n}.mp4", ["sadness"] * n + ["happiness"] * 2, f"B{n}", "controls") for n in range(5)
    ]


@pytest.fixture
def put_agreement(workspace: Path) -> Callable[..., int]:
    """put(numbers, titles, people): an agreement as a job leaves it; the job's number.

    One interval a recording, its first, of which two invented models say different things with the same sureness.
    """

    def put(numbers: Sequence[int], titles: Sequence[str], people: Sequence[str]) -> int:
        raters = [Rater(name, "", "frame", ("sadness", "happiness")) for name in ("one", "other")]
        said = [{"sadness": 0.8, "happiness": 0.2}, {"sadness": 0.2, "happiness": 0.8}]
        told = [
            Judged(str(number), title, who, 1, 0, "micro", (5, 6, 7), (0.5, 0.6, 0.7), *said)
            for number, title, who in zip(numbers, titles, people, strict=True)
        ]
        document = model_agreement(told, raters[0], raters[1])
        number = queue(workspace, "agree", {"models": ["", "other.safetensors"], "recordings": list(numbers)})
        write_made(made_folder(workspace, "agree", number), document, "page", "table")
        with writing(workspace) as store:
            store.execute("UPDATE job SET state = 'done', ended = queued WHERE id = ?", (number,))
        return number

    return put


LABELS = ("negative", "positive")


@pytest.fixture(scope="session")
def write_toy() -> Callable[..., None]:
    """write_toy(folder, missed, selection="inner", people=12, page=...): an evaluation run."""
    return _write_toy


def _write_toy(folder: Path, missed: int, selection: str = "inner", people: int = 12, page: str | None = "<p>it</p>"):
    """Everybody shows both classes once; the first ``missed`` people are read wrongly in the negative one."""
    ids = [(who, label) for who in range(people) for label in LABELS]
    samples = tuple(
        Sample(f"{who}-{label}", f"{who}-{label}", SubjectId("toy", f"s{who}"), "film", label) for who, label in ids
    )
    every = frozenset(each.id for each in samples)
    own = [frozenset(f"{who}-{label}" for label in LABELS) for who in range(people)]
    splits = tuple(Split(f"s{who}", every - mine, mine) for who, mine in enumerate(own))
    shares = [(0.25, 0.75) if label == "positive" or who < missed else (0.75, 0.25) for who, label in ids]
    told = tuple(
        Prediction(f"{who}-{label}", f"s{who}", 0, label, each) for (who, label), each in zip(ids, shares, strict=True)
    )
    results = Results("net", "loso", "toy", LABELS, samples, splits, told, (0,), selection)
    write_run(folder, results, document_of(results), page=page)


@pytest.fixture(scope="session")
def model() -> Callable[..., None]:
    """model(path, name, classes, **size): an unfitted model in a file."""
    return _write_model


def _write_model(path: Path, name: str, classes: tuple[str, ...], **size: object) -> None:
    promise = Promise(classes, "own", asdict(Preparation(detector="haar")), "none", "none", "not evaluated", {})
    with torch.random.fork_rng():
        torch.manual_seed(0)
        save_model(path, create(name, len(classes), **size), promise)
