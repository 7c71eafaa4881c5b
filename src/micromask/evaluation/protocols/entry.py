"""Every protocol by name: what it needs, what it may be asked for, and whether its figure is a leak by construction."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields
from itertools import pairwise

from micromask.core.errors import BadInputError
from micromask.core.registry import Registry
from micromask.core.results import Sample, Split


@dataclass(frozen=True, slots=True)
class SplitOptions:
    """What a protocol may be asked for; each takes only those that its entry names, and all take the seed.

    ``folds`` is how many groups of people are made, ``train_share`` how much is trained on where there is one split.
    ``by`` names an attribute of the samples. ``train_on`` and ``test_on`` are data sets, or values of that attribute;
    empty means each in turn. ``subjects_apart`` False lets a person be on both sides where the protocol knows how.
    """

    seed: int = 0
    folds: int = 5
    train_share: float = 0.8
    by: str | None = None
    train_on: tuple[str, ...] = ()
    test_on: tuple[str, ...] = ()
    subjects_apart: bool = True

    def __post_init__(self) -> None:
        if self.folds < 2:
            raise BadInputError(f"folds must be 2 or more, got {self.folds}")
        if not 0 < self.train_share < 1:
            raise BadInputError(f"the share to train on lies between 0 and 1, such as 0.8, got {self.train_share:g}")
        both = set(self.train_on) & set(self.test_on)
        if both:
            raise BadInputError(f"{', '.join(sorted(both))} cannot be trained on and tested on at once")


Make = Callable[[Sequence[Sample], SplitOptions], Iterator[Split]]
"""From samples, in the order of their ids, to folds."""


@dataclass(frozen=True, slots=True)
class ProtocolEntry:
    """A protocol: who is tested on whom.

    ``options`` are the fields of `SplitOptions` that it honours beside the seed, ``draws`` says whether the seed
    matters. ``leaks`` are the codes of the leaks that it has by construction, ``leaks_if_mixed`` those that it has with
    ``subjects_apart=False``. ``tested_once`` says that no sample is tested in two folds, so that counts pooled over
    the folds are counts of samples. ``parts`` is the attribute by which its figures are also given in parts.
    """

    name: str
    title: str
    make: Make
    options: tuple[str, ...] = ()
    draws: bool = False
    leaks: tuple[str, ...] = ()
    leaks_if_mixed: tuple[str, ...] = ()
    tested_once: bool = False
    parts: str | None = None
    doi: str = ""


protocols: Registry[ProtocolEntry] = Registry("protocol")


def enter(entry: ProtocolEntry) -> ProtocolEntry:
    """Put a protocol into the registry under its name."""
    return protocols.add(entry.name)(entry)


def leaks_of(name: str, options: SplitOptions | None = None) -> tuple[str, ...]:
    """The codes of the leaks that a protocol has by construction with these options; empty where it keeps people apart.

    >>> leaks_of("random-frames"), leaks_of("loso")
    (('LK001', 'LK002', 'LK003'), ())
    """
    entry = protocols[name]
    mixed = options is not None and not options.subjects_apart
    return entry.leaks + (entry.leaks_if_mixed if mixed else ())


def make_splits(name: str, samples: Sequence[Sample], options: SplitOptions | None = None) -> tuple[Split, ...]:
    """The folds of a protocol; the order in which the samples are given does not matter.

    Parameters
    ----------
    name : str
        A name in ``protocols``.
    samples : sequence of Sample
    options : SplitOptions

    Raises
    ------
    BadInputError
        If there is no such protocol, it has no option that was asked for, or these samples cannot be split so.

    Examples
    --------
    >>> from micromask.core.types import SubjectId
    >>> people = {"a1": "ann", "a2": "ann", "b1": "bo"}
    >>> samples = [Sample(clip, clip, SubjectId("demo", who), clip, "sad") for clip, who in people.items()]
    >>> for split in make_splits("loso", samples):
    ...     print(split.held_out, sorted(split.train), sorted(split.test))
    demo/ann ['b1'] ['a1', 'a2']
    demo/bo ['a1', 'a2'] ['b1']
    """
    entry, asked = protocols[name], options or SplitOptions()
    usual = SplitOptions()
    for option in (each.name for each in fields(SplitOptions)):
        if option not in ("seed", *entry.options) and getattr(asked, option) != getattr(usual, option):
            raise BadInputError(f"protocol {name} has no option {option}; it has: {', '.join(entry.options) or 'none'}")
    ordered = sorted(samples, key=lambda sample: sample.id)
    for one, other in pairwise(ordered):
        if one.id == other.id:
            raise BadInputError(f"two samples are called {one.id}; every sample needs a name of its own")
    if len(ordered) < 2:
        raise BadInputError(f"protocol {name} needs samples to train on and to test on, got {len(ordered)}")
    return tuple(entry.make(ordered, asked))
