from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from micromask.core.errors import BadInputError
from micromask.core.types import Recording
from micromask.datasets import load, open_corpus
from micromask.recordings import write_film


@pytest.fixture
def root(tmp_path: Path, corpora: Callable[[str], ModuleType]) -> Path:
    return corpora("clip_table").build(tmp_path)


def table(root: Path, text: str) -> Path:
    (root / "clips.csv").write_text(text, encoding="utf-8")
    return root


def test_every_column_reaches_the_clip(root):
    clip = load("clip-table", root)[0]
    annotation = clip.annotation
    assert str(clip.subject) == "lab/A"
    assert (annotation.onset, annotation.apex, annotation.offset, annotation.apex_from) == (1, 3, 5, "coder")
    assert (annotation.emotion, annotation.kind, annotation.action_units) == ("happy", "micro", "12")
    assert annotation.intended_emotion == "amusement"
    assert (annotation.shown_emotion, annotation.felt_emotion) == (None, None)
    assert (clip.recording.fps, clip.recording.n_frames, clip.recording.size) == (100.0, 10, None)
    assert clip.recording.path == root / "frames" / "A one"
    assert str(annotation.source) == "clips.csv, row 2"


def test_frames_that_are_not_given_are_the_recordings_first_and_last_and_the_apex_is_estimated(root):
    found = open_corpus("clip-table", root)
    whole = next(clip for clip in found.clips if clip.subject.name == "B" and not clip.annotation.emotion)
    assert (whole.annotation.onset, whole.annotation.apex, whole.annotation.offset) == (0, 4, 9)
    assert whole.annotation.apex_from == "midpoint"
    assert [each.code for each in found.findings] == ["DS002"]
    assert len(load("clip-table", root, missing_apex="drop")) == 3


def test_gender_and_stimulus_are_attributes_where_the_table_has_them(root):
    rows = "path,subject,emotion,Sex,stimulus\nstills/C.JPG,C,sad,Female,images\nframes/D,D,sad,,\n"
    clips = load("clip-table", table(root, rows))
    assert [clip.attributes for clip in clips] == [{"gender": "female", "stimulus": "images"}, {}]


def test_two_rows_of_one_recording_are_two_clips(root):
    clips = [clip for clip in load("clip-table", root) if clip.subject.name == "A"]
    assert [clip.id for clip in clips] == ["lab/A/frames/A one@1", "lab/A/frames/A one@6"]


def test_a_single_image_is_one_frame_with_a_masked_expression(root):
    clip = load("clip-table", root)[-1]
    annotation = clip.annotation
    assert clip.recording.n_frames == 1
    assert (annotation.onset, annotation.apex, annotation.offset, annotation.apex_from) == (0, 0, 0, "image")
    assert (annotation.kind, annotation.shown_emotion, annotation.felt_emotion) == ("masked", "happy", "sad")


def test_a_film_is_opened_once_and_keeps_its_own_clock(root, monkeypatch):
    frames = [np.full((48, 64, 3), 20 * number, dtype=np.uint8) for number in range(10)]
    write_film(root / "é.MP4", frames, fps=25.0)
    table(root, "path,subject,emotion,onset,offset,fps\né.MP4,A,sad,2,6,99\né.MP4,A,sad,7,,\n")
    from micromask.datasets import clip_table

    asked: list[Path] = []

    def counting(path: Path) -> Recording:
        asked.append(path)
        return probe(path)

    probe = clip_table.probe
    monkeypatch.setattr("micromask.datasets.clip_table.probe", counting)
    clips = load("clip-table", root)
    assert len(asked) == 1
    assert [(clip.recording.n_frames, clip.recording.fps) for clip in clips] == [(10, 25.0), (10, 25.0)]
    assert [(clip.annotation.onset, clip.annotation.offset) for clip in clips] == [(2, 6), (7, 9)]


@pytest.mark.parametrize(("first", "expected"), [(0, (1, 3, 5)), (1, (0, 2, 4)), ("1", (0, 2, 4)), ("file", (0, 2, 4))])
def test_frames_count_as_the_table_counts(root, first, expected):
    table(root, "path,subject,emotion,onset,apex,offset\nframes/A one,A,sad,1,3.0,5\n")
    annotation = load("clip-table", root, first_frame=first)[0].annotation
    assert (annotation.onset, annotation.apex, annotation.offset) == expected


def test_numbers_in_file_names_are_found_where_the_folder_begins_late(root):
    for path in sorted((root / "frames" / "D").iterdir()):
        path.rename(path.with_name(f"{int(path.stem[3:]) + 500:05d}.PNG"))
    table(root, "path,subject,emotion,onset,apex,offset\nframes/D,A,sad,502,503,505\nstills/C.JPG,A,sad,1,,\n")
    found = open_corpus("clip-table", root, first_frame="file")
    assert [(c.annotation.onset, c.annotation.apex, c.annotation.offset) for c in found.clips] == [(1, 2, 4)]
    assert found.findings[0].evidence[0].startswith("clips.csv, row 3: first_frame 'file' needs a folder")


