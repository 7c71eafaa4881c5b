"""What a run was: its model, its protocol and its data, as a document tells them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, fields
from typing import Any

from micromask.core.errors import MicromaskError
from micromask.core.results import Results, Sample, Split
from micromask.datasets.card import Card
from micromask.evaluation.protocols import SplitOptions, leaks_of, protocols


def about_data(results: Results, card: Card | None) -> dict[str, Any]:
    """The samples of a run, tested or not, and the data set's card where there is one."""
    counts = Counter(sample.label for sample in results.samples)
    frames = any(sample.frame is not None for sample in results.samples)
    told = None
    if card is not None:
        told = {
            name: getattr(card, name)
            for name in ("name", "title", "subjects", "clips", "fps", "kind", "licence", "paper", "doi", "access")
        } | {"notes": list(card.notes)}
    return {
        "name": results.dataset,
        "label_set": results.settings.get("label_set"),
        "samples_are": "frames" if frames else "clips",
        "samples": len(results.samples),
        "clips": len({sample.clip for sample in results.samples}),
        "subjects": len({sample.subject for sample in results.samples}),
        "classes": {label: counts[label] for label in results.labels},
        "card": told,
    }


def about_model(results: Results) -> dict[str, Any]:
    """The model by name and, where it is of the catalogue, what it is, what it reads and how many numbers it learns."""
    choice: Mapping[str, Any] = results.settings.get("model") or {}
    told: dict[str, Any] = {"name": results.model, "weights": choice.get("weights", "none")}
    from micromask.models import entry_of
    from micromask.models.catalogue import asked_input

    try:
        entry = entry_of(results.model)
        size = choice.get("size")
        given = asked_input(entry, tuple(size) if size else None, choice.get("channels"))
    except MicromaskError:
        return told
    return told | {
        "title": entry.title,
        "family": entry.family,
        "reads": str(given),
        "paper": entry.paper,
        "doi": entry.doi,
        "parameters": None if entry.family == "classical" else _parameters(results, choice),
    }


def _parameters(results: Results, choice: Mapping[str, Any]) -> int:
    import torch

    from micromask.models import create
    from micromask.models.cost import parameter_count

    size = choice.get("size")
    with torch.device("meta"):
        network = create(
            results.model,
            len(results.labels),
            size=tuple(size) if size else None,
            channels=choice.get("channels"),
        )
    return parameter_count(network)


def about_protocol(results: Results) -> dict[str, Any]:
    """The protocol: what it is in words, its leaks by construction, and what its folds are in fact.

    ``people_apart`` says whether nobody is both tested and learnt from in any fold, by the names; ``tested_again`` how
    many samples are tested in more than one fold, and ``pooling`` what that means for the counts.
    """
    options = _options(results.settings.get("options") or {})
    known = results.protocol in protocols
    tested = Counter(sample for split in results.splits for sample in split.test)
    again = sum(times > 1 for times in tested.values())
    return {
        "name": results.protocol,
        "title": protocols[results.protocol].title if known else "folds from elsewhere",
        "leaks": list(leaks_of(results.protocol, options)) if known else [],
        "options": _asked(options, known, results.protocol),
        "people_apart": _people_apart(results.samples, results.splits),
        "tested": len(tested),
        "tested_again": again,
        "pooling": _pooling(len(tested), again, sum(tested.values())),
    }


def _pooling(tested: int, again: int, times: int) -> str:
    if not again:
        return "Counts are pooled over the folds before any figure is taken; every tested sample counts once."
    return (
        f"Counts are pooled over the folds before any figure is taken. {again:,} of {tested:,} tested samples are "
        f"tested in more than one fold and count each time: {times:,} in all."
    )


def _options(told: Mapping[str, Any]) -> SplitOptions:
    known = {each.name for each in fields(SplitOptions)}
    values: dict[str, Any] = {name: value for name, value in told.items() if name in known}
    values |= {name: tuple(values[name]) for name in ("train_on", "test_on") if name in values}
    return SplitOptions(**values)


def _asked(options: SplitOptions, known: bool, name: str) -> dict[str, Any]:
    """The options that this protocol honours, and the seed where it draws."""
    if not known:
        return {}
    entry = protocols[name]
    honoured = (*entry.options, *(("seed",) if entry.draws else ()))
    return {option: value for option, value in asdict(options).items() if option in honoured}


def _people_apart(samples: tuple[Sample, ...], splits: tuple[Split, ...]) -> bool:
    who = {sample.id: sample.subject for sample in samples}
    return not any(
        {who[each] for each in split.test} & {who[each] for each in split.train | split.validation} for split in splits
    )
