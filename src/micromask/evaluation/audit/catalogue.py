"""The audits by code, and all of them on one case."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from micromask.core.clips import Finding
from micromask.core.registry import Registry
from micromask.evaluation.audit.case import Case, names
from micromask.evaluation.audit.codes import CODES, wanted
from micromask.evaluation.audit.picture_files import with_looks

Audit = Callable[[Case], list[Finding]]
"""From a case to what is wrong with it; an empty list where nothing is, or where it cannot be known."""

audits: Registry[Audit] = Registry("audit")


def audit(case: Case, progress: Callable[[int], None] | None = None) -> tuple[Finding, ...]:
    """Every audit on a case; findings by code, leaks before cautions, the same ones in the same order each time.

    Leaks (``LK...``) are ways in which the test data had a say in the model; cautions (``EV...``) are reasons to
    believe a figure less than it looks. No finding is no proof: `not_looked_at` says what could not be seen.
    ``progress`` is called with the number of pictures read so far, where the case names pictures.
    """
    seen = with_looks(case, progress)
    found = [finding for code in audits for finding in audits[code](seen)]
    return tuple(sorted(found, key=lambda finding: (not finding.code.startswith("LK"), finding.code)))


def not_looked_at(case: Case) -> dict[str, str]:
    """The codes that could not be looked for, and what it would take, in words."""
    known = case.known
    lacking = {
        code: wanted(code, known) for code in sorted(CODES) if not any(way <= known for way in CODES[code].needs)
    }
    if case.looks is not None and case.looks.lost.any():
        lost = np.flatnonzero(case.looks.lost)
        which = names(case.rows, "image")[lost[0]]
        lacking["LK003"] = f"{len(lost):,} of {len(case.looks.lost):,} pictures that can be read, such as {which}"
    return lacking
