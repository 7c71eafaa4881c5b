"""Options that `evaluate` and `train` share, each with its help once: the data, the model, how it is fitted."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Any

import typer

from micromask.app.cli.plan import names_of

MOST_JOBS = 8

Data = Annotated[list[str], typer.Argument(metavar="DATASET...", help="Names that 'datasets list' prints.")]
Root = Annotated[
    list[Path] | None, typer.Option("--root", metavar="ROOT", help="Where each data set lies, in their order.")
]
Labels = Annotated[str, typer.Option("--labels", metavar="SET", help="Classes: own, megc-3, ...")]
MissingApex = Annotated[str, typer.Option(help="midpoint, motion-peak or drop.")]
SubjectPattern = Annotated[
    str | None, typer.Option("--subject-pattern", metavar="REGEX", help="image-folder: whose image, by its name.")
]
Settings = Annotated[
    list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="An option of the corpus's own loader.")
]

Folds = Annotated[int, typer.Option(help="Groups of people, for k-fold-subjects.")]

RecipeName = Annotated[str | None, typer.Option("--recipe", metavar="NAME", help="How it is fitted; the model's own.")]
Epochs = Annotated[int | None, typer.Option(help="At most; in place of the recipe's.")]
Batch = Annotated[int | None, typer.Option(help="In place of the recipe's.")]
LearningRate = Annotated[float | None, typer.Option(help="In place of the recipe's.")]
Augment = Annotated[
    str | None, typer.Option(metavar="NAMES", help="In place of the recipe's, with commas between; 'none'.")
]
Trained = Annotated[str | None, typer.Option(help="all, last-block or head.")]

Weights = Annotated[str, typer.Option(help="To begin with: imagenet, none or a file of weights.")]
Size = Annotated[str | None, typer.Option(metavar="PX", help="Of the pictures, where the model can.")]
Channels = Annotated[int | None, typer.Option(help="1 grey, 3 colour, where the model can.")]
Crop = Annotated[str, typer.Option(help="face: find and cut it out; whole: the picture as it is.")]
Tone = Annotated[str, typer.Option(help="plain or clahe.")]
Region = Annotated[str, typer.Option(help="What is kept of the face: whole, upper-face (eyes and brows) or no-mouth.")]
Pick = Annotated[str, typer.Option(help="Frames of a clip: evenly, around-apex, per-second, all.")]
Frames = Annotated[int, typer.Option(help="At most so many frames a clip, for models that read frames.")]
Detector = Annotated[str, typer.Option(help="Face detector.")]

Device = Annotated[str | None, typer.Option(help="cpu, cuda or mps; the GPU where there is one.")]
Jobs = Annotated[int | None, typer.Option(min=1, help="Processes for the folds; one a core, on a GPU one.")]
Resume = Annotated[bool, typer.Option("--resume", help="Go on with what was cut off.")]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace what is there.")]


def recipe_changes(
    epochs: int | None, batch: int | None, learning_rate: float | None, trained: str | None, augment: str | None
) -> dict[str, Any]:
    """What was asked for in place of the recipe's; None where the recipe's own is kept.

    >>> recipe_changes(20, None, None, None, "none")["augment"]
    ()
    """
    return {
        "epochs": epochs,
        "batch": batch,
        "learning_rate": learning_rate,
        "trained": trained,
        "augment": None if augment is None else () if augment == "none" else names_of(augment),
    }


def workers_of(jobs: int | None, device: str) -> int:
    """How many processes: as many as asked for, else one a core, and one where they would share a GPU."""
    return jobs or (1 if device != "cpu" else min(MOST_JOBS, os.cpu_count() or 1))
