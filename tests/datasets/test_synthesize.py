"""Synthetic corpora: whatever the layout, the loader of that corpus finds exactly what was planned."""

from __future__ import annotations

import hashlib
import json
import re
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from micromask.core.errors import BadInputError, BadOutputError
from micromask.datasets import label_clips, load
from micromask.datasets.check import check
from micromask.datasets.pixels import read_frames
from micromask.datasets.synthetic import EMOTIONS, CorpusPlan, layouts, plan_clips, render, synthesize, truth
from micromask.datasets.synthetic.corpus import MASKED
from micromask.datasets.synthetic.layouts import MEGC, true_landmarks
from micromask.faces.detect import detectors, landmarks68

TINY = CorpusPlan(
    subjects=2, clips_per_subject=3, fps=20, seconds=0.6, size=64, emotions=("happiness", "surprise", "disgust")
)
NUMBER = {
    "synthetic": r"EP(\d+)$",
    "clip-table": r"EP(\d+)$",
    "casme2": r"EP(\d+)_01f$",
    "samm": r"_(\d+)$",
    "mmew": r"-(\d+)$",
}
"""Where the number of a clip stands in its name, for layouts that keep its frames."""


def digest(root: Path) -> str:
    whole = hashlib.sha256()
    for path in sorted(path for path in root.rglob("*") if path.is_file()):
        whole.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes())
    return whole.hexdigest()


@pytest.fixture(scope="module", params=sorted(layouts))
def written(request, tmp_path_factory):
    root = tmp_path_factory.mktemp("people") / request.param
    return layouts[request.param], root, synthesize(root, TINY, layout=request.param)


def test_its_loader_finds_every_clip_and_person_and_no_mistake(written):
    layout, root, planned = written
    report = check(layout.corpus, root, thorough=True, **layout.options)
    assert report.healthy
    assert {finding.severity for finding in report.findings} <= {"note"}
    assert report.clips == len(planned) * (2 if layout.corpus == "image-folder" else 1)  # each face also at rest
    assert report.subjects == 2


def test_its_loader_finds_the_emotion_of_every_clip(written):
    layout, root, planned = written
    found = Counter(clip.annotation.emotion.lower() for clip in load(layout.corpus, root, **layout.options))
    coarse = layout.corpus in ("smic", "flow-table", "flow-folder")
    wanted = Counter(MEGC[clip.emotion] if coarse else clip.emotion for clip in planned)
    if layout.corpus == "image-folder":
        wanted["neutral"] = len(planned)
    assert found == wanted


@pytest.mark.parametrize("name", NUMBER)
def test_onset_apex_and_offset_are_the_true_frames(tmp_path, name):
    layout = layouts[name]
    planned = {(clip.subject, clip.number): clip for clip in synthesize(tmp_path / "root", TINY, layout=name)}
    for clip in load(layout.corpus, tmp_path / "root", **layout.options):
        who = planned[int(re.sub(r"\D", "", clip.subject.name)), int(re.search(NUMBER[name], clip.id)[1])]
        shown = truth(who.script)["expressions"][0]
        annotation = clip.annotation
        assert (annotation.onset, annotation.apex, annotation.offset) == (
            shown["onset"],
            shown["apex"],
            shown["offset"],
        )
        assert annotation.apex_from == "coder"
        assert annotation.action_units == who.action_units
        drawn = list(render(who.script))
        for frame, image in read_frames(clip.recording, (0, annotation.apex)):
            wanted = cv2.cvtColor(drawn[frame], cv2.COLOR_RGB2GRAY).astype(float)
            assert np.corrcoef(wanted.ravel(), image.ravel())[0, 1] > 0.98


def test_the_same_plan_gives_the_same_bytes_later_and_with_more_processes(tmp_path):
    plan = replace(TINY, clips_per_subject=1)
    for layout in ("synthetic", "samm"):
        synthesize(tmp_path / f"{layout}-1", plan, layout=layout)
    time.sleep(max(0.0, 2.1 - time.time() % 2))  # a zip's clock ticks each two seconds
    for layout in ("synthetic", "samm"):
        synthesize(tmp_path / f"{layout}-2", plan, layout=layout, jobs=2 if layout == "samm" else 1)
        assert digest(tmp_path / f"{layout}-1") == digest(tmp_path / f"{layout}-2")


