"""The analysis as a library call, on one short film whose truth is known."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from micromask.core.errors import BadInputError
from micromask.core.types import Analysis
from micromask.datasets.synthetic import PlannedExpression, Script, render, write
from micromask.inference.analyze import Settings, analyze
from micromask.recordings.write import write_film

RAISED = PlannedExpression(1.2, 1.4, 1.62, (("inner_brow_raiser", 0.03), ("outer_brow_raiser", 0.03)), "surprise")


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("film") / "brows.mp4"
    write(Script(seconds=3, fps=30, size=240, noise=1.0, expressions=(RAISED,), seed=4), path)
    return path


@pytest.fixture(scope="module")
def plain(film: Path) -> Analysis:
    return analyze(film)


def test_what_was_planted_is_found_and_everything_about_it_is_said(plain: Analysis) -> None:
    (one,) = plain.expressions
    assert (one.kind, one.emotion) == ("micro", "surprise")
    assert one.onset_s == pytest.approx(1.2, abs=0.07)
    assert one.offset_s == pytest.approx(1.62, abs=0.07)
    assert set(one.regions) <= {"brow_left", "brow_right", "glabella"}
    assert one.evidence.fps == pytest.approx(30)
    assert plain.pictures[0].onset.shape == plain.pictures[0].apex.shape == (256, 256, 3)
    assert plain.pictures[0].motion.flow.shape == (2, 256, 256)
    assert plain.frames == 90
    assert plain.seconds == pytest.approx(3)
    assert plain.faces[0].share == 1
    assert plain.broke_at is None


def test_where_each_face_was_goes_along(plain: Analysis) -> None:
    assert [track.face_id for track in plain.tracks] == [face.face for face in plain.faces]
    for track, face in zip(plain.tracks, plain.faces, strict=True):
        assert (track.frames[0], track.frames[-1]) == (face.first_frame, face.last_frame)


def test_the_same_film_gives_the_same_numbers(film: Path, plain: Analysis) -> None:
    again = analyze(film)
    assert [(e.onset, e.apex, e.offset, e.strength, e.probabilities) for e in again.expressions] == [
        (e.onset, e.apex, e.offset, e.strength, e.probabilities) for e in plain.expressions
    ]
    assert again.timelines[0].strength.tobytes() == plain.timelines[0].strength.tobytes()


def test_magnified_movements_measure_larger(film: Path, plain: Analysis) -> None:
    larger = analyze(film, Settings(magnify=6, recognise=False))
    assert larger.expressions[0].strength > 1.25 * plain.expressions[0].strength
    assert larger.expressions[0].probabilities == {}


def test_a_face_that_is_not_there_is_refused_with_those_that_are(film: Path) -> None:
    with pytest.raises(BadInputError, match=r"brows\.mp4: no face 7; its faces are 0"):
        analyze(film, Settings(face="7"))


def test_a_second_face_that_was_not_measured_is_named(tmp_path: Path) -> None:
    path = write_film(tmp_path / "two.mp4", [np.hstack([face, face]) for face in render(Script(1.2, 25, size=160))], 25)
    (said,) = analyze(path, Settings(recognise=False)).cautions
    assert said.startswith("2 faces were followed and only the largest, face ")
    assert analyze(path, Settings(recognise=False, face="all")).cautions == ()


def test_a_film_that_is_too_short_to_be_measured_says_so(tmp_path: Path) -> None:
    path = write_film(tmp_path / "short.mp4", list(render(Script(0.12, 25, size=160))), 25)
    (said,) = analyze(path, Settings(recognise=False)).cautions
    assert "in sight for 0.75 s on end" in said


def test_a_film_without_a_face_is_answered_in_words_for_the_browser_too(tmp_path: Path) -> None:
    path = write_film(tmp_path / "grey.mp4", [np.full((64, 64, 3), 90, np.uint8)] * 30, 30)
    (said,) = analyze(path, Settings(recognise=False)).cautions
    assert "no face was found" in said
    assert "--" not in said


def test_settings_refuse_what_makes_no_sense() -> None:
    with pytest.raises(BadInputError, match="'largest', 'all' or a face's number"):
        Settings(face="biggest")
    with pytest.raises(BadInputError, match="must be positive"):
        Settings(floor=0)
