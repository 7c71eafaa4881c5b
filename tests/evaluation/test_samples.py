from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from micromask.core.clips import Annotation, Clip, MotionFile, Source
from micromask.core.errors import BadInputError
from micromask.core.types import Recording, SubjectId
from micromask.evaluation.samples import frame_samples, join_clips, left_out, samples_of

SHEET = Source(Path("clips.csv"), 2)


def clip(name, emotion="happiness", person="01", dataset="lab", film=None, frames=(10, 50, 90), fps=100.0, **more):
    onset, apex, offset = frames
    path = Path(film or f"{name}.mp4")
    recording = Recording(
        name, path, fps, 200, (8, 8), subject=SubjectId(dataset, person), times=more.pop("times", None)
    )
    annotation = Annotation(
        onset, apex, offset, emotion, "micro", SHEET, apex_from=None if apex is None else more.pop("apex_from", "coder")
    )
    return Clip(name, recording, annotation, **more)


def test_a_sample_says_what_the_clip_is_in_the_clips_order():
    clips = [clip("b", "Happy", attributes={"gender": "male"}), clip("a", "fear", "02", apex_from="midpoint")]
    first, second = samples_of(clips, "basic-7")
    assert (first.id, first.clip, first.subject, first.recording) == ("b", "b", SubjectId("lab", "01"), "b")
    assert (first.label, first.frame) == ("happiness", None)
    assert first.attributes == {"gender": "male", "corpus": "lab", "kind": "micro", "apex_from": "coder"}
    assert (second.label, second.attributes["apex_from"]) == ("fear", "midpoint")
    assert "gender" not in second.attributes


def test_a_clip_without_an_apex_says_nothing_of_one():
    assert "apex_from" not in samples_of([clip("a", frames=(1, None, 3))], "own")[0].attributes


def test_clips_of_one_film_share_its_recording_whatever_they_are_called():
    samples = samples_of([clip("a", film="day1.mp4"), clip("b", film="day1.mp4"), clip("c")], "own")
    assert [each.recording for each in samples] == ["a", "a", "c"]


def test_a_film_keeps_its_name_when_its_first_clip_has_no_label():
    samples = samples_of([clip("a", "tense", film="f.mp4"), clip("b", film="f.mp4")], "basic-7")
    assert [(each.id, each.recording) for each in samples] == [("b", "a")]


def test_what_the_label_set_leaves_out_is_counted_by_raw_label():
    clips = [clip("a"), clip("b", "Tense"), clip("c", "Tense"), clip("d", ""), clip("e", "awe")]
    assert [each.id for each in samples_of(clips, "basic-7")] == ["a"]
    assert left_out(clips, "basic-7") == {"Tense": 2, "(nothing)": 1, "awe": 1}
    assert list(left_out(clips, "basic-7")) == ["Tense", "(nothing)", "awe"]
    assert left_out(clips[:1], "basic-7") == {}


@pytest.mark.parametrize("make", [samples_of, left_out])
def test_a_misspelt_label_set_is_answered_with_the_nearest(make):
    with pytest.raises(BadInputError, match="no label set 'basic7'; did you mean 'basic-7'"):
        make([clip("a")], "basic7")


def test_a_label_set_that_leaves_out_everything_and_two_clips_of_one_name_are_refused():
    with pytest.raises(BadInputError, match="leaves out all 1 clips"):
        samples_of([clip("a", "tense")], "basic-7")
    with pytest.raises(BadInputError, match=r"two clips are called a \(lab/01 and lab/02\); .*join_clips"):
        samples_of([clip("a"), clip("a", person="02")], "own")


def test_joined_data_sets_keep_their_clips_names_and_tell_apart_those_that_both_have():
    joined = join_clips([[clip("a", dataset="one"), clip("b", dataset="one")], [clip("a", dataset="two")]])
    assert [each.id for each in joined] == ["one/a", "b", "two/a"]
    assert [each.clip for each in samples_of(joined, "own")] == ["one/a", "b", "two/a"]
    with pytest.raises(BadInputError, match="two clips are called one/a"):
        join_clips([[clip("a", dataset="one")], [clip("a", dataset="one")]])


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"frames": 5}, [10, 30, 50, 70, 90]),
        ({"frames": 1}, [50]),
        ({"frames": 7, "pick": "around-apex"}, [20, 30, 40, 50, 60, 70, 80]),
        ({"frames": 99, "pick": "around-apex"}, [10, 20, 30, 40, 50, 60, 70, 80, 90]),
        ({"frames": 3, "pick": "around-apex", "rate": 50}, [48, 50, 52]),
        ({"pick": "per-second", "rate": 5}, [10, 30, 50, 70, 90]),
        ({"pick": "all"}, list(range(10, 91))),
    ],
)
def test_frames_lie_from_onset_to_offset_and_each_is_a_sample(more, expected):
    samples = frame_samples([clip("a")], "own", **more)
    assert [each.frame for each in samples] == expected
    assert [each.id for each in samples] == [f"a#{frame}" for frame in expected]
    assert {(each.clip, each.recording, each.label, str(each.subject)) for each in samples} == {
        ("a", "a", "happiness", "lab/01")
    }


def test_frames_per_second_go_by_the_films_own_clock():
    clock = np.concatenate([np.arange(100) / 100, 1 + np.arange(100) / 20])
    samples = frame_samples([clip("a", frames=(80, 90, 119), times=clock)], "own", "per-second", rate=10)
    assert [each.frame for each in samples] == [80, 90, 100, 102, 104, 106, 108, 110, 112, 114, 116, 118]


def test_a_short_clip_gives_each_of_its_frames_once():
    assert [each.id for each in frame_samples([clip("a", frames=(3, 3, 4))], "own", frames=9)] == ["a#3", "a#4"]
    assert [each.id for each in frame_samples([clip("a", frames=(0, 0, 0))], "own")] == ["a#0"]


def test_clips_without_a_label_give_no_frames():
    assert {each.clip for each in frame_samples([clip("a"), clip("b", "tense")], "basic-7")} == {"a"}


@pytest.mark.parametrize(
    ("given", "more", "message"),
    [
        ({"motion": MotionFile(Path("a.png"))}, {}, "a: is a motion map and has no frames"),
        ({"frames": (1, None, 3)}, {"pick": "around-apex"}, "a: has no apex; load it with missing_apex='midpoint'"),
        ({}, {"pick": "evenli"}, "no way to pick frames 'evenli'; did you mean 'evenly'"),
        ({}, {"frames": 0}, "one frame a clip or more, and a rate above 0, got 0 and 10"),
        ({}, {"rate": -1}, "got 8 and -1"),
    ],
)
def test_frames_that_cannot_be_picked_are_refused(given, more, message):
    with pytest.raises(BadInputError, match=message):
        frame_samples([clip("a", **given)], "own", **more)


def test_a_sample_can_be_kept_in_a_set_though_its_attributes_are_a_mapping():
    (one,) = samples_of([clip("a")], "own")
    assert len({one, replace(one), replace(one, id="b")}) == 2
