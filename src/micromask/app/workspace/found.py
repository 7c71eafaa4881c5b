"""What was found in each recording, counted: for lists that are asked for every second."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from micromask.app.workspace.corrections.said import log
from micromask.app.workspace.corrections.standing import found_by, resolved
from micromask.app.workspace.recordings import results_of
from micromask.app.workspace.store import reading
from micromask.core.errors import MicromaskError
from micromask.reports.document import read_document
from micromask.reports.folder import FILES


@dataclass(frozen=True, slots=True)
class Found:
    """What stands of a recording's intervals after the corrections of the people in ``by``.

    ``masked`` holds the machine's marks, where it looked for them and people did not reject them, and what people call
    masked. ``emotions`` are those of the expressions, without masked marks, the most frequent first; ``cautions`` says
    how many there are to read.
    """

    micro: int
    macro: int
    masked: int
    faces: int
    cautions: int
    emotions: Mapping[str, int]
    by: tuple[str, ...]

    @property
    def line(self) -> str:
        """The same in a few words."""
        return f"{self.micro} micro- and {self.macro} macro-expressions" if self.faces else "no face found"


def found_in(workspace: Path, number: int, last: int | None = None) -> Found | None:
    """What was found in a recording; None where it has no results that can be read.

    Parameters
    ----------
    workspace : Path
    number : int
        The recording's id.
    last : int, optional
        Of `last_corrections`: with the results' time it says whether anything has changed since it was counted.
    """
    path = results_of(workspace, number) / FILES["analysis"]
    try:
        return _counted(workspace, number, path, path.stat().st_mtime_ns, last)
    except (OSError, MicromaskError):
        return None


def last_corrections(workspace: Path) -> dict[int, int]:
    """The last line of each recording's log of corrections; recordings without one are left out."""
    with reading(workspace) as store:
        rows = store.execute("SELECT recording, max(id) AS last FROM correction GROUP BY recording").fetchall()
    return {row["recording"]: row["last"] for row in rows}


@lru_cache(maxsize=4096)
def _counted(workspace: Path, number: int, path: Path, _: int, last: int | None) -> Found:
    analysis = read_document(path)
    with reading(workspace) as store:
        intervals = resolved(found_by(analysis), log(store, number) if last else ())
    standing = [one for one in intervals if one.counts]
    kinds = Counter(one.kind for one in standing)
    emotions = Counter(one.emotion for one in standing if one.emotion and one.layer == "expressions")
    return Found(
        micro=kinds["micro"],
        macro=kinds["macro"],
        masked=kinds["masked"],
        faces=len(analysis.faces),
        cautions=len(analysis.cautions),
        emotions=dict(emotions.most_common()),
        by=tuple(sorted({opinion.author for one in intervals for opinion in one.opinions})),
    )
