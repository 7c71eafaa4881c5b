"""Near-duplicates among the pictures of a run of ours: none with people apart, many with frames at random."""

from __future__ import annotations

import pytest

from micromask.core.results import Prediction, Results
from micromask.datasets import load
from micromask.datasets.preparation import Preparation
from micromask.datasets.synthetic import CorpusPlan, synthesize
from micromask.evaluation.audit import audit, case_of, not_looked_at
from micromask.evaluation.material import gather, stills
from micromask.evaluation.protocols import make_splits
from micromask.evaluation.unit import ModelChoice, input_of


@pytest.fixture(scope="module")
def clips(tmp_path_factory):
    root = tmp_path_factory.mktemp("people") / "corpus"
    synthesize(root, CorpusPlan(subjects=4, clips_per_subject=3, fps=25, seconds=0.6, size=96), jobs=1)
    return load("synthetic", root)


def found(clips, model: str, protocol: str) -> set[str]:
    given = input_of(ModelChoice(model))
    material = gather(clips, "own", given, Preparation(crop="whole", frames=4, flow="dis"))
    splits = make_splits(protocol, material.samples)
    labels = {sample.id: sample.label for sample in material.samples}
    right = {label: tuple(float(label == one) for one in material.labels) for label in material.labels}
    predictions = tuple(
        Prediction(each, split.held_out, seed, labels[each], right[labels[each]])
        for split in splits
        for each in split.test
        for seed in (0, 1)
    )
    results = Results(
        model, protocol, "synthetic", material.labels, material.samples, splits, predictions, (0, 1), "last"
    )
    case = case_of(results, pictures=stills(material, given))
    assert "LK003" not in not_looked_at(case)
    return {each.code for each in audit(case) if each.severity == "leak"}


@pytest.mark.parametrize("model", ["decision-tree", "lbp-top-svm", "flow-histogram-svm"])
def test_people_apart_share_no_pictures(clips, model):
    assert found(clips, model, "loso") == set()


def test_frames_drawn_at_random_are_near_duplicates(clips):
    assert found(clips, "decision-tree", "random-frames") == {"LK001", "LK002", "LK003"}
