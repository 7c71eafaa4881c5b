"""Spot-then-recognise score: how well micro-expressions are found in film and then named."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from micromask.evaluation.spotting import IOU, SpottedVideo, SpottingCounts, check_videos, match_video


@dataclass(frozen=True, slots=True)
class StrsReport:
    """``strs`` is spotting's F1 times ``f1``.

    ``precision`` and ``recall`` of the emotions are means over ``labels``, and ``f1`` is the harmonic mean of those two
    means; ``uf1``, the mean of the classes' F1, is another figure and goes beside it. ``named`` is the number of found
    micro-expressions on which they rest. ``strs`` is NaN where there was nothing to find and nothing was found.
    """

    spotting: SpottingCounts
    labels: tuple[str, ...]
    named: int
    precision: float
    recall: float
    f1: float
    uf1: float
    strs: float


def score_strs(videos: Sequence[SpottedVideo], labels: Sequence[str] | None = None, *, iou: float = IOU) -> StrsReport:
    """STRS over films: micro-expressions are matched, counts summed, and the emotions of the matched ones compared.

    Every film counts, also those of people in whom nothing was found and those without an expression; the published
    program leaves both out. A class that is not among the matched ones counts 0, as it does there: with few matches the
    score says more of how many classes were met than of how well they were told apart.

    Parameters
    ----------
    videos : sequence of SpottedVideo
        With emotions, found and true.
    labels : sequence of str, optional
        Emotions that are judged, such as negative, positive, surprise: a matched one that truly is another is left out,
        one that is only called another is missed. All true emotions, if not given.
    iou : float

    Raises
    ------
    ValueError
        If a film stands twice, or there is no emotion to judge.

    Source
    ------
    Liong, See, Chan 2023, doi:10.1016/j.image.2022.116875; the averages as in their program (STRS-Metric), with which
    MEGC 2025 was scored (Fan et al. 2025, doi:10.48550/arXiv.2506.15298). What is called UAR there is the precision.

    Examples
    --------
    Two found of three, one of them named rightly. Precision (1/2 + 0) / 2, recall (1 + 0) / 2:

    >>> from micromask.evaluation.spotting import Spotted
    >>> true = (Spotted(0, 9, emotion="happy"), Spotted(20, 29, emotion="sad"), Spotted(50, 59, emotion="sad"))
    >>> found = (Spotted(0, 9, emotion="happy"), Spotted(20, 29, emotion="happy"))
    >>> report = score_strs([SpottedVideo("a", found, true)])
    >>> report.spotting.f1, report.precision, report.recall, round(report.f1, 3), round(report.strs, 3)
    (0.8, 0.25, 0.5, 0.333, 0.267)
    """
    check_videos(videos)
    judged = tuple(labels) if labels is not None else _true_emotions(videos)
    if not judged:
        raise ValueError("STRS needs emotions: no true micro-expression has one, and no labels were given")
    tp = fp = fn = 0
    pairs: list[tuple[str, str]] = []
    for video in videos:
        found, true, matches = match_video(video, "micro", iou=iou)
        tp, fp, fn = tp + len(matches.pairs), fp + len(matches.false), fn + len(matches.missed)
        pairs += [(true[j].emotion, found[i].emotion) for i, j, _ in matches.pairs if true[j].emotion in judged]
    spotting = SpottingCounts(tp, fp, fn)
    rows = [_class(pairs, label) for label in judged]
    precision, recall, uf1 = (sum(column) / len(judged) for column in zip(*rows, strict=True))
    f1 = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
    return StrsReport(spotting, judged, len(pairs), precision, recall, f1, uf1, spotting.f1 * f1)


def _true_emotions(videos: Sequence[SpottedVideo]) -> tuple[str, ...]:
    names = {each.emotion for video in videos for each in video.true if each.kind == "micro"}
    return tuple(sorted(names - {""}))


def _class(pairs: Sequence[tuple[str, str]], label: str) -> tuple[float, float, float]:
    """Precision, recall and F1 of one emotion among (true, said); 0 where there is nothing to divide by."""
    hits = sum(true == said == label for true, said in pairs)
    shown, said = (sum(pair[side] == label for pair in pairs) for side in (0, 1))
    return hits / max(said, 1), hits / max(shown, 1), 2 * hits / max(shown + said, 1)
