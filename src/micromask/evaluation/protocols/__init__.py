"""Who is tested on whom: protocols by name, from samples to folds."""

from micromask.evaluation.protocols import (  # noqa: F401  (each enters itself in the registry)
    attributes,
    corpora,
    folds,
    shares,
)
from micromask.evaluation.protocols.entry import (
    ProtocolEntry,
    SplitOptions,
    enter,
    leaks_of,
    make_splits,
    protocols,
)
from micromask.evaluation.protocols.facts import parts_of
from micromask.evaluation.protocols.inner import inner_split, with_validation
from micromask.evaluation.protocols.people import (
    five_subject_folds,
    hold_out_database,
    leave_one_subject_out,
    subject_folds,
)

__all__ = [
    "ProtocolEntry",
    "SplitOptions",
    "enter",
    "five_subject_folds",
    "hold_out_database",
    "inner_split",
    "leaks_of",
    "leave_one_subject_out",
    "make_splits",
    "parts_of",
    "protocols",
    "subject_folds",
    "with_validation",
]
