"""Between which two frames of a film the motion of a labelled frame lies, and where its face's points are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from micromask.core.types import FloatArray
from micromask.faces.align import ALIGNED_SIZE
from micromask.studies.film_clock import film_clock
from micromask.studies.selection import Selection, SettledFrame
from micromask.studies.store import read_store

BACK = 0.5
"""Seconds before a labelled frame at which its reference lies, where no coder marked an onset."""

POINTS = 68

NO_FACE, NO_BEFORE = "no face on the labelled frame", "no frame before the labelled one"

_ONSETS = (
    "SELECT onset FROM label WHERE recording = ? AND kind = ? AND emotion = ? AND number IS NULL AND removed IS NULL"
    " AND onset < ? AND offset >= ? ORDER BY onset"
)


@dataclass(frozen=True, slots=True)
class Pair:
    """A labelled frame and the earlier frame of its film, ``reference``, that its motion is measured from.

    ``clip`` is its name in the export, ``by`` says in words how the reference was chosen and ``from_s`` when it is.
    """

    frame: SettledFrame
    clip: str
    reference: int
    by: str
    from_s: float


def motion_pairs(study: Path, selection: Selection, numbers: Sequence[int]) -> tuple[tuple[Pair, ...], dict[str, int]]:
    """The pair of frames of each label.

    The reference is the onset of the intervals that coders marked around the frame with the same label (their median),
    else the frame nearest to half a second before.

    Parameters
    ----------
    study : Path
    selection : Selection
    numbers : sequence of int
        What each of its frames is called in the export.

    Returns
    -------
    pairs : tuple of Pair
    missing : dict
        How many labels have none, by reason: no face was found, or the frame is its film's first.

    Raises
    ------
    BadInputError
        If a film is not there or cannot be read.
    """
    found: list[Pair] = []
    missing: Counter[str] = Counter()
    for frame, number in zip(selection.frames, numbers, strict=True):
        if aligned_points(frame) is None:
            missing[NO_FACE] += 1
            continue
        times = film_clock(study, frame.recording).times
        onset = _onset(study, frame)
        reference, by = (onset, "onset") if onset is not None else (_earlier(times, frame), f"{BACK:g} s before")
        if reference >= frame.frame:
            missing[NO_BEFORE] += 1
            continue
        found.append(Pair(frame, f"{frame.part}-{number:04d}", reference, by, float(times[reference])))
    return tuple(found), dict(missing)


def aligned_points(frame: SettledFrame) -> FloatArray | None:
    """The 68 points of a kept frame in px of an aligned face of 128 x 128; None where no face was found."""
    points, size = frame.measures.get("landmarks"), frame.measures.get("size")
    if points is None or not size or len(points) != POINTS:
        return None
    return np.asarray(points, dtype=np.float64) * (ALIGNED_SIZE / float(size))


def _onset(study: Path, frame: SettledFrame) -> int | None:
    """The median onset of the intervals of the settled label around the frame; the earlier of two in the middle."""
    asked = (frame.recording, frame.kind, frame.emotion, frame.frame, frame.frame)
    with read_store(study) as store:
        onsets = [row["onset"] for row in store.execute(_ONSETS, asked)]
    return onsets[(len(onsets) - 1) // 2] if onsets else None


def _earlier(times: FloatArray, frame: SettledFrame) -> int:
    """The frame nearest to half a second before, at a film's beginning its first one."""
    return int(np.abs(times - (times[frame.frame] - BACK)).argmin())
