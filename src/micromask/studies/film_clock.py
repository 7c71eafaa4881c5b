"""When each frame of a recorded film is shown: what coders step along, read once for a film as it is now."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from micromask.core.errors import BadInputError
from micromask.recordings import probe
from micromask.recordings.lead import lead_seconds
from micromask.studies.store import read_store

KEPT = 64
"""Clocks in memory; one of twelve minutes at 30 frames per second takes 170 kB."""


@dataclass(frozen=True, slots=True, eq=False)
class FilmClock:
    """When each frame of a film begins: ``times`` (T,), s from the first frame, which comes ``lead`` s into the file.

    A browser's player counts from the beginning of the file.
    """

    times: NDArray[np.float64]
    lead: float


def film_path(study: Path, recording: int) -> Path:
    """Where the film of a recording lies.

    Raises
    ------
    BadInputError
        If there is no such recording, or its film is gone or lies outside the study's folder.
    """
    with read_store(study) as store:
        row = store.execute("SELECT path FROM recording WHERE id = ?", (recording,)).fetchone()
    if row is None:
        raise BadInputError(f"{study.name} has no recording {recording}")
    path = (study / str(row["path"])).resolve()
    if not path.is_relative_to(study.resolve()) or not path.is_file():
        raise BadInputError(f"{study.name}: the film {row['path']} of recording {recording} is not there")
    return path


def film_clock(study: Path, recording: int) -> FilmClock:
    """The clock of a recording's film.

    Raises
    ------
    BadInputError
        As `film_path`, and if the film cannot be read.
    """
    path = film_path(study, recording)
    facts = path.stat()
    return _clock(path, facts.st_size, facts.st_mtime_ns)


@lru_cache(maxsize=KEPT)
def _clock(path: Path, size: int, changed: int) -> FilmClock:
    film = probe(path)
    times = np.arange(film.n_frames) / film.fps if film.times is None else np.asarray(film.times, np.float64)
    times.setflags(write=False)
    return FilmClock(times, lead_seconds(path))
