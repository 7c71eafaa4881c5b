from __future__ import annotations

import csv
import os
import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import cv2
import numpy as np
import pytest

from micromask.core.errors import BadInputError
from micromask.datasets import label_clips, load, open_corpus


@pytest.fixture
def root(tmp_path: Path, corpora: Callable[[str], ModuleType]) -> Path:
    return corpora("flow_folder").build(tmp_path)


def codes(root: Path) -> list[tuple[str, str]]:
    return [(each.code, each.severity) for each in open_corpus("flow-folder", root).findings]


def test_each_map_is_one_clip_though_it_stands_in_every_fold(root):
    assert len(list(root.rglob("*.png"))) == 15
    clips = load("flow-folder", root)
    assert Counter(clip.subject.name for clip in clips) == {"sub91": 2, "s91": 2, "906": 1}
    emotions = {clip.id: clip.annotation.emotion for clip in clips}
    assert emotions == {
        "sub91/sub91_EP91_01f": "negative",
        "sub91/sub91_EP91_02": "positive",
        "s91/s91_s91_ne_91": "negative",
        "s91/s91_s91_sur_91": "surprise",
        "906/906_906_1_1": "surprise",
    }
    assert label_clips(clips, "megc-3") == emotions
    assert open_corpus("flow-folder", root).findings == ()


def test_a_clip_is_the_map_in_its_subjects_test_folder(root):
    clip = next(clip for clip in load("flow-folder", root) if clip.id == "sub91/sub91_EP91_02")
    path = root / "sub91" / "u_test" / "1" / "sub91_EP91_02.png"
    assert clip.motion is not None
    assert (clip.motion.path, clip.recording.path) == (path, path)
    assert (clip.recording.n_frames, clip.recording.fps, clip.recording.size) == (1, 1.0, None)
    annotation = clip.annotation
    assert (annotation.onset, annotation.apex, annotation.offset, annotation.apex_from) == (0, 0, 0, "image")


def test_the_corpus_of_a_subject_is_told_by_its_folder_if_asked_for(root):
    subjects = {str(clip.subject) for clip in load("flow-folder", root, dataset="megc2019")}
    assert subjects == {"casme2/sub91", "smic/s91", "samm/906"}
    assert {clip.subject.dataset for clip in load("flow-folder", root)} == {"flow-folder"}


def test_other_label_folders_keep_their_names(root):
    for fold in root.iterdir():
        for side in ("u_train", "u_test"):
            if (fold / side / "2").is_dir():
                (fold / side / "2").rename(fold / side / "contempt")
    emotions = {clip.annotation.emotion for clip in load("flow-folder", root)}
    assert emotions == {"negative", "positive", "contempt"}


def test_copies_under_two_labels_are_refused_and_both_are_named(root):
    (root / "s91" / "u_train" / "2" / "sub91_EP91_01f.png").write_bytes(b"whatever")
    with pytest.raises(BadInputError, match=r"sub91/u_test/0/sub91_EP91_01f.png but also s91/u_train/2/"):
        load("flow-folder", root)
    assert codes(root) == [("DS020", "error")]
    assert len(load("flow-folder", root, strict=False)) == 4


def test_a_copy_of_other_content_is_a_caution_whether_its_size_differs_or_not(root):
    own = root / "sub91" / "u_test" / "0" / "sub91_EP91_01f.png"
    copy = root / "s91" / "u_train" / "0" / "sub91_EP91_01f.png"
    other = bytearray(own.read_bytes())
    other[-20] ^= 1
    for content in (bytes(other), bytes(other) + b"more"):
        copy.write_bytes(content)
        assert codes(root) == [("DS021", "caution")]
    assert len(load("flow-folder", root)) == 5


def test_a_subjects_own_map_among_its_training_maps_is_a_leak(root):
    own = root / "906" / "u_test" / "2" / "906_906_1_1.png"
    (root / "906" / "u_train" / "2").mkdir(parents=True, exist_ok=True)
    shutil.copy(own, root / "906" / "u_train" / "2" / own.name)
    assert codes(root) == [("DS022", "leak")]
    assert len(load("flow-folder", root)) == 5


def test_a_map_that_nobody_is_tested_on_has_no_subject_and_is_refused(root):
    shutil.rmtree(root / "906" / "u_test" / "2")
    (root / "906" / "u_test" / "0").mkdir()
    found = open_corpus("flow-folder", root)
    assert [(each.code, each.severity) for each in found.findings] == [("DS019", "error")]
    assert "stands in 2 training folders" in found.findings[0].evidence[0]
    assert len(found.clips) == 4


