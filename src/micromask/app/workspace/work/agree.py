"""The kind of work "agree": two models are asked about the intervals of recordings that nobody has labelled."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from micromask.app.workspace.jobs import Job
from micromask.app.workspace.made import MadeKind, made_folder, write_made
from micromask.app.workspace.outdated import READ_AT
from micromask.app.workspace.recordings import Recorded, recording, results_of
from micromask.app.workspace.work.cohort import with_results
from micromask.app.workspace.work.kinds import Tell, keep, scratch, works
from micromask.core.errors import BadInputError
from micromask.inference.own_models import own_model
from micromask.studies.store import now

if TYPE_CHECKING:
    from micromask.core.types import Analysis

KIND: MadeKind = "agree"
SHIPPED = ""
"""In place of a model's file: the recogniser that comes with the package."""


def agree_payload(workspace: Path, models: tuple[str, str], numbers: list[int]) -> dict[str, Any]:
    """What the job is to be given: two models by their files' names, and the recordings by number.

    Raises
    ------
    BadInputError
        If the models are one and the same, one is not there or cannot be used, they share no emotion, or as
        `work_cohort.with_results`.
    """
    from micromask.datasets.labels import one_spelling
    from micromask.evaluation.judged import Rater
    from micromask.evaluation.model_agreement import shared_emotions
    from micromask.inference.recognise import SHIPPED as SHIPPED_FILE

    if models[0] == models[1]:
        raise BadInputError("a model always agrees with itself: choose two different ones")
    raters = []
    for name in models:
        path = _file(workspace, name)
        told = own_model(path or SHIPPED_FILE)
        raters.append(Rater(_called(name), told.describe, str(told.reads), tuple(map(one_spelling, told.classes))))
    shared_emotions(raters[0], raters[1])
    return {"models": list(models), "recordings": with_results(workspace, numbers)}


@works.add(KIND)
def make_agreement(workspace: Path, job: Job, tell: Tell) -> None:
    """Ask both models about every interval, and write how far they agree.

    Raises
    ------
    BadInputError
        If a recording or a model is not there any more, or no interval was spotted.
    """
    _one_thread()
    from micromask.evaluation.judged import judge, rater
    from micromask.evaluation.model_agreement import model_agreement
    from micromask.inference.fitted import load_fitted
    from micromask.reports.agreement import agreement_csv, render

    read_at = now()
    names = [str(name) for name in job.payload["models"]]
    found = [recording(workspace, number) for number in job.payload["recordings"]]
    tell(0, len(found), "reading the models")
    first, second = (load_fitted(_file(workspace, name)) for name in names)
    judged = []
    for done, one in enumerate(found):
        tell(done, len(found), f"looking at {one.title} again")
        analysis = _with_film(workspace, one)
        for number, interval in enumerate(analysis.expressions, 1):
            tell(done, len(found), f"{one.title}: interval {number} of {len(analysis.expressions)}")
            (row,) = judge(
                analysis,
                first,
                second,
                recording=str(one.id),
                title=one.title,
                participant=one.participant,
                intervals=[interval],
            )
            judged.append(replace(row, number=number))
    raters = [rater(model, _called(name)) for model, name in zip((first, second), names, strict=True)]
    document = model_agreement(judged, raters[0], raters[1]) | {READ_AT: read_at}
    place = scratch(workspace, job) / "made"
    write_made(place, document, render(document), agreement_csv(document))
    keep(workspace, job, {place: made_folder(workspace, KIND, job.id)})
    tell(len(found), len(found), "")


def _with_film(workspace: Path, one: Recorded) -> Analysis:
    """The analysis of a recording with its tracks, and its film opened again."""
    from micromask.recordings import probe
    from micromask.reports.document import read_document
    from micromask.reports.folder import FILES
    from micromask.reports.tracks import TRACKS_FILE, read_tracks

    folder = results_of(workspace, one.id)
    analysis = read_document(folder / FILES["analysis"])
    return replace(analysis, recording=probe(one.film), tracks=read_tracks(folder / TRACKS_FILE))


def _file(workspace: Path, name: str) -> Path | None:
    """A model of the workspace by its file's name, None for the one that is shipped."""
    if name == SHIPPED:
        return None
    path = workspace / "models" / name
    if Path(name).name != name or not path.is_file():
        raise BadInputError(f"there is no model {name!r} in this workspace (any more): choose another")
    return path


def _called(name: str) -> str:
    return "shipped" if name == SHIPPED else Path(name).stem


def _one_thread() -> None:
    import cv2
    import torch

    cv2.setNumThreads(1)
    torch.set_num_threads(1)
