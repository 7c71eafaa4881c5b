"""Several people, gaps and cuts: who is who, and no expression where the picture and not the face has changed."""

from __future__ import annotations

import csv

import numpy as np
import pytest

from micromask.app.cli import run
from micromask.core.errors import BadInputError
from micromask.core.types import Analysis, Event
from micromask.datasets.synthetic import PlannedExpression, Script, render
from micromask.recordings import write_film

SIZE = 240
NOBODY = np.full((SIZE, SIZE, 3), 110, np.uint8)


def brows(onset_s: float) -> PlannedExpression:
    return PlannedExpression(onset_s, onset_s + 0.2, onset_s + 0.45, (("inner_brow_raiser", 0.06),), "surprise")


def person(seconds: float, *onsets: float, subject: int = 0, seed: int = 0):
    return render(Script(seconds, 30, SIZE, tuple(brows(one) for one in onsets), subject=subject, seed=seed))


def beside(left, right):
    for one, other in zip(left, right, strict=True):
        yield np.concatenate([one, other], axis=1)


def shown(analysis: Analysis, *onsets: float) -> bool:
    """Whether exactly one expression was found near each onset (s)."""
    found = [one.onset_s for one in analysis.expressions]
    return len(found) == len(onsets) and np.allclose(found, onsets, atol=0.15)


def events(analysis: Analysis, name: str) -> list[Event]:
    return [event for event in analysis.events if event.name == name]


@pytest.fixture(scope="module")
def two_people(tmp_path_factory):
    """On the left brows go up at 1.5 s, on the right at 3 s."""
    path = tmp_path_factory.mktemp("film") / "two.mp4"
    write_film(path, beside(person(4.5, 1.5), person(4.5, 3.0, subject=2, seed=9)), 30)
    return path


def middle(analysis: Analysis, face: int) -> float:
    """Where a face is from left to right (px): an analysis does not say so, its tracks do."""
    from micromask.inference.film import watch

    (track,) = [one for one in watch(analysis.recording).tracks if one.face_id == face]
    return float(track.boxes[:, [0, 2]].mean())


def test_two_people_are_two_faces_and_each_has_its_own_timeline(two_people):
    from micromask.inference.analyze import Settings, analyze

    both = analyze(two_people, Settings(face="all", recognise=False))
    assert [face.face for face in both.faces] == [0, 1]
    assert [(face.first_frame, face.last_frame, face.share) for face in both.faces] == [(0, 134, 1.0)] * 2
    assert [timeline.face for timeline in both.timelines] == [0, 1]
    assert shown(both, 1.5, 3.0)
    left, right = (one.face for one in both.expressions)
    assert {left, right} == {0, 1}
    assert middle(both, left) < SIZE < middle(both, right)
    for face, onset in ((left, 1.5), (right, 3.0)):
        alone = analyze(two_people, Settings(face=str(face), recognise=False))
        assert [one.face for one in alone.faces] == [face]
        assert shown(alone, onset)
    with pytest.raises(BadInputError, match=r"two\.mp4: no face 2; its faces are 0, 1"):
        analyze(two_people, Settings(face="2", recognise=False))


def test_all_faces_go_into_one_folder(two_people, tmp_path, capsys):
    assert run(["analyze", str(two_people), "--face", "all", "--out", str(tmp_path / "run"), "--elan"]) == 0
    printed = capsys.readouterr().out
    assert "2 faces" in printed
    assert "#  face  kind" in printed
    lines = (tmp_path / "run" / "expressions.csv").read_text(encoding="utf-8").splitlines()
    rows = list(csv.DictReader(line for line in lines if not line.startswith("#")))
    assert sorted(row["face"] for row in rows) == ["0", "1"]


def test_the_largest_face_is_the_largest(analysed):
    small = (np.pad(one[::2, ::2], ((60, 60), (60, 60), (0, 0)), constant_values=110) for one in person(2, seed=3))
    film = list(beside(small, person(2, subject=2)))
    largest = analysed(film)
    everybody = analysed(film, face="all")
    assert len(everybody.faces) == 2
    (face,) = largest.faces
    assert face.width_px == max(each.width_px for each in everybody.faces) > 90


def test_a_face_that_is_away_for_a_second_is_a_gap_and_its_edges_are_no_expressions(analysed):
    analysis = analysed(NOBODY if 75 <= i < 105 else one for i, one in enumerate(person(6, 4.5)))
    assert [face.face for face in analysis.faces] == [0]
    assert analysis.faces[0].share == pytest.approx(150 / 180, abs=0.03)
    (gap,) = events(analysis, "gap")
    assert abs(gap.onset - 75) <= 4
    assert abs(gap.offset - 104) <= 8
    assert shown(analysis, 4.5)
    strength = analysis.timelines[0].strength
    assert not np.isfinite(strength[np.isin(analysis.timelines[0].frames, range(80, 100))]).any()


def test_somebody_who_comes_in_later_has_a_face_from_then_on(analysed):
    """The newcomer slides in from the right between 1 s and 2.5 s and raises the brows at 5 s."""

    def film():
        for i, (one, other) in enumerate(zip(person(6.5), person(6.5, 5.0, subject=2, seed=3), strict=True)):
            picture = np.concatenate([one, NOBODY], axis=1)
            there = min(SIZE, max(0, round(SIZE * (i - 30) / 45)))
            picture[:, 2 * SIZE - there :] = other[:, :there]
            yield picture

    analysis = analysed(film(), face="all")
    first, second = analysis.faces
    assert first.share == 1.0
    assert 60 <= second.first_frame <= 140  # the whole picture is searched every two seconds
    assert shown(analysis, 5.0)
    assert analysis.expressions[0].face == second.face


def test_a_cut_to_another_person_is_no_expression_and_both_scenes_are_analysed(analysed):
    analysis = analysed([*person(3, 1.5), *person(3, 1.5, subject=5, seed=4)], face="all")
    assert [event.onset for event in events(analysis, "cut")[:1]] == [90]
    assert shown(analysis, 1.5, 4.5)


def test_a_cut_to_another_place_is_no_expression_and_both_scenes_are_analysed(analysed):
    def film():
        yield from beside(person(3, 1.5), [NOBODY] * 90)
        yield from beside([NOBODY] * 90, person(3, 1.5, seed=4))

    analysis = analysed(film(), face="all")
    assert events(analysis, "cut")[0].onset == 90
    assert shown(analysis, 1.5, 4.5)


def test_a_film_that_ends_or_begins_in_the_middle_of_an_expression_is_analysed(analysed):
    frames = list(person(3, 1.5))
    for part in (frames[:51], frames[51:]):
        assert len(analysed(part).expressions) <= 1


def test_a_flash_is_no_expression(analysed):
    white = np.full_like(NOBODY, 255)
    analysis = analysed(white if i in (30, 31) else one for i, one in enumerate(person(4, 2.5)))
    assert shown(analysis, 2.5)
