"""A paper as data: what it fitted on what, how it parted the samples, what it reported."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any, Literal

from micromask.core.clips import Clip
from micromask.core.registry import Registry
from micromask.datasets.preparation import Preparation
from micromask.datasets.synthetic import CorpusPlan
from micromask.training.recipe import Trained

Comparison = Literal["stimulus", "gender", "finish"]


@dataclass(frozen=True, slots=True)
class QuickFit:
    """How ``--quick`` fits a model: pictures of ``size`` px, fewer epochs, small batches.

    ``learning_rate`` takes the place of the recipe's where it is set. ``first_only``: only on the first subset that has
    data.
    """

    size: int
    epochs: int
    batch: int
    trained: Trained = "all"
    learning_rate: float | None = None
    first_only: bool = False


@dataclass(frozen=True, slots=True)
class Contender:
    """A model of a paper's table. ``title`` is the paper's name for it, ``recipe`` a name in ``training.recipes``
    (empty for a classical model). ``baseline``: ours, not the paper's. Without ``quick`` it is left out by --quick.
    """

    model: str
    title: str
    recipe: str = ""
    channels: int | None = None
    baseline: bool = False
    quick: QuickFit | None = None


@dataclass(frozen=True, slots=True)
class Subset:
    """A part of the data that a table of the paper has a cell for.

    ``data`` is the data set, ``where`` the values that attributes of its clips must have, ``masked`` whether masked
    expressions are wanted, or all others (None: everything).
    """

    name: str
    data: str
    label_set: str = "own"
    where: tuple[tuple[str, str], ...] = ()
    masked: bool | None = None

    def of(self, clips: Sequence[Clip]) -> tuple[Clip, ...]:
        """The clips of this part."""
        return tuple(
            clip
            for clip in clips
            if self.masked in (None, clip.annotation.kind == "masked")
            and all(clip.attributes.get(name) == value for name, value in self.where)
        )


@dataclass(frozen=True, slots=True)
class Claim:
    """A figure of the paper's own, in per cent, and where it stands."""

    subset: str
    model: str
    figures: Mapping[str, float]
    source: str


@dataclass(frozen=True, slots=True)
class Printed:
    """A row of a table of the paper that sets other people's methods beside its own: accuracy in per cent."""

    subset: str
    method: str
    accuracy: float
    source: str


@dataclass(frozen=True, slots=True)
class Quick:
    """What --quick runs on where no data is given, and what it leaves out, a sentence each."""

    corpus: CorpusPlan
    frames: int
    folds: int
    left_out: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Paper:
    """A paper that can be put to the test.

    ``claim`` says in one sentence what it reports, ``doubt`` what has to be checked. ``share`` is trained on.
    ``augmented`` are changes whose copies were added before the split. ``subsets`` names the cells of its tables for a
    data set. ``settled`` are sentences: what the paper leaves open and how it was settled. ``goal`` is an accuracy
    that it set itself, in training and in the test.
    """

    name: str
    title: str
    authors: str
    published: str
    link: str
    claim: str
    doubt: str
    contenders: tuple[Contender, ...]
    share: float
    share_from: str
    preparation: Preparation
    subsets: Callable[[str, Sequence[Clip]], tuple[Subset, ...]]
    settled: tuple[str, ...]
    quick: Quick
    data: tuple[str, ...]
    augmented: tuple[str, ...] = ()
    comparisons: tuple[Comparison, ...] = ()
    goal: float | None = None
    prepare: Callable[[Sequence[Clip]], tuple[Clip, ...]] = field(default=tuple)

    @property
    def claims(self) -> tuple[Claim, ...]:
        """What the paper reports, figure by figure."""
        return _facts(self.name)[0]

    @property
    def printed(self) -> tuple[Printed, ...]:
        """What the paper says others reached."""
        return _facts(self.name)[1]


papers: Registry[Paper] = Registry("paper")


def enter(paper: Paper) -> Paper:
    """Put a paper into the registry under its name."""
    return papers.add(paper.name)(paper)


@cache
def _facts(name: str) -> tuple[tuple[Claim, ...], tuple[Printed, ...]]:
    text = (files("micromask.evaluation.reproduce") / "published" / f"{name}.toml").read_text(encoding="utf-8")
    told: dict[str, Any] = tomllib.loads(text)
    keys = ("subset", "model", "source")
    claims = [
        Claim(row["subset"], row["model"], {k: float(v) for k, v in row.items() if k not in keys}, row["source"])
        for row in told["claim"]
    ]
    printed = [
        Printed(table["subset"], method, float(accuracy), table["source"])
        for table in told.get("others", ())
        for method, accuracy in table["methods"].items()
    ]
    return tuple(claims), tuple(printed)


def whole(name: str, clips: Sequence[Clip]) -> tuple[Subset, ...]:
    """The data set as one subset, with its own classes."""
    return (Subset(name, name),)
