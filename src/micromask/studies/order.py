"""In which order a participant sees the items of each part."""

from __future__ import annotations

import hashlib

from micromask.studies.design import Design, Part


def items_for(design: Design, participant_number: int) -> dict[str, tuple[str, ...]]:
    """The ids of each part's items in the order in which a participant sees them.

    Fixed: as written. Shuffled: an order of the participant's own, drawn from the study's title, so that it can be told
    again. Counterbalanced: see `balanced_rows`; participant 1 has the first row, and so on round and round.

    Parameters
    ----------
    design : Design
    participant_number : int
        From 1: that of P01 is 1.

    Returns
    -------
    dict
        Part name -> item ids, parts in the order of the design.

    Raises
    ------
    ValueError
        If participants are counted from 0.
    """
    if participant_number < 1:
        raise ValueError(f"participants are counted from 1, got {participant_number}")
    return {part.name: _order(design.title, part, participant_number) for part in design.parts}


def balanced_rows(n: int) -> tuple[tuple[int, ...], ...]:
    """Orders of n items that are balanced over the rows: a Williams design.

    Each item stands equally often at each place, and comes equally often right after each other one. For an even n
    there are n rows, for an odd one 2 n: each row is then followed by its mirror image.

    Source
    ------
    Williams 1949, doi:10.1071/CH9490149

    Examples
    --------
    >>> balanced_rows(4)
    ((0, 1, 3, 2), (1, 2, 0, 3), (2, 3, 1, 0), (3, 0, 2, 1))
    >>> balanced_rows(3)
    ((0, 1, 2), (2, 1, 0), (1, 2, 0), (0, 2, 1), (2, 0, 1), (1, 0, 2))
    """
    first = [place // 2 + 1 if place % 2 else -(place // 2) for place in range(n)]
    rows = [tuple((item + row) % n for item in first) for row in range(n)]
    if n % 2 and n > 1:
        return tuple(each for row in rows for each in (row, row[::-1]))
    return tuple(rows)


def _order(title: str, part: Part, number: int) -> tuple[str, ...]:
    ids = [item.id for item in part.items]
    if part.order == "counterbalanced":
        rows = balanced_rows(len(ids))
        return tuple(ids[at] for at in rows[(number - 1) % len(rows)])
    if part.order == "shuffled":
        return tuple(sorted(ids, key=lambda item: _draw(title, part.name, str(number), item)))
    return tuple(ids)


def _draw(*told: str) -> bytes:
    """A number that is as good as random, and the same for the same words on every machine."""
    return hashlib.sha256("\x1f".join(told).encode()).digest()