def test_counting_by_numbers_knows_how_long_a_gap_is_and_refuses_pictures_out_of_step(root):
    (root / "frames" / "D" / "img5.png").unlink()
    table(root, "path,subject,emotion,onset,offset,fps\nframes/D,A,sad,4,6,10\n")
    (clip,) = load("clip-table", root, first_frame="file")
    assert (clip.annotation.onset, clip.annotation.offset) == (3, 4)
    assert clip.recording.times is not None
    np.testing.assert_allclose(clip.recording.times[3:5], [0.3, 0.5])
    (root / "frames" / "A one" / "thumbnail.png").write_bytes(b"")
    table(root, "path,subject,emotion\nframes/A one,A,sad\n")
    found = open_corpus("clip-table", root, first_frame="file")
    assert [(each.code, each.evidence) for each in found.findings] == [
        ("DS040", ("clips.csv, row 2: frames/A one holds thumbnail.png; take it out",))
    ]


@pytest.mark.parametrize(
    ("row", "code", "message"),
    [
        ("frames/nowhere,A,sad,,,,", "DS008", "no film, folder or image frames/nowhere"),
        ("frames,A,sad,,,,", "DS008", "frames holds no frames"),
        ("clips.csv,A,sad,,,,", "DS011", "clips.csv"),
        (",A,sad,,,,", "DS011", "path is empty"),
        ("frames/D,,sad,,,,", "DS011", "subject is empty"),
        ("frames/D,A,sad,5,,3,", "DS005", "ends (offset 3) before it begins (onset 5)"),
        ("frames/D,A,sad,2,8,5,", "DS006", "apex 8 outside 2 to 5"),
        ("frames/D,A,sad,2,3,10,", "DS007", "offset 10 is not on the recording, whose frames are 0 to 9"),
        ("frames/D,A,sad,-1,3,5,", "DS007", "onset -1 is not on the recording"),
        ("frames/D,A,sad,two,3,5,", "DS011", "onset must be a frame number, got 'two'"),
        ("frames/D,A,sad,1.5,3,5,", "DS011", "onset must be a frame number, got '1.5'"),
        ("frames/D,A,sad,1,3,5,nano", "DS011", "kind is micro, macro, masked, got 'nano'"),
        ("stills/C.JPG,A,sad,1,1,1,", "DS007", "onset 1 is not on the recording, whose frames are 0 to 0"),
    ],
)
def test_a_row_that_cannot_be_right_is_refused_with_its_number(root, row, code, message):
    table(root, f"path,subject,emotion,onset,apex,offset,kind\nframes/A one,A,sad,1,2,3,\n{row}\n")
    found = open_corpus("clip-table", root)
    assert [each.code for each in found.findings] == [code]
    assert found.findings[0].evidence[0].startswith("clips.csv, row 3: ")
    assert message in found.findings[0].evidence[0]
    assert len(found.clips) == 1
    with pytest.raises(BadInputError, match=r"clip-table: clips.csv, row 3: "):
        load("clip-table", root)


def test_frames_per_second_that_are_none_are_refused_and_a_name_that_is_taken_too(root):
    table(root, "path,subject,emotion,fps,clip\nframes/D,A,sad,fast,x\nframes/D,A,sad,25,y\nframes/A one,A,sad,,y\n")
    found = open_corpus("clip-table", root)
    lines = {each.code: each.evidence for each in found.findings if each.severity == "error"}
    assert lines["DS011"] == ("clips.csv, row 2: fps must be a positive number, got 'fast'",)
    assert lines["DS017"] == ("clips.csv, row 4: clip-table/A/y stands twice",)
    assert [clip.id for clip in found.clips] == ["clip-table/A/y"]


def test_what_looks_like_nothing_is_kept_as_it_was_written(root):
    table(root, "path,subject,emotion\nframes/D,NA,None\nframes\\A one,null,NA\n")
    clips = load("clip-table", root)
    assert [(clip.subject.name, clip.annotation.emotion) for clip in clips] == [("NA", "None"), ("null", "NA")]


def test_a_table_that_lacks_a_needed_column_names_it(root):
    table(root, "path,person,emotion\nframes/D,A,sad\n")
    with pytest.raises(BadInputError, match=r"clips.csv lacks a column: subject; row 1 has: path, person, emotion"):
        load("clip-table", root)


def test_a_way_of_counting_that_it_does_not_know_is_refused(root):
    with pytest.raises(BadInputError, match="first_frame is 0, 1 or 'file', got 2"):
        load("clip-table", root, first_frame=2)


def test_no_image_is_opened(root, monkeypatch):
    def fail(*_args, **_more):
        raise AssertionError("an image was opened")

    for name in ("cv2.imread", "PIL.Image.open", "av.open"):
        monkeypatch.setattr(name, fail)
    assert len(load("clip-table", root)) == 5
