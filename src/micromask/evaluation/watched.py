"""One recording of a cohort: whose it is, how long a face was seen in it, and what the face showed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from micromask.core.clips import ClipKind
from micromask.core.types import Analysis, Timeline

Shown = tuple[ClipKind, str | None]
"""One expression as a cohort sees it: its kind and its emotion."""


@dataclass(frozen=True, slots=True)
class Watched:
    """One recording of a cohort.

    ``participant`` and ``group`` are '' where they are not told. ``seconds`` is the time in which a face was seen
    (`seen_seconds`), ``shown`` what it showed; ``how`` says by what it was found, such as the recogniser and the
    threshold: rates can only be compared where it is the same. ``faces`` is how many faces were counted; ``corrected``
    says that people looked at what was found.
    """

    recording: str
    participant: str
    group: str
    seconds: float
    shown: tuple[Shown, ...]
    how: Mapping[str, str]
    faces: int = 1
    corrected: bool = False


def watched(
    analysis: Analysis,
    name: str,
    *,
    participant: str = "",
    group: str = "",
    shown: Iterable[Shown] | None = None,
    corrected: bool = False,
) -> Watched:
    """A recording of a cohort from its analysis.

    Parameters
    ----------
    analysis : Analysis
        With timelines.
    name : str
        What the recording is called.
    participant, group : str
    shown : iterable of (kind, emotion), optional
        The expressions as people corrected them; those of the analysis where nobody did.
    corrected : bool
        Whether anybody did.
    """
    found = [(one.kind, one.emotion) for one in analysis.expressions] if shown is None else shown
    settings = analysis.settings
    asked = {key: str(settings[key]) for key in ("detector", "flow", "floor", "magnify") if key in settings}
    return Watched(
        name,
        participant.strip(),
        group.strip(),
        sum(map(seen_seconds, analysis.timelines)),
        tuple(found),
        {"recogniser": analysis.recognizer or "none", **asked},
        len(analysis.timelines),
        corrected,
    )


def seen_seconds(timeline: Timeline) -> float:
    """Seconds in which a face was seen well enough for an expression to be found, on the recording's own clock.

    Each frame counts until the next one, but no longer than one and a half usual steps: what lies between two
    stretches is not time in which the face was seen.

    Examples
    --------
    Ten frames a second, the face lost for three of ten:

    >>> seen = np.array([1, 1, 1, 1, np.nan, np.nan, np.nan, 1, 1, 1], np.float32)
    >>> frames, times = np.arange(10), np.arange(10) / 10
    >>> round(seen_seconds(Timeline(0, frames, times, seen, {}, seen, seen, 1.0)), 6)
    0.7
    """
    times = np.asarray(timeline.times, np.float64)
    if len(times) < 2:
        return 0.0
    steps = np.diff(times)
    usual = float(np.median(steps))
    lasts = np.append(np.where(steps > 1.5 * usual, usual, steps), usual)
    return float(lasts[np.isfinite(timeline.strength)].sum())
