"""A recording as a cohort sees it: the time in which its face was seen, and what it showed as people corrected it."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from micromask.app.workspace.corrections.opinions import corrected_expressions
from micromask.app.workspace.recordings import Recorded, results_of
from micromask.reports.folder import FILES, read_run

if TYPE_CHECKING:
    from micromask.evaluation.watched import Watched


def watched_of(workspace: Path, one: Recorded, name: str) -> Watched:
    """A recording of a cohort under a name of its own, with who is on it and what people made of its intervals.

    The timelines, which are most of the work, are read again only after a new analysis.

    Raises
    ------
    BadInputError
        If its results are not there, or cannot be read.
    """
    folder, intervals = results_of(workspace, one.id), corrected_expressions(workspace, one.id)
    times = [path.stat().st_mtime_ns if path.is_file() else 0 for path in (folder / FILES[n] for n in _READ)]
    return replace(
        _seen(folder, *times),
        recording=name,
        participant=one.participant.strip(),
        group=one.group.strip(),
        shown=tuple((each.kind, each.emotion or None) for each in intervals if each.counts),
        corrected=any(each.by for each in intervals),
    )


_READ = ("analysis", "timeline")


@lru_cache(maxsize=256)
def _seen(folder: Path, _: int, __: int) -> Watched:
    """What was measured, of nobody; the numbers are when the files were written."""
    from micromask.evaluation.watched import watched

    return watched(read_run(folder), "", shown=())
