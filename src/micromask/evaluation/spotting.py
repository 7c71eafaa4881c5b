"""Found intervals against true ones, as the field's spotting challenges count them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

IOU = 0.5
"""A found interval is right if it shares at least this much with a true one (MEGC)."""

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Matches:
    """One-to-one pairs (found, true, intersection over union), and what is left over, as positions in the input."""

    pairs: tuple[tuple[int, int, float], ...]
    false: tuple[int, ...]
    missed: tuple[int, ...]

    @property
    def f1(self) -> float:
        """2 TP / (2 TP + FP + FN); 1 where there was nothing to find and nothing was found."""
        total = 2 * len(self.pairs) + len(self.false) + len(self.missed)
        return 2 * len(self.pairs) / total if total else 1.0


def interval_overlap(a: Span, b: Span) -> float:
    """Intersection over union of two intervals of frames (first, last), both inclusive.

    Examples
    --------
    >>> interval_overlap((0, 9), (5, 14)) == 5 / 15
    True
    """
    both = min(a[1], b[1]) - max(a[0], b[0]) + 1
    return both / ((a[1] - a[0] + 1) + (b[1] - b[0] + 1) - both) if both > 0 else 0.0


def match_intervals(found: Sequence[Span], true: Sequence[Span], *, iou: float = IOU) -> Matches:
    """Pair found with true intervals, best overlap first, each at most once.

    Source
    ------
    Li et al. 2019, doi:10.1109/FG.2019.8756626 (the IoU rule of the MEGC spotting challenge)

    Examples
    --------
    >>> match_intervals([(0, 9), (40, 60)], [(1, 10)])
    Matches(pairs=((0, 0, 0.8181818181818182),), false=(1,), missed=())
    """
    candidates = sorted(
        ((interval_overlap(f, t), i, j) for i, f in enumerate(found) for j, t in enumerate(true)),
        key=lambda each: -each[0],
    )
    pairs: list[tuple[int, int, float]] = []
    for shared, i, j in candidates:
        if shared >= iou and all(i != a and j != b for a, b, _ in pairs):
            pairs.append((i, j, shared))
    hit, met = {i for i, _, _ in pairs}, {j for _, j, _ in pairs}
    return Matches(
        tuple(sorted(pairs)),
        tuple(i for i in range(len(found)) if i not in hit),
        tuple(j for j in range(len(true)) if j not in met),
    )
