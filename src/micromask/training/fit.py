"""One fold of a network: samples and labels in, a fitted network out; the same seed gives the same network."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from micromask.models.inputs import Input
from micromask.training.augment import augment, check_augment, mirror
from micromask.training.checkpoint import Progress, fit_key, read_progress, restore, state_of, write_progress
from micromask.training.losses import class_weights, loss_of
from micromask.training.recipe import Recipe

IntArray = NDArray[np.integer[Any]]
SCORE_BATCH = 256


@dataclass(frozen=True, slots=True, eq=False)
class Side:
    """Samples and their classes: inputs (N, *shape) float32 in the model's range, labels (N,) 0 ... K - 1."""

    inputs: Tensor
    labels: IntArray

    def __post_init__(self) -> None:
        if self.labels.shape != (len(self.inputs),):
            raise ValueError(f"labels must be ({len(self.inputs)},), got {self.labels.shape}")


@dataclass(frozen=True, slots=True, eq=False)
class Fitted:
    """A network in evaluation mode, and what was measured on the way.

    ``epoch`` is the one whose weights it has, counted from 1: the best by validation loss, or the last where there was
    no validation side. ``rows`` hold an epoch each: epoch, train_loss, train_accuracy, learning_rate and, with a
    validation side, validation_loss and validation_accuracy. ``watched`` are the logits (epochs, M, K) of the watched
    inputs after each epoch.
    """

    network: nn.Module
    epoch: int
    rows: tuple[dict[str, float], ...]
    watched: NDArray[np.float32]


OnEpoch = Callable[[dict[str, float]], None]


def fit(
    build: Callable[[], nn.Module],
    given: Input,
    train: Side,
    n_classes: int,
    recipe: Recipe,
    seed: int,
    device: torch.device,
    *,
    validation: Side | None = None,
    watch: Tensor | None = None,
    start_epoch: Callable[[nn.Module, int], None] | None = None,
    stop_after: int | None = None,
    checkpoint: Path | None = None,
    on_epoch: OnEpoch | None = None,
) -> Fitted:
    """Fit a network on one fold.

    Parameters
    ----------
    build : callable
        Makes the network, its weights drawn from torch's generator.
    given : Input
        What the inputs are: augmentation goes by it.
    train : Side
    n_classes : int
    recipe : Recipe
    seed : int
        Of the weights, the order and the augmentation; torch's own generator is left as it was.
    device : torch.device
    validation : Side, optional
        Samples of training subjects that are kept out of ``train``, to choose the epoch by. Samples of the held-out
        subject would make the figure a lie.
    watch : (M, *shape) float32, optional
        Inputs to score after each epoch; nothing is chosen by them here.
    start_epoch : callable, optional
        Called with the network and the epoch (from 0) instead of ``network.train()``; freezing comes in here.
    stop_after : int, optional
        End after so many epochs of the recipe's, its schedule unchanged.
    checkpoint : Path, optional
        Written after each epoch; a fit that finds its own checkpoint there goes on from it, to the same result.
    on_epoch : callable, optional
        Called with the row of each epoch.

    Raises
    ------
    ValueError
        If shapes do not fit or a label is none of 0 ... n_classes - 1.
    BadInputError
        If an augmentation is not known or not for this input.
    BadOutputError
        If the checkpoint cannot be written.
    """
    _check(train, n_classes)
    check_augment(recipe.augment, given)
    inputs, labels = train.inputs, torch.from_numpy(train.labels.astype(np.int64))
    if recipe.mirrored:
        inputs, labels = torch.cat([inputs, mirror(inputs, given)]), torch.cat([labels, labels])
    inputs, targets = inputs.to(device), labels.to(device)
    with torch.random.fork_rng(devices=[device] if device.type == "cuda" else []):
        torch.manual_seed(seed)
        network = _laid_out(build().to(device), device)
        generator = torch.Generator().manual_seed(seed)
        optimiser = _optimiser(recipe, network)
        measure = loss_of(recipe.loss, targets, n_classes)
        key = "" if checkpoint is None else fit_key(given, recipe, seed, n_classes, train.inputs, labels, str(network))
        done = read_progress(checkpoint, key) if checkpoint is not None else None
        progress = done or Progress(0, 0, math.inf, (), torch.zeros(0), {})
        if done is not None:
            restore(done.tensors, network, optimiser, generator)
            _lay_out_slots(optimiser)
        best = {k.removeprefix("best."): v for k, v in progress.tensors.items() if k.startswith("best.")}
        for epoch in range(progress.epoch, min(recipe.epochs, stop_after or recipe.epochs)):
            if recipe.patience and progress.best_epoch and epoch - progress.best_epoch >= recipe.patience:
                break
            network.train() if start_epoch is None else start_epoch(network, epoch)
            rate = _learning_rate(recipe, epoch)
            for group in optimiser.param_groups:
                group["lr"] = rate
            order = _order(targets, n_classes, recipe.balanced, generator)
            row = {"epoch": epoch + 1.0, "learning_rate": rate}
            row |= _one_epoch(network, optimiser, measure, inputs, targets, order, recipe, given, generator)
            loss = math.inf
            if validation is not None:
                row |= _validate(network, validation, measure, device)
                loss = row["validation_loss"]
            seen = progress.watched
            if watch is not None and len(watch):
                scored = torch.from_numpy(predict_logits(network, watch, device))[None]
                seen = torch.cat([seen, scored]) if len(seen) else scored
            better = loss < progress.best_loss
            if better:
                best = {name: value.detach().clone() for name, value in network.state_dict().items()}
            progress = Progress(
                epoch + 1,
                epoch + 1 if better else progress.best_epoch,
                loss if better else progress.best_loss,
                (*progress.rows, row),
                seen,
                {},
            )
            if checkpoint is not None:
                tensors = state_of(network, optimiser, generator) | {f"best.{k}": v for k, v in best.items()}
                write_progress(checkpoint, key, replace(progress, tensors=tensors))
            if on_epoch is not None:
                on_epoch(row)
        if best:
            network.load_state_dict(best)
    network.eval()
    watched = progress.watched.numpy() if len(progress.watched) else np.zeros((progress.epoch, 0, 0), np.float32)
    return Fitted(network, progress.best_epoch or progress.epoch, tuple(map(dict, progress.rows)), watched)


