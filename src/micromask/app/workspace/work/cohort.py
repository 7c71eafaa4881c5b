"""The kind of work "cohort": how often each emotion was shown, by recording, participant and group."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from micromask.app.workspace.jobs import Job
from micromask.app.workspace.made import MadeKind, made_folder, write_made
from micromask.app.workspace.outdated import READ_AT
from micromask.app.workspace.recordings import Recorded, recording, recordings
from micromask.app.workspace.watching import watched_of
from micromask.app.workspace.work.kinds import Tell, keep, scratch, works
from micromask.core.errors import BadInputError
from micromask.studies.store import now

KIND: MadeKind = "cohort"
WHICH = ("all", "micro", "macro")


def ready(workspace: Path) -> tuple[Recorded, ...]:
    """The recordings that have results."""
    from micromask.app.workspace.shown import is_shown

    return tuple(one for one in recordings(workspace) if is_shown(workspace, one))


def cohort_payload(workspace: Path, which: str, numbers: list[int]) -> dict[str, Any]:
    """What the job is to be given: which expressions, and the recordings by number.

    Raises
    ------
    BadInputError
        If there is no recording, one is not there or has no results, or ``which`` is unknown.
    """
    if which not in WHICH:
        raise BadInputError(f"counted are all, micro or macro, got {which!r}")
    return {"which": which, "recordings": with_results(workspace, numbers)}


def with_results(workspace: Path, numbers: list[int]) -> list[int]:
    """The same numbers, each once, in their order; BadInputError if there is none or one has no results."""
    there = {one.id for one in ready(workspace)}
    for number in numbers:
        if number not in there:
            raise BadInputError(f"{recording(workspace, number).title} has no results yet: wait until it is analysed")
    if not numbers:
        raise BadInputError("choose a recording that has results")
    return list(dict.fromkeys(numbers))


def titles(found: list[Recorded]) -> dict[int, str]:
    """What recordings are called where two must not have one name: the second 'film.mp4' is 'film.mp4 (7)'."""
    names: dict[int, str] = {}
    for one in found:
        names[one.id] = f"{one.title} ({one.id})" if one.title in names.values() else one.title
    return names


@works.add(KIND)
def make_cohort(workspace: Path, job: Job, tell: Tell) -> None:
    """Read the results and what people corrected, and write the cohort.

    Raises
    ------
    BadInputError
        If a recording is not there any more.
    """
    from micromask.evaluation.cohort import cohort
    from micromask.reports.cohort import cohort_csv, render

    read_at = now()
    found = [recording(workspace, number) for number in job.payload["recordings"]]
    names = titles(found)
    watched = []
    for done, one in enumerate(found):
        tell(done, len(found) + 1, f"reading {one.title}")
        watched.append(watched_of(workspace, one, names[one.id]))
    tell(len(found), len(found) + 1, "drawing participants anew")
    document = cohort(watched, job.payload["which"]) | {READ_AT: read_at}
    for row, one in zip(document["recordings"], found, strict=True):
        row["number"] = one.id
    place = scratch(workspace, job) / "made"
    write_made(place, document, render(document), cohort_csv(document))
    keep(workspace, job, {place: made_folder(workspace, KIND, job.id)})
    tell(len(found) + 1, len(found) + 1, "")
