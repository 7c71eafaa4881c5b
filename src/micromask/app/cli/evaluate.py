"""`micromask evaluate`: models on a data set, who is tested on whom, and a report of what the figures are worth."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.text import Text

from micromask.app.cli import training_options as options
from micromask.app.cli.batch import finish
from micromask.app.cli.corpora import loader_settings, opened
from micromask.app.cli.explain import MOST
from micromask.app.cli.places import check_place
from micromask.app.cli.plan import chosen_recipe, names_of, selection
from micromask.app.cli.spread import spread
from micromask.app.cli.stopped import goes_on
from micromask.app.cli.talk import out, plain, say, show_paths
from micromask.app.cli.task import Made, Task, command_line, data_of, file_name, run_one
from micromask.core.errors import BadInputError, BadOutputError
from micromask.reports.words import count

if TYPE_CHECKING:
    from micromask.evaluation.run import Plan


@spread
def evaluate_command(
    data: options.Data,
    model: Annotated[
        list[str], typer.Option("--model", metavar="NAME", help="A name that 'models list' prints; several compare.")
    ],
    folder: Annotated[Path, typer.Option("--out", metavar="RUN", help="Folder for the results.")],
    *,
    root: options.Root = None,
    label_set: options.Labels = "own",
    protocol: Annotated[str, typer.Option(help="Who is tested on whom: loso, k-fold-subjects, ...")] = "loso",
    select: Annotated[
        str, typer.Option(help="What chooses the epoch: inner, last or as-published (the test side, a leak).")
    ] = "inner",
    seeds: Annotated[int, typer.Option(min=1, help="How many seeds.")] = 1,
    seed: Annotated[int, typer.Option(min=0, max=options.MOST_SEED, help="The first of them; the protocol's too.")] = 0,
    folds: options.Folds = 5,
    train_share: Annotated[float, typer.Option(help="Trained on, where there is one split.")] = 0.8,
    by: Annotated[str | None, typer.Option(metavar="NAME", help="by-attribute: gender, stimulus, ...")] = None,
    train_on: Annotated[str | None, typer.Option(metavar="NAMES", help="hde, by-attribute: trained on these.")] = None,
    test_on: Annotated[str | None, typer.Option(metavar="NAMES", help="hde, by-attribute: tested on these.")] = None,
    splits: Annotated[Path | None, typer.Option(metavar="FILE", help="CSV of folds, in place of a protocol.")] = None,
    fitting: options.Fitting,
    reading: options.Reading,
    loading: options.Loading,
    device: options.Device = None,
    jobs: options.Jobs = None,
    probe: Annotated[bool, typer.Option("--probe", help="Also: does the model tell who rather than what?")] = False,
    explain: Annotated[
        int, typer.Option(min=0, max=MOST, metavar="N", help="Grad-CAM of the N surest right and N surest wrong clips.")
    ] = 0,
    pictures: Annotated[
        bool, typer.Option("--pictures", help="With --explain: the data's licence allows pictures in the report.")
    ] = False,
    ensemble: Annotated[
        bool, typer.Option("--ensemble", help="With several models: also the mean of their probabilities.")
    ] = False,
    resume: options.Resume = False,
    overwrite: options.Overwrite = False,
) -> None:
    """Evaluate models on a data set and write a report of what the figures are worth.

    The report puts the audit's findings first. Exit code 1 where a leak was found in the run, else 0.
    """
    from micromask.datasets.preparation import Preparation
    from micromask.evaluation.protocols import SplitOptions
    from micromask.evaluation.run import Plan
    from micromask.training.device import choose_device

    check_place(folder, overwrite=overwrite)
    work = _work(folder, resume)
    chosen = choose_device(device)
    sides = SplitOptions(seed, folds, train_share, by, names_of(train_on), names_of(test_on))
    changes = options.recipe_changes(fitting)
    plans: dict[str, tuple[str, Plan]] = {}
    for name in model:
        if name in plans:
            raise BadInputError(f"--model {name} stands there twice")
        choice = options.model_choice(name, fitting)
        told, how = chosen_recipe(choice, fitting.recipe, changes)
        plan = Plan(choice, how, protocol, sides, selection(select), tuple(range(seed, seed + seeds)), (), str(chosen))
        plans[name] = told, plan
    preparation = Preparation(**asdict(reading))
    extra = loader_settings(loading.settings or (), loading.subject_pattern)
    place = data_of(data, root or (), loading.missing_apex, extra)
    workers = options.workers_of(jobs, chosen.type)
    with goes_on(work), opened(data, root or (), loading.missing_apex, extra) as (clips, findings):
        task = Task(clips, findings, place, label_set, preparation, work, workers, splits, probe, explain, pictures)
        made = {name: run_one(task, plan, told) for name, (told, plan) in plans.items()}
        _write(folder, made, ensemble, overwrite)
    shutil.rmtree(work, ignore_errors=True)
    leaks = [each for one in made.values() for each in one.document["findings"] if each["severity"] == "leak"]
    finish(1 if leaks else 0)


def _work(folder: Path, resume: bool) -> Path:
    """Where finished folds are kept until the report is written: beside the run's folder, under a name of its own."""
    work = folder.with_name(f"{folder.name}.part")
    if work.exists() and not resume:
        raise BadOutputError(f"{work} holds a run that was cut off: go on with --resume, or remove it to begin anew")
    if resume and not work.exists():
        say(f"note: nothing to resume: {work} is not there; beginning anew")
    return work


def _write(folder: Path, made: Mapping[str, Made], ensemble: bool, overwrite: bool) -> None:
    """The run's folder: one model's files, or a folder a model and their comparison above; and what they say."""
    from micromask.app.cli.compare import show_comparison, write_comparison
    from micromask.evaluation.compare import Run, compare
    from micromask.evaluation.run_files import write_run
    from micromask.reports.evaluation import pictures_of, render

    alone = len(made) == 1
    places = {name: folder if alone else folder / file_name(name) for name in made}
    paths: dict[str, Path] = {}
    for name, one in made.items():
        page = render(one.document, pictures_of(one.document, one.pictures))
        written = write_run(
            places[name], one.results, one.document, page=page, pictures=one.pictures, overwrite=overwrite
        )
        paths |= written if alone else {f"report of {name}": written["report"]}
        show_run(one.document)
    if not alone:
        runs = [Run(name, one.document, one.results) for name, one in made.items()]
        comparison = compare(runs, ensemble=ensemble, command=command_line())
        show_comparison(comparison)
        paths |= write_comparison(folder, comparison, places)
    show_paths(paths)


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
