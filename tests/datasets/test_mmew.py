from __future__ import annotations

import runpy
from pathlib import Path

import pytest

from micromask.core.errors import BadInputError
from micromask.datasets import mmew as _mmew  # noqa: F401
from micromask.datasets.catalogue import load, open_corpus

build = runpy.run_path(str(Path(__file__).parent / "corpora" / "mmew.py"))["build"]


def evidence(corpus, code: str) -> tuple[str, ...]:
    return next((finding.evidence for finding in corpus.findings if finding.code == code), ())


def frames(corpus) -> dict[str, tuple[int, int | None, int]]:
    return {each.id: (each.annotation.onset, each.annotation.apex, each.annotation.offset) for each in corpus.clips}


def test_clips_count_from_one_in_the_sheet_and_from_zero_here(tmp_path):
    corpus = open_corpus("mmew", build(tmp_path))
    assert frames(corpus)["S01-02-001"] == (0, 8, 19)
    clip = corpus.clips[0]
    assert (clip.subject.name, clip.recording.fps, clip.annotation.emotion) == ("S01", 90.0, "disgust")
    assert corpus.findings == ()


def test_the_raw_label_others_finds_the_folder_repression(tmp_path):
    clip = next(clip for clip in load("mmew", build(tmp_path)) if clip.id == "S01-03-001")
    assert (clip.annotation.emotion, clip.recording.path.parent.name) == ("others", "repression")


def test_a_folder_of_the_subject_between_emotion_and_clip_does_no_harm(tmp_path):
    root = build(tmp_path)
    surprise = root / "Micro_Expression/surprise"
    (surprise / "S02").mkdir()
    (surprise / "S02-05-002").rename(surprise / "S02" / "S02-05-002")
    assert frames(open_corpus("mmew", root))["S02-05-002"] == (0, 3, 8)


@pytest.mark.parametrize(
    ("clip", "told"),
    [
        pytest.param("S03-05-001", "501 to 510 became 1 to 10", id="counts on the long film"),
        pytest.param("S03-05-002", "8 to 17 became 1 to 10", id="as long as the folder"),
        pytest.param("S03-05-003", "301 to 313 became 1 to 10", id="longer than the folder: clamped"),
    ],
)
def test_rows_that_count_on_the_long_film_are_rebased_and_say_so(tmp_path, clip, told):
    corpus = open_corpus("mmew", build(tmp_path, mistakes=True))
    assert frames(corpus)[clip] == (0, 3, 9)
    assert any(f"{clip}: {told}" in line for line in evidence(corpus, "DS014"))


def test_empty_cells_are_filled_as_documented_and_said(tmp_path):
    corpus = open_corpus("mmew", build(tmp_path, mistakes=True))
    assert frames(corpus)["S03-05-004"] == (1, 5, 9)
    assert "row 9: S03-05-004: no offset, the last frame 10 is taken" in evidence(corpus, "DS004")[0]
    assert "S03-05-004: apex 5 by midpoint" in evidence(corpus, "DS002")[0]


def test_an_apex_outside_its_interval_is_refused_with_its_row(tmp_path):
    corpus = open_corpus("mmew", build(tmp_path, mistakes=True))
    assert evidence(corpus, "DS006") == (
        "MMEW_Micro_Exp.xlsx, row 10: S03-05-005: apex 12 outside onset 2 to offset 9",
    )
    with pytest.raises(BadInputError, match="row 10: S03-05-005"):
        load("mmew", tmp_path / "MMEW_Final")


def test_sheet_and_folders_that_differ_are_said(tmp_path):
    corpus = open_corpus("mmew", build(tmp_path, mistakes=True))
    assert "S03-05-006: 'fear' in the sheet, folder 'surprise'; the sheet is taken" in evidence(corpus, "DS030")[0]
    assert "row 12: S03-05-009: no folder of frames" in evidence(corpus, "DS008")[0]
    assert evidence(corpus, "DS010") == (str(Path("surprise/S03-05-007")),)


def test_a_root_without_pictures_is_told(tmp_path):
    root = build(tmp_path)
    (root / "Micro_Expression").rename(tmp_path / "elsewhere")
    with pytest.raises(BadInputError, match="has no folder Micro_Expression; wanted"):
        load("mmew", root)
