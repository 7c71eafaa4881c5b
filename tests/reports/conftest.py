"""An invented analysis: known arrays and drawn pictures, nobody's face."""

from __future__ import annotations

from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from micromask.core.types import (
    Analysis,
    Event,
    Evidence,
    Expression,
    FaceSummary,
    MotionMap,
    Pictures,
    Recording,
    Timeline,
)

PAIRED = ("brow", "eye", "cheek", "mouth")
REGIONS = [*(f"{name}_{side}" for name in PAIRED for side in ("left", "right")), "glabella", "nose"]
REGIONS += ["lip_upper", "lip_lower", "chin"]
PLANNED = (
    # onset_s, apex_s, offset_s, strength, regions, probabilities
    (1.6, 1.75, 1.955, 3.1, ("brow_left", "brow_right", "glabella"), (0.12, 0.07, 0.81)),
    (4.2, 4.35, 4.6, 2.2, ("mouth_left", "cheek_left"), (0.28, 0.61, 0.11)),
    (7.4, 8.3, 9.4, 6.4, ("mouth_left", "mouth_right", "cheek_left", "cheek_right"), (0.03, 0.95, 0.02)),
    (11.2, 11.32, 11.5, 1.7, ("lip_upper", "nose"), (0.47, 0.21, 0.32)),
)
CLASSES = ("negative", "positive", "surprise")


def bump(times: np.ndarray, onset: float, apex: float, offset: float) -> np.ndarray:
    """A rise from 0 at the onset to 1 at the apex and back to 0 at the offset."""
    up = np.clip((times - onset) / (apex - onset), 0, 1)
    down = np.clip((offset - times) / (offset - apex), 0, 1)
    return np.sin(np.pi / 2 * np.minimum(up, down)) ** 2


def drawn_face(size: int = 96) -> np.ndarray:
    """An oval with two eyes and a mouth on a gradient."""
    y, x = np.mgrid[0:size, 0:size] / size
    picture = np.stack([150 + 60 * y, 140 + 40 * x, 130 + 0 * x], axis=-1)
    picture[((x - 0.5) / 0.36) ** 2 + ((y - 0.52) / 0.44) ** 2 < 1] = (222, 184, 150)
    for centre in (0.35, 0.65):
        picture[((x - centre) / 0.07) ** 2 + ((y - 0.4) / 0.04) ** 2 < 1] = (60, 50, 50)
    picture[((x - 0.5) / 0.14) ** 2 + ((y - 0.74) / 0.03) ** 2 < 1] = (160, 70, 70)
    return picture.astype(np.uint8)


def drawn_pictures(onset: int, apex: int, face: np.ndarray | None = None, pixels: float = 2.0) -> Pictures:
    """The same face twice, and a flow that lifts one corner of the mouth by ``pixels``."""
    picture = drawn_face() if face is None else face
    size = picture.shape[0]
    y, x = np.mgrid[0:size, 0:size] / size
    lift = np.exp(-(((x - 0.63) / 0.1) ** 2) - ((y - 0.72) / 0.1) ** 2) * pixels
    flow = np.stack([0.4 * lift, -lift]).astype(np.float32)
    return Pictures(picture, picture.copy(), MotionMap(flow, np.abs(lift).astype(np.float32), onset, apex, "tvl1"))


def invented_analysis(fps: float = 200.0, seconds: float = 14.0, faces: int = 1, **changes: Any) -> Analysis:
    """Three micro-expressions and a macro-expression of face 0 (and of every other face, later by 0.3 s a face)."""
    n_frames = round(seconds * fps)
    times = np.arange(n_frames) / fps
    made = [_one_face(face, times, fps) for face in range(faces)]
    expressions = sorted((one for found, _, _ in made for one in found), key=lambda one: (one.onset, one.face))
    values: dict[str, Any] = {
        "recording": Recording("interview-07", Path("films/interview 07.mp4"), fps, n_frames, (480, 640)),
        "frames": n_frames,
        "seconds": seconds,
        "faces": tuple(FaceSummary(face, 0, n_frames - 1, 0.98, 184.0 - 20 * face) for face in range(faces)),
        "expressions": tuple(expressions),
        "events": tuple(event for _, events, _ in made for event in events),
        "timelines": tuple(timeline for _, _, timeline in made),
        "detector": "dlib",
        "recognizer": "a support vector machine on invented maps, trained on nobody",
        "settings": {"face": "largest", "flow": "dis", "recognise": True},
        "pictures": tuple(drawn_pictures(one.onset, one.apex) for one in expressions),
        "stage_seconds": {"decode": 1.25, "faces": 2.5},
    }
    return Analysis(**{**values, **changes})


