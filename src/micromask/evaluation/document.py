"""A run as its document, results.json: every number that its page shows, in plain values."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence, Set
from typing import Any

import numpy as np
from numpy.typing import NDArray

from micromask import __version__
from micromask.core.clips import Finding
from micromask.core.results import Results
from micromask.datasets.card import Card
from micromask.evaluation.about import about_data, about_model, about_protocol
from micromask.evaluation.audit import Facts, audit, case_of, not_looked_at
from micromask.evaluation.hardest import hardest_clips, surest_clips
from micromask.evaluation.learning import chosen_epochs, curves_by_epoch
from micromask.evaluation.metrics import accuracy_each, uar_each, uf1_each
from micromask.evaluation.protocols import parts_of
from micromask.evaluation.summary import (
    calibration_of,
    classes_of,
    confusion_of,
    fold_means,
    majority_of,
    metrics_of,
    ranking_of,
)
from micromask.evaluation.tested import Tested, by_clip, tested_of

FORMAT = "micromask-evaluation/1"


def document_of(
    results: Results,
    *,
    command: str = "",
    card: Card | None = None,
    majority: bool = True,
    facts: Facts | None = None,
    pictures: NDArray[np.uint8] | None = None,
) -> dict[str, Any]:
    """Everything that a run's page shows, in the form of results.json.

    Parameters
    ----------
    results : Results
    command : str
        The line that made the run, for those who want to make it again.
    card : Card, optional
        Of the data set.
    majority : bool
        Whether the figures of naming always the most frequent class stand beside the model's.
    facts : Facts, optional
        What the audit cannot see in the results, such as the subjects of the pre-training.
    pictures : (N, H, W) or (N, H, W, 3) uint8, optional
        A picture of each sample (`material.stills`), for the audit to look for near-duplicates across the folds; none
        of them gets into the document.

    Returns
    -------
    dict
        Ready for ``json.dumps(..., allow_nan=False)``: what is not a finite number is None. The same results give the
        same document. ``clips`` and ``subjects`` are those that were tested. Figures are counted over samples, pooled
        over the folds, and are means over seeds; where samples are frames, ``by_clip`` has those of whole clips, the
        probabilities of a clip's frames averaged. ``parts`` are data sets, where there are several.

    Raises
    ------
    ValueError
        If there are no predictions, or they do not fit the samples (see ``tested_of``).
    """
    tested = tested_of(results)
    case = case_of(results, facts, pictures)
    frames = len(set(tested.clips.tolist())) < len(set(tested.ids.tolist()))
    settings = dict(results.settings)
    epochs: Sequence[Mapping[str, Any]] = settings.pop("epochs", ())
    document = {
        "format": FORMAT,
        "version": __version__,
        "command": command,
        "dataset": about_data(results, card),
        "model": about_model(results),
        "protocol": about_protocol(results),
        "selection": results.selection,
        "seeds": results.seeds,
        "labels": results.labels,
        "clips": len(set(tested.clips.tolist())),
        "samples": len(set(tested.ids.tolist())),
        "subjects": len(set(tested.subjects.tolist())),
        "folds": len(results.splits),
        "metrics": metrics_of(tested) | fold_means(tested),
        "by_clip": metrics_of(by_clip(tested)) if frames else None,
        "majority": majority_of(tested) if majority else None,
        "report": classes_of(tested),
        "confusion": confusion_of(tested),
        "ranking": ranking_of(tested),
        "calibration": calibration_of(tested),
        "parts": _parts(results, tested, majority),
        "by_subject": _by_subject(tested),
        "by_fold": _by_fold(results, tested, epochs),
        "hardest": hardest_clips(tested),
        "surest": surest_clips(tested),
        "curves": curves_by_epoch(results.curves),
        "epochs": chosen_epochs(epochs),
        "fits": epochs,
        "findings": [_finding(each) for each in _findings(results, audit(case))],
        "not_looked_at": not_looked_at(case),
        "settings": settings,
        "versions": results.versions,
        "seconds": results.seconds,
    }
    plain: dict[str, Any] = _plain(document)
    return plain


def _findings(results: Results, audited: Sequence[Finding]) -> list[Finding]:
    """Leaks first, then cautions of the audit, then what was said of the data; each once."""
    every = dict.fromkeys([*audited, *results.findings])
    order = {"leak": 0, "error": 1, "caution": 2, "note": 3}
    return sorted(every, key=lambda each: order[each.severity])


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "code": finding.code,
        "title": finding.title,
        "severity": finding.severity,
        "evidence": finding.evidence,
    }


def _parts(results: Results, tested: Tested, majority: bool) -> list[dict[str, Any]]:
    """The same figures of each data set's own samples, where there are several."""
    parts = parts_of(results.samples)
    found = []
    for name, ids in parts.items() if len(parts) > 1 else ():
        rows = np.isin(tested.ids, list(ids))
        if not rows.any():
            continue
        own = tested.where(rows)
        support = np.bincount(own.truth, minlength=len(own.labels))
        found.append(
            {
                "part": name,
                "clips": len(set(own.clips.tolist())),
                "samples": len(set(own.ids.tolist())),
                "subjects": len(set(own.subjects.tolist())),
                "support": dict(zip(own.labels, support.tolist(), strict=True)),
                "metrics": metrics_of(own),
                "majority": majority_of(own) if majority else None,
            }
        )
    return found


def _by_subject(tested: Tested) -> list[dict[str, Any]]:
    """A row a person: how many rows are theirs, and the mean over seeds of the right share and of the mean recall."""
    found = []
    for name in np.unique(tested.subjects):
        own = tested.where(tested.subjects == name)
        found.append(
            {
                "subject": str(name),
                "n": len(own.truth),
                "right": float(own.right.sum(axis=1).mean()),
                "accuracy": float(own.right.mean()),
                "recall": float(uar_each(own.counts()).mean()),
            }
        )
    return found


def _by_fold(results: Results, tested: Tested, fits: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """A row a fold: its sides, and the mean over seeds of its own figures and of the epoch taken."""
    found = []
    for split in results.splits:
        own = tested.where(tested.folds == split.held_out)
        if not len(own.truth):
            continue
        counts = own.counts()
        taken = [int(fit["epoch"]) for fit in fits if fit["fold"] == split.held_out]
        found.append(
            {
                "fold": split.held_out,
                "train": len(split.train),
                "validation": len(split.validation),
                "test": len(split.test),
                "subjects": len(set(own.subjects.tolist())),
                "accuracy": float(accuracy_each(counts).mean()),
                "uf1": float(uf1_each(counts).mean()),
                "uar": float(uar_each(counts).mean()),
                "epoch": float(np.mean(taken)) if any(taken) else None,
            }
        )
    return found


def _plain(value: Any) -> Any:
    """Plain values only: lists, dicts with text keys, text, numbers; what is not finite is None."""
    if isinstance(value, Mapping):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, str) or value is None or isinstance(value, bool):
        return value
    if isinstance(value, np.generic):
        return _plain(value.item())
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, int):
        return value
    if isinstance(value, Set):
        return sorted(_plain(each) for each in value)
    if isinstance(value, Sequence | np.ndarray):
        return [_plain(each) for each in value]
    return str(value)