def test_one_map_under_two_tested_subjects_is_refused(root):
    place = root / "906" / "u_test" / "0"
    place.mkdir()
    shutil.copy(root / "sub91" / "u_test" / "0" / "sub91_EP91_01f.png", place)
    (root / "906" / "u_train" / "0" / "sub91_EP91_01f.png").unlink()
    assert codes(root) == [("DS019", "error")]


def test_maps_of_one_name_are_told_apart_by_their_content(root):
    rng = np.random.default_rng(9)
    for subject in ("sub91", "906"):
        place = root / subject / "u_test" / "0"
        place.mkdir(exist_ok=True)
        cv2.imwrite(str(place / "clip1.png"), rng.integers(0, 255, (28, 28, 3), dtype=np.uint8))
    shutil.copy(root / "906" / "u_test" / "0" / "clip1.png", root / "sub91" / "u_train" / "0")
    shutil.copy(root / "906" / "u_test" / "0" / "clip1.png", root / "s91" / "u_train" / "0")
    found = open_corpus("flow-folder", root)
    assert found.findings == ()
    assert {clip.id for clip in found.clips} >= {"sub91/clip1", "906/clip1"}
    (root / "s91" / "u_train" / "0" / "clip1.png").write_bytes(b"neither")
    assert codes(root) == [("DS021", "caution")]


def test_folds_without_training_copies_are_another_release(root):
    assert open_corpus("flow-folder", root).release == "3 folds, maps copied into every fold"
    for fold in root.iterdir():
        shutil.rmtree(fold / "u_train")
    assert open_corpus("flow-folder", root).release == "3 folds, test maps only"


def test_a_root_one_level_too_low_or_too_high_says_which(root):
    with pytest.raises(BadInputError, match="one level too low: it is one subject's folder; give"):
        load("flow-folder", root / "sub91")
    with pytest.raises(BadInputError, match=r"one level too high; give .*three_norm"):
        load("flow-folder", root.parent)


def test_a_folder_of_another_layout_a_file_and_empty_folds_are_refused(tmp_path):
    (tmp_path / "other" / "anger").mkdir(parents=True)
    (tmp_path / "empty" / "s1" / "u_test" / "0").mkdir(parents=True)
    (tmp_path / "file").touch()
    for name, message in (("other", "holds no <subject>/u_test"), ("empty", "no images"), ("file", "is a file")):
        with pytest.raises(BadInputError, match=message):
            load("flow-folder", tmp_path / name)


def test_no_map_is_decoded(root, monkeypatch):
    def fail(*_args, **_more):
        raise AssertionError("an image was opened")

    for name in ("cv2.imread", "PIL.Image.open", "av.open"):
        monkeypatch.setattr(name, fail)
    assert len(load("flow-folder", root)) == 5


@pytest.mark.shared
@pytest.mark.parametrize("link", [os.link, os.symlink, shutil.copy])
def test_the_layout_of_ststnet_over_all_held_out_subjects_gives_each_map_once(shared, tmp_path, link):
    maps = shared / "data" / "megc-flow"
    rows = list(csv.DictReader((maps / "manifest.csv").read_text("utf-8").splitlines()))
    labels = {"negative": "0", "positive": "1", "surprise": "2"}
    near = tmp_path / "maps"  # links need one file system
    shutil.copytree(maps / "maps", near)
    subjects = sorted({row["subject"] for row in rows})
    for subject in subjects:
        for row in rows:
            side = "u_test" if row["subject"] == subject else "u_train"
            place = tmp_path / "layout" / subject / side / labels[row["emotion"]]
            place.mkdir(parents=True, exist_ok=True)
            source = near / Path(row["file"]).name
            link(source, place / f"{source.stem}{' ' if row['clip'].endswith('f') else ''}.png")
    found = open_corpus("flow-folder", tmp_path / "layout", dataset="megc2019")
    assert len(subjects) == 40
    assert len(found.clips) == 309
    assert len({clip.subject for clip in found.clips}) == 40
    assert found.findings == ()
    assert Counter(clip.annotation.emotion for clip in found.clips) == {"negative": 158, "positive": 83, "surprise": 68}
    told = {(row["dataset"], row["subject"], row["emotion"], Path(row["file"]).stem) for row in rows}
    read = {(c.subject.dataset, c.subject.name, c.annotation.emotion, c.id.split("/")[1]) for c in found.clips}
    assert read == told
