"""`micromask evaluate`: models on a data set, who is tested on whom, and a report of what the figures are worth."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.text import Text

from micromask.app.cli.batch import finish
from micromask.app.cli.corpora import loader_settings, opened
from micromask.app.cli.places import check_place
from micromask.app.cli.plan import chosen_recipe, names_of, selection, size_of
from micromask.app.cli.talk import out, plain, progress_bar, say, show_paths
from micromask.core.errors import BadInputError, BadOutputError
from micromask.reports.words import count

if TYPE_CHECKING:
    from micromask.core.clips import Clip, Finding
    from micromask.core.results import Results
    from micromask.evaluation.material import Material, Preparation
    from micromask.evaluation.run import Plan
    from micromask.evaluation.unit import ModelChoice

MOST_JOBS = 8


def evaluate_command(
    data: Annotated[list[str], typer.Argument(metavar="DATASET...", help="Names that 'datasets list' prints.")],
    model: Annotated[
        list[str], typer.Option("--model", metavar="NAME", help="A name that 'models list' prints; several compare.")
    ],
    folder: Annotated[Path, typer.Option("--out", metavar="RUN", help="Folder for the results.")],
    root: Annotated[
        list[Path] | None, typer.Option("--root", metavar="ROOT", help="Where each data set lies, in their order.")
    ] = None,
    label_set: Annotated[str, typer.Option("--labels", metavar="SET", help="Classes: own, megc-3, ...")] = "own",
    protocol: Annotated[str, typer.Option(help="Who is tested on whom: loso, k-fold-subjects, ...")] = "loso",
    select: Annotated[
        str, typer.Option(help="What chooses the epoch: inner, last or as-published (the test side, a leak).")
    ] = "inner",
    seeds: Annotated[int, typer.Option(min=1, help="How many seeds.")] = 1,
    seed: Annotated[int, typer.Option(help="The first of them; the protocol's too.")] = 0,
    folds: Annotated[int, typer.Option(help="Groups of people, for k-fold-subjects.")] = 5,
    train_share: Annotated[float, typer.Option(help="Trained on, where there is one split.")] = 0.8,
    by: Annotated[str | None, typer.Option(metavar="NAME", help="by-attribute: gender, stimulus, ...")] = None,
    train_on: Annotated[str | None, typer.Option(metavar="NAMES", help="hde, by-attribute: trained on these.")] = None,
    test_on: Annotated[str | None, typer.Option(metavar="NAMES", help="hde, by-attribute: tested on these.")] = None,
    splits: Annotated[Path | None, typer.Option(metavar="FILE", help="CSV of folds, in place of a protocol.")] = None,
    recipe: Annotated[str | None, typer.Option(metavar="NAME", help="How it is fitted; the model's own.")] = None,
    epochs: Annotated[int | None, typer.Option(help="In place of the recipe's.")] = None,
    batch: Annotated[int | None, typer.Option(help="In place of the recipe's.")] = None,
    learning_rate: Annotated[float | None, typer.Option(help="In place of the recipe's.")] = None,
    augment: Annotated[
        str | None, typer.Option(metavar="NAMES", help="In place of the recipe's, with commas between; 'none'.")
    ] = None,
    trained: Annotated[str | None, typer.Option(help="all, last-block or head.")] = None,
    weights: Annotated[str, typer.Option(help="imagenet, none or a file of weights.")] = "none",
    size: Annotated[str | None, typer.Option(metavar="PX", help="Of the pictures, where the model can.")] = None,
    channels: Annotated[int | None, typer.Option(help="1 grey, 3 colour, where the model can.")] = None,
    crop: Annotated[str, typer.Option(help="face: find and cut it out; whole: the picture as it is.")] = "face",
    tone: Annotated[str, typer.Option(help="plain or clahe.")] = "plain",
    pick: Annotated[str, typer.Option(help="Frames of a clip: evenly, around-apex, per-second, all.")] = "evenly",
    frames: Annotated[int, typer.Option(help="At most so many frames a clip, for models that read frames.")] = 8,
    detector: Annotated[str, typer.Option(help="Face detector.")] = "mtcnn",
    missing_apex: Annotated[str, typer.Option(help="midpoint, motion-peak or drop.")] = "midpoint",
    subject_pattern: Annotated[
        str | None, typer.Option("--subject-pattern", metavar="REGEX", help="image-folder: whose image, by its name.")
    ] = None,
    settings: Annotated[
        list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="An option of the corpus's own loader.")
    ] = None,
    device: Annotated[str | None, typer.Option(help="cpu, cuda or mps; the GPU where there is one.")] = None,
    jobs: Annotated[int | None, typer.Option(min=1, help="Processes; one a core, on a GPU one.")] = None,
    probe: Annotated[bool, typer.Option("--probe", help="Also: does the model tell who rather than what?")] = False,
    ensemble: Annotated[
        bool, typer.Option("--ensemble", help="With several models: also the mean of their probabilities.")
    ] = False,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with a run that was cut off.")] = False,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace the folder if it is there.")] = False,
) -> None:
    """Evaluate models on a data set and write a report of what the figures are worth.

    The report puts the audit's findings first. Exit code 1 where a leak was found in the run, else 0.
    """
    from micromask.evaluation.material import Preparation
    from micromask.evaluation.protocols import SplitOptions
    from micromask.evaluation.run import Plan
    from micromask.evaluation.unit import ModelChoice
    from micromask.training.device import choose_device

    check_place(folder, overwrite=overwrite)
    work = _work(folder, resume)
    chosen = choose_device(device)
    options = SplitOptions(seed, folds, train_share, by, names_of(train_on), names_of(test_on))
    changes = {
        "epochs": epochs,
        "batch": batch,
        "learning_rate": learning_rate,
        "trained": trained,
        "augment": None if augment is None else () if augment == "none" else names_of(augment),
    }
    plans: dict[str, tuple[str, Plan]] = {}
    for name in model:
        if name in plans:
            raise BadInputError(f"--model {name} stands there twice")
        choice = ModelChoice(name, weights, size_of(size), channels)
        told, how = chosen_recipe(choice, recipe, changes)
        plan = Plan(
            choice, how, protocol, options, selection(select), tuple(range(seed, seed + seeds)), (), str(chosen)
        )
        plans[name] = told, plan
    preparation = Preparation(crop, tone, pick, frames, detector=detector)  # type: ignore[arg-type]
    workers = jobs or (1 if chosen.type != "cpu" else min(MOST_JOBS, os.cpu_count() or 1))
    extra = loader_settings(settings or (), subject_pattern)
    with opened(data, root or (), missing_apex, extra) as (clips, findings):
        task = Task(
            clips, findings, data_of(data, root or (), missing_apex, extra), label_set, preparation, work, workers
        )
        made = {name: run_one(task, plan, told, splits, probe) for name, (told, plan) in plans.items()}
    _write(folder, made, ensemble, overwrite)
    shutil.rmtree(work, ignore_errors=True)
    finish(
        1 if any(each["severity"] == "leak" for _, document in made.values() for each in document["findings"]) else 0
    )


def _work(folder: Path, resume: bool) -> Path:
    """Where finished folds are kept until the report is written: beside the run's folder, under a name of its own."""
    work = folder.with_name(f"{folder.name}.part")
    if work.exists() and not resume:
        raise BadOutputError(f"{work} holds a run that was cut off: go on with --resume, or remove it to begin anew")
    if resume and not work.exists():
        say(f"note: nothing to resume: {work} is not there; beginning anew")
    return work


