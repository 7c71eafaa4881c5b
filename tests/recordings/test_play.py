"""A film played as a camera, with a clock that the test turns."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from micromask.core.errors import BadInputError
from micromask.core.types import Frame
from micromask.recordings import probe, write_film
from micromask.recordings.play import newest, played


class Clock:
    """Time passes only when somebody sleeps."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def film(tmp_path: Path) -> Path:
    frames = [np.full((32, 32, 3), 20 * index, np.uint8) for index in range(4)]
    return write_film(tmp_path / "film.mkv", frames, 20, times=[0.0, 0.05, 0.2, 0.25])


def test_each_frame_comes_when_it_is_due_on_the_films_own_clock(film: Path) -> None:
    clock = Clock()
    came = [(frame.index, clock.now - 100) for frame in played(probe(film), clock=clock, sleep=clock.sleep)]
    assert came == [(0, 0), (1, pytest.approx(0.05)), (2, pytest.approx(0.2)), (3, pytest.approx(0.25))]


def test_who_is_slow_gets_frames_late_and_in_order(film: Path) -> None:
    clock = Clock()
    came = []
    for frame in played(probe(film), clock=clock, sleep=clock.sleep):
        came.append((frame.index, clock.now - 100))
        clock.now += 0.1
    assert came == [(0, 0), (1, pytest.approx(0.1)), (2, pytest.approx(0.2)), (3, pytest.approx(0.3))]


def test_a_loop_goes_on_with_its_numbers_and_times(film: Path) -> None:
    clock = Clock()
    with closing(played(probe(film), loop=True, clock=clock, sleep=clock.sleep)) as frames:  # type: ignore[type-var]
        first = [next(frames) for _ in range(9)]
    assert [frame.index for frame in first] == list(range(9))
    times = [frame.time for frame in first]
    assert times == sorted(times)
    assert times[4] == pytest.approx(0.25 + 1 / probe(film).fps)
    assert clock.now - 100 == pytest.approx(times[8])


def test_only_the_newest_frame_is_given_to_who_was_busy() -> None:
    filmed, looked = threading.Event(), threading.Event()
    picture = np.zeros((2, 2, 3), np.uint8)

    def camera() -> Iterator[Frame]:
        yield Frame(0, 0.0, picture)
        assert looked.wait(10)
        for index in range(1, 6):
            yield Frame(index, index / 10, picture)
        filmed.set()

    clock = Clock()
    with closing(newest(camera(), clock)) as frames:
        frame, came = next(frames)
        assert (frame.index, came) == (0, 100.0)
        looked.set()
        assert filmed.wait(10)
        assert [frame.index for frame, _ in frames] == [5]


def test_a_camera_that_fails_says_so_after_its_last_frame() -> None:
    def camera() -> Iterator[Frame]:
        yield Frame(0, 0.0, np.zeros((2, 2, 3), np.uint8))
        raise BadInputError("camera 0 gives no picture")

    frames = newest(camera())
    with pytest.raises(BadInputError, match="gives no picture"):
        list(frames)


def test_the_camera_is_left_when_nobody_wants_more() -> None:
    left = threading.Event()

    def camera() -> Iterator[Frame]:
        try:
            for index in range(10**9):
                yield Frame(index, index / 30, np.zeros((2, 2, 3), np.uint8))
        finally:
            left.set()

    with closing(newest(camera())) as frames:
        next(frames)
    assert left.is_set()
