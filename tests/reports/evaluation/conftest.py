"""An invented run and its document: figures at random, nobody's clips."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from micromask.core.clips import Finding
from micromask.core.results import Prediction, Results, Sample
from micromask.core.types import SubjectId
from micromask.datasets.card import card
from micromask.evaluation.document import document_of
from micromask.evaluation.protocols import make_splits


def invented_document(
    protocol: str = "loso",
    labels: tuple[str, ...] = ("negative", "positive", "surprise"),
    seeds: tuple[int, ...] = (0, 1),
    frames: int = 1,
    corpora: int = 2,
    people: int = 6,
    name: str = "ann",
    command: str = "micromask evaluate made --model ststnet",
    **changes: Any,
) -> dict[str, Any]:
    """The document of a run in which about half is right."""
    rng = np.random.default_rng(1)
    samples = []
    for person in range(people):
        for clip in range(5):
            subject = SubjectId(f"corpus{person % corpora}", f"{name}{person}")
            clip_id = f"{subject}/{clip}"
            label = labels[int(rng.integers(len(labels)))]
            for frame in range(frames):
                number = frame if frames > 1 else None
                samples.append(
                    Sample(
                        clip_id if number is None else f"{clip_id}#{frame}", clip_id, subject, clip_id, label, number
                    )
                )
    splits = make_splits(protocol, samples)
    told = {sample.id: sample.label for sample in samples}
    predictions = []
    for split in splits:
        for seed in seeds:
            for sample in sorted(split.test):
                shares = rng.dirichlet(np.ones(len(labels))) + 0.3 * np.eye(len(labels))[labels.index(told[sample])]
                predictions.append(Prediction(sample, split.held_out, seed, told[sample], tuple(shares / shares.sum())))
    curves = [
        {
            "fold": split.held_out,
            "seed": seed,
            "epoch": float(epoch),
            **{
                f"{side}_{what}": float(rng.random())
                for side in ("train", "validation")
                for what in ("loss", "accuracy")
            },
        }
        for split in splits
        for seed in seeds
        for epoch in (1, 2, 3)
    ]
    epochs = [{"fold": split.held_out, "seed": seed, "epoch": 2, "seconds": 0.5} for split in splits for seed in seeds]
    values: dict[str, Any] = {
        "model": "ststnet",
        "protocol": protocol,
        "dataset": "made",
        "labels": labels,
        "selection": "inner",
        "findings": (Finding("DS051", "clips outside of the label set", "note", ("happiness: 4",)),),
        "curves": tuple(curves),
        "settings": {
            "label_set": "own",
            "recipe": {"epochs": 3, "augment": ["flip"], "balanced": False},
            "epochs": epochs,
        },
        "versions": {"python": "3.12.0", "torch": "2.13.0"},
        "seconds": {"fitting": 61.0, "wall": 75.0},
    }
    made = Results(
        samples=tuple(samples), splits=splits, predictions=tuple(predictions), seeds=seeds, **values | changes
    )
    document: dict[str, Any] = document_of(made, command=command, card=card("flow-table"))
    return document


@pytest.fixture(scope="session")
def invent() -> Callable[..., dict[str, Any]]:
    return invented_document


@pytest.fixture(scope="session")
def document() -> dict[str, Any]:
    """As it comes out of results.json years later."""
    read: dict[str, Any] = json.loads(json.dumps(invented_document()))
    return read
