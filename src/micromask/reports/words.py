"""Names and numbers as a person reads them."""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np

from micromask.core.types import MICRO_SECONDS, Analysis, Expression, Timeline

EVENT_WORDS = {"blink": "blink", "head-move": "head move", "gap": "face not seen", "cut": "cut"}
MANY_FRAMES = 50.0
"""At this rate (frames/s) and above, the number of frames in a micro-expression is not worth a remark."""


def count(number: int, noun: str) -> str:
    """A number with its noun.

    >>> count(1, "face"), count(2, "face"), count(0, "face")
    ('1 face', '2 faces', '0 faces')
    """
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def region_words(name: str) -> str:
    """A region's name in words; left is the person's left.

    >>> region_words("brow_left"), region_words("lip_upper"), region_words("chin")
    ('left brow', 'upper lip', 'chin')
    """
    part, _, side = name.rpartition("_")
    if part and side in {"left", "right", "upper", "lower", "inner", "outer"}:
        return f"{side} {part}".replace("_", " ")
    return name.replace("_", " ")


def emotion_words(expression: Expression) -> str:
    """The most probable emotion with its probability, or a word for none.

    >>> from micromask.core.types import Evidence
    >>> seen = Evidence(120.0, 200.0, 80.0, 0.5)
    >>> emotion_words(Expression(0, 1, 2, 3, 0.1, 0.2, 0.3, "micro", 4.0, (), seen, {"surprise": 0.8, "positive": 0.2}))
    'surprise 80 %'
    """
    emotion = expression.emotion
    return "not recognised" if emotion is None else f"{emotion} {100 * expression.probabilities[emotion]:.0f} %"


def verdict(analysis: Analysis) -> str:
    """What was found, in one line."""
    span = f"{analysis.seconds:.1f} s"
    if not analysis.faces:
        return f"No face was found in {span} of film"
    kinds = [expression.kind for expression in analysis.expressions]
    found = [count(kinds.count(kind), f"{kind}-expression") for kind in ("micro", "macro") if kind in kinds]
    where = f"in {span} of {count(len(analysis.faces), 'face')}"
    return f"{' and '.join(found) if found else 'No expression'} {where}"


def measured(timelines: Iterable[Timeline]) -> bool:
    """Whether any movement was measured: a face that is in sight for a moment only has a timeline without values."""
    return any(bool(np.isfinite(timeline.strength).any()) for timeline in timelines)


def slow_film(fps: float) -> str | None:
    """What a low frame rate (frames/s) means for micro-expressions, or None where it is high enough.

    >>> slow_film(25.0)
    'At 25 frames/s a micro-expression (0.5 s or less) is at most 12 frames long.'
    >>> slow_film(200.0)
    """
    if fps >= MANY_FRAMES:
        return None
    frames = math.floor(MICRO_SECONDS * fps + 1e-6)
    return (
        f"At {fps:.4g} frames/s a micro-expression ({MICRO_SECONDS:g} s or less) is at most "
        f"{count(frames, 'frame')} long."
    )
