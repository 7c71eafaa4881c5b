"""`micromask live`: a camera in a window, its faces and what they do; the space bar takes a snapshot."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from time import monotonic
from typing import TYPE_CHECKING, Annotated, Protocol

import typer
from rich.text import Text

from micromask.app.cli.analyze import Detector
from micromask.app.cli.talk import out, say, show_paths
from micromask.core.types import Frame, Image

if TYPE_CHECKING:
    from micromask.app.cli.live_film import FilmWriter
    from micromask.faces.detect import Detector as FaceDetector
    from micromask.inference.fitted import Fitted
    from micromask.inference.recent import Told
    from micromask.inference.snapshot import SnapFace
    from micromask.inference.stream import LiveWatcher

LATELY = 60
"""Rate and latency are of so many frames."""

QUIT, SNAP = ("q", "Q", "Escape"), "space"


class Shown(Protocol):
    """What is asked of a window."""

    closed: bool

    def show(self, picture: Image, words: str) -> None:
        """Show a picture and a line, and hear what was pressed."""
        ...

    def show_strip(self, strip: Image) -> None:
        """Show the snapshots."""
        ...

    def close(self) -> None:
        """Close it."""
        ...


def live_command(
    camera: Annotated[int, typer.Option(min=0, help="The camera's number; 0 is the first.")] = 0,
    film: Annotated[
        Path | None, typer.Option(metavar="FILE", help="A film in the camera's place, played at its own speed.")
    ] = None,
    detector: Detector = "mtcnn",
    model: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="A model of single frames (micromask train) for the emotion of each picture."
        ),
    ] = None,
    record: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Keep what the camera sees as a film; without it nothing is.")
    ] = None,
) -> None:
    """Watch a camera: faces with their numbers, the emotion of each picture, and expressions as they end.

    In the window, the space bar takes a snapshot (faces enhanced, with their emotion); q or Esc ends it.
    Expressions are printed as they are found.
    """
    from micromask.app.cli.live_film import FilmWriter
    from micromask.app.cli.live_window import Window
    from micromask.faces.detect import detectors
    from micromask.inference.fitted import load_fitted
    from micromask.inference.stream import LiveWatcher
    from micromask.recordings import probe
    from micromask.recordings.play import newest, played
    from micromask.recordings.webcam import webcam

    build = detectors[detector]
    recording = None if film is None else probe(film)
    fitted = None if model is None else load_fitted(model)
    keys = Keys()
    with ExitStack() as at_end:
        watcher = at_end.enter_context(LiveWatcher(detector=detector, model=fitted))
        writer = None if record is None else FilmWriter(record)
        if writer is not None:
            at_end.callback(writer.end)
        window = Window("micromask live", keys.pressed.append)
        at_end.callback(window.close)
        frames: Iterable[Frame]
        if recording is not None:
            frames = played(recording)
        else:
            frames = at_end.enter_context(webcam(camera, size=(720, 1280), fps=30))
        closer = Closer(build(), detector, fitted)
        seen = Seen()
        try:
            with closing(newest(frames)) as arriving:
                watch_in(window, arriving, watcher, closer, keys=keys, writer=writer, seen=seen)
        except KeyboardInterrupt:
            pass
        finally:
            closer.close()
        kept = None if writer is None else writer.end()
    say(seen.summary())
    if writer is not None and kept is not None:
        if writer.left_out:
            say(f"note: there was no time to record {writer.left_out} of {writer.left_out + writer.written} frames")
        show_paths({"film": kept})


@dataclass(slots=True)
class Keys:
    """The keys that were pressed and not heard yet, in order."""

    pressed: list[str] = field(default_factory=list)

    def take(self) -> list[str]:
        """Hear them."""
        taken = list(self.pressed)
        self.pressed.clear()
        return taken


@dataclass(slots=True)
class Seen:
    """How a live view went."""

    frames: int = 0
    told: int = 0
    began: float | None = None
    ended: float = 0.0
    came: deque[float] = field(default_factory=lambda: deque(maxlen=LATELY))
    took: deque[float] = field(default_factory=lambda: deque(maxlen=LATELY))

    def note(self, came: float, now: float) -> None:
        """A frame that came at a time (s) has been dealt with at another."""
        self.began = came if self.began is None else self.began
        self.frames, self.ended = self.frames + 1, now
        self.came.append(now)
        self.took.append(now - came)

    @property
    def rate(self) -> float:
        """Frames per second lately."""
        span = self.came[-1] - self.came[0] if len(self.came) > 1 else 0.0
        return (len(self.came) - 1) / span if span > 0 else 0.0

    @property
    def latency_ms(self) -> float:
        """Median time from a frame's coming to its being shown, lately."""
        return 1000 * median(self.took) if self.took else 0.0

    def summary(self) -> str:
        """One line for the end."""
        if self.began is None:
            return "no frame came"
        seconds = self.ended - self.began
        rate = f" ({self.frames / seconds:.0f} frames/s)" if seconds > 0 else ""
        return f"{self.frames} frames in {seconds:.1f} s{rate}, {self.told} expressions"


