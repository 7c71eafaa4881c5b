"""`micromask study serve` as a process: what it prints, how it stops, what a kill leaves behind."""

from __future__ import annotations

import signal
import socket
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from micromask.studies.people import sha256_of

TEXT = "We film your face and record your voice.\nYou can stop at any time."


def film_of(one: Any) -> str:
    """Begin a film of a new participant; the path of its requests."""
    ticket = one.post("/studies/study/api/consent", {"text_sha256": sha256_of(TEXT)})["ticket"]
    who = one.post("/studies/study/api/participants", {"ticket": ticket, "fields": {"age": "20", "gender": "male"}})
    session = one.post("/studies/study/api/sessions", who)["session"]
    mime = "video/webm;codecs=vp8,opus"
    begun = one.post(f"/studies/study/api/sessions/{session}/recordings", {"part": "questions", "mime": mime})
    return f"/studies/study/api/recordings/{begun['recording']}"


def test_what_was_acknowledged_survives_kill_9_and_the_rest_can_follow(
    study: Path, serve_process: Callable[..., Any], client: Any
) -> None:
    first = serve_process(study)
    one = client(first.links[0])
    path = film_of(one)
    for number in range(5):
        one.post(f"{path}/chunks/{number}", data=bytes([number]) * 1000)
    one.post(f"{path}/events", {"events": [{"number": 0, "time_s": 0.1, "kind": "stimulus-on", "item": "q1"}]})
    first.end(signal.SIGKILL)
    film = study / "films/P01/1-questions.webm"
    with film.open("ab") as torn:
        torn.write(b"a piece that was not acknowledged")

    second = serve_process(study, first.port)
    with closing(sqlite3.connect(study / "study.sqlite")) as store:
        assert store.execute("SELECT state, chunks, bytes FROM recording").fetchall() == [("interrupted", 5, 5000)]
        assert store.execute("SELECT count(*) FROM event").fetchall() == [(1,)]
    assert film.read_bytes() == b"".join(bytes([number]) * 1000 for number in range(5))
    again = client(second.links[0])
    assert again.post(f"{path}/go-on") == {"open": True}
    assert again.post(f"{path}/chunks/5", data=b"x")["bytes"] == 5001
    said = second.end(signal.SIGINT)
    assert "note: recording 1: cut back by 33 bytes" in said
    assert second.process.returncode == 0


def test_ctrl_c_stops_it_and_a_film_that_runs_is_safe(
    study: Path, serve_process: Callable[..., Any], client: Any
) -> None:
    server = serve_process(study, links=3)
    assert len({*server.links}) == 3
    one = client(server.links[2])
    path = film_of(one)
    one.post(f"{path}/chunks/0", data=b"film")
    said = server.end(signal.SIGINT)
    assert server.process.returncode == 0
    assert f"serving on {server.address}, on this machine only; Ctrl-C stops it" in said
    assert said.splitlines()[-1] == "stopped; its links and sign-ins end with it"
    assert "Traceback" not in said
    with closing(sqlite3.connect(study / "study.sqlite")) as store:
        assert store.execute("SELECT state FROM session").fetchall() == [("interrupted",)]
    with pytest.raises(OSError):
        socket.create_connection(("127.0.0.1", server.port), timeout=2)
