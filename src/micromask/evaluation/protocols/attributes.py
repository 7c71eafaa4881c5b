"""Trained on one kind of sample, tested on another: women and men, questions and images."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product

from micromask.core.errors import BadInputError
from micromask.core.results import Sample, Split
from micromask.evaluation.protocols.entry import ProtocolEntry, SplitOptions, enter
from micromask.evaluation.protocols.facts import attributes_of, check_values, value_of, values_of
from micromask.evaluation.protocols.groups import balanced_groups


def _by_attribute(samples: Sequence[Sample], options: SplitOptions) -> Iterator[Split]:
    """A direction is one value to train on and one to test on.

    Where nobody has samples of both, it is one fold. Where somebody has (a person sees two kinds of stimulus), those
    who are tested are put into groups, and each group is tested by a model that was trained without it.
    """
    if options.by is None:
        known = ", ".join(attributes_of(samples))
        raise BadInputError(f"protocol by-attribute: by which attribute? give the option by; known: {known}")
    values = values_of(samples, options.by)
    if len(values) < 2:
        raise BadInputError(f"protocol by-attribute: all samples have {options.by} {values[0]}; two values are needed")
    check_values((*options.train_on, *options.test_on), values, options.by)
    pairs = [(a, b) for a, b in product(options.train_on or values, options.test_on or values) if a != b]
    if not pairs:
        raise BadInputError(
            f"protocol by-attribute: train on one {options.by} and test on another: {', '.join(values)}"
        )
    of_value = {value: [each for each in samples if value_of(each, options.by) == value] for value in values}
    for train, test in pairs:
        yield from _direction(f"{train} to {test}", of_value[train], of_value[test], options)


def _direction(name: str, train: list[Sample], test: list[Sample], options: SplitOptions) -> Iterator[Split]:
    both = {sample.subject for sample in train} & {sample.subject for sample in test}
    if not both or not options.subjects_apart:
        yield Split(name, _ids(train), _ids(test))
        return
    groups = balanced_groups(test, options.folds, options.seed)
    for number, group in enumerate(groups, 1):
        others = [sample for sample in train if sample.subject not in group]
        if not others:
            raise BadInputError(
                f"protocol by-attribute: {name}: nobody is left to train on when {', '.join(sorted(map(str, group)))} "
                "is tested; more subjects are needed"
            )
        fold = name if len(groups) == 1 else f"{name}, fold {number}"
        yield Split(fold, _ids(others), _ids([sample for sample in test if sample.subject in group]))


def _ids(samples: Sequence[Sample]) -> frozenset[str]:
    return frozenset(sample.id for sample in samples)


enter(
    ProtocolEntry(
        "by-attribute",
        "trained on one value of an attribute, tested on another: gender, stimulus",
        _by_attribute,
        options=("by", "train_on", "test_on", "folds", "subjects_apart"),
        draws=True,
        leaks_if_mixed=("LK001",),
    )
)
