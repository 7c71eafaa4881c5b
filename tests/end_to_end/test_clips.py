"""Real film: the clips that are shared among those who work on this project, and never shown."""

from __future__ import annotations

import json
import math

import pytest

from micromask.app.cli import run

pytestmark = [pytest.mark.shared, pytest.mark.slow]

CLIPS = {
    "frontal-actor-a": 1,
    "frontal-actor-b": 1,
    "room-720p": 1,
    "small-face-portrait": 1,
}


@pytest.mark.parametrize("name", CLIPS)
def test_a_clip_of_one_person_is_analysed_and_reported(shared, tmp_path, capsys, name):
    clip = shared / "clips" / f"{name}.mp4"
    assert run(["analyze", str(clip), "--face", "all", "--out", str(tmp_path / "run")]) == 0
    assert f"{clip.name}: " in capsys.readouterr().out
    report = (tmp_path / "run" / "report.html").read_text(encoding="utf-8")
    assert report.startswith("<!doctype html>")
    assert "http" not in report.split("<script")[0].replace("http-equiv", "")
    found = json.loads((tmp_path / "run" / "analysis.json").read_text(encoding="utf-8"))
    assert len(found["faces"]) == CLIPS[name]
    assert found["faces"][0]["share"] > 0.9
    assert found["faces"][0]["width_px"] >= 40
    assert found["broke_at"] is None
    minutes = found["seconds"] / 60
    assert len(found["expressions"]) <= 60 * minutes
    for one in found["expressions"]:
        assert 0 <= one["onset"] <= one["apex"] <= one["offset"] < found["frames"]
        assert one["kind"] == ("micro" if one["offset_s"] - one["onset_s"] <= 0.5 else "macro")
        assert 0.5 < one["strength"] < 80  # per cent of the distance between the eyes: a jaw drops by half of it
        assert math.isclose(sum(one["probabilities"].values()), 1, abs_tol=1e-6)
