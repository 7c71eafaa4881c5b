"""The pages of the project and the synthetic films that stand in for the recordings which they name."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import micromask.datasets.synthetic
import micromask.inference.analyze
from micromask.core.types import Analysis, Recording
from micromask.datasets.synthetic import PlannedExpression, Script, render, vfr_times, write
from micromask.inference.analyze import Settings
from micromask.recordings import probe, write_film

ROOT = Path(__file__).parents[2]
BROWS = (("inner_brow_raiser", 0.05), ("outer_brow_raiser", 0.05))
SCRIPT = Script(
    seconds=5,
    fps=30,
    size=240,
    expressions=(
        PlannedExpression(1.2, 1.4, 1.63, BROWS, "surprise"),
        PlannedExpression(3.0, 3.5, 4.1, (("lip_corner_puller", 0.09),), "positive", hold_s=0.2),
    ),
    blinks=(2.2,),
    seed=1,
)


def _interview(path: Path) -> None:
    write(SCRIPT, path)


def _browser(path: Path) -> None:
    write(replace(SCRIPT, times=vfr_times(5, 30, seed=0)), path)


def _old(path: Path) -> None:
    write(replace(SCRIPT, seconds=3, fps=16, expressions=SCRIPT.expressions[:1]), path)


def _pair(path: Path) -> None:
    other = replace(SCRIPT, subject=3, expressions=SCRIPT.expressions[:1], blinks=(), seed=2)
    both = zip(render(SCRIPT), render(other), strict=True)
    write_film(path, (np.concatenate(pair, axis=1) for pair in both), 30)


def _short(path: Path) -> None:
    write(replace(SCRIPT, seconds=2.4, expressions=SCRIPT.expressions[:1], blinks=()), path)


def _text(path: Path) -> None:
    path.write_text("not a film\n" * 100, encoding="utf-8")


FILMS = {
    "interview.mp4": _interview,
    "browser.mp4": _browser,
    "archive.mp4": _old,
    "meeting.mp4": _pair,
    "day1/p01.mp4": _short,
    "day1/p02.mp4": _short,
    "day1/p03.mp4": _text,
}
"""What each name in an example is: the path in the reader's folder, and what makes it."""


USUAL = Settings()


class Desk:
    """Makes the films that a page needs, each kind once a session."""

    def __init__(self, store: Path) -> None:
        self.store = store
        self.made: dict[object, Path] = {}

    def lay_out(self, text: str, folder: Path) -> None:
        """Put every recording that the text names into the folder."""
        for name, make in FILMS.items():
            if name not in text and not (name.startswith("day1/") and "day1" in text):
                continue
            if make not in self.made:
                self.made[make] = self.store / f"{len(self.made)}.mp4"
                make(self.made[make])
            (folder / name).parent.mkdir(exist_ok=True)
            (folder / name).write_bytes(self.made[make].read_bytes())


class Memory:
    """Analyses each film once with the same settings: many pages show the same one."""

    def __init__(self) -> None:
        self.really = micromask.inference.analyze.analyze
        self.known: dict[tuple[str, Settings], Analysis] = {}

    def analyze(
        self,
        source: str | Path | Recording,
        settings: Settings = USUAL,
        *,
        progress: Callable[[int], None] | None = None,
    ) -> Analysis:
        recording = source if isinstance(source, Recording) else probe(source)
        if recording.path.is_dir():
            return self.really(recording, settings, progress=progress)
        key = hashlib.sha256(recording.path.read_bytes()).hexdigest(), settings
        if key not in self.known:
            self.known[key] = self.really(recording, settings, progress=progress)
        return replace(self.known[key], recording=recording)


@pytest.fixture(scope="session")
def memory() -> Memory:
    return Memory()


@pytest.fixture(scope="session")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    return Desk(tmp_path_factory.mktemp("films"))


@pytest.fixture
def quick(memory: Memory, monkeypatch: pytest.MonkeyPatch) -> None:
    """No film is analysed twice, and a short one stands in for the demo's."""
    monkeypatch.setattr(micromask.inference.analyze, "analyze", memory.analyze)
    monkeypatch.setattr(micromask.datasets.synthetic, "demo_script", lambda fps: replace(SCRIPT, fps=fps))


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT
