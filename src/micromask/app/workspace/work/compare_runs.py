"""The kind of work "compare-runs": evaluation runs on the same samples side by side."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from micromask.app.workspace.eval_runs import eval_run
from micromask.app.workspace.jobs import Job
from micromask.app.workspace.made import MadeKind, made_folder, write_made
from micromask.app.workspace.work.kinds import Tell, keep, scratch, works
from micromask.core.errors import BadInputError

KIND: MadeKind = "compare-runs"
MOST = 12
"""Of more runs the pairs are too many to be read, and the correction for all of them leaves nothing to tell."""


def compare_payload(workspace: Path, numbers: list[int], *, ensemble: bool = False) -> dict[str, Any]:
    """What the job is to be given: the runs by number.

    Raises
    ------
    BadInputError
        If there are fewer than two or more than `MOST`, or one is not there or cannot be read.
    """
    chosen = list(dict.fromkeys(numbers))
    if not 2 <= len(chosen) <= MOST:
        raise BadInputError(f"choose two to {MOST} runs to compare, got {len(chosen)}")
    for number in chosen:
        one = eval_run(workspace, number)
        if one.why:
            raise BadInputError(f"{one.name}: {one.why}")
    return {"runs": chosen, "ensemble": ensemble}


@works.add(KIND)
def compare_runs(workspace: Path, job: Job, tell: Tell) -> None:
    """Read the runs, compare them, and write the page.

    Raises
    ------
    BadInputError
        If a run is not there any more, or they are not on the same samples.
    """
    from micromask.evaluation.compare import Run, compare
    from micromask.evaluation.run_files import read_run
    from micromask.reports.comparison import render

    found = [eval_run(workspace, number) for number in job.payload["runs"]]
    runs = []
    for done, one in enumerate(found):
        tell(done, len(found) + 1, f"reading {one.name}")
        document, results = read_run(one.folder)
        name = one.name if [each.name for each in found].count(one.name) == 1 else f"{one.name} ({one.number})"
        runs.append(Run(name, document, results))
    tell(len(found), len(found) + 1, "comparing every two of them")
    made = compare(runs, ensemble=bool(job.payload["ensemble"]))
    place = scratch(workspace, job) / "made"
    write_made(place, made, render(made))
    keep(workspace, job, {place: made_folder(workspace, KIND, job.id)})
    tell(len(found) + 1, len(found) + 1, "")
