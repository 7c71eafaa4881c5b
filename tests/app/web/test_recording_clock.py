"""With which frame of the camera a film began, told by the page's scripts on times that were made up."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from micromask.app.web.server import Serving
from micromask.recordings import write_film

pytestmark = pytest.mark.browser

FIRST_FRAME = "async (known) => (await import('/static/clock.js')).firstFrame(known)"
WEBM_TIMES = """async ([film, pieces]) => {
  const { WebmTimes } = await import('/static/webm.js');
  const bytes = Uint8Array.from(atob(film), (letter) => letter.charCodeAt(0));
  const times = new WebmTimes();
  let at = 0;
  for (const size of pieces) times.add(bytes.subarray(at, (at += size)));
  return times.times;
}"""


@pytest.fixture
def run(chromium: Any, serving: Serving) -> Iterator[Callable[..., Any]]:
    """run(script, value): in a page of the server."""
    with closing(chromium.new_context()) as context:
        page = context.new_page()
        page.goto(serving.new_link())
        yield page.evaluate


def camera(jitter: float, n: int = 120, seed: int = 0) -> np.ndarray[Any, Any]:
    """When a camera of 30 frames/s takes its frames, in ms."""
    return 1000 + np.arange(n) * 100 / 3 + np.random.default_rng(seed).uniform(-jitter, jitter, n)


def known(taken: Any, first: int, *, begun: float, late: float = 40.0) -> dict[str, Any]:
    """What a page knows of a film that began with the frame `first`: times in whole ms, pieces of half a second."""
    film = np.round(taken[first : first + 40] - taken[first])
    handed = [[float(taken[first] + film[k] + late), float(film[k])] for k in (15, 30, 39)]
    return {"begun": begun, "captured": taken.tolist(), "film": film.tolist(), "handed": handed}


@pytest.mark.parametrize("jitter", [0.0, 0.5, 4.0])
def test_a_film_begins_with_the_first_frame_after_its_recorder_was_set_going(
    run: Callable[..., Any], jitter: float
) -> None:
    taken = camera(jitter)
    found = run(FIRST_FRAME, known(taken, 20, begun=float(taken[19]) + 15))
    assert found["time"] == pytest.approx(taken[20], abs=1)
    assert found["fit"] < 0.5


def test_a_busy_browser_that_begins_a_second_late_is_found_out_by_uneven_frames(run: Callable[..., Any]) -> None:
    taken = camera(4.0)
    found = run(FIRST_FRAME, known(taken, 50, begun=float(taken[19]) + 15, late=300))
    assert found["time"] == pytest.approx(taken[50], abs=1)


def test_a_frame_that_was_on_its_way_when_the_recorder_was_set_going_is_found_too(run: Callable[..., Any]) -> None:
    taken = camera(4.0)
    found = run(FIRST_FRAME, known(taken, 20, begun=float(taken[20]) + 3))
    assert found["time"] == pytest.approx(taken[20], abs=1)


def test_frames_that_the_preview_skipped_are_counted(run: Callable[..., Any]) -> None:
    taken = camera(0.3)
    told = known(taken, 20, begun=float(taken[19]) + 15)
    told["captured"] = [time for i, time in enumerate(told["captured"]) if i not in (20, 21, 33)]
    assert run(FIRST_FRAME, told)["time"] == pytest.approx(taken[20], abs=1.5)


def test_a_film_cannot_have_begun_after_its_pieces_were_handed_over(run: Callable[..., Any]) -> None:
    taken = camera(0.0)
    told = known(taken, 20, begun=float(taken[21]) + 5, late=5)
    assert run(FIRST_FRAME, told)["time"] == pytest.approx(taken[20], abs=1)
    assert run(FIRST_FRAME, told | {"begun": float(taken[25])}) is None


def test_nothing_is_told_of_a_film_without_frames(run: Callable[..., Any]) -> None:
    assert run(FIRST_FRAME, {"begun": 0, "captured": [], "film": [], "handed": []}) is None


def test_times_of_a_film_are_read_while_it_comes_in_pieces(run: Callable[..., Any], tmp_path: Path) -> None:
    times = np.cumsum([0.0, *np.random.default_rng(3).uniform(0.015, 0.052, 59)]).tolist()
    grey = [np.full((48, 64, 3), 4 * i, np.uint8) for i in range(60)]
    path = write_film(tmp_path / "uneven.webm", grey, 30, times=times, codec="libvpx")
    data = path.read_bytes()
    with av.open(str(path)) as container:
        truth = sorted(
            round(1000 * float(packet.pts * packet.time_base))
            for packet in container.demux(video=0)
            if packet.pts is not None
        )
    assert len(truth) == 60
    for pieces in ([len(data)], [1] * len(data), [7, 100, 3, len(data)]):
        read = run(WEBM_TIMES, [base64.b64encode(data).decode(), pieces])
        assert sorted(read) == truth
    half = run(WEBM_TIMES, [base64.b64encode(data).decode(), [len(data) // 2]])
    assert sorted(half) == truth[: len(half)]
    assert 5 < len(half) < 60
