from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from micromask.core.clips import Annotation, Clip, MotionFile, Source
from micromask.core.errors import BadInputError
from micromask.core.types import Recording, SubjectId
from micromask.datasets.preparation import Preparation
from micromask.evaluation.material import class_counts, gather, stills
from micromask.models.inputs import Input, to_input
from micromask.recordings.write import write_images

WHOLE = Preparation(crop="whole", frames=2)
FRAME = Input("frame", 1, 16, 16)


@pytest.fixture
def clips(tmp_path):
    """Four clips of two people: six frames each whose grey is 40 * clip + frame; one map beside them."""
    made = []
    for number in range(4):
        folder = tmp_path / f"clip{number}"
        frames = [np.full((32, 24, 3), 40 * number + 10 + step, np.uint8) for step in range(6)]
        write_images(folder, frames)
        recording = Recording(f"r{number}", folder, 100.0, 6, (32, 24), SubjectId("toy", f"p{number // 2}"))
        emotion = ("happiness", "surprise")[number % 2]
        source = Source(tmp_path / "sheet.csv", number + 2)
        annotation = Annotation(1, 3, 5, emotion, "micro", source, apex_from="coder")
        made.append(Clip(f"c{number}", recording, annotation))
    return made


def greys(material):
    return material.pictures.reshape(len(material.pictures), -1)[:, 0].tolist()


def test_a_frame_model_gets_the_frames_of_each_clip_in_its_own_size_and_colour(clips):
    material = gather(clips, "own", FRAME, WHOLE)
    assert material.pictures.shape == (8, 16, 16)
    assert [sample.id for sample in material.samples[:3]] == ["c0#1", "c0#5", "c1#1"]
    assert greys(material) == [11, 15, 51, 55, 91, 95, 131, 135]
    assert material.labels == ("happiness", "surprise")
    assert material.codes.tolist() == [0, 0, 1, 1, 0, 0, 1, 1]
    assert to_input(material.pictures, FRAME).shape == (8, 1, 16, 16)
    assert stills(material, FRAME) is material.pictures
    colour = Input("frame", 3, 16, 20)
    assert gather(clips, "own", colour, WHOLE).pictures.shape == (8, 16, 20, 3)


def test_a_sequence_model_gets_onset_to_offset_in_its_own_number_of_frames(clips):
    given = Input("frames", 1, 16, 16, frames=9)
    material = gather(clips, "own", given, WHOLE)
    assert material.pictures.shape == (4, 9, 16, 16)
    assert material.pictures[1, [0, 4, 8], 0, 0].tolist() == [51, 53, 55]
    assert to_input(material.pictures, given).shape == (4, 1, 9, 16, 16)
    middle = stills(material, given)
    assert (middle.shape, middle[:, 0, 0].tolist()) == ((4, 16, 16), [13, 53, 93, 133])


def test_rows_are_those_of_the_ids_in_the_samples_order(clips):
    material = gather(clips, "own", FRAME, WHOLE)
    assert material.rows(frozenset({"c3#5", "c0#5"})).tolist() == [1, 7]
    assert class_counts(material) == {"happiness": 4, "surprise": 4}


def test_what_has_no_class_and_what_cannot_be_read_is_left_out_and_named(clips):
    odd = replace(clips[0], id="odd", annotation=replace(clips[0].annotation, emotion="tense"))
    gone = replace(clips[1], id="gone", recording=replace(clips[1].recording, path=clips[1].recording.path / "no"))
    seen: list[int] = []
    material = gather([*clips, odd, gone], "megc-3", FRAME, WHOLE, progress=seen.append)
    assert len(material.samples) == 8
    assert seen == [1, 2, 3, 4, 5]
    assert [(each.code, each.severity) for each in material.findings] == [("DS051", "note"), ("DS052", "caution")]
    assert material.findings[0].evidence == ("tense: 1",)
    assert "is not there any more" in material.findings[1].evidence[0]


def test_a_motion_model_gets_ready_made_maps_and_a_frame_model_refuses_them(clips, tmp_path):
    picture = np.random.default_rng(0).integers(0, 255, (28, 28, 3), np.uint8)
    write_images(tmp_path / "maps", [picture, picture])
    path = sorted((tmp_path / "maps").iterdir())
    motion = [replace(clip, motion=MotionFile(path[0])) for clip in clips]
    given = Input("motion", 3, 28, 28)
    material = gather(motion, "own", given)
    np.testing.assert_array_equal(material.pictures[2], picture)
    assert gather(motion, "own", Input("motion", 3, 64, 64)).pictures.shape == (4, 64, 64, 3)
    with pytest.raises(BadInputError, match="c0: is a motion map and has no frames; take a model that reads motion"):
        gather(motion, "own", FRAME, WHOLE)


def test_nothing_that_can_be_read_one_class_and_an_unknown_crop_are_refused(clips):
    gone = [replace(clip, recording=replace(clip.recording, path=clip.recording.path / "no")) for clip in clips]
    with pytest.raises(BadInputError, match="none of 4 clips can be read; the first: "):
        gather(gone, "own", FRAME, WHOLE)
    with pytest.raises(BadInputError, match="gives these samples only happiness: two classes or more are needed"):
        gather(clips[::2], "own", FRAME, WHOLE)
    with pytest.raises(BadInputError, match="crop is face or whole and tone plain or clahe, got 'fase'"):
        Preparation(crop="fase")
