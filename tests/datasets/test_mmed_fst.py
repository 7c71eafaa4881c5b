from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from micromask.core.errors import BadInputError
from micromask.datasets import label_clips, load, open_corpus
from micromask.datasets.mmed_fst import participants
from micromask.recordings import read


@pytest.fixture
def root(tmp_path: Path, corpora: Callable[[str], ModuleType]) -> Path:
    return corpora("mmed_fst").build(tmp_path)


def add(root: Path, line: str, name: str = "frames.csv") -> Path:
    with (root / name).open("a", encoding="utf-8") as table:
        table.write(line + "\n")
    return root


def test_a_frame_with_two_labels_is_two_clips_of_one_recording(root):
    clips = {clip.id: clip for clip in load("mmed-fst", root)}
    assert len(clips) == 7
    micro, masked = clips["P91/questionnaire/31/micro"], clips["P91/questionnaire/31/masked"]
    assert micro.recording is masked.recording
    assert (micro.annotation.emotion, micro.annotation.kind) == ("contempt", "micro")
    annotation = masked.annotation
    assert (annotation.emotion, annotation.kind) == ("happy_but_angry", "masked")
    assert (annotation.shown_emotion, annotation.felt_emotion, annotation.intended_emotion) == (
        "happy",
        "angry",
        "anger",
    )
    assert (annotation.action_units, annotation.apex_from) == ("4+12", "image")
    assert str(masked.subject) == "mmed-fst/P91"


def test_a_clip_says_whose_gender_and_which_stimulus_it_is_of(root):
    told = {(clip.subject.name, *clip.attributes.values()) for clip in load("mmed-fst", root)}
    assert told == {
        ("P91", "female", "questionnaire"),
        ("P91", "female", "images"),
        ("P92", "male", "questionnaire"),
        ("P92", "male", "images"),
    }
    assert set(load("mmed-fst", root)[0].attributes) == {"gender", "stimulus"}


def test_a_frames_number_is_its_time_in_half_seconds_also_where_only_some_were_kept(root):
    clips = {clip.id: clip for clip in load("mmed-fst", root)}
    clip = clips["P91/questionnaire/30/micro"]
    assert clip.annotation.onset == clip.annotation.apex == clip.annotation.offset == 1  # second of 29, 30, 31
    assert (clip.recording.fps, clip.recording.n_frames, clip.recording.times) == (2.0, 3, None)
    gap = clips["P92/images/6/micro"]
    assert gap.annotation.onset == 1
    assert gap.recording.times is not None
    np.testing.assert_allclose(gap.recording.times, [0.0, 1.0])


def test_a_study_of_another_interval_has_its_own_clock(root):
    table = (root / "frames.csv").read_text().splitlines()
    wider = [table[0] + ",frame_seconds", *(f"{line},{0.2 if 'questionnaire' in line else ''}" for line in table[1:])]
    (root / "frames.csv").write_text("\n".join(wider) + "\n")
    clips = {clip.id: clip for clip in load("mmed-fst", root)}
    assert clips["P91/questionnaire/30/micro"].recording.fps == pytest.approx(5.0)
    assert clips["P92/images/6/micro"].recording.fps == 2.0


@pytest.mark.parametrize("cell", ["0", "-1", "half", "inf", "nan"])
def test_an_interval_that_cannot_be_is_named(root, cell):
    table = (root / "frames.csv").read_text().splitlines()
    wider = [table[0] + ",frame_seconds", *(f"{line},{cell}" for line in table[1:])]
    (root / "frames.csv").write_text("\n".join(wider) + "\n")
    found = open_corpus("mmed-fst", root)
    assert not found.clips
    assert {each.code for each in found.findings} == {"DS011"}
    assert "row 2: frame_seconds is a number of seconds above 0 or empty" in found.findings[0].evidence[0]


def test_the_frame_that_a_clip_names_can_be_read(root):
    clip = next(clip for clip in load("mmed-fst", root) if clip.id == "P92/images/6/micro")
    onset = clip.annotation.onset
    (frame,) = read(clip.recording, start=onset, stop=onset + 1)
    assert frame.image.shape == (8, 8)
    assert frame.time == 1.0


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"stimulus": "questionnaire"}, ["30/micro", "31/micro", "31/masked", "5/micro"]),
        ({"stimulus": "images", "kind": "masked"}, ["4/masked"]),
        ({"kind": "masked"}, ["31/masked", "4/masked"]),
        ({"kind": "micro", "gender": "female"}, ["30/micro", "31/micro", "3/micro"]),
        ({"gender": "male", "stimulus": "images"}, ["4/masked", "6/micro"]),
    ],
)
def test_subsets_of_the_paper_are_options_and_what_they_leave_out_is_counted(root, asked, expected):
    found = open_corpus("mmed-fst", root, **asked)
    assert [clip.id.split("/", 2)[2] for clip in found.clips] == expected
    (note,) = found.findings
    assert (note.code, note.severity) == ("DS013", "note")


