"""How well the coders of a study agree: beyond chance, per emotion and per pair, and where they do not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np

from micromask.core.types import IntArray
from micromask.evaluation.kappa import MISSING, Chance, cohen, fleiss, krippendorff_alpha
from micromask.studies.coded_frames import CodedFrame, coded_frames, coded_intervals
from micromask.studies.design import StudyKind
from micromask.studies.interval_agreement import IntervalAgreement, interval_agreement
from micromask.studies.labels import NONE

KINDS: tuple[StudyKind, ...] = ("micro", "masked")
NO_EXPRESSION = "no expression"
"""How a label without an emotion is called in words."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One measure of agreement of ``coders``: of all labels, or of one ``emotion`` against everything else."""

    coders: tuple[str, ...]
    emotion: str | None
    chance: Chance


@dataclass(frozen=True, slots=True)
class UnitAgreement:
    """Action units of two coders on the frames that both labelled: twice those in common over all that they named.

    ``value`` is of all units together; ``by_number`` has (number, both, first, second): on how many frames both named
    it, and each coder did. Sides and intensities do not count.
    """

    coders: tuple[str, str]
    value: float | None
    by_number: tuple[tuple[int, int, int, int], ...]
    why: str = ""


@dataclass(frozen=True, slots=True)
class Disagreement:
    """A kept frame on which coders differ; ``labels`` by coder, '' for none, 'cannot tell' among them."""

    recording: int
    number: int
    participant: str
    part: str
    time_s: float
    kind: StudyKind
    labels: dict[str, str]


@dataclass(frozen=True, slots=True)
class KindAgreement:
    """Everything about one kind of label.

    ``labelled`` and ``cannot_tell`` count kept frames by coder. ``why`` says in words why there are no figures.
    """

    kind: StudyKind
    labelled: dict[str, int]
    cannot_tell: dict[str, int]
    figures: tuple[Figure, ...]
    intervals: tuple[IntervalAgreement, ...]
    units: tuple[UnitAgreement, ...]
    disagreements: tuple[Disagreement, ...]
    why: str = ""

    def figure(self, measure: str, *coders: str, emotion: str | None = None) -> Chance:
        """The figure of a measure, for those coders or for all; KeyError where there is none."""
        for one in self.figures:
            if one.chance.measure == measure and one.emotion == emotion and (not coders or one.coders == coders):
                return one.chance
        raise KeyError((measure, coders, emotion))


@dataclass(frozen=True, slots=True)
class Agreement:
    """The agreement of a study's coders on each kind of label that anybody used."""

    kinds: tuple[KindAgreement, ...]


def agreement(study: Path) -> Agreement:
    """Measure how well the coders agree on the kept frames of a study, and compare their intervals.

    'No expression' is a class like the emotions; a frame that a coder did not label or could not tell is missing for
    that coder. Intervals of 95 % are over new draws of participants, since frames of one person are alike. People whose
    consent does not stand are left out.

    Raises
    ------
    BadInputError
        If there is no study.
    """
    kinds = []
    for kind in KINDS:
        frames, films = coded_frames(study, kind), coded_intervals(study, kind)
        coders = sorted(
            {name for frame in frames for name in frame.labels} | {name for film in films for name in film.labels}
        )
        if not coders:
            continue
        pairs = list(combinations(coders, 2))
        kinds.append(
            KindAgreement(
                kind,
                {name: sum(name in each.labels for each in frames) for name in coders},
                {name: sum(name in each.labels and name not in each.opinions for each in frames) for name in coders},
                _figures(frames, coders),
                tuple(interval_agreement(films, *pair) for pair in pairs),
                tuple(_unit_agreement(frames, *pair) for pair in pairs),
                disagreements(frames, kind),
                "" if pairs else f"only {coders[0]} has coded: agreement needs two coders",
            )
        )
    return Agreement(tuple(kinds))


def agreement_document(told: Agreement) -> dict[str, Any]:
    """The agreement as JSON values."""
    return asdict(told)


def disagreements(frames: Sequence[CodedFrame], kind: StudyKind) -> tuple[Disagreement, ...]:
    """The frames whose labels are not all the same."""
    found = []
    for frame in frames:
        said = {name: label.decision.emotion for name, label in frame.labels.items()}
        if len(set(said.values())) > 1:
            where = (frame.recording, frame.number, frame.participant, frame.part, frame.time_s)
            found.append(Disagreement(*where, kind, said))
    return tuple(found)


def _figures(frames: Sequence[CodedFrame], coders: Sequence[str]) -> tuple[Figure, ...]:
    if len(coders) < 2:
        return ()
    emotions = sorted(
        {emotion for frame in frames for emotion in frame.opinions.values()}, key=lambda e: (e == NONE, e)
    )
    people = [frame.participant for frame in frames]
    values = np.array(
        [
            [emotions.index(said) if (said := frame.opinions.get(name)) is not None else MISSING for frame in frames]
            for name in coders
        ],
        np.int64,
    ).reshape(len(coders), len(frames))
    words = [emotion or NO_EXPRESSION for emotion in emotions]
    found = _measures(coders, None, values, people, words)
    for index, word in enumerate(words):
        against = np.where(values == MISSING, MISSING, values == index)
        found += _measures(coders, emotions[index], against, people, [f"not {word}", word])
    return tuple(found)


def _measures(
    coders: Sequence[str], emotion: str | None, values: IntArray, people: Sequence[str], classes: Sequence[str]
) -> list[Figure]:
    found = [
        Figure((coders[one], coders[other]), emotion, cohen(values[[one, other]], people, classes))
        for one, other in combinations(range(len(coders)), 2)
    ]
    everyone = tuple(coders)
    found.append(Figure(everyone, emotion, fleiss(values, people, classes)))
    found.append(Figure(everyone, emotion, krippendorff_alpha(values, people, classes)))
    return found


def _unit_agreement(frames: Sequence[CodedFrame], first: str, second: str) -> UnitAgreement:
    named: tuple[Counter[int], Counter[int], Counter[int]] = (Counter(), Counter(), Counter())
    shared = 0
    for frame in frames:
        if first in frame.labels and second in frame.labels:
            shared += 1
            one, other = (
                {unit.number for unit in frame.labels[name].decision.action_units} for name in (first, second)
            )
            for counter, numbers in zip(named, (one & other, one, other), strict=True):
                counter.update(numbers)
    both, mine, yours = named
    total = mine.total() + yours.total()
    if not total:
        why = "neither named an action unit" if shared else "no frame was labelled by both"
        return UnitAgreement((first, second), None, (), why)
    by_number = tuple((number, both[number], mine[number], yours[number]) for number in sorted(mine | yours))
    return UnitAgreement((first, second), 2 * both.total() / total, by_number)
