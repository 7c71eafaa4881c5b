"""The split inside a fold: people of the training side by whom the epoch and the settings are chosen."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from micromask.core.errors import BadInputError
from micromask.core.results import Sample, Split
from micromask.evaluation.protocols.entry import SplitOptions
from micromask.evaluation.protocols.groups import balanced_groups


def inner_split(
    samples: Sequence[Sample], train_ids: Collection[str], seed: int = 0, folds: int = 5
) -> tuple[frozenset[str], frozenset[str]]:
    """The training side of a fold parted once more, by whole people: what is fitted on, and what is chosen by.

    The people are put into groups as `balanced_groups` does for the protocol k-fold-subjects, and one of the groups is
    taken out: the one that leaves most classes to the others, then the one that holds most classes itself.

    Parameters
    ----------
    samples : sequence of Sample
        At least those of ``train_ids``; nothing else of them is looked at.
    train_ids : collection of str
    seed, folds : int
        About one part in ``folds`` is chosen by.

    Returns
    -------
    train, validation : frozenset of str
        Together ``train_ids``; nobody is in both.

    Raises
    ------
    BadInputError
        If fewer than two people are trained on.
    """
    wanted = frozenset(train_ids)
    inside = [sample for sample in samples if sample.id in wanted]
    groups = balanced_groups(inside, folds, seed) if inside else []
    if len(groups) < 2:
        raise BadInputError(
            f"{len(inside)} samples of {len(groups)} subjects to train on: to choose an epoch without looking at "
            "the test side takes two subjects or more; train to the last epoch instead"
        )
    chosen = min(groups, key=lambda group: _classes_lost(inside, group))
    validation = frozenset(sample.id for sample in inside if sample.subject in chosen)
    return wanted - validation, validation


def _classes_lost(inside: Sequence[Sample], group: Collection[object]) -> tuple[int, int]:
    held = {sample.label for sample in inside if sample.subject in group}
    left = {sample.label for sample in inside if sample.subject not in group}
    return len(held - left), -len(held)


def with_validation(split: Split, samples: Sequence[Sample], options: SplitOptions | None = None) -> Split:
    """The fold with a validation side drawn from its training side by `inner_split`; one that has one keeps it.

    Raises
    ------
    BadInputError
        If fewer than two people are trained on; the message names the fold.
    """
    if split.validation:
        return split
    asked = options or SplitOptions()
    try:
        train, validation = inner_split(samples, split.train, asked.seed, asked.folds)
    except BadInputError as error:
        raise BadInputError(f"fold {split.held_out}: {error}") from None
    return replace(split, train=train, validation=validation)
