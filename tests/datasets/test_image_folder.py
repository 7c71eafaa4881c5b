from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from micromask.core.errors import BadInputError
from micromask.datasets import label_clips, load, open_corpus


@pytest.fixture
def root(tmp_path: Path, corpora: Callable[[str], ModuleType]) -> Path:
    return corpora("image_folder").build(tmp_path)


def test_each_image_is_a_clip_of_one_frame_labelled_by_its_folder_in_natural_order(root):
    clips = load("image-folder", root, subject_pattern=r"^(S\d+)_")
    assert [clip.id for clip in clips[:4]] == [f"anger/{name}" for name in ("S01_2.png", "S01_10.png")] + [
        "anger/S02_1.JPG",
        "anger/S02_2.png",
    ]
    first = clips[0]
    assert first.recording.path == root / "anger" / "S01_2.png"
    assert (first.recording.n_frames, first.recording.size) == (1, None)
    assert (first.annotation.onset, first.annotation.apex, first.annotation.offset) == (0, 0, 0)
    assert (first.annotation.emotion, first.annotation.apex_from) == ("anger", "image")
    assert {str(clip.subject) for clip in clips} == {"image-folder/S01", "image-folder/S02"}


def test_a_named_group_is_the_subject_whatever_groups_stand_before_it(root):
    clips = load("image-folder", root, subject_pattern=r"(S)(?P<subject>\d+)", dataset="mine")
    assert {str(clip.subject) for clip in clips} == {"mine/01", "mine/02"}


def test_other_named_groups_are_attributes_of_the_clip_and_never_the_subject_beside_one_without_a_name(root):
    (root / "anger" / "S03_.png").write_bytes((root / "anger" / "S01_2.png").read_bytes())
    clips = load("image-folder", root, subject_pattern=r"^(?P<session>S)(\d+)_(?P<take>\d+)?")
    assert {clip.subject.name for clip in clips} == {"01", "02", "03"}
    assert clips[0].attributes == {"session": "S", "take": "2"}
    assert [clip.attributes for clip in clips if clip.subject.name == "03"] == [{"session": "S"}]
    assert load("image-folder", root)[0].attributes == {}


def test_without_a_pattern_nobody_is_known_and_the_finding_says_so(root):
    found = open_corpus("image-folder", root)
    assert {clip.subject.name for clip in found.clips} == {"unknown"}
    assert [(each.code, each.severity) for each in found.findings] == [("DS018", "caution")]
    assert "12 images" in found.findings[0].evidence[0]


def test_a_folder_named_after_a_pair_holds_masked_expressions(root):
    clips = [clip for clip in load("image-folder", root) if clip.annotation.kind == "masked"]
    assert {clip.annotation.emotion for clip in clips} == {"happy_but_sad"}
    assert {(clip.annotation.shown_emotion, clip.annotation.felt_emotion) for clip in clips} == {("happy", "sad")}
    assert set(label_clips(clips, "masked-pair").values()) == {"happy_but_sad"}


def test_the_other_images_are_of_the_kind_that_was_said(root):
    assert {clip.annotation.kind for clip in load("image-folder", root, kind="micro")} == {"micro", "masked"}
    with pytest.raises(BadInputError, match="kind is macro or micro, got 'nano'"):
        load("image-folder", root, kind="nano")


def test_files_that_tell_no_subject_are_refused_by_name_and_counted_beyond_twenty(root):
    for number in range(23):
        shutil.copy(root / "anger" / "S01_2.png", root / "anger" / f"z{number}.png")
    found = open_corpus("image-folder", root, subject_pattern=r"^(S\d+)_")
    refused = next(each for each in found.findings if each.code == "DS019")
    assert len(found.clips) == 12
    assert refused.severity == "error"
    assert refused.evidence[0].startswith("anger/z0.png:")
    assert refused.evidence[-1] == "and 3 more files"
    with pytest.raises(BadInputError, match=r"anger/z0\.png: subject_pattern"):
        load("image-folder", root, subject_pattern=r"^(S\d+)_")
    assert len(load("image-folder", root, subject_pattern=r"^(S\d+)_", strict=False)) == 12


def test_images_deeper_down_are_found_and_the_pattern_sees_their_folder(root):
    (root / "fear" / "Zoë").mkdir(parents=True)
    shutil.copy(root / "anger" / "S01_2.png", root / "fear" / "Zoë" / "1.PNG")
    shutil.copy(root / "anger" / "S01_2.png", root / "fear" / ".hidden.png")
    clips = load("image-folder", root, subject_pattern=r"^([^/_]+)[/_]")
    fear = [clip for clip in clips if clip.annotation.emotion == "fear"]
    assert [(clip.id, clip.subject.name) for clip in fear] == [("fear/Zoë/1.PNG", "Zoë")]


def test_a_folder_that_links_to_itself_is_not_walked_forever(root):
    (root / "anger" / "round").symlink_to(root / "anger")
    assert len(load("image-folder", root)) == 12


@pytest.mark.parametrize(
    ("pattern", "message"),
    [("(", "is no regular expression"), ("S[0-9]+", "has no group; put the subject in brackets")],
)
def test_a_pattern_that_cannot_name_a_subject_is_refused(root, pattern, message):
    with pytest.raises(BadInputError, match=message):
        load("image-folder", root, subject_pattern=pattern)


def test_a_root_one_level_too_low_names_the_level_above(root):
    with pytest.raises(BadInputError, match=r"anger is one level too low: .*; give .*faces,"):
        load("image-folder", root / "anger")


def test_a_root_of_train_and_test_folders_is_one_level_too_high(root, tmp_path):
    shutil.copytree(root, tmp_path / "fer" / "train")
    shutil.copytree(root, tmp_path / "fer" / "test")
    with pytest.raises(BadInputError, match="one level too high: its folders are test, train, not emotions"):
        load("image-folder", tmp_path / "fer")


def test_a_folder_without_images_and_a_file_are_refused(tmp_path):
    (tmp_path / "empty" / "anger").mkdir(parents=True)
    (tmp_path / "file").touch()
    with pytest.raises(BadInputError, match="holds no folder with images"):
        load("image-folder", tmp_path / "empty")
    with pytest.raises(BadInputError, match="is a file; give the folder"):
        load("image-folder", tmp_path / "file")
    with pytest.raises(BadInputError, match="no such folder"):
        load("image-folder", tmp_path / "nowhere")


def test_an_option_that_it_does_not_have_is_refused(root):
    with pytest.raises(BadInputError, match="image-folder has no option 'subjects'; it has: subject_pattern"):
        load("image-folder", root, subjects=".*")


def test_no_image_is_opened(root, monkeypatch):
    def fail(*_args, **_more):
        raise AssertionError("an image was opened")

    for name in ("cv2.imread", "PIL.Image.open", "av.open"):
        monkeypatch.setattr(name, fail)
    assert len(load("image-folder", root)) == 12