def test_another_seed_is_other_people_at_other_times(tmp_path):
    one, other = (list(plan_clips(replace(TINY, seed=seed))) for seed in (0, 1))
    assert {clip.script.subject for clip in one}.isdisjoint(clip.script.subject for clip in other)
    assert [clip.onset for clip in one] != [clip.onset for clip in other]


def test_everybody_shows_every_emotion_about_equally_often():
    clips = list(plan_clips(CorpusPlan()))
    assert len(clips) == 24 * 12
    assert set(Counter(clip.emotion for clip in clips).values()) == {36}
    each = Counter((clip.subject, clip.emotion) for clip in clips)
    assert set(each.values()) <= {1, 2}


def test_the_planned_frames_are_those_of_the_films_truth():
    for plan in (replace(TINY, emotions=("anger",)), replace(TINY, fps=29.97, seconds=1.7, seed=5)):
        for clip in plan_clips(plan):
            (seen,) = truth(clip.script)["expressions"]
            assert (clip.onset, clip.apex, clip.offset) == (seen["onset"], seen["apex"], seen["offset"])
            assert clip.frames == truth(clip.script)["frames"]


def test_expressions_are_micro_and_have_rest_on_both_sides():
    for plan in (CorpusPlan(), CorpusPlan(fps=20, seconds=0.6), CorpusPlan(fps=240, seconds=2, seed=3)):
        for clip in plan_clips(plan):
            (planned,) = clip.script.expressions
            assert 0.2 <= planned.offset_s - planned.onset_s <= 0.5 + 1e-9
            assert 0 < clip.onset <= clip.apex <= clip.offset < clip.frames - 1


def test_strength_noise_head_light_and_blinks_are_as_asked():
    quiet = CorpusPlan(strength=0.02, noise=0, head_motion=0, light=0, blinks=0)
    for clip in plan_clips(quiet):
        assert clip.script.noise == 0
        assert clip.script.head == clip.script.light == clip.script.blinks == ()
        assert max(share for _, share in clip.actions) <= 0.02 * 1.15 * 1.15 * 1.5
    lively = list(plan_clips(CorpusPlan(blinks=1, seconds=3, subjects=10)))
    rate = sum(len(clip.script.blinks) for clip in lively) / (3 * len(lively))
    assert 0.6 < rate < 1.0  # those that would fall into another one are left out
    mean = np.mean(
        [max(share for _, share in clip.actions) for clip in plan_clips(replace(quiet, emotions=("happiness",)))]
    )
    assert mean == pytest.approx(0.02, rel=0.1)


def test_masked_expressions_are_a_smile_over_a_brow_of_anger_or_sadness(tmp_path):
    plan = replace(TINY, emotions=MASKED)
    planned = synthesize(tmp_path / "masked", plan)
    units = {clip.emotion: set(clip.action_units.split("+")) for clip in planned}
    assert units == {"happy_but_angry": {"4", "12"}, "happy_but_sad": {"1", "12"}}
    clips = load("synthetic", tmp_path / "masked")
    assert {(c.annotation.kind, c.annotation.shown_emotion) for c in clips} == {("masked", "happiness")}
    assert {clip.annotation.felt_emotion for clip in clips} == {"anger", "sadness"}
    assert set(label_clips(clips, "masked-pair").values()) == {"happy_but_angry", "happy_but_sad"}


def test_every_emotion_can_be_drawn_at_the_greatest_strength():
    for clip in plan_clips(CorpusPlan(strength=0.075, emotions=tuple(EMOTIONS), clips_per_subject=30)):
        assert clip.actions


def test_landmarks_follow_the_head(tmp_path):
    plan = CorpusPlan(subjects=1, clips_per_subject=2, size=240, head_motion=0.05, blinks=0, fps=20, seconds=0.6)
    for clip in plan_clips(plan):
        picture = next(iter(render(clip.script)))
        (face,) = detectors["mtcnn"]()(picture)
        found = landmarks68(picture, face.box, 2)[36:48]  # the eyes, of 50 px distance
        assert np.abs(found.mean(0) - true_landmarks(clip, 0)[36:48].mean(0)).max() < 1.5


