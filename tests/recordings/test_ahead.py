from __future__ import annotations

import threading
from collections.abc import Iterator

import numpy as np
import pytest

from micromask.core.types import Frame
from micromask.recordings.ahead import ahead


def frames(count: int, made: list[int]) -> Iterator[Frame]:
    for index in range(count):
        made.append(index)
        yield Frame(index, index / 30, np.zeros((2, 2), dtype=np.uint8))


def decoders() -> int:
    return sum(thread.name == "decoder" for thread in threading.enumerate())


def test_every_frame_comes_once_and_in_order() -> None:
    assert [frame.index for frame in ahead(frames(100, []))] == list(range(100))
    assert decoders() == 0


def test_no_more_than_a_few_frames_are_made_ahead() -> None:
    made: list[int] = []
    stream = ahead(frames(1000, made), depth=4)
    next(stream)
    assert len(made) <= 1 + 4 + 1
    stream.close()  # type: ignore[attr-defined]
    assert len(made) < 20
    assert decoders() == 0


def test_an_error_while_decoding_comes_through_after_the_frames_before_it() -> None:
    def broken() -> Iterator[Frame]:
        yield from frames(3, [])
        raise ValueError("the disk is gone")

    seen = []
    with pytest.raises(ValueError, match="the disk is gone"):
        seen.extend(frame.index for frame in ahead(broken()))
    assert decoders() == 0
