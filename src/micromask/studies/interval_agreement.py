"""How far two coders' intervals lie apart: matched by overlap, then compared mark by mark in frames of the film."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from micromask.studies.coded_frames import CodedIntervals
from micromask.studies.labels import Label


@dataclass(frozen=True, slots=True)
class Mark:
    """Differences of one mark, second coder less first, in frames: how many, median, mean of their sizes, largest."""

    count: int
    median: float
    mean_size: float
    largest: int


@dataclass(frozen=True, slots=True)
class IntervalAgreement:
    """Two coders' intervals of one kind: how many each marked, how many match, and how far the marks are apart.

    ``same_emotion`` of the matched ones bear the same emotion. A mark is None where no matched pair has it.
    """

    coders: tuple[str, str]
    marked: tuple[int, int]
    matched: int
    same_emotion: int
    onset: Mark | None
    apex: Mark | None
    offset: Mark | None
    why: str = ""


def interval_agreement(films: Sequence[CodedIntervals], first: str, second: str) -> IntervalAgreement:
    """Compare two coders' intervals, film by film.

    Intervals match one to one, the pairs with the largest overlap (intersection over union) first; those without any
    common frame do not match.
    """
    pairs: list[tuple[Label, Label]] = []
    marked = [0, 0]
    for film in films:
        one, other = film.labels.get(first, ()), film.labels.get(second, ())
        marked = [marked[0] + len(one), marked[1] + len(other)]
        pairs += matched(one, other)
    told = [(each.decision, other.decision) for each, other in pairs]
    both = [(one, other) for one, other in told if one.apex is not None and other.apex is not None]
    none = [name for name, count in zip((first, second), marked, strict=True) if not count]
    apart = f"{' and '.join(none)} marked none" if none else "no interval of one overlaps with one of the other"
    return IntervalAgreement(
        (first, second),
        (marked[0], marked[1]),
        len(pairs),
        sum(one.emotion == other.emotion for one, other in told),
        _mark([(other.onset or 0) - (one.onset or 0) for one, other in told]),
        _mark([(other.apex or 0) - (one.apex or 0) for one, other in both]),
        _mark([(other.offset or 0) - (one.offset or 0) for one, other in told]),
        "" if pairs else apart,
    )


def matched(first: Sequence[Label], second: Sequence[Label]) -> list[tuple[Label, Label]]:
    """Intervals of two coders that belong together, the best overlaps first."""
    ranked = sorted(
        ((_overlap(one, other), at, to) for at, one in enumerate(first) for to, other in enumerate(second)),
        key=lambda found: (-found[0], found[1], found[2]),
    )
    taken: tuple[set[int], set[int]] = set(), set()
    pairs = []
    for share, at, to in ranked:
        if share > 0 and at not in taken[0] and to not in taken[1]:
            taken[0].add(at)
            taken[1].add(to)
            pairs.append((first[at], second[to]))
    return pairs


def _overlap(one: Label, other: Label) -> float:
    """Intersection over union in frames, offsets included."""
    (a, b), (c, d) = _ends(one), _ends(other)
    common = max(0, min(b, d) - max(a, c) + 1)
    return common / ((b - a + 1) + (d - c + 1) - common)


def _ends(label: Label) -> tuple[int, int]:
    assert label.decision.onset is not None
    assert label.decision.offset is not None
    return label.decision.onset, label.decision.offset


def _mark(differences: Sequence[int]) -> Mark | None:
    if not differences:
        return None
    sizes = np.abs(differences)
    return Mark(len(differences), float(np.median(differences)), float(sizes.mean()), int(sizes.max()))
