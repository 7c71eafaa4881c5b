"""CASME II: its layout, its releases, its options and each of its known mistakes."""

from __future__ import annotations

import shutil

import pytest
from openpyxl import Workbook

import micromask.datasets.casme2  # noqa: F401
from micromask.core.errors import BadInputError
from micromask.core.types import SubjectId
from micromask.datasets.catalogue import load, open_corpus


@pytest.fixture
def made(corpora):
    return corpora("casme2")


def lines(corpus, code):
    return [line for finding in corpus.findings if finding.code == code for line in finding.evidence]


def errors(corpus):
    return [finding.code for finding in corpus.findings if finding.severity == "error"]


def test_a_healthy_corpus_gives_its_rows_and_opens_no_picture(made, tmp_path, no_picture_may_be_opened):
    corpus = open_corpus("casme2", made.build(tmp_path))
    assert errors(corpus) == []
    assert corpus.release == "20140508"
    assert [clip.id for clip in corpus.clips] == [
        "sub01/EP91_01f", "sub01/EP91_02", "sub02/EP92_01_02", "sub02/EP93f", "sub26/EP94_01f",
    ]  # fmt: skip
    first = corpus.clips[0]
    assert first.subject == SubjectId("casme2", "01")
    assert (first.recording.fps, first.recording.n_frames, first.recording.size) == (200.0, 21, None)
    assert first.recording.path == tmp_path / "CASME2_RAW_selected" / "sub01" / "EP91_01f"
    one = first.annotation
    assert (one.onset, one.apex, one.offset) == (3, 9, 17)  # files begin three before frame 46
    assert (one.emotion, one.action_units, one.kind, one.apex_from) == ("disgust", "4+7", "micro", "coder")
    assert (one.source.file.name, one.source.row) == ("CASME2-coding-20140508.xlsx", 2)
    assert corpus.clips[1].annotation.action_units == "12"
    assert corpus.clips[4].annotation.action_units == "?"


def test_file_numbers_are_sorted_as_numbers(made, tmp_path):
    clip = load("casme2", made.build(tmp_path))[3]
    assert (clip.annotation.onset, clip.annotation.apex, clip.annotation.offset) == (3, 6, 10)  # img5 ... img18


def test_cropped_pictures_are_an_option_and_named_where_raw_ones_are_absent(made, tmp_path):
    root = made.build(tmp_path, images="cropped")
    clip = load("casme2", root, images="cropped")[0]
    assert (clip.annotation.onset, clip.annotation.apex, clip.annotation.offset) == (3, 9, 17)
    with pytest.raises(BadInputError, match=r"no folder CASME2_RAW_selected .*it has Cropped: use images='cropped'"):
        load("casme2", root)
    with pytest.raises(BadInputError, match="images is raw or cropped or long, got 'thermal'"):
        load("casme2", root, images="thermal")


def test_an_apex_of_a_slash_is_estimated_and_said(made, tmp_path):
    corpus = open_corpus("casme2", made.build(tmp_path, mistakes=True))
    clip = next(clip for clip in corpus.clips if clip.id == "sub01/EP95_01f")
    assert (clip.annotation.apex, clip.annotation.apex_from) == (8, "midpoint")  # frames 3 to 14
    assert any("row 7: sub01/EP95_01f" in line for line in lines(corpus, "DS002"))
    dropped = open_corpus("casme2", tmp_path, missing_apex="drop")
    assert len(dropped.clips) == len(corpus.clips) - 1
    assert any("sub01/EP95_01f" in line for line in lines(dropped, "DS003"))


def test_an_apex_on_the_edge_and_a_folder_without_a_row_are_said(made, tmp_path):
    corpus = open_corpus("casme2", made.build(tmp_path, mistakes=True))
    assert errors(corpus) == []
    assert lines(corpus, "DS012") == [
        "CASME2-coding-20140508.xlsx, row 8: sub02/EP95_02f: apex 30 is the clip's offset"
    ]
    assert lines(corpus, "DS010") == ["sub26/EP96_01f"]


@pytest.mark.parametrize(
    ("row", "code", "words"),
    [
        pytest.param(("01", "EP97_01", 30, 35, 20, "4", "fear"), "DS005", "before it begins", id="backwards"),
        pytest.param(("01", "EP97_01", 30, 99, 40, "4", "fear"), "DS006", "apex 99 outside", id="apex outside"),
        pytest.param(("01", "EP97_01", 30, "soon", 40, "4", "fear"), "DS011", "'soon' is no frame", id="apex text"),
        pytest.param(("one", "EP97_01", 30, 35, 40, "4", "fear"), "DS011", "name no clip", id="subject text"),
        pytest.param(("03", "EP97_01", 30, 35, 40, "4", "fear"), "DS008", "CASME2_RAW_selected/sub03/", id="no folder"),
        pytest.param(("01", "EP91_01f", 900, 905, 910, "4", "fear"), "DS007", "not on disk", id="no frames"),
    ],
)
def test_a_row_that_cannot_be_right_is_refused_with_its_number(made, tmp_path, row, code, words):
    root = made.build(tmp_path)
    made.sheet(root / "CASME2-coding-20140508.xlsx", [*made.ROWS, row])
    corpus = open_corpus("casme2", root)
    assert errors(corpus) == [code]
    assert "row 7" in lines(corpus, code)[0]
    assert words in lines(corpus, code)[0]
    with pytest.raises(BadInputError, match="row 7"):
        load("casme2", root)
    assert len(load("casme2", root, strict=False)) == 5


