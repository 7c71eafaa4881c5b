"""Which group is read better: planted differences, none at all, many comparisons, few people."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np

from micromask.evaluation.reproduce import Done, Subset, papers
from micromask.evaluation.reproduce.comparisons import compared
from micromask.evaluation.reproduce.contrast import PeopleCounts

STUDY = papers["mmed-fst"]
MODEL = STUDY.contenders[0]


def done(stimulus: str, gender: str, shares: list[float], way: str = "subject-independent", of: int = 40) -> Done:
    """People of whom each is read rightly in this share of 40 samples of one class of two."""
    right = np.array([[[round(share * of), of - round(share * of)], [0, 0]] for share in shares])
    where = (("stimulus", stimulus), ("gender", gender))
    job = SimpleNamespace(subset=Subset("x", "toy", where=where, masked=False), contender=MODEL, way=way)
    people = tuple(f"{gender}{number:02d}" for number in range(len(shares)))
    return Done(job, {}, PeopleCounts(people, right[None]))


def told(runs: list[Done], attribute: str = "gender") -> dict:
    return next(each for each in compared(STUDY, runs) if each["attribute"] == attribute)


def test_a_planted_difference_of_enough_people_is_said():
    runs = [done("images", "female", [0.8, 0.9] * 6), done("images", "male", [0.5, 0.6] * 5)]
    found = told(runs)
    assert found["said"] == ("Women are read better than men (12 and 10 people), also corrected for 1 comparison.")
    assert found["mean"]["accuracy"][0] == 0.85 - 0.55


def test_the_same_difference_of_four_people_is_not_believed():
    runs = [done("images", "female", [0.8, 0.9] * 2), done("images", "male", [0.5, 0.6] * 2)]
    assert told(runs)["said"].endswith("(4 and 4 people): so few people can differ by chance.")


def test_people_who_are_alike_are_not_said_to_differ():
    rng = np.random.default_rng(4)
    for _ in range(5):
        runs = [done("images", gender, list(rng.uniform(0.3, 0.9, 11))) for gender in ("female", "male")]
        low, high = told(runs)["mean"]["corrected"]
        assert low <= 0 <= high


def test_of_many_comparisons_one_that_is_barely_there_is_not_believed():
    rng = np.random.default_rng(0)
    noise = list(rng.uniform(-0.2, 0.2, 12))
    alone = [
        done("images", "female", [0.62 + each for each in noise]),
        done("images", "male", [0.5 + each for each in noise]),
    ]
    assert told(alone)["said"].startswith("Women are read better")
    more = [done("questionnaire", gender, [0.5 + each for each in noise]) for gender in ("female", "male")]
    found = next(
        each
        for each in compared(STUDY, alone + more)
        if (each["attribute"], each["rest"]) == ("gender", "images, micro")
    )
    assert found["mean"]["comparisons"] == 4
    assert found["said"].endswith("corrected for 4 comparisons, the interval holds 0.")


def test_one_stimulus_is_set_beside_the_other_for_the_same_kind_and_gender_only():
    runs = [done(stimulus, "female", [0.5] * 11) for stimulus in ("questionnaire", "images")]
    runs.append(done("questionnaire", "male", [0.5] * 10))
    found = [each for each in compared(STUDY, runs) if each["attribute"] == "stimulus" and each["mean"]]
    assert [(each["rest"], each["sides"]) for each in found] == [("micro, women", ["questions", "images"])]
