"""Run the jobs of a reproduction, one after another, each kept on disk as soon as it is done."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from micromask.core.clips import Clip
from micromask.core.errors import BadInputError
from micromask.core.results import Results, Sample, Split
from micromask.datasets.cache import Cache
from micromask.evaluation.audit import Facts
from micromask.evaluation.document import document_of
from micromask.evaluation.material import Material, Pictures, gather, stills
from micromask.evaluation.probe import relabelled_by_person
from micromask.evaluation.reproduce.augmented import with_copies
from micromask.evaluation.reproduce.contrast import PeopleCounts, people_counts
from micromask.evaluation.reproduce.jobs import Job
from micromask.evaluation.run import OnUnit, Plan, evaluate
from micromask.evaluation.run_files import write_run
from micromask.evaluation.tested import tested_of
from micromask.evaluation.unit import input_of

FEWEST = 10
"""Samples of a subset, below which nothing is fitted."""

RUNS = "runs"

WORTH_A_PROCESS = 2000
"""Samples, below which a classical model is fitted sooner than another process has begun."""


@dataclass(frozen=True, slots=True, eq=False)
class Done:
    """A job and what came of it: the document of its run and the counts by person, or why it was not run."""

    job: Job
    document: dict[str, Any] | None = None
    counts: PeopleCounts | None = None
    train_accuracy: float | None = None
    why_not: str = ""


OnJob = Callable[[int, int, Done], None]
"""Called with the jobs done, the jobs in all, and the one that has come."""


def run_jobs(
    jobs: Sequence[Job],
    data: Mapping[str, Sequence[Clip]],
    folder: Path | None = None,
    *,
    command: str = "",
    workers: int = 1,
    cache: Cache | None = None,
    on_job: OnJob | None = None,
    on_unit: OnUnit | None = None,
) -> tuple[Done, ...]:
    """Run jobs in their order; one that cannot be run says why and does not stop the others.

    Parameters
    ----------
    jobs : sequence of Job
        From `plan_jobs`. An identity run comes after the run as published whose folds it shares.
    data : mapping
        Clips by the name of their data set.
    folder : Path, optional
        Below it ``work`` keeps each job's finished fits, from which the same call goes on after a break, and ``runs``
        gets each job's own document and tables.
    command : str
        The line that was typed, for the documents.
    workers : int
        Processes for the fits of a job.
    cache : Cache, optional
        Where faces that were cut out are kept.
    on_job, on_unit : callable, optional
    """
    desk = _Desk(data, cache)
    done: list[Done] = []
    published: dict[tuple[str, str, str], tuple[Split, ...]] = {}
    for job in jobs:
        try:
            results, pictures = _run(job, desk, published, folder, workers, on_unit)
        except BadInputError as error:
            came = Done(job, why_not=str(error))
        else:
            facts = Facts(augmented_before_split=bool(job.augmented), fitted_on_test=(), pretraining_subjects=())
            document = document_of(results, command=command, facts=facts, pictures=pictures)
            if folder is not None:
                write_run(folder / RUNS / job.name, results, document, overwrite=True)
            came = Done(job, document, people_counts(tested_of(results)), train_accuracy_of(results))
        done.append(came)
        if on_job is not None:
            on_job(len(done), len(jobs), came)
    return tuple(done)


def train_accuracy_of(results: Results) -> float | None:
    """Mean over fits of the training accuracy in the epoch that was taken; None where there are no epochs."""
    taken = {(row["fold"], row["seed"]): row["epoch"] for row in results.settings["epochs"]}
    found = [
        float(row["train_accuracy"])
        for row in results.curves
        if int(row["epoch"]) == taken.get((row["fold"], row["seed"])) and "train_accuracy" in row
    ]
    return sum(found) / len(found) if found else None


class _Desk:
    """The pictures of the subset that is being worked on, by what they are for; those of the last one are put away."""

    def __init__(self, data: Mapping[str, Sequence[Clip]], cache: Cache | None) -> None:
        self._data = data
        self._cache = cache
        self._of: object = None
        self._there: dict[object, Material] = {}

    def material(self, job: Job) -> Material:
        """The samples of a job; BadInputError where there is too little to run it."""
        if self._of != job.subset:
            self._of, self._there = job.subset, {}
        given = input_of(job.model)
        key = (given, job.preparation)
        if key not in self._there:
            clips = job.subset.of(self._data[job.subset.data])
            lacking = _no_clips(job, self._data[job.subset.data]) if not clips else ""
            if lacking:
                raise BadInputError(lacking)
            self._there[key] = gather(clips, job.subset.label_set, given, job.preparation, cache=self._cache)
        material = self._there[key]
        check_enough(material.samples, job)
        return with_copies(material, job.augmented, given) if job.augmented else material


def _no_clips(job: Job, clips: Sequence[Clip]) -> str:
    known = {name for clip in clips for name in clip.attributes}
    unknown = [name for name, _ in job.subset.where if name not in known]
    if unknown:
        return f"nobody says the {' and the '.join(unknown)} of the clips of {job.subset.data}"
    wanted = [value for _, value in job.subset.where]
    wanted += [] if job.subset.masked is None else ["masked" if job.subset.masked else "micro"]
    return f"{job.subset.data} has no clips that are {', '.join(wanted) or 'there'}"


def check_enough(samples: Sequence[Sample], job: Job) -> None:
    """Raise BadInputError, in words for a report, where samples are too few for a job to say anything."""
    people = {sample.subject for sample in samples}
    if len(samples) < FEWEST:
        raise BadInputError(f"{len(samples)} samples, fewer than {FEWEST}")
    if len(people) == 1 and job.way != "as-published":
        raise BadInputError(
            f"all samples are of {min(map(str, people))}: where nobody says who is in a picture, people cannot be kept "
            "apart or told apart (--subject-pattern)"
        )
    if job.way == "subject-independent" and len(people) < 3:
        raise BadInputError(f"{len(people)} people: 3 are needed, one to be tested and two to learn from and choose by")


def _run(
    job: Job,
    desk: _Desk,
    published: dict[tuple[str, str, str], tuple[Split, ...]],
    folder: Path | None,
    workers: int,
    on_unit: OnUnit | None,
) -> tuple[Results, Pictures]:
    """A job's results, and a picture of each of its samples for the audit to look at."""
    material = desk.material(job)
    key = (job.subset.data, job.subset.name, job.contender.model)
    plan = Plan(job.model, job.recipe, job.protocol, job.options, job.select, job.seeds, device=job.device)
    if job.way == "identity":
        if key not in published:
            raise BadInputError("the run as published, whose folds it shares, was not made")
        material, plan = relabelled_by_person(material), replace(plan, splits=published[key])
    results = evaluate(
        material,
        plan,
        dataset=job.subset.name,
        work=None if folder is None else folder / "work" / job.name,
        jobs=1 if not job.contender.recipe and len(material.samples) < WORTH_A_PROCESS else workers,
        on_unit=on_unit,
    )
    told = {"preparation": asdict(job.preparation), "recipe_name": job.contender.recipe or "the model's own"}
    results = replace(results, settings={**results.settings, **told, "augmented_before_split": job.augmented})
    if job.way == "as-published":
        published[key] = results.splits
    return results, stills(material, input_of(job.model))
