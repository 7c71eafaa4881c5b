"""Reasons to believe a figure less than it looks, seen in the rows: EV001, EV003, EV004, EV005."""

from __future__ import annotations

import numpy as np

from micromask.core.clips import Finding
from micromask.evaluation.audit.case import SIDES, TEST, TRAIN, Case, codes, fold_words, names
from micromask.evaluation.audit.catalogue import audits
from micromask.evaluation.audit.codes import MOST_LINES, caution, times

FEW_SUBJECTS = 10
"""With fewer test subjects than this an interval over people is too narrow to go by: the usual one promises too much
with few groups (Cameron, Gelbach, Miller 2008, doi:10.1162/rest.90.3.414, for five to thirty)."""

NO_ESTIMATES = ("coder", "image", "none")
"""What ``apex_from`` says where no apex was estimated: a coder marked it, the clip is one picture, or none is used."""


@audits.add("EV001")
def absent_class(case: Case) -> list[Finding]:
    """A class without a sample on the test side of a fold (its recall there is nothing) or on the training side."""
    truth = codes(case.members, "truth")
    spelt = names(case.members, "truth")
    if not spelt:
        return []
    labels = sorted(set(spelt) | set(case.facts.labels))
    place = np.array([labels.index(name) for name in spelt])
    fold, side = codes(case.members, "fold"), codes(case.members, "split")
    lines: list[str] = []
    for which in (TRAIN, TEST):
        here = side == which
        on_side = here & (truth >= 0)
        known = np.unique(fold[on_side])
        counts = np.zeros((len(known), len(labels)), dtype=np.int64)
        np.add.at(counts, (np.searchsorted(known, fold[on_side]), place[truth[on_side]]), 1)
        for at, label in enumerate(labels):
            without = known[counts[:, at] == 0]
            if len(without):
                where = ", ".join(fold_words(case, each).removesuffix(": ") for each in without[:3])
                more = f" and {len(without) - 3:,} more" if len(without) > 3 else ""
                whole = f"{len(without):,} of {times(len(known), 'fold')}" + (f" ({where}{more})" if where else "")
                lines.append(f"class '{label}' is missing on the {SIDES[which]} side of {whole}")
    if not lines:
        return []
    return [caution("EV001", lines[0], lines[1:], len(lines) - 1 - MOST_LINES)]


@audits.add("EV003")
def few_subjects(case: Case) -> list[Finding]:
    """Fewer than FEW_SUBJECTS people are tested, over all folds."""
    people = np.unique(codes(case.members, "who")[codes(case.members, "split") == TEST])
    if len(people) >= FEW_SUBJECTS:
        return []
    return [caution("EV003", f"{times(len(people), 'subject')} tested over all folds, fewer than {FEW_SUBJECTS}")]


@audits.add("EV004")
def estimated_apexes(case: Case) -> list[Finding]:
    """Clips of the test side whose apex no coder marked."""
    tested = case.members[codes(case.members, "split") == TEST]
    clips = tested[["who", "clip", "apex_from"]].drop_duplicates()
    how = clips["apex_from"].dropna().astype(object)
    estimates = how[~how.isin(NO_ESTIMATES)]
    if not len(estimates):
        return []
    counts = estimates.value_counts()
    ways = [
        f"{name}: {times(int(number), 'clip')}"
        for name, number in sorted(counts.items(), key=lambda each: str(each[0]))
    ]
    return [caution("EV004", f"{times(len(estimates), 'clip')} of {len(clips):,} tested", ways)]


@audits.add("EV005")
def single_seed(case: Case) -> list[Finding]:
    """One seed, by the facts or by the column: how much of a figure is luck cannot be told.

    Not where nothing is drawn, so that another seed would give the same figure.
    """
    if case.facts.deterministic:
        return []
    seeds = {str(each) for each in case.facts.seeds} or set(names(case.rows, "seed"))
    return [caution("EV005", f"the only seed is {min(seeds)}")] if len(seeds) == 1 else []
