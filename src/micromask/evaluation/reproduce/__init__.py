"""Papers put to the test: as published, then with people apart, in one report.

A paper is data (`papers`); `plan_jobs` makes its list of runs for data sets at hand, `run_jobs` runs them, and
`reproduction_document` sets the two figures of each side by side.

>>> sorted(papers)
['cnn-detection', 'hybridmicronet', 'mbcc-cnn', 'mmed-fst']
>>> papers["mbcc-cnn"].claims[0].figures["accuracy"]
99.89
"""

from micromask.evaluation.reproduce import (  # noqa: F401  (each enters its paper in the registry)
    cnn_detection,
    hybridmicronet,
    mbcc_cnn,
    mmed_fst,
)
from micromask.evaluation.reproduce.document import FORMAT, reproduction_document
from micromask.evaluation.reproduce.files import check_folder, read_reproduction, write_reproduction
from micromask.evaluation.reproduce.jobs import WAYS, Job, Settings, Way, plan_jobs
from micromask.evaluation.reproduce.made import make_corpus
from micromask.evaluation.reproduce.paper import Claim, Contender, Paper, Printed, Quick, QuickFit, Subset, papers
from micromask.evaluation.reproduce.run import Done, run_jobs

__all__ = [
    "FORMAT",
    "WAYS",
    "Claim",
    "Contender",
    "Done",
    "Job",
    "Paper",
    "Printed",
    "Quick",
    "QuickFit",
    "Settings",
    "Subset",
    "Way",
    "check_folder",
    "make_corpus",
    "papers",
    "plan_jobs",
    "read_reproduction",
    "reproduction_document",
    "run_jobs",
    "write_reproduction",
]
