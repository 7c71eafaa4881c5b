"""A workspace with films whose pictures say their number, and results of them that were made by hand."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from micromask.app.web.server import Serving, opened_server
from micromask.app.workspace.playable import make_playable
from micromask.app.workspace.recordings import add_recording, recording, results_of
from micromask.app.workspace.store import create_workspace
from micromask.core.types import (
    Analysis,
    Event,
    Evidence,
    Expression,
    FaceSummary,
    FaceTrack,
    Image,
    MaskedInterval,
    Recording,
    Timeline,
)
from micromask.datasets.synthetic import vfr_times
from micromask.faces.align import ALIGNED_SIZE, aligned_landmarks, face_transform, invert
from micromask.recordings import probe, write_film
from micromask.reports.folder import write_run
from micromask.reports.tracks import TRACKS_FILE, write_tracks

BITS = 8
WIDTH, HEIGHT = 192, 144
REGIONS = ("brow_left", "brow_right", "mouth_left")
VARIABLE, FAST, BROKEN = 1, 2, 3
"""The recordings: variable frame rate with two faces, 200 frames/s, one that breaks off."""


def picture(number: int) -> Image:
    """A picture that says its number in black and white columns."""
    columns = np.arange(WIDTH) * BITS // WIDTH
    row = np.where(number >> columns & 1, 235, 16).astype(np.uint8)
    return np.repeat(np.tile(row, (HEIGHT, 1))[..., None], 3, axis=2)


def expression(film: Recording, face: int, onset: int, apex: int, offset: int) -> Expression:
    at = [frame / film.fps if film.times is None else float(film.times[frame]) for frame in (onset, apex, offset)]
    kind: Any = "micro" if at[2] - at[0] <= 0.5 else "macro"
    evidence = Evidence(70.0, film.fps, 42.0, 1.2, ("the face is only 70 px wide; small movements may be lost",))
    chances = {"negative": 0.2, "positive": 0.1, "surprise": 0.7}
    return Expression(face, onset, apex, offset, *at, kind, 3.5, ("mouth_left", "brow_left"), evidence, chances)


def track(face: int, frames: int) -> FaceTrack:
    """A face that goes one pixel to the right in every frame, the second one 80 px from the first."""
    at = np.arange(frames)
    still = aligned_landmarks(50) + [10 + 80 * face, 60]
    points = still + np.stack([at % 60, 0 * at], axis=1)[:, None]
    boxes = np.concatenate([points.min(1), points.max(1)], axis=1)
    to = np.stack([face_transform(one) for one in points])
    return FaceTrack("film", face, at, boxes, points, to, np.ones(frames), "haar", (ALIGNED_SIZE, ALIGNED_SIZE))


def analysis(
    film: Recording, frames: int, found: Sequence[Expression], *, faces: int = 1, masked: bool = False
) -> Analysis:
    """Strength that rises to 3.5 % at each apex; a blink, and a gap in the last face."""
    times = np.arange(frames) / film.fps if film.times is None else film.times[:frames]
    timelines = []
    for face in range(faces):
        strength = np.full(frames, 0.3, np.float32)
        for one in found:
            if one.face == face:
                strength[one.onset : one.offset + 1] = np.interp(
                    np.arange(one.onset, one.offset + 1), [one.onset, one.apex, one.offset], [0.3, 3.5, 0.3]
                )
        if face:
            strength[5:15] = np.nan
        rows = {name: strength * share for name, share in zip(REGIONS, (0.5, 0.2, 1.0), strict=True)}
        timelines.append(Timeline(face, np.arange(frames), times, strength, rows, 0.5 * strength, 0 * strength, 0.9))
    last, broken = frames - 1, frames < (film.declared_frames or frames)
    events = [Event(0, "blink", 2, 4, float(times[2]), float(times[4]))]
    if faces > 1:
        events.append(Event(1, "gap", 5, 14, float(times[5]), float(times[14])))
    marks = [MaskedInterval(0, 30, 33, 36, *map(float, times[[30, 33, 36]]), "still", 0.8, (28, 33, 38), (), ())]
    return Analysis(
        recording=film,
        frames=frames,
        seconds=float(times[-1]) + 1 / film.fps,
        faces=tuple(FaceSummary(face, 0, last, 1.0, 50.0) for face in range(faces)),
        expressions=tuple(found),
        events=tuple(events),
        timelines=tuple(timelines),
        detector="haar",
        recognizer="numbers made by hand",
        settings={},
        cautions=(f"the film breaks off at frame {frames} of {film.declared_frames}",) if broken else (),
        broke_at=frames if broken else None,
        masked=tuple(marks) if masked else None,
        tracks=tuple(track(face, frames) for face in range(faces)),
    )


def put(workspace: Path, source: Path, title: str, made: Callable[[Recording, int], Analysis]) -> int:
    """Take a film in with results, as a worker leaves them."""
    number = add_recording(workspace, title, source, participant="P01", group="a")
    one = recording(workspace, number)
    film = probe(one.film)
    clock = make_playable(film, one.folder / "play.mp4")
    found = made(film, len(clock.frames))
    found = replace(found, recording=replace(film, id=title, path=film.path.with_name(title)))
    write_run(found, results_of(workspace, number))
    write_tracks(found.tracks, results_of(workspace, number) / TRACKS_FILE)
    return number


@pytest.fixture(scope="session")
def full(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with the recordings VARIABLE, FAST and BROKEN, and one that waits."""
    workspace = create_workspace(tmp_path_factory.mktemp("recordings") / "workspace")
    uploads = workspace / "uploads"
    times = vfr_times(4.0, 30)

    def variable(film: Recording, frames: int) -> Analysis:
        found = [expression(film, 0, 20, 24, 27), expression(film, 1, 40, 50, 64)]
        return analysis(film, frames, found, faces=2, masked=True)

    film = write_film(uploads / "v.mp4", map(picture, range(len(times))), 30, times=times)
    assert put(workspace, film, "variable.mp4", variable) == VARIABLE
    film = write_film(uploads / "f.mp4", map(picture, range(200)), 200)
    fast = put(workspace, film, "fast.mp4", lambda film, n: analysis(film, n, [expression(film, 0, 60, 66, 75)]))
    assert fast == FAST
    film = cut_off(write_film(uploads / "b.mp4", map(picture, range(90)), 30))
    broken = put(workspace, film, "broken.mp4", lambda film, n: analysis(film, n, [expression(film, 0, 30, 34, 40)]))
    assert broken == BROKEN
    add_recording(workspace, "waits.mp4", write_film(uploads / "w.mp4", map(picture, range(3)), 30))
    return workspace


