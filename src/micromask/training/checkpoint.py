"""A fit in progress on disk: after each epoch, so that a crash loses at most the one it was in; never a pickle."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor, nn

from micromask.core.errors import BadOutputError
from micromask.core.whole_file import whole_file

_KEY = "micromask-fit"


@dataclass(frozen=True, slots=True, eq=False)
class Progress:
    """How far a fit has come: epochs done, what was measured after each, the best so far, and all its tensors."""

    epoch: int
    best_epoch: int
    best_loss: float
    rows: tuple[Mapping[str, float], ...]
    watched: Tensor
    tensors: Mapping[str, Tensor] = field(repr=False)


def fit_key(*parts: object) -> str:
    """A name for one fit: what differs in the recipe, the data, the seed or the network gives another key."""
    digest = hashlib.blake2b(digest_size=16)
    for part in parts:
        if isinstance(part, Tensor):
            digest.update(f"{part.dtype} {tuple(part.shape)}".encode())
            digest.update(part.detach().cpu().contiguous().numpy().tobytes())
        else:
            digest.update(repr(part).encode())
        digest.update(b"\0")
    return digest.hexdigest()


def state_of(network: nn.Module, optimiser: torch.optim.Optimizer, generator: torch.Generator) -> dict[str, Tensor]:
    """Everything that the next epoch depends on, as tensors by name."""
    tensors = {f"network.{name}": value for name, value in network.state_dict().items()}
    for number, slots in optimiser.state_dict()["state"].items():
        for name, value in slots.items():
            if isinstance(value, Tensor):
                tensors[f"optimiser.{number}.{name}"] = value
    tensors["generator.order"] = generator.get_state()
    tensors["generator.torch"] = torch.get_rng_state()
    if torch.cuda.is_available():
        tensors["generator.cuda"] = torch.cuda.get_rng_state()
    return tensors


def restore(
    tensors: Mapping[str, Tensor],
    network: nn.Module,
    optimiser: torch.optim.Optimizer,
    generator: torch.Generator,
) -> None:
    """Put back what `state_of` took."""
    prefix = "network."
    network.load_state_dict({k.removeprefix(prefix): v for k, v in tensors.items() if k.startswith(prefix)})
    state: dict[int, dict[str, Tensor]] = {}
    for key, value in tensors.items():
        if key.startswith("optimiser."):
            _, number, name = key.split(".", 2)
            state.setdefault(int(number), {})[name] = value
    optimiser.load_state_dict({"state": state, "param_groups": optimiser.state_dict()["param_groups"]})
    generator.set_state(tensors["generator.order"])
    torch.set_rng_state(tensors["generator.torch"])
    if "generator.cuda" in tensors and torch.cuda.is_available():
        torch.cuda.set_rng_state(tensors["generator.cuda"])


def write_progress(path: Path, key: str, progress: Progress) -> None:
    """Write a checkpoint, whole or not at all.

    Raises
    ------
    BadOutputError
        If it cannot be written.
    """
    told = {
        "key": key,
        "epoch": progress.epoch,
        "best_epoch": progress.best_epoch,
        "best_loss": progress.best_loss,
        "rows": [dict(row) for row in progress.rows],
    }
    tensors = {name: value.detach().cpu().contiguous().clone() for name, value in progress.tensors.items()}
    tensors["watched"] = progress.watched
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with whole_file(path) as part:
            part.write_bytes(save(tensors, {_KEY: json.dumps(told)}))
    except OSError as error:
        raise BadOutputError(f"cannot write the checkpoint {path}: {error.strerror or error}") from None


def read_progress(path: Path, key: str) -> Progress | None:
    """The checkpoint of this very fit; None where there is none, it is damaged, or it is of another fit."""
    try:
        content = path.read_bytes()
        length = int.from_bytes(content[:8], "little")
        told: dict[str, Any] = json.loads(json.loads(content[8 : 8 + length])["__metadata__"][_KEY])
        tensors = load(content)
        if told["key"] != key:
            return None
        watched = tensors.pop("watched")
        rows: Sequence[Mapping[str, float]] = told["rows"]
        return Progress(told["epoch"], told["best_epoch"], told["best_loss"], tuple(rows), watched, tensors)
    except (OSError, ValueError, KeyError, TypeError, SafetensorError):
        return None
