"""The case of a run of ours: its folds, its predictions, its selection."""

from __future__ import annotations

from dataclasses import replace

import pytest

from micromask.core.results import Prediction, Results, Sample, Split
from micromask.core.types import SubjectId
from micromask.evaluation.audit import Facts, audit, case_of, not_looked_at

LABELS = ("negative", "positive")


def run(people=12, clips=4, seeds=(0, 1), selection="inner"):
    """LOSO; the second clip of each person is said to be of the other class."""
    samples = tuple(
        Sample(f"s{who}-{at}", f"s{who}-{at}", SubjectId("demo", f"s{who:02d}"), f"film {who}", LABELS[at % 2])
        for who in range(people)
        for at in range(clips)
    )
    splits, predictions = [], []
    for who in range(people):
        test = frozenset(each.id for each in samples if each.subject.name == f"s{who:02d}")
        others = sorted(each.id for each in samples if each.id not in test)
        splits.append(Split(f"demo/s{who:02d}", frozenset(others[clips:]), test, frozenset(others[:clips])))
        for seed in seeds:
            for sample in sorted(test):
                truth = next(each.label for each in samples if each.id == sample)
                sure = 0.4 if sample.endswith("-1") else 0.8
                chances = (sure, 1 - sure) if truth == "negative" else (1 - sure, sure)
                predictions.append(Prediction(sample, f"demo/s{who:02d}", seed, truth, chances))
    return Results("svm", "loso", "demo", LABELS, samples, tuple(splits), tuple(predictions), tuple(seeds), selection)


def test_rows_are_those_of_the_folds_with_a_prediction_a_seed():
    case = case_of(run())
    assert len(case.members) == 12 * 48
    assert len(case.rows) == 12 * 48 + 48
    tested = case.rows[case.rows["split"] == "test"]
    assert set(tested["seed"]) == {"0", "1"}
    wrong = tested[tested["truth"].astype(str) != tested["prediction"].astype(str)]
    assert {str(clip)[-2:] for clip in wrong["clip"]} == {"-1"}
    assert len(wrong) == 2 * 12
    assert case.facts.selection == "inner"
    assert case.facts.seeds == (0, 1)
    assert case.facts.labels == LABELS
    assert list(case.rows["who"].cat.categories) == [f"demo/s{who:02d}" for who in range(12)]


def test_an_honest_run_has_no_finding_and_one_chosen_on_its_test_subjects_has_one():
    assert audit(case_of(run())) == ()
    assert audit(case_of(run(selection="last"))) == ()
    found = audit(case_of(run(selection="as-published")))
    assert [(each.code, each.severity) for each in found] == [("LK004", "leak")]


def test_what_else_is_known_is_added():
    facts = Facts(pretraining_subjects=("demo/s03",), selection="last")
    assert [each.code for each in audit(case_of(run(), facts))] == ["LK010"]
    assert "LK010" in not_looked_at(case_of(run()))


def test_attributes_of_samples_say_where_an_apex_is_from():
    results = run()
    samples = tuple(replace(each, attributes={"apex_from": "midpoint"}) for each in results.samples)
    assert [each.code for each in audit(case_of(replace(results, samples=samples)))] == ["EV004"]


def test_frames_are_samples_of_a_clip():
    results = run()
    samples = tuple(
        replace(each, clip=each.id.split("-")[0], frame=int(each.id.split("-")[1])) for each in results.samples
    )
    case = case_of(replace(results, samples=samples))
    assert len(case.members) == 12 * 48
    assert audit(case) == ()


def test_a_sample_that_the_run_does_not_have_is_refused():
    results = run()
    with pytest.raises(ValueError, match="a fold names the sample 's0-0', which the run does not have"):
        case_of(replace(results, samples=results.samples[1:]))
    strange = replace(results.predictions[0], sample="nobody")
    with pytest.raises(ValueError, match="a prediction names the sample 'nobody'"):
        case_of(replace(results, predictions=(strange,)))
