"""What a study is: its emotions, its stimuli and their order, what participants are asked and told."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

OrderRule = Literal["fixed", "shuffled", "counterbalanced"]
"""As written; drawn anew for each participant; or each item equally often at each place over the participants."""

FieldKind = Literal["text", "whole", "choice"]
StudyKind = Literal["micro", "masked"]


@dataclass(frozen=True, slots=True)
class Item:
    """One stimulus: a question (``text``), an image (``image``, a path below the study's folder) or both.

    It stays on screen for ``seconds``; ``intended_emotion`` is the one that it was chosen for.
    """

    id: str
    intended_emotion: str
    seconds: float
    text: str = ""
    image: str | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """Stimuli that are shown in a row and filmed as one recording, such as all questions."""

    name: str
    items: tuple[Item, ...]
    order: OrderRule = "fixed"
    instructions: str = ""


@dataclass(frozen=True, slots=True)
class Field:
    """Something that a participant is asked: free text, a whole number or one of ``choices``."""

    name: str
    title: str
    kind: FieldKind = "text"
    choices: tuple[str, ...] = ()
    needed: bool = True


@dataclass(frozen=True, slots=True)
class Design:
    """A study as its ``study.yaml`` describes it.

    ``masked`` are the pairs (shown, felt) that coders may choose; ``frame_seconds`` is the time between two frames
    that are kept. ``blind_to_stimulus`` keeps from coders what was on the screen.
    """

    folder: Path
    title: str
    emotions: tuple[str, ...]
    kinds: tuple[StudyKind, ...]
    parts: tuple[Part, ...]
    consent: str
    masked: tuple[tuple[str, str], ...] = ()
    instructions: str = ""
    fields: tuple[Field, ...] = ()
    frame_seconds: float = 0.5
    blind_to_stimulus: bool = False

    def part(self, name: str) -> Part:
        """The part of that name; KeyError where there is none."""
        for part in self.parts:
            if part.name == name:
                return part
        raise KeyError(name)
