"""Several data sets at once: joined, held out, or one against another."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product

from micromask.core.errors import BadInputError
from micromask.core.results import Sample, Split
from micromask.evaluation.protocols.entry import ProtocolEntry, SplitOptions, enter
from micromask.evaluation.protocols.facts import CORPUS, check_values, parts_of
from micromask.evaluation.protocols.people import leave_one_subject_out


def _corpora(samples: Sequence[Sample], protocol: str, options: SplitOptions) -> dict[str, frozenset[str]]:
    """Sample ids by data set, two or more, of which those asked for are some."""
    parts = parts_of(samples, CORPUS)
    if len(parts) < 2:
        raise BadInputError(
            f"protocol {protocol} needs samples of two data sets or more, got {', '.join(parts)}; within one take loso"
        )
    check_values((*options.train_on, *options.test_on), list(parts), "data set")
    return parts


def _cde(samples: Sequence[Sample], options: SplitOptions) -> Iterator[Split]:
    _corpora(samples, "cde", options)
    return leave_one_subject_out({sample.id: sample.subject for sample in samples})


def _hde(samples: Sequence[Sample], options: SplitOptions) -> Iterator[Split]:
    parts = _corpora(samples, "hde", options)
    if options.test_on:
        tested = [options.test_on]
    else:
        tested = [(name,) for name in parts if name not in options.train_on]
    if not tested:
        raise BadInputError(f"protocol hde: every data set is trained on ({', '.join(parts)}); leave one to test on")
    for test in tested:
        train = [name for name in (options.train_on or parts) if name not in test]
        if not train:
            raise BadInputError(f"protocol hde: every data set is tested on ({', '.join(test)}); leave one to train on")
        yield Split("+".join(test), _joined(parts, train), _joined(parts, test))


def _cross_dataset(samples: Sequence[Sample], options: SplitOptions) -> Iterator[Split]:
    parts = _corpora(samples, "cross-dataset", options)
    pairs = [(a, b) for a, b in product(options.train_on or parts, options.test_on or parts) if a != b]
    if not pairs:
        raise BadInputError(
            f"protocol cross-dataset: nothing is left to test on; train on one of "
            f"{', '.join(parts)} and test on another"
        )
    for train, test in pairs:
        yield Split(f"{train} to {test}", parts[train], parts[test])


def _joined(parts: dict[str, frozenset[str]], names: Sequence[str]) -> frozenset[str]:
    return frozenset().union(*(parts[name] for name in names))


enter(
    ProtocolEntry(
        "cde",
        "composite: leave one subject out over several data sets joined, figures also for each of them",
        _cde,
        tested_once=True,
        parts=CORPUS,
        doi="10.1109/FG.2019.8756611",
    )
)
enter(
    ProtocolEntry(
        "hde",
        "a whole data set held out, trained on the others",
        _hde,
        options=("train_on", "test_on"),
        tested_once=True,
        parts=CORPUS,
        doi="10.1109/FG.2018.00106",
    )
)
enter(
    ProtocolEntry(
        "cross-dataset",
        "trained on one data set, tested on another, each pair both ways",
        _cross_dataset,
        options=("train_on", "test_on"),
        parts=CORPUS,
        doi="10.1109/TKDE.2020.2985365",
    )
)
