from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from micromask.core.errors import BadInputError
from micromask.datasets import label_clips, load, open_corpus
from micromask.datasets.megc2019 import matching_names, read_ground_truth

CLIPS = {
    "casme2/sub91/EP91_01f": "negative",
    "casme2/sub91/EP91_02": "positive",
    "casme2/sub92/EP91_01f": "negative",
    "samm/906/906_1_1": "negative",
    "samm/906/906_1_2": "surprise",
    "smic/s91/s91_ne_01": "negative",
    "smic/s91/s91_sur_01": "surprise",
    "smic/s92/s92_po_02": "positive",
}


@pytest.fixture
def root(tmp_path: Path, corpora: Callable[[str], ModuleType]) -> Path:
    return corpora("megc2019").build(tmp_path)


def errors(root: Path) -> dict[str, tuple[str, ...]]:
    found = open_corpus("megc2019", root)
    return {each.code: each.evidence for each in found.findings if each.severity != "note"}


def truth_file(path: Path, rows: int, *, odd_one: bool, blanks: bool) -> Path:
    """A ground truth of invented files; with or without the clip that tells the two apart."""
    lines = ["samm,32,032_3_1,0"] * odd_one
    lines += [f"smic,s{n % 90 + 1:02d},x_{n},{n % 3}" for n in range(rows - odd_one)]
    between = "\r\n,,,\r\n" if blanks else "\r\n"
    path.write_bytes((between.join(lines) + "\r\n").encode())
    return path


def test_the_rows_of_the_ground_truth_are_the_composite_with_each_corpuss_own_subjects(root):
    found = open_corpus("megc2019", root)
    assert label_clips(found.clips, "megc-3") == CLIPS
    assert found.release == "8 rows"
    subjects = Counter(clip.subject.dataset for clip in found.clips)
    assert subjects == {"casme2": 3, "samm": 2, "smic": 3}
    assert len({clip.subject for clip in found.clips}) == 5
    assert errors(root) == {}


def test_raw_labels_and_frames_are_those_of_the_corpus(root):
    clips = {clip.id: clip for clip in load("megc2019", root)}
    one = clips["casme2/sub92/EP91_01f"]
    assert one.annotation.emotion == "repression"
    assert (one.annotation.onset, one.annotation.apex, one.annotation.offset) == (1, 2, 4)
    assert one.recording.id == one.id
    assert clips["smic/s91/s91_ne_01"].annotation.apex_from == "midpoint"


def test_without_a_ground_truth_the_rules_decide_and_say_what_they_leave_out(root):
    found = open_corpus("megc2019", root, truth="")
    assert label_clips(found.clips, "megc-3") == CLIPS
    assert found.release == "by the rules"
    left_out = next(each for each in found.findings if each.code == "DS013")
    assert len(left_out.evidence) == 2
    assert "casme2/sub92/EP91_03f (others)" in left_out.evidence[0]
    assert "samm/907/907_3_1 (Other)" in left_out.evidence[1]


def test_the_csv_itself_may_be_the_root(root):
    assert len(load("megc2019", root / "combined_3class_gt.csv")) == 8


def test_corpora_and_truth_may_lie_elsewhere(root, tmp_path):
    shutil.move(root / "SMIC", tmp_path / "far away")
    shutil.move(root / "combined_3class_gt.csv", tmp_path / "truth.csv")
    found = open_corpus("megc2019", root, smic=str(tmp_path / "far away"), truth=str(tmp_path / "truth.csv"))
    assert label_clips(found.clips, "megc-3") == CLIPS


@pytest.mark.parametrize(
    ("is_called", "may_be_called"), [("CASME2", "CASME II"), ("SAMM", "samm"), ("SMIC", "Smic"), ("CASME2", "CASME_2")]
)
def test_folders_are_known_by_the_names_in_use(root, is_called, may_be_called):
    (root / is_called).rename(root / may_be_called)
    assert len(load("megc2019", root)) == 8


def test_subjects_and_files_match_with_and_without_zeros_before_their_numbers(root):
    rows = ["samm,906,906_1_1,0", "smic,s91,s91_ne_1,0", "casme2,91,ep91_01F,0"]
    (root / "combined_3class_gt.csv").write_text("\n".join(rows), encoding="utf-8")
    assert [clip.id for clip in load("megc2019", root)] == [
        "samm/906/906_1_1",
        "smic/s91/s91_ne_01",
        "casme2/sub91/EP91_01f",
    ]


@pytest.mark.parametrize(
    ("truth", "corpus"),
    [
        (("samm", "6", "006_1_2"), ("samm", "006", "006_1_2")),
        (("casme2", "sub01", "EP02_01f"), ("casme2", "01", "EP02_01f")),
        (("smic", "s01", "s01_ne_01"), ("smic", "s1", "s1_ne_01")),
    ],
)
def test_the_ground_truths_names_are_those_of_the_corpora(truth, corpus):
    assert set(matching_names(*truth)) & set(matching_names(*corpus))
    other = (corpus[0], "sub11", corpus[2])
    assert not set(matching_names(*truth)) & set(matching_names(*other))