def test_the_five_classes_and_the_masked_pairs_are_label_sets(root):
    clips = load("mmed-fst", root)
    assert sorted(label_clips(clips, "five-class").values()) == ["anger", "contempt", "disgust", "happiness", "sadness"]
    assert sorted(label_clips(clips, "masked-pair").values()) == ["happy_but_angry", "happy_but_sad"]


def test_who_took_part_can_be_asked(root):
    people = participants(root)
    assert {name: (each.gender, each.age) for name, each in people.items()} == {
        "P91": ("female", 20),
        "P92": ("male", None),
    }


@pytest.mark.parametrize(
    ("line", "code", "message"),
    [
        ("P93,images,3,,,sad,,", "DS011", "participant 'P93' is not in participants.csv"),
        ("P91,film,3,,,sad,,", "DS011", "stimulus is questionnaire or images, got 'film'"),
        ("P91,images,99,,,sad,,", "DS007", "no picture of frame '99' in frames/P91/images"),
        ("P91,images,x,,,sad,,", "DS011", "no picture of frame 'x'"),
        ("P91,images,2,,,,,", "DS011", "neither micro_emotion nor masked_expression"),
        ("P91,images,2,,,,happy,", "DS011", "'happy' is no pair such as happy_but_sad"),
        ("P91,images,3,,,sad,,", "DS017", "P91/images/3/micro stands twice"),
        ("P91,images,2,,,tired,,", "DS025", "micro_emotion 'tired'; known: anger"),
        ("P91,images,2,,,,angry_but_sad,", "DS025", "known: happy_but_sad, happy_but_angry"),
    ],
)
def test_a_row_that_cannot_be_right_is_named(root, line, code, message):
    found = open_corpus("mmed-fst", add(root, line))
    assert [each.code for each in found.findings] == [code]
    assert found.findings[0].evidence[0].startswith("frames.csv, row 8: ")
    assert message in found.findings[0].evidence[0]
    assert len(found.clips) == (8 if code == "DS025" else 7)


def test_a_session_without_pictures_is_named(root):
    add(root, "P93,female,", "participants.csv")
    found = open_corpus("mmed-fst", add(root, "P93,images,1,,,sad,,"))
    assert [(each.code, each.evidence) for each in found.findings] == [
        ("DS008", ("frames.csv, row 8: no pictures in frames/P93/images",))
    ]


def test_a_picture_that_puts_frames_and_numbers_out_of_step_is_named(root):
    (root / "frames" / "P92" / "images" / "cover.png").write_bytes(b"")
    found = open_corpus("mmed-fst", root)
    assert [(each.code, each.evidence[0]) for each in found.findings] == [
        ("DS040", "frames.csv, row 6: frames/P92/images holds cover.png; take it out")
    ]
    assert len(found.clips) == 5


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("P91,male,", "row 4: participant 'P91' is twice"),
        (",male,", "row 4: participant '' is not named"),
        ("P93,f,", "row 4: gender is female or male, got 'f'"),
        ("P93,female,young", "row 4: age is in whole years or empty, got 'young'"),
    ],
)
def test_a_table_of_people_that_cannot_be_right_is_refused_with_its_row(root, line, message):
    with pytest.raises(BadInputError, match=message):
        load("mmed-fst", add(root, line, "participants.csv"))


def test_a_missing_table_a_missing_column_and_a_wrong_level_say_what_is_wanted(root):
    with pytest.raises(BadInputError, match=r"one level too high; participants.csv lies in .*MMED-FST"):
        load("mmed-fst", root.parent)
    with pytest.raises(BadInputError, match="one level too low"):
        load("mmed-fst", root / "frames")
    (root / "frames.csv").write_text("participant,stimulus,frame,micro_emotion\nP91,images,3,sad\n", encoding="utf-8")
    with pytest.raises(BadInputError, match="lacks a column: masked_expression"):
        load("mmed-fst", root)
    (root / "frames.csv").unlink()
    with pytest.raises(BadInputError, match=r"no frames.csv in .*; wanted participants.csv, frames.csv"):
        load("mmed-fst", root)


def test_a_subset_that_does_not_exist_is_refused(root):
    with pytest.raises(BadInputError, match="gender is female or male, got 'women'"):
        load("mmed-fst", root, gender="women")


def test_no_image_is_opened(root, monkeypatch):
    def fail(*_args, **_more):
        raise AssertionError("an image was opened")

    for name in ("cv2.imread", "PIL.Image.open", "av.open"):
        monkeypatch.setattr(name, fail)
    assert len(load("mmed-fst", root)) == 7
