"""What a network costs: the numbers it learns, its multiply-adds, and its layers beside those of its paper."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn
from torch.func import functional_call
from torch.utils.flop_counter import FlopCounterMode

from micromask.core.errors import BadInputError
from micromask.models.catalogue import Layer, Model, create, entry_of

Shape = tuple[int, ...]


def parameter_count(network: nn.Module) -> int:
    """How many numbers the network learns; what batch norm keeps beside them is not counted.

    >>> parameter_count(nn.Linear(10, 3))
    33
    """
    return sum(each.numel() for each in network.parameters())


def blueprint(name: str, n_classes: int) -> Model:
    """A model without its numbers (on torch's meta device): made at once and in no memory, to be counted.

    A classical model has none before it is fitted; it is made as always.

    >>> blueprint("ststnet", 3).network.head.weight.device
    device(type='meta')
    """
    with nullcontext() if entry_of(name).family == "classical" else torch.device("meta"):
        return create(name, n_classes)


def multiply_adds(model: Model) -> int:
    """Multiply-adds of one sample, from the model's input to its logits.

    Convolutions, linear and recurrent layers, attention and distances are counted. Biases, norms, activations and pools
    are not: they are a small share of any network here. Nothing is computed, so the largest network takes no longer.

    Raises
    ------
    BadInputError
        If it is a classical model that was not fitted: what it costs depends on its data.
    """
    return count_multiply_adds(model, model.input.shape)


def count_multiply_adds(network: nn.Module, shape: Shape) -> int:
    """The same of any network for one sample of ``shape``.

    >>> count_multiply_adds(nn.Linear(10, 3), (10,))
    30
    """
    counter = FlopCounterMode(display=False, custom_mapping=_UNCOUNTED)
    with counter:
        _try(network, shape)
    # torch counts a multiply-add as two operations.
    return int(counter.get_total_flops()) // 2


@dataclass(frozen=True, slots=True)
class LayerRow:
    """A row of the paper's table of layers with ours beside it.

    ``output`` are the shapes of one sample that leave our module, without the batch; several where it is called several
    times or is a list of branches, none where it has no module of its own. ``parameters`` are those of the module, less
    those of rows that name a part of it, so that the rows of a network add up to it.
    """

    paper: str
    ours: str
    output: tuple[Shape, ...]
    parameters: int


def layer_table(model: Model) -> tuple[LayerRow, ...]:
    """The paper's layers beside ours, with the shapes that come out at the model's input.

    A classical model that was not fitted gives none.
    """
    layers = entry_of(model.name).layers
    names = {layer.ours for layer in layers if layer.ours}
    seen, own = _outputs(model, names), _parameters_of(model.network, names)
    return tuple(
        LayerRow(layer.paper, layer.ours, _of_row(layers, row, seen), own[layer.ours] if layer.ours else 0)
        for row, layer in enumerate(layers)
    )


def _of_row(layers: tuple[Layer, ...], row: int, seen: dict[str, list[Shape]]) -> tuple[Shape, ...]:
    """The shapes of one row: where as many rows name a module as it is called, each row has its own call."""
    name = layers[row].ours
    shapes = seen.get(name, [])
    rows = [number for number, layer in enumerate(layers) if layer.ours == name]
    if len(shapes) == len(rows):
        return (shapes[rows.index(row)],)
    return tuple(dict.fromkeys(shapes))


def _parameters_of(network: nn.Module, names: set[str]) -> Counter[str]:
    """How many each of the modules learns; of modules in one another, the inner one has them."""
    own: Counter[str] = Counter()
    for parameter, each in network.named_parameters():
        around = [name for name in names if parameter.startswith(f"{name}.")]
        own[max(around, key=len, default="")] += each.numel()
    return own


def _outputs(model: Model, wanted: set[str]) -> dict[str, list[Shape]]:
    """The shapes that leave each wanted module; of a list of modules, which is never called itself, its parts'."""
    modules = dict(model.network.named_modules())
    lost = wanted - set(modules)
    if lost:
        raise ValueError(f"{model.name} has no module {', '.join(sorted(lost))}: mend the layers of its entry")
    seen: dict[str, list[Shape]] = {}
    unfitted = suppress(BadInputError) if entry_of(model.name).family == "classical" else nullcontext()
    with unfitted, _watched(modules, seen):
        _try(model, model.input.shape)
    found = {}
    for name in wanted:
        children = [f"{name}.{child}" for child, _ in modules[name].named_children()]
        found[name] = seen.get(name) or [shape for child in children for shape in seen.get(child, [])]
    return found


@contextmanager
def _watched(modules: dict[str, nn.Module], seen: dict[str, list[Shape]]) -> Iterator[None]:
    def note(name: str, module: nn.Module, inputs: Any, output: Any) -> None:
        first = output[0] if isinstance(output, tuple) else output
        if isinstance(first, Tensor):
            seen.setdefault(name, []).append(tuple(first.shape[1:]))

    hooks = [module.register_forward_hook(partial(note, name)) for name, module in modules.items()]
    try:
        yield
    finally:
        for hook in hooks:
            hook.remove()


def _try(network: nn.Module, shape: Shape) -> None:
    """Send one sample through shapes alone (torch's meta device); the network is left as it was."""
    tensors = {name: each.to("meta") for name, each in (*network.named_parameters(), *network.named_buffers())}
    # With gradients on, attention goes the plain way, which is the one that is counted.
    with evaluation_mode(network), torch.enable_grad():
        functional_call(network, tensors, (torch.empty((1, *shape), device="meta"),))


@contextmanager
def evaluation_mode(network: nn.Module) -> Iterator[None]:
    """Dropout off and batch norm fixed meanwhile; afterwards each part is in the mode that it was in."""
    modes = {module: module.training for module in network.modules()}
    network.eval()
    try:
        yield
    finally:
        for module, training in modes.items():
            module.training = training


def _matrix_by_vector(matrix: Shape, vector: Shape, **_: Any) -> int:
    return 2 * math.prod(matrix)


def _distances(one: Shape, other: Shape, *_: Any, **__: Any) -> int:
    return 2 * math.prod(one) * other[-2]


_UNCOUNTED = {torch.ops.aten.mv: _matrix_by_vector, torch.ops.aten._cdist_forward: _distances}
"""What torch's counter leaves out, twice the multiply-adds as it counts them itself."""