def test_an_absent_corpus_is_a_caution_and_its_rows_are_not_errors(root):
    shutil.rmtree(root / "SAMM")
    assert errors(root) == {"DS023": ("samm is not there; the composite has three corpora",)}
    assert len(load("megc2019", root)) == 6


def test_a_row_whose_clip_is_not_there_and_a_label_against_the_rules_are_named(root):
    with (root / "combined_3class_gt.csv").open("a", encoding="utf-8") as table:
        table.write("smic,s93,s93_ne_01,0\nsamm,907,907_3_1,1\n")
    found = errors(root)
    assert found["DS008"] == ("combined_3class_gt.csv, row 9: smic s93 s93_ne_01 is not in that corpus's folder",)
    assert found["DS024"] == ("combined_3class_gt.csv, row 10: samm/907/907_3_1 is positive there and None by 'Other'",)
    with pytest.raises(BadInputError, match="row 9: smic s93"):
        load("megc2019", root)


def test_what_a_corpuss_own_loader_finds_is_said_under_its_name(root):
    shutil.rmtree(root / "CASME2" / "CASME2_RAW_selected" / "sub91" / "EP91_02")
    found = errors(root)
    assert any(line.startswith("casme2: ") and "EP91_02" in line for line in found["DS008"])


@pytest.mark.parametrize(
    ("rows", "odd_one", "blanks", "release"),
    [
        (442, True, False, "442 rows"),
        (441, False, True, "441 rows (without samm 032_3_1), blank rows between"),
        (441, False, False, "441 rows (without samm 032_3_1)"),
        (441, True, False, "441 rows"),
        (12, False, True, "12 rows, blank rows between"),
    ],
)
def test_both_published_ground_truths_are_read_and_told_apart(tmp_path, rows, odd_one, blanks, release):
    read, name = read_ground_truth(truth_file(tmp_path / "gt.csv", rows, odd_one=odd_one, blanks=blanks))
    assert name == release
    assert len(read) == rows
    assert read[-1].source.row == (2 * rows - 1 if blanks else rows)
    assert [row.label for row in read[-3:]] == [
        ("negative", "positive", "surprise")[n % 3] for n in range(rows - odd_one - 3, rows - odd_one)
    ]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("smic,s01,x", "row 2: wanted dataset,subject,file,label"),
        ("smic,s01,x,0,9", "row 2: wanted dataset,subject,file,label"),
        ("mmew,s01,x,0", "row 2: dataset is one of casme2, samm, smic, got 'mmew'"),
        ("smic,s01,x,3", "row 2: label is 0 negative, 1 positive or 2 surprise, got '3'"),
        ("smic,s01,first,1", "row 2: smic/s01/first stands in row 1 already"),
    ],
)
def test_a_line_of_the_ground_truth_that_cannot_be_right_is_refused_with_its_row(tmp_path, line, message):
    (tmp_path / "gt.csv").write_text(f"smic,s01,first,0\n{line}\n", encoding="utf-8")
    with pytest.raises(BadInputError, match=message):
        read_ground_truth(tmp_path / "gt.csv")


def test_a_ground_truth_that_is_none_is_refused(tmp_path):
    (tmp_path / "gt.csv").write_bytes(b"\xff\xfe\x00binary")
    with pytest.raises(BadInputError, match="cannot be read as csv"):
        read_ground_truth(tmp_path / "gt.csv")
    (tmp_path / "gt.csv").write_text(",,,\n,,,\n", encoding="utf-8")
    with pytest.raises(BadInputError, match="has no rows"):
        read_ground_truth(tmp_path / "gt.csv")


def test_no_corpus_two_of_one_and_a_path_that_is_none_are_refused(root, tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(BadInputError, match=r"no corpus in .*; wanted folders casme2, samm and smic"):
        load("megc2019", tmp_path / "empty")
    with pytest.raises(BadInputError, match=r"smic: .*nowhere: no such folder"):
        load("megc2019", root, smic=str(tmp_path / "nowhere"))
    with pytest.raises(BadInputError, match=r"truth: .*: no such file"):
        load("megc2019", root, truth=str(tmp_path / "nowhere.csv"))
    (root / "SMIC HS").mkdir()
    with pytest.raises(BadInputError, match=r"SMIC and SMIC HS in .* are both smic; keep one"):
        load("megc2019", root)
    assert len(load("megc2019", root, smic=str(root / "SMIC"))) == 8


def test_no_image_is_opened(root, monkeypatch):
    def fail(*_args, **_more):
        raise AssertionError("an image was opened")

    for name in ("cv2.imread", "PIL.Image.open", "av.open"):
        monkeypatch.setattr(name, fail)
    assert len(load("megc2019", root)) == 8
