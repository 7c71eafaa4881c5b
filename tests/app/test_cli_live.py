"""`micromask live`: its loop in a window that the test makes, the real window, its film, and what it refuses."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from micromask.app.cli import live_window
from micromask.app.cli.live import line_of
from micromask.app.cli.live_drawing import CARD_WIDTH, SHOWN, draw_faces, draw_snapshot
from micromask.app.cli.live_film import FilmWriter
from micromask.core.errors import BadInputError
from micromask.core.types import Frame, Image
from micromask.faces.detect import detectors
from micromask.inference.recent import Told
from micromask.inference.snapshot import snapshot
from micromask.inference.spot import Interval
from micromask.inference.stream import LiveFace, LiveState
from micromask.recordings import probe, read


class NoWindow:
    """In the place of the window: keeps what it is shown, and presses keys at given frames."""

    made: list[NoWindow]

    def __init__(self, title: str, pressed: Callable[[str], None]) -> None:
        self.closed, self.pressed = False, pressed
        self.shown: list[tuple[Image, str]] = []
        self.strips: list[Image] = []
        self.made.append(self)

    keys: dict[int, str]

    def show(self, picture: Image, words: str) -> None:
        self.shown.append((picture, words))
        if len(self.shown) in self.keys:
            self.pressed(self.keys[len(self.shown)])

    def show_strip(self, strip: Image) -> None:
        self.strips.append(strip)

    def close(self) -> None:
        self.closed = True


@pytest.fixture
def window(monkeypatch: pytest.MonkeyPatch) -> type[NoWindow]:
    NoWindow.made, NoWindow.keys = [], {}
    monkeypatch.setattr(live_window, "Window", NoWindow)
    return NoWindow


def test_a_film_stands_in_for_the_camera_and_its_expression_is_printed(
    micromask: Callable[..., Any], films: Path, here: Path, window: type[NoWindow]
) -> None:
    window.keys = {10: "space"}
    done = micromask("live", "--film", films / "smile.mp4", "--detector", "haar", "--record", "kept.mkv")
    assert done.code == 0
    (made,) = window.made
    assert made.closed
    assert len(made.shown) > 20
    assert made.shown[-1][0].shape == (240, 240, 3)
    assert "1 face" in made.shown[-1][1]
    assert "space: snapshot, q: end" in made.shown[-1][1]
    assert "recording" in made.shown[-1][1]
    assert made.strips[-1].shape == (240, CARD_WIDTH, 3)
    assert f"{len(made.shown)} frames in " in done.err
    # what was looked at was kept, with its own times
    film = probe(here / "kept.mkv")
    assert done.out.splitlines()[-1].split() == ["film", "kept.mkv"]
    assert film.n_frames <= len(made.shown)
    last = list(read(film))[-1].time
    assert last == pytest.approx(89 / 30, abs=0.35)


@pytest.mark.parametrize("key", ["q", "Escape"])
def test_a_key_ends_it(micromask: Callable[..., Any], films: Path, window: type[NoWindow], key: str) -> None:
    window.keys = {3: key}
    done = micromask("live", "--film", films / "smile.mp4", "--detector", "haar")
    assert done.code == 0
    assert len(window.made[0].shown) == 3
    assert "3 frames in" in done.err


def test_closing_the_window_ends_it(micromask: Callable[..., Any], films: Path, window: type[NoWindow]) -> None:
    window.show, show = lambda self, *shown: (show(self, *shown), self.close())[0], window.show  # type: ignore
    try:
        done = micromask("live", "--film", films / "smile.mp4", "--detector", "haar")
    finally:
        window.show = show  # type: ignore[method-assign]
    assert done.code == 0
    assert len(window.made[0].shown) == 1


def test_without_a_screen_it_says_what_to_do(
    micromask: Callable[..., Any], films: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tkinter = pytest.importorskip("tkinter")

    def no_screen() -> None:
        raise tkinter.TclError("no display name and no $DISPLAY environment variable")

    monkeypatch.setattr(tkinter, "Tk", no_screen)
    done = micromask("live", "--film", films / "smile.mp4", "--detector", "haar")
    assert done.code == 2
    assert "no window can be opened (no display name" in done.error
    assert "micromask app" in done.error


def test_without_tkinter_it_says_what_to_install(
    micromask: Callable[..., Any], films: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "tkinter", None)
    done = micromask("live", "--film", films / "smile.mp4", "--detector", "haar")
    assert done.code == 2
    assert "install python3-tk" in done.error


def test_what_is_not_there_is_refused_in_one_line(
    micromask: Callable[..., Any], films: Path, here: Path, window: type[NoWindow]
) -> None:
    film = films / "smile.mp4"
    assert "no detector 'harr'; did you mean 'haar'?" in micromask("live", "--film", film, "--detector", "harr").error
    assert "nowhere.mp4" in micromask("live", "--film", "nowhere.mp4").error
    assert "mine.safetensors" in micromask("live", "--film", film, "--model", "mine.safetensors").error
    assert "no camera 77" in micromask("live", "--camera", "77", "--detector", "haar").error
    (here / "there.mp4").write_bytes(b"x")
    for name, line in {"there.mp4": "is there already", "film.txt": ".mp4", "no/film.mp4": "make it first"}.items():
        assert line in micromask("live", "--film", film, "--record", name).error
    assert (here / "there.mp4").read_bytes() == b"x"


def test_a_box_is_drawn_around_each_face_where_it_is_in_the_smaller_picture() -> None:
    picture = np.full((1080, 1920, 3), 110, np.uint8)
    face = LiveFace(0, (800.0, 400.0, 1000.0, 640.0), np.zeros((68, 2)), 3.2, 0.9, (), {"anger": 0.7, "fear": 0.3})
    drawn = draw_faces(picture, LiveState(0, 0.0, (1080, 1920), (face,), ()))
    assert drawn.shape == (540, SHOWN, 3)
    changed = np.argwhere((drawn != 110).any(axis=2))
    (top, left), (bottom, right) = changed.min(axis=0), changed.max(axis=0)
    assert (left, bottom) == (pytest.approx(400, abs=4), pytest.approx(320, abs=4))
    assert top < 200 - 10
    assert right >= 500
    assert (picture == 110).all()


def test_a_snapshot_shows_as_many_faces_as_there_is_room_for(films: Path) -> None:
    frame = next(iter(read(probe(films / "smile.mp4"), colour=True)))
    faces = snapshot(frame.image, detectors["haar"]())
    assert len(faces) == 1
    empty = draw_snapshot((), 240)
    one, three = (draw_snapshot(faces * 3, height) for height in (240, 800))
    assert one.shape == (240, CARD_WIDTH, 3)
    assert (one != empty).any()
    assert (three[300:] != three[-1, -1]).any()


def test_a_film_keeps_the_times_of_its_frames_and_even_sides(tmp_path: Path) -> None:
    writer = FilmWriter(tmp_path / "film.mp4")
    for index, at in enumerate((0.0, 0.1, 0.5)):
        writer.add(Frame(index, 7.0 + at, np.full((33, 47, 3), 80 * index, np.uint8)))
    assert writer.end() == tmp_path / "film.mp4"
    film = probe(tmp_path / "film.mp4")
    assert film.picture_size == (32, 46)
    assert [frame.time for frame in read(film)] == pytest.approx([0.0, 0.1, 0.5])


def test_a_film_without_frames_is_none(tmp_path: Path) -> None:
    assert FilmWriter(tmp_path / "film.mp4").end() is None
    assert list(tmp_path.iterdir()) == []


def test_a_film_that_cannot_go_on_says_so(tmp_path: Path) -> None:
    writer = FilmWriter(tmp_path / "film.mp4")
    writer.add(Frame(0, 1.0, np.zeros((32, 32, 3), np.uint8)))
    writer.add(Frame(1, 1.1, np.zeros((64, 32, 3), np.uint8)))
    with pytest.raises(BadInputError, match="frames differ in size"):
        writer.end()
    assert not (tmp_path / "film.mp4").exists()


def test_an_expression_is_one_line() -> None:
    one = Interval(1, 36, 42, 49, 1.2, 1.4, 1.63, "micro", 4.44, ("brow_left", "brow_right", "brow_left"), 0.5)
    told = Told(one, {"surprise": 0.96, "negative": 0.04}, 120.0, 30.0, 0.5)
    words = line_of(told).split()
    assert " ".join(words) == "1.20 s face 1 micro surprise 0.96 0.43 s 4.4 % left brow, right brow"
    assert "not recognised" in line_of(Told(one, {}, 120.0, 30.0))


@pytest.fixture
def screen(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A screen: the one that is there, or one that exists in memory only (Debian's xvfb)."""
    pytest.importorskip("tkinter", reason="no tkinter: Debian's python3-tk is missing")
    if os.environ.get("DISPLAY"):
        yield
        return
    if shutil.which("Xvfb") is None:
        pytest.skip("no screen: neither $DISPLAY nor Debian's xvfb")
    told, tells = os.pipe()
    with subprocess.Popen(
        ["Xvfb", "-displayfd", str(tells), "-screen", "0", "800x600x24"], pass_fds=[tells], stderr=subprocess.DEVNULL
    ) as process:
        os.close(tells)
        with os.fdopen(told) as number:
            monkeypatch.setenv("DISPLAY", f":{number.readline().strip()}")
        yield
        process.terminate()


def test_the_window_shows_pictures_and_hears_keys(screen: None) -> None:
    heard: list[str] = []
    window = live_window.Window("micromask live", heard.append)
    window.show(np.zeros((120, 160, 3), np.uint8), "30 frames/s")
    window.show_strip(np.zeros((120, 60, 3), np.uint8))
    window.show(np.full((90, 160, 3), 200, np.uint8), "29 frames/s")
    window._root.focus_force()
    for key in ("space", "q"):
        window._root.event_generate("<Key>", keysym=key)
        window.show(np.full((90, 160, 3), 100, np.uint8), "30 frames/s")
    window.close()
    window.close()
    assert heard == ["space", "q"]
    assert window.closed
