"""Splits by person alone: from clip id -> subject, without labels. What ships was chosen on these very folds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from micromask.core.errors import BadInputError
from micromask.core.results import Split
from micromask.core.types import SubjectId


def leave_one_subject_out(subjects: Mapping[str, SubjectId]) -> Iterator[Split]:
    """A fold a subject: trained on everybody else, tested on all clips of this one.

    Parameters
    ----------
    subjects : clip id to subject

    Yields
    ------
    Split
        In the order of the subjects.

    Raises
    ------
    BadInputError
        If there are fewer than two subjects.

    Examples
    --------
    >>> ann, bo = SubjectId("demo", "ann"), SubjectId("demo", "bo")
    >>> for split in leave_one_subject_out({"a1": ann, "a2": ann, "b1": bo}):
    ...     print(split.held_out, sorted(split.train), sorted(split.test))
    demo/ann ['b1'] ['a1', 'a2']
    demo/bo ['a1', 'a2'] ['b1']
    """
    everybody = _people(subjects)
    yield from _folds(subjects, [(str(person), {person}) for person in everybody])


def five_subject_folds(subjects: Mapping[str, SubjectId]) -> Iterator[Split]:
    """Five folds of subjects (fewer where there are fewer): a cheaper LOSO, and the inner split that chooses."""
    return subject_folds(subjects, 5)


def subject_folds(subjects: Mapping[str, SubjectId], folds: int, seed: int = 0) -> Iterator[Split]:
    """Folds of whole subjects with about equally many clips each.

    Subjects are shuffled by ``seed``, then the one with the most clips goes to the fold with the fewest so far.

    Parameters
    ----------
    subjects : clip id to subject
    folds : int
        Two or more; no more than there are subjects are made.
    seed : int

    Raises
    ------
    BadInputError
        If folds is below 2 or there are fewer than two subjects.
    """
    if folds < 2:
        raise BadInputError(f"folds must be 2 or more, got {folds}")
    everybody = _people(subjects)
    clips = dict.fromkeys(everybody, 0)
    for person in subjects.values():
        clips[person] += 1
    shuffled = [everybody[i] for i in np.random.default_rng(seed).permutation(len(everybody))]
    groups: list[set[SubjectId]] = [set() for _ in range(min(folds, len(everybody)))]
    sizes = [0] * len(groups)
    for person in sorted(shuffled, key=clips.__getitem__, reverse=True):
        smallest = min(range(len(groups)), key=lambda g: (sizes[g], len(groups[g])))
        groups[smallest].add(person)
        sizes[smallest] += clips[person]
    yield from _folds(subjects, [(f"fold {number + 1}", group) for number, group in enumerate(groups)])


def hold_out_database(subjects: Mapping[str, SubjectId]) -> Iterator[Split]:
    """A fold a data set: trained on all others, tested on the whole of this one (hold-out database evaluation).

    Raises
    ------
    BadInputError
        If the clips come from one data set only.

    Source
    ------
    Yap et al. 2018, doi:10.1109/FG.2018.00106
    """
    datasets = sorted({person.dataset for person in subjects.values()})
    if len(datasets) < 2:
        raise BadInputError(f"protocol hde needs clips of two data sets or more, got {', '.join(datasets) or 'none'}")
    everybody = _people(subjects)
    yield from _folds(subjects, [(name, {p for p in everybody if p.dataset == name}) for name in datasets])


def _people(subjects: Mapping[str, SubjectId]) -> list[SubjectId]:
    everybody = sorted(set(subjects.values()), key=lambda person: (person.dataset, person.name))
    if len(everybody) < 2:
        who = f" ({everybody[0]})" if everybody else ""
        raise BadInputError(
            f"{len(subjects)} clips of {len(everybody)} subjects{who}: to hold a person out takes clips of two or more"
        )
    return everybody


def _folds(subjects: Mapping[str, SubjectId], groups: list[tuple[str, set[SubjectId]]]) -> Iterator[Split]:
    for name, group in groups:
        test = frozenset(clip for clip, person in subjects.items() if person in group)
        yield Split(held_out=name, train=frozenset(subjects) - test, test=test)
