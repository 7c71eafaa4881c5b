"""A corpus is damaged in one place, and the check names that place."""

from __future__ import annotations

import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest

from micromask.core.clips import Finding
from micromask.core.errors import BadInputError
from micromask.datasets import check as check_module
from micromask.datasets.check import CheckReport, check, check_corpus, count_pictures, report_document
from micromask.datasets.duplicates import Prints

HEADER = "path,subject,emotion,onset,apex,offset"


def picture(path: Path, seed: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    noise = np.random.default_rng(seed).integers(0, 256, (16, 16), dtype=np.uint8)
    path.write_bytes(cv2.imencode(path.suffix, noise)[1].tobytes())


@pytest.fixture
def root(tmp_path) -> Path:
    """Two people, two clips each, ten frames a clip; every clip begins at 2, peaks at 4 and ends at 7."""
    rows = []
    for number, name in enumerate(("A1", "A2", "B1", "B2")):
        for frame in range(10):
            picture(tmp_path / "frames" / name / f"{frame:03d}.png", seed=100 * number + frame)
        rows.append(f"frames/{name},{name[0]},{'sad' if name == 'B2' else 'happy'},2,4,7")
    (tmp_path / "clips.csv").write_text("\n".join([HEADER, *rows]) + "\n", encoding="utf-8")
    return tmp_path


def found(report: CheckReport) -> dict[str, Finding]:
    return {finding.code: finding for finding in report.findings}


def copy(root: Path, one: str, other: str) -> None:
    shutil.copyfile(root / "frames" / one, root / "frames" / other)


def test_a_healthy_corpus_is_counted(root):
    report = check("clip-table", root)
    assert report.healthy
    assert report.findings == ()
    assert (report.clips, report.subjects, report.recordings) == (4, 2, 4)
    assert report.emotions == {"happy": 3, "sad": 1}
    assert report.subject_emotions == {"clip-table/A": {"happy": 2}, "clip-table/B": {"happy": 1, "sad": 1}}
    assert (report.kinds, report.apexes) == ({"micro": 4}, {"coder": 4})
    assert (report.sampled, report.hashed, report.decoded) == (12, 12, 12)


def test_the_same_picture_under_two_subjects_is_an_error(root):
    copy(root, "A1/004.png", "B1/002.png")
    report = check("clip-table", root)
    assert not report.healthy
    finding = found(report)["DS049"]
    assert finding.severity == "error"
    (line,) = finding.evidence
    assert "clip-table/A/frames/A1" in line
    assert "clip-table/B/frames/B1" in line
    assert "frames/A1/004.png and frames/B1/002.png" in line


def test_the_same_picture_under_two_clips_of_one_subject_is_a_caution(root):
    for frame in ("002", "004", "007"):
        copy(root, f"A1/{frame}.png", f"A2/{frame}.png")
    report = check("clip-table", root)
    assert report.healthy
    (line,) = found(report)["DS015"].evidence
    assert "3 pictures alike" in line


def test_a_face_that_rests_is_no_duplicate(root):
    copy(root, "A1/002.png", "A1/004.png")
    assert check("clip-table", root).findings == ()


def test_a_copy_outside_onset_apex_and_offset_is_found_only_by_a_thorough_check(root):
    copy(root, "A1/000.png", "B2/009.png")
    assert check("clip-table", root).findings == ()
    report = check("clip-table", root, thorough=True)
    assert set(found(report)) == {"DS049"}
    assert report.hashed == 40


def test_one_recording_under_two_subjects_is_an_error(root):
    table = root / "clips.csv"
    table.write_text(table.read_text() + "frames/A1,C,happy,0,1,2\n")
    (line,) = found(check("clip-table", root))["DS049"].evidence
    assert line == "frames/A1 is of clip-table/A, clip-table/C"


def test_a_film_under_two_names_is_found(root, tmp_path):
    from micromask.recordings import write_film

    frames = [np.full((32, 32, 3), 10 * n, np.uint8) for n in range(8)]
    write_film(root / "a.mp4", frames, 25)
    shutil.copyfile(root / "a.mp4", root / "b.mp4")
    (root / "clips.csv").write_text(f"{HEADER}\na.mp4,A,sad,1,2,3\nb.mp4,B,sad,1,2,3\n")
    report = check("clip-table", root)
    assert found(report)["DS049"].evidence[0].endswith("the same film a.mp4 and b.mp4")
    assert (report.hashed, report.decoded) == (2, 6)


@pytest.mark.parametrize("content", [b"", b"no picture at all"], ids=["empty", "text"])
def test_a_picture_that_cannot_be_read_is_named(root, content):
    (root / "frames" / "B2" / "007.png").write_bytes(content)
    report = check("clip-table", root)
    assert not report.healthy
    (line,) = found(report)["DS016"].evidence
    assert "clip-table/B/frames/B2" in line
    assert "007.png" in line


def test_two_empty_files_are_unreadable_and_not_alike(root):
    for name in ("A1", "B2"):
        (root / "frames" / name / "004.png").write_bytes(b"")
    report = check("clip-table", root)
    assert set(found(report)) == {"DS016"}
    assert len(found(report)["DS016"].evidence) == 2


def test_rows_that_cannot_be_right_are_in_the_report_with_their_number(root):
    table = root / "clips.csv"
    table.write_text(f"{table.read_text()}frames/A1,A,sad,5,4,7\nframes/A2,A,sad,7,,3\nframes/B1,B,sad,1,2,99\n")
    codes = found(check("clip-table", root))
    assert "row 6" in codes["DS006"].evidence[0]
    assert "row 7" in codes["DS005"].evidence[0]
    assert "row 8" in codes["DS007"].evidence[0]


def test_a_corpus_of_refused_rows_only_is_not_healthy(root):
    (root / "clips.csv").write_text(f"{HEADER}\nframes/A1,,sad,1,2,3\n")
    report = check("clip-table", root)
    assert set(found(report)) == {"DS011", "DS050"}
    assert report.emotions == {}


def test_at_most_so_many_samples_are_decoded_evenly_and_all_if_thorough(root, monkeypatch):
    monkeypatch.setattr(check_module, "MOST_DECODED", 5)
    report = check("clip-table", root)
    assert (report.sampled, report.hashed, report.decoded) == (12, 12, 4)
    assert check("clip-table", root, thorough=True).decoded == 12


def test_evidence_is_bounded(root, monkeypatch):
    monkeypatch.setattr(check_module, "MOST_LINES", 3)
    for name in ("A1", "A2", "B1", "B2"):
        for frame in ("002", "004"):
            (root / "frames" / name / f"{frame}.png").write_bytes(b"")
    evidence = found(check("clip-table", root))["DS016"].evidence
    assert len(evidence) == 4
    assert evidence[-1] == "and 5 more"


def test_progress_counts_every_picture(root):
    from micromask.datasets import open_corpus

    corpus, seen = open_corpus("clip-table", root), []
    check_corpus(corpus, thorough=True, progress=seen.append)
    assert seen == list(range(1, count_pictures(corpus, thorough=True) + 1))
    assert len(seen) == 40


def test_applied_corrections_are_listed_and_can_be_left_out(tmp_path, corpora):
    root = corpora("samm").build(tmp_path, mistakes=True)
    mended = check("samm", root)
    assert any("013_1_9" in line for line in mended.corrections)
    assert found(mended)["DS001"].evidence == mended.corrections
    assert check("samm", root, corrections=False).corrections == ()


def test_the_report_as_json_has_every_finding_whole(root):
    copy(root, "A1/004.png", "B1/002.png")
    document = report_document(check("clip-table", root))
    assert (document["clips"], document["subjects"], document["healthy"]) == (4, 2, False)
    assert document["emotions"] == {"happy": 3, "sad": 1}
    (finding,) = document["findings"]
    assert finding["code"] == "DS049"
    assert finding["title"] == "the same picture stands under two subjects"
    assert len(finding["evidence"]) == 1


def test_the_memory_of_a_hash_is_24_bytes():
    prints, rng = Prints(), np.random.default_rng(0)
    for number in range(1000):
        prints.add(rng.bytes(16), number, 0)
    assert len(prints._digests) + len(prints._owners) * prints._owners.itemsize == 24_000
    assert list(prints.alike()) == []


def test_hashes_that_are_alike_come_with_all_their_owners_in_order():
    prints = Prints()
    for number, letter in enumerate("abcab a".replace(" ", "")):
        prints.add(letter.encode() * 16, number, 7)
    assert [owners.tolist() for owners in prints.alike()] == [[[0, 7], [3, 7], [5, 7]], [[1, 7], [4, 7]]]


def test_no_hash_at_all_is_no_error():
    assert list(Prints().alike()) == []


def test_a_wrong_root_is_no_report_but_an_error(tmp_path):
    with pytest.raises(BadInputError, match="no annotation sheet"):
        check("clip-table", tmp_path)