def _one_face(face: int, times: np.ndarray, fps: float) -> tuple[list[Expression], list[Event], Timeline]:
    rng = np.random.default_rng(face)
    later = 0.3 * face
    regions = {name: 0.12 + 0.05 * rng.standard_normal(len(times)) for name in REGIONS}
    expressions = []
    for onset_s, apex_s, offset_s, strength, moved, chances in PLANNED:
        onset, apex, offset = (round((second + later) * fps) for second in (onset_s, apex_s, offset_s))
        if offset >= len(times):
            continue
        for rank, name in enumerate(moved):
            regions[name] += bump(times, onset_s + later, apex_s + later, offset_s + later) * strength * 0.8**rank
        expressions.append(
            Expression(
                face,
                onset,
                apex,
                offset,
                onset / fps,
                apex / fps,
                offset / fps,
                "micro" if (offset - onset + 1) / fps <= 0.5 else "macro",
                strength,
                moved,
                Evidence(184.0, fps, 143.2, 1.3, ("the head moved by 1.3 %",) if strength < 2 else ()),
                dict(zip(CLASSES, chances, strict=True)),
            )
        )
    eyes = np.abs(0.1 * rng.standard_normal(len(times)))
    head = 0.6 + 0.4 * np.sin(times)
    events = []
    for name, first, last in (("blink", 3.0, 3.2), ("head-move", 5.6, 6.7), ("blink", 10.1, 10.3), ("gap", 12.6, 13.0)):
        a, b = round(first * fps), round(last * fps)
        if b < len(times):
            events.append(Event(face, name, a, b, a / fps, b / fps))  # type: ignore[arg-type]
            if name == "blink":
                eyes += 5 * bump(times, first, (first + last) / 2, last)
    strength = np.clip(np.stack(list(regions.values())).max(axis=0), 0, None)
    unseen = (times >= 12.6) & (times <= 13.0)
    for values in (strength, eyes, head, *regions.values()):
        values[unseen] = np.nan
    frames = np.arange(len(times))
    return expressions, events, Timeline(face, frames, times, strength, regions, eyes, head, 0.9)


@pytest.fixture(scope="session")
def invented() -> Callable[..., Analysis]:
    return invented_analysis


@pytest.fixture(scope="session")
def analysis() -> Analysis:
    return invented_analysis()


VOID = {"meta", "img", "br", "input", "link", "hr"}


class Page(HTMLParser):
    """What a page is made of; an element that closes out of order fails, and ``open`` names those that never do."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, Any]]] = []
        self.open: list[str] = []
        self.inside: dict[str, list[str]] = {}
        self.words: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: Any) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open, tag
        assert self.open.pop() == tag, self.getpos()

    def handle_data(self, data: str) -> None:
        tag = self.open[-1] if self.open else ""
        if tag in {"script", "style"}:
            self.inside.setdefault(tag, []).append(data)
        else:
            self.words.append(data)

    @property
    def text(self) -> str:
        """What is read on the page, scripts and styles left out, with single spaces."""
        return " ".join(" ".join(self.words).split())

    def all(self, tag: str, **wanted: str) -> list[dict[str, Any]]:
        """The attributes of each such element."""
        return [own for name, own in self.elements if name == tag and all(own.get(k) == v for k, v in wanted.items())]


@pytest.fixture(scope="session")
def read_page() -> type[Page]:
    return Page
