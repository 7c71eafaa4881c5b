"""SAMM Long Videos: films with and without expressions, gaps, fractions, and emotions from another sheet."""

from __future__ import annotations

import numpy as np
import pytest

import micromask.datasets.samm_lv  # noqa: F401
from micromask.core.errors import BadInputError
from micromask.core.types import SubjectId
from micromask.datasets.catalogue import load, open_corpus


@pytest.fixture
def made(corpora):
    return corpora("samm_lv")


def findings(corpus):
    return {finding.code: finding.evidence for finding in corpus.findings}


def errors(corpus):
    return [finding.code for finding in corpus.findings if finding.severity == "error"]


def marked(clip):
    return clip.annotation.onset, clip.annotation.apex, clip.annotation.offset


def test_a_healthy_corpus_gives_its_rows_and_opens_no_picture(made, tmp_path, no_picture_may_be_opened):
    corpus = open_corpus("samm-lv", made.build(tmp_path))
    assert errors(corpus) == []
    assert corpus.release == "V3"
    assert [clip.id for clip in corpus.clips] == ["901_1_1/micro", "901_1_1/macro", "902_1_1/macro", "903_4_2/micro"]
    assert [clip.annotation.kind for clip in corpus.clips] == ["micro", "macro", "macro", "micro"]
    first = corpus.clips[0]
    assert first.subject == SubjectId("samm-lv", "901")
    assert marked(first) == (4, 8, 13)  # files begin with 1, frames with 0
    assert (first.annotation.action_units, first.annotation.emotion) == ("4(B/C)+7B", "")
    assert marked(corpus.clips[3]) == (3, 7, 11)  # files begin with 10001


def test_every_film_is_a_recording_and_the_clips_of_one_film_share_it(made, tmp_path):
    corpus = open_corpus("samm-lv", made.build(tmp_path))
    assert [recording.id for recording in corpus.recordings] == ["901_1", "901_2", "902_1", "903_4"]
    with_expressions = {clip.recording.id for clip in corpus.clips}
    assert with_expressions == {"901_1", "902_1", "903_4"}
    assert corpus.clips[0].recording is corpus.clips[1].recording is corpus.recordings[0]
    assert corpus.recordings[1].subject == SubjectId("samm-lv", "901")


def test_a_film_with_missing_files_has_its_true_times(made, tmp_path):
    corpus = open_corpus("samm-lv", made.build(tmp_path))
    whole, gap = corpus.recordings[0], corpus.recordings[2]
    assert whole.times is None
    assert gap.n_frames == 40
    np.testing.assert_allclose(gap.times[[0, 19, 20, 39]], [0, 19 / 200, 30 / 200, 49 / 200])
    assert marked(corpus.clips[2]) == (21, 29, 37)  # file 32 is the 22nd picture


def test_known_oddities_are_taken_as_documented_and_said(made, tmp_path):
    corpus = open_corpus("samm-lv", made.build(tmp_path, mistakes=True))
    said, clips = findings(corpus), {clip.id: clip for clip in corpus.clips}
    assert marked(clips["901_1_2/micro"]) == (15, 17, 18)
    assert said["DS043"][0].endswith("row 15: 901_1_2/micro: onset 16.4, apex 17.6, offset 18.7")
    assert marked(clips["901_1_3/macro"]) == (0, 9, 39)
    assert said["DS044"][0].endswith("901_1_3/macro: onset 0, the film begins with 1")
    assert (marked(clips["902_1_2/macro"]), clips["902_1_2/macro"].annotation.apex_from) == ((1, 4, 8), "midpoint")
    assert "902_1_2/macro" in said["DS002"][0]
    assert marked(clips["902_1_3/macro"]) == (14, 16, 24)  # 15 to 35 without 21 to 30
    assert said["DS009"][0].endswith("902_1_3/macro: 10 of 21 frames missing")
    assert errors(corpus) == ["DS007"]
    assert "row 19: 902_1_4/micro: frames 22 to 29 are not on disk" in said["DS007"][0]


def test_emotions_are_joined_by_name_for_micro_expressions_only(corpora, made, tmp_path):
    root = made.build(tmp_path)
    assert "the emotions of SAMM are not known" in findings(open_corpus("samm-lv", root))["DS048"][0]
    samm = corpora("samm")
    rows = [("901", "901_1_1", 1, 2005, 2009, 2014, "4+7", "Disgust", 4)]
    samm.sheet(root / "SAMM_Micro_FACS_Codes_v2.xlsx", rows)
    corpus = open_corpus("samm-lv", root)
    assert [clip.annotation.emotion for clip in corpus.clips] == ["Disgust", "", "", ""]
    assert corpus.clips[0].annotation.objective_class == "4"
    assert marked(corpus.clips[0]) == (4, 8, 13)  # frames are this sheet's own
    assert findings(corpus)["DS045"][0].endswith("903_4_2/micro: not in SAMM's sheet")
    assert "DS048" not in findings(corpus)


def test_samms_sheet_may_lie_elsewhere(corpora, made, tmp_path):
    root = made.build(tmp_path / "long")
    sheet = tmp_path / "short" / "SAMM_Micro_FACS_Codes_v2.xlsx"
    corpora("samm").sheet(sheet, [("903", "903_4_2", 4, 4, 8, 12, "4", "Fear", 6)])
    for place in (sheet, sheet.parent):
        assert load("samm-lv", root, samm=place)[3].annotation.emotion == "Fear"


def test_a_name_that_stands_twice_is_two_clips_but_a_row_that_does_is_refused(made, tmp_path):
    again = ("901", "901_1_1", 1, 40, 43, 50, made.MICRO, "4")
    corpus = open_corpus("samm-lv", made.build(tmp_path / "one", rows=[*made.ROWS, again]))
    assert corpus.clips[-1].id == "901_1_1/micro.2"
    corpus = open_corpus("samm-lv", made.build(tmp_path / "two", rows=[*made.ROWS, made.ROWS[0]]))
    assert errors(corpus) == ["DS017"]
    assert "row 15" in findings(corpus)["DS017"][0]


@pytest.mark.parametrize(
    ("row", "code", "words"),
    [
        pytest.param(("901", "901_1_9", 1, 5, 6, 9, "Blink", "45"), "DS011", "type 'Blink'", id="type"),
        pytest.param(("902", "901_1_9", 1, 5, 6, 9, "Macro", "4"), "DS011", "subject '902'", id="another's file"),
        pytest.param(("901", "901_8_1", 1, 5, 6, 9, "Macro", "4"), "DS008", "SAMM_longvideos/901_8", id="no film"),
        pytest.param(("901", "901_1_9", 1, 9, 6, 5, "Macro", "4"), "DS005", "before it begins", id="backwards"),
    ],
)
def test_a_row_that_cannot_be_right_is_refused_with_its_number(made, tmp_path, row, code, words):
    corpus = open_corpus("samm-lv", made.build(tmp_path, rows=[*made.ROWS, row]))
    assert errors(corpus) == [code]
    assert "row 15" in findings(corpus)[code][0]
    assert words in findings(corpus)[code][0]


def test_a_root_without_films_says_what_was_wanted(made, tmp_path):
    root = made.build(tmp_path)
    (root / "SAMM_longvideos").rename(root / "films")
    with pytest.raises(BadInputError, match="no folder SAMM_longvideos with 006_1"):
        load("samm-lv", root)
