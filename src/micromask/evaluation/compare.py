"""Runs on the same samples side by side: figures, differences, tests, and which of them leak."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from micromask import __version__
from micromask.core.errors import BadInputError
from micromask.core.results import Results
from micromask.evaluation.pairs import LEVEL, Side, least_p, pairs_of
from micromask.evaluation.same import Compared, folds_of, same_rows
from micromask.evaluation.summary import FIGURES, majority_of, metrics_of
from micromask.evaluation.tested import Tested

FORMAT = "micromask-comparison/1"
ENSEMBLE = "ensemble"
"""The name of the row of the runs' mean."""
MANY = 2
"""With more honest runs than this, that the best of them is the best of several is worth a caution."""


@dataclass(frozen=True, slots=True)
class Run:
    """A run to be compared: what it is called, its document (`document_of`, results.json) and its results.

    The document gives the findings; every figure is taken from the predictions.
    """

    name: str
    document: Mapping[str, Any]
    results: Results


def compare(runs: Sequence[Run], *, ensemble: bool = False, command: str = "") -> dict[str, Any]:
    """Two or more runs on the same samples, side by side.

    Parameters
    ----------
    runs : sequence of Run
        On the same samples, labels and truth. Folds may differ, which is said. Runs that read the same clips in
        different ways are compared by clip.
    ensemble : bool
        One more row: the mean of the runs' probabilities, sample by sample, and seed by seed where all have the same
        seeds. Nothing was chosen to make it; it leaks where one of the runs does.
    command : str
        The line that asked for it.

    Returns
    -------
    dict
        Ready for ``json.dumps(..., allow_nan=False)``. ``runs``: runs without leaks first, by UF1, with their ``rank``;
        then those that leak, without one; then the ensemble. ``best``: the first without a leak, None where all leak.
        ``pairs``: a row a pair, in the order of ``runs``: for UF1, UAR and accuracy how much more the first has, its
        95 % interval over people (both on the same draws) and p of swapping whole people (`permute_subjects`);
        McNemar's test of clips, by the mean probability over seeds and folds; each p also corrected by Holm over all
        pairs; who is ``ahead`` and ``words``, both by the corrected p of UF1. ``majority``: naming always the most
        frequent class. ``words`` of the whole: the best in a sentence. ``cautions``: what one has to know before
        believing the table.

    Raises
    ------
    BadInputError
        If there are fewer than two runs, two have one name, or they differ in samples, labels or truth; the message
        says in what.
    """
    names = [run.name for run in runs]
    if len(names) < 2 or len(set(names)) < len(names):
        raise BadInputError(f"two runs or more, each under a name of its own, can be compared; got {', '.join(names)}")
    if ensemble and ENSEMBLE in names:
        raise BadInputError(f"a run is called {ENSEMBLE!r}, as the mean of all would be; give it another name")
    rows, compared = same_rows({run.name: run.results for run in runs})
    told = [_row(run, rows[run.name]) for run in runs]
    told.sort(key=lambda row: (bool(row["leaks"]), -row["uf1"], row["name"]))
    honest = [row["name"] for row in told if not row["leaks"]]
    for row in told:
        row["rank"] = honest.index(row["name"]) + 1 if row["name"] in honest else None
    if ensemble:
        rows[ENSEMBLE] = mean_of([rows[name] for name in names])
        told.append(_ensemble_row(told, rows[ENSEMBLE]))
    first = rows[names[0]]
    pairs = pairs_of([Side(row["name"], rows[row["name"]], tuple(row["leaks"])) for row in told])
    people = len(set(first.subjects.tolist()))
    support = np.bincount(first.truth, minlength=len(first.labels)).tolist()
    return {
        "format": FORMAT,
        "version": __version__,
        "command": command,
        "datasets": sorted({run.results.dataset for run in runs}),
        "labels": list(first.labels),
        "support": dict(zip(first.labels, support, strict=True)),
        "compared": compared,
        "samples": len(set(first.ids.tolist())),
        "clips": len(set(first.clips.tolist())),
        "subjects": people,
        "best": honest[0] if honest else None,
        "words": headline(honest, told, pairs),
        "runs": told,
        "majority": _majority(first),
        "pairs": pairs,
        "cautions": _cautions(runs, compared, told, people, len(pairs)),
    }


def mean_of(runs: Sequence[Tested]) -> Tested:
    """The mean of runs' probabilities in each row; a layer a seed where all have the same seeds, else one of all.

    The rows must be the same (`same_rows`).
    """
    first = runs[0]
    if len({each.seeds for each in runs}) == 1:
        seeds, layers = first.seeds, np.mean([each.probabilities for each in runs], axis=0)
    else:
        seeds, layers = (0,), np.mean([each.probabilities.mean(axis=0) for each in runs], axis=0)[None]
    return Tested(first.labels, seeds, first.ids, first.clips, first.subjects, first.folds, first.truth, layers)


