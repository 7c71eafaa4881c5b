"""The field's classic mistake, shown on synthetic people: single frames, split at random, seem to tell emotions.

Neighbouring frames of one clip are nearly one picture. With frames split at random each test frame has its twin among
the training frames, and a classifier that has learnt nothing but 'who sits how' is nearly always right. With subjects
apart the same classifier is near chance (1 in 6), because a movement of 3 % of the distance between the eyes (here 0.4
px) is far less than what tells people apart. That the emotions can be told, on the very same clips, the motion between
two frames shows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import cv2
import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from micromask.core.types import SubjectId
from micromask.datasets import load
from micromask.datasets.pixels import read_frames
from micromask.datasets.prepare import clip_motion_map
from micromask.datasets.synthetic import CorpusPlan, synthesize
from micromask.datasets.synthetic.corpus import BASIC
from micromask.evaluation.protocols import leave_one_subject_out

PLAN = CorpusPlan(subjects=6, clips_per_subject=6, fps=20, seconds=0.6, size=64, strength=0.03, emotions=BASIC)
CHANCE = 1 / len(BASIC)
Samples = tuple[np.ndarray, np.ndarray, Mapping[str, SubjectId]]
Folds = Iterator[tuple[np.ndarray, np.ndarray]]


def linear(strength: float = 1.0):
    return make_pipeline(StandardScaler(), LogisticRegression(C=strength, max_iter=500))


@pytest.fixture(scope="module")
def frames(tmp_path_factory) -> Samples:
    """Every frame from onset to offset as 32 x 32 grey px, its emotion, whose it is."""
    root: Path = tmp_path_factory.mktemp("people") / "films"
    synthesize(root, PLAN)
    pictures, emotions, subjects = [], [], {}
    for clip in load("synthetic", root):
        for frame, image in read_frames(clip.recording, range(clip.annotation.onset, clip.annotation.offset + 1)):
            pictures.append(cv2.resize(image, (32, 32), interpolation=cv2.INTER_AREA).ravel() / 255)
            emotions.append(clip.annotation.emotion)
            subjects[f"{clip.id}@{frame}"] = clip.subject
    return np.array(pictures), np.array(emotions), subjects


@pytest.fixture(scope="module")
def maps(tmp_path_factory) -> Samples:
    """The motion map from onset to apex of the same people, its emotion in three classes, whose it is."""
    root: Path = tmp_path_factory.mktemp("people") / "maps"
    planned = synthesize(root, PLAN, layout="flow-table")
    clips = load("flow-table", root)
    pictures = np.array([clip_motion_map(clip).ravel() / 255 for clip in clips])
    return pictures, np.array([clip.emotion for clip in planned]), {clip.id: clip.subject for clip in clips}


def at_random(samples: Samples) -> Folds:
    yield from StratifiedKFold(5, shuffle=True, random_state=0).split(samples[0], samples[1])


def subjects_apart(samples: Samples) -> Folds:
    place = {name: number for number, name in enumerate(samples[2])}
    for split in leave_one_subject_out(samples[2]):
        yield tuple(np.array(sorted(place[name] for name in side)) for side in (split.train, split.test))


def accuracy(samples: Samples, folds: Folds, model) -> float:
    """Share of right answers over all folds, each sample tested once."""
    pictures, emotions, _ = samples
    right = tested = 0
    for train, test in folds:
        answers = model.fit(pictures[train], emotions[train]).predict(pictures[test])
        right, tested = right + int((answers == emotions[test]).sum()), tested + len(test)
    assert tested == len(emotions)
    return right / tested


@pytest.mark.parametrize("model", [linear(), KNeighborsClassifier(1)], ids=["linear", "nearest neighbour"])
def test_frames_split_at_random_score_high_and_with_subjects_apart_they_do_not(frames, model):
    random = accuracy(frames, at_random(frames), model)
    apart = accuracy(frames, subjects_apart(frames), model)
    assert random >= 0.9
    assert apart <= 0.6 * random


def test_with_subjects_apart_a_linear_classifier_of_frames_is_near_chance(frames):
    assert accuracy(frames, subjects_apart(frames), linear()) < 2 * CHANCE


def test_the_motion_of_the_same_clips_tells_their_emotions_with_subjects_apart(frames, maps):
    by_motion = accuracy(maps, subjects_apart(maps), linear(0.01))
    assert by_motion > 3 * CHANCE
    assert by_motion > 1.5 * accuracy(frames, subjects_apart(frames), linear())
