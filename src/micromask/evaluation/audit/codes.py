"""The codes of the audit: what each means, for ever, what has to be known to look for it, and how evidence is told."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Literal

from micromask.core.clips import Finding

MOST_LINES = 20
"""Examples that a finding names; its first line has the complete counts."""


@dataclass(frozen=True, slots=True)
class Code:
    """What a code means. ``needs`` are ways to look for it, each some columns, sides or facts; one way is enough."""

    title: str
    needs: tuple[frozenset[str], ...]


def _code(title: str, *ways: str) -> Code:
    return Code(title, tuple(frozenset(way.split("+")) for way in ways))


CODES: dict[str, Code] = {
    "LK001": _code("the same subject is on both sides", "train"),
    "LK002": _code("the same clip or recording is on both sides", "train"),
    "LK003": _code("near-duplicate pictures are on both sides", "train+image"),
    "LK004": _code("epoch, checkpoint or setting chosen on test data", "selection", "validation"),
    "LK005": _code("augmented or resampled before the split", "augmented_before_split", "train"),
    "LK006": _code("normalisation, feature selection or clustering fitted on test data", "fitted_on_test"),
    "LK007": _code("one person under two names is on both sides", "train+people", "train+person"),
    "LK008": _code("the labels are identities", "truth"),
    "LK009": _code("threshold of a spotter tuned on test data", "threshold_from"),
    "LK010": _code("pre-training data contains a test subject", "pretraining_subjects"),
    "EV001": _code("a class is absent from a fold", "truth"),
    "EV002": _code("a mean of folds is reported as F1", "truth+prediction+fold+claims"),
    "EV003": _code("few subjects are tested", "subject"),
    "EV004": _code("apexes of the test set are estimated", "apex_from"),
    "EV005": _code("a single seed", "seeds", "seed"),
    "EV006": _code("accuracy is not above the majority class", "truth+prediction", "truth+claims"),
    "EV007": _code("the interval is wider than the claimed gain", "gain+gain_interval", "gain+truth+prediction"),
    "EV008": _code("a figure that cannot be", "claims"),
}
"""Every code of ours. A code is never given another meaning; one that is dropped is not used again."""

WORDS = {
    "train": "rows to train on",
    "validation": "rows to validate on",
    "selection": "fact 'selection'",
    "people": "table of people",
    "claims": "claimed figures",
}
for _fact in (
    "augmented_before_split",
    "fitted_on_test",
    "threshold_from",
    "pretraining_subjects",
    "seeds",
    "gain",
    "gain_interval",
):
    WORDS[_fact] = f"fact '{_fact}'"


ORDER = (*WORDS, "subject", "fold", "seed", "truth", "prediction", "image", "person", "apex_from")


def wanted(code: str, known: frozenset[str] = frozenset()) -> str:
    """What else has to be known to look for a code, in words.

    >>> wanted("LK003", frozenset({"train"})), wanted("LK004")
    ("column 'image'", "fact 'selection' or rows to validate on")
    """
    lacking = [way - known for way in CODES[code].needs]
    ways = [" and ".join(WORDS.get(each, f"column '{each}'") for each in ORDER if each in way) for way in lacking]
    return " or ".join(dict.fromkeys(ways))


def leak(code: str, summary: str, examples: Iterable[str] = (), more: int = 0) -> Finding:
    """A leak: a line with complete counts, then up to MOST_LINES examples and how many ``more`` there are."""
    return _finding(code, "leak", summary, examples, more)


def caution(code: str, summary: str, examples: Iterable[str] = (), more: int = 0) -> Finding:
    """A caution, told as a leak is."""
    return _finding(code, "caution", summary, examples, more)


def _finding(
    code: str, severity: Literal["leak", "caution"], summary: str, examples: Iterable[str], more: int
) -> Finding:
    lines = [summary, *islice(examples, MOST_LINES)]
    if more > 0:
        lines.append(f"and {more:,} more")
    return Finding(code, CODES[code].title, severity, tuple(lines))


def first(lines: Sequence[str]) -> tuple[list[str], int]:
    """The first MOST_LINES of some lines, and how many more there are."""
    return list(lines[:MOST_LINES]), max(0, len(lines) - MOST_LINES)


def times(number: int, noun: str) -> str:
    """A number with its noun.

    >>> times(1, "clip"), times(1200, "clip")
    ('1 clip', '1,200 clips')
    """
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
