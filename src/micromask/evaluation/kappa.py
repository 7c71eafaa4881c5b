"""Agreement beyond chance of coders on nominal labels: Cohen's and Fleiss' kappa, Krippendorff's alpha."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import compress
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from micromask.core.types import FloatArray, IntArray
from micromask.evaluation.statistics import bootstrap_counts

Measure = Literal["Cohen's kappa", "Fleiss' kappa", "Krippendorff's alpha"]

MISSING = -1
"""What stands for a frame that a coder did not label."""


@dataclass(frozen=True, slots=True)
class Chance:
    """A measure of agreement with its 95 % interval over new draws of participants, and ``raw`` agreement beside it.

    Where there is no value, or no interval, it is None and ``why`` says so in words. ``raw`` is the share of pairs of
    labels of one frame that are the same. ``frames`` is how many the figure is over, and ``people`` whose they are.
    """

    measure: Measure
    value: float | None
    interval: tuple[float, float] | None
    raw: float | None
    frames: int
    people: int
    why: str = ""


def cohen(values: IntArray, people: Sequence[str], classes: Sequence[str]) -> Chance:
    """Cohen's kappa of two coders, over the frames that both labelled.

    Parameters
    ----------
    values : (2, N) int
        The class of each frame by each coder, ``MISSING`` where there is none.
    people : (N,)
        Whose each frame is.
    classes : (K,)
        Their names.

    Source
    ------
    Cohen 1960, doi:10.1177/001316446002000104

    Examples
    --------
    Both see a smile on 4 frames and none on 2, of 10: 0.6 raw, 0.52 by chance, (0.6 - 0.52) / (1 - 0.52) = 1/6:

    >>> values = np.array([[1, 1, 1, 1, 1, 1, 0, 0, 0, 0], [1, 1, 1, 1, 0, 0, 1, 1, 0, 0]])
    >>> told = cohen(values, ["P01"] * 5 + ["P02"] * 5, ["none", "smile"])
    >>> round(told.value, 3), told.raw
    (0.167, 0.6)
    """
    from statsmodels.stats.inter_rater import cohens_kappa

    used = (values != MISSING).all(0)
    first, second = (values[each, used] for each in (0, 1))
    tables = np.zeros((int(used.sum()), len(classes), len(classes)))
    tables[np.arange(len(first)), first, second] = 1
    return _told(
        "Cohen's kappa",
        tables,
        list(compress(people, used)),
        classes,
        _cohen_each,
        lambda: cohens_kappa(tables.sum(0), return_results=False),
        "no frame was labelled by both",
    )


def fleiss(values: IntArray, people: Sequence[str], classes: Sequence[str]) -> Chance:
    """Fleiss' kappa of all coders, over the frames that every one of them labelled; values (C, N), else as `cohen`.

    Source
    ------
    Fleiss 1971, doi:10.1037/h0031619
    """
    from statsmodels.stats.inter_rater import fleiss_kappa

    counts = _counts(values, len(classes))
    used = counts.sum(1) == len(values)
    return _told(
        "Fleiss' kappa",
        _coincidences(counts[used]),
        list(compress(people, used)),
        classes,
        _fleiss_each,
        lambda: fleiss_kappa(counts[used]),
        "no frame was labelled by all",
    )


def krippendorff_alpha(values: IntArray, people: Sequence[str], classes: Sequence[str]) -> Chance:
    """Krippendorff's alpha of all coders, over the frames that two or more labelled; values (C, N), else as `cohen`.

    Source
    ------
    Krippendorff 2011, Computing Krippendorff's alpha-reliability; Hayes, Krippendorff 2007,
    doi:10.1080/19312450709336664
    """
    import krippendorff

    counts = _counts(values, len(classes))
    used = counts.sum(1) >= 2
    return _told(
        "Krippendorff's alpha",
        _coincidences(counts[used]),
        list(compress(people, used)),
        classes,
        _alpha_each,
        lambda: krippendorff.alpha(value_counts=counts[used], level_of_measurement="nominal"),
        "no frame was labelled by two coders",
    )


def _told(
    measure: Measure,
    pairs: FloatArray,
    people: Sequence[str],
    classes: Sequence[str],
    figure: Callable[[IntArray | FloatArray], FloatArray],
    value: Callable[[], float],
    nothing: str,
) -> Chance:
    """The measure from pairs of labels, a table (K, K) a frame: its value by a library, its interval by ``figure``."""
    own = np.array(people)
    names = np.unique(own)
    if not len(own):
        return Chance(measure, None, None, None, 0, 0, nothing)
    total = pairs.sum(0)
    raw = float(np.trace(total) / total.sum())
    chosen = np.flatnonzero(total.sum(0) + total.sum(1))
    if len(chosen) == 1:
        only = f"every label is {classes[chosen[0]]!r}, so that agreement by chance is certain"
        return Chance(measure, None, None, raw, len(own), len(names), only)
    if len(names) < 2:
        why = "the frames are of one participant: there is no interval over participants"
        return Chance(measure, float(value()), None, raw, len(own), len(names), why)
    each = np.stack([pairs[own == name].sum(0) for name in names])
    drawn = bootstrap_counts(each, figure)
    return Chance(measure, float(value()), (drawn.low, drawn.high), raw, len(own), len(names))


def _counts(values: IntArray, classes: int) -> NDArray[np.int64]:
    """How many coders chose each class on each frame (N, K)."""
    return np.asarray((values[:, :, None] == np.arange(classes)).sum(0), np.int64)


def _coincidences(counts: IntArray) -> NDArray[np.float64]:
    """Pairs of labels of each frame (N, K, K), each frame with as much weight as it has labels; two or more each."""
    pairs = counts[:, :, None] * counts[:, None, :] - counts[:, :, None] * np.eye(counts.shape[1], dtype=np.int64)
    return np.asarray(pairs / (counts.sum(1) - 1)[:, None, None], np.float64)


def _cohen_each(tables: IntArray | FloatArray) -> FloatArray:
    total = tables.sum((-2, -1))
    by_chance = (tables.sum(-1) * tables.sum(-2)).sum(-1) / total**2
    return _beyond(np.trace(tables, axis1=-2, axis2=-1) / total, by_chance)


def _fleiss_each(pairs: IntArray | FloatArray) -> FloatArray:
    total = pairs.sum((-2, -1))
    return _beyond(np.trace(pairs, axis1=-2, axis2=-1) / total, (pairs.sum(-1) ** 2).sum(-1) / total**2)


def _alpha_each(pairs: IntArray | FloatArray) -> FloatArray:
    total = pairs.sum((-2, -1))
    labels = pairs.sum(-1)
    by_chance = (labels * (labels - 1)).sum(-1) / (total * (total - 1))
    return _beyond(np.trace(pairs, axis1=-2, axis2=-1) / total, by_chance)


def _beyond(raw: FloatArray, by_chance: FloatArray) -> FloatArray:
    """NaN where agreement by chance is certain."""
    sure = np.isclose(by_chance, 1.0, atol=1e-12, rtol=0)
    return np.where(sure, np.nan, (raw - by_chance) / np.where(sure, 1.0, 1.0 - by_chance))
