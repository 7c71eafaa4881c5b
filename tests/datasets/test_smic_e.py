from __future__ import annotations

import runpy
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook

from micromask.core.errors import BadInputError
from micromask.datasets import smic_e as _smic_e  # noqa: F401
from micromask.datasets.catalogue import load, open_corpus

corpora = runpy.run_path(str(Path(__file__).parent / "corpora" / "smic_e.py"))
build = corpora["build"]


def evidence(corpus, code: str) -> tuple[str, ...]:
    return next((finding.evidence for finding in corpus.findings if finding.code == code), ())


def frames(corpus) -> dict[str, tuple[int, int]]:
    return {clip.id: (clip.annotation.onset, clip.annotation.offset) for clip in corpus.clips}


def test_frames_of_the_cameras_clock_become_frames_of_the_film(tmp_path):
    corpus = open_corpus("smic-e", build(tmp_path))
    assert frames(corpus)["s1_ne_01"] == (17000010 - 17000001, 17000029 - 17000001)
    clip = corpus.clips[0]
    assert (clip.subject.name, clip.recording.fps, clip.recording.n_frames) == ("s1", 100.0, 60)
    assert (clip.annotation.apex_from, clip.annotation.emotion) == ("midpoint", "negative")


def test_a_second_expression_is_a_clip_of_the_same_film_also_where_it_comes_first(tmp_path):
    corpus = open_corpus("smic-e", build(tmp_path))
    assert frames(corpus)["s1_sur_02"] == (29, 39)
    assert frames(corpus)["s1_sur_02.2"] == (11, 19)
    first, second = (clip for clip in corpus.clips if clip.id.startswith("s1_sur_02"))
    assert first.recording is second.recording


def test_third_expressions_of_the_edited_copy_are_clips_too(tmp_path):
    root = build(tmp_path)
    sheet = root / "SMIC-HS-E_annotation_2019.xlsx"
    book = load_workbook(sheet)
    for column, values in {15: ("Onset3F", None, 545), 16: ("Offset3F", None, 549)}.items():
        for row, value in enumerate(values, start=1):
            book["HS"].cell(row, column, value)
    book.save(sheet)
    corpus = open_corpus("smic-e", root)
    assert corpus.release == "HS, 3 rows, third expressions"
    assert frames(corpus)["s1_sur_02.3"] == (44, 48)


def test_files_that_count_from_one_are_rebased_by_the_first_frame_and_say_so(tmp_path):
    corpus = open_corpus("smic-e", build(tmp_path))
    assert frames(corpus)["s12_po_01"] == (2, 11)
    assert "s12_po_01: 1203 to 1212 became 3 to 12 (FirstF 1201)" in evidence(corpus, "DS014")[0]


def test_small_frame_numbers_are_not_taken_for_files_that_count_from_one(tmp_path):
    corpus = open_corpus("smic-e", build(tmp_path), camera="VIS")
    assert frames(corpus) == {"s1_ne_01": (3, 8)}
    assert corpus.clips[0].recording.fps == 25.0
    assert corpus.release == "VIS, 1 rows"


def test_all_films_are_recordings_also_those_without_an_expression(tmp_path):
    corpus = open_corpus("smic-e", build(tmp_path))
    names = {recording.id: recording.n_frames for recording in corpus.recordings}
    assert names == {"s1_ne_01": 60, "s1_sur_02": 50, "s12_po_01": 30, "s12_quiet": 5}
    assert all(clip.recording in corpus.recordings for clip in corpus.clips)


def test_text_below_the_table_is_left_out_with_its_row(tmp_path):
    corpus = open_corpus("smic-e", build(tmp_path, mistakes=True))
    assert any(
        "row 10: no subject number" in line and "frames are absolute" in line for line in evidence(corpus, "DS013")
    )


def test_the_films_that_were_never_distributed_are_a_note_and_other_missing_ones_an_error(tmp_path):
    corpus = open_corpus("smic-e", build(tmp_path, mistakes=True))
    assert any("row 5: s3_ne_20 is in the sheet, but not" in line for line in evidence(corpus, "DS013"))
    assert evidence(corpus, "DS008") == (
        "SMIC-HS-E_annotation_2019.xlsx, row 8: s12_po_77: no folder of frames, wanted s12/s12_po_77",
    )


def test_a_first_frame_that_is_text_is_refused_with_its_row_only_where_it_is_needed(tmp_path):
    root = build(tmp_path, mistakes=True)
    refused = evidence(open_corpus("smic-e", root), "DS011")
    assert len(refused) == 1
    assert "row 6: s12_ne_05: FirstF 'MISSING <-7001' is no frame number" in refused[0]
    corpora["write_frames"](root / "SMIC_HS_E/s03/s3_ne_20", [f"image{n}.jpg" for n in range(426679, 426750)])
    moved = root.rename(tmp_path / "again")
    corpus = open_corpus("smic-e", moved)
    assert frames(corpus)["s3_ne_20"] == (426700 - 426679, 426720 - 426679)


def test_a_length_that_is_not_that_of_the_interval_is_said(tmp_path):
    corpus = open_corpus("smic-e", build(tmp_path, mistakes=True))
    assert "17000040 to 17000045 are 6 frames, not 9" in evidence(corpus, "DS030")[0]


def test_a_film_in_the_folder_of_somebody_else_is_said(tmp_path):
    root = build(tmp_path)
    (root / "SMIC_HS_E/s01/s1_ne_01").rename(root / "SMIC_HS_E/s12/s1_ne_01")
    corpus = open_corpus("smic-e", root)
    assert "subject s1, but its folder is of s12" in evidence(corpus, "DS030")[0]
    assert {clip.subject.name for clip in corpus.clips if clip.id == "s1_ne_01"} == {"s12"}


def test_two_sheets_and_a_missing_table_are_told(tmp_path):
    root = build(tmp_path)
    with pytest.raises(BadInputError, match="has no table NIR; it has: HS, VIS, Sheet3"):
        load("smic-e", root, camera="NIR")
    sheet = root / "SMIC-HS-E_annotation_2019.xlsx"
    other = root / "SMIC-HS-E_annotation_orig.xlsx"
    other.write_bytes(sheet.read_bytes())
    with pytest.raises(BadInputError, match="has 2 sheets"):
        load("smic-e", root)
    assert len(load("smic-e", other)) == 4


def test_a_sheet_of_its_own_needs_no_table_of_the_cameras_name(tmp_path):
    root = build(tmp_path)
    book = Workbook()
    for row in [corpora["VIS"], *corpora["VIS_ROWS"]]:
        book.active.append(row)
    book.save(root / "SMIC-NIR-E_annotation.xlsx")
    (root / "SMIC_VIS_E").rename(root / "SMIC-NIR-E")
    assert [clip.id for clip in load("smic-e", root, camera="NIR")] == ["s1_ne_01"]
