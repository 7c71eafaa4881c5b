from __future__ import annotations

import runpy
from pathlib import Path

import pytest

from micromask.core.errors import BadInputError
from micromask.datasets import four_dme as _four_dme  # noqa: F401
from micromask.datasets.action_units import parse_action_units
from micromask.datasets.catalogue import load, open_corpus

corpora = runpy.run_path(str(Path(__file__).parent / "corpora" / "4dme.py"))
build, line, write_sheet = corpora["build"], corpora["line"], corpora["write_sheet"]
SHEET = "4DME_Labelling_Micro_release v1.xlsx"


def evidence(corpus, code: str) -> tuple[str, ...]:
    return next((finding.evidence for finding in corpus.findings if finding.code == code), ())


def clips(corpus) -> dict[str, object]:
    return {clip.id: clip.annotation for clip in corpus.clips}


def test_a_clip_is_a_subjects_folder_of_grey_frames(tmp_path):
    corpus = open_corpus("4dme", build(tmp_path))
    assert list(clips(corpus)) == ["S01/1st_001", "S01/1st_002", "S02/1st_001", "S02/2nd_003"]
    first = corpus.clips[0]
    assert (first.annotation.onset, first.annotation.apex, first.annotation.offset) == (0, 4, 10)
    assert (first.subject.dataset, first.subject.name, first.recording.fps) == ("4dme", "S01", 60.0)
    assert clips(corpus)["S02/1st_001"].emotion == "Surprise+Positive"


def test_rows_that_count_on_the_long_film_are_rebased_and_say_so(tmp_path):
    corpus = open_corpus("4dme", build(tmp_path))
    annotation = clips(corpus)["S01/1st_002"]
    assert (annotation.onset, annotation.apex, annotation.offset) == (0, 4, 9)
    assert "S01/1st_002: 2001 to 2010 became 1 to 10" in evidence(corpus, "DS014")[0]


def test_a_kept_unit_stays_in_the_raw_string_and_does_not_move(tmp_path):
    annotation = clips(open_corpus("4dme", build(tmp_path)))["S01/1st_001"]
    assert annotation.action_units == "AU4(k)+L7"
    assert parse_action_units(annotation.action_units).numbers == {7}


def test_units_in_each_others_row_are_exchanged_and_listed(tmp_path):
    corpus = open_corpus("4dme", build(tmp_path, mistakes=True))
    assert clips(corpus)["S03/1st_001"].action_units == "AU4"
    assert clips(corpus)["S03/1st_002"].action_units == "AU12"
    assert "row 6 and row 7: action_units AU12 and AU4 exchanged" in evidence(corpus, "DS001")[0]


def test_without_corrections_they_stay_and_the_disagreement_is_said(tmp_path):
    corpus = open_corpus("4dme", build(tmp_path, mistakes=True), corrections=False)
    assert clips(corpus)["S03/1st_001"].action_units == "AU12"
    assert "row 6: S03/1st_001: AUs 'AU12', but columns AU4" in evidence(corpus, "DS030")[0]


def test_the_two_rows_of_release_v1_are_exchanged_by_its_fingerprint_alone(tmp_path):
    root = build(tmp_path)
    rows = [line("S02", f"clip_{at}", "Negative", (1, 2, 3), "AU4", (4,)) for at in range(267)]
    rows[144] = line("S02", "clip_144", "Positive", (1, 2, 3), "AU12", (12,))
    rows[145] = line("S02", "clip_145", "Others", (1, 2, 3), "AUL14", (14,))
    for at in (144, 145):
        corpora["write_frames"](root / f"gray_micro/S02/clip_{at}", ["1.jpg", "2.jpg", "3.jpg"])
    write_sheet(root / SHEET, corpora["HEADER"], *rows)
    corpus = open_corpus("4dme", root)
    assert corpus.release == "v1"
    assert clips(corpus)["S02/clip_144"].action_units == "AUL14"
    assert clips(corpus)["S02/clip_145"].action_units == "AU12"
    assert "row 146 and row 147" in evidence(corpus, "DS001")[0]
    write_sheet(root / SHEET, corpora["HEADER"], *rows[:-1])
    other = open_corpus("4dme", root)
    assert other.release == "266 rows"
    assert evidence(other, "DS001") == ()


def test_columns_that_disagree_with_the_text_are_said(tmp_path):
    corpus = open_corpus("4dme", build(tmp_path, mistakes=True))
    assert any("row 8: S03/1st_003: AUs 'AU14', but columns AU1" in each for each in evidence(corpus, "DS030"))
    root = tmp_path / "4DMicro"
    told = list(line("S01", "1st_001", "Negative", (12, 16, 22), "AU4", (4,)))
    told[2] = "Positive"
    write_sheet(root / SHEET, corpora["HEADER"], tuple(told))
    assert "emotion 'Positive', but columns Negative" in evidence(open_corpus("4dme", root), "DS030")[0]


def test_the_sum_below_an_older_table_is_left_out_and_its_apostrophes_are_read(tmp_path):
    root = build(tmp_path, mistakes=True)
    assert "row 10: the last row is no expression" in evidence(open_corpus("4dme", root), "DS013")[0]
    header = ("sub_ID'", "video_number'", "self-report emo'", "Emotion", "Onset", "Apex", "Offset", "AUs")
    rows = [("S01", "1st_001", "1'", "Negative", 12, 16, 22, "AU4"), (None,) * 7 + ("1",)]
    write_sheet(root / SHEET, header, *rows)
    corpus = open_corpus("4dme", root)
    assert (corpus.release, list(clips(corpus))) == ("before v1", ["S01/1st_001"])
    assert "row 3" in evidence(corpus, "DS013")[0]


def test_a_row_that_cannot_be_right_is_refused_and_folders_without_a_row_are_listed(tmp_path):
    root = build(tmp_path, mistakes=True)
    corpora["write_frames"](root / "gray_micro/S04/1st_001", ["1.jpg"])
    corpus = open_corpus("4dme", root)
    assert "row 9: S03/1st_004: apex 8 outside onset 1 to offset 5" in evidence(corpus, "DS006")[0]
    assert evidence(corpus, "DS010") == (str(Path("S04/1st_001")),)


def test_numbered_subjects_find_their_folder_and_are_named_after_it(tmp_path):
    root = build(tmp_path)
    write_sheet(root / SHEET, corpora["HEADER"], line(1, "1st_001", "Negative", (12, 16, 22), "AU4", (4,)))
    (clip,) = load("4dme", root)
    assert (clip.id, clip.subject.name) == ("S01/1st_001", "S01")


def test_a_root_without_pictures_is_told(tmp_path):
    root = build(tmp_path)
    with pytest.raises(BadInputError, match="has no folder gray_micro_crop; wanted"):
        load("4dme", root, images="cropped")
