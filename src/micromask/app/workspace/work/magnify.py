"""The kind of work "magnify": one interval as a small film, the face as it was beside its movements made larger."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from micromask.app.workspace.jobs import Job
from micromask.app.workspace.recordings import Recorded, recording, results_of
from micromask.app.workspace.skin_motion import stamp_of
from micromask.app.workspace.work.kinds import Tell, keep, scratch, works
from micromask.core.errors import BadInputError
from micromask.core.types import FaceTrack, Image, Recording
from micromask.reports.tracks import TRACKS_FILE, read_some_tracks
from micromask.studies.files import private_folder

KIND = "magnify"

SIDE = 320
"""Side of each of the two faces, px."""

GAP = 8

TIMES = (5, 10, 20)
"""How many times larger movements may be made."""

WAVELENGTH = 32.0
"""Patterns finer than this (px) are made larger by less: with 16, the usual value, noise comes to the fore."""

BEFORE_S = 0.5
"""Seconds before the onset that the filter sees too, so that it has settled; they are not shown."""

LONGEST_S = 10.0

MOST_KEPT = 40


@dataclass(frozen=True, slots=True)
class Magnified:
    """What is made larger: a face from onset to offset, its movements so many times."""

    face: int
    onset: int
    offset: int
    times: int

    def __post_init__(self) -> None:
        if not 0 <= self.onset < self.offset:
            raise BadInputError(f"an interval has 0 <= onset < offset, got {self.onset} to {self.offset}")
        if self.times not in TIMES:
            raise BadInputError(f"movements are made {', '.join(map(str, TIMES))} times larger, got {self.times}")


def magnified_path(workspace: Path, recorded: Recorded, wanted: Magnified) -> Path:
    """Where the film of an interval lies once it is made: left as it was, right magnified, onset to offset alone.

    Raises
    ------
    BadInputError
        If the recording has no tracks.
    """
    stamp = stamp_of(results_of(workspace, recorded.id) / TRACKS_FILE)
    name = f"{stamp}-{wanted.face}-{wanted.onset}-{wanted.offset}-{wanted.times}.mp4"
    return private_folder(recorded.folder / "magnified") / name


def payload_of(wanted: Magnified) -> dict[str, int]:
    """What the job is to be given."""
    return asdict(wanted)


@works.add(KIND)
def magnify_interval(workspace: Path, job: Job, tell: Tell) -> None:
    """Make the film that `magnified_path` names.

    Raises
    ------
    BadInputError
        If the film is not there any more, the face is not seen in the interval, or that is longer than LONGEST_S.
    """
    from micromask.recordings import probe, write_film

    if job.recording is None:
        raise BadInputError("nothing says which recording to magnify")
    wanted, recorded = Magnified(**job.payload), recording(workspace, job.recording)
    path = magnified_path(workspace, recorded, wanted)
    if not recorded.film.exists():
        raise BadInputError(f"{recorded.title}: the film is not where it was; put it back to magnify it")
    film = probe(recorded.film)
    if wanted.offset - wanted.onset > LONGEST_S * film.fps:
        raise BadInputError(f"an interval of at most {LONGEST_S:g} s can be magnified, this one is longer")
    first = max(0, wanted.onset - round(BEFORE_S * film.fps))
    tracks = read_some_tracks(results_of(workspace, recorded.id) / TRACKS_FILE, first, wanted.offset)
    track = next((one for one in tracks if one.face_id == wanted.face and len(one.frames)), None)
    if track is None:
        raise BadInputError(f"face {wanted.face} is not seen in frames {wanted.onset} to {wanted.offset}")
    total = wanted.offset - first + 1
    shown: list[tuple[float, Image]] = []
    for index, time, pair in _pairs(film, track, first, wanted):
        tell(index - first + 1, total, "magnifying")
        if index >= wanted.onset:
            shown.append((time, pair))
    if not shown:
        raise BadInputError(f"frames {wanted.onset} to {wanted.offset} of {recorded.title} cannot be read")
    part = scratch(workspace, job) / "magnified.mp4"
    write_film(part, (pair for _, pair in shown), film.fps, times=[time for time, _ in shown], crf=20)
    keep(workspace, job, {part: path})
    for old in sorted(path.parent.glob("*.mp4"), key=lambda one: one.stat().st_mtime_ns)[:-MOST_KEPT]:
        old.unlink(missing_ok=True)


def _pairs(film: Recording, track: FaceTrack, first: int, wanted: Magnified) -> Iterator[tuple[int, float, Image]]:
    """Frame number, its second, and the held face beside the magnified one, (SIDE, 2 SIDE + GAP, 3) RGB.

    The filter runs along with the film, in little memory; what it makes larger comes a few hundredths of a second late.
    """
    from micromask.faces.align import ALIGNED_SIZE, warp_face
    from micromask.imaging.magnify import Magnification, Magnifier
    from micromask.recordings import read

    try:
        magnifier = Magnifier(film.fps, Magnification(alpha=wanted.times, wavelength=WAVELENGTH))
    except ValueError as error:
        raise BadInputError(f"{film.path.name} cannot be magnified: {error}") from None
    between = np.full((SIDE, GAP, 3), 255, dtype=np.uint8)
    for frame in read(film, colour=True, start=first, stop=wanted.offset + 1):
        row = int(np.abs(track.frames - frame.index).argmin())
        face = warp_face(frame.image, track.to_aligned[row].astype(np.float64) * (SIDE / ALIGNED_SIZE), SIDE)
        yield frame.index, frame.time, np.concatenate([face, between, magnifier.step(face)], axis=1)