@dataclass(frozen=True, slots=True, eq=False)
class Task:
    """What all models of a run share."""

    clips: Sequence[Clip]
    findings: Sequence[Finding]
    data: Mapping[str, Any]
    label_set: str
    preparation: Preparation
    work: Path
    jobs: int


def data_of(names: Sequence[str], roots: Sequence[Path], missing_apex: str, extra: Mapping[str, Any]) -> dict[str, Any]:
    """Where the clips are from, as a run keeps it so that it can be asked again."""
    return {
        "names": list(names),
        "roots": [str(root.resolve()) for root in roots],
        "missing_apex": missing_apex,
        "settings": dict(extra),
    }


def material_of(task: Task, choice: ModelChoice) -> Material:
    """What a model reads of the clips, what was found out about them among its findings."""
    from micromask.datasets.cache import Cache
    from micromask.evaluation.material import gather
    from micromask.evaluation.unit import input_of

    with progress_bar("reading clips", len(task.clips), unit="clip") as done:
        material = gather(task.clips, task.label_set, input_of(choice), task.preparation, cache=Cache(), progress=done)
    return replace(material, findings=(*material.findings, *task.findings))


def run_one(task: Task, plan: Plan, told: str, splits: Path | None, probe: bool) -> tuple[Results, dict[str, Any]]:
    """One model's results and their document."""
    from micromask.evaluation.audit import Facts
    from micromask.evaluation.document import document_of
    from micromask.evaluation.run import evaluate
    from micromask.evaluation.split_file import read_splits

    name, dataset = plan.model.name, "+".join(task.data["names"])
    material = material_of(task, plan.model)
    if splits is not None:
        plan = replace(plan, protocol=splits.name, splits=read_splits(splits, material.samples))
    people = count(len({sample.subject for sample in material.samples}), "subject")
    say(f"{dataset}  {count(len(material.samples), 'sample')}, {people}, {len(material.labels)} classes; recipe {told}")
    with progress_bar(name, _units(material, plan), unit="fold") as tick:
        results = evaluate(
            material,
            plan,
            dataset=dataset,
            work=task.work / file_name(name),
            jobs=task.jobs,
            on_unit=lambda done, total, outcome: tick(done),
        )
    kept = {"preparation": asdict(task.preparation), "recipe_name": told, "data": dict(task.data)}
    results = replace(results, settings={**results.settings, **kept})
    # What training does is done on each fold's training side alone; see training.fit.
    facts = Facts(fitted_on_test=(), augmented_before_split=False)
    document = document_of(results, command=command_line(), card=_card(dataset), facts=facts)
    return results, document | {"probe": probe_of(material, plan, task.jobs) if probe else None}


