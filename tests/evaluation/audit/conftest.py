"""Synthetic corpora as tables, split honestly: whatever an audit finds in them was planted."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from micromask.evaluation.audit import Facts

CLASSES = ("negative", "positive", "surprise")
HONEST = Facts(
    selection="inner",
    augmented_before_split=False,
    fitted_on_test=(),
    threshold_from="inner",
    pretraining_subjects=("imagenet/nobody",),
    seeds=(0, 1, 2),
)


def corpus(
    people: int = 12, clips: int = 6, dataset: str | None = None, *, uneven: bool = False, own_names: bool = False
) -> pd.DataFrame:
    """A row a clip. Each person shows every class; ``uneven`` ones show one class much more than the others.

    ``own_names`` counts clips from 1 for each person, as CASME II does.
    """
    rng = np.random.default_rng(people * 100 + clips)
    rows = []
    for person in range(people):
        labels = [CLASSES[at % 3] for at in range(clips)]
        if uneven:
            labels = [*CLASSES, *rng.choice(CLASSES, clips - 3, p=np.roll([0.7, 0.2, 0.1], person))]
        for at, label in enumerate(labels):
            clip = f"EP{at:02d}" if own_names else f"{dataset or 'c'}-{person:02d}-{at:02d}"
            rows.append((clip, f"s{person:02d}", f"film {clip} of {person}", label))
    table = pd.DataFrame(rows, columns=["clip", "subject", "recording", "truth"])
    return table if dataset is None else table.assign(dataset=dataset)


def predicted(table: pd.DataFrame, right: float = 0.8) -> pd.DataFrame:
    """Predictions on the test side, of which about so many are right."""
    rng = np.random.default_rng(1)
    guess = np.where(rng.random(len(table)) < right, table["truth"], rng.choice(CLASSES, len(table)))
    return table.assign(prediction=np.where(table["split"] == "test", guess, ""))


def folds(table: pd.DataFrame, fold_of: Callable[[pd.Series], object]) -> pd.DataFrame:
    """Every fold tests the rows that ``fold_of`` gives its name, and trains on all others."""
    own = table.apply(fold_of, axis=1)
    parts = [table.assign(fold=str(fold), split=np.where(own == fold, "test", "train")) for fold in own.unique()]
    return predicted(pd.concat(parts, ignore_index=True))


@pytest.fixture
def root() -> Path:
    """The project's folder."""
    return Path(__file__).parents[3]


@pytest.fixture
def tables() -> SimpleNamespace:
    def loso(table: pd.DataFrame | None = None) -> pd.DataFrame:
        return folds(corpus() if table is None else table, lambda row: (row.get("dataset", ""), row["subject"]))

    def k_fold(table: pd.DataFrame | None = None, k: int = 4) -> pd.DataFrame:
        return folds(corpus() if table is None else table, lambda row: int(row["subject"][1:]) % k)

    def hold_out(people: int = 30) -> pd.DataFrame:
        table = corpus(people)
        number = table["subject"].str[1:].astype(int)
        sides = np.select([number % 3 == 0, number % 3 == 1], ["test", "validation"], "train")
        return predicted(table.assign(split=sides))

    return SimpleNamespace(corpus=corpus, loso=loso, k_fold=k_fold, hold_out=hold_out, folds=folds, honest=HONEST)
