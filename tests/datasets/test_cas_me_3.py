from __future__ import annotations

import runpy
from pathlib import Path

import pytest

from micromask.core.errors import BadInputError
from micromask.datasets import cas_me_3 as _cas_me_3  # noqa: F401
from micromask.datasets.action_units import parse_action_units
from micromask.datasets.catalogue import load, open_corpus

corpora = runpy.run_path(str(Path(__file__).parent / "corpora" / "cas_me_3.py"))
build = corpora["build"]


def evidence(corpus, code: str) -> tuple[str, ...]:
    return next((finding.evidence for finding in corpus.findings if finding.code == code), ())


def frames(clip) -> tuple[int, int | None, int]:
    return clip.annotation.onset, clip.annotation.apex, clip.annotation.offset


def test_several_expressions_of_one_film_are_numbered_and_share_it(tmp_path):
    corpus = open_corpus("cas-me-3", build(tmp_path))
    assert [clip.id for clip in corpus.clips] == ["spNO.1/a/1", "spNO.1/a/2", "spNO.1/J/1", "spNO.39/b/1"]
    first, second = corpus.clips[:2]
    assert first.recording is second.recording
    assert (first.subject.name, first.recording.id, first.recording.fps) == ("spNO.1", "spNO.1/a", 30.0)
    assert (first.annotation.objective_class, first.annotation.emotion) == ("VII", "disgust")
    assert corpus.release == "part A, micro, 4 rows"


def test_numbers_stored_as_text_count_from_the_first_file_that_is_there(tmp_path):
    clip = load("cas-me-3", build(tmp_path))[0]
    assert frames(clip) == (12 - 8, 15 - 8, 22 - 8)


def test_a_film_named_by_a_capital_letter_is_found(tmp_path):
    corpus = open_corpus("cas-me-3", build(tmp_path))
    clip = corpus.clips[2]
    assert (clip.recording.path.parent.name, clip.annotation.emotion) == ("j", "Others")


@pytest.mark.parametrize(
    ("clip", "told", "wanted"),
    [
        pytest.param("spNO.39/long/1", "apex 83 -> 123", (111, 122, 129), id="apex before onset"),
        pytest.param("spNO.39/long/2", "onset 3647 -> 2647", (155, 158, 168), id="onset behind apex"),
        pytest.param("spNO.39/long/3", "offset 0 -> 1845", (130, 135, 140), id="no offset, first"),
        pytest.param("spNO.39/long/4", "offset 0 -> 2403", (141, 151, 154), id="no offset, second"),
        pytest.param("spNO.39/long/5", "offset 3460 -> 34", (19, 29, 33), id="digits too many"),
        pytest.param("spNO.39/long/6", "onset 0 -> 1", (0, 0, 8), id="frame 0"),
    ],
)
def test_known_mistakes_are_mended_and_listed(tmp_path, clip, told, wanted):
    corpus = open_corpus("cas-me-3", build(tmp_path, mistakes=True))
    assert any(told in line for line in evidence(corpus, "DS001"))
    assert frames(next(each for each in corpus.clips if each.id == clip)) == wanted


def test_without_corrections_they_are_refused_with_their_rows(tmp_path):
    corpus = open_corpus("cas-me-3", build(tmp_path, mistakes=True), corrections=False)
    refused = sorted(evidence(corpus, "DS005") + evidence(corpus, "DS006"))
    assert [line.split(", ")[1].split(":")[0] for line in refused] == ["row 12", "row 6", "row 7", "row 8", "row 9"]
    doubtful = " ".join(evidence(corpus, "DS009"))
    assert "spNO.39/long/5" in doubtful
    assert "spNO.39/long/6: 1 of 10 frames missing" in doubtful
    assert evidence(corpus, "DS001") == ()


def test_unknown_mistakes_are_refused_with_their_row(tmp_path):
    corpus = open_corpus("cas-me-3", build(tmp_path, mistakes=True))
    assert "row 12: spNO.39/long/7: apex 70 outside onset 50 to offset 60" in evidence(corpus, "DS006")[0]
    assert "row 13: spNO.7/a/1: no folder of frames, wanted spNO.7/a/color" in evidence(corpus, "DS008")[0]


def test_an_apex_on_the_onset_and_expressions_longer_than_micro_are_said(tmp_path):
    corpus = open_corpus("cas-me-3", build(tmp_path))
    assert "spNO.39/b/1: apex 10 is the clip's onset" in evidence(corpus, "DS012")[0]
    assert evidence(corpus, "DS031") == (
        "1 of 4 micro-expressions last longer than 0.5 s, 0 longer than 2 s; the longest is spNO.39/b/1, 0.7 s",
    )


def test_frames_missing_within_a_clip_are_said(tmp_path):
    root = build(tmp_path)
    (root / "part_A/spNO.1/a/color/13.jpg").unlink()
    corpus = open_corpus("cas-me-3", root)
    assert "spNO.1/a/1: 1 of 11 frames missing" in evidence(corpus, "DS009")[0]
    assert frames(corpus.clips[0]) == (4, 6, 13)


def test_the_full_table_has_macro_expressions_too(tmp_path):
    clips = load("cas-me-3", build(tmp_path), expressions="all")
    assert [clip.annotation.kind for clip in clips] == ["micro"] * 4 + ["macro"]
    assert clips[-1].id == "spNO.1/a/3"


def test_films_without_an_expression_are_recordings_where_asked_for(tmp_path):
    root = build(tmp_path)
    coded = {recording.id for recording in open_corpus("cas-me-3", root).recordings}
    assert coded == {"spNO.1/a", "spNO.1/j", "spNO.39/b"}
    every = open_corpus("cas-me-3", root, films="all").recordings
    assert {recording.id for recording in every} - coded == {"spNO.39/c"}


def test_part_c_has_no_apex_and_keeps_its_action_units_as_written(tmp_path):
    corpus = open_corpus("cas-me-3", build(tmp_path), part="c")
    assert [clip.id for clip in corpus.clips] == ["01/1", "01/2", "02/1"]
    assert frames(corpus.clips[0]) == (4, 8, 13)
    assert {clip.annotation.apex_from for clip in corpus.clips} == {"midpoint"}
    assert [clip.annotation.action_units for clip in corpus.clips] == ["4，7", "12,", "13?"]
    readings = [parse_action_units(clip.annotation.action_units) for clip in corpus.clips]
    assert [(sorted(reading.numbers), reading.unparsed) for reading in readings] == [
        ([4, 7], ()),
        ([12], ()),
        ([13], ()),
    ]


def test_clips_cut_into_folders_by_their_count_are_found(tmp_path):
    root = build(tmp_path)
    corpora["write_frames"](root / "part_C/02/1/color", [f"{number}.jpg" for number in range(3, 10)])
    clip = load("cas-me-3", root, part="C")[-1]
    assert (clip.recording.id, frames(clip)) == ("02/1", (0, 3, 6))


def test_an_unknown_part_or_a_root_without_pictures_is_told(tmp_path):
    root = build(tmp_path)
    with pytest.raises(BadInputError, match=r"part is A or C.*got 'B'"):
        load("cas-me-3", root, part="B")
    (root / "part_A").rename(tmp_path / "elsewhere")
    with pytest.raises(BadInputError, match=r"no folder of part A in .*; wanted part_A/spNO\.1/a"):
        load("cas-me-3", root)
