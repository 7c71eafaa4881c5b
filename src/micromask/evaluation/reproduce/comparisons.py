"""What papers draw conclusions from: which stimulus and which gender is read better, which model finishes first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from micromask.evaluation.metrics import accuracy_each, uf1_each
from micromask.evaluation.reproduce.contrast import PeopleCounts, difference, joined
from micromask.evaluation.reproduce.jobs import Way
from micromask.evaluation.reproduce.paper import Paper, Subset
from micromask.evaluation.reproduce.run import Done
from micromask.evaluation.statistics import Interval

PAIRS = {"stimulus": ("questionnaire", "images"), "gender": ("female", "male")}
WORDS = {
    "stimulus": ("questions", "images"),
    "gender": ("women", "men"),
}
COMPARED: tuple[Way, ...] = ("as-published", "subject-independent")

FEWEST_PEOPLE = 10
"""On each side, below which no difference is believed: so few people can be alike by chance."""

DRAWS = 20_000
"""Of people, for the intervals of means: corrected for many comparisons, they hang on few of the draws."""


def compared(paper: Paper, done: Sequence[Done]) -> list[dict[str, Any]]:
    """For each comparison of the paper and way: every model's difference with its interval, and their mean's.

    Subsets are set side by side that differ in nothing but the attribute: women and men under one stimulus, questions
    and images for one kind of expression. Where many are compared some differ by chance: whether one says anything is
    judged by an interval corrected for as many comparisons (Bonferroni), and by none with fewer than FEWEST_PEOPLE.
    """
    found = []
    for way in COMPARED:
        cells = [
            (attribute, *sides)
            for attribute in paper.comparisons
            if attribute in PAIRS
            for sides in _sides(done, attribute, way)
        ]
        pairs = [_paired(first, second) for _, _, first, second in cells]
        many = sum(pair is not None for pair in pairs)
        for (attribute, rest, first, second), pair in zip(cells, pairs, strict=True):
            found.append(
                {
                    "attribute": attribute,
                    "way": way,
                    "rest": rest,
                    "sides": list(WORDS[attribute]),
                    "models": [_model(one, second) for one in first],
                    **_judged(attribute, pair, many),
                }
            )
    return sorted(found, key=lambda each: each["attribute"], reverse=True)


def _sides(done: Sequence[Done], attribute: str, way: Way) -> Iterator[tuple[str, list[Done], list[Done]]]:
    names: dict[tuple[object, ...], str] = {}
    sides: dict[tuple[object, ...], tuple[list[Done], list[Done]]] = {}
    for each in done:
        where = dict(each.job.subset.where)
        value = where.pop(attribute, None)
        if each.job.way == way and value in PAIRS[attribute]:
            key: tuple[object, ...] = (each.job.subset.data, each.job.subset.masked, tuple(where.items()))
            names.setdefault(key, _rest(each.job.subset, attribute))
            sides.setdefault(key, ([], []))[PAIRS[attribute].index(value)].append(each)
    for key, (first, second) in sides.items():
        yield names[key], first, second


def _rest(subset: Subset, attribute: str) -> str:
    """What the two sides have in common, in words: ``images, micro``."""
    where = dict(subset.where)
    words = [] if attribute == "stimulus" or "stimulus" not in where else [where["stimulus"]]
    words.append("masked" if subset.masked else "micro")
    if attribute != "gender" and "gender" in where:
        words.append(WORDS["gender"][PAIRS["gender"].index(where["gender"])])
    return ", ".join(words)


def _paired(first: Sequence[Done], second: Sequence[Done]) -> tuple[PeopleCounts, PeopleCounts, int] | None:
    """The paper's models on both sides as layers of one, and how many they are; None where there are none."""
    others = {each.job.contender.model: each.counts for each in second}
    both = [
        (one.counts, other)
        for one in first
        if not one.job.contender.baseline
        and one.counts is not None
        and (other := others.get(one.job.contender.model)) is not None
    ]
    one, other = (joined([pair[side] for pair in both]) for side in (0, 1))
    return None if one is None or other is None else (one, other, len(both))


