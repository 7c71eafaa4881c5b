"""Corrections as plain values: what the page of a recording is told, and what an export's JSON says."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from micromask.app.workspace.corrections.said import Said
from micromask.app.workspace.corrections.standing import marked
from micromask.core.opinions import CorrectedInterval, MarkedInterval, Opinion
from micromask.core.types import MICRO_SECONDS, Expression
from micromask.reports.corrected import VERDICT_WORDS

SEVEN = ("anger", "contempt", "disgust", "fear", "happiness", "sadness", "surprise")
"""The emotions that are usually coded; anything else can be typed."""


def corrected_document(one: CorrectedInterval) -> dict[str, Any]:
    """One interval: what the machine says, each opinion, and what stands."""
    return {
        "key": one.key,
        "number": one.number,
        "face": one.face,
        "counts": one.counts,
        "disputed": one.disputed,
        "machine": None if one.machine is None else machine_document(one.machine),
        "gone": one.gone,
        "seen": interval_document(one.seen),
        "stands": interval_document(one.stands),
        "opinions": [opinion_document(opinion) for opinion in one.opinions],
    }


def machine_document(found: Expression) -> dict[str, Any]:
    """The machine's interval with the strength of its movement (% of the distance between the eyes)."""
    return interval_document(marked(found)) | {
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
    """Frames, seconds, kind and emotion; ``says`` is what a reader should know of them, empty for nothing."""
    return {
        "face": one.face,
        "onset": one.onset,
        "apex": one.apex,
        "offset": one.offset,
        "onset_s": one.onset_s,
        "apex_s": one.apex_s,
        "offset_s": one.offset_s,
        "kind": one.kind,
        "emotion": one.emotion,
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
