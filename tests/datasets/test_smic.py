from __future__ import annotations

import runpy
from pathlib import Path

import pytest

from micromask.core.errors import BadInputError
from micromask.datasets import smic as _smic  # noqa: F401
from micromask.datasets.catalogue import load, open_corpus

build = runpy.run_path(str(Path(__file__).parent / "corpora" / "smic.py"))["build"]


def evidence(corpus, code: str) -> tuple[str, ...]:
    return next((finding.evidence for finding in corpus.findings if finding.code == code), ())


def test_a_folder_is_a_clip_and_the_folder_above_it_is_its_label(tmp_path):
    clips = {clip.id: clip for clip in load("smic", build(tmp_path))}
    assert list(clips) == ["s1_ne_01", "s1_po_02", "s1_sur_01", "s12_ne_03", "s12_sur_02"]
    clip = clips["s12_ne_03"]
    assert (clip.subject.dataset, clip.subject.name) == ("smic", "s12")
    assert (clip.annotation.emotion, clip.annotation.kind, clip.recording.fps) == ("negative", "micro", 100.0)
    assert (clip.annotation.onset, clip.annotation.offset, clip.recording.n_frames) == (0, 20, 21)


def test_the_middle_frame_stands_in_for_the_apex_and_says_so(tmp_path):
    clip = next(clip for clip in load("smic", build(tmp_path)) if clip.id == "s12_ne_03")
    assert (clip.annotation.apex, clip.annotation.apex_from) == (10, "midpoint")
    corpus = open_corpus("smic", tmp_path / "SMIC_all_raw", missing_apex="drop")
    assert corpus.clips == ()
    assert len(evidence(corpus, "DS003")) == 5


def test_frames_that_gain_a_digit_within_a_clip_keep_their_order(tmp_path):
    clip = next(clip for clip in load("smic", build(tmp_path)) if clip.id == "s1_po_02")
    assert clip.recording.n_frames == 11
    assert clip.recording.times is None


def test_the_slower_cameras_have_their_own_clips_and_rate(tmp_path):
    root = build(tmp_path)
    clips = load("smic", root, camera="vis")
    assert [(clip.id, clip.recording.fps) for clip in clips] == [("s1_ne_01", 25.0)]
    with pytest.raises(BadInputError, match=r"smic: .* has no folder NIR; wanted NIR/s1/micro/"):
        load("smic", root, camera="NIR")
    with pytest.raises(BadInputError, match="camera is HS, VIS or NIR, got 'RGB'"):
        load("smic", root, camera="RGB")


def test_cropped_pictures_are_another_release_and_subjects_lose_their_zero(tmp_path):
    root = build(tmp_path)
    (root / "HS/s1").rename(root / "HS/s01")
    for picture in [*root.glob("HS/**/*.bmp")]:
        picture.rename(picture.with_name(f"reg_{picture.name}"))
    corpus = open_corpus("smic", root)
    assert corpus.release == "HS, cropped"
    assert {clip.subject.name for clip in corpus.clips} == {"s1", "s12"}
    assert open_corpus("smic", build(tmp_path / "other")).release == "HS, raw"


def test_names_that_disagree_with_their_folder_are_said(tmp_path):
    corpus = open_corpus("smic", build(tmp_path, mistakes=True))
    said = evidence(corpus, "DS030")
    assert [line.split(": ", 1)[1] for line in said] == [
        "its name says 'ne', its folder 'positive'; the folder is taken",
        "named after s3, lies in the folder of s12; the folder is taken",
    ]
    clips = {clip.id: clip for clip in corpus.clips}
    assert clips["s1_ne_09"].annotation.emotion == "positive"
    assert clips["s3_po_01"].subject.name == "s12"


def test_folders_that_are_no_clip_are_refused_or_left_out_by_name(tmp_path):
    corpus = open_corpus("smic", build(tmp_path, mistakes=True))
    assert evidence(corpus, "DS007")[0].endswith("s12_sur_09: no picture in it")
    assert "s7: no clip below micro" in evidence(corpus, "DS008")[0]
    assert "folder 'puzzled' is no emotion of SMIC" in evidence(corpus, "DS011")[0]
    assert evidence(corpus, "DS013") == ("s1/non_micro: 1 clips without a micro-expression",)


def test_a_root_on_the_wrong_level_is_told_the_right_one(tmp_path):
    root = build(tmp_path)
    with pytest.raises(BadInputError, match=f"one level too high; give {root}"):
        load("smic", tmp_path)
    with pytest.raises(BadInputError, match=f"one level too low; give its parent {root}"):
        load("smic", root / "HS")
    with pytest.raises(BadInputError, match="holds VIS, not HS"):
        load("smic", root / "VIS")
    with pytest.raises(BadInputError, match=f"two levels too low; give {root}"):
        load("smic", root / "HS" / "s1")
    (root / "HS").rename(tmp_path / "hochfrequenz")
    assert len(load("smic", tmp_path / "hochfrequenz")) == 5
