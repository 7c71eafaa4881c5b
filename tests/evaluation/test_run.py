"""A run over planted motion maps: the same for any number of processes, and it goes on where it was cut off."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from micromask.core.errors import BadInputError
from micromask.core.results import Split
from micromask.evaluation.material import class_counts, relabelled
from micromask.evaluation.protocols import SplitOptions
from micromask.evaluation.run import Plan, evaluate
from micromask.evaluation.unit import ModelChoice
from micromask.training.recipe import recipes

torch.set_num_threads(1)
QUICK = replace(recipes["motion"], epochs=4)
SHALLOW = ModelChoice("shallow-flow")
LABELS = ("negative", "positive", "surprise")


def right(results) -> float:
    said = [results.labels[int(np.argmax(each.probabilities))] == each.truth for each in results.predictions]
    return float(np.mean(said))


@pytest.mark.parametrize("select", ["last", "inner", "as-published"])
def test_every_sample_is_predicted_once_a_seed_by_a_model_that_did_not_see_its_person(select, planted):
    material = planted()
    results = evaluate(material, Plan(SHALLOW, QUICK, select=select, seeds=(0, 1)), dataset="toy")
    assert [each.seed for each in results.predictions].count(0) == 36 == len(results.predictions) // 2
    assert {each.sample for each in results.predictions} == {each.id for each in material.samples}
    people = {each.id: str(each.subject) for each in material.samples}
    for split in results.splits:
        inside = {people[each] for each in split.train | split.validation}
        assert split.held_out not in inside
        assert bool(split.validation) == (select == "inner")
        assert not {people[each] for each in split.train} & {people[each] for each in split.validation}
    assert all(abs(sum(each.probabilities) - 1) < 1e-6 for each in results.predictions)
    assert right(results) > 0.9
    assert results.selection == select
    epochs = [each["epoch"] for each in results.settings["epochs"]]
    assert all(1 <= epoch <= 4 for epoch in epochs)


def test_the_test_side_has_a_curve_where_it_chose_the_epoch_and_nowhere_else(planted):
    recipe = replace(QUICK, loss="cross-entropy", learning_rate=2e-3)
    published = evaluate(planted(), Plan(SHALLOW, recipe, select="as-published"), dataset="toy")
    for fit in published.settings["epochs"]:
        own = [row for row in published.curves if row["fold"] == fit["fold"]]
        told = [each for each in published.predictions if each.fold == fit["fold"]]
        true = np.array([each.probabilities[LABELS.index(each.truth)] for each in told])
        said = [LABELS[int(np.argmax(each.probabilities))] == each.truth for each in told]
        taken = own[fit["epoch"] - 1]
        assert taken["test_accuracy"] == pytest.approx(np.mean(said))
        assert taken["test_accuracy"] == max(row["test_accuracy"] for row in own)
        assert taken["test_loss"] == pytest.approx(-np.log(true).mean(), rel=1e-4)
    for select in ("inner", "last"):
        honest = evaluate(planted(), Plan(SHALLOW, replace(recipe, epochs=2), select=select), dataset="toy")
        assert honest.curves
        assert not {name for row in honest.curves for name in row if name.startswith("test_")}


def test_a_classical_model_runs_the_same_way_and_chooses_nothing(planted):
    results = evaluate(planted(), Plan(ModelChoice("flow-histogram-svm"), QUICK), dataset="toy")
    assert right(results) > 0.9
    assert not any(split.validation for split in results.splits)
    assert results.curves == ()


def test_two_processes_give_the_same_predictions_as_one(planted):
    plan = Plan(SHALLOW, replace(QUICK, epochs=2), select="last")
    alone, together = (evaluate(planted(), plan, dataset="toy", jobs=jobs) for jobs in (1, 2))
    assert alone.predictions == together.predictions
    assert alone.splits == together.splits


def test_what_is_finished_is_not_computed_again_and_another_run_takes_none_of_it(tmp_path, planted):
    plan, material = Plan(SHALLOW, replace(QUICK, epochs=2), select="last"), planted()
    first = evaluate(material, plan, dataset="toy", work=tmp_path)
    place = tmp_path / "units" / "fold-001-seed-0.npz"
    written = place.stat().st_mtime_ns
    (tmp_path / "units" / "fold-002-seed-0.npz").write_bytes(b"half")
    calls: list[int] = []
    again = evaluate(
        material, plan, dataset="toy", work=tmp_path, on_unit=lambda done, total, outcome: calls.append(done)
    )
    assert again.predictions == first.predictions
    assert calls == [3, 4]  # three were there, one was damaged
    assert place.stat().st_mtime_ns == written
    assert not list((tmp_path / "checkpoints").glob("*"))
    other = evaluate(material, replace(plan, recipe=replace(QUICK, epochs=1)), dataset="toy", work=tmp_path)
    assert other.predictions != first.predictions
    assert place.stat().st_mtime_ns != written


KILLED = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from dataclasses import replace
from conftest import planted_material
from test_run import QUICK, SHALLOW
from micromask.evaluation.run import Plan, evaluate
if __name__ == "__main__":
    plan = Plan(SHALLOW, replace(QUICK, epochs=60), select="last")
    evaluate(planted_material(), plan, dataset="toy", work=Path(sys.argv[1]), jobs=2)
"""


