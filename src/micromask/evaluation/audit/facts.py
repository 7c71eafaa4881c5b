"""What is known of a run beside its table: how it was chosen and fitted, what was claimed, who is who."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from difflib import get_close_matches

from micromask.evaluation.audit.printed import number_of

SELECTIONS = ("inner", "last", "fixed", "as-published", "test")
"""By what an epoch or a setting was chosen: people of the training side; nothing (the last epoch, or a value fixed
beforehand); the test side, as a paper did it or said outright."""

THRESHOLDS = ("fixed", "train", "validation", "inner", "test")
"""On what a spotter's threshold was tuned."""

AVERAGES = ("binary", "macro", "weighted", "micro")
"""How precision, recall and F1 were averaged over classes; binary is one class alone."""

FIGURES = ("accuracy", "precision", "recall", "f1", "uf1", "uar")
"""Figures that can be claimed; uf1 and uar are macro F1 and macro recall by name."""

LISTS = ("seeds", "labels", "people")
"""Facts of which an empty list says nothing; of the others it says that there is none."""


def one_of(noun: str, name: str, known: tuple[str, ...]) -> None:
    """ValueError with the nearest name where a name is not one of those known."""
    if name not in known:
        near = get_close_matches(str(name), known, n=1, cutoff=0.6)
        hint = f"; did you mean {near[0]!r}?" if near else ";"
        raise ValueError(f"no {noun} {name!r}{hint} known: {', '.join(known)}")


@dataclass(frozen=True, slots=True)
class Claims:
    """Figures as they were published, in the digits that were printed.

    ``figures`` maps a name of FIGURES to its text, such as ``"97.52"``. ``average`` is one of AVERAGES, None where it
    was not said. ``classes`` is the number of classes, ``supports`` how many test samples each has, ``samples`` how
    many predictions the figures are counted over. All may be unknown.

    Raises
    ------
    ValueError
        If a name is not of FIGURES or AVERAGES, a text is no number or a number is below 1.
    """

    figures: Mapping[str, str] = field(default_factory=dict)
    average: str | None = None
    classes: int | None = None
    samples: int | None = None
    supports: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        for name, text in self.figures.items():
            one_of("claim", name, FIGURES)
            number_of(name, text)
        if self.average is not None:
            one_of("average", self.average, AVERAGES)
        counts = [("classes", self.classes), ("samples", self.samples), *(("a support", n) for n in self.supports)]
        for name, number in counts:
            if number is not None and number < 1:
                raise ValueError(f"{name} must be 1 or more, got {number}")


@dataclass(frozen=True, slots=True)
class Facts:
    """What a table of rows cannot show. None means that nobody knows.

    ``selection`` is one of SELECTIONS, ``threshold_from`` one of THRESHOLDS. ``fitted_on_test`` names the steps that
    were fitted on all data or on test data, ``pretraining_subjects`` the people whose data the model had seen (as
    ``dataset/subject`` or ``subject``); empty says that there is none. ``gain`` is the claimed improvement over another
    method and ``gain_interval`` its own 95 % interval, in the same unit: points from 1 up, else a fraction.
    ``people`` maps a subject's name to the person: two names of one person have the same value. ``labels`` are the
    classes, where the truth may lack some. ``deterministic`` says that no chance plays a part, as in the fit of an SVM,
    so that every seed gives the same figure.

    Raises
    ------
    ValueError
        If a value is not one of those.
    """

    selection: str | None = None
    augmented_before_split: bool | None = None
    fitted_on_test: tuple[str, ...] | None = None
    threshold_from: str | None = None
    pretraining_subjects: tuple[str, ...] | None = None
    seeds: tuple[int, ...] = ()
    deterministic: bool | None = None
    gain: float | None = None
    gain_interval: tuple[float, float] | None = None
    labels: tuple[str, ...] = ()
    people: Mapping[str, str] = field(default_factory=dict)
    claims: Claims = field(default_factory=Claims)

    def __post_init__(self) -> None:
        if self.selection is not None:
            one_of("selection", self.selection, SELECTIONS)
        if self.threshold_from is not None:
            one_of("threshold_from", self.threshold_from, THRESHOLDS)
        if self.gain is not None and not self.gain > 0:
            raise ValueError(f"gain must be above 0, got {self.gain:g}")
        if self.gain_interval is not None and not self.gain_interval[0] <= self.gain_interval[1]:
            raise ValueError(f"gain_interval is low, then high, got {self.gain_interval}")

    @property
    def known(self) -> frozenset[str]:
        """The names of what is known.

        >>> sorted(Facts(selection="last", fitted_on_test=()).known)
        ['fitted_on_test', 'selection']
        """
        values = {each.name: getattr(self, each.name) for each in fields(self) if each.name != "claims"}
        names = {name for name, value in values.items() if value is not None and (value or name not in LISTS)}
        return frozenset(names | ({"claims"} if self.claims.figures else set()))
