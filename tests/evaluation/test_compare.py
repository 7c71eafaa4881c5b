"""Runs side by side: on predictions that are written down, with figures known by hand."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pytest

from micromask.core.errors import BadInputError
from micromask.core.results import Prediction, Results, Sample, Split
from micromask.core.types import SubjectId
from micromask.evaluation.compare import Run, compare
from micromask.evaluation.document import document_of
from micromask.evaluation.pairs import pair_words

LABELS = ("negative", "positive")


def results_of(
    wrong: Sequence[Sequence[int]],
    *,
    people: int = 12,
    each: int = 4,
    selection: str = "inner",
    labels: tuple[str, ...] = LABELS,
    model: str = "toy",
) -> Results:
    """LOSO over people of ``each`` clips, negative and positive in turn; ``wrong``: the clips that each seed misses."""
    samples = tuple(
        Sample(
            f"c{number:03d}", f"c{number:03d}", SubjectId("toy", f"s{number // each:02d}"), "film", LABELS[number % 2]
        )
        for number in range(people * each)
    )
    every = frozenset(sample.id for sample in samples)
    splits = []
    for name in dict.fromkeys(str(sample.subject) for sample in samples):
        own = frozenset(sample.id for sample in samples if str(sample.subject) == name)
        splits.append(Split(name, every - own, own))
    predictions = []
    for split in splits:
        for seed, missed in enumerate(wrong):
            for number, sample in enumerate(samples):
                if sample.id in split.test:
                    right = labels.index(sample.label)
                    shares = np.full(len(labels), 0.25 / max(1, len(labels) - 1))
                    shares[right if number not in missed else (right + 1) % len(labels)] = 0.75
                    predictions.append(Prediction(sample.id, split.held_out, seed, sample.label, tuple(shares)))
    return Results(
        model=model,
        protocol="loso",
        dataset="toy",
        labels=labels,
        samples=samples,
        splits=tuple(splits),
        predictions=tuple(predictions),
        seeds=tuple(range(len(wrong))),
        selection=selection,
    )


def run_of(name: str, wrong: Sequence[Sequence[int]], **settings) -> Run:
    results = results_of(wrong, **settings)
    return Run(name, document_of(results), results)


def row(document: Mapping, name: str) -> Mapping:
    (found,) = [each for each in document["runs"] if each["name"] == name]
    return found


EVERY_FOURTH = tuple(range(0, 48, 4))
"""The first clip of each person, a negative one: recall 1/2 and 1, F1 2/3 and 4/5, accuracy 3/4."""


def test_figures_differences_and_p_are_those_worked_out_by_hand():
    document = compare([run_of("half", [EVERY_FOURTH]), run_of("all", [()])])
    assert json.loads(json.dumps(document, allow_nan=False)) == document
    assert [each["name"] for each in document["runs"]] == ["all", "half"]
    assert document["best"] == "all"
    half = row(document, "half")
    assert half["uf1"] == pytest.approx((2 / 3 + 4 / 5) / 2)
    assert (half["uar"], half["accuracy"]) == (0.75, 0.75)
    assert half["intervals"]["accuracy"] == [0.75, 0.75]  # everyone is alike, so a new draw of people changes nothing
    (pair,) = document["pairs"]
    assert (pair["first"], pair["second"], pair["ahead"]) == ("all", "half", "all")
    assert pair["uf1"]["difference"] == pytest.approx(1 - (2 / 3 + 4 / 5) / 2)
    assert pair["accuracy"]["difference"] == 0.25
    # twelve people, everyone read better by the one: 2 of the 2^12 ways to swap are as uneven
    assert (pair["exact"], pair["swaps"]) == (True, 4096)
    assert pair["accuracy"]["p"] == pair["uf1"]["p"] == 2 / 4096
    assert pair["mcnemar"] == {"only_first": 12, "only_second": 0, "p": 2 / 4096, "p_holm": 2 / 4096}
    assert pair["words"] == "all is ahead of half by 0.267 of UF1 (95 % +0.267 to +0.267; p < 0.001)"
    assert document["majority"]["accuracy"] == 0.5
    assert document["majority"]["uf1"] == pytest.approx(1 / 3)
    assert half["over_majority"]["accuracy"][0] == 0.25


def test_every_p_is_multiplied_by_the_pairs_that_it_is_one_of():
    runs = [run_of("a", [()]), run_of("b", [EVERY_FOURTH]), run_of("c", [EVERY_FOURTH])]
    pairs = {(each["first"], each["second"]): each for each in compare(runs)["pairs"]}
    assert list(pairs) == [("a", "b"), ("a", "c"), ("b", "c")]
    for test in ("uf1", "accuracy", "mcnemar"):
        assert [pairs["a", other][test]["p_holm"] for other in "bc"] == [6 / 4096, 6 / 4096]
        assert pairs["b", "c"][test]["p_holm"] == pairs["b", "c"][test]["p"] == 1
    assert pairs["b", "c"]["ahead"] is None
    assert pairs["b", "c"]["words"].startswith("no difference can be told: b less c is +0.000 of UF1 (95 % +0.000 to")


def test_a_lead_in_one_person_is_no_lead():
    """McNemar takes 14 clips of one person for 14 proofs; swapping people does not."""
    wrong = list(range(14))
    document = compare([run_of("good", [()], each=14), run_of("bad", [wrong], each=14)])
    (pair,) = document["pairs"]
    assert pair["mcnemar"]["p"] == 2 / 2**14
    assert pair["uf1"]["p"] == 1  # swapped or not, one of the two has that person right
    assert pair["ahead"] is None


def test_the_same_folds_chosen_on_the_test_side_and_inside_stand_in_one_table_and_only_the_first_leaks():
    published = run_of("published", [(0,)], selection="as-published")
    inner = run_of("inner", [EVERY_FOURTH])
    document = compare([inner, published])
    assert [(each["name"], each["rank"], each["leaks"]) for each in document["runs"]] == [
        ("inner", 1, []),
        ("published", None, ["LK004"]),
    ]
    assert row(document, "published")["uf1"] > row(document, "inner")["uf1"]
    assert document["best"] == "inner"
    (pair,) = document["pairs"]
    assert pair["ahead"] == "published"
    assert pair["leaks"] == {"published": ["LK004"]}
    assert pair["words"].startswith("published is ahead of inner by ")
    assert pair["words"].endswith(", but published leaks (LK004): the lead says nothing for it")
    assert document["cautions"] == [
        "published leaks and has no rank: LK004 epoch, checkpoint or setting chosen on test data."
    ]


def test_where_every_run_leaks_none_is_best():
    runs = [run_of("a", [()], selection="as-published"), run_of("b", [EVERY_FOURTH], selection="as-published")]
    document = compare(runs, ensemble=True)
    assert document["best"] is None
    assert [each["leaks"] for each in document["runs"]] == [["LK004"]] * 3
    assert document["cautions"][-1] == "The ensemble holds runs that leak, so it leaks too."


def test_an_ensemble_is_the_mean_of_the_probabilities_seed_by_seed():
    """Three models miss different clips, each with 0.75 for the wrong class: two of three outvote it."""
    runs = [run_of(name, [(at,), (at, at + 8)]) for name, at in (("a", 0), ("b", 1), ("c", 2))]
    document = compare(runs, ensemble=True)
    mean = document["runs"][-1]
    assert (mean["name"], mean["kind"], mean["rank"], mean["of"]) == ("ensemble", "ensemble", None, ["a", "b", "c"])
    assert [each["accuracy"] for each in mean["seeds"]] == [1, 1]
    assert document["best"] == "a"
    assert len(document["pairs"]) == 6


def test_an_ensemble_of_runs_with_other_seeds_has_one_layer():
    document = compare([run_of("one", [()]), run_of("three", [(0,), (1,), (2,)])], ensemble=True)
    assert len(document["runs"][-1]["seeds"]) == 1
    assert (
        "Numbers of seeds differ (one 1, three 3): each figure is the mean over the run's own." in document["cautions"]
    )
    pair = document["pairs"][0]
    assert pair["accuracy"]["difference"] == pytest.approx(1 / 48)
    # each seed misses another clip, and the other two outvote it
    assert (pair["mcnemar"]["only_first"], pair["mcnemar"]["only_second"]) == (0, 0)


def test_labels_in_another_order_are_the_same_labels():
    plain = run_of("plain", [EVERY_FOURTH])
    turned = run_of("turned", [EVERY_FOURTH], labels=LABELS[::-1])
    document = compare([plain, turned])
    assert document["labels"] == list(LABELS)
    assert row(document, "plain")["uf1"] == row(document, "turned")["uf1"]
    assert document["pairs"][0]["mcnemar"] == {"only_first": 0, "only_second": 0, "p": 1, "p_holm": 1}


def frames_of(results: Results) -> Results:
    """The same clips read as two frames each."""
    samples = [replace(s, id=f"{s.id}#{at}", frame=at) for s in results.samples for at in (0, 1)]
    both = lambda ids: frozenset(f"{each}#{at}" for each in ids for at in (0, 1))  # noqa: E731
    splits = [Split(split.held_out, both(split.train), both(split.test)) for split in results.splits]
    predictions = [replace(each, sample=f"{each.sample}#{at}") for each in results.predictions for at in (0, 1)]
    return replace(results, samples=tuple(samples), splits=tuple(splits), predictions=tuple(predictions))


def test_a_run_by_frames_and_one_by_clips_are_compared_by_clip():
    clips, results = run_of("clips", [()]), frames_of(results_of([EVERY_FOURTH]))
    document = compare([clips, Run("frames", document_of(results), results)])
    assert (document["compared"], document["samples"], document["clips"]) == ("clips", 48, 48)
    assert row(document, "frames")["accuracy"] == 0.75
    assert document["cautions"] == [
        "The runs read the clips in different ways: they are compared by clip, a clip's frames averaged."
    ]


def test_other_folds_are_compared_and_said():
    results = results_of([EVERY_FOURTH])
    halves = [frozenset(s.id for s in results.samples if (int(s.subject.name[1:]) % 2) == side) for side in (0, 1)]
    splits = (Split("0", halves[1], halves[0]), Split("1", halves[0], halves[1]))
    fold = {sample: split.held_out for split in splits for sample in split.test}
    predictions = tuple(replace(each, fold=fold[each.sample]) for each in results.predictions)
    other = replace(results, splits=splits, predictions=predictions, protocol="k-fold-subjects")
    document = compare([run_of("loso", [EVERY_FOURTH]), Run("two", document_of(other), other)])
    assert document["pairs"][0]["uf1"]["difference"] == 0
    assert document["cautions"] == ["Not on the same folds as loso: two. Differences are partly the folds'."]


def test_few_people_cannot_tell_and_it_is_said():
    document = compare([run_of("a", [()], people=5), run_of("b", [range(0, 20, 2)], people=5)])
    assert document["pairs"][0]["uf1"]["p"] == 2 / 32
    assert document["pairs"][0]["ahead"] is None
    assert "With 5 subjects no difference can be told in 1 pair, however large." in document["cautions"]


def with_truth(run: Run, sample: str, label: str) -> Run:
    results = run.results
    samples = tuple(replace(each, label=label) if each.id == sample else each for each in results.samples)
    told = tuple(replace(each, truth=label) if each.sample == sample else each for each in results.predictions)
    return replace(run, results=replace(results, samples=samples, predictions=told))


def with_person(run: Run, sample: str) -> Run:
    someone = SubjectId("toy", "nobody")
    samples = tuple(replace(each, subject=someone) if each.id == sample else each for each in run.results.samples)
    return replace(run, results=replace(run.results, samples=samples))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        pytest.param(
            lambda: run_of("b", [()], people=11),
            "a and b were tested on other samples: 4 only in a (such as c044); "
            "compare runs on the same data and protocol",
            id="samples",
        ),
        pytest.param(
            lambda: run_of("b", [()], labels=("negative", "positive", "surprise")),
            "a and b have other labels: negative, positive and negative, positive, surprise; "
            "compare runs with the same --labels",
            id="labels",
        ),
        pytest.param(
            lambda: with_truth(run_of("b", [()]), "c002", "positive"),
            "a and b have other truth: c002 is negative in a and positive in b (1 such in all); "
            "compare runs on the same annotation",
            id="truth",
        ),
        pytest.param(
            lambda: with_person(run_of("b", [()]), "c002"),
            "a and b have other subjects: c002 is toy/s00 in a and toy/nobody in b (1 such in all); "
            "compare runs on the same annotation",
            id="people",
        ),
    ],
)
def test_runs_that_cannot_be_compared_are_refused_with_what_differs(change, words):
    with pytest.raises(BadInputError) as refused:
        compare([run_of("a", [()]), change()])
    assert str(refused.value) == words


def test_a_sample_tested_more_often_in_one_run_is_refused():
    run = run_of("b", [()])
    again = replace(run.results.splits[0], held_out="again")
    more = [
        replace(each, fold="again") for each in run.results.predictions if each.fold == run.results.splits[0].held_out
    ]
    results = replace(run.results, splits=(*run.results.splits, again), predictions=(*run.results.predictions, *more))
    with pytest.raises(BadInputError, match="tested on other samples: c000 1 and 2 times; compare"):
        compare([run_of("a", [()]), replace(run, results=results)])


@pytest.mark.parametrize("names", [("a",), ("a", "a")])
def test_runs_without_a_name_of_their_own_are_refused(names):
    with pytest.raises(BadInputError, match="two runs or more, each under a name of its own"):
        compare([run_of(name, [()]) for name in names])


def test_a_run_called_ensemble_cannot_stand_beside_one():
    with pytest.raises(BadInputError, match="'ensemble', as the mean of all would be"):
        compare([run_of("a", [()]), run_of("ensemble", [()])], ensemble=True)


def test_a_pair_is_told_from_the_side_that_is_ahead():
    uf1 = {"difference": -0.1, "low": -0.2, "high": -0.05, "p_holm": 0.01}
    words = pair_words({"first": "a", "second": "b", "ahead": "b", "leaks": {"a": ["LK001"]}, "uf1": uf1})
    assert words == "b is ahead of a by 0.100 of UF1 (95 % +0.050 to +0.200; p = 0.010), although a leaks (LK001)"
