"""CASME: its layout, its lasting apexes, and rows that do not fit their folders."""

from __future__ import annotations

import pytest

import micromask.datasets.casme  # noqa: F401
from micromask.core.errors import BadInputError
from micromask.core.types import SubjectId
from micromask.datasets.catalogue import load, open_corpus


@pytest.fixture
def made(corpora):
    return corpora("casme")


def findings(corpus):
    return {finding.code: finding.evidence for finding in corpus.findings}


def test_a_healthy_corpus_gives_its_rows_and_opens_no_picture(made, tmp_path, no_picture_may_be_opened):
    corpus = open_corpus("casme", made.build(tmp_path))
    assert not [finding for finding in corpus.findings if finding.severity == "error"]
    assert [clip.id for clip in corpus.clips] == ["sub01/EP91_1", "sub01/EP91_12", "sub07/EP92_3", "sub07/EP93_1_2"]
    first = corpus.clips[0]
    assert first.subject == SubjectId("casme", "01")
    assert (first.recording.fps, first.recording.n_frames) == (60.0, 16)
    assert (first.annotation.onset, first.annotation.apex, first.annotation.offset) == (2, 7, 13)
    assert (first.annotation.emotion, first.annotation.action_units) == ("tense", "4")


def test_the_number_is_what_follows_the_last_dash_padded_or_not(made, tmp_path):
    clips = load("casme", made.build(tmp_path))
    marked = [(clip.annotation.onset, clip.annotation.apex, clip.annotation.offset) for clip in clips]
    assert marked[1] == (2, 6, 11)  # EP91_12-3.jpg ... EP91_12-16.jpg, unpadded
    assert marked[2] == (2, 4, 9)  # EP92_3-095.jpg ... EP92_3-106.jpg


def test_an_apex_that_lasts_is_its_first_frame_and_counted(made, tmp_path):
    corpus = open_corpus("casme", made.build(tmp_path))
    assert findings(corpus)["DS046"] == ("casme.xlsx: 1 of 4 clips",)


def test_rows_that_do_not_fit_their_folders_take_the_last_file_or_are_refused(made, tmp_path):
    corpus = open_corpus("casme", made.build(tmp_path, mistakes=True))
    cut = next(clip for clip in corpus.clips if clip.id == "sub07/EP95_1")
    assert (cut.annotation.onset, cut.annotation.apex, cut.annotation.offset) == (2, 6, 12)  # files end at 40, not 44
    assert findings(corpus)["DS009"] == ("casme.xlsx, row 6: sub07/EP95_1: 4 of 15 frames missing",)
    assert findings(corpus)["DS007"][0].startswith("casme.xlsx, row 7: sub07/EP95_2: frames 30 to 44 are not on disk")
    assert findings(corpus)["DS005"][0].startswith("casme.xlsx, row 8: sub07/EP95_3: ends (offset 30)")
    with pytest.raises(BadInputError, match=r"casme\.xlsx, row"):
        load("casme", tmp_path)
    assert len(load("casme", tmp_path, strict=False)) == 5


def test_cropped_pictures_and_subjects_beside_the_sheet_are_found(made, tmp_path):
    root = made.build(tmp_path / "one", cropped=True)
    assert len(load("casme", root, images="cropped")) == 4
    bare = made.build(tmp_path / "two")
    for folder in (bare / "CASME_raw_selected").iterdir():
        folder.rename(bare / folder.name)
    (bare / "CASME_raw_selected").rmdir()
    assert len(load("casme", bare)) == 4


def test_another_count_of_rows_is_no_known_release(made, tmp_path):
    corpus = open_corpus("casme", made.build(tmp_path))
    assert corpus.release == "unknown"
    assert findings(corpus)["DS041"] == ("casme.xlsx: 4 rows, the known releases have 189 or 193",)
