"""Where in a film an expression may be: what the spotter found, as a help for coders and never as a label."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from micromask.core.types import Expression, Kind
from micromask.inference.analyze import Settings, analyze
from micromask.studies.store import read_store


@dataclass(frozen=True, slots=True)
class Candidate:
    """An interval in which the face moved as faces do in an expression: frames of the film, offset inclusive.

    ``told`` says what the spotter measured: ``strength`` (per cent of the distance between the eyes), ``regions``
    (strongest first), the recogniser's ``probabilities`` and ``cautions``.
    """

    onset: int
    apex: int
    offset: int
    onset_s: float
    apex_s: float
    offset_s: float
    kind: Kind
    told: Mapping[str, Any] = field(default_factory=dict)


def find_candidates(
    film: Path, detector: str = "mtcnn", progress: Callable[[int], None] | None = None
) -> tuple[Candidate, ...]:
    """The candidate intervals of a film, as ``micromask analyze`` finds them on its largest face.

    Parameters
    ----------
    film : Path
    detector : str
        A name in ``faces.detect.detectors``.
    progress : callable, optional
        Called with the number of frames done, now and then.

    Raises
    ------
    BadInputError
        If the film cannot be read at all.
    """
    found = analyze(film, Settings(detector=detector), progress=progress)
    return tuple(_candidate(expression) for expression in found.expressions)


def _candidate(expression: Expression) -> Candidate:
    told = {
        "strength": round(expression.strength, 3),
        "regions": list(expression.regions),
        "probabilities": {name: round(share, 4) for name, share in expression.probabilities.items()},
        "cautions": list(expression.evidence.cautions),
    }
    return Candidate(
        expression.onset,
        expression.apex,
        expression.offset,
        round(expression.onset_s, 6),
        round(expression.apex_s, 6),
        round(expression.offset_s, 6),
        expression.kind,
        told,
    )


def replace_candidates(store: sqlite3.Connection, recording: int, candidates: Iterable[Candidate]) -> None:
    """Put a recording's candidates in the place of those that it had, within the caller's transaction."""
    store.execute("DELETE FROM candidate WHERE recording = ?", (recording,))
    store.executemany(
        "INSERT INTO candidate (recording, onset, apex, offset, onset_s, apex_s, offset_s, kind, told)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (
                *(recording, each.onset, each.apex, each.offset, each.onset_s, each.apex_s, each.offset_s, each.kind),
                json.dumps(dict(each.told), ensure_ascii=False),
            )
            for each in candidates
        ],
    )


def candidates_of(study: Path, recording: int) -> tuple[Candidate, ...]:
    """The candidates of a recording, by onset; none where its film was not searched."""
    with read_store(study) as store:
        rows = store.execute("SELECT * FROM candidate WHERE recording = ? ORDER BY onset, id", (recording,)).fetchall()
    return tuple(
        Candidate(
            row["onset"],
            row["apex"],
            row["offset"],
            row["onset_s"],
            row["apex_s"],
            row["offset_s"],
            row["kind"],
            json.loads(row["told"]),
        )
        for row in rows
    )
