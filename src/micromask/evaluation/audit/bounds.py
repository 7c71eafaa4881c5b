"""Bounds that figures of one confusion matrix keep, whatever was predicted: only arithmetic."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from micromask.evaluation.audit.facts import AVERAGES, Claims
from micromask.evaluation.audit.printed import Printed, printed

FloatArray = NDArray[np.floating[Any]]

MOST_MATRICES = 4_000_000
"""Two-class tables are all tried up to this many."""

BY_NAME = {"uf1": "f1", "uar": "recall"}
"""Claims that are macro averages by name, and of what."""


@dataclass(frozen=True, slots=True)
class Counted:
    """What is known of how figures were counted: number of classes, of samples, and samples of each class.

    ``samples`` and ``supports`` are known only where the figures are counted over all samples at once; means of folds
    need not be whole numbers of them.
    """

    classes: int | None = None
    samples: int | None = None
    supports: tuple[int, ...] = ()


def contradictions(claims: Claims, counted: Counted) -> list[str]:
    """Why claimed figures cannot all be figures of one confusion matrix; nothing where they can.

    Where the average was not said, every average that there is for so many classes has to fail.

    Examples
    --------
    >>> for line in contradictions(Claims({"accuracy": "97.5", "recall": "99.9"}), Counted(classes=5)):
    ...     print(line)
    recall 99.9 (macro) with accuracy 97.5: 5 classes and this recall leave an accuracy of 99.25% or more
    recall 99.9 (weighted) is the same thing as accuracy, which is 97.5
    recall 99.9 (micro) is the same thing as accuracy, which is 97.5
    """
    figures = printed(claims.figures)
    lines = [f"{name} {each} is not between 0 and 100 %" for name, each in figures.items() if _outside(each)]
    accuracy = figures.get("accuracy")
    if counted.samples and accuracy and not _whole(accuracy, counted.samples):
        near = math.floor((accuracy.low + accuracy.high) / 2 * counted.samples)
        n = counted.samples
        lines.append(
            f"accuracy {accuracy} is no whole number of {n:,} samples: {near:,} would be {near / n:.2%}, "
            f"{near + 1:,} would be {(near + 1) / n:.2%}"
        )
    general = {name: each for name, each in figures.items() if name in ("accuracy", "precision", "recall", "f1")}
    ways = {average: _of_average(general, average, counted) for average in _averages(claims, counted)}
    if all(ways.values()):
        lines += list(dict.fromkeys(line for found in ways.values() for line in found))
    by_name = {BY_NAME.get(name, name): figures[name] for name in ("accuracy", *BY_NAME) if name in figures}
    if set(BY_NAME) & set(figures):
        lines += [line for line in _of_average(by_name, "macro", counted) if line not in lines]
    return lines


def _averages(claims: Claims, counted: Counted) -> tuple[str, ...]:
    if claims.average is not None:
        return (claims.average,)
    return AVERAGES[1:] if (counted.classes or 0) > 2 else AVERAGES


def _outside(each: Printed) -> bool:
    return each.high < 0 or each.low > 1


def _whole(figure: Printed, samples: int) -> bool:
    """Whether a share of so many samples can print so (GRIM; Brown, Heathers 2017, doi:10.1177/1948550616673876)."""
    return math.ceil(figure.low * samples) <= math.floor(figure.high * samples)


def _of_average(figures: Mapping[str, Printed], average: str, counted: Counted) -> list[str]:
    """What contradicts what if precision, recall and F1 are averaged in this way."""
    lines = _f1(figures, average)
    accuracy = figures.get("accuracy")
    if accuracy is not None:
        if average == "macro" and counted.classes:
            lines += _macro(figures, accuracy, counted)
        same = {"weighted": ("recall",), "micro": ("precision", "recall", "f1")}.get(average, ())
        for name in same:
            if name in figures and not _overlap(figures[name], accuracy):
                lines.append(f"{name} {figures[name]} ({average}) is the same thing as accuracy, which is {accuracy}")
        if average == "weighted" and counted.supports and "precision" in figures:
            lines += _weighted_precision(figures["precision"], accuracy, counted)
    if not lines and len(counted.supports) == 2 and len(figures) > 1:
        lines += _two_classes(figures, average, counted.supports)
    return lines


def _overlap(one: Printed, other: Printed) -> bool:
    return one.low <= other.high and other.low <= one.high


def _f1(figures: Mapping[str, Printed], average: str) -> list[str]:
    """F1 against precision and recall.

    The harmonic mean is concave, so a mean of F1 is at most the harmonic mean of mean precision and mean recall; and it
    is at least precision + recall - 1, as each class's own is. Of one class, or micro, it is the harmonic mean.
    """
    if not {"f1", "precision", "recall"} <= set(figures):
        return []
    f1, precision, recall = figures["f1"], figures["precision"], figures["recall"]
    most = _harmonic(precision.high, recall.high)
    least = precision.low + recall.low - 1
    if average in ("binary", "micro"):
        least = _harmonic(precision.low, recall.low)
    if least <= f1.high and f1.low <= most:
        return []
    bounds = f"at most {most:.2%}" if f1.low > most else f"at least {least:.2%}"
    return [f"f1 {f1} ({average}) with precision {precision} and recall {recall}: it is {bounds}"]


def _harmonic(one: float, other: float) -> float:
    return 2 * one * other / (one + other) if one > 0 and other > 0 else 0.0


def _macro(figures: Mapping[str, Printed], accuracy: Printed, counted: Counted) -> list[str]:
    """Accuracy against mean recall and mean precision over classes.

    What K classes together lack of a recall of 1 is K (1 - recall); an error costs accuracy no more than it costs the
    sum of recalls, nor of precisions. With the samples of each class known, the costliest and the cheapest way to
    spend it bound accuracy on both sides.
    """
    classes = counted.classes or len(counted.supports)
    lines = []
    for name in ("recall", "precision"):
        if name not in figures:
            continue
        figure = figures[name]
        least, most = 1 - classes * (1 - figure.low), 1.0
        if name == "recall" and counted.supports:
            least = 1 - _spent(classes * (1 - figure.low), sorted(counted.supports, reverse=True))
            most = 1 - _spent(classes * (1 - figure.high), sorted(counted.supports))
        if accuracy.high < least or accuracy.low > most + 1e-12:
            bound = f"{least:.2%} or more" if accuracy.high < least else f"{most:.2%} or less"
            lines.append(
                f"{name} {figure} (macro) with accuracy {accuracy}: {classes:,} classes and this {name} leave an "
                f"accuracy of {bound}"
            )
    return lines


def _spent(lack: float, supports: list[int]) -> float:
    """Share of samples lost when a lack of recall, summed over classes, is spent on classes in this order."""
    total, lost = sum(supports), 0.0
    for support in supports:
        part = min(1.0, max(0.0, lack))
        lost += part * support / total
        lack -= part
    return lost


def _weighted_precision(precision: Printed, accuracy: Printed, counted: Counted) -> list[str]:
    """Errors lower weighted precision least if all are taken for the rarest class and all of that class is right."""
    total, rarest = sum(counted.supports), min(counted.supports)
    errors = total * (1 - accuracy.high)
    if errors <= 0:
        return []
    most = 1 - rarest * errors / (total * (rarest + errors))
    if precision.low <= most:
        return []
    return [f"precision {precision} (weighted) with accuracy {accuracy}: the errors leave it {most:.2%} or less"]


def _two_classes(figures: Mapping[str, Printed], average: str, supports: tuple[int, ...]) -> list[str]:
    """Every table of two classes with so many samples tried; a line where none has all figures."""
    a, b = supports
    if (a + 1) * (b + 1) > MOST_MATRICES:
        return []
    hit, other = np.arange(a + 1.0)[:, None], np.arange(b + 1.0)[None, :]
    one, two = _one_class(hit, other, a, b), _one_class(other, hit, b, a)
    fits = _fits(figures.get("accuracy"), (hit + other) / (a + b))
    if average == "binary":
        either = [
            np.logical_and.reduce([_fits(figures.get(name), values) for name, values in side.items()])
            for side in (one, two)
        ]
        fits = fits & (either[0] | either[1])
    else:
        share = {"macro": 0.5, "weighted": a / (a + b)}.get(average)
        for name in one:
            mean = (hit + other) / (a + b) if share is None else share * one[name] + (1 - share) * two[name]
            fits = fits & _fits(figures.get(name), mean)
    if fits.any():
        return []
    told = ", ".join(f"{name} {each}" for name, each in figures.items())
    return [f"{told} ({average}): no table of two classes with {a:,} and {b:,} samples has them all"]


def _one_class(hit: FloatArray, other: FloatArray, a: int, b: int) -> dict[str, FloatArray]:
    """Precision, recall and F1 of the class with ``a`` samples, of which ``hit`` are right, ``other`` of the rest."""
    said = hit + b - other
    precision = np.divide(hit, said, out=np.zeros(np.broadcast(hit, said).shape), where=said > 0)
    return {"precision": precision, "recall": hit / a + 0 * other, "f1": 2 * hit / (a + said)}


def _fits(figure: Printed | None, values: FloatArray) -> NDArray[np.bool_]:
    if figure is None:
        return np.ones(np.shape(values), dtype=bool)
    return np.asarray((values >= figure.low) & (values <= figure.high))
