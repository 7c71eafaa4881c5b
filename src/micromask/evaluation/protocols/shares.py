"""One split by shares: of samples, of clips or of people, drawn at random."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence

import numpy as np

from micromask.core.errors import BadInputError
from micromask.core.results import Sample, Split
from micromask.evaluation.protocols.entry import ProtocolEntry, SplitOptions, enter
from micromask.evaluation.protocols.groups import people_of


def _share(
    samples: Sequence[Sample], unit: Callable[[Sample], Hashable], noun: str, options: SplitOptions
) -> Iterator[Split]:
    """One split in which what is one unit stays together; units are numbered as they come, then drawn."""
    units = list(dict.fromkeys(unit(sample) for sample in samples))
    if len(units) < 2:
        raise BadInputError(f"{len(samples)} samples of one {noun}: to train and to test takes two or more")
    trained = min(max(round(options.train_share * len(units)), 1), len(units) - 1)
    drawn = np.random.default_rng(options.seed).permutation(len(units))[:trained]
    chosen = {units[number] for number in drawn}
    train = frozenset(sample.id for sample in samples if unit(sample) in chosen)
    left = len(units) - trained
    yield Split(f"{left} {noun}{'s' if left > 1 else ''}", train, frozenset(each.id for each in samples) - train)


def _random_frames(samples: Sequence[Sample], options: SplitOptions) -> Iterator[Split]:
    return _share(samples, lambda sample: sample.id, "sample", options)


def _random_clips(samples: Sequence[Sample], options: SplitOptions) -> Iterator[Split]:
    return _share(samples, lambda sample: sample.clip, "clip", options)


def _subjects(samples: Sequence[Sample], options: SplitOptions) -> Iterator[Split]:
    people = people_of(samples)
    if len(people) < 2:
        raise BadInputError(f"{len(samples)} samples, all of {people[0]}: to hold a subject out takes two or more")
    return _share(samples, lambda sample: str(sample.subject), "subject", options)


enter(
    ProtocolEntry(
        "random-frames",
        "frames at random, as most papers split: neighbours of one clip on both sides",
        _random_frames,
        options=("train_share",),
        draws=True,
        tested_once=True,
        leaks=("LK001", "LK002", "LK003"),
    )
)
enter(
    ProtocolEntry(
        "random-clips",
        "clips at random: each clip on one side, its subject and its film on both",
        _random_clips,
        options=("train_share",),
        draws=True,
        tested_once=True,
        leaks=("LK001", "LK002"),
    )
)
enter(
    ProtocolEntry(
        "subjects",
        "a share of the subjects held out, drawn at random",
        _subjects,
        options=("train_share",),
        draws=True,
        tested_once=True,
    )
)
