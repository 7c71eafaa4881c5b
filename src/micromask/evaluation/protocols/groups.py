"""People put into groups that are as large as each other and hold each class as often as each other."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from micromask.core.results import Sample
from micromask.core.types import SubjectId

SETTLED = 1e-9
"""An exchange has to be better by this much, so that rounding cannot make it go round in circles."""

MANY_PEOPLE = 600
"""Above so many people groups are not improved by exchanges: the first placing is even enough, and pairs are many."""


def people_of(samples: Sequence[Sample]) -> list[SubjectId]:
    """Everybody in the samples, in the order of data set and name."""
    return sorted({sample.subject for sample in samples}, key=lambda person: (person.dataset, person.name))


def balanced_groups(samples: Sequence[Sample], groups: int, seed: int = 0) -> list[frozenset[SubjectId]]:
    """Whole people in groups, each class spread over the groups as evenly as can be.

    Uneven is the sum, over the classes and over all samples together, of the squared distances of the groups' counts
    from an equal share, divided by the count of the class. People are taken largest first (equals in an order drawn by
    the seed), each to the group where it hurts least; then people are moved, or exchanged between two groups, as long
    as that helps.

    Parameters
    ----------
    samples : sequence of Sample
        Their order does not matter.
    groups : int
        How many; no more than there are people are made, and none is empty.
    seed : int
    """
    people = people_of(samples)
    place = {person: row for row, person in enumerate(people)}
    labels = sorted({sample.label for sample in samples})
    counts = np.zeros((len(people), len(labels) + 1))
    for sample in samples:
        counts[place[sample.subject], labels.index(sample.label)] += 1
    counts[:, -1] = counts[:, :-1].sum(axis=1)
    shares = counts / np.sqrt(counts.sum(axis=0))
    group = _placed(shares, counts[:, -1], min(groups, len(people)), seed)
    if len(people) <= MANY_PEOPLE:
        while _improve(shares, group):
            pass
    return [
        frozenset(person for person, at in zip(people, group, strict=True) if at == number)
        for number in range(int(group.max()) + 1)
    ]


def _placed(shares: NDArray[np.float64], sizes: NDArray[np.float64], groups: int, seed: int) -> NDArray[np.intp]:
    """The group (P,) of each person after the first placing."""
    group = np.full(len(shares), -1, np.intp)
    sums = np.zeros((groups, shares.shape[1]))
    order = np.random.default_rng(seed).permutation(len(shares))
    order = order[np.argsort(-sizes[order], kind="stable")]
    for placed, person in enumerate(order):
        hurt = sums @ shares[person]
        empty = np.array([not (group == number).any() for number in range(groups)])
        if len(order) - placed <= empty.sum():  # the last ones fill the groups that are still empty
            hurt[~empty] = np.inf
        group[person] = int(np.argmin(np.round(hurt, 9)))
        sums[group[person]] += shares[person]
    return group


def _improve(shares: NDArray[np.float64], group: NDArray[np.intp]) -> bool:
    """Make the one move or exchange that helps most; False where none helps."""
    number = int(group.max()) + 1
    sums = np.stack([shares[group == each].sum(axis=0) for each in range(number)])
    held = shares @ sums.T  # (P, G)
    own = np.take_along_axis(held, group[:, None], axis=1)
    size = (shares**2).sum(axis=1)
    moves = held - own + size[:, None]
    moves[np.arange(len(group)), group] = np.inf
    moves[np.isin(group, np.flatnonzero(np.bincount(group) == 1))] = np.inf
    there = held[:, group]  # (P, P): the person of the row in the group of the column's
    swaps = there + there.T - own - own.T + size[:, None] + size[None, :] - 2 * shares @ shares.T
    swaps[group[:, None] == group[None, :]] = np.inf
    move, swap = np.round(moves.min(), 9), np.round(swaps.min(), 9)
    if min(move, swap) > -SETTLED:
        return False
    if move <= swap:
        person, to = np.unravel_index(int(np.argmin(np.round(moves, 9))), moves.shape)
        group[person] = to
    else:
        one, other = np.unravel_index(int(np.argmin(np.round(swaps, 9))), swaps.shape)
        group[one], group[other] = group[other], group[one]
    return True
