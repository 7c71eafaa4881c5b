"""How long after the beginning of a file its first frame is shown: sound, or nothing, may come first."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import av

from micromask.recordings.track import open_film


def lead_seconds(path: Path) -> float:
    """Seconds from a film's beginning, its first sound or picture, to its first frame.

    The times of a `Recording` are counted from its first frame. A player's display begins with the first sound where
    that comes first: add this to a frame's time to find it there. It is some hundredths of a second in what browsers
    record, and 0 where a file does not say.

    Raises
    ------
    BadInputError
        If the film cannot be opened.
    """
    container, stream = open_film(path)
    with closing(container):
        if stream.start_time is None or stream.time_base is None or container.start_time is None:
            return 0.0
        return max(0.0, float(stream.start_time * stream.time_base) - container.start_time / av.time_base)
