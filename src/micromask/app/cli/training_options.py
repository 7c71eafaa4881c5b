"""Options that `evaluate` and `train` share, each with its help once: the data, the model, how it is fitted."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from micromask.app.cli.plan import names_of, size_of

if TYPE_CHECKING:
    from micromask.evaluation.unit import ModelChoice

MOST_JOBS = 8

MOST_SEED = 2**31 - 1
"""What all generators of random numbers take."""

Data = Annotated[list[str], typer.Argument(metavar="DATASET...", help="Names that 'datasets list' prints.")]
Root = Annotated[
    list[Path] | None, typer.Option("--root", metavar="ROOT", help="Where each data set lies, in their order.")
]
Labels = Annotated[str, typer.Option("--labels", metavar="SET", help="Classes: own, megc-3, ...")]
Folds = Annotated[int, typer.Option(help="Groups of people, for k-fold-subjects.")]

Device = Annotated[str | None, typer.Option(help="cpu, cuda or mps; the GPU where there is one.")]
Jobs = Annotated[int | None, typer.Option(min=1, help="Processes for the folds; one a core, on a GPU one.")]
Resume = Annotated[bool, typer.Option("--resume", help="Go on with what was cut off.")]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace what is there.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitting:
    """How a model is made and fitted; None where the recipe's own or the model's own is kept."""

    recipe: Annotated[
        str | None, typer.Option("--recipe", metavar="NAME", help="How it is fitted; the model's own.")
    ] = None
    epochs: Annotated[int | None, typer.Option(help="At most; in place of the recipe's.")] = None
    batch: Annotated[int | None, typer.Option(help="In place of the recipe's.")] = None
    learning_rate: Annotated[float | None, typer.Option(help="In place of the recipe's.")] = None
    augment: Annotated[
        str | None, typer.Option(metavar="NAMES", help="In place of the recipe's, with commas between; 'none'.")
    ] = None
    trained: Annotated[str | None, typer.Option(help="all, last-block or head.")] = None
    weights: Annotated[str, typer.Option(help="To begin with: imagenet, none or a file of weights.")] = "none"
    size: Annotated[str | None, typer.Option(metavar="PX", help="Of the pictures, where the model can.")] = None
    channels: Annotated[int | None, typer.Option(help="1 grey, 3 colour, where the model can.")] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How the clips are read: what is cut out of their frames, and which of them."""

    crop: Annotated[str, typer.Option(help="face: find and cut it out; whole: the picture as it is.")] = "face"
    tone: Annotated[str, typer.Option(help="plain or clahe.")] = "plain"
    region: Annotated[
        str, typer.Option(help="What is kept of the face: whole, upper-face (eyes and brows) or no-mouth.")
    ] = "whole"
    pick: Annotated[str, typer.Option(help="Frames of a clip: evenly, around-apex, per-second, all.")] = "evenly"
    frames: Annotated[int, typer.Option(help="At most so many frames a clip, for models that read frames.")] = 8
    detector: Annotated[str, typer.Option(help="Face detector.")] = "mtcnn"


@dataclass(frozen=True, slots=True, kw_only=True)
class Loading:
    """How a data set is opened."""

    missing_apex: Annotated[str, typer.Option(help="midpoint, motion-peak or drop.")] = "midpoint"
    subject_pattern: Annotated[
        str | None, typer.Option("--subject-pattern", metavar="REGEX", help="image-folder: whose image, by its name.")
    ] = None
    settings: Annotated[
        list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="An option of the corpus's own loader.")
    ] = None


def model_choice(name: str, fitting: Fitting) -> ModelChoice:
    """The model of this name, as it was asked for; refused before the data are read if it cannot begin so."""
    from micromask.evaluation.unit import ModelChoice, check_weights

    choice = ModelChoice(name, fitting.weights, size_of(fitting.size), fitting.channels)
    check_weights(choice)
    return choice


def recipe_changes(fitting: Fitting) -> dict[str, Any]:
    """What was asked for in place of the recipe's, under the names that a recipe has for it.

    >>> recipe_changes(Fitting(epochs=20, augment="none"))
    {'epochs': 20, 'augment': ()}
    """
    augment = fitting.augment
    asked = {
        "epochs": fitting.epochs,
        "batch": fitting.batch,
        "learning_rate": fitting.learning_rate,
        "trained": fitting.trained,
        "augment": None if augment is None else () if augment == "none" else names_of(augment),
    }
    return {name: value for name, value in asked.items() if value is not None}


def workers_of(jobs: int | None, device: str) -> int:
    """How many processes: as many as asked for, else one a core, and one where they would share a GPU."""
    return jobs or (1 if device != "cpu" else min(MOST_JOBS, os.cpu_count() or 1))
