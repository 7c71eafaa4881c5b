"""Everybody tested once: one by one, or in groups."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from micromask.core.errors import BadInputError
from micromask.core.results import Sample, Split
from micromask.core.types import SubjectId
from micromask.evaluation.protocols.entry import ProtocolEntry, SplitOptions, enter
from micromask.evaluation.protocols.groups import balanced_groups, people_of
from micromask.evaluation.protocols.people import leave_one_subject_out


def held_out_folds(samples: Sequence[Sample], groups: Iterable[tuple[str, frozenset[SubjectId]]]) -> Iterator[Split]:
    """A fold a group of people: trained on everybody else, tested on all samples of the group."""
    everything = frozenset(sample.id for sample in samples)
    for name, group in groups:
        test = frozenset(sample.id for sample in samples if sample.subject in group)
        yield Split(name, everything - test, test)


def _k_fold_subjects(samples: Sequence[Sample], options: SplitOptions) -> Iterator[Split]:
    people = people_of(samples)
    if len(people) < options.folds:
        raise BadInputError(
            f"{options.folds} folds of subjects need as many subjects, got {len(people)}; take fewer folds, or loso"
        )
    groups = balanced_groups(samples, options.folds, options.seed)
    yield from held_out_folds(samples, ((f"fold {number}", group) for number, group in enumerate(groups, 1)))


def _loso(samples: Sequence[Sample], options: SplitOptions) -> Iterator[Split]:
    return leave_one_subject_out({sample.id: sample.subject for sample in samples})


enter(
    ProtocolEntry(
        "k-fold-subjects",
        "folds of whole subjects, each class spread evenly over them",
        _k_fold_subjects,
        options=("folds",),
        draws=True,
        tested_once=True,
    )
)
enter(ProtocolEntry("loso", "leave one subject out", _loso, tested_once=True))
