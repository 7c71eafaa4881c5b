"""Runs candidates over the folds of a protocol, keeping each fold on disk so that a stopped run can go on."""

from __future__ import annotations

import hashlib
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from micromask.evaluation.protocols import hold_out_database, leave_one_subject_out
from recognizer_candidates import Candidate, Outcome, Predictions
from recognizer_data import MISPLACEMENTS, Maps, misplaced

EDITION = "1"
"""Part of every cache key: raise it when a candidate's code changes."""

PROTOCOLS = {"loso": leave_one_subject_out, "hde": hold_out_database}
VARIANTS = [(name, step) for name, steps in MISPLACEMENTS.items() for step in steps]


@dataclass(frozen=True, slots=True, eq=False)
class Run:
    """A candidate over all folds: probabilities (seeds, N, K) for the maps as they are and for each misplacement.

    ``chosen`` holds what was chosen inside, a row a fold; ``votes`` (N,) the SVM's own classes, where it has any.
    """

    predictions: Predictions
    chosen: dict[str, list[float]]
    votes: NDArray[np.int64] | None

    @property
    def placed(self) -> NDArray[np.float64]:
        """Of the maps as they are: (seeds, N, K)."""
        return self.predictions[0]


def run_protocol(protocol: str, name: str, candidate: Candidate, data: Maps, work: Path | None) -> Run:
    """All folds of a protocol, from the cache in ``work`` where they are there."""
    started, outcomes, rows = time.monotonic(), [], []
    for split in PROTOCOLS[protocol](data.subjects):
        key = hashlib.sha256(f"{EDITION} {data.fingerprint} {protocol} {name} {split.held_out}".encode()).hexdigest()
        kept = work / f"{key[:24]}.npz" if work else None
        test = data.of(split.test)
        if kept is not None and kept.is_file():
            outcomes.append(_read(kept))
        else:
            tests = [test.maps, *(misplaced(test.maps, *step) for _, step in VARIANTS)]
            outcomes.append(candidate(data.of(split.train), tests))
            if kept is not None:
                _write(kept, outcomes[-1])
        rows.append(data.rows(split.test))
    order = np.argsort(np.concatenate(rows))
    print(f"{protocol:5} {name:14} {len(rows)} folds, {time.monotonic() - started:.0f} s", file=sys.stderr, flush=True)
    return Run(
        predictions=[
            np.concatenate([outcome.predictions[v] for outcome in outcomes], axis=1)[:, order]
            for v in range(1 + len(VARIANTS))
        ],
        chosen={key: [outcome.chosen[key] for outcome in outcomes] for key in outcomes[0].chosen},
        votes=None
        if outcomes[0].votes is None
        else np.concatenate([o.votes for o in outcomes if o.votes is not None])[order],
    )


def _write(path: Path, outcome: Outcome) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    arrays = {f"p{number:02}": said for number, said in enumerate(outcome.predictions)}
    arrays |= {f"c_{key}": np.array(value) for key, value in outcome.chosen.items()}
    if outcome.votes is not None:
        arrays["votes"] = outcome.votes
    partial = path.with_suffix(".part.npz")
    np.savez(partial, **arrays)
    partial.replace(path)


def _read(path: Path) -> Outcome:
    with np.load(path, allow_pickle=False) as arrays:
        said = [arrays[key] for key in sorted(arrays) if key.startswith("p")]
        chosen = {key[2:]: float(arrays[key]) for key in arrays if key.startswith("c_")}
        return Outcome(said, chosen, arrays.get("votes"))
