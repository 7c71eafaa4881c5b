"""The Images page's requests: pictures in under numbers, rows out, and one clear line for what cannot be."""

from __future__ import annotations

import http.client
import json
import urllib.error
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import pytest

from micromask.app.web.server import Serving
from micromask.app.workspace.pictures import folder_of
from micromask.datasets import open_corpus


def refused(ask: Callable[[], object]) -> tuple[int, str]:
    with pytest.raises(urllib.error.HTTPError) as caught:
        ask()
    with caught.value as answer:
        return answer.code, json.load(answer)["error"]


def announced(app: Any, path: str, size: int) -> int:
    """The answer to a body that says how long it is before it comes."""
    connection = http.client.HTTPConnection(app.address.removeprefix("http://"), timeout=20)
    cookie = "; ".join(f"{one.name}={one.value}" for one in app.cookies)
    connection.request(
        "POST", path, headers={"X-Micromask-CSRF": app.mark, "Cookie": cookie, "Content-Length": str(size)}
    )
    with closing(connection), connection.getresponse() as answer:
        return answer.status


def until_read(app: Any, batch: int, seconds: float = 90.0) -> dict[str, Any]:
    ends = monotonic() + seconds
    while (told := app.get(f"/api/images/{batch}"))["state"] not in ("done", "failed"):
        assert monotonic() < ends, told
        sleep(0.1)
    return told


def text_of(app: Any, path: str) -> str:
    with app._opener.open(app.address + path) as answer:
        return answer.read().decode("utf-8", "replace")


@pytest.fixture
def app(app_serving: Serving, client: Any) -> Any:
    return client(app_serving.new_link())


def test_uploaded_pictures_are_read_by_a_worker_and_the_table_has_their_rows(
    app: Any, workspace: Path, picture_folder: Path
) -> None:
    face = sorted((picture_folder / "neutral").iterdir())[0].read_bytes()
    batch = app.post("/api/images", {"title": "holiday"})["batch"]
    app.post(f"/api/images/{batch}/pictures?name=..%5Canna.png", data=face)
    app.post(f"/api/images/{batch}/pictures?name=torn.jpg", data=b"nothing")
    assert app.get("/api/images")["batches"][0]["state"] == "new"
    app.post(f"/api/images/{batch}/begin")
    told = until_read(app, batch)
    assert (told["state"], told["line"], told["faces"], told["unread"]) == ("done", "1 face in 2 pictures", 1, 1)
    assert [row["picture"] for row in told["rows"]] == ["anna.png", "torn.jpg"]
    first = told["rows"][0]
    with app._opener.open(f"{app.address}/api/images/{batch}/{first['id']}/{first['row']}/face") as picture:
        assert picture.headers["Content-Type"] == "image/jpeg"
        assert picture.read(2) == b"\xff\xd8"
    table = text_of(app, f"/api/images/{batch}/table")
    assert table.splitlines()[1].startswith("anna.png,1,,")
    assert "No model of seven emotions comes with micromask" in text_of(app, f"/images/{batch}/report")
    assert app.get(f"/api/images/{batch}?seen=2")["rows"] is None
    assert app.get(f"/api/images/{batch}?after=1")["rows"][0]["picture"] == "torn.jpg"
    for which in ("heat", "other"):
        assert refused(lambda: app.get(f"/api/images/{batch}/{first['id']}/0/{which}"))[0] == 404  # noqa: B023
    app.post(f"/api/images/{batch}/remove")
    assert not folder_of(workspace, batch).exists()
    assert refused(lambda: app.get(f"/api/images/{batch}"))[0] == 404


def test_what_cannot_be_is_refused_with_one_line(app: Any, workspace: Path, tmp_path: Path) -> None:
    batch = app.post("/api/images", {})["batch"]
    for path, value, status, line in (
        (f"/api/images/{batch}/begin", {}, 422, "holds no pictures"),
        ("/api/images", {"model": "../app.sqlite"}, 422, "there is no model"),
        ("/api/images/folder", {"path": str(tmp_path / "nowhere")}, 422, "there is no such folder"),
        ("/api/images/folder", {"path": str(workspace)}, 422, "is the app's own folder"),
        ("/api/models/remove", {"name": "../app.sqlite"}, 422, "there is no model"),
        ("/api/models/fit", {"path": str(tmp_path)}, 422, "holds no folder with images"),
        ("/api/models/look", {"path": "relative"}, 422, "type the whole path"),
        ("/api/images/99/begin", {}, 422, "there are no pictures 99"),
    ):
        found = refused(lambda: app.post(path, value))  # noqa: B023
        assert found[0] == status, path
        assert line in found[1], found
    assert announced(app, f"/api/images/{batch}/pictures?name=a.png", 65 << 20) == 413
    assert announced(app, "/api/models/file?name=a.safetensors", 3 << 30) == 413
    assert "empty" in refused(lambda: app.post(f"/api/images/{batch}/pictures?name=a.png", data=b""))[1]
    assert "is not a weights file" in refused(lambda: app.post("/api/models/file?name=m.safetensors", data=b"xx"))[1]
    assert list((workspace / "uploads").iterdir()) == []


def test_a_model_file_that_is_added_can_be_chosen_and_tells_how_good_it_is(
    app: Any, picture_folder: Path, fit_file: Callable[..., Any], tmp_path: Path
) -> None:
    file = tmp_path / "mine.safetensors"
    fit_file(open_corpus("image-folder", picture_folder).clips, file, "mmed-cnn", size=(48, 48), epochs=1)
    name = app.post("/api/models/file?name=..%2FMine%201.safetensors", data=file.read_bytes())["name"]
    assert name == "mine-1.safetensors"
    (model,) = app.get("/api/models")["models"]
    assert (model["model"], model["reads"], model["figures"], model["protocol"]) == (
        "mmed-cnn",
        "frame",
        "",
        "not evaluated",
    )
    assert "mine-1.safetensors: happiness, neutral, surprise" in text_of(app, "/images")
    batch = app.post("/api/images/folder", {"path": str(picture_folder / "surprise"), "model": name})["batch"]
    told = until_read(app, batch)
    assert told["classes"] == ["happiness", "neutral", "surprise"]
    assert sum(told["counts"].values()) == 3
    emotion = told["rows"][0]["emotion"]
    kept = app.get(f"/api/images/{batch}?emotion={emotion}")
    assert {row["emotion"] for row in kept["rows"]} == {emotion}
    assert "how good it is on people it has not seen was never measured" in text_of(app, f"/images/{batch}/report")