@pytest.mark.slow
def test_a_run_killed_in_the_middle_goes_on_to_the_same_predictions(tmp_path, planted):
    script = tmp_path / "killed.py"
    script.write_text(KILLED)
    work = tmp_path / "work"
    child = subprocess.Popen([sys.executable, str(script), str(work), str(Path(__file__).parent)])
    deadline = time.monotonic() + 120
    while not list((work / "checkpoints").glob("*.final")):
        assert time.monotonic() < deadline
        assert child.poll() is None
        time.sleep(0.02)
    time.sleep(0.2)
    os.kill(child.pid, signal.SIGKILL)
    child.wait()
    plan = Plan(SHALLOW, replace(QUICK, epochs=60), select="last")
    time.sleep(2.5)  # its workers notice within a second or so that nobody waits for them
    resumed = evaluate(planted(), plan, dataset="toy", work=work)
    undisturbed = evaluate(planted(), plan, dataset="toy")
    assert resumed.predictions == undisturbed.predictions
    assert resumed.curves == undisturbed.curves


def test_given_splits_are_used_in_place_of_a_protocol(planted):
    material = planted()
    ids = [each.id for each in material.samples]
    split = Split("mine", frozenset(ids[9:]), frozenset(ids[:9]))
    plan = Plan(SHALLOW, QUICK, protocol="splits.csv", splits=(split,), select="last")
    results = evaluate(material, plan, dataset="toy")
    assert results.splits == (split,)
    assert {each.sample for each in results.predictions} == set(ids[:9])


def test_the_same_pixels_under_other_labels_are_what_the_identity_probe_asks(planted):
    who = relabelled(planted(), lambda sample: sample.subject.name, "subjects")
    assert who.labels == ("p0", "p1", "p2", "p3")
    assert class_counts(who) == {"p0": 9, "p1": 9, "p2": 9, "p3": 9}
    plan = Plan(ModelChoice("flow-histogram-svm"), QUICK, protocol="random-clips", options=SplitOptions(seed=1))
    results = evaluate(who, plan, dataset="toy")
    assert right(results) < 0.7  # nothing of the person is planted


def test_what_cannot_be_run_is_refused_with_its_fold(planted):
    material = planted(subjects=2)
    with pytest.raises(BadInputError, match="fold toy/p0: 9 samples of 1 subjects to train on: to choose an epoch"):
        evaluate(material, Plan(SHALLOW, QUICK), dataset="toy")
    with pytest.raises(BadInputError, match="one seed or more, each once"):
        Plan(SHALLOW, QUICK, seeds=(1, 1))
    with pytest.raises(BadInputError, match="two classes or more are needed"):
        relabelled(material, lambda sample: "same", "none")