class Closer:
    """Looks closely at single pictures beside the frames."""

    def __init__(self, detector: FaceDetector, name: str, model: Fitted | None) -> None:
        from micromask.inference.aside import Aside
        from micromask.inference.stream import SMALLEST

        self._detector, self._model, self._smallest = detector, model, SMALLEST.get(name, 40.0)
        self._aside: Aside[tuple[SnapFace, ...]] = Aside("snapshot")

    def look(self, picture: Image, known: dict[int, tuple[float, float, float, float]]) -> None:
        """Begin to look, unless it is looking already."""
        from micromask.inference.snapshot import snapshot

        if self._aside.idle:
            self._aside.begin(
                lambda: snapshot(picture, self._detector, smallest=self._smallest, model=self._model, known=known)
            )

    def take(self) -> tuple[SnapFace, ...] | None:
        """What it saw, once it is there; else None."""
        return self._aside.take()

    def close(self) -> None:
        """End its thread."""
        self._aside.close()


def watch_in(
    window: Shown,
    frames: Iterable[tuple[Frame, float]],
    watcher: LiveWatcher,
    closer: Closer,
    *,
    keys: Keys,
    writer: FilmWriter | None = None,
    seen: Seen,
) -> None:
    """Show frames in a window until they end, it is closed, or somebody ends it.

    Parameters
    ----------
    window : Window
    frames : iterable of (Frame, float)
        Each with the moment at which it came, as `micromask.recordings.play.newest` gives them.
    watcher, closer
        Look at every frame, and at snapshots.
    keys : Keys
        What the window hears.
    writer : FilmWriter, optional
        Keeps the frames.
    seen : Seen
        Filled in.
    """
    from micromask.app.cli.live_drawing import draw_faces, draw_snapshot

    for frame, came in frames:
        if writer is not None:
            writer.add(frame)
        state = watcher.step(frame)
        picture = draw_faces(frame.image, state)
        faces = f"{len(state.faces)} {'face' if len(state.faces) == 1 else 'faces'}"
        film = "" if writer is None else "recording  ·  "
        words = f"{film}{seen.rate:.0f} frames/s  ·  {seen.latency_ms:.0f} ms  ·  {faces}  ·  space: snapshot, q: end"
        window.show(picture, words)
        seen.note(came, monotonic())
        for told in state.told:
            seen.told += 1
            out().print(Text(line_of(told)))
        looked = closer.take()
        if looked is not None and not window.closed:
            window.show_strip(draw_snapshot(looked, picture.shape[0]))
        pressed = keys.take()
        if window.closed or any(key in QUIT for key in pressed):
            return
        if SNAP in pressed:
            closer.look(frame.image, {face.face: face.box for face in state.faces})


def line_of(told: Told) -> str:
    """An expression in one line: when it began, whose, what, how long and how strong it was, and what moved."""
    from micromask.reports.words import region_words

    one = told.interval
    emotion = "not recognised" if told.emotion is None else f"{told.emotion} {told.probabilities[told.emotion]:.2f}"
    moved = ", ".join(dict.fromkeys(region_words(name) for name in one.regions))
    measures = f"{one.offset_s - one.onset_s:.2f} s  {one.strength:4.1f} %"
    return f"{one.onset_s:8.2f} s  face {one.face}  {one.kind}  {emotion:<14}  {measures}  {moved}"
