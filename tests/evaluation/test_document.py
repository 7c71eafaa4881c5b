from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from sklearn.metrics import (
    accuracy_score,
    balanced_accuracy_score,
    confusion_matrix,
    f1_score,
    precision_recall_fscore_support,
    roc_auc_score,
)

from micromask.core.clips import Finding
from micromask.core.results import Prediction, Results, Sample, Split
from micromask.core.types import SubjectId
from micromask.datasets.card import card
from micromask.evaluation.document import document_of
from micromask.evaluation.protocols import make_splits

TWO = {
    # sample: subject, truth, probability of x with seed 0 and with seed 1
    "a1": ("ann", "x", 0.9, 0.7),
    "a2": ("ann", "y", 0.8, 0.4),
    "b1": ("bob", "x", 0.6, 0.55),
    "b2": ("bob", "x", 0.3, 0.9),
}


def two_people(seeds=(0, 1), **changes):
    """Four clips of two people, small enough for paper: with seed 0 two are right, with seed 1 all are."""
    samples = tuple(Sample(name, name, SubjectId("demo", who), name, truth) for name, (who, truth, *_) in TWO.items())
    splits = make_splits("loso", samples)
    predictions = tuple(
        Prediction(name, f"demo/{who}", seed, truth, (chances[seed], 1 - chances[seed]))
        for seed in seeds
        for name, (who, truth, *chances) in TWO.items()
    )
    values = {"model": "ststnet", "protocol": "loso", "dataset": "demo", "labels": ("x", "y")}
    made = Results(**values, samples=samples, splits=splits, predictions=predictions, seeds=seeds, selection="inner")
    return replace(made, **changes)


def drawn(people=8, clips=9, classes=3, seeds=(0, 1), protocol="loso", options=None, corpora=1, frames=1, **changes):
    """Results at random: right somewhat more often than not."""
    rng = np.random.default_rng(5)
    labels = tuple("abcdefgh"[:classes])
    samples = []
    for person in range(people):
        subject = SubjectId(f"corpus{person % corpora}", f"s{person:02d}")
        for clip in range(clips):
            label = labels[int(rng.integers(classes))]
            name = f"{subject}/{clip}"
            samples += [
                Sample(
                    f"{name}#{frame}" if frames > 1 else name, name, subject, name, label, frame if frames > 1 else None
                )
                for frame in range(frames)
            ]
    splits = make_splits(protocol, samples, options)
    told = {sample.id: sample.label for sample in samples}
    predictions = []
    for split in splits:
        for seed in seeds:
            for name in sorted(split.test):
                shares = rng.dirichlet(np.ones(classes)) + 0.4 * np.eye(classes)[labels.index(told[name])]
                predictions.append(Prediction(name, split.held_out, seed, told[name], tuple(shares / shares.sum())))
    values = {"model": "ststnet", "protocol": protocol, "dataset": "drawn", "labels": labels, "selection": "inner"}
    made = Results(**values, samples=tuple(samples), splits=splits, predictions=tuple(predictions), seeds=seeds)
    return replace(made, **changes)


def test_the_figures_of_four_clips_are_those_by_hand():
    # Seed 0: x is found twice of three and said once of y, y never: F1 is 4/6 and 0. Seed 1: all is right.
    document = document_of(two_people())
    metrics = document["metrics"]
    assert (metrics["uf1"], metrics["uar"], metrics["accuracy"]) == pytest.approx((2 / 3, 2 / 3, 3 / 4))
    assert [row["uf1"] for row in metrics["seeds"]] == pytest.approx([1 / 3, 1])
    spread = metrics["spread"]["uf1"]
    assert (spread["sd"], spread["low"], spread["high"]) == pytest.approx((np.sqrt(2) / 3, 1 / 3, 1))
    assert document["confusion"] == {"mean": [[2.5, 0.5], [0.5, 0.5]], "seeds": [[[2, 1], [1, 0]], [[3, 0], [0, 1]]]}
    # Seed 0: each person has one class at 2/3 and one at 0. Seed 1: all 1, but Bob shows no y.
    assert metrics["fold_mean_f1"] == pytest.approx(
        {"left out": (1 / 3 + 1) / 2, "zero": (1 / 3 + 3 / 4) / 2, "one": (1 / 3 + 1) / 2}
    )
    assert metrics["fold_mean_accuracy"] == pytest.approx(3 / 4)
    first = document["report"]["classes"][0]
    assert (first["precision"], first["recall"], first["support"]) == pytest.approx(
        ((2 / 3 + 1) / 2, (2 / 3 + 1) / 2, 3)
    )
    # Of x's three pairs with a2, one is in order with seed 0 and all are with seed 1.
    assert document["ranking"]["macro_auc"] == pytest.approx(2 / 3)
    assert document["calibration"]["brier"] == pytest.approx((2.6 / 4 + 0.925 / 4) / 2)
    assert document["by_subject"] == [
        {"subject": "demo/ann", "n": 2, "right": 1.5, "accuracy": 0.75, "recall": 0.75},
        {"subject": "demo/bob", "n": 2, "right": 1.5, "accuracy": 0.75, "recall": 0.75},
    ]
    assert (document["clips"], document["samples"], document["subjects"], document["folds"]) == (4, 4, 2, 2)


