"""The plan of a reproduction: every run of it as data, each a cell of the report."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, get_args

from micromask.core.clips import Clip
from micromask.core.errors import BadInputError
from micromask.datasets.preparation import Crop, Preparation
from micromask.evaluation.protocols import SplitOptions
from micromask.evaluation.reproduce.paper import Contender, Paper, Subset
from micromask.evaluation.unit import ModelChoice, Select
from micromask.models import entry_of
from micromask.training.recipe import Recipe, recipes

Way = Literal["as-published", "subject-independent", "identity"]
WAYS: tuple[Way, ...] = get_args(Way)

FOLDS = 5

Weights = Literal["auto", "imagenet", "none"]


@dataclass(frozen=True, slots=True)
class Settings:
    """What may be asked for. ``weights`` auto: ImageNet's where they are in the cache, else none.

    ``epochs``, ``share`` and ``crop`` take the place of the paper's where they are set. ``folds`` are groups of people.
    """

    quick: bool = False
    seeds: int = 1
    epochs: int | None = None
    weights: Weights = "auto"
    share: float | None = None
    crop: Crop | None = None
    folds: int | None = None
    device: str = "cpu"

    def __post_init__(self) -> None:
        if self.weights not in get_args(Weights):
            raise BadInputError(f"weights are {', '.join(get_args(Weights))}, got {self.weights!r}")
        if self.seeds < 1 or (self.epochs is not None and self.epochs < 1):
            raise BadInputError(f"one seed and one epoch or more, got {self.seeds} and {self.epochs}")


@dataclass(frozen=True, slots=True)
class Job:
    """One run: a model fitted on a subset in one of three ways.

    ``as-published``: samples at random, nothing chosen, ``augmented`` copies made before the split where the paper made
    them. ``subject-independent``: groups of people in turn, the epoch chosen by people of the training side.
    ``identity``: as published, with the person as the class.
    """

    subset: Subset
    contender: Contender
    way: Way
    model: ModelChoice
    recipe: Recipe
    protocol: str
    options: SplitOptions
    select: Select
    preparation: Preparation
    augmented: tuple[str, ...] = ()
    seeds: tuple[int, ...] = (0,)
    device: str = "cpu"

    @property
    def name(self) -> str:
        """A name for it and for its folder: ``samm--mbcc-cnn--as-published``."""
        parts = (self.subset.data, self.subset.name, self.contender.model, self.way)
        told = parts[1:] if self.subset.name == self.subset.data else parts
        return "--".join(re.sub(r"[^\w.]+", "-", part).strip("-") for part in told)


def plan_jobs(paper: Paper, data: Mapping[str, Sequence[Clip]], settings: Settings) -> tuple[Job, ...]:
    """Every run of a paper on these data sets: subset after subset, model after model, as published first.

    Parameters
    ----------
    paper : Paper
    data : mapping
        Clips by the name of their data set.
    settings : Settings

    Raises
    ------
    BadInputError
        If there is no data, or ImageNet weights are asked for and cannot be had.
    """
    if not data:
        raise BadInputError(f"{paper.name}: no data set is given (--data), and --quick makes a synthetic one")
    weights = {
        each.model: weights_of(
            each.model, "none" if settings.quick and settings.weights == "auto" else settings.weights
        )
        for each in paper.contenders
    }
    found: list[Job] = []
    for name, clips in data.items():
        first = True
        for subset in paper.subsets(name, clips):
            there = subset.of(clips)
            for contender in paper.contenders:
                if not settings.quick or (contender.quick and (first or not contender.quick.first_only)):
                    found += _three(paper, subset, contender, weights[contender.model], settings, there)
            first = first and not there
    return tuple(found)


def _three(
    paper: Paper, subset: Subset, contender: Contender, weights: str, settings: Settings, clips: Sequence[Clip]
) -> list[Job]:
    recipe = recipes[contender.recipe] if contender.recipe else Recipe()
    size, frames = None, paper.preparation.frames
    pick, folds = paper.preparation.pick, settings.folds or FOLDS
    quick = contender.quick if settings.quick else None
    if quick is not None:
        rate = quick.learning_rate or recipe.learning_rate
        recipe = replace(recipe, epochs=quick.epochs, batch=quick.batch, trained=quick.trained, learning_rate=rate)
        size, frames, folds = (quick.size, quick.size), paper.quick.frames, settings.folds or paper.quick.folds
        pick = "evenly"
    if settings.epochs is not None:
        recipe = replace(recipe, epochs=settings.epochs)
    people = len({clip.subject for clip in clips})
    preparation = replace(
        paper.preparation,
        crop=settings.crop or ("whole" if settings.quick else paper.preparation.crop),
        frames=frames,
        pick=pick,
    )
    published = Job(
        subset=subset,
        contender=contender,
        way="as-published",
        model=ModelChoice(contender.model, weights, size, contender.channels),
        recipe=replace(recipe, augment=()) if paper.augmented else recipe,
        protocol="random-frames",
        options=SplitOptions(train_share=settings.share or paper.share),
        select="last",
        preparation=preparation,
        augmented=paper.augmented if contender.recipe else (),
        seeds=tuple(range(settings.seeds)),
        device=settings.device,
    )
    apart = replace(
        published,
        way="subject-independent",
        recipe=recipe,
        protocol="k-fold-subjects",
        options=SplitOptions(folds=max(2, min(folds, people))),
        select="inner",
        augmented=(),
    )
    return [published, apart, replace(published, way="identity")]


def weights_of(model: str, asked: Weights) -> str:
    """The weights that a model begins with: ``imagenet`` or ``none``.

    Raises
    ------
    BadInputError
        If ImageNet's are asked for and cannot be had.
    """
    if asked == "none" or not entry_of(model).imagenet:
        return "none"
    from micromask.models import create

    if asked == "imagenet":
        create(model, 2, "imagenet")
        return "imagenet"
    from huggingface_hub import constants

    online, constants.HF_HUB_OFFLINE = constants.HF_HUB_OFFLINE, True
    try:
        create(model, 2, "imagenet")
    except BadInputError:
        return "none"
    finally:
        constants.HF_HUB_OFFLINE = online
    return "imagenet"
