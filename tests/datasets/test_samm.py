"""SAMM: the legend above its header, its checksum, its corrections and its action units."""

from __future__ import annotations

import pytest

import micromask.datasets.samm  # noqa: F401
from micromask.core.errors import BadInputError
from micromask.core.types import SubjectId
from micromask.datasets.action_units import parse_action_units
from micromask.datasets.catalogue import load, open_corpus


@pytest.fixture
def made(corpora):
    return corpora("samm")


def findings(corpus):
    return {finding.code: finding.evidence for finding in corpus.findings}


def errors(corpus):
    return [finding.code for finding in corpus.findings if finding.severity == "error"]


def test_a_healthy_corpus_gives_its_rows_and_opens_no_picture(made, tmp_path, no_picture_may_be_opened):
    corpus = open_corpus("samm", made.build(tmp_path))
    assert errors(corpus) == []
    assert corpus.release == "v2"
    assert [clip.id for clip in corpus.clips] == ["901_1_2", "901_3_1", "902_2_10", "902_5_1"]
    first = corpus.clips[0]
    assert first.subject == SubjectId("samm", "901")
    assert (first.recording.fps, first.recording.n_frames) == (200.0, 17)
    one = first.annotation
    assert (one.onset, one.apex, one.offset) == (2, 10, 14)
    assert (one.emotion, one.objective_class, one.intended_emotion) == ("Anger", "4", "inducement 1")
    assert (one.source.file.name, one.source.row) == ("SAMM_Micro_FACS_Codes_v2.xlsx", 15)


def test_file_numbers_of_four_and_of_five_digits_are_numbers(made, tmp_path):
    clip = load("samm", made.build(tmp_path))[1]  # 901_0086.jpg ...
    assert (clip.annotation.onset, clip.annotation.apex, clip.annotation.offset) == (2, 7, 15)


def test_action_units_stay_as_coded_and_or_is_a_choice(made, tmp_path):
    coded = [clip.annotation.action_units for clip in load("samm", made.build(tmp_path))]
    assert coded == ["4+7", "R14A or 17A", "12+15", "R14+17+soft focus"]
    assert [sorted(parse_action_units(text).numbers) for text in coded] == [[4, 7], [14, 17], [12, 15], [14, 17]]


def test_action_units_that_cannot_be_read_are_said_with_their_row(made, tmp_path):
    rows = [("901", "901_1_2", 1, 50, 55, 60, "4+141724", "Anger", 4)]
    corpus = open_corpus("samm", made.build(tmp_path, rows=rows))
    assert findings(corpus)["DS047"] == ("SAMM_Micro_FACS_Codes_v2.xlsx, row 15: 901_1_2: '141724'",)


@pytest.mark.parametrize(("header_row", "release"), [(14, "v2"), (1, "20181215"), (2, "20181215"), (6, "unknown")])
def test_the_header_is_found_where_it_stands_and_tells_the_release(made, tmp_path, header_row, release):
    corpus = open_corpus("samm", made.build(tmp_path, header_row=header_row, name="SAMM.xlsx"))
    assert (corpus.release, len(corpus.clips), errors(corpus)) == (release, 4, [])


def test_known_mistakes_are_corrected_and_listed(made, tmp_path):
    corpus = open_corpus("samm", made.build(tmp_path, mistakes=True))
    assert errors(corpus) == []
    assert "DS042" not in findings(corpus)
    by_name = {clip.id: clip.annotation for clip in corpus.clips}
    assert by_name["013_1_9"].offset - by_name["013_1_9"].onset == 5739 - 5700
    for name, middle in (("028_4_1", 12), ("032_3_1", 6)):
        assert (by_name[name].apex, by_name[name].apex_from) == (middle, "midpoint")
    said = findings(corpus)["DS001"]
    assert len(said) == 3
    assert "row 19: 013 013_1_9: offset 5793 -> 5739" in said[0]
    assert "row 20: 028 028_4_1: apex 1200 -> none" in said[1]


def test_without_corrections_the_same_rows_are_said_or_refused(made, tmp_path):
    corpus = open_corpus("samm", made.build(tmp_path, mistakes=True), corrections=False)
    assert "DS001" not in findings(corpus)
    assert "row 19: 013_1_9: onset 5700 to offset 5793 are 94 frames, the sheet says 40" in findings(corpus)["DS042"][0]
    assert errors(corpus) == ["DS006"]
    assert [line.split(": ")[1] for line in findings(corpus)["DS006"]] == ["028_4_1", "032_3_1"]


def test_a_right_apex_of_a_clip_with_a_known_mistake_is_left_alone(made, tmp_path):
    rows = [("028", "028_4_1", 4, 1000, 1010, 1020, "4", "Sadness", 7)]
    corpus = open_corpus("samm", made.build(tmp_path, rows=rows))
    assert corpus.clips[0].annotation.apex_from == "coder"
    assert "DS001" not in findings(corpus)


def test_an_apex_outside_another_clip_is_refused_with_its_row(made, tmp_path):
    rows = [*made.ROWS, ("903", "903_1_1", 1, 50, 99, 60, "4", "Anger", 4)]
    root = made.build(tmp_path, rows=rows)
    with pytest.raises(BadInputError, match="row 19: 903_1_1: apex 99 outside onset 50 to offset 60"):
        load("samm", root)


def test_subjects_may_lie_beside_the_sheet_and_be_numbers_in_it(made, tmp_path):
    rows = [(row[0], *row[1:]) for row in made.ROWS]
    root = made.build(tmp_path, rows=rows)
    for folder in (root / "SAMM").iterdir():
        folder.rename(root / folder.name)
    (root / "SAMM").rmdir()
    made.sheet(root / "SAMM_Micro_FACS_Codes_v2.xlsx", [(int(row[0]), *row[1:]) for row in rows])
    assert {clip.subject.name for clip in load("samm", root)} == {"901", "902"}


def test_a_subject_without_a_folder_and_a_folder_without_a_row_are_said(made, tmp_path):
    root = made.build(tmp_path)
    made.sheet(root / "SAMM_Micro_FACS_Codes_v2.xlsx", [*made.ROWS[1:], ("905", "905_1_1", 1, 5, 6, 7, "4", "Fear", 6)])
    corpus = open_corpus("samm", root)
    assert findings(corpus)["DS008"] == (
        "SAMM_Micro_FACS_Codes_v2.xlsx, row 18: 905_1_1: no folder of frames, wanted 905/905_1_1",
    )
    assert findings(corpus)["DS010"] == ("901/901_1_2",)


def test_a_root_without_subjects_says_what_was_wanted(made, tmp_path):
    made.sheet(tmp_path / "SAMM_Micro_FACS_Codes_v2.xlsx", made.ROWS)
    with pytest.raises(BadInputError, match="no folder SAMM with 006, 007"):
        load("samm", tmp_path)
