"""`micromask spot`: intervals on stdout, no file anywhere."""

from __future__ import annotations

import json

import pytest


@pytest.fixture(autouse=True)
def no_files(here):
    yield
    assert list(here.iterdir()) == []


def test_spot_prints_the_intervals_without_emotions_and_writes_nothing(micromask, films):
    done = micromask("spot", films / "smile.mp4")
    assert done.code == 0
    assert "1 micro-expression" in done.out
    assert "emotion" not in done.out
    assert "positive" not in done.out


def test_spot_json_is_one_object_and_nothing_else_on_stdout(micromask, films):
    done = micromask("spot", "--json", films / "smile.mp4")
    found = json.loads(done.out)
    assert found["recording"]["file"] == "smile.mp4"
    (smile,) = found["expressions"]
    assert abs(smile["apex"] - 51) <= 3
    assert smile["emotion"] is None
    assert smile["probabilities"] == {}


def test_spot_json_of_a_bad_film_prints_nothing_on_stdout(micromask, films):
    done = micromask("spot", "--json", films / "missing.mp4")
    assert (done.code, done.out) == (2, "")


def test_a_higher_threshold_finds_less(micromask, films):
    done = micromask("spot", films / "smile.mp4", "--threshold", "6")
    assert done.code == 0
    assert "no expression" in done.out


@pytest.mark.parametrize("detector", ["haar", "dlib"])
def test_every_detector_that_needs_no_download_sees_the_smile(micromask, films, detector):
    done = micromask("spot", "--json", films / "smile.mp4", "--detector", detector)
    found = json.loads(done.out)
    assert found["detector"] == detector
    assert [one["kind"] for one in found["expressions"]] == ["micro"]


def test_a_detector_without_its_parts_says_how_to_get_them(micromask, films, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "mediapipe", None)
    done = micromask("spot", films / "smile.mp4", "--detector", "mediapipe")
    assert done.code == 2
    assert done.error.startswith("error: the detector 'mediapipe' needs")
    assert "pip install" in done.error
