"""Figures that no predictions can have: EV008."""

from __future__ import annotations

import numpy as np

from micromask.core.clips import Finding
from micromask.evaluation.audit.bounds import Counted, contradictions
from micromask.evaluation.audit.case import TEST, Case, codes, names
from micromask.evaluation.audit.catalogue import audits
from micromask.evaluation.audit.codes import caution, first
from micromask.evaluation.audit.printed import printed
from micromask.evaluation.audit.scores import scored, spellings

COMPUTED = {"accuracy": ("accuracy", ("",)), "uf1": ("f1", ("macro",)), "uar": ("recall", ("shown",))}
"""Claims that are compared with the predictions of the table: their names in `scores`."""


@audits.add("EV008")
def cannot_be(case: Case) -> list[Finding]:
    """A claimed figure that contradicts arithmetic, another claimed figure, or the predictions of the table."""
    claims = case.facts.claims
    if not claims.figures:
        return []
    lines = contradictions(claims, _counted(case)) + _not_of_these_predictions(case)
    if not lines:
        return []
    shown, more = first(lines[1:])
    return [caution("EV008", lines[0], shown, more)]


def _counted(case: Case) -> Counted:
    """What the claims say of how they were counted; what they leave open is taken from the table."""
    claims = case.facts.claims
    truth = codes(case.rows, "truth")
    tested = truth[(codes(case.rows, "split") == TEST) & (truth >= 0)]
    spelt = names(case.rows, "truth")
    classes = claims.classes or len(claims.supports) or len(set(spelt) | set(case.facts.labels)) or None
    once = len(names(case.rows, "fold")) < 2 and len(names(case.rows, "seed")) < 2 and len(case.facts.seeds) < 2
    supports, samples = claims.supports, claims.samples or sum(claims.supports) or None
    if once and len(tested) and not supports and samples in (None, len(tested)):
        counts = np.bincount(tested, minlength=len(spelt))
        supports, samples = tuple(int(each) for each in counts if each), len(tested)
    if supports and len(supports) != classes:
        supports = ()
    return Counted(classes, samples, supports)


def _not_of_these_predictions(case: Case) -> list[str]:
    """Claims that the predictions of the table give in no way of counting."""
    score = scored(case)
    if score is None:
        return []
    claimed = printed(case.facts.claims.figures)
    lines = []
    for name, (figure, averages) in COMPUTED.items():
        if name not in claimed:
            continue
        pooled, of_folds = spellings(score, figure, averages)
        also = spellings(score, figure, ("all",))[1] if name == "uf1" else {}
        values = [*pooled.values(), *of_folds.values(), *also.values()]
        if not any(claimed[name].can_be(value) for value in values):
            word = averages[0] or figure
            lines.append(
                f"{name} {claimed[name]}: the predictions of the table give {pooled[word]:.4f} (all folds together) or "
                f"{of_folds[word]:.4f} (mean of folds)"
            )
    return lines
