"""Found intervals against true ones, as the field's spotting challenges count them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import linear_sum_assignment

from micromask.core.errors import BadInputError
from micromask.core.types import MICRO_SECONDS, Kind

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


@dataclass(frozen=True, slots=True)
class Spotted:
    """An interval of a film, first and last frame included, found or true; ``emotion`` is empty where nobody said."""

    onset: int
    offset: int
    kind: Kind = "micro"
    emotion: str = ""

    def __post_init__(self) -> None:
        if self.onset > self.offset:
            raise ValueError(f"onset <= offset, got {self.onset}, {self.offset}")


@dataclass(frozen=True, slots=True)
class SpottedVideo:
    """What was found in a film and what is truly there; a film with neither is one, and counts."""

    video: str
    found: tuple[Spotted, ...]
    true: tuple[Spotted, ...]


@dataclass(frozen=True, slots=True)
class SpottingCounts:
    """True positives, false positives and false negatives over many films, and the figures they give.

    A figure is NaN where nothing was found (precision), nothing was there (recall) or neither (F1).
    """

    tp: int
    fp: int
    fn: int

    @property
    def precision(self) -> float:
        """TP / (TP + FP)."""
        return _share(self.tp, self.tp + self.fp)

    @property
    def recall(self) -> float:
        """TP / (TP + FN)."""
        return _share(self.tp, self.tp + self.fn)

    @property
    def f1(self) -> float:
        """2 TP / (2 TP + FP + FN)."""
        return _share(2 * self.tp, 2 * self.tp + self.fp + self.fn)


@dataclass(frozen=True, slots=True)
class SpottingReport:
    """Counts of each kind and of both together; of ``videos`` films, ``empty`` have nothing to find."""

    micro: SpottingCounts
    macro: SpottingCounts
    overall: SpottingCounts
    videos: int
    empty: int


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
    """Pair found with true intervals, each at most once: as many pairs as can be, and of those the best overlapping.

    The organisers' programs differ where an interval overlaps two: the one of MEGC 2020 counts a true interval as met
    whenever any found one reaches it, and the published one of STRS lets a found interval meet two. Where neither the
    true nor the found intervals overlap among themselves, all of these agree (but for a found interval that is exactly
    two equally long true ones end to end).

    Source
    ------
    Li et al. 2019, doi:10.1109/FG.2019.8756626 (the IoU rule of the MEGC spotting challenge)

    Examples
    --------
    >>> match_intervals([(0, 9), (40, 60)], [(1, 10)])
    Matches(pairs=((0, 0, 0.8181818181818182),), false=(1,), missed=())
    """
    shared = np.array([[interval_overlap(f, t) for t in true] for f in found]).reshape(len(found), len(true))
    worth = np.where(shared >= iou, 1 + shared / (1 + min(shared.shape)), 0)
    pairs = [
        (int(i), int(j), float(shared[i, j]))
        for i, j in zip(*linear_sum_assignment(worth, maximize=True), strict=True)
        if shared[i, j] >= iou
    ]
    hit, met = {i for i, _, _ in pairs}, {j for _, j, _ in pairs}
    return Matches(
        tuple(sorted(pairs)),
        tuple(i for i in range(len(found)) if i not in hit),
        tuple(j for j in range(len(true)) if j not in met),
    )


def kind_by_length(onset: int, offset: int, fps: float) -> Kind:
    """Micro if the first and last frame are at most half a second apart, else macro.

    Source
    ------
    Yan et al. 2013, doi:10.1007/s10919-013-0159-8

    Examples
    --------
    >>> kind_by_length(100, 200, fps=200), kind_by_length(100, 201, fps=200)
    ('micro', 'macro')
    """
    return "micro" if (offset - onset) / fps <= MICRO_SECONDS else "macro"


def pair_videos(
    found: Mapping[str, Iterable[Spotted]], true: Mapping[str, Iterable[Spotted]]
) -> tuple[SpottedVideo, ...]:
    """What was found beside what is true, a film each of ``true``, in its order.

    ``true`` has to name every film, those without an expression with nothing in them: what is found there is false and
    has to count. A film that ``found`` does not name is one in which nothing was found.

    Raises
    ------
    BadInputError
        If something was found in a film that ``true`` does not name.
    """
    strange = [video for video in found if video not in true]
    if strange:
        raise BadInputError(
            f"intervals were found in {strange[0]!r}, which is none of the {len(true)} films of the truth; "
            "films without any expression belong into it too (in a table: a row without frames)"
        )
    return tuple(SpottedVideo(video, tuple(found.get(video, ())), tuple(own)) for video, own in true.items())


def score_spotting(videos: Sequence[SpottedVideo], *, iou: float = IOU) -> SpottingReport:
    """Count over all films, summed before any figure is made: MEGC's F1 of micro, macro and both.

    An interval is compared with those of its own kind only; the counts of both together are their sums.

    Raises
    ------
    ValueError
        If a film stands twice.

    Source
    ------
    He et al. 2020 (MEGC 2020), doi:10.48550/arXiv.1912.11985

    Examples
    --------
    One film with a micro-expression that is found, one without any in which one is claimed: 2 / (2 + 1).

    >>> smile = Spotted(100, 120)
    >>> report = score_spotting([SpottedVideo("a", (smile,), (smile,)), SpottedVideo("b", (smile,), ())])
    >>> report.micro, round(report.overall.f1, 3)
    (SpottingCounts(tp=1, fp=1, fn=0), 0.667)
    """
    check_videos(videos)
    micro, macro = (_count(videos, kind, iou) for kind in ("micro", "macro"))
    both = SpottingCounts(micro.tp + macro.tp, micro.fp + macro.fp, micro.fn + macro.fn)
    return SpottingReport(micro, macro, both, len(videos), sum(not each.true for each in videos))


def check_videos(videos: Iterable[SpottedVideo]) -> None:
    """ValueError if a film stands twice: its intervals would be counted by parts."""
    seen: set[str] = set()
    for each in videos:
        if each.video in seen:
            raise ValueError(f"film {each.video!r} stands twice")
        seen.add(each.video)


def match_video(
    video: SpottedVideo, kind: Kind, *, iou: float = IOU
) -> tuple[Sequence[Spotted], Sequence[Spotted], Matches]:
    """The found and true intervals of one kind in a film, and how they pair."""
    found = [each for each in video.found if each.kind == kind]
    true = [each for each in video.true if each.kind == kind]
    spans, wanted = ([(each.onset, each.offset) for each in side] for side in (found, true))
    return found, true, match_intervals(spans, wanted, iou=iou)


def _count(videos: Sequence[SpottedVideo], kind: Kind, iou: float) -> SpottingCounts:
    matches = [match_video(video, kind, iou=iou)[2] for video in videos]
    return SpottingCounts(
        tp=sum(len(each.pairs) for each in matches),
        fp=sum(len(each.false) for each in matches),
        fn=sum(len(each.missed) for each in matches),
    )


def _share(part: int, whole: int) -> float:
    return part / whole if whole else float("nan")
