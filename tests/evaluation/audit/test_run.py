"""The case of a run of ours: its folds, its predictions, its selection."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from micromask.core.results import Prediction, Results, Sample, Split
from micromask.core.types import SubjectId
from micromask.evaluation.audit import Facts, audit, case_of, not_looked_at

LABELS = ("negative", "positive")


def run(people=12, clips=4, seeds=(0, 1), selection="inner", model="svm"):
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
    return Results(model, "loso", "demo", LABELS, samples, tuple(splits), tuple(predictions), tuple(seeds), selection)


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


@pytest.mark.parametrize(
    ("model", "expected"),
    [("ststnet", ["EV005"]), ("random-forest", ["EV005"]), ("flow-histogram-svm", []), ("somebody's net", ["EV005"])],
)
def test_one_seed_is_a_caution_where_another_could_give_another_figure(model, expected):
    assert [each.code for each in audit(case_of(run(seeds=(3,), model=model)))] == expected
    said = Facts(deterministic=not expected)
    assert [each.code for each in audit(case_of(run(seeds=(3,), model="somebody's net"), said))] == expected


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


def maps(results, seed=0):
    """A map of its own for each sample, blurred noise."""
    noise = np.random.default_rng(seed).normal(size=(len(results.samples), 28, 28, 3))
    return (128 + 300 * gaussian_filter(noise, (0, 3, 3, 0))).clip(0, 255).astype(np.uint8)


def test_near_duplicates_across_the_folds_of_a_run_are_looked_for_where_its_pictures_are_at_hand():
    results = run()
    pictures = maps(results)
    assert "LK003" in not_looked_at(case_of(results))
    assert "LK003" not in not_looked_at(case_of(results, pictures=pictures))
    assert audit(case_of(results, pictures=pictures)) == ()
    pictures[7] = pictures[30]  # s1-3 shows what s7-2 does
    (finding,) = audit(case_of(results, pictures=pictures))
    assert (finding.code, finding.severity) == ("LK003", "leak")
    assert finding.evidence == (
        "2 test pictures of 48 (over all folds) in 2 folds",
        "fold demo/s01: s1-3 is s7-2 (demo/s01 and demo/s07), correlation 1.000",
        "fold demo/s07: s7-2 is s1-3 (demo/s07 and demo/s01), correlation 1.000",
    )


def test_maps_of_next_to_nothing_are_no_copies_of_each_other():
    results = run()
    pictures = maps(results)
    pictures[::4] = 127  # a person's every first clip
    assert audit(case_of(results, pictures=pictures)) == ()


def test_a_clip_named_as_a_copy_is_told_once_where_its_picture_has_its_name():
    results = run()
    renamed = {"s1-3": "s1-2_flip"}
    samples = tuple(
        replace(each, id=renamed.get(each.id, each.id), clip=renamed.get(each.id, each.id)) for each in results.samples
    )
    ids = [each.id for each in samples if each.subject.name == "s01"]
    split = Split("own", frozenset(ids[:3]), frozenset(ids[3:]))
    leaking = replace(results, samples=samples, splits=(split,), predictions=())
    found = {each.code: each for each in audit(case_of(leaking, pictures=maps(leaking)))}
    assert found["LK005"].evidence[0] == "1 clip (over all folds) with copies on both sides, by the names"


def test_as_many_pictures_as_samples_are_wanted():
    with pytest.raises(ValueError, match="47 pictures of 48 samples"):
        case_of(run(), pictures=maps(run())[1:])


def test_a_sample_that_the_run_does_not_have_is_refused():
    results = run()
    with pytest.raises(ValueError, match="a fold names the sample 's0-0', which the run does not have"):
        case_of(replace(results, samples=results.samples[1:]))
    strange = replace(results.predictions[0], sample="nobody")
    with pytest.raises(ValueError, match="a prediction names the sample 'nobody'"):
        case_of(replace(results, predictions=(strange,)))
