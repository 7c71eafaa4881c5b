"""Whether a text names a participant by their pseudonym, or has it only as an example, as a consent text may."""

from __future__ import annotations

import re
import sqlite3
from dataclasses import dataclass
from pathlib import Path

AROUND = 8
"""Letters and digits on each side of a pseudonym by which the place in the study's plan is known again."""


@dataclass(frozen=True, slots=True)
class Naming:
    """A pseudonym as a word, and the letters and digits of what the study tells everybody."""

    participant: str
    word: re.Pattern[str]
    plan: str


def whole_word(participant: str) -> re.Pattern[str]:
    """A pseudonym that is not a part of a longer word.

    >>> bool(whole_word("P01").search("frames/P01/0030.png")), bool(whole_word("P01").search("P010"))
    (True, False)
    """
    return re.compile(rf"(?<![A-Za-z0-9]){re.escape(participant)}(?![A-Za-z0-9])")


def naming_of(study: Path, store: sqlite3.Connection, participant: str) -> Naming:
    """How to tell that a text names a participant; what study.yaml and the texts of consents say names nobody."""
    plan = study / "study.yaml"
    texts = [plan.read_text("utf-8", "replace")] if plan.is_file() else []
    texts += [row[0] for row in store.execute("SELECT DISTINCT text FROM consent")]
    return Naming(participant, whole_word(participant), _bare("\n".join(texts)))


def names(naming: Naming, text: str) -> bool:
    """Whether a text names the participant, other than in words that the study tells everybody.

    >>> told = Naming("P01", whole_word("P01"), _bare("You are called P01 or the like."))
    >>> names(told, "> You are called\\n> P01 or the like."), names(told, "calls P01 a friend"), names(told, "P01")
    (False, True, True)
    """
    for hit in naming.word.finditer(text):
        before = _bare(text[max(0, hit.start() - 10 * AROUND) : hit.start()])[-AROUND:]
        after = _bare(text[hit.end() : hit.end() + 10 * AROUND])[:AROUND]
        known = len(before) == len(after) == AROUND and f"{before}{naming.participant}{after}" in naming.plan
        if not known:
            return True
    return False


def _bare(text: str) -> str:
    """Letters and digits alone: how a text was broken into lines, quoted or escaped does not matter."""
    return re.sub(r"\\[nrt]|[\W_]+", "", text)