def _model(one: Done, second: Sequence[Done]) -> dict[str, Any]:
    """One model's difference between the two sides, or why there is none."""
    told: dict[str, Any] = {"model": one.job.contender.model, "title": one.job.contender.title}
    other = next((each for each in second if each.job.contender.model == told["model"]), None)
    if other is None or one.counts is None or other.counts is None:
        reasons = [each.why_not for each in (one, other) if each is not None and each.why_not]
        return told | {"why_not": reasons[0] if reasons else "run on one side only", "accuracy": None, "uf1": None}
    return told | {
        "why_not": "",
        "accuracy": _told(difference(one.counts, other.counts, accuracy_each)),
        "uf1": _told(difference(one.counts, other.counts, uf1_each)),
    }


def _judged(attribute: str, pair: tuple[PeopleCounts, PeopleCounts, int] | None, many: int) -> dict[str, Any]:
    """The mean over the models with its interval, plain and corrected, and what it says in words."""
    first, second = WORDS[attribute]
    nothing = f"There is not enough data to say whether {first} or {second} are read better."
    if pair is None:
        return {"mean": None, "said": nothing}
    one, other, models = pair
    plain = difference(one, other, accuracy_each, draws=DRAWS)
    strict = difference(one, other, accuracy_each, level=1 - 0.05 / many, draws=DRAWS)
    if plain is None or strict is None:
        return {"mean": None, "said": nothing}
    mean = {
        "accuracy": _told(plain),
        "uf1": _told(difference(one, other, uf1_each, draws=DRAWS)),
        "corrected": [strict.low, strict.high],
        "comparisons": many,
        "models": models,
    }
    return {"mean": mean, "said": _said(attribute, plain, strict, (len(one.people), len(other.people)), many)}


def _said(attribute: str, plain: Interval, strict: Interval, people: tuple[int, int], many: int) -> str:
    """What a difference says, in a sentence; ``strict`` is its interval corrected for as many comparisons."""
    first, second = WORDS[attribute]
    number = f"{people[0]} and {people[1]} people"
    open_still = f"These data do not say whether {first} or {second} are read better ({number}):"
    if plain.low <= 0 <= plain.high:
        return f"{open_still} the interval holds 0."
    if strict.low <= 0 <= strict.high:
        return f"{open_still} corrected for {many} comparisons, the interval holds 0."
    if min(people) < FEWEST_PEOPLE:
        return f"{open_still} so few people can differ by chance."
    better, worse = (first, second) if plain.value > 0 else (second, first)
    number_of = f"{many} comparisons" if many > 1 else "1 comparison"
    return f"{better.capitalize()} are read better than {worse} ({number}), also corrected for {number_of}."


def _told(interval: Interval | None) -> list[float] | None:
    return None if interval is None else [interval.value, interval.low, interval.high]


def finishing(paper: Paper, done: Sequence[Done]) -> list[dict[str, Any]]:
    """The models in the order in which their fits as published finished, by time, with training and test accuracy.

    Subsets one after another. ``reached`` says for each way whether the paper's goal was, in training and in the test.
    """
    if "finish" not in paper.comparisons:
        return []
    rows: dict[str, dict[str, dict[str, Done]]] = {}
    for each in done:
        if not each.job.contender.baseline and each.document is not None:
            rows.setdefault(each.job.subset.name, {}).setdefault(each.job.contender.model, {})[each.job.way] = each
    claims = {claim.model: claim.figures for claim in paper.claims}
    found = []
    for subset, models in rows.items():
        timed = [(model, ways) for model, ways in models.items() if "as-published" in ways]
        timed.sort(key=lambda pair: pair[1]["as-published"].document["seconds"]["fitting"])  # type: ignore[index]
        for place, (model, ways) in enumerate(timed, 1):
            job = ways["as-published"].job
            found.append(
                {
                    "subset": subset,
                    "model": model,
                    "title": job.contender.title,
                    "order": place,
                    "paper_order": claims.get(model, {}).get("order"),
                    "paper_train": claims.get(model, {}).get("train_accuracy"),
                    "paper_test": claims.get(model, {}).get("accuracy"),
                    "ways": {way: _finished(ways[way], paper.goal) for way in COMPARED if way in ways},
                }
            )
    return found


def _finished(done: Done, goal: float | None) -> dict[str, Any]:
    assert done.document is not None
    test, train = done.document["metrics"]["accuracy"], done.train_accuracy
    reached = None if goal is None or train is None else bool(min(train, test) > goal)
    return {"train": train, "test": test, "seconds": done.document["seconds"]["fitting"], "reached": reached}
