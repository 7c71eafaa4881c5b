"""What is known of samples: which data set they are of, and the attributes that they may be split by."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from micromask.core.errors import BadInputError
from micromask.core.results import Sample

CORPUS = "corpus"
"""The attribute that every sample has: the data set of its subject."""


def value_of(sample: Sample, by: str) -> str | None:
    """A sample's value of an attribute, None where nobody says it."""
    return sample.subject.dataset if by == CORPUS else sample.attributes.get(by)


def attributes_of(samples: Sequence[Sample]) -> list[str]:
    """The attributes that some of the samples have, sorted; ``corpus`` is always one."""
    return sorted({CORPUS, *(name for sample in samples for name in sample.attributes)})


def values_of(samples: Sequence[Sample], by: str) -> list[str]:
    """The values that an attribute takes, sorted.

    Raises
    ------
    BadInputError
        If the samples have no such attribute, or some have it and others do not.
    """
    known = attributes_of(samples)
    if by not in known:
        raise BadInputError(f"the samples have no attribute {by!r}; known: {', '.join(known)}")
    without = [sample.id for sample in samples if value_of(sample, by) is None]
    if without:
        raise BadInputError(
            f"nobody says the {by} of {len(without)} of {len(samples)} samples, such as {without[0]}; leave them out"
        )
    return sorted({value for sample in samples if (value := value_of(sample, by)) is not None})


def parts_of(samples: Iterable[Sample], by: str = CORPUS) -> dict[str, frozenset[str]]:
    """Sample ids by the value of an attribute: the parts that a composite's figures are also given for.

    Samples of which the attribute is not known are in no part.
    """
    found: dict[str, set[str]] = {}
    for sample in samples:
        value = value_of(sample, by)
        if value is not None:
            found.setdefault(value, set()).add(sample.id)
    return {value: frozenset(ids) for value, ids in sorted(found.items())}


def check_values(asked: Iterable[str], known: Sequence[str], noun: str) -> None:
    """Refuse a value that no sample has; the message names those that there are."""
    for value in asked:
        if value not in known:
            raise BadInputError(f"no {noun} {value!r} among the samples; known: {', '.join(known)}")
