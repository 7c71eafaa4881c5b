"""What the page of a recording is told: the film in pieces, its clock, curves, tracks, outlines, motion."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
from starlette.testclient import TestClient

from micromask.app.web.server import create_app
from micromask.app.workspace.jobs import cancel, jobs
from micromask.app.workspace.playable import read_clock
from micromask.app.workspace.recordings import recording, results_of
from micromask.reports.folder import read_run
from micromask.reports.tracks import TRACKS_FILE, read_tracks

VARIABLE, FAST, BROKEN, WAITS = 1, 2, 3, 4


@pytest.fixture
def asked(full: Path, sign_in: Callable[..., TestClient]) -> Iterator[TestClient]:
    """A program that is signed in, and nobody who does the jobs."""
    yield sign_in(create_app(workspace=full))
    for job in jobs(full):
        cancel(full, job.id)


def test_the_document_says_what_the_report_says(asked: TestClient, full: Path) -> None:
    told = asked.get(f"/api/recordings/{VARIABLE}").json()
    analysis = read_run(results_of(full, VARIABLE))
    assert (told["width"], told["height"], told["frames"]) == (192, 144, analysis.frames)
    assert [face["face"] for face in told["faces"]] == [0, 1]
    first = told["intervals"][0]
    assert (first["number"], first["onset"], first["apex"], first["offset"], first["kind"]) == (1, 20, 24, 27, "micro")
    assert first["emotion_words"] == "surprise 70 %"
    assert first["probabilities"] == [["surprise", 0.7], ["negative", 0.2], ["positive", 0.1]]
    assert first["regions"] == ["left mouth", "left brow"]
    assert first["lasts_s"] == pytest.approx(first["offset_s"] - first["onset_s"])
    assert told["events"][0]["words"] == "blink"
    assert told["events"][1]["words"] == "face not seen"
    (mark,) = told["masked"]
    assert mark["words"] == "lower face smiles, upper face does not"
    assert (mark["number"], mark["kind"], mark["pair"], mark["measures"]) == (1, "masked", None, [])
    assert told["curves"]["1"]["words"][4:] == ["left brow", "right brow", "left mouth"]
    assert told["curves"]["0"]["threshold"] == pytest.approx(0.9)


@pytest.mark.parametrize("number", [VARIABLE, FAST, BROKEN])
def test_the_clock_is_the_recordings_own(asked: TestClient, full: Path, number: int) -> None:
    both = np.frombuffer(asked.get(f"/api/recordings/{number}/clock").content, "<f8")
    clock = read_clock(recording(full, number).folder / "play.mp4")
    assert both[: len(both) // 2].tolist() == clock.times.tolist()
    assert both[len(both) // 2 :].tolist() == clock.frames.tolist()


def test_the_curves_are_the_timeline_s(asked: TestClient, full: Path) -> None:
    about = asked.get(f"/api/recordings/{VARIABLE}").json()["curves"]["1"]
    values = np.frombuffer(asked.get(f"/api/recordings/{VARIABLE}/curves/1").content, "<f4").reshape(-1, about["rows"])
    timeline = read_run(results_of(full, VARIABLE)).timelines[1]
    np.testing.assert_array_equal(values[0], timeline.frames)
    np.testing.assert_array_equal(values[1], timeline.strength)
    assert np.isnan(values[1, 5:15]).all()
    np.testing.assert_array_equal(values[-1], timeline.regions["mouth_left"])
    assert asked.get(f"/api/recordings/{VARIABLE}/curves/2").status_code == 404


def test_tracks_come_a_stretch_at_a_time(asked: TestClient, full: Path) -> None:
    rows = np.frombuffer(asked.get(f"/api/recordings/{FAST}/tracks/0/0").content, "<f4").reshape(-1, 1 + 4 + 6 + 136)
    (track,) = read_tracks(results_of(full, FAST) / TRACKS_FILE)
    np.testing.assert_array_equal(rows[:, 0], np.arange(200))
    np.testing.assert_array_equal(rows[:, 1:5], track.boxes)
    np.testing.assert_array_equal(rows[:, 11:], track.landmarks.reshape(200, -1))
    # there and back again
    there = np.vstack([track.to_aligned[66], [0, 0, 1]]) @ np.vstack([rows[66, 5:11].reshape(2, 3), [0, 0, 1]])
    np.testing.assert_allclose(there, np.eye(3), atol=1e-4)
    assert asked.get(f"/api/recordings/{FAST}/tracks/0/1").content == b""
    assert asked.get(f"/api/recordings/{FAST}/tracks/9/0").status_code == 404


def test_the_outlines_of_regions_lie_where_the_landmarks_are(asked: TestClient) -> None:
    regions = asked.get(f"/api/recordings/{FAST}/regions/0/0").json()["regions"]
    middle = {one["name"]: np.mean(one["line"], axis=0) for one in regions}
    assert {"brow_left", "eye_right", "chin", "nose"} < set(middle)
    # in the aligned face, 128 px: the person's left is on the right; brows above eyes above the chin
    assert middle["brow_left"][0] > 64 > middle["brow_right"][0]
    assert middle["brow_left"][1] < middle["eye_left"][1] < middle["nose"][1] < middle["chin"][1]
    assert all(0 <= value <= 128 for one in regions for point in one["line"] for value in point)


def test_the_film_comes_in_the_bytes_that_are_asked_for(asked: TestClient, full: Path) -> None:
    data = (recording(full, FAST).folder / "play.mp4").read_bytes()
    answer = asked.get(f"/api/recordings/{FAST}/film", headers={"Range": "bytes=100-299"})
    assert (answer.status_code, answer.content) == (206, data[100:300])
    assert answer.headers["content-type"] == "video/mp4"
    assert asked.get(f"/api/recordings/{FAST}/film").content == data


def test_motion_is_two_pictures_and_what_they_mean(asked: TestClient) -> None:
    at = f"/api/recordings/{FAST}/motion/0/60/66"
    about = asked.get(at).json()
    assert set(about) == {"size", "to_picture", "flow", "strain", "arrows", "times"}
    for name in ("flow", "strain"):
        answer = asked.get(f"{at}/{name}")
        assert answer.headers["content-type"] == "image/png"
        drawn = cv2.imdecode(np.frombuffer(answer.content, np.uint8), cv2.IMREAD_UNCHANGED)
        assert drawn.shape == (256, 256, 4)
    refused = asked.get(f"/api/recordings/{FAST}/motion/0/66/60")
    assert (refused.status_code, refused.json()) == (
        422,
        {"error": "motion needs a later frame than the onset 66, got 60"},
    )


def test_an_interval_is_magnified_once(asked: TestClient, full: Path) -> None:
    at = f"/api/recordings/{FAST}/magnified/0/60/75/20"
    assert asked.get(at).json()["state"] == "none"
    assert asked.get(f"{at}/film").status_code == 404
    assert asked.post(at).json()["state"] == "queued"
    assert asked.post(at).json()["state"] == "queued"
    waiting = [job for job in jobs(full, "magnify") if job.state == "queued"]
    assert [(job.recording, job.payload) for job in waiting] == [
        (FAST, {"face": 0, "onset": 60, "offset": 75, "times": 20})
    ]
    cancel(full, waiting[0].id)
    assert asked.get(at).json()["state"] == "cancelled"
    assert asked.post(at).json()["state"] == "queued"
    wrong = asked.post(f"/api/recordings/{FAST}/magnified/0/60/75/3")
    assert (wrong.status_code, wrong.json()["error"]) == (422, "movements are made 5, 10, 20 times larger, got 3")


def test_what_is_not_there_is_told(asked: TestClient) -> None:
    for path, line in (
        ("/api/recordings/77", "there is no recording 77 here (any more)"),
        (f"/api/recordings/{WAITS}", "waits.mp4 has no results yet: wait until it is analysed, or analyse it"),
        (f"/api/recordings/{WAITS}/film", "waits.mp4 has no results yet: wait until it is analysed, or analyse it"),
    ):
        answer = asked.get(path)
        assert (answer.status_code, answer.json()["error"]) == (404, line)
    assert asked.get("/recordings/77").status_code == 404
    page = asked.get(f"/recordings/{WAITS}")
    assert page.status_code == 200
    assert "waiting to be analysed" in page.text
    assert asked.get(f"/recordings/{WAITS}/report").status_code == 404


def test_the_report_is_served_in_a_sandbox(asked: TestClient) -> None:
    answer = asked.get(f"/recordings/{VARIABLE}/report")
    assert answer.headers["content-security-policy"].startswith("sandbox allow-scripts")
    assert "variable.mp4" in answer.text
