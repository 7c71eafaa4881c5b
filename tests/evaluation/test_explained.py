from dataclasses import replace

import numpy as np
import pytest

from micromask.core.errors import BadInputError
from micromask.core.results import Sample
from micromask.core.types import SubjectId
from micromask.evaluation.document import document_of
from micromask.evaluation.explained import explain_clips
from micromask.evaluation.material import Material
from micromask.evaluation.run import Plan, evaluate
from micromask.evaluation.unit import ModelChoice
from micromask.training.recipe import Recipe


def spots():
    """Maps of four people: class 'low' has a bright spot below, class 'high' one above."""
    rng = np.random.default_rng(0)
    samples, maps = [], []
    for person in range(4):
        for clip in range(6):
            label = ("high", "low")[clip % 2]
            one = rng.normal(90, 4, (28, 28, 3))
            top = 4 if label == "high" else 18
            one[top : top + 6, 11:17] += 120
            name = f"p{person}/{clip}"
            samples.append(Sample(name, name, SubjectId("demo", f"p{person}"), name, label))
            maps.append(one.clip(0, 255).astype(np.uint8))
    return Material(tuple(samples), np.stack(maps), ("high", "low"), "own")


@pytest.fixture(scope="module")
def run():
    material = spots()
    plan = Plan(
        ModelChoice("shallow-flow"), Recipe(epochs=6, batch=4, learning_rate=5e-3), select="inner", seeds=(3, 4)
    )
    return material, plan, evaluate(material, plan, dataset="spots")


def test_the_networks_of_the_folds_are_made_again_and_say_the_same(run):
    material, plan, results = run
    document = document_of(results)
    clips = [row["clip"] for row in document["surest"][:4]]
    assert len(clips) == 4
    explained = explain_clips(material, plan, results, clips)
    assert list(explained) == clips
    for clip, one in explained.items():
        told = next(each for each in results.predictions if each.sample == clip and each.seed == 3)
        assert one.probability == pytest.approx(max(told.probabilities), abs=1e-6)
        assert one.said == results.labels[int(np.argmax(told.probabilities))]
        assert (one.fold, one.seed) == (told.fold, 3)
        assert one.image.shape == (28, 28, 3)
        assert one.heat.shape == (28, 28)
        assert (one.heat.min() >= 0, one.heat.max()) == (True, 1)


def test_a_clip_that_was_not_tested_and_a_classical_model_are_refused(run):
    material, plan, results = run
    with pytest.raises(BadInputError, match="nobody/1 was not tested in this run"):
        explain_clips(material, plan, results, ["nobody/1"])
    with pytest.raises(BadInputError, match="classical model"):
        explain_clips(material, replace(plan, model=ModelChoice("flow-histogram-svm")), results, [])
