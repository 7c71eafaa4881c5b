"""Every kept frame and every interval that somebody has labelled, with the labels of all coders side by side."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from micromask.studies.design import StudyKind
from micromask.studies.labels import CANNOT_TELL, Label, label_of
from micromask.studies.people import consent_stands
from micromask.studies.store import read_store

_LABELS = (
    "SELECT label.*, participant, part, time_s FROM label JOIN recording ON recording.id = label.recording"
    " JOIN session ON session.id = recording.session"
    " LEFT JOIN frame ON frame.recording = label.recording AND frame.number = label.number"
    " WHERE removed IS NULL AND session.state != 'deleted' ORDER BY participant, recording.id, label.number, label.id"
)


@dataclass(frozen=True, slots=True)
class CodedFrame:
    """A kept frame and what each coder said of one kind about it, by coder in the order of their names."""

    recording: int
    number: int
    participant: str
    part: str
    time_s: float
    labels: Mapping[str, Label]

    @property
    def opinions(self) -> dict[str, str]:
        """The emotion that each coder chose, '' for none; without those who could not tell."""
        told = {coder: label.decision.emotion for coder, label in self.labels.items()}
        return {coder: emotion for coder, emotion in told.items() if emotion != CANNOT_TELL}


@dataclass(frozen=True, slots=True)
class CodedIntervals:
    """The intervals of one kind that each coder marked in one film."""

    recording: int
    participant: str
    part: str
    labels: Mapping[str, tuple[Label, ...]]


def coded_frames(study: Path, kind: StudyKind) -> tuple[CodedFrame, ...]:
    """All kept frames with a label of a kind, by participant, film and number.

    People whose consent does not stand and deleted sessions are left out.
    """
    found: dict[tuple[int, int], CodedFrame] = {}
    for label, participant, part, time in _labels(study):
        told = label.decision
        if told.kind == kind and told.number is not None:
            place = label.recording, told.number
            old = found.get(place)
            labels = {**(old.labels if old else {}), label.coder: label}
            found[place] = CodedFrame(*place, participant, part, time, {name: labels[name] for name in sorted(labels)})
    return tuple(found.values())


def coded_intervals(study: Path, kind: StudyKind) -> tuple[CodedIntervals, ...]:
    """All films with an interval of a kind; people and sessions as for `coded_frames`."""
    found: dict[int, tuple[str, str, dict[str, tuple[Label, ...]]]] = {}
    for label, participant, part, _ in _labels(study):
        if label.decision.kind == kind and label.decision.number is None:
            _, _, labels = found.setdefault(label.recording, (participant, part, {}))
            labels[label.coder] = (*labels.get(label.coder, ()), label)
    return tuple(CodedIntervals(recording, *rest) for recording, rest in found.items())


def _labels(study: Path) -> Iterable[tuple[Label, str, str, float]]:
    with read_store(study) as store:
        rows = store.execute(_LABELS).fetchall()
        standing = {name for name in {row["participant"] for row in rows} if consent_stands(store, name)}
    for row in rows:
        if row["participant"] in standing:
            yield label_of(row), row["participant"], row["part"], row["time_s"] or 0.0