def test_numbers_for_subjects_are_another_release_with_the_same_people(made, tmp_path):
    rows = [(int(row[0]), *row[1:]) for row in made.ROWS]
    corpus = open_corpus("casme2", made.build(tmp_path, rows=rows))
    assert corpus.release == "20190701"
    assert {clip.subject.name for clip in corpus.clips} == {"01", "02", "26"}


def test_the_release_is_told_by_its_rows(made, tmp_path):
    root = made.build(tmp_path)
    padded = [("01", f"EP91_{at}", 5, 6, 7, "4", "others") for at in range(255)]
    made.sheet(root / "CASME2-coding-20140508.xlsx", padded)
    corpus = open_corpus("casme2", root)
    assert (corpus.release, lines(corpus, "DS041")) == ("20140508", [])
    numbers = [(1, f"EP91_{at}", 5, 6, 7, "4", "others") for at in range(256)]
    made.sheet(root / "CASME2-coding-20140508.xlsx", numbers)
    assert open_corpus("casme2", root).release == "updated"


def test_objective_classes_are_read_where_their_sheet_lies_beside(made, tmp_path):
    root = made.build(tmp_path)
    assert load("casme2", root)[0].annotation.objective_class is None
    made.objective_classes(root / "CASME2-ObjectiveClasses.xlsx", [("1", "EP91_01f", 3), ("26", "EP94_01f", 7)])
    corpus = open_corpus("casme2", root)
    assert [clip.annotation.objective_class for clip in corpus.clips] == ["3", None, None, None, "7"]
    assert len(lines(corpus, "DS045")) == 3


def test_names_in_other_letters_and_case_are_found(made, tmp_path):
    root = made.build(tmp_path / "微表情 données")
    folder = root / "CASME2_RAW_selected"
    folder.rename(root / "casme2_raw_SELECTED")
    for file in (root / "casme2_raw_SELECTED" / "sub01" / "EP91_01f").iterdir():
        file.rename(file.with_suffix(".JPG"))
    (root / "CASME2-coding-20140508.xlsx").rename(root / "casme2-CODING-20140508.XLSX")
    assert len(load("casme2", root)) == 5


def test_a_picture_that_puts_the_numbers_out_of_step_is_refused(made, tmp_path):
    root = made.build(tmp_path)
    place = root / "CASME2_RAW_selected" / "sub01" / "EP91_01f"
    shutil.copy(place / "img46.jpg", place / "cover.jpg")
    corpus = open_corpus("casme2", root)
    assert errors(corpus) == ["DS040"]
    assert lines(corpus, "DS040")[0].endswith("EP91_01f holds cover.jpg; take it out")


def test_a_wrong_root_says_which_way_to_go(made, tmp_path):
    root = made.build(tmp_path / "above" / "corpus")
    with pytest.raises(BadInputError, match=r"one level too high; its sheet lies in .*corpus"):
        load("casme2", root.parent)
    with pytest.raises(BadInputError, match=r"one level too low; its sheet lies in .*corpus"):
        load("casme2", root / "CASME2_RAW_selected")


def test_a_bad_sheet_is_said_in_one_line(made, tmp_path):
    root = made.build(tmp_path)
    second = root / "CASME2-coding-20190701.xlsx"
    shutil.copy(root / "CASME2-coding-20140508.xlsx", second)
    with pytest.raises(BadInputError, match="has 2 sheets"):
        load("casme2", root)
    assert len(load("casme2", second)) == 5
    second.write_bytes(b"no workbook")
    with pytest.raises(BadInputError, match=r"cannot be read as \.xlsx"):
        load("casme2", second)
    book = Workbook()
    book.active.append(("Subject", "Filename", "Onset Frames", "Label"))
    book.save(second)
    with pytest.raises(BadInputError, match=r"lacks a column: OnsetFrame or Onset.*Onset Frames"):
        load("casme2", second)


def test_an_option_that_it_does_not_have_is_refused(made, tmp_path):
    with pytest.raises(BadInputError, match="casme2 has no option 'part'; it has: images"):
        load("casme2", made.build(tmp_path), part="A")
