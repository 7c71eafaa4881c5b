"""What somebody has to say, because no table shows it: LK004, LK006, LK009."""

from __future__ import annotations

import numpy as np

from micromask.core.clips import Finding
from micromask.evaluation.audit.case import TEST, VALIDATION, Case, codes, fold_words, groups, names
from micromask.evaluation.audit.catalogue import audits
from micromask.evaluation.audit.codes import MOST_LINES, leak, times


@audits.add("LK004")
def chosen_on_test(case: Case) -> list[Finding]:
    """The selection was the test side's, by the facts; or clips that choose are clips that are tested, by the table."""
    lines = []
    if case.facts.selection in ("as-published", "test"):
        lines.append(f"selection is '{case.facts.selection}': what does best on the test data was kept")
    everyone = len(names(case.members, "who"))
    clips = groups(case.members, codes(case.members, "clip") * everyone + codes(case.members, "who"))
    same = clips.where((clips.counts[:, VALIDATION] > 0) & (clips.counts[:, TEST] > 0))
    if len(same.key):
        tested = clips.counts[:, TEST] > 0
        folds = np.unique(same.fold)
        lines.append(f"{times(len(same.key), 'clip')} of {int(tested.sum()):,} tested (over all folds) also validate")
        for fold in folds[: MOST_LINES - 1]:
            here, of = int((same.fold == fold).sum()), int((tested & (clips.fold == fold)).sum())
            lines.append(f"{fold_words(case, fold)}{here:,} of {times(of, 'clip')} tested")
    return [leak("LK004", lines[0], lines[1:], len(lines) - 1 - MOST_LINES)] if lines else []


@audits.add("LK006")
def fitted_on_test(case: Case) -> list[Finding]:
    """A step that learns from data (a mean, a choice of features, clusters) had test data among them, by the facts."""
    steps = case.facts.fitted_on_test or ()
    return [leak("LK006", f"{times(len(steps), 'step')} fitted with test data", sorted(steps))] if steps else []


@audits.add("LK009")
def threshold_on_test(case: Case) -> list[Finding]:
    """The threshold of a spotter was tuned on the recordings that it is tested on, by the facts."""
    if case.facts.threshold_from != "test":
        return []
    return [leak("LK009", "threshold_from is 'test': the threshold that does best on the test recordings was kept")]
