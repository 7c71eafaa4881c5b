"""The vocabulary of data sets: what a coder wrote, what a clip is, and what has to be said about a corpus."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from micromask.core.types import Recording, SubjectId

ClipKind = Literal["micro", "macro", "masked"]


@dataclass(frozen=True, slots=True)
class Source:
    """Where a fact stands: a file and its row, counted from 1 as a spreadsheet shows it (None where it has no rows)."""

    file: Path
    row: int | None = None

    def __str__(self) -> str:
        return self.file.name if self.row is None else f"{self.file.name}, row {self.row}"


@dataclass(frozen=True, slots=True)
class Annotation:
    """What was coded of one clip; raw labels are kept as the coder wrote them, label sets are functions of them.

    ``onset``, ``apex`` and ``offset`` are frames on the clip's recording, counted from 0, offset inclusive. ``emotion``
    is the coded one; ``shown_emotion`` and ``felt_emotion`` those of a masked expression, ``intended_emotion`` the one
    that the stimulus was chosen for, each None where it is not known. ``action_units`` and ``objective_class`` are
    strings as coded. ``apex_from`` says whether a coder marked the apex or it is an estimate (then by what).
    """

    onset: int
    apex: int | None
    offset: int
    emotion: str
    kind: ClipKind
    source: Source
    action_units: str = ""
    objective_class: str | None = None
    apex_from: Literal["coder", "midpoint", "motion-peak", "image"] | None = None
    shown_emotion: str | None = None
    felt_emotion: str | None = None
    intended_emotion: str | None = None

    def __post_init__(self) -> None:
        if self.onset < 0 or self.offset < self.onset:
            raise ValueError(f"{self.source}: onset {self.onset} and offset {self.offset} are no interval")
        if self.apex is not None and not self.onset <= self.apex <= self.offset:
            raise ValueError(f"{self.source}: apex {self.apex} lies outside {self.onset} to {self.offset}")
        if (self.apex is None) != (self.apex_from is None):
            raise ValueError(f"{self.source}: an apex and where it is from go together")


@dataclass(frozen=True, slots=True)
class MotionFile:
    """A ready-made motion map on disk: 8-bit channels (u, v, strain), each scaled on its own; see ``motion.maps``."""

    path: Path
    convention: str = "u-v-strain-minmax"


@dataclass(frozen=True, slots=True, eq=False)
class Clip:
    """One sample. ``motion`` is set where the data set holds motion maps instead of pictures.

    ``attributes`` are facts of the person or the session that one may split by, such as gender or stimulus, where the
    data set tells them.

    Nothing is opened before somebody needs pixels: ``recording.path`` is the film, the folder of frames or the image.
    """

    id: str
    recording: Recording
    annotation: Annotation
    motion: MotionFile | None = None
    attributes: Mapping[str, str] = field(default_factory=dict)

    @property
    def subject(self) -> SubjectId:
        """Who it is; a clip of nobody cannot be split, so every loader names one."""
        if self.recording.subject is None:
            raise ValueError(f"clip {self.id} has no subject")
        return self.recording.subject


@dataclass(frozen=True, slots=True)
class Finding:
    """Something a person has to know about a data set or a result.

    ``code`` never changes its meaning: ``DS...`` data sets, ``LK...`` leaks, ``EV...`` cautions of evaluation.
    ``severity``: ``note`` (mended or left out as documented), ``caution``, ``leak``, ``error`` (refused).
    ``evidence`` are lines such as ``sheet.xlsx, row 61: offset 40 before apex 57``.
    """

    code: str
    title: str
    severity: Literal["note", "caution", "leak", "error"]
    evidence: tuple[str, ...] = ()