def predict_logits(network: nn.Module, inputs: Tensor, device: torch.device | None = None) -> NDArray[np.float32]:
    """Logits (N, K) of inputs (N, *shape), dropout off; the network is left in evaluation mode."""
    network.eval()
    with torch.inference_mode():
        parts = [network(part.to(device) if device else part).cpu() for part in torch.split(inputs, SCORE_BATCH)]
    return np.asarray(torch.cat(parts).float().numpy(), np.float32)


def _check(train: Side, n_classes: int) -> None:
    if len(train.labels) < 2:
        raise ValueError(f"2 samples or more are needed to fit, got {len(train.labels)}")
    if train.labels.min() < 0 or train.labels.max() >= n_classes:
        raise ValueError(f"labels must be 0 ... {n_classes - 1}, got {train.labels.min()} ... {train.labels.max()}")


def _laid_out(network: nn.Module, device: torch.device) -> nn.Module:
    """The same network; on a CPU its flat convolutions have channels last in memory, as oneDNN computes fastest.

    What is computed is the same but for rounding: the order of a sum's terms is another one. So is the order in which
    dropout draws over planes, which makes it another draw of the same seed.
    """
    if device.type == "cpu":
        for part in network.modules():
            if isinstance(part, nn.Conv2d):
                part.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    return network


def _lay_out_slots(optimiser: torch.optim.Optimizer) -> None:
    """What the optimiser remembers of each weight in the weight's own order of memory, as it was before it was kept."""
    for weight, slots in optimiser.state.items():
        for name, value in slots.items():
            if isinstance(value, Tensor) and value.shape == weight.shape:
                slots[name] = torch.empty_like(weight).copy_(value)


def _optimiser(recipe: Recipe, network: nn.Module) -> torch.optim.Optimizer:
    weights, rate, decay = network.parameters(), recipe.learning_rate, recipe.weight_decay
    if recipe.optimiser == "sgd":
        return torch.optim.SGD(weights, lr=rate, momentum=recipe.momentum, weight_decay=decay, foreach=True)
    kind = torch.optim.Adam if recipe.optimiser == "adam" else torch.optim.AdamW
    return kind(weights, lr=rate, weight_decay=decay, foreach=True)


def _learning_rate(recipe: Recipe, epoch: int) -> float:
    part = epoch / recipe.epochs
    if recipe.schedule == "cosine":
        return recipe.learning_rate * (1 + math.cos(math.pi * part)) / 2
    if recipe.schedule == "step":
        return recipe.learning_rate * 0.1 ** int(3 * part)
    return recipe.learning_rate


def _order(targets: Tensor, n_classes: int, balanced: bool, generator: torch.Generator) -> Tensor:
    if not balanced:
        return torch.randperm(len(targets), generator=generator)
    weights = class_weights(targets.cpu(), n_classes)[targets.cpu()]
    return torch.multinomial(weights, len(targets), replacement=True, generator=generator)


def _batches(order: Tensor, size: int) -> Iterator[Tensor]:
    for batch in torch.split(order, size):
        if len(batch) >= 2:  # batch norm has no spread over a single sample
            yield batch


def _one_epoch(
    network: nn.Module,
    optimiser: torch.optim.Optimizer,
    measure: Callable[[Tensor, Tensor], Tensor],
    inputs: Tensor,
    targets: Tensor,
    order: Tensor,
    recipe: Recipe,
    given: Input,
    generator: torch.Generator,
) -> dict[str, float]:
    total, right, seen = torch.zeros((), device=inputs.device), torch.zeros((), device=inputs.device), 0
    for batch in _batches(order.to(inputs.device), recipe.batch):
        changed = augment(inputs[batch], recipe.augment, given, generator)
        if inputs.device.type == "cpu" and changed.ndim == 4:
            changed = changed.contiguous(memory_format=torch.channels_last)
        with _precision(recipe, inputs.device):
            logits = network(changed)
            loss = measure(logits.float(), targets[batch])
        optimiser.zero_grad(set_to_none=True)
        torch.autograd.backward(loss)
        optimiser.step()
        total += loss.detach() * len(batch)
        right += (logits.detach().argmax(dim=1) == targets[batch]).sum()
        seen += len(batch)
    return {"train_loss": float(total) / max(seen, 1), "train_accuracy": float(right) / max(seen, 1)}


def _validate(
    network: nn.Module, side: Side, measure: Callable[[Tensor, Tensor], Tensor], device: torch.device
) -> dict[str, float]:
    logits = torch.from_numpy(predict_logits(network, side.inputs, device)).to(device)
    targets = torch.from_numpy(side.labels.astype(np.int64)).to(device)
    accuracy = float((logits.argmax(dim=1) == targets).float().mean())
    return {"validation_loss": float(measure(logits, targets)), "validation_accuracy": accuracy}


def _precision(recipe: Recipe, device: torch.device) -> AbstractContextManager[Any]:
    if recipe.precision == "mixed" and device.type == "cuda":
        return torch.autocast("cuda", dtype=torch.bfloat16)
    return nullcontext()
