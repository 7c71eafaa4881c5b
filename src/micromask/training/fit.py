"""One fold of a network: maps and labels in, a fitted network out; the same seed gives the same network."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from micromask.models.flow_histogram import check_maps, mirror_maps


@dataclass(frozen=True, slots=True)
class Recipe:
    """How a network is fitted: Adam on class-balanced cross-entropy.

    ``shift`` moves each map of a batch by up to so many pixels at random, edges repeated; ``mirrored`` adds a mirrored
    copy of each map.
    """

    epochs: int = 30
    batch: int = 64
    learning_rate: float = 2e-3
    weight_decay: float = 1e-3
    shift: int = 1
    mirrored: bool = True

    def __post_init__(self) -> None:
        if self.epochs < 1 or self.batch < 2 or self.shift < 0 or not self.learning_rate > 0:
            raise ValueError(f"epochs >= 1, batch >= 2, shift >= 0, learning_rate > 0 wanted, got {self}")


@dataclass(frozen=True, slots=True, eq=False)
class Fitted:
    """A network after its last epoch, and the logits (epochs, M, K) of the watched maps after each epoch."""

    network: nn.Module
    watched: NDArray[np.float32]


def as_input(maps: NDArray[np.uint8]) -> Tensor:
    """Maps (N, 28, 28, 3) uint8 to what networks see: (N, 3, 28, 28), each channel less its median, in 64ths."""
    check_maps(maps)
    planes = np.moveaxis(maps.astype(np.float32), 3, 1)
    return torch.from_numpy((planes - np.median(planes, axis=(2, 3), keepdims=True)).astype(np.float32) / 64)


def fit_network(
    build: Callable[[], nn.Module],
    maps: NDArray[np.uint8],
    labels: NDArray[np.integer[Any]],
    recipe: Recipe,
    seed: int,
    device: torch.device,
    watch: NDArray[np.uint8] | None = None,
) -> Fitted:
    """Fit a network on one fold.

    Parameters
    ----------
    build : callable
        Makes the network, its weights drawn from torch's generator.
    maps : (N, 28, 28, 3) uint8
    labels : (N,) int, 0 ... K - 1
    seed : int
        Of the weights, the order and the shifts; torch's own generator is left as it was.
    device : torch.device
    watch : (M, 28, 28, 3) uint8
        Maps to score after each epoch. To choose an epoch, give maps of training subjects that are kept out of
        ``maps``; those of the held-out subject would make the figure a lie.

    Raises
    ------
    ValueError
        If shapes do not fit.
    """
    if labels.shape != (len(maps),) or len(labels) < 2:
        raise ValueError(f"labels must be ({len(maps)},) and 2 or more, got {labels.shape}")
    if recipe.mirrored:
        maps, labels = np.concatenate([maps, mirror_maps(maps)]), np.concatenate([labels, labels])
    inputs = as_input(maps).to(device)
    targets = torch.from_numpy(labels.astype(np.int64)).to(device)
    watched = as_input(watch).to(device) if watch is not None and len(watch) else None
    counts = torch.bincount(targets).float()
    weights = (len(targets) / (counts.clamp(min=1) * len(counts))).to(device)
    devices = [device] if device.type == "cuda" else []
    with torch.random.fork_rng(devices=devices):
        torch.manual_seed(seed)
        network = build().to(device)
        generator = torch.Generator().manual_seed(seed)
        optimiser = torch.optim.Adam(
            network.parameters(), lr=recipe.learning_rate, weight_decay=recipe.weight_decay, foreach=True
        )
        seen = []
        for _ in range(recipe.epochs):
            network.train()
            order = torch.randperm(len(inputs), generator=generator)
            for batch in torch.split(order, recipe.batch):
                if len(batch) < 2:  # batch norm has no spread over a single map
                    continue
                moved = _shifted(inputs[batch], recipe.shift, generator)
                loss = nn.functional.cross_entropy(network(moved), targets[batch], weight=weights)
                optimiser.zero_grad(set_to_none=True)
                torch.autograd.backward(loss)
                optimiser.step()
            if watched is not None:
                seen.append(predict_logits(network, watched))
    network.eval()
    return Fitted(network, np.stack(seen) if seen else np.zeros((recipe.epochs, 0, 0), np.float32))


def predict_logits(network: nn.Module, inputs: Tensor) -> NDArray[np.float32]:
    """Logits (N, K) of inputs from ``as_input``, dropout off; the network is left in evaluation mode."""
    network.eval()
    with torch.no_grad():
        return np.asarray(network(inputs).cpu().numpy(), np.float32)


def _shifted(batch: Tensor, most: int, generator: torch.Generator) -> Tensor:
    """The whole batch moved by one draw of up to ``most`` pixels down and right, edges repeated."""
    if not most:
        return batch
    down, right = torch.randint(-most, most + 1, (2,), generator=generator).tolist()
    side = batch.shape[-1]
    padded = nn.functional.pad(batch, (most, most, most, most), mode="replicate")
    return padded[..., most + down : most + down + side, most + right : most + right + side]
