"""The vocabulary of corrections: what people said about an interval beside what the machine measured."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from micromask.core.clips import ClipKind
from micromask.core.types import Expression, MaskedInterval

Verdict = Literal["accept", "reject", "correct", "add"]

Layer = Literal["expressions", "masked"]
"""The two lists of an analysis. A masked mark lies within an expression: the two are never taken for the same."""


@dataclass(frozen=True, slots=True)
class MarkedInterval:
    """An interval with what it is said to show; frames are inclusive, seconds are from the first frame.

    ``emotion`` is a recogniser's class, one of the usual words or free text; empty where none was named. A masked
    expression has ``shown_emotion`` and ``felt_emotion`` instead, each empty where nobody named it: the machine names
    neither.
    """

    face: int
    onset: int
    apex: int
    offset: int
    onset_s: float
    apex_s: float
    offset_s: float
    kind: ClipKind
    emotion: str = ""
    shown_emotion: str = ""
    felt_emotion: str = ""

    def __post_init__(self) -> None:
        if not 0 <= self.onset <= self.apex <= self.offset:
            raise ValueError(f"0 <= onset <= apex <= offset, got {self.onset}, {self.apex}, {self.offset}")
        if self.kind != "masked" and (self.shown_emotion or self.felt_emotion):
            raise ValueError(f"only a masked expression has a shown and a felt emotion, got kind {self.kind}")

    @property
    def layer(self) -> Layer:
        """Which list it belongs to."""
        return "masked" if self.kind == "masked" else "expressions"

    @property
    def emotion_words(self) -> str:
        """What it is said to show.

        >>> def words(*emotions):
        ...     return MarkedInterval(0, 1, 2, 3, 0.1, 0.2, 0.3, "masked", *emotions).emotion_words
        >>> words("", "happiness", "sadness"), words("", "happiness"), words("", "", "sadness"), words("fear")
        ('happiness over sadness', 'happiness shown', 'sadness felt', 'fear')
        >>> words(), MarkedInterval(0, 1, 2, 3, 0.1, 0.2, 0.3, "micro").emotion_words
        ('no emotion named', 'no emotion')
        """
        if self.shown_emotion and self.felt_emotion:
            return f"{self.shown_emotion} over {self.felt_emotion}"
        if self.shown_emotion or self.felt_emotion:
            return f"{self.shown_emotion} shown" if self.shown_emotion else f"{self.felt_emotion} felt"
        return self.emotion or ("no emotion named" if self.kind == "masked" else "no emotion")

    @property
    def lasts_s(self) -> float:
        """Seconds from the onset frame's moment to the offset frame's: what half a second is held against."""
        return self.offset_s - self.onset_s


@dataclass(frozen=True, slots=True)
class Opinion:
    """What one person last said about one interval.

    ``interval`` is what they say it is: the machine's as they saw it (accept), their own (correct, add), None where
    they say that there is no expression (reject). ``made`` is the time in UTC.
    """

    author: str
    verdict: Verdict
    interval: MarkedInterval | None
    made: str
    note: str = ""

    def __post_init__(self) -> None:
        if (self.interval is None) != (self.verdict == "reject"):
            raise ValueError(f"{self.author}: all but a rejection name an interval, got {self.verdict}")


@dataclass(frozen=True, slots=True, eq=False)
class CorrectedInterval:
    """An interval of the machine or of a person, with all opinions on it, and what stands after them.

    ``key`` tells it from the others of its recording. ``number`` is that of the machine's list of its layer, from 1,
    and ``machine`` what is found there, an expression or a masked mark; both are None for an interval that a person
    added, and for one that people spoke about and that a later analysis does not find any more (``gone``). ``seen`` is
    what the opinions are about: the machine's interval, for a gone one as it was then, or the added one. ``stands`` is
    what counts if ``counts`` is true. ``opinions`` has one entry an author, oldest first.
    """

    key: str
    number: int | None
    machine: Expression | MaskedInterval | None
    seen: MarkedInterval
    opinions: tuple[Opinion, ...]
    stands: MarkedInterval
    counts: bool
    gone: bool = False

    @property
    def layer(self) -> Layer:
        """Whether it is an expression, or a masked mark of the machine or of a person.

        One of the machine's expressions stays one, also where people call it masked.
        """
        return self.seen.layer

    @property
    def face(self) -> int:
        """The face's number."""
        return self.stands.face

    @property
    def kind(self) -> ClipKind:
        """What stands: micro, macro or masked."""
        return self.stands.kind

    @property
    def emotion(self) -> str:
        """What stands; of a masked expression the shown one; empty where no emotion is named."""
        return self.stands.emotion or self.stands.shown_emotion

    @property
    def onset_s(self) -> float:
        """What stands, in seconds from the first frame."""
        return self.stands.onset_s

    @property
    def apex_s(self) -> float:
        """What stands, in seconds from the first frame."""
        return self.stands.apex_s

    @property
    def offset_s(self) -> float:
        """What stands, in seconds from the first frame."""
        return self.stands.offset_s

    @property
    def by(self) -> tuple[str, ...]:
        """Who said something about it; empty where it is the machine's alone."""
        return tuple(opinion.author for opinion in self.opinions)

    @property
    def disputed(self) -> bool:
        """Whether two of its authors do not say the same: one rejects it, or they name other frames or emotions."""
        return len({opinion.interval for opinion in self.opinions}) > 1
