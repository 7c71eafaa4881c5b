"""The vocabulary of evaluation: what is split, how, what was predicted, and what a run has to say for itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from micromask.core.clips import Finding
from micromask.core.types import SubjectId


@dataclass(frozen=True, slots=True)
class Sample:
    """What a protocol puts on one side or the other: a clip, or one frame of it.

    ``id`` is unique in a run: the clip's id, or ``CLIP#FRAME``. ``recording`` is the film that it is from. ``label`` is
    the class in the run's label set. ``attributes`` are facts to split by, such as gender or stimulus.
    """

    id: str
    clip: str
    subject: SubjectId
    recording: str
    label: str
    frame: int | None = None
    attributes: Mapping[str, str] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class Split:
    """One fold: who or what is held out, and the sample ids to train on, to test on and, drawn from the training
    samples, to choose by. No sample is on two sides; whether a person is, depends on the protocol.
    """

    held_out: str
    train: frozenset[str]
    test: frozenset[str]
    validation: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        sides = (self.train, self.test, self.validation)
        for one, other in ((0, 1), (0, 2), (1, 2)):
            both = sides[one] & sides[other]
            if both:
                raise ValueError(f"fold {self.held_out}: {len(both)} samples are on two sides, such as {min(both)}")
        if not self.train or not self.test:
            raise ValueError(
                f"fold {self.held_out}: {len(self.train)} samples to train on, {len(self.test)} to test on"
            )


@dataclass(frozen=True, slots=True)
class Prediction:
    """What a model said of one sample in one fold: a probability a label, in the order of the run's labels."""

    sample: str
    fold: str
    seed: int
    truth: str
    probabilities: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Results:
    """A run: everything that its report, its audit and a comparison need.

    ``labels`` are the classes in the order of the probabilities. ``splits`` are the folds as they were used.
    ``selection`` says by what the epoch and settings were chosen: ``inner`` (subjects of the training side), ``last``
    (the last epoch, nothing chosen) or ``as-published`` (the test side: a leak). ``curves`` hold a row per fold, seed
    and epoch: training and validation loss and accuracy. ``seconds`` is the time used by part.
    """

    model: str
    protocol: str
    dataset: str
    labels: tuple[str, ...]
    samples: tuple[Sample, ...]
    splits: tuple[Split, ...]
    predictions: tuple[Prediction, ...]
    seeds: tuple[int, ...]
    selection: str
    findings: tuple[Finding, ...] = ()
    curves: tuple[Mapping[str, float | int | str], ...] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)
    seconds: Mapping[str, float] = field(default_factory=dict)
