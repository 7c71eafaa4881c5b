"""The identity probe on pictures of which it is known what they tell: who, what, both or nothing."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from micromask.core.errors import BadInputError
from micromask.core.results import Results, Sample, Split
from micromask.core.types import SubjectId
from micromask.evaluation.material import Material
from micromask.evaluation.probe import chance_of, identity_probe, mixed_split, probe_document
from micromask.evaluation.run import Plan
from micromask.evaluation.unit import ModelChoice
from micromask.training.recipe import Recipe

torch.set_num_threads(1)
PEOPLE, CLASSES = 5, 3
PLAN = Plan(ModelChoice("svm-linear", size=(32, 32)), Recipe())


def pictures(*, person: bool, shown: bool, each: int = 12, seed: int = 0) -> Material:
    """Noise, with a bright bar in a row of its own for each person and in a column of its own for each class."""
    rng = np.random.default_rng(seed)
    planes, samples = [], []
    for number in range(PEOPLE * each):
        who, label = number // each, number % CLASSES
        plane = rng.integers(100, 140, (32, 32)).astype(np.uint8)
        if person:
            plane[6 * who : 6 * who + 4, :] += 100
        if shown:
            plane[:, 10 * label : 10 * label + 8] += 15
        planes.append(plane)
        clip = f"p{who}/c{number % each // 4}"
        name = f"{clip}#{number}"
        samples.append(Sample(name, clip, SubjectId("toy", f"p{who}"), clip, f"k{label}", frame=number))
    return Material(tuple(samples), np.stack(planes), ("k0", "k1", "k2"), "own")


def test_a_model_that_sees_only_people_is_found_out():
    told = probe_document(identity_probe(pictures(person=True, shown=False), PLAN))
    assert told["who"]["accuracy"] == 1.0
    assert told["what"]["accuracy"] < 0.6
    assert told["knows_who"]
    assert told["people"] == PEOPLE
    assert told["protocol"] == "random-frames"


def test_a_model_that_sees_only_what_is_shown_is_not_accused():
    told = probe_document(identity_probe(pictures(person=False, shown=True), PLAN))
    assert told["what"]["accuracy"] == 1.0
    assert told["who"]["accuracy"] < 0.5
    assert not told["knows_who"]


def test_both_are_told_on_the_same_samples_and_folds():
    probe = identity_probe(pictures(person=True, shown=True), PLAN)
    assert probe.what.splits == probe.who.splits
    assert {each.sample for each in probe.what.predictions} == {each.sample for each in probe.who.predictions}
    assert probe.who.labels == tuple(f"toy/p{number}" for number in range(PEOPLE))


def test_a_run_that_is_there_already_gives_its_folds_and_is_not_run_again():
    material = pictures(person=True, shown=False)
    first = identity_probe(material, PLAN).what
    again = identity_probe(material, PLAN, what=first)
    assert again.what is first
    assert again.who.splits == first.splits


def test_of_one_person_nothing_can_be_probed():
    material = pictures(person=True, shown=True)
    samples = tuple(replace(each, subject=SubjectId("toy", "ann")) for each in material.samples)
    with pytest.raises(BadInputError, match=r"all 60 samples are of toy/ann; .* two people or more"):
        identity_probe(replace(material, samples=samples), PLAN)


def some(counts: dict[tuple[str, str], int]) -> list[Sample]:
    return [
        Sample(f"{who}-{label}-{n}", f"{who}-{n}", SubjectId("toy", who), who, label)
        for (who, label), number in counts.items()
        for n in range(number)
    ]


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("share", [0.5, 0.7, 0.8, 0.95])
def test_everybody_and_every_class_with_two_samples_is_on_both_sides(seed, share):
    samples = some({("a", "x"): 2, ("b", "x"): 7, ("b", "y"): 2, ("c", "z"): 9, ("d", "x"): 3})
    split = mixed_split(samples, share, seed)
    assert split.train | split.test == {each.id for each in samples}
    for key in (lambda each: each.subject.name, lambda each: each.label):
        for value in {key(each) for each in samples}:
            own = {each.id for each in samples if key(each) == value}
            assert own & split.train, value
            assert own & split.test, value


def test_about_the_share_is_trained_on_and_each_person_as_much_as_another():
    samples = some({(who, label): 10 for who in "abcdef" for label in "xyz"})
    split = mixed_split(samples, 0.8, 1)
    assert len(split.test) in (35, 36, 37)
    for who in "abcdef":
        assert sum(each.startswith(f"{who}-") for each in split.test) in (5, 6, 7)


def test_the_split_is_drawn_by_the_seed_and_not_by_the_order_of_the_samples():
    samples = some({(who, label): 5 for who in "abc" for label in "xy"})
    assert mixed_split(samples, 0.8, 3) == mixed_split(samples[::-1], 0.8, 3)
    assert mixed_split(samples, 0.8, 3) != mixed_split(samples, 0.8, 4)


def test_chance_is_what_the_most_frequent_class_of_training_reaches_in_the_test():
    samples = tuple(some({("a", "x"): 3, ("a", "y"): 5}))
    x, y = ([each.id for each in samples if each.label == label] for label in "xy")
    split = Split("one", frozenset([x[0], x[1], y[0]]), frozenset([x[2], *y[1:]]))  # x leads in training: 1 of 5
    assert chance_of(Results("m", "p", "d", ("x", "y"), samples, (split,), (), (0,), "last")) == 1 / 5
