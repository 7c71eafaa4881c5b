"""The kind of work "train": a model of the user's own from a folder of pictures per emotion, with its card."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from micromask.app.workspace.jobs import Job, jobs
from micromask.app.workspace.own import free_place, models_folder
from micromask.app.workspace.training import KIND, WHY_NOT, Training, corpus_of, folds_of, too_few
from micromask.app.workspace.work.kinds import Tell, keep, scratch, works
from micromask.studies.files import private_folder

if TYPE_CHECKING:
    from micromask.core.results import Results
    from micromask.evaluation.final import Final
    from micromask.evaluation.material import Material
    from micromask.evaluation.run import Plan
    from micromask.models.store import Promise


@works.add(KIND)
def train_model(workspace: Path, job: Job, tell: Tell) -> None:
    """Fit the model that the payload asks for and leave it in models/; how good it is is measured first, on people who
    were kept apart, where names tell who is in the pictures. Folds that are done stay done after a restart.

    Raises
    ------
    BadInputError
        If the folder is not there any more, or cannot be learnt from.
    BadOutputError
        If there is no room.
    """
    _one_thread()
    _forget_others(workspace, job)
    work = private_folder(models_folder(workspace) / f".fit-{job.id}")
    try:
        promise, name, people = _train(workspace, job, tell, work)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    tell(1, 1, _outcome(promise, name, people))


def _train(workspace: Path, job: Job, tell: Tell, work: Path) -> tuple[Promise, str, int]:
    from micromask.datasets.cache import Cache
    from micromask.datasets.image_folder import NAME, UNKNOWN
    from micromask.datasets.preparation import Preparation
    from micromask.evaluation.material import gather
    from micromask.evaluation.model_card import Told, promise_of
    from micromask.evaluation.unit import ModelChoice, input_of
    from micromask.models import save_model

    wanted = Training(**job.payload)
    clips = corpus_of(wanted).clips
    choice = ModelChoice(wanted.model, size=(wanted.size, wanted.size))
    how = Preparation(crop="whole" if wanted.whole else "face", frames=1)
    tell(0, len(clips), "finding the faces")
    material = gather(
        clips,
        "own",
        input_of(choice),
        how,
        cache=Cache(work / "faces"),
        progress=lambda done: tell(done, len(clips), "finding the faces"),
    )
    people = {sample.subject for sample in material.samples if sample.subject.name != UNKNOWN}
    plan, recipe_name = _plan(wanted, len(people))
    estimate = None if too_few(len(people)) else _estimate(material, plan, work, tell)
    final = _final(material, plan, estimate, work, tell)
    about = Told((NAME,), how, plan.recipe, recipe_name, "last" if estimate is None else "folds")
    promise = promise_of(material, clips, final, about, estimate)
    made = scratch(workspace, job) / "model.safetensors"
    save_model(made, final.model, promise, overwrite=True)
    place = free_place(workspace, wanted.title)
    keep(workspace, job, {made: place})
    return promise, place.name, len(people)


def _plan(wanted: Training, people: int) -> tuple[Plan, str]:
    from dataclasses import replace

    from micromask.evaluation.protocols import SplitOptions
    from micromask.evaluation.run import Plan
    from micromask.evaluation.unit import ModelChoice
    from micromask.training.recipe import recipe_of

    name, recipe = recipe_of(wanted.model, "frame")
    choice = ModelChoice(wanted.model, size=(wanted.size, wanted.size))
    recipe = replace(recipe, epochs=wanted.epochs)
    options = SplitOptions(0, folds_of(people)) if people > 1 else SplitOptions()
    return Plan(choice, recipe, "k-fold-subjects", options, "inner"), f"{name}, changed: epochs"


def _estimate(material: Material, plan: Plan, work: Path, tell: Tell) -> Results:
    from micromask.evaluation.protocols import make_splits
    from micromask.evaluation.run import evaluate

    folds = len(make_splits(plan.protocol, material.samples, plan.options))

    def said(ready: int) -> None:
        tell(
            ready,
            folds + 1,
            f"measuring how good it is on people it has not seen: group {min(ready + 1, folds)} of {folds}",
        )

    said(0)
    return evaluate(
        material,
        plan,
        dataset="image-folder",
        work=work / "estimate",
        on_unit=lambda ready, total, outcome: said(ready),
    )


def _final(material: Material, plan: Plan, estimate: Results | None, work: Path, tell: Tell) -> Final:
    from micromask.evaluation.final import fit_final, usual_epoch

    epochs = (None if estimate is None else usual_epoch(estimate)) or plan.recipe.epochs
    return fit_final(
        material,
        plan.model,
        plan.recipe,
        epochs,
        checkpoint=work / "final",
        on_epoch=lambda row: tell(int(row["epoch"]), epochs, "fitting on all pictures"),
    )


def _outcome(promise: Promise, name: str, people: int) -> str:
    from micromask.inference.own_models import honest_figures

    figures = honest_figures({"metrics": promise.metrics})
    said = f"on people it had not seen {figures}" if figures else WHY_NOT.format(why=too_few(people))
    return f"{name}: {said}"


def _forget_others(workspace: Path, job: Job) -> None:
    """Remove what fits that were ended by force have left."""
    at_work = {one.id for one in jobs(workspace, KIND) if one.state in ("queued", "running")} | {job.id}
    for folder in models_folder(workspace).glob(".fit-*"):
        if folder.name.removeprefix(".fit-") not in {str(number) for number in at_work}:
            shutil.rmtree(folder, ignore_errors=True)


def _one_thread() -> None:
    import cv2
    import torch

    cv2.setNumThreads(1)
    torch.set_num_threads(1)
