"""kill -9 of the server while two people code: what it had acknowledged is there after it is started again."""

from __future__ import annotations

import threading
from typing import Any
from urllib.error import URLError


def test_a_killed_server_loses_no_label_that_it_acknowledged(study, serve_process, client):
    server = serve_process(study)
    acknowledged: dict[str, list[str]] = {"ann": [], "ben": []}
    enough = threading.Event()

    def code(name: str, one: Any) -> None:
        one.post("/studies/study/api/coding/coders", {"name": name})
        for turn in range(10_000):
            label = {"kind": "micro", "emotion": "anger", "number": turn % 7 + 1, "note": f"{name} {turn}"}
            try:
                answer = one.post(f"/studies/study/api/coding/{name}/films/1/labels", label)
            except (URLError, ConnectionError):
                return
            acknowledged[name].append(answer["label"]["note"])
            if min(map(len, acknowledged.values())) >= 8:
                enough.set()

    people = [
        threading.Thread(target=code, args=(name, client(link)))
        for name, link in zip(acknowledged, server.links, strict=True)
    ]
    for one in people:
        one.start()
    assert enough.wait(60)
    server.end()
    for one in people:
        one.join(30)
    again = serve_process(study)
    for (name, notes), link in zip(acknowledged.items(), again.links, strict=True):
        one = client(link)
        one.post("/studies/study/api/coding/me", {"name": name})
        film = one.get(f"/studies/study/api/coding/{name}/films/1")
        kept = {label["note"] for label in film["labels"]}
        assert film["undo"] - len(notes) in (0, 1), (
            "each acknowledged change is there, and at most one that was under way"
        )
        last = {f"{name} {turn}" for turn in range(film["undo"])[-7:]}
        assert kept == last
        assert notes == [f"{name} {turn}" for turn in range(len(notes))]