def _units(material: Material, plan: Plan) -> int:
    from micromask.evaluation.protocols import make_splits

    folds = len(plan.splits) or len(make_splits(plan.protocol, material.samples, plan.options))
    return folds * len(plan.seeds)


def _card(dataset: str) -> Any:
    from micromask.datasets.card import card, cards

    return card(dataset) if dataset in {each.name for each in cards()} else None


def probe_of(material: Material, plan: Plan, jobs: int) -> dict[str, Any]:
    """The identity probe: the same model is asked who it is."""
    from micromask.evaluation.probe import identity_probe, probe_document

    with progress_bar("identity probe", 2 * len(plan.seeds), unit="fit") as tick:
        probe = identity_probe(material, plan, jobs=jobs, on_unit=lambda done, total, outcome: tick(done))
    return probe_document(probe)


def probe_again(results: Results) -> dict[str, Any]:
    """The identity probe of a run that made none: its data are read again and its model is trained on them.

    Raises
    ------
    BadInputError
        If the run does not say where its data are, or they are not there any more.
    """
    from micromask.evaluation.material import Preparation
    from micromask.evaluation.run import Plan
    from micromask.evaluation.unit import ModelChoice
    from micromask.training.recipe import Recipe

    told = results.settings
    data = told.get("data")
    if not data or not data["roots"]:
        raise BadInputError("the run does not say where its data are: evaluate again with --probe")
    size = told["model"]["size"]
    choice = ModelChoice(**{**told["model"], "size": tuple(size) if size else None})
    recipe = Recipe(**{**told["recipe"], "augment": tuple(told["recipe"]["augment"])})
    plan = Plan(choice, recipe, seeds=results.seeds[:1], select="last", device=told["device"])
    with opened(data["names"], [Path(root) for root in data["roots"]], data["missing_apex"], data["settings"]) as read:
        task = Task(read[0], (), data, told["label_set"], Preparation(**told["preparation"]), Path(), 1)
        return probe_of(material_of(task, choice), plan, 1)


def command_line() -> str:
    """The line that was typed, for those who want to type it again."""
    return shlex.join(["micromask", *sys.argv[1:]])


def _write(folder: Path, made: Mapping[str, tuple[Results, dict[str, Any]]], ensemble: bool, overwrite: bool) -> None:
    """The run's folder: one model's files, or a folder a model and their comparison above; and what they say."""
    from micromask.app.cli.compare import show_comparison, write_comparison
    from micromask.evaluation.compare import Run, compare
    from micromask.evaluation.run_files import write_run
    from micromask.reports.evaluation import render

    alone = len(made) == 1
    places = {name: folder if alone else folder / file_name(name) for name in made}
    paths: dict[str, Path] = {}
    for name, (results, document) in made.items():
        written = write_run(places[name], results, document, page=render(document), overwrite=overwrite)
        paths |= written if alone else {f"report of {name}": written["report"]}
        show_run(document)
    if not alone:
        runs = [Run(name, document, results) for name, (results, document) in made.items()]
        comparison = compare(runs, ensemble=ensemble, command=command_line())
        show_comparison(comparison)
        paths |= write_comparison(folder, comparison, places)
    show_paths(paths)


def file_name(model: str) -> str:
    """A model's name as that of a folder.

    >>> file_name("timm:convnext_tiny")
    'timm-convnext_tiny'
    """
    return model.replace(":", "-").replace("/", "-")


def show_run(document: Mapping[str, Any]) -> None:
    """A run in a few lines: what was tested how, the figures with their intervals, the findings, the probe."""
    console = out()
    metrics, majority = document["metrics"], document["majority"]
    told = f"{count(document['clips'], 'clip')}, {count(document['subjects'], 'subject')}"
    console.print(Text(plain(f"{document['model']['name']}  {told}, {count(document['folds'], 'fold')}"), style="bold"))
    for key in ("uf1", "uar", "accuracy"):
        low, high = metrics["intervals"][key] or (None, None)
        interval = "" if low is None else f" [{low:.3f}, {high:.3f}]"
        always = "" if majority is None else f"   (always {majority['label']}: {majority[key]:.3f})"
        console.print(Text(plain(f"  {key:9s} {metrics[key]:.3f}{interval}{always}")))
    for finding in document["findings"]:
        if finding["severity"] != "note":
            style = "bold red" if finding["severity"] in ("leak", "error") else "yellow"
            console.print(Text(plain(f"  {finding['code']} {finding['severity']}: {finding['title']}"), style=style))
    if document.get("probe"):
        console.print(Text(plain(f"  {probe_line(document['probe'])}")))


def probe_line(probe: Mapping[str, Any]) -> str:
    """The identity probe in a sentence."""
    what, who = probe["what"], probe["who"]
    return (
        f"identity probe, people on both sides: who {who['accuracy']:.3f} (chance {who['chance']:.3f}), "
        f"what {what['accuracy']:.3f} (chance {what['chance']:.3f})"
    )
