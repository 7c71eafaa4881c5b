"""A camera's film on its way into the workspace, also when the server is killed or the queue is full."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from micromask.app.workspace import jobs as jobs_module
from micromask.app.workspace import live_films
from micromask.app.workspace.jobs import FullError, jobs
from micromask.app.workspace.live_films import LiveFilm, rescue
from micromask.app.workspace.recordings import recordings
from micromask.core.errors import BadInputError, BadOutputError

PAYLOAD: dict[str, Any] = {"detector": "haar"}


def test_a_film_is_on_the_disk_piece_by_piece_and_in_the_list_at_its_end(workspace: Path) -> None:
    film = LiveFilm(workspace, "video/webm;codecs=vp8")
    assert film.add(0, b"first ") == 1
    assert film.path.read_bytes() == b"first "
    assert film.add(0, b"first ") == 1  # its answer was lost, and it came once more
    assert film.add(1, b"second") == 2
    ids = film.end(PAYLOAD)
    assert ids is not None
    (one,) = recordings(workspace)
    assert (one.id, one.state, one.outside) == (ids[0], "waiting", False)
    assert re.fullmatch(r"Live \d{4}-\d\d-\d\d \d\d\.\d\d\.\d\d\.webm", one.title)
    assert one.film.read_bytes() == b"first second"
    (job,) = jobs(workspace)
    assert (job.id, job.kind, job.payload) == (ids[1], "analyze", PAYLOAD)
    assert list((workspace / "live").iterdir()) == []


def test_nobody_else_may_read_it(workspace: Path) -> None:
    film = LiveFilm(workspace, "video/mp4")
    film.add(0, b"x")
    assert film.path.stat().st_mode & 0o777 == 0o600
    assert film.path.parent.stat().st_mode & 0o777 == 0o700


def test_an_empty_film_and_one_that_is_dropped_leave_nothing(workspace: Path) -> None:
    assert LiveFilm(workspace, "video/webm").end(PAYLOAD) is None
    film = LiveFilm(workspace, "video/webm")
    film.add(0, b"x")
    film.drop()
    assert list((workspace / "live").iterdir()) == []
    assert recordings(workspace) == ()


def test_pieces_out_of_order_empty_ones_and_other_kinds_are_refused(workspace: Path) -> None:
    film = LiveFilm(workspace, "video/webm")
    with pytest.raises(BadInputError, match="piece 1 of this film came after piece -1"):
        film.add(1, b"x")
    with pytest.raises(BadInputError, match="is empty"):
        film.add(0, b"")
    with pytest.raises(BadInputError, match=r"video/webm or video/mp4, this one is '\.\./\.\./x'"):
        LiveFilm(workspace, "../../x")


def test_a_full_disk_and_a_huge_film_are_told_before_they_happen(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    film = LiveFilm(workspace, "video/webm")
    film.add(0, b"kept")
    with monkeypatch.context() as with_little_room:
        with_little_room.setattr(live_films, "SPARE_BYTES", 1 << 60)
        with pytest.raises(BadOutputError, match="the disk is full: what was recorded until now is kept"):
            film.add(1, b"x")
    monkeypatch.setattr(live_films, "MOST_BYTES", 5)
    with pytest.raises(BadInputError, match="end this one and begin another"):
        film.add(1, b"xy")
    assert film.path.read_bytes() == b"kept"


def test_what_a_crash_left_comes_into_the_list_and_what_is_being_recorded_does_not(workspace: Path) -> None:
    left, open_film, empty = (LiveFilm(workspace, "video/webm") for _ in range(3))
    left.add(0, b"left")
    open_film.add(0, b"open")
    left.leave()
    empty.leave()
    assert rescue(workspace, PAYLOAD, {open_film.path}) == 1
    (one,) = recordings(workspace)
    assert one.film.read_bytes() == b"left"
    assert list((workspace / "live").iterdir()) == [open_film.path]


def test_a_full_queue_loses_nothing(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    film = LiveFilm(workspace, "video/webm")
    film.add(0, b"film")
    with monkeypatch.context() as full:
        full.setattr(jobs_module, "MOST_WAITING", 0)
        with pytest.raises(FullError):
            film.end(PAYLOAD)
    assert film.path.read_bytes() == b"film"
    assert recordings(workspace) == ()
    assert film.end(PAYLOAD) is not None
    assert len(recordings(workspace)) == 1