def test_the_majority_class_stands_beside_the_model():
    # Always x is right three times of four: F1 is 6/7 and 0.
    majority = document_of(two_people())["majority"]
    assert (majority["label"], majority["accuracy"], majority["uar"]) == ("x", 0.75, 0.5)
    assert majority["uf1"] == pytest.approx(3 / 7)
    assert majority["gain"]["uf1"][0] == pytest.approx(2 / 3 - 3 / 7)
    assert document_of(two_people(), majority=False)["majority"] is None


def test_the_hardest_clips_are_the_surest_mistakes():
    one = document_of(two_people(seeds=(0,)))
    assert [row["clip"] for row in one["hardest"]] == ["a2", "b2"]
    assert one["hardest"][0] == {
        "clip": "a2",
        "subject": "demo/ann",
        "truth": "y",
        "said": "x",
        "wrong": 1.0,
        "certainty": pytest.approx(0.8),
        "p_truth": pytest.approx(0.2),
    }
    both = document_of(two_people())  # both are right with seed 1, so no clip is wrong in more than half
    assert both["hardest"] == []
    assert [row["clip"] for row in both["surest"]] == ["a1", "b1"]


@pytest.mark.parametrize("classes", [2, 3, 5])
def test_the_figures_are_those_of_scikit_learn(classes):
    results = drawn(classes=classes)
    document = document_of(results)
    own = [[each for each in results.predictions if each.seed == seed] for seed in results.seeds]
    truth = [each.truth for each in own[0]]
    said = [[results.labels[int(np.argmax(each.probabilities))] for each in layer] for layer in own]
    shares = [np.array([each.probabilities for each in layer]) for layer in own]
    metrics = document["metrics"]
    assert metrics["uf1"] == pytest.approx(np.mean([f1_score(truth, each, average="macro") for each in said]))
    assert metrics["uar"] == pytest.approx(np.mean([balanced_accuracy_score(truth, each) for each in said]))
    assert metrics["accuracy"] == pytest.approx(np.mean([accuracy_score(truth, each) for each in said]))
    expected = np.mean([precision_recall_fscore_support(truth, each, zero_division=0)[:3] for each in said], axis=0)
    table = [[row[name] for row in document["report"]["classes"]] for name in ("precision", "recall", "f1")]
    np.testing.assert_allclose(table, expected)
    assert document["report"]["macro"]["f1"] == pytest.approx(metrics["uf1"])
    assert document["confusion"]["seeds"] == [confusion_matrix(truth, each).tolist() for each in said]
    for at, row in enumerate(document["ranking"]["classes"]):
        areas = [roc_auc_score([label == row["label"] for label in truth], layer[:, at]) for layer in shares]
        assert row["auc"] == pytest.approx(np.mean(areas))


def test_intervals_are_around_their_figures_and_need_two_people():
    metrics = document_of(drawn())["metrics"]
    for name, (low, high) in metrics["intervals"].items():
        assert 0 <= low < metrics[name] < high <= 1
    samples = tuple(Sample(name, name, SubjectId("demo", "ann"), name, name[0]) for name in ("x1", "x2", "y1"))
    alone = Results(
        model="ststnet",
        protocol="random-clips",
        dataset="demo",
        labels=("x", "y"),
        samples=samples,
        splits=(Split("one", frozenset({"x1"}), frozenset({"x2", "y1"})),),
        predictions=(Prediction("x2", "one", 0, "x", (0.9, 0.1)), Prediction("y1", "one", 0, "y", (0.2, 0.8))),
        seeds=(0,),
        selection="last",
    )
    found = document_of(alone)
    assert found["metrics"]["intervals"] == {"uf1": None, "uar": None, "accuracy": None}
    assert found["majority"]["gain"] is None


def test_the_document_is_plain_and_the_same_each_time():
    results = drawn(seconds={"wall": np.float64(2.5)}, versions={"python": "3.12"})
    document = document_of(results, command="micromask evaluate drawn", card=card("flow-table"))
    assert json.loads(json.dumps(document, allow_nan=False)) == document
    assert document_of(results, command="micromask evaluate drawn", card=card("flow-table")) == document
    shuffled = replace(results, samples=results.samples[::-1])
    assert document_of(shuffled)["metrics"] == document["metrics"]
    assert document["command"] == "micromask evaluate drawn"
    assert document["dataset"]["card"]["licence"] == card("flow-table").licence
    assert document["model"]["parameters"] == 1683
    assert document["seconds"] == {"wall": 2.5}


def test_people_apart_give_no_leak_and_people_on_both_sides_do():
    clean, leaking = document_of(drawn()), document_of(drawn(protocol="random-clips"))
    assert clean["protocol"]["people_apart"]
    assert not [each for each in clean["findings"] if each["severity"] == "leak"]
    assert not leaking["protocol"]["people_apart"]
    assert leaking["protocol"]["leaks"] == ["LK001", "LK002"]
    assert "LK001" in {each["code"] for each in leaking["findings"]}
    chosen = document_of(drawn(selection="as-published"))
    assert [each["code"] for each in chosen["findings"] if each["severity"] == "leak"] == ["LK004"]


