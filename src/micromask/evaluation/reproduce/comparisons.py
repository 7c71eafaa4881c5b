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


def compared(paper: Paper, done: Sequence[Done]) -> list[dict[str, Any]]:
    """For each comparison of the paper and way: every model's difference with its interval, and their mean's.

    Subsets are set side by side that differ in nothing but the attribute: women and men under one stimulus, questions
    and images for one kind of expression.
    """
    found = []
    for attribute in paper.comparisons:
        if attribute not in PAIRS:
            continue
        for way in COMPARED:
            for rest, first, second in _sides(done, attribute, way):
                found.append(_contrast(attribute, way, rest, first, second))
    return found


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


def _contrast(attribute: str, way: Way, rest: str, first: Sequence[Done], second: Sequence[Done]) -> dict[str, Any]:
    others = {each.job.contender.model: each for each in second}
    models, pairs = [], []
    for one in first:
        other = others.get(one.job.contender.model)
        lacking = [each for each in (one, other) if each is None or each.counts is None]
        told = {"model": one.job.contender.model, "title": one.job.contender.title}
        if lacking or other is None or one.counts is None or other.counts is None:
            reasons = [each.why_not for each in (one, other) if each is not None and each.why_not]
            models.append({**told, "why_not": reasons[0] if reasons else "not run", "accuracy": None, "uf1": None})
            continue
        models.append({**told, "why_not": ""} | _figures(one.counts, other.counts))
        if not one.job.contender.baseline:
            pairs.append((one.counts, other.counts))
    everybody = tuple(joined([pair[side] for pair in pairs]) for side in (0, 1))
    mean = None
    if everybody[0] is not None and everybody[1] is not None:
        mean = _figures(everybody[0], everybody[1])
    return {
        "attribute": attribute,
        "way": way,
        "rest": rest,
        "sides": list(WORDS[attribute]),
        "models": models,
        "mean": None if mean is None else {**mean, "models": len(pairs)},
        "said": _said(attribute, mean, pairs),
    }


def _figures(one: PeopleCounts, other: PeopleCounts) -> dict[str, Any]:
    return {
        name: _told(difference(one, other, figure)) for name, figure in (("accuracy", accuracy_each), ("uf1", uf1_each))
    }


def _told(interval: Interval | None) -> list[float] | None:
    return None if interval is None else [interval.value, interval.low, interval.high]


def _said(attribute: str, mean: dict[str, Any] | None, pairs: Sequence[tuple[PeopleCounts, PeopleCounts]]) -> str:
    first, second = WORDS[attribute]
    if mean is None or mean["accuracy"] is None:
        return f"There is not enough data to say whether {first} or {second} are read better."
    value, low, high = mean["accuracy"]
    people = f"{len(pairs[0][0].people)} and {len(pairs[0][1].people)} people"
    better, worse = (first, second) if value >= 0 else (second, first)
    if low > 0 or high < 0:
        return f"{better.capitalize()} are read better than {worse}: the interval leaves 0 out ({people})."
    return f"These data do not say whether {first} or {second} are read better: the interval holds 0 ({people})."


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
