"""Is a figure what it is called, and is it worth a claim? EV002, EV006, EV007."""

from __future__ import annotations

import numpy as np

from micromask.core.clips import Finding
from micromask.evaluation.audit.case import TEST, Case, codes
from micromask.evaluation.audit.catalogue import audits
from micromask.evaluation.audit.codes import caution, times
from micromask.evaluation.audit.printed import printed
from micromask.evaluation.audit.scores import Scored, bootstrap, scored, spellings, wilson

POOLED_F1 = {"f1": ("macro", "weighted"), "uf1": ("macro",)}
"""With which averages a claimed F1 is compared where its average was not said."""


@audits.add("EV002")
def fold_mean(case: Case) -> list[Finding]:
    """A claimed F1 is the mean of the folds' F1 and not the F1 of the counts pooled over the folds."""
    score = scored(case)
    if score is None or score.folds < 2:
        return []
    claims = case.facts.claims
    claimed = printed(claims.figures)
    lines = []
    for name in sorted(set(claimed) & set(POOLED_F1)):
        averages = POOLED_F1[name]
        if name == "f1" and claims.average is not None:
            averages = tuple(each for each in averages if each == claims.average)
        pooled, _ = spellings(score, "f1", averages)
        _, of_folds = spellings(score, "f1", (*averages, "all") if "macro" in averages else averages)
        if any(claimed[name].can_be(value) for value in pooled.values()):
            continue
        for how, value in of_folds.items():
            if claimed[name].can_be(value):
                right = ", ".join(
                    f"{value:.4f} ({average})" for average, value in pooled.items() if "seed" not in average
                )
                lines.append(
                    f"{name} {claimed[name]} is the mean of {score.folds:,} folds ({value:.4f}, {how}); "
                    f"the counts of all folds give {right}"
                )
                break
    return [caution("EV002", lines[0], lines[1:])] if lines else []


@audits.add("EV006")
def no_better_than_majority(case: Case) -> list[Finding]:
    """To say always the most frequent class would do as well: the 95 % interval of the difference reaches 0.

    Over people where there are predictions of two people or more; else the interval of a share of independent samples.
    """
    score = scored(case)
    if score is not None:
        accuracy, share, samples = score.accuracy, score.share, int(score.samples.sum())
        if len(score.samples) > 1:
            low = bootstrap(score.right - score.major, score.samples)[0]
            how = f"the difference is {accuracy - share:+.3f}, by people it may be {low:+.3f}"
        else:
            low = wilson(accuracy, samples)[0] - share
            how = f"for {times(samples, 'sample')} it may be {low + share:.3f}"
    else:
        known = _claimed_accuracy(case)
        if known is None:
            return []
        accuracy, share, samples = known
        low = wilson(accuracy, samples)[0] - share
        how = f"for {times(samples, 'sample')} it may be {low + share:.3f}"
    if low > 0:
        return []
    return [caution("EV006", f"accuracy {accuracy:.3f}, the most frequent class alone {share:.3f}; {how}")]


def _claimed_accuracy(case: Case) -> tuple[float, float, int] | None:
    """Claimed accuracy, share of the most frequent class and number of test samples, where all are known."""
    claimed = printed(case.facts.claims.figures).get("accuracy")
    truth = codes(case.rows, "truth")[codes(case.rows, "split") == TEST]
    truth = truth[truth >= 0]
    if claimed is None or not len(truth):
        return None
    value = min(1.0, max(0.0, (claimed.low + claimed.high) / 2))
    return value, float(np.bincount(truth).max() / len(truth)), case.facts.claims.samples or len(truth)


@audits.add("EV007")
def gain_within_interval(case: Case) -> list[Finding]:
    """The claimed gain is not more than chance gives.

    With the gain's own 95 % interval: it reaches 0. Else, with predictions: the accuracy's interval over people reaches
    further down than the gain, so that the other method's figure lies within it.
    """
    gain, interval = case.facts.gain, case.facts.gain_interval
    if gain is None:
        return []
    if interval is not None:
        low, high = interval
        return [caution("EV007", f"gain {gain:g}, 95 % interval {low:g} to {high:g}")] if low <= 0 else []
    score = scored(case)
    if score is None or len(score.samples) < 2:
        return []
    part = gain / 100 if gain >= 1 else gain
    low, high = bootstrap(score.right, score.samples)
    if score.accuracy - low < part:
        return []
    return [
        caution(
            "EV007",
            f"gain {part:.3f}, accuracy {score.accuracy:.3f} with the 95 % interval {low:.3f} to {high:.3f} "
            f"over {_people(score)}",
        )
    ]


def _people(score: Scored) -> str:
    return f"{len(score.samples):,} people"
