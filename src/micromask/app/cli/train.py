"""`micromask train`: one model on all the data, with a card that says how good it is on people it has not seen."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.text import Text

from micromask.app.cli import training_options as options
from micromask.app.cli.corpora import loader_settings, opened
from micromask.app.cli.places import check_place
from micromask.app.cli.plan import chosen_recipe
from micromask.app.cli.spread import spread
from micromask.app.cli.stopped import goes_on
from micromask.app.cli.talk import out, plain, progress_bar, say
from micromask.core.errors import BadInputError, BadOutputError
from micromask.reports.words import count

if TYPE_CHECKING:
    from micromask.core.results import Results
    from micromask.evaluation.final import Final
    from micromask.evaluation.material import Material
    from micromask.evaluation.model_card import EpochsBy
    from micromask.evaluation.run import Plan
    from micromask.models.store import Promise
    from micromask.training.log import Told as Logged
    from micromask.training.log import Write
    from micromask.training.recipe import Recipe

ENDING = ".safetensors"


@spread
def train_command(
    data: options.Data,
    model: Annotated[str, typer.Option("--model", metavar="NAME", help="A name that 'models list' prints.")],
    file: Annotated[Path, typer.Option("--out", metavar="FILE", help="File for the model, such as m.safetensors.")],
    *,
    root: options.Root = None,
    label_set: options.Labels = "own",
    protocol: Annotated[str, typer.Option(help="Of the estimate: k-fold-subjects, loso.")] = "k-fold-subjects",
    folds: options.Folds = 5,
    no_estimate: Annotated[bool, typer.Option("--no-estimate", help="Do not measure how good it is.")] = False,
    select: Annotated[str, typer.Option(help="What chooses the epoch: inner (people of the training side), last.")] = (
        "inner"
    ),
    seed: Annotated[
        int,
        typer.Option(min=0, max=options.MOST_SEED, help="Of the weights, the order, the augmentation and the folds."),
    ] = 0,
    fitting: options.Fitting,
    reading: options.Reading,
    loading: options.Loading,
    licence: Annotated[str | None, typer.Option(help="Of the weights; else that of the data.")] = None,
    log: Annotated[
        list[str] | None,
        typer.Option(metavar="KIND:WHERE", help="Each epoch: csv:FILE, tensorboard:FOLDER, mlflow:FOLDER or URI."),
    ] = None,
    device: options.Device = None,
    jobs: options.Jobs = None,
    resume: options.Resume = False,
    overwrite: options.Overwrite = False,
) -> None:
    """Fit one model on all the data and write it to a file that says what it is and how good it is.

    How good it is on people it has not seen is measured first, on models that were fitted without them: five groups of
    people in turn. Those folds also settle for how many epochs the final model is fitted.
    """
    from micromask.datasets.preparation import Preparation
    from micromask.evaluation.final import has_epochs
    from micromask.evaluation.model_card import EPOCHS_BY, Told, check_honest, promise_of
    from micromask.evaluation.protocols import SplitOptions
    from micromask.evaluation.run import Plan
    from micromask.models import save_model
    from micromask.training.device import choose_device
    from micromask.training.fit_classical import RECIPES, ClassicalRecipe
    from micromask.training.log import check_logs, open_logs
    from micromask.training.memory import keep_memory

    if select not in ("inner", "last"):
        raise BadInputError(f"--select is inner or last, got {select!r}")
    sides = SplitOptions(seed, folds)
    check_honest(protocol, sides)
    work = _work(file, resume, overwrite)
    check_logs(log or (), go_on=resume)
    chosen = choose_device(device)
    choice = options.model_choice(model, fitting)
    changes = options.recipe_changes(fitting)
    told, how = chosen_recipe(choice, fitting.recipe, changes)
    fitted_by: tuple[Recipe | ClassicalRecipe, str] = (how, told)
    if not has_epochs(choice):
        if fitting.recipe or changes:
            raise BadInputError(f"{model} is fitted in a way of its own: leave --recipe, --epochs and the like out")
        fitted_by = (RECIPES.get(model, ClassicalRecipe()), "its own")
    preparation = Preparation(**asdict(reading))
    plan = Plan(choice, how, protocol, sides, select, (seed,), (), str(chosen))  # type: ignore[arg-type]
    workers = options.workers_of(jobs, chosen.type)
    keep_memory()
    epochs_by: EpochsBy = "last" if select == "last" else "inner" if no_estimate else "folds"
    about = Told(tuple(data), preparation, *fitted_by, epochs_by, fitting.weights, seed, licence)
    extra = loader_settings(loading.settings or (), loading.subject_pattern)
    with goes_on(work, "folds and epochs"):
        with opened(data, root or (), loading.missing_apex, extra) as (clips, _):
            material = _gather(clips, label_set, plan, preparation)
        people = count(len({sample.subject for sample in material.samples}), "subject")
        what = f"{count(len(material.samples), 'sample')}, {people}, {len(material.labels)} classes"
        say(f"{'+'.join(data)}  {what}; {model} by recipe {fitted_by[1]}; on {chosen}")
        estimate = None if no_estimate else _estimate(material, plan, "+".join(data), work, workers)
        with open_logs(log or (), _logged(about, model, estimate), go_on=resume) as write:
            final = _final(material, plan, estimate, work, write)
    promise = promise_of(material, clips, final, about, estimate)
    file.parent.mkdir(parents=True, exist_ok=True)
    save_model(file, final.model, promise, overwrite=overwrite)
    shutil.rmtree(work, ignore_errors=True)
    _show(promise, f"{final.epochs}: {EPOCHS_BY[epochs_by]}" if final.epochs else None, file)


def _work(file: Path, resume: bool, overwrite: bool) -> Path:
    """Where checkpoints are kept until the model is written: beside it, under a name of its own."""
    if file.suffix != ENDING:
        raise BadInputError(f"--out wants a file that ends in {ENDING}, got {file}")
    if file.is_dir() or (file.exists() and not overwrite):
        raise BadOutputError(f"{file} exists; choose another --out or add --overwrite")
    work = file.with_name(f"{file.name}.part")
    if work.exists() and not resume:
        raise BadOutputError(f"{work} holds a fit that was cut off: go on with --resume, or remove it to begin anew")
    if resume and not work.exists():
        say(f"note: nothing to resume: {work} is not there; beginning anew")
    check_place(work, overwrite=True)
    return work


def _gather(clips: Any, label_set: str, plan: Plan, preparation: Any) -> Material:
    from micromask.datasets.cache import Cache
    from micromask.evaluation.material import gather
    from micromask.evaluation.unit import input_of

    with progress_bar("reading clips", len(clips), unit="clip") as done:
        material = gather(clips, label_set, input_of(plan.model), preparation, cache=Cache(), progress=done)
    for finding in material.findings:
        say(f"note: {finding.code} {finding.title}: {'; '.join(finding.evidence[:3])}")
    return material


def _estimate(material: Material, plan: Plan, dataset: str, work: Path, jobs: int) -> Results:
    """The same model on people it has not seen; finished folds are kept."""
    from micromask.evaluation.protocols import make_splits
    from micromask.evaluation.run import evaluate

    folds = len(make_splits(plan.protocol, material.samples, plan.options))
    with progress_bar(f"estimate by {plan.protocol}", folds, unit="fold") as done:
        return evaluate(
            material,
            plan,
            dataset=dataset,
            work=work / "estimate",
            jobs=jobs,
            on_unit=lambda ready, total, outcome: done(ready),
        )


def _final(material: Material, plan: Plan, estimate: Results | None, work: Path, write: Write) -> Final:
    from micromask.evaluation.final import choose_epoch, fit_final, has_epochs, usual_epoch

    epochs = None if estimate is None else usual_epoch(estimate)
    one = (material, plan.model, plan.recipe)
    same: dict[str, Any] = {"seed": plan.seeds[0], "device": plan.device}
    if not has_epochs(plan.model):
        say(f"fitting {plan.model.name} on all")
        return fit_final(*one, **same)
    if epochs is None and plan.select == "inner":
        with progress_bar("choosing the epoch", plan.recipe.epochs, unit="epoch") as done:
            epochs = choose_epoch(
                *one, **same, checkpoint=work / "choosing", on_epoch=lambda row: _came("choosing", row, write, done)
            )
    with progress_bar("fitting on all", epochs or plan.recipe.epochs, "writing", unit="epoch") as done:
        return fit_final(
            *one, epochs, **same, checkpoint=work / "final", on_epoch=lambda row: _came("final", row, write, done)
        )


def _came(fit: str, row: dict[str, float], write: Write, done: Callable[[int], None]) -> None:
    write(fit, row)
    done(int(row["epoch"]))


def _logged(about: Any, model: str, estimate: Results | None) -> Logged:
    from micromask.evaluation.summary import FIGURES, metrics_of
    from micromask.evaluation.tested import tested_of
    from micromask.training.log import Told

    settings = {"model": model, "datasets": ", ".join(about.datasets), "recipe": about.recipe_name}
    figures = {} if estimate is None else metrics_of(tested_of(estimate))
    rest = asdict(about.recipe) | {"weights": about.weights, "seed": about.seed}
    return Told(settings | rest, {name: float(figures[name]) for name in FIGURES if name in figures})


def _show(promise: Promise, epochs: str | None, file: Path) -> None:
    from micromask.evaluation.model_card import UNKNOWN

    lines = [("estimate", promise.protocol)]
    of = promise.metrics.get("by_clip", promise.metrics)
    for name, title in {"uf1": "UF1", "uar": "UAR", "accuracy": "accuracy"}.items():
        if name in of:
            ends = of["intervals"][name]
            spread = f" [{ends[0]:.3f}, {ends[1]:.3f}]" if ends else ""
            lines.append((title, f"{of[name]:.3f}{spread}"))
    lines += [("audit", finding) for finding in promise.metrics.get("findings", ())]
    if epochs:
        lines.append(("epochs", epochs))
    for key, value in (*lines, ("licence", promise.licence), ("model", str(file))):
        out().print(Text(f"{key:<8}  {plain(value)}"))
    if promise.licence == UNKNOWN:
        say("note: the licence of this data is not known; say it with --licence")
    if not promise.metrics:
        say("note: how good it is was not measured; the file says so")