def headline(honest: Sequence[str], told: Sequence[Mapping[str, Any]], pairs: Sequence[Mapping[str, Any]]) -> str:
    """The best of the runs without a leak (``honest``, the best first) and whom it can be told from, in a sentence."""
    if not honest:
        return "Every run leaks, so none is best"
    best, *others = honest
    uf1 = f"UF1 {told[0]['uf1']:.3f}"
    if not others:
        return f"{best} is the only run without a leak: {uf1}"
    ahead = {row["second"] for row in pairs if row["first"] == best and row["ahead"] == best}
    level = [name for name in others if name not in ahead]
    among = "" if len(honest) == sum(row["kind"] == "run" for row in told) else " without a leak"
    if not level:
        return f"{best} is ahead of {others[0] if len(others) == 1 else f'every other run{among}'}: {uf1}"
    if len(level) == len(others):
        between = f"between {best} and {others[0]}" if len(others) == 1 else f"between the best, {best}, and the others"
        return f"No difference can be told {between}{among and f', the runs{among}'}: {uf1}"
    return f"{best} has the highest UF1{among and f' of the runs{among}'}, but cannot be told from {', '.join(level)}"


def _row(run: Run, tested: Tested) -> dict[str, Any]:
    findings = [dict(each) for each in run.document["findings"]]
    return {
        "name": run.name,
        "kind": "run",
        "model": run.results.model,
        "dataset": run.results.dataset,
        "protocol": run.results.protocol,
        "folds": len(run.results.splits),
        "selection": run.results.selection,
        "by_epochs": run.document.get("epochs") is not None,
        **_figures(tested),
        "findings": findings,
        "leaks": _codes(findings, "leak", "error"),
        "cautions": _codes(findings, "caution"),
    }


def _ensemble_row(members: Sequence[Mapping[str, Any]], tested: Tested) -> dict[str, Any]:
    leaks = [each for row in members for each in row["findings"] if each["severity"] in ("leak", "error")]
    return {
        "name": ENSEMBLE,
        "kind": "ensemble",
        "of": [row["name"] for row in members],
        "model": f"mean of {len(members)} runs",
        "dataset": members[0]["dataset"],
        "protocol": "as its runs",
        "folds": None,
        "selection": "as its runs",
        "by_epochs": False,
        **_figures(tested),
        "findings": leaks,
        "leaks": _codes(leaks, "leak", "error"),
        "cautions": [],
        "rank": None,
    }


def _codes(findings: Sequence[Mapping[str, Any]], *severities: str) -> list[str]:
    return sorted({each["code"] for each in findings if each["severity"] in severities})


def _figures(tested: Tested) -> dict[str, Any]:
    made = metrics_of(tested)
    for spread in made["spread"].values():
        spread["sd"] = spread["sd"] if spread["seeds"] > 1 else None
    gain = majority_of(tested)["gain"]
    return {**{key: made[key] for key in (*FIGURES, "intervals", "seeds", "spread")}, "over_majority": gain}


def _majority(tested: Tested) -> dict[str, Any]:
    label = majority_of(tested)["label"]
    said = np.zeros((1, len(tested.truth), len(tested.labels)))
    said[..., tested.labels.index(label)] = 1
    made = metrics_of(replace(tested, seeds=(0,), probabilities=said))
    return {"label": label, **{key: made[key] for key in (*FIGURES, "intervals")}}


def _cautions(
    runs: Sequence[Run], compared: Compared, told: Sequence[Mapping[str, Any]], people: int, pairs: int
) -> list[str]:
    """What one has to know before believing the table, a sentence each."""
    said = []
    leaking = [row for row in told if row["leaks"] and row["kind"] == "run"]
    for row in leaking:
        titles = {each["code"]: each["title"] for each in row["findings"]}
        said.append(
            f"{row['name']} leaks and has no rank: {'; '.join(f'{code} {titles[code]}' for code in row['leaks'])}."
        )
    if leaking and any(row["kind"] == "ensemble" for row in told):
        said.append(
            f"The ensemble holds {'a run that leaks' if len(leaking) == 1 else 'runs that leak'}, so it leaks too."
        )
    if compared == "clips":
        said.append("The runs read the clips in different ways: they are compared by clip, a clip's frames averaged.")
    folds = [folds_of(run.results, compared) for run in runs]
    other = [run.name for run, own in zip(runs, folds, strict=True) if own != folds[0]]
    if other:
        said.append(f"Not on the same folds as {runs[0].name}: {', '.join(other)}. Differences are partly the folds'.")
    seeds = {run.name: len(run.results.seeds) for run in runs}
    if len(set(seeds.values())) > 1:
        counted = ", ".join(f"{name} {number}" for name, number in seeds.items())
        said.append(f"Numbers of seeds differ ({counted}): each figure is the mean over the run's own.")
    if least_p(people, pairs) >= LEVEL:
        said.append(f"With {_of(people, 'subject')} no difference can be told in {_of(pairs, 'pair')}, however large.")
    honest = sum(row["rank"] is not None for row in told)
    if honest > MANY:
        said.append(f"The highest of {honest} figures is high partly by chance: on new people expect less of it.")
    return said


def _of(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
