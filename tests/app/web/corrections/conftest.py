"""A workspace with recordings that were analysed, their results made by hand; each frame shows its number."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
import pytest
from starlette.testclient import TestClient

from micromask.app.web.server import create_app
from micromask.app.workspace.playable import make_playable
from micromask.app.workspace.recordings import add_recording, recording, results_of
from micromask.app.workspace.store import create_workspace, writing
from micromask.core.types import (
    Analysis,
    Evidence,
    Expression,
    FaceSummary,
    FaceTrack,
    Image,
    MaskedInterval,
    Measure,
    MotionMap,
    Pictures,
    Timeline,
    Upper,
)
from micromask.datasets.synthetic import vfr_times
from micromask.recordings import probe, write_film
from micromask.reports.folder import write_run
from micromask.reports.tracks import TRACKS_FILE, write_tracks

WIDTH, HEIGHT, BITS, FRAMES = 192, 144, 8, 120
CLASSES = ("negative", "positive", "surprise")


def numbered_frame(number: int) -> Image:
    """A grey picture (H, W, 3) with its number as eight black or white columns."""
    grey = np.full((HEIGHT, WIDTH, 3), 90, np.uint8)
    for bit in range(BITS):
        grey[40:, bit * WIDTH // BITS : (bit + 1) * WIDTH // BITS] = 235 if number >> bit & 1 else 16
    return grey


def number_in(grey: Image) -> int:
    """The number in a picture (H, W) of `numbered_frame`."""
    width = grey.shape[1]
    return sum(1 << bit for bit in range(BITS) if grey[100, (2 * bit + 1) * width // (2 * BITS)] > 125)


def numbers_and_times(film: Path) -> list[tuple[int, float]]:
    """(number, seconds from the film's first frame) of every frame of a film, read with PyAV alone."""
    with av.open(str(film)) as container:
        found = [
            (number_in(one.to_ndarray(format="gray")[: one.height, : one.width]), float(one.time or 0))
            for one in container.decode(video=0)
        ]
    return [(number, at - found[0][1]) for number, at in found]


TIMES = vfr_times(FRAMES / 30 + 0.5, 30)[:FRAMES]
"""When each frame of the films is shown, s: 15 to 52 ms after the one before, as a browser records."""


def expression(
    onset: int, apex: int, offset: int, *, face: int = 0, chances: Sequence[float] = (0.1, 0.2, 0.7)
) -> Expression:
    """An expression of the machine at these frames; the emotion is the most probable of CLASSES."""
    seconds = TIMES[onset], TIMES[apex], TIMES[offset]
    return Expression(
        face,
        onset,
        apex,
        offset,
        *seconds,
        "micro" if seconds[2] - seconds[0] <= 0.5 else "macro",
        4.0 + face,
        ("brow_left", "brow_right"),
        Evidence(96.0, 30.0, 120.0, 0.8),
        dict(zip(CLASSES, chances, strict=True)) if chances else {},
    )


def mark(onset: int, apex: int, offset: int, *, face: int = 0, upper: Upper = "still") -> MaskedInterval:
    """A masked mark of the machine at these frames."""
    seconds = TIMES[onset], TIMES[apex], TIMES[offset]
    measures = (Measure("mouth corners up and outward", 4.3, 1.8), Measure("upper cheeks up", 0.9, 1.3))
    smile = (onset, apex, offset)
    times, courses = seconds, {"mouth": (0.2, 4.3, 0.2), "eyes": (0.0, 0.1, 0.0), "brows": (0.0, 0.1, 0.0)}
    return MaskedInterval(
        face, onset, apex, offset, *seconds, upper, 0.66, smile, (), measures, times=times, courses=courses
    )


FOUND = (expression(20, 25, 30), expression(60, 70, 84, chances=(0.1, 0.8, 0.1)))
"""What the machine found: a micro-expression (surprise) and a macro-expression (positive)."""


def make_film(folder: Path, name: str = "film.mp4") -> Path:
    return write_film(folder / name, map(numbered_frame, range(FRAMES)), 30, times=TIMES)


def analysis_of(
    film: Path, found: Sequence[Expression], faces: int = 1, masked: Sequence[MaskedInterval] | None = None
) -> Analysis:
    """Results with pictures and a timeline, of intervals that are given; None where no marks were looked for."""
    seen = probe(film)
    face = np.full((64, 64, 3), 120, np.uint8)
    flow = np.zeros((2, 64, 64), np.float32)
    strength = np.full(FRAMES, 0.3, np.float32)
    for one in found:
        strength[one.onset : one.offset + 1] = one.strength
    return Analysis(
        recording=seen,
        frames=FRAMES,
        seconds=TIMES[-1] + 1 / 30,
        faces=tuple(FaceSummary(number, 0, FRAMES - 1, 1.0, 96.0) for number in range(faces)),
        expressions=tuple(found),
        events=(),
        timelines=tuple(
            Timeline(
                number, np.arange(FRAMES), np.array(TIMES), strength, {"brow_left": strength}, strength, strength, 0.9
            )
            for number in range(faces)
        ),
        detector="none",
        recognizer="numbers made by hand",
        settings={"floor": 0.9},
        masked=None if masked is None else tuple(masked),
        tracks=tuple(track_of(seen.id, number) for number in range(faces)),
        pictures=tuple(Pictures(face, face, MotionMap(flow, flow[0], one.onset, one.apex, "dis")) for one in found),
    )


def track_of(recording: str, face: int) -> FaceTrack:
    """A face that keeps its place."""
    boxes = np.tile(np.float32([40, 30, 140, 130]), (FRAMES, 1))
    to_aligned = np.tile(np.float32([[1.28, 0, -51], [0, 1.28, -38]]), (FRAMES, 1, 1))
    points = np.tile(np.float32([[40 + 1.4 * number, 40 + number] for number in range(68)]), (FRAMES, 1, 1))
    ones = np.ones(FRAMES, np.float32)
    return FaceTrack(recording, face, np.arange(FRAMES), boxes, points, to_aligned, ones, "none", (128, 128))


@dataclass(frozen=True)
class Made:
    """A workspace with one recording, and how to analyse that anew or add another."""

    workspace: Path
    recording: int

    def analysed_again(
        self, *found: Expression, faces: int = 1, masked: Sequence[MaskedInterval] | None = None
    ) -> None:
        """Put other results in the place of those that are there."""
        one = recording(self.workspace, self.recording)
        write_run(
            analysis_of(one.film, found, faces, masked),
            results_of(self.workspace, self.recording),
            overwrite=True,
            elan=False,
        )

    def another(self, title: str, *found: Expression, faces: int = 1, **about: str) -> int:
        """Add a recording that was analysed; its id."""
        return add_analysed(self.workspace, title, found, faces=faces, **about)


def add_analysed(
    workspace: Path, title: str, found: Sequence[Expression], *, faces: int = 1, participant: str = "", group: str = ""
) -> int:
    number = add_recording(workspace, title, make_film(workspace / "uploads"), participant=participant, group=group)
    one = recording(workspace, number)
    write_run(analysis_of(one.film, found, faces), results_of(workspace, number))
    write_tracks(analysis_of(one.film, found, faces).tracks, results_of(workspace, number) / TRACKS_FILE)
    make_playable(probe(one.film), one.folder / "play.mp4")
    with writing(workspace) as store:
        store.execute(
            "INSERT INTO job (kind, recording, payload, state, queued) VALUES ('analyze', ?, '{}', 'done', '')",
            (number,),
        )
        store.execute(
            "UPDATE recording SET seconds = ?, fps = 30, frames = ? WHERE id = ?", (TIMES[-1], FRAMES, number)
        )
    return number


@pytest.fixture(scope="session")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = create_workspace(tmp_path_factory.mktemp("corrections") / "workspace")
    add_analysed(folder, "Interview 7.mp4", FOUND, participant="P07", group="control")
    return folder


@pytest.fixture
def made(made_once: Path, tmp_path: Path) -> Made:
    """A copy of a workspace of a test's own: one recording in which the machine found FOUND."""
    return Made(Path(shutil.copytree(made_once, tmp_path / "own workspace")), 1)


@pytest.fixture
def found() -> tuple[Expression, ...]:
    return FOUND


@pytest.fixture
def moved() -> Callable[..., Expression]:
    return expression


@pytest.fixture
def marked_at() -> Callable[..., MaskedInterval]:
    """marked_at(onset, apex, offset, upper='still'): a masked mark of the machine."""
    return mark


@pytest.fixture
def smiled(made: Made) -> Made:
    """The same, analysed again with masked marks: M1 at the very frames of expression 2, M2 within it."""
    made.analysed_again(*FOUND, masked=[mark(60, 70, 84), mark(66, 68, 70, upper="brows-lowered")])
    return made


@pytest.fixture
def shown_times() -> Sequence[float]:
    return TIMES


@pytest.fixture
def look() -> Callable[[Path], list[tuple[int, float]]]:
    return numbers_and_times


@dataclass
class Person:
    """Somebody at a browser of their own."""

    client: TestClient
    mark: str

    def get(self, path: str, status: int = 200) -> object:
        answer = self.client.get(path)
        assert answer.status_code == status, answer.text
        return answer.json()

    def post(self, path: str, value: object = None, status: int = 200) -> object:
        answer = self.client.post(path, json=value or {}, headers={"X-Micromask-CSRF": self.mark})
        assert answer.status_code == status, answer.text
        return answer.json()


@pytest.fixture
def people(made: Made) -> Callable[[], Person]:
    """people(): another person who signs in; all use the same server."""
    app = create_app(workspace=made.workspace)

    def sign_in() -> Person:
        client = TestClient(app, base_url="http://127.0.0.1")
        assert client.get(f"/link/{app.state.links.mint()}", follow_redirects=False).status_code == 303
        return Person(client, client.get("/api/mark").json()["mark"])

    return sign_in