def test_what_was_said_of_the_data_is_told_once_and_after_the_audit():
    note = Finding("DS051", "clips outside of the label set", "note", ("happiness: 4",))
    findings = document_of(drawn(findings=(note, note), seeds=(0,)))["findings"]
    assert findings[-1] == {"code": "DS051", "title": note.title, "severity": "note", "evidence": ["happiness: 4"]}
    assert [each["code"] for each in findings].count("DS051") == 1
    assert len(findings) > 1


def test_a_sample_that_several_folds_test_counts_each_time_and_it_is_said():
    results = drawn(protocol="cross-dataset", corpora=3, people=6, clips=3)
    document = document_of(results)
    assert document["protocol"]["tested_again"] == 18
    assert (
        "18 of 18 tested samples are tested in more than one fold and count each time: 36 in all"
        in (document["protocol"]["pooling"])
    )
    assert np.sum(document["confusion"]["seeds"][0]) == 36
    assert (document["samples"], document["folds"]) == (18, 6)
    assert [row["test"] for row in document["by_fold"]] == [6] * 6
    once = document_of(drawn())["protocol"]
    assert once["tested_again"] == 0
    assert once["pooling"].endswith("every tested sample counts once.")


def test_the_parts_of_a_composite_are_those_of_each_data_set_alone():
    results = drawn(protocol="cde", corpora=2)
    parts = document_of(results)["parts"]
    assert [part["part"] for part in parts] == ["corpus0", "corpus1"]
    own = [each for each in results.predictions if each.sample.startswith("corpus1") and each.seed == 0]
    said = [results.labels[int(np.argmax(each.probabilities))] for each in own]
    assert parts[1]["metrics"]["seeds"][0]["uf1"] == pytest.approx(
        f1_score([each.truth for each in own], said, average="macro")
    )
    assert parts[1]["clips"] == len(own) == sum(parts[1]["support"].values())
    assert document_of(drawn())["parts"] == []


def test_frames_are_also_counted_by_clip():
    results = drawn(frames=4)
    document = document_of(results)
    assert (document["clips"], document["samples"]) == (72, 288)
    own: dict[str, list[tuple[float, ...]]] = {}
    for each in results.predictions:
        if each.seed == 1:
            own.setdefault(each.sample.split("#")[0], []).append(each.probabilities)
    truth = {sample.clip: sample.label for sample in results.samples}
    said = {clip: results.labels[int(np.mean(shares, axis=0).argmax())] for clip, shares in own.items()}
    right = np.mean([said[clip] == truth[clip] for clip in said])
    assert document["by_clip"]["seeds"][1]["accuracy"] == pytest.approx(right)
    assert document_of(drawn())["by_clip"] is None


def test_curves_are_means_over_the_fits_that_got_so_far():
    rows = [
        {"fold": "1", "seed": 0, "epoch": 1.0, "train_loss": 1.0, "validation_loss": 1.2},
        {"fold": "1", "seed": 0, "epoch": 2.0, "train_loss": 0.5, "validation_loss": 1.0},
        {"fold": "2", "seed": 0, "epoch": 1.0, "train_loss": 2.0, "validation_loss": 1.4, "test_accuracy": 0.25},
    ]
    curves = document_of(drawn(curves=tuple(rows)))["curves"]
    assert [row["fits"] for row in curves] == [2, 1]
    assert curves[0]["train_loss"] == {"mean": 1.5, "low": 1.1, "high": 1.9}
    assert curves[1]["validation_loss"]["mean"] == 1.0
    assert curves[0]["test_accuracy"]["mean"] == 0.25
    assert "test_accuracy" not in curves[1]


def test_a_run_of_other_models_and_other_folds_has_a_document_too():
    results = drawn()
    document = document_of(replace(results, model="somebody's net", protocol="their folds"))
    assert document["model"] == {"name": "somebody's net", "weights": "none"}
    assert document["protocol"]["title"] == "folds from elsewhere"
    assert document["protocol"]["leaks"] == []
    classical = document_of(replace(results, model="flow-histogram-svm"))
    assert classical["model"]["parameters"] is None


def test_predictions_that_do_not_fit_the_run_are_refused():
    results = two_people()
    with pytest.raises(ValueError, match="without predictions"):
        document_of(replace(results, predictions=()))
    with pytest.raises(ValueError, match="not tested on the same: b2 in fold demo/bob"):
        document_of(replace(results, predictions=results.predictions[:-1]))
    with pytest.raises(ValueError, match="two predictions of a1"):
        document_of(replace(results, predictions=(*results.predictions, replace(results.predictions[0]))))
    with pytest.raises(ValueError, match="of nothing that the run has"):
        document_of(replace(results, predictions=(replace(results.predictions[0], truth="z"),)))
