"""Finished units of a run on disk, so that a run that was cut off goes on with what is left."""

from __future__ import annotations

import json
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from micromask.core.errors import BadOutputError
from micromask.core.whole_file import whole_file
from micromask.evaluation.unit import Outcome


@dataclass(frozen=True, slots=True)
class Kept:
    """A folder of finished units; each is written whole or not at all, and read only by the run it is of.

    ``key`` names the run: its data, folds, model and recipe.
    """

    folder: Path
    key: str

    def place(self, fold: int, seed: int) -> Path:
        """The file of a unit, there or not."""
        return self.folder / "units" / f"fold-{fold:03d}-seed-{seed}.npz"

    def read(self, fold: int, seed: int) -> Outcome | None:
        """A finished unit; None where there is none, it is damaged, or it is of another run."""
        try:
            with self.place(fold, seed).open("rb") as file, np.load(file, allow_pickle=False) as entry:
                told = json.loads(bytes(entry["told"]))
                probabilities = entry["probabilities"]
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
            return None
        if told["key"] != self.key:
            return None
        return Outcome(fold, seed, probabilities, told["epoch"], tuple(told["curves"]), told["seconds"])

    def write(self, outcome: Outcome) -> None:
        """Keep a finished unit.

        Raises
        ------
        BadOutputError
            If it cannot be written.
        """
        told = {
            "key": self.key,
            "epoch": outcome.epoch,
            "curves": [dict(row) for row in outcome.curves],
            "seconds": outcome.seconds,
        }
        place = self.place(outcome.fold, outcome.seed)
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            with whole_file(place) as part, part.open("wb") as file:
                np.savez(
                    file,
                    told=np.frombuffer(json.dumps(told).encode(), np.uint8),
                    probabilities=outcome.probabilities,
                )
        except OSError as error:
            raise BadOutputError(f"cannot keep a finished fold in {place}: {error.strerror or error}") from None
