"""Folders of numbered frames: numbers become frames, gaps keep their length, strays are named."""

from __future__ import annotations

import numpy as np
import pytest

from micromask.core.types import SubjectId
from micromask.datasets.frames import folder_recording, frame_folder
from micromask.recordings.images import list_images


def folder_of(place, names):
    place.mkdir()
    for name in names:
        (place / name).touch()
    return frame_folder(place)


@pytest.mark.parametrize(
    "names",
    [
        pytest.param(["img9.jpg", "img10.jpg", "img100.jpg"], id="unpadded"),
        pytest.param(["006_0009.jpg", "006_0010.jpg", "006_0100.jpg"], id="padded"),
        pytest.param(["7.PNG", "8.png", "20.Png"], id="endings in any case"),
        pytest.param(["EP01-099.jpg", "EP01-100.jpg", "EP01-1000.jpg"], id="padding that runs out"),
    ],
)
def test_frames_stand_in_the_order_in_which_a_recording_reads_them(tmp_path, names):
    folder = folder_of(tmp_path / "clip", names)
    assert folder.names == tuple(names)
    assert [path.name for path in list_images(tmp_path / "clip")] == names
    assert folder.strays == ()
    assert [folder.index(number) for number in folder.numbers] == [0, 1, 2]


@pytest.mark.parametrize(
    ("names", "strays"),
    [
        pytest.param(["img1.jpg", "img2.jpg", "cover.jpg"], ("cover.jpg",), id="no number"),
        pytest.param(["img1.jpg", "img01.jpg", "img2.jpg"], ("img1.jpg",), id="one number twice"),
        pytest.param(["a2.jpg", "b1.jpg"], ("a2.jpg", "b1.jpg"), id="names that sort otherwise"),
    ],
)
def test_pictures_that_put_numbers_and_frames_out_of_step_are_strays(tmp_path, names, strays):
    assert folder_of(tmp_path / "clip", names).strays == strays


def test_hidden_files_and_other_files_are_no_frames(tmp_path):
    folder = folder_of(tmp_path / "clip", ["img1.jpg", "img2.jpg", "._img1.jpg", "Thumbs.db", "notes3.txt"])
    assert (folder.numbers, folder.strays) == ((1, 2), ())


def test_a_folder_without_frames_is_none(tmp_path):
    assert folder_of(tmp_path / "clip", ["notes.txt"]) is None
    assert frame_folder(tmp_path / "nowhere") is None


def test_a_gap_in_the_numbers_is_as_long_in_time_as_it_was(tmp_path):
    steady = folder_recording(folder_of(tmp_path / "one", ["f5.jpg", "f6.jpg"]), SubjectId("x", "1"), "one", 200, "-")
    assert steady.times is None
    gap = folder_recording(
        folder_of(tmp_path / "two", ["f5.jpg", "f6.jpg", "f16.jpg"]), SubjectId("x", "1"), "two", 200, "-"
    )
    np.testing.assert_allclose(gap.times, [0, 0.005, 0.055])
