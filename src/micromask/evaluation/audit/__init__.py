"""Whether to believe a figure: leaks and cautions by code, for anybody's split or predictions and for our runs.

>>> import pandas as pd
>>> rows = [("a1", "ann", "train"), ("a2", "ann", "test"), ("b1", "bo", "train")]
>>> case = make_case("demo", pd.DataFrame(rows, columns=["clip", "subject", "split"]))
>>> for finding in audit(case):
...     print(finding.code, finding.severity, finding.evidence)
LK001 leak ('1 subject of 1 tested, in 1 of 1 fold; 1 test sample is theirs', 'ann: 1 to train on, 1 to test on')
EV003 caution ('1 subject tested over all folds, fewer than 10',)
"""

from micromask.evaluation.audit import (  # noqa: F401  (each enters its audits in the registry)
    augmented,
    cautions,
    copies,
    declared,
    identity,
    impossible,
    weight,
    who,
)
from micromask.evaluation.audit.case import Case, make_case
from micromask.evaluation.audit.catalogue import Audit, audit, audits, not_looked_at
from micromask.evaluation.audit.codes import CODES
from micromask.evaluation.audit.facts import Claims, Facts
from micromask.evaluation.audit.facts_file import facts_document, facts_of, read_facts, read_people
from micromask.evaluation.audit.picture_files import with_looks
from micromask.evaluation.audit.run import case_of
from micromask.evaluation.audit.table import read_case, write_case

__all__ = [
    "CODES",
    "Audit",
    "Case",
    "Claims",
    "Facts",
    "audit",
    "audits",
    "case_of",
    "facts_document",
    "facts_of",
    "make_case",
    "not_looked_at",
    "read_case",
    "read_facts",
    "read_people",
    "with_looks",
    "write_case",
]
