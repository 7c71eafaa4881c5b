"""A unit of work: one model, one fold, one seed; a pure function of values that can be sent to another process."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.special import softmax
from torch import Tensor, nn

from micromask.models import Input, Model, create, entry_of, to_input
from micromask.models.catalogue import asked_input
from micromask.models.freeze import stages_trained, train_last, training_mode
from micromask.models.weights_file import read_card
from micromask.training.fit import Fitted, OnEpoch, Side, fit, predict_logits
from micromask.training.fit_classical import fit_classical
from micromask.training.losses import loss_of
from micromask.training.recipe import Recipe

Select = Literal["inner", "last", "as-published"]
Rows = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class ModelChoice:
    """Which model, as `models.create` takes it: ``size`` and ``channels`` where another input is wanted."""

    name: str
    weights: str = "none"
    size: tuple[int, int] | None = None
    channels: int | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Unit:
    """What one process does on its own; the pictures come beside it, shared by all units of a run.

    ``validation`` is empty where nothing is chosen. ``checkpoint`` is a file, or None for no checkpoints.
    """

    fold: int
    held_out: str
    seed: int
    model: ModelChoice
    n_classes: int
    recipe: Recipe
    select: Select
    train: Rows
    validation: Rows
    test: Rows
    device: str = "cpu"
    checkpoint: Path | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """What came of a unit: probabilities (M, K) of the test rows, the epoch taken, a row an epoch, the time used.

    The rows hold test_loss and test_accuracy where the test rows chose the epoch, and nowhere else.
    """

    fold: int
    seed: int
    probabilities: NDArray[np.float64]
    epoch: int
    curves: tuple[Mapping[str, float], ...]
    seconds: float


def run_unit(
    unit: Unit,
    pictures: NDArray[np.uint8],
    codes: NDArray[np.int64],
    on_epoch: OnEpoch | None = None,
) -> Outcome:
    """Fit on the unit's training rows and predict its test rows.

    ``select`` inner: the epoch with the lowest loss on the validation rows (people of the training side), then a fit on
    both for that many epochs. last: the last epoch. as-published: the epoch that is best on the *test* rows, which is
    how several published figures were made, and a leak. Classical models have no epochs and nothing is chosen.

    Parameters
    ----------
    unit : Unit
    pictures : (N, ...) uint8
    codes : (N,) int
        Classes of all rows.
    on_epoch : callable, optional
    """
    started = time.perf_counter()
    both = np.sort(np.concatenate([unit.train, unit.validation]))
    tensor = _Tensors(pictures, codes, input_of(unit.model))
    if entry_of(unit.model.name).family == "classical":
        scores = _classical(unit, tensor, both)
        return Outcome(unit.fold, unit.seed, _softmax(scores), 0, (), time.perf_counter() - started)
    epoch, curves = unit.recipe.epochs, None
    if unit.select == "inner":
        inner = _fit(unit, tensor, unit.train, "inner", on_epoch, validation=unit.validation)
        epoch, curves = inner.epoch, inner.rows
    fitted = _fit(unit, tensor, both, "final", on_epoch, stop_after=epoch, watch=unit.test)
    rows = fitted.rows if curves is None else curves
    if unit.select == "as-published":
        rows = _with_test_side(fitted, unit, codes[both], codes[unit.test])
        epoch = int(np.argmax([row["test_accuracy"] for row in rows])) + 1
    scores = fitted.watched[epoch - 1]
    return Outcome(unit.fold, unit.seed, _softmax(scores), epoch, rows, time.perf_counter() - started)


def _with_test_side(
    fitted: Fitted, unit: Unit, trained: NDArray[np.int64], tested: NDArray[np.int64]
) -> tuple[dict[str, float], ...]:
    """The rows of a fit with the loss and accuracy of its test rows after each epoch; the loss is the recipe's own."""
    measure = loss_of(unit.recipe.loss, torch.from_numpy(trained), unit.n_classes)
    targets = torch.from_numpy(tested)
    return tuple(
        {
            **row,
            "test_loss": float(measure(torch.from_numpy(scores), targets)),
            "test_accuracy": float((scores.argmax(axis=1) == tested).mean()),
        }
        for row, scores in zip(fitted.rows, fitted.watched, strict=True)
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Tensors:
    """The rows of a run as a model reads them, made when they are asked for."""

    pictures: NDArray[np.uint8]
    codes: NDArray[np.int64]
    given: Input

    def side(self, rows: Rows) -> Side:
        return Side(self.inputs(rows), self.codes[rows])

    def inputs(self, rows: Rows) -> Tensor:
        return to_input(np.asarray(self.pictures[rows]), self.given)


def input_of(choice: ModelChoice) -> Input:
    """What the model reads, without building it."""
    return asked_input(entry_of(choice.name), choice.size, choice.channels)


def build_model(choice: ModelChoice, n_classes: int) -> Model:
    """The model as a unit wants it, its weights drawn from torch's generator."""
    return create(choice.name, n_classes, choice.weights, size=choice.size, channels=choice.channels)


def check_weights(choice: ModelChoice) -> None:
    """Refuse weights that the model cannot begin with: not there, of another model, or out of the hub's reach."""
    if choice.weights == "none":
        return
    path = Path(choice.weights)
    there = choice.weights != "imagenet" and path.exists()
    build_model(choice, len(read_card(path)["classes"]) if there else 2)


def freeze_by(recipe: Recipe) -> Callable[[nn.Module, int], None] | None:
    """What a fit calls before each epoch where only some stages learn: it frees one more each ``unfreeze_every``."""
    if recipe.trained == "all":
        return None

    def start_epoch(network: nn.Module, epoch: int) -> None:
        assert isinstance(network, Model)
        first = stages_trained(network, recipe.trained)
        freed = epoch // recipe.unfreeze_every if recipe.unfreeze_every else 0
        train_last(network, min(len(network.stages), first + freed))
        training_mode(network)

    return start_epoch


def _fit(
    unit: Unit,
    tensor: _Tensors,
    train: Rows,
    part: str,
    on_epoch: OnEpoch | None,
    *,
    validation: Rows | None = None,
    stop_after: int | None = None,
    watch: Rows | None = None,
) -> Fitted:
    # without a validation side patience does nothing, so the second fit of 'inner' is the first one's recipe cut off
    return fit(
        lambda: build_model(unit.model, unit.n_classes),
        tensor.given,
        tensor.side(train),
        unit.n_classes,
        unit.recipe,
        unit.seed,
        torch.device(unit.device),
        validation=None if validation is None else tensor.side(validation),
        watch=None if watch is None else tensor.inputs(watch),
        start_epoch=freeze_by(unit.recipe),
        stop_after=stop_after,
        checkpoint=unit.checkpoint and unit.checkpoint.with_name(f"{unit.checkpoint.name}.{part}"),
        on_epoch=on_epoch,
    )


def _classical(unit: Unit, tensor: _Tensors, train: Rows) -> NDArray[np.float32]:
    model = build_model(unit.model, unit.n_classes)
    fit_classical(model, tensor.inputs(train), tensor.codes[train], seed=unit.seed)
    return predict_logits(model, tensor.inputs(unit.test))


def _softmax(scores: NDArray[np.float32]) -> NDArray[np.float64]:
    return np.asarray(softmax(scores.astype(np.float64), axis=1))
