from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from micromask.core.errors import BadInputError
from micromask.core.types import Evidence, Recording, SubjectId
from micromask.reports.document import analysis_document, analysis_from_document, read_document, write_document


def test_an_analysis_document_holds_what_was_planned(analysis):
    document = analysis_document(analysis)
    assert document["recording"]["id"] == "interview-07"
    assert document["recording"]["file"] == "interview 07.mp4"
    assert (document["fps"], document["frames"], document["seconds"]) == (200.0, 2800, 14.0)
    assert document["faces"] == [{"face": 0, "first_frame": 0, "last_frame": 2799, "share": 0.98, "width_px": 184.0}]
    first = document["expressions"][0]
    assert {name: first[name] for name in ("onset", "apex", "offset", "kind", "emotion", "face", "strength")} == {
        "onset": 320,
        "apex": 350,
        "offset": 391,
        "kind": "micro",
        "emotion": "surprise",
        "face": 0,
        "strength": 3.1,
    }
    assert (first["onset_s"], first["apex_s"], first["offset_s"]) == (1.6, 1.75, 1.955)
    assert first["probabilities"] == {"negative": 0.12, "positive": 0.07, "surprise": 0.81}
    assert first["regions"] == ["brow_left", "brow_right", "glabella"]
    assert [one["kind"] for one in document["expressions"]] == ["micro", "micro", "macro", "micro"]
    assert {event["name"] for event in document["events"]} == {"blink", "head-move", "gap"}
    assert document["broke_at"] is None
    assert document["broke_at_s"] is None


def test_nothing_but_plain_finite_json_comes_out(invented, tmp_path):
    found = invented().expressions[:1]
    odd = replace(found[0], strength=math.nan, evidence=Evidence(np.float32(80.5), 25.0, math.inf, math.nan))
    analysis = invented(
        expressions=(odd,),
        pictures=(),
        settings={"floor": np.float64(0.5), "model": Path("/home/somebody/model.task"), "sizes": (1, np.int64(2))},
        stage_seconds={"decode": np.float32(1.5)},
    )
    write_document(analysis, tmp_path / "analysis.json")
    text = (tmp_path / "analysis.json").read_text(encoding="utf-8")
    document = json.loads(text, parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))
    one = document["expressions"][0]
    assert (one["strength"], one["evidence"]["blur"], one["evidence"]["head_motion"]) == (None, None, None)
    assert one["evidence"]["face_px"] == 80.5
    assert document["settings"] == {"floor": 0.5, "model": "model.task", "sizes": [1, 2]}


def test_folders_of_the_machine_stay_out_of_the_document(invented):
    recording = Recording("a", Path("/home/somebody/films/a.mp4"), 25.0, 10, (480, 640))
    assert "somebody" not in json.dumps(analysis_document(invented(recording=recording)))


@pytest.mark.parametrize(
    ("times", "broke_at", "expected"),
    [
        pytest.param(None, 50, 2.0, id="uniform clock"),
        pytest.param(np.array([0.0, 0.04, 0.1, 0.2]), 2, 0.1, id="its own time"),
        pytest.param(np.array([0.0, 0.04, 0.1, 0.2]), 4, 0.24, id="one frame after the last"),
    ],
)
def test_a_break_is_told_in_seconds_too(invented, times, broke_at, expected):
    recording = Recording("a", Path("a.mp4"), 25.0, 4, (480, 640), times=times)
    document = analysis_document(invented(recording=recording, broke_at=broke_at))
    assert document["broke_at"] == broke_at
    assert document["broke_at_s"] == pytest.approx(expected)


def test_a_document_read_back_says_the_same(invented, tmp_path):
    whole = invented(fps=30.0, faces=2, broke_at=400, cautions=("the film breaks off",))
    recording = replace(whole.recording, subject=SubjectId("invented", "07"), declared_frames=500)
    analysis = replace(whole, recording=recording)
    write_document(analysis, tmp_path / "analysis.json")
    again = read_document(tmp_path / "analysis.json", analysis.timelines)
    assert analysis_document(again) == analysis_document(analysis)
    assert again.timelines == analysis.timelines
    assert again.recording.subject == SubjectId("invented", "07")


def test_a_measure_that_was_not_known_is_not_known_when_read_back(invented):
    one = replace(invented().expressions[0], evidence=Evidence(80.0, 25.0, math.nan, 1.0))
    again = analysis_from_document(analysis_document(invented(expressions=(one,), pictures=())))
    assert math.isnan(again.expressions[0].evidence.blur)


def test_what_is_no_analysis_is_refused_in_one_line(analysis, tmp_path):
    path = tmp_path / "analysis.json"
    with pytest.raises(BadInputError, match=r"cannot be read \(No such file"):
        read_document(path)
    path.write_text("film", encoding="utf-8")
    with pytest.raises(BadInputError, match=r"is not JSON"):
        read_document(path)
    path.write_text("[]", encoding="utf-8")
    with pytest.raises(BadInputError, match=r"format None, wanted 'micromask-analysis/1'"):
        read_document(path)
    document = analysis_document(analysis)
    with pytest.raises(BadInputError, match=r"has no 'frames'; analyse the recording again"):
        analysis_from_document({name: value for name, value in document.items() if name != "frames"})
    broken = {**document["expressions"][0], "apex": 0}
    with pytest.raises(BadInputError, match=r"onset <= apex <= offset, got 320, 0, 391"):
        analysis_from_document({**document, "expressions": [broken]})
