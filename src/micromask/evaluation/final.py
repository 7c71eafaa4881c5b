"""One final model on all the data: pure functions of values; how good it is has to be measured apart from it."""

from __future__ import annotations

import math
import statistics
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import torch

from micromask.core.results import Results
from micromask.evaluation.material import Material
from micromask.evaluation.protocols import inner_split
from micromask.evaluation.unit import ModelChoice, build_model, freeze_by, input_of
from micromask.models import Model, entry_of, to_input
from micromask.training.fit import Fitted, OnEpoch, Side, fit
from micromask.training.fit_classical import fit_classical
from micromask.training.recipe import Recipe


@dataclass(frozen=True, slots=True, eq=False)
class Final:
    """A model that was fitted on everything, in evaluation mode on the CPU.

    ``epochs`` is how many it was fitted for, 0 where it has none; ``curves`` hold a row an epoch.
    """

    model: Model
    epochs: int
    curves: tuple[Mapping[str, float], ...]
    seconds: float


def fit_final(
    material: Material,
    choice: ModelChoice,
    recipe: Recipe,
    epochs: int | None = None,
    *,
    seed: int = 0,
    device: str = "cpu",
    checkpoint: Path | None = None,
    on_epoch: OnEpoch | None = None,
) -> Final:
    """Fit one model on all samples.

    Parameters
    ----------
    material : Material
        As the model reads it.
    choice : ModelChoice
    recipe : Recipe
    epochs : int, optional
        How many of the recipe's epochs: what `usual_epoch` or `choose_epoch` say, or all of them. Its schedule stays.
    seed : int
        The same seed and material give the same model.
    device : str
    checkpoint : Path, optional
        Written after each epoch; a fit that was cut off goes on from it. A classical model has none.
    on_epoch : callable, optional
        Called with the row of each epoch.

    Raises
    ------
    BadOutputError
        If the checkpoint cannot be written.
    """
    began = time.perf_counter()
    if not has_epochs(choice):
        model = build_model(choice, len(material.labels))
        fit_classical(model, to_input(material.pictures, input_of(choice)), material.codes, seed=seed)
        return Final(model.eval(), 0, (), time.perf_counter() - began)
    everything = frozenset(sample.id for sample in material.samples)
    fitted = _fit(material, choice, recipe, everything, frozenset(), epochs, seed, device, checkpoint, on_epoch)
    network = fitted.network.cpu()
    assert isinstance(network, Model)
    return Final(network, fitted.epoch, fitted.rows, time.perf_counter() - began)


def choose_epoch(
    material: Material,
    choice: ModelChoice,
    recipe: Recipe,
    *,
    seed: int = 0,
    device: str = "cpu",
    checkpoint: Path | None = None,
    on_epoch: OnEpoch | None = None,
) -> int:
    """The epoch with the lowest loss on some people who are kept out of a fit on the others; counted from 1.

    Parameters
    ----------
    material, choice, recipe, seed, device, checkpoint, on_epoch
        As for `fit_final`; the checkpoint has to be another file.

    Raises
    ------
    BadInputError
        If there is one person only.
    """
    everything = frozenset(sample.id for sample in material.samples)
    train, validation = inner_split(material.samples, everything, seed)
    return _fit(material, choice, recipe, train, validation, None, seed, device, checkpoint, on_epoch).epoch


def usual_epoch(results: Results) -> int | None:
    """The median of the epochs that the folds and seeds of a run chose, rounded; None where they chose none.

    They were chosen on people of the training sides, so a model that is fitted for as many has not seen a test side
    either. Half an epoch counts as one more.
    """
    if results.selection != "inner":
        return None
    epochs = [each["epoch"] for each in results.settings["epochs"] if each["epoch"]]
    return math.floor(statistics.median(epochs) + 0.5) if epochs else None


def has_epochs(choice: ModelChoice) -> bool:
    """Whether the model is fitted in epochs; classical ones are not."""
    return entry_of(choice.name).family != "classical"


def _fit(
    material: Material,
    choice: ModelChoice,
    recipe: Recipe,
    train: frozenset[str],
    validation: frozenset[str],
    epochs: int | None,
    seed: int,
    device: str,
    checkpoint: Path | None,
    on_epoch: OnEpoch | None,
) -> Fitted:
    given = input_of(choice)

    def side(ids: frozenset[str]) -> Side:
        rows = material.rows(ids)
        return Side(to_input(material.pictures[rows], given), material.codes[rows])

    return fit(
        lambda: build_model(choice, len(material.labels)),
        given,
        side(train),
        len(material.labels),
        recipe,
        seed,
        torch.device(device),
        validation=side(validation) if validation else None,
        start_epoch=freeze_by(recipe),
        stop_after=epochs,
        checkpoint=checkpoint,
        on_epoch=on_epoch,
    )
