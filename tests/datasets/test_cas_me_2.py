from __future__ import annotations

import runpy
from pathlib import Path

import pytest
from openpyxl import load_workbook

from micromask.core.errors import BadInputError
from micromask.datasets import cas_me_2 as _cas_me_2  # noqa: F401
from micromask.datasets.catalogue import load, open_corpus

build = runpy.run_path(str(Path(__file__).parent / "corpora" / "cas_me_2.py"))["build"]


def evidence(corpus, code: str) -> tuple[str, ...]:
    return next((finding.evidence for finding in corpus.findings if finding.code == code), ())


def test_a_sheet_without_a_header_is_read_through_its_naming_rules(tmp_path):
    clips = {clip.id: clip for clip in load("cas-me-2", build(tmp_path))}
    assert list(clips) == ["s15/disgust1_1", "s15/disgust1_2", "s15/happy1_1", "s16/anger1_1"]
    clip = clips["s15/disgust1_1"]
    annotation = clip.annotation
    assert (annotation.onset, annotation.apex, annotation.offset, annotation.apex_from) == (10, 15, 21, "coder")
    assert clip.recording.path.name == "15_0101disgustingteeth"
    assert (clip.subject.name, clip.recording.fps, annotation.source.row) == ("s15", 30.0, 1)


def test_coded_felt_and_intended_emotion_stand_apart_as_written(tmp_path):
    clips = {clip.id: clip for clip in load("cas-me-2", build(tmp_path))}
    annotation = clips["s15/disgust1_2"].annotation
    assert (annotation.emotion, annotation.felt_emotion, annotation.intended_emotion) == (
        "positive",
        "happyiness",
        "disgust",
    )
    assert (annotation.kind, annotation.action_units) == ("macro", "12")
    assert clips["s16/anger1_1"].annotation.kind == "micro"


def test_an_offset_of_zero_is_the_apex_and_is_said(tmp_path):
    corpus = open_corpus("cas-me-2", build(tmp_path))
    annotation = next(clip.annotation for clip in corpus.clips if clip.id == "s15/disgust1_2")
    assert (annotation.apex, annotation.offset) == (39, 39)
    assert "row 2: s15/disgust1_2: offset 0, the apex 40 is taken" in evidence(corpus, "DS004")[0]


def test_every_film_is_a_recording_and_clips_share_it(tmp_path):
    corpus = open_corpus("cas-me-2", build(tmp_path))
    lengths = {recording.id: recording.n_frames for recording in corpus.recordings}
    assert lengths == {"s15/0101": 45, "s15/0502": 30, "s16/0102": 12, "s16/0401": 20}
    assert corpus.clips[0].recording is corpus.clips[1].recording


def test_known_wrong_apexes_are_emptied_listed_and_estimated(tmp_path):
    corpus = open_corpus("cas-me-2", build(tmp_path, mistakes=True))
    applied = " | ".join(evidence(corpus, "DS001"))
    for clip in ("17 anger1_1: apex 0", "11 disgust1_5: apex 40", "14 happy2_1: apex 29", "15 anger1_12: apex 20"):
        assert f"{clip} -> none" in applied
    annotations = {clip.id: clip.annotation for clip in corpus.clips}
    assert {annotations[name].apex_from for name in ("s33/anger1_1", "s27/disgust1_5")} == {"midpoint"}
    assert annotations["s30/happy2_1"].apex == 12


def test_without_corrections_those_rows_are_refused(tmp_path):
    corpus = open_corpus("cas-me-2", build(tmp_path, mistakes=True), corrections=False)
    assert evidence(corpus, "DS001") == ()
    assert [line.split(": ")[1] for line in evidence(corpus, "DS006")] == [
        *("s33/anger1_1", "s27/disgust1_5", "s30/happy2_1", "s31/anger1_12", "s16/anger1_2"),
    ]


def test_a_correction_leaves_a_mended_sheet_alone(tmp_path):
    root = build(tmp_path, mistakes=True)
    sheet = root / "CAS(ME)^2code_final.xlsx"
    book = load_workbook(sheet)
    book["CASFEcode_final"].cell(6, 4, 30)
    book.save(sheet)
    corpus = open_corpus("cas-me-2", root)
    assert not any("disgust1_5" in line for line in evidence(corpus, "DS001"))
    annotation = next(clip.annotation for clip in corpus.clips if clip.id == "s27/disgust1_5")
    assert (annotation.apex, annotation.apex_from) == (29, "coder")


def test_rows_that_cannot_be_right_are_refused_with_their_row(tmp_path):
    corpus = open_corpus("cas-me-2", build(tmp_path, mistakes=True))
    assert "row 9: s16/anger1_2: apex 19 outside onset 3 to offset 9" in evidence(corpus, "DS006")[0]
    assert "row 10: subject '2', clip 'envy1_1'" in evidence(corpus, "DS011")[0]
    assert "row 11: s16/disgust1_1: no folder of frames, wanted s16/16_0101..." in evidence(corpus, "DS008")[0]
    with pytest.raises(BadInputError, match=r"cas-me-2: .*row 9.*and 2 more"):
        load("cas-me-2", tmp_path / "CAS(ME)^2")


def test_a_copy_without_naming_rules_is_read_by_the_published_ones(tmp_path):
    root = build(tmp_path)
    sheet = root / "CAS(ME)^2code_final.xlsx"
    rows = [",".join(str(cell) for cell in row) for row in load_workbook(sheet)["CASFEcode_final"].values]
    sheet.unlink()
    (root / "CAS(ME)^2code_final(Updated).csv").write_text("\n".join(rows))
    assert [clip.id for clip in load("cas-me-2", root)][-1] == "s16/anger1_1"


def test_cropped_pictures_are_an_option(tmp_path):
    root = build(tmp_path)
    (root / "rawpic").rename(root / "Cropped")
    assert len(load("cas-me-2", root, images="cropped")) == 4
    with pytest.raises(BadInputError, match="has no folder rawpic; wanted rawpic/s15"):
        load("cas-me-2", root)
    with pytest.raises(BadInputError, match="images is raw or cropped, got 'long'"):
        load("cas-me-2", root, images="long")


def test_another_corpus_sheet_under_this_name_is_told_what_is_wanted(tmp_path):
    (tmp_path / "cas(me)^2code_final.csv").write_text(
        "Subject,Filename,,Onset,Apex,Offset,,AU,Emotion\n1,a,,1,2,3,,4,x\n"
    )
    with pytest.raises(BadInputError, match="is not its coding table; wanted subject, clip, onset"):
        load("cas-me-2", tmp_path)


def test_an_apex_that_is_text_is_refused_with_its_row(tmp_path):
    root = build(tmp_path)
    sheet = root / "CAS(ME)^2code_final.xlsx"
    book = load_workbook(sheet)
    book["CASFEcode_final"].cell(4, 4, "eight")
    book.save(sheet)
    assert "row 4: s16/anger1_1: apex 'eight' is no frame number" in evidence(open_corpus("cas-me-2", root), "DS011")[0]
