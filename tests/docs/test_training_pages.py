"""The tables of the pages on training say what the registries hold."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

from micromask.models.inputs import Reads
from micromask.training.augment import augmentations
from micromask.training.log import loggers
from micromask.training.recipe import recipes

DOCS = Path(__file__).parents[2] / "docs"
TRAINING = (DOCS / "concepts" / "training.md").read_text("utf-8")
HOW_TO = (DOCS / "how-to" / "train-a-model.md").read_text("utf-8")


def table(text: str, heading: str) -> dict[str, list[str]]:
    """The rows below a heading by the name in their first cell."""
    part = text.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    rows = [line.strip("| ").split(" | ") for line in part.splitlines() if line.startswith("| `")]
    return {row[0].strip("`"): row[1:] for row in rows}


def test_every_augmentation_is_told_with_the_kinds_of_input_that_bear_it():
    told = table(TRAINING, "Augmentation")
    assert list(told) == list(augmentations)
    for name, (title, *bears) in told.items():
        assert title == augmentations[name].title
        assert bears == ["yes" if reads in augmentations[name].reads else "no" for reads in get_args(Reads)], name


def test_every_recipe_is_told_with_its_values():
    told = table(TRAINING, "Recipes")
    assert sorted(told) == list(recipes)
    for name, (epochs, batch, optimiser, rate, loss, augment, _) in told.items():
        recipe = recipes[name]
        assert (int(epochs), int(batch), optimiser, loss) == (
            recipe.epochs,
            recipe.batch,
            recipe.optimiser,
            recipe.loss,
        ), name
        assert float(rate) == recipe.learning_rate, name
        changes = [*recipe.augment, *(["mirrored copies"] if recipe.mirrored else [])]
        assert augment == (", ".join(changes) or "none"), name


def test_every_way_to_log_is_told():
    told = {row.partition(":")[0] for row in table(HOW_TO, "Look on") if row != "--log"}
    assert told == set(loggers)
    assert set(re.findall(r"micromask\[(\w+)\]", HOW_TO)) == {"tensorboard", "mlflow"}