def cut_off(film: Path) -> Path:
    """The same film with its index first, and without its last third."""
    first = film.with_name("first.mp4")
    with av.open(str(film)) as source, av.open(str(first), "w", options={"movflags": "faststart"}) as target:
        stream = target.add_stream_from_template(source.streams.video[0])
        for packet in source.demux(video=0):
            if packet.dts is not None:
                packet.stream = stream
                target.mux(packet)
    whole = first.read_bytes()
    first.write_bytes(whole[: len(whole) * 2 // 3])
    return first


@pytest.fixture(scope="session")
def showing(full: Path, running: Callable[..., Any]) -> Iterator[Serving]:
    """That workspace, served with workers."""
    with opened_server(workspace=full, detector="haar") as ready, running(ready):
        yield ready


TAKEN = """
window.taken = [];
document.addEventListener("DOMContentLoaded", () => {
  const video = document.getElementById("film");
  if (!video) return;
  const canvas = document.createElement("canvas");
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  const seen = () => {
    [canvas.width, canvas.height] = [video.videoWidth, 1];
    pen.drawImage(video, 0, video.videoHeight / 2, video.videoWidth, 1, 0, 0, video.videoWidth, 1);
    const row = pen.getImageData(0, 0, canvas.width, 1).data;
    let number = 0;
    for (let bit = 0; bit < BITS; bit++) {
      if (row[4 * Math.floor(((2 * bit + 1) * canvas.width) / (2 * BITS))] > 125) number |= 1 << bit;
    }
    window.taken.push(number);
    window.now = number;
    video.requestVideoFrameCallback(seen);
  };
  video.requestVideoFrameCallback(seen);
});
""".replace("BITS", str(BITS))
"""In the page: the number in each picture that the film shows, read from its pixels."""


@pytest.fixture
def look(plain_chromium: Any, showing: Serving, signed_in: Callable[..., Any]) -> Callable[..., Any]:
    """look(recording, **context): its page, signed in; faults of its scripts fail the test."""

    @contextmanager
    def opened(number: int, **how: Any) -> Iterator[Any]:
        how = {"viewport": {"width": 1280, "height": 900}, **how}
        with signed_in(plain_chromium, showing.new_link(), script=TAKEN, **how) as page:
            faults: list[str] = []
            page.on("console", lambda line: faults.append(line.text) if line.type == "error" else None)
            page.goto(f"{showing.address}/recordings/{number}")
            page.locator("#recording[data-ready=yes]").wait_for()
            page.locator("#film[data-frame]").wait_for()
            yield page
            assert faults == []

    return opened


@pytest.fixture(scope="session")
def to_picture() -> Callable[[int, int], Any]:
    """to_picture(face, frame): the transform from the aligned face to the picture of the tracks above."""
    return lambda face, frame: invert(track(face, frame + 1).to_aligned[frame])
