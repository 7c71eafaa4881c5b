"""What two fitted models say of the same intervals of a film."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from micromask.core.types import Analysis, Expression, FloatArray, Kind
from micromask.datasets.card import cards
from micromask.datasets.labels import one_spelling
from micromask.inference.fitted import Fitted, interval_probabilities

GENERIC = ("clip-table", "flow-folder", "flow-table", "image-folder", "synthetic")
"""Loaders of whatever a user has: two models of the same one need not have seen the same data."""
COMPOSITE = {"megc2019": ("casme2", "samm", "smic")}


@dataclass(frozen=True, slots=True)
class Rater:
    """A model that is compared: what it is called, in one line what it is, its classes, and corpora it was fitted on.

    ``classes`` are in one spelling (`datasets.labels.one_spelling`), so that 'happy' of one model is 'happiness' of
    another.
    """

    name: str
    describe: str
    reads: str
    classes: tuple[str, ...]
    fitted_on: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Judged:
    """One interval and what each model says of it: a probability a class, or nothing where it could not read it.

    ``recording`` tells films apart and ``title`` is what a person calls it; ``participant`` is '' where it is not told.
    """

    recording: str
    title: str
    participant: str
    number: int
    face: int
    kind: Kind
    frames: tuple[int, int, int]
    seconds: tuple[float, float, float]
    first: Mapping[str, float]
    second: Mapping[str, float]


def rater(fitted: Fitted, name: str = "") -> Rater:
    """A fitted model as one that is compared."""
    classes = tuple(map(one_spelling, fitted.classes))
    return Rater(name or fitted.name, fitted.describe, fitted.reads, classes, corpora_of(fitted.card))


def corpora_of(card: Mapping[str, Any]) -> tuple[str, ...]:
    """The corpora that a model's card says it was fitted on, by name; those of a composite one by one.

    >>> corpora_of({"training_data": {"from": "maps of MEGC 2019: CASME II (145) and SMIC (164)"}})
    ('casme2', 'smic')
    >>> corpora_of({"training_data": {"datasets": ["samm", "image-folder"]}})
    ('samm',)
    """
    told = card.get("training_data", "")
    if isinstance(told, Mapping) and "datasets" in told:
        names = [part for name in told["datasets"] for part in COMPOSITE.get(name, (name,))]
        return tuple(sorted({name for name in names if name not in GENERIC}))
    text = str(told.get("from", "") if isinstance(told, Mapping) else told)
    found = []
    for each in sorted(cards(), key=lambda one: -len(one.title)):
        if each.title in text:
            found.append(each.name)
            text = text.replace(each.title, "")
    return tuple(sorted(found))


def judge(
    analysis: Analysis,
    first: Fitted,
    second: Fitted,
    *,
    recording: str,
    title: str = "",
    participant: str = "",
    intervals: Sequence[Expression] | None = None,
) -> tuple[Judged, ...]:
    """Ask two models about every interval of an analysis; its film is read again.

    Parameters
    ----------
    analysis : Analysis
        With its tracks; whether emotions were recognised does not matter.
    first, second : Fitted
        Of any kind: each gets what it reads.
    recording, title, participant : str
        As in `Judged`; without a title the recording's name is taken.
    intervals : sequence of Expression, optional
        In place of all of the analysis.
    """
    asked = analysis.expressions if intervals is None else tuple(intervals)
    said = [
        (
            tuple(map(one_spelling, model.classes)),
            interval_probabilities(model, analysis.recording, analysis.tracks, asked),
        )
        for model in (first, second)
    ]
    return tuple(
        Judged(
            recording,
            title or recording,
            participant.strip(),
            number,
            one.face,
            one.kind,
            (one.onset, one.apex, one.offset),
            (one.onset_s, one.apex_s, one.offset_s),
            *(_chances(classes, rows[number - 1]) for classes, rows in said),
        )
        for number, one in enumerate(asked, 1)
    )


def _chances(classes: Sequence[str], row: FloatArray) -> dict[str, float]:
    if not np.isfinite(row).all():
        return {}
    return dict(zip(classes, map(float, row), strict=True))