def test_the_truth_lies_beside_the_clips(tmp_path):
    planned = synthesize(tmp_path / "root", TINY)
    made = json.loads((tmp_path / "root" / "synthetic.json").read_text("utf-8"))
    assert made["layout"] == "synthetic"
    assert CorpusPlan(**{**made["plan"], "emotions": tuple(made["plan"]["emotions"])}) == TINY
    assert [each["apex"] for each in made["clips"]] == [clip.apex for clip in planned]


def test_a_corpus_in_another_layout_is_told_by_name(tmp_path):
    synthesize(tmp_path / "root", replace(TINY, subjects=1), layout="smic")
    with pytest.raises(BadInputError, match="was written in the layout of smic; load it as smic"):
        load("synthetic", tmp_path / "root")


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        ({"apex": "99"}, "DS006"),
        ({"offset": "0"}, "DS005"),
        ({"offset": "12"}, "DS007"),
        ({"path": "films/S09.mp4"}, "DS008"),
        ({"fps": "fast"}, "DS011"),
        ({"subject": ""}, "DS011"),
    ],
)
def test_a_row_that_cannot_be_right_is_refused_with_its_number(tmp_path, cells, code):
    synthesize(tmp_path / "root", replace(TINY, clips_per_subject=1))
    table = tmp_path / "root" / "clips.csv"
    header, first, *rest = table.read_text("utf-8").splitlines()
    broken = dict(zip(header.split(","), first.split(","), strict=True)) | cells
    table.write_text("\n".join([header, ",".join(broken.values()), *rest]) + "\n", "utf-8")
    with pytest.raises(BadInputError, match=r"clips\.csv, row 2"):
        load("synthetic", tmp_path / "root")
    assert code in {finding.code for finding in check("synthetic", tmp_path / "root").findings}


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"strength": 0.2}, "strength from 0.001 to 0.075, got 0.2"),
        ({"fps": 10}, "fps from 20 to 240, got 10"),
        ({"subjects": 0}, "subjects from 1 to 999, got 0"),
        ({"seconds": 0.3}, "seconds from 0.6 to 600, got 0.3"),
        ({"size": 65}, "size must be a multiple of 4"),
        ({"emotions": ("hapiness",)}, "did you mean 'happiness'"),
        ({"emotions": ()}, "needs emotions"),
    ],
)
def test_a_plan_that_cannot_be_is_refused(wrong, message):
    with pytest.raises(BadInputError, match=message):
        CorpusPlan(**wrong)


def test_an_emotion_that_a_layout_has_no_name_for_is_refused_before_anything_is_drawn(tmp_path):
    with pytest.raises(BadInputError, match="layout samm has no name for happy_but_sad; it has: happiness"):
        synthesize(tmp_path / "root", replace(TINY, emotions=("happy_but_sad",)), layout="samm")
    with pytest.raises(BadInputError, match="no layout 'casme3'; did you mean 'casme2'"):
        synthesize(tmp_path / "root", TINY, layout="casme3")
    assert not (tmp_path / "root").exists()


def test_a_folder_that_holds_something_stays_as_it_is_and_an_empty_one_is_filled(tmp_path):
    full, empty = tmp_path / "full", tmp_path / "empty"
    full.mkdir()
    (full / "thesis.txt").write_text("mine")
    empty.mkdir()
    with pytest.raises(BadOutputError, match="is there already"):
        synthesize(full, TINY)
    synthesize(empty, replace(TINY, subjects=1, clips_per_subject=1))
    assert (full / "thesis.txt").read_text() == "mine"
    assert (empty / "clips.csv").is_file()


def test_what_breaks_in_the_middle_leaves_nothing_behind(tmp_path):
    def stop(done: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        synthesize(tmp_path / "root", TINY, progress=stop)
    assert list(tmp_path.iterdir()) == []
