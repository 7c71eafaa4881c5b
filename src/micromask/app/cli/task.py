"""One model on the samples of a data set, from its pixels to its document: what `evaluate` does for each model."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from micromask.app.cli.corpora import opened
from micromask.app.cli.talk import progress_bar, say
from micromask.core.errors import BadInputError
from micromask.reports.words import count

if TYPE_CHECKING:
    from micromask.core.clips import Clip, Finding
    from micromask.core.results import Results
    from micromask.datasets.preparation import Preparation
    from micromask.evaluation.material import Material
    from micromask.evaluation.run import Plan
    from micromask.evaluation.unit import ModelChoice


@dataclass(frozen=True, slots=True, eq=False)
class Task:
    """What all models of a run share: the clips and where they are from, how they are read, what else is wanted.

    ``splits`` are read in place of a protocol. ``explain`` clips of each sort are explained, their pictures shown where
    ``shown`` says so.
    """

    clips: Sequence[Clip]
    findings: Sequence[Finding]
    data: Mapping[str, Any]
    label_set: str
    preparation: Preparation
    work: Path
    jobs: int
    splits: Path | None = None
    probe: bool = False
    explain: int = 0
    shown: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Made:
    """What came of one model: its results, its document, and the files of the pictures that the document names."""

    results: Results
    document: dict[str, Any]
    pictures: Mapping[str, bytes] = field(default_factory=dict)


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


def run_one(task: Task, plan: Plan, told: str) -> Made:
    """One model's run; ``told`` is what its recipe is called."""
    from micromask.evaluation.audit import Facts
    from micromask.evaluation.document import document_of
    from micromask.evaluation.material import stills
    from micromask.evaluation.run import evaluate
    from micromask.evaluation.split_file import read_splits
    from micromask.evaluation.unit import input_of

    name, dataset = plan.model.name, "+".join(task.data["names"])
    material = material_of(task, plan.model)
    if task.splits is not None:
        plan = replace(plan, protocol=task.splits.name, splits=read_splits(task.splits, material.samples))
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
    seen = stills(material, input_of(plan.model))
    document = document_of(results, command=command_line(), card=_card(dataset), facts=facts, pictures=seen)
    document["probe"] = probe_of(material, plan, task.jobs) if task.probe else None
    document["explained"], pictures = _explained(task, material, plan, results, document)
    return Made(results, document, pictures)


def _explained(
    task: Task, material: Material, plan: Plan, results: Results, document: Mapping[str, Any]
) -> tuple[list[dict[str, Any]], dict[str, bytes]]:
    """Rows and files of the clips that are explained; none where that was not asked for."""
    if not task.explain:
        return [], {}
    from micromask.app.cli.explain import explained_of, may_show
    from micromask.evaluation.explained_files import explained_files

    shown = may_show(task.clips, task.shown)
    found = explained_of(material, plan, results, document, task.explain)
    if found and not shown:
        say("note: no licence says that the pictures may be shown: the report has the heat alone (see --pictures)")
    return explained_files(found, pictures=shown)


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
    from micromask.datasets.preparation import Preparation
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


def file_name(model: str) -> str:
    """A model's name as that of a folder.

    >>> file_name("timm:convnext_tiny")
    'timm-convnext_tiny'
    """
    return model.replace(":", "-").replace("/", "-")
