"""Pictures across a split that look the same: LK003."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from micromask.core.clips import Finding
from micromask.evaluation.audit.case import TEST, Case, IntArray, codes, fold_words, names
from micromask.evaluation.audit.catalogue import audits
from micromask.evaluation.audit.codes import MOST_LINES, leak, times
from micromask.evaluation.audit.looks import FloatArray
from micromask.evaluation.audit.picture_files import looks_of
from micromask.evaluation.audit.pictures import likeness, near

ALIKE = 0.985
"""Correlation from which two pictures of one person are near-duplicates."""

ALIKE_APART = 0.995
"""The same for pictures under two subjects: aligned faces of two people are alike to a degree."""


@audits.add("LK003")
def near_duplicates(case: Case) -> list[Finding]:
    """A test picture that looks the same as one to train or validate on, in the same fold."""
    lines: list[str] = []
    pictures: set[tuple[int, int]] = set()
    folds: set[int] = set()
    of = 0
    looks = looks_of(case)
    if looks is None:
        return []
    who, spelt, spelt_who = _whose(case), names(case.members, "image"), names(case.members, "who")
    for fold, tested, trained in sides_of(case):
        of += len(tested)
        pairs = near(looks, tested, trained, ALIKE)
        alike = likeness(looks, pairs[:, 0], pairs[:, 1])
        wanted = np.where(who[pairs[:, 0]] == who[pairs[:, 1]], ALIKE, ALIKE_APART)
        for one, other, value in best_of(pairs[alike >= wanted], alike[alike >= wanted]):
            pictures.add((fold, one))
            folds.add(fold)
            if len(lines) < MOST_LINES:
                whose = "" if who[one] == who[other] else f" ({spelt_who[who[one]]} and {spelt_who[who[other]]})"
                lines.append(f"{fold_words(case, fold)}{spelt[one]} is {spelt[other]}{whose}, correlation {value:.3f}")
    if not pictures:
        return []
    summary = f"{times(len(pictures), 'test picture')} of {of:,} (over all folds) in {times(len(folds), 'fold')}"
    return [leak("LK003", summary, lines, len(pictures) - MOST_LINES)]


def best_of(pairs: IntArray, alike: FloatArray) -> Iterator[tuple[int, int, float]]:
    """Of the pairs of each test picture the one that is most alike, in the order of the pictures."""
    order = np.lexsort((pairs[:, 1], -alike, pairs[:, 0]))
    _, first = np.unique(pairs[order, 0], return_index=True)
    for at in order[first]:
        yield int(pairs[at, 0]), int(pairs[at, 1]), float(alike[at])


def sides_of(case: Case) -> Iterator[tuple[int, IntArray, IntArray]]:
    """Each fold with its pictures to test on and its others (train and validation)."""
    image = codes(case.members, "image")
    fold, side = codes(case.members, "fold"), codes(case.members, "split")
    order = np.argsort(fold, kind="stable")
    order = order[image[order] >= 0]
    for part in np.split(order, np.flatnonzero(np.diff(fold[order])) + 1):
        if len(part):
            tested = side[part] == TEST
            yield int(fold[part[0]]), np.unique(image[part[tested]]), np.unique(image[part[~tested]])


def _whose(case: Case) -> IntArray:
    """Whose each picture is: the first that it stands under."""
    whose = np.full(len(names(case.members, "image")), -1, dtype=np.int64)
    image, who = codes(case.members, "image"), codes(case.members, "who")
    places, first = np.unique(image, return_index=True)
    whose[places[places >= 0]] = who[first[places >= 0]]
    return whose
