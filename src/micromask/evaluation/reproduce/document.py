"""A reproduction as its document: every number that its page shows, in plain values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from micromask import __version__
from micromask.core.clips import Clip
from micromask.evaluation.metrics import accuracy_each
from micromask.evaluation.reproduce.comparisons import compared, finishing
from micromask.evaluation.reproduce.contrast import difference
from micromask.evaluation.reproduce.jobs import WAYS, Job, Settings
from micromask.evaluation.reproduce.paper import Paper
from micromask.evaluation.reproduce.run import RUNS, Done
from micromask.evaluation.run import versions
from micromask.models import entry_of

FORMAT = "micromask-reproduction/1"

KEPT = (
    *(
        "dataset",
        "model",
        "protocol",
        "selection",
        "seeds",
        "labels",
        "clips",
        "samples",
        "subjects",
        "folds",
        "metrics",
    ),
    *(
        "majority",
        "report",
        "confusion",
        "ranking",
        "curves",
        "epochs",
        "findings",
        "not_looked_at",
        "settings",
        "seconds",
    ),
)
"""What is kept of each run's own document; all of it lies in the run's folder."""


def reproduction_document(
    paper: Paper,
    done: Sequence[Done],
    data: Mapping[str, Sequence[Clip]],
    settings: Settings,
    *,
    command: str = "",
    made: bool = False,
) -> dict[str, Any]:
    """Everything that the page of a reproduction shows.

    Parameters
    ----------
    paper : Paper
    done : sequence of Done
        From `run_jobs`.
    data : mapping
        Clips by the name of their data set.
    settings : Settings
    command : str
    made : bool
        Whether the data was made for the purpose.

    Returns
    -------
    dict
        Ready for ``json.dumps(..., allow_nan=False)``. ``rows`` are the pairs: a subset and model each, with the
        paper's figure, ours as published and subject-independent, what parts them, and the identity probe. ``runs`` are
        the runs by name, in the form of ``results.json`` of an evaluation, shortened.
    """
    by_row: dict[tuple[str, str, str], dict[str, Done]] = {}
    for each in done:
        key = (each.job.subset.data, each.job.subset.name, each.job.contender.model)
        by_row.setdefault(key, {})[each.job.way] = each
    return {
        "format": FORMAT,
        "version": __version__,
        "command": command,
        "paper": _about(paper),
        "quick": settings.quick,
        "left_out": list(paper.quick.left_out) if settings.quick else [],
        "cautions": _cautions(paper, done, settings, made),
        "data": [_data(name, clips) for name, clips in data.items()],
        "ways": _ways(paper, done),
        "rows": [_row(paper, ways) for ways in by_row.values()],
        "comparisons": compared(paper, done),
        "finish": finishing(paper, done),
        "runs": {
            each.job.name: {"way": each.job.way, "folder": f"{RUNS}/{each.job.name}"}
            | {name: each.document[name] for name in KEPT}
            for each in done
            if each.document is not None
        },
        "versions": versions(),
        "seconds": sum(each.document["seconds"]["fitting"] for each in done if each.document is not None),
    }


def _about(paper: Paper) -> dict[str, Any]:
    told = ("name", "title", "authors", "published", "link", "claim", "doubt", "share", "share_from", "goal")
    return {name: getattr(paper, name) for name in told} | {
        "data": list(paper.data),
        "settled": list(paper.settled),
        "claims": [asdict(each) | {"figures": dict(each.figures)} for each in paper.claims],
        "titles": {each.model: each.title for each in paper.contenders},
        "printed": [asdict(each) for each in paper.printed],
    }


def _data(name: str, clips: Sequence[Clip]) -> dict[str, Any]:
    return {"name": name, "clips": len(clips), "subjects": len({str(clip.subject) for clip in clips})}


def _cautions(paper: Paper, done: Sequence[Done], settings: Settings, made: bool) -> list[str]:
    found = []
    if made:
        found.append(
            "The data is synthetic: drawn people whose expressions are as weak as real ones. It shows what the paper's "
            "protocol does to a figure, and nothing about the paper's own data."
        )
    if settings.quick:
        found.append(
            "The quick version: smaller in everything (see what it leaves out). Its figures are not the paper's."
        )
    without = sorted({each.job.contender.title for each in done if _lacks_weights(each.job)})
    if without:
        found.append(
            f"NO IMAGENET WEIGHTS: {', '.join(without)} began with weights drawn at random, where the paper began with "
            "those of ImageNet. What the paper owes to them is not in these figures. They are used where the cache of "
            "the Hugging Face hub has them, and fetched with --weights imagenet."
        )
    nobody = [each.job.subset.name for each in done if "--subject-pattern" in each.why_not]
    if nobody:
        found.append(
            f"Nobody says who is in the pictures of {', '.join(dict.fromkeys(nobody))}: the half of this report that "
            "matters is missing. Say it with --subject-pattern."
        )
    elsewhere = [name for name in dict.fromkeys(each.job.subset.data for each in done) if name not in paper.data]
    if elsewhere and not made:
        found.append(
            f"{', '.join(elsewhere)} is not among the data of the paper ({', '.join(paper.data)}): where its figures "
            "stand beside ours, the data differ too."
        )
    return found


def _lacks_weights(job: Job) -> bool:
    return job.model.weights == "none" and entry_of(job.model.name).imagenet


def _ways(paper: Paper, done: Sequence[Done]) -> dict[str, Any]:
    """How each of the two is made, in sentences, and all that the audit says of its runs."""
    found: dict[str, Any] = {}
    for way in WAYS:
        own = [each for each in done if each.job.way == way]
        codes: dict[str, dict[str, Any]] = {}
        for each in own:
            for finding in (each.document or {}).get("findings", ()):
                if finding["code"].startswith(("LK", "EV")):
                    told = codes.setdefault(finding["code"], {**finding, "runs": 0})
                    told["runs"] += 1
        job = own[0].job if own else None
        found[way] = {
            "runs": sum(each.document is not None for each in own),
            "of": len(own),
            "how": _how(paper, job) if job is not None else [],
            "findings": sorted(codes.values(), key=lambda each: (each["severity"] != "leak", each["code"])),
        }
    return found


def _how(paper: Paper, job: Job) -> list[str]:
    if job.way == "subject-independent":
        options = job.options
        told = [
            f"people in {options.folds} groups, each tested by a model that never saw anybody of it",
            "the epoch is chosen by people of the training side, and the model then fitted on all of them",
        ]
        return [*told, "changes to pictures are drawn while training, after the split"] if paper.augmented else told
    share = 100 * job.options.train_share
    told = [
        f"frames at random, {share:g} % to train on: the same people, often the same clips, on both sides",
        "the last epoch counts",
    ]
    if job.augmented:
        told.append(f"changed copies ({', '.join(job.augmented)}) are made before the split and fall on both sides")
    return told


def _row(paper: Paper, ways: Mapping[str, Done]) -> dict[str, Any]:
    job = next(iter(ways.values())).job
    published, apart = ways.get("as-published"), ways.get("subject-independent")
    falls = None
    if published is not None and apart is not None and published.counts is not None and apart.counts is not None:
        found = difference(apart.counts, published.counts, accuracy_each)
        value = apart.document["metrics"]["accuracy"] - published.document["metrics"]["accuracy"]  # type: ignore[index]
        falls = {"value": value, "interval": None if found is None else _ends(found.low, found.high)}
    return {
        "subset": job.subset.name,
        "data": job.subset.data,
        "model": job.contender.model,
        "title": job.contender.title,
        "baseline": job.contender.baseline,
        "weights": job.model.weights,
        "lacks_weights": _lacks_weights(job),
        "claim": claim_of(paper, job),
        "ways": {way: _cell(each) for way, each in ways.items()},
        "difference": falls,
    }


def claim_of(paper: Paper, job: Job) -> dict[str, Any] | None:
    """What the paper reports of a model for a cell, in per cent, and where it stands; None where it reports nothing.

    ``low`` and ``high`` are its accuracies on this very subset, which it may print twice, else on all others.
    ``accuracy`` and ``f1`` are set only where the data is the paper's too; ``on`` is what it reports them on.
    """
    own = [each for each in paper.claims if each.model == job.contender.model and "accuracy" in each.figures]
    if not own:
        return None
    same = [claim for claim in own if claim.subset == job.subset.name] or own
    found = [claim.figures["accuracy"] for claim in same]
    told: dict[str, Any] = {
        "accuracy": None,
        "f1": None,
        "low": min(found),
        "high": max(found),
        "on": list(dict.fromkeys(claim.subset for claim in same)) if same is own else list(paper.data),
        "source": ", ".join(dict.fromkeys(claim.source for claim in same)),
    }
    if same is not own and job.subset.data in paper.data:
        first = same[0]
        told |= {"accuracy": first.figures["accuracy"], "f1": first.figures.get("f1"), "on": [first.subset]}
    return told


def _cell(done: Done) -> dict[str, Any]:
    document = done.document
    if document is None:
        return {"run": None, "why_not": done.why_not}
    metrics = document["metrics"]
    return {
        "run": done.job.name,
        "why_not": "",
        "accuracy": metrics["accuracy"],
        "interval": metrics["intervals"]["accuracy"],
        "uf1": metrics["uf1"],
        "uar": metrics["uar"],
        "macro_auc": document["ranking"]["macro_auc"],
        "majority": document["majority"]["accuracy"],
        "classes": len(document["labels"]),
        "samples": document["samples"],
        "subjects": document["subjects"],
        "train_accuracy": done.train_accuracy,
        "seconds": document["seconds"]["fitting"],
        "leaks": [each["code"] for each in document["findings"] if each["severity"] == "leak"],
    }


def _ends(low: float, high: float) -> list[float] | None:
    return [low, high] if low == low and high == high else None
