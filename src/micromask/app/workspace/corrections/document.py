"""Corrections as plain values: what the page of a recording is told, and what an export's JSON says."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from micromask.app.workspace.corrections.said import Said
from micromask.core.opinions import CorrectedInterval, MarkedInterval, Opinion
from micromask.core.types import MICRO_SECONDS, Expression, MaskedInterval
from micromask.reports.clock import interval_value
from micromask.reports.corrected import VERDICT_WORDS, says_of
from micromask.reports.masked import PAIRS

SEVEN = ("anger", "contempt", "disgust", "fear", "happiness", "sadness", "surprise")
"""The emotions that are usually coded; anything else can be typed."""

OF_MASKED = (*SEVEN, "neutral")
"""What is offered as the shown and as the felt emotion of a masked expression."""


def corrected_document(one: CorrectedInterval) -> dict[str, Any]:
    """One interval: what the machine says, each opinion, and what stands."""
    return {
        "key": one.key,
        "layer": one.layer,
        "number": one.number,
        "face": one.face,
        "counts": one.counts,
        "disputed": one.disputed,
        "machine": None if one.machine is None else machine_document(one, one.machine),
        "gone": one.gone,
        "seen": interval_document(one.seen),
        "stands": interval_document(one.stands) | {"words": says_of(one, one.stands)},
        "opinions": [opinion_document(opinion) for opinion in one.opinions],
    }


def machine_document(one: CorrectedInterval, found: Expression | MaskedInterval) -> dict[str, Any]:
    """The machine's interval with what it measured.

    Of an expression the strength of its movement (% of the distance between the eyes) and the recogniser's
    probabilities; of a masked mark what the upper face did, the pair whose pattern that is, and the score.
    """
    told = interval_document(one.seen) | {"words": says_of(one, one.seen)}
    if isinstance(found, MaskedInterval):
        return told | {"upper": found.upper, "pair": PAIRS.get(found.upper), "score": round(float(found.score), 4)}
    return told | {
        "strength": round(float(found.strength), 4),
        "probabilities": {name: round(float(chance), 4) for name, chance in found.probabilities.items()},
    }


def opinion_document(opinion: Opinion) -> dict[str, Any]:
    """What one person said last of an interval."""
    return {
        "author": opinion.author,
        "verdict": VERDICT_WORDS[opinion.verdict],
        "interval": None if opinion.interval is None else interval_document(opinion.interval),
        "note": opinion.note,
        "made": opinion.made,
    }


def interval_document(one: MarkedInterval) -> dict[str, Any]:
    """Frames, seconds, kind and emotions, ``words`` for these; ``says`` is what a reader should know, or empty."""
    return interval_value(one) | {
        "kind": one.kind,
        "emotion": one.emotion,
        "shown_emotion": one.shown_emotion,
        "felt_emotion": one.felt_emotion,
        "words": one.emotion_words,
        "says": long_for_micro(one),
    }


def line_document(line: Said) -> dict[str, Any]:
    """One line of the log."""
    return {
        "id": line.id,
        "author": line.author,
        "made": line.made,
        "does": line.does,
        "about": None if line.about is None else interval_document(line.about),
        "added": line.added,
        "interval": None if line.interval is None else interval_document(line.interval),
        "note": line.note,
    }


def long_for_micro(one: MarkedInterval) -> str:
    """What is said of an interval that is called micro and lasts longer; it is not refused.

    >>> long_for_micro(MarkedInterval(0, 10, 20, 40, 0.4, 0.8, 1.6, "micro"))
    'called micro, and lasts 1.200 s: a micro-expression lasts at most 0.5 s'
    >>> long_for_micro(MarkedInterval(0, 10, 20, 22, 0.4, 0.8, 0.88, "micro"))
    ''
    """
    if one.kind != "micro" or one.lasts_s <= MICRO_SECONDS:
        return ""
    return f"called micro, and lasts {one.lasts_s:.3f} s: a micro-expression lasts at most {MICRO_SECONDS:g} s"


def emotions_for(expressions: Iterable[Expression]) -> list[str]:
    """What is offered as an emotion: the recogniser's classes, then the usual seven, each once."""
    classes = [name for one in expressions for name in one.probabilities]
    return list(dict.fromkeys((*classes, *SEVEN)))
