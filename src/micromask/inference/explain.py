"""Where in its input a network found what it says: Grad-CAM."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from micromask.core.errors import BadInputError
from micromask.models.catalogue import Model, entry_of
from micromask.models.cost import evaluation_mode

LEAST = 4
"""Planes of fewer places a side than this say too little about where, and earlier ones are taken."""


def grad_cam(
    model: Model, inputs: Tensor, target: int | Sequence[int] | None = None, *, layer: str | None = None
) -> NDArray[np.float32]:
    """Where each input speaks for a class: Grad-CAM at the last planes of a network.

    The planes are the outputs (N, C, H, W), or (N, C, T, H, W), of the last module that has such outputs; of a network
    whose branches meet later, the last ones of each branch, each weighted by its own gradients and added up. A map
    has only the resolution of those planes: it is drawn out smoothly to the size of the input. It is exact where the
    planes are averaged before the classes, and rough where a dense layer reads each place of them by itself.

    Parameters
    ----------
    model : Model
        Any network of the catalogue, fitted. It is left in the mode that it was in; what it learns is not touched.
    inputs : (N, *model.input.shape)
        Frames, sequences or motion maps as the model reads them.
    target : int or sequence of N, optional
        The class that is asked about; each input's own most probable one by default.
    layer : str, optional
        A module by its name in ``model.network``, instead of the last one.

    Returns
    -------
    (N, H, W) float32
        0 where nothing speaks for the class, 1 where most does, each input by itself; all 0 where nothing does at all.
        For a sequence, the mean over its frames.

    Raises
    ------
    BadInputError
        If the model is a classical one or has no planes, the layer is not known, a target is no class, or the inputs
        have another shape.

    Source
    ------
    Selvaraju et al. 2017, Grad-CAM, doi:10.1109/ICCV.2017.74
    """
    network = model.network
    if entry_of(model.name).family == "classical":
        raise BadInputError(
            f"{model.name} is a classical model: it has no planes to look at; take a network, such as ststnet"
        )
    # a clone that asks for gradients: also of a network whose weights are all frozen, and of inference tensors
    asked = inputs.detach().clone().requires_grad_()
    with evaluation_mode(model), torch.enable_grad(), torch.backends.cudnn.flags(enabled=False):
        with _outputs(network) as seen:
            logits = model(asked)
        planes = _last(seen, logits) if layer is None else _named(network, seen, layer)
        if not planes:
            raise BadInputError(f"{model.name} has no planes of {LEAST} x {LEAST} places or more to look at")
        chosen = _targets(target, logits)
        score = logits.gather(1, chosen[:, None]).sum()
        slopes = torch.autograd.grad(score, planes, materialize_grads=True)
    size = (model.input.height, model.input.width)
    heat = torch.zeros((len(inputs), *size), device=inputs.device)
    for values, slope in zip(planes, slopes, strict=True):
        heat += _heat(values.detach(), slope, len(inputs), size)
    most = heat.amax(dim=(1, 2), keepdim=True)
    return np.asarray(torch.where(most > 0, heat / most, heat).cpu().numpy(), np.float32)


def _heat(values: Tensor, slope: Tensor, batch: int, size: tuple[int, int]) -> Tensor:
    """Planes weighted by the mean of their gradients, what speaks against the class left out, (N, H, W)."""
    if values.ndim == 4 and len(values) != batch:  # frames that were put into the batch, in the order of the samples
        values, slope = (each.reshape(batch, -1, *each.shape[1:]).transpose(1, 2) for each in (values, slope))
    places = tuple(range(2, values.ndim))
    found = torch.relu((slope.mean(dim=places, keepdim=True) * values).sum(dim=1))
    if found.ndim == 4:
        found = found.mean(dim=1)
    return nn.functional.interpolate(found[:, None], size=size, mode="bilinear", align_corners=False)[:, 0]


@contextmanager
def _outputs(network: nn.Module) -> Iterator[list[tuple[str, Tensor]]]:
    """The tensors that leave each module, in the order in which they do."""
    seen: list[tuple[str, Tensor]] = []

    def note(name: str) -> Any:
        def hook(module: nn.Module, given: Any, output: Any) -> None:
            if isinstance(output, Tensor):
                seen.append((name, output))

        return hook

    hooks = [module.register_forward_hook(note(name)) for name, module in network.named_modules() if name]
    try:
        yield seen
    finally:
        for hook in hooks:
            hook.remove()


def _are_planes(output: Tensor) -> bool:
    return output.ndim in (4, 5) and min(output.shape[-2:]) >= LEAST


def _last(seen: Sequence[tuple[str, Tensor]], logits: Tensor) -> list[Tensor]:
    """The planes that are met first on each way back from the logits: together all that the network decides by."""
    planes = {output.grad_fn: output for _, output in seen if _are_planes(output)}
    waiting, passed, found = [logits.grad_fn], set(), []
    while waiting:
        node = waiting.pop()
        if node is None or node in passed:
            continue
        passed.add(node)
        if node in planes:
            found.append(planes[node])
        else:
            waiting += [before for before, _ in node.next_functions]
    return found


def _named(network: nn.Module, seen: Sequence[tuple[str, Tensor]], layer: str) -> list[Tensor]:
    found = [output for name, output in seen if name == layer and output.ndim in (4, 5)]
    if not found:
        able = ", ".join(dict.fromkeys(name for name, output in seen if output.ndim in (4, 5)))
        raise BadInputError(f"no module {layer!r} with planes; those that have: {able}")
    return found


def _targets(target: int | Sequence[int] | None, logits: Tensor) -> Tensor:
    if target is None:
        return logits.argmax(dim=1)
    wanted = torch.as_tensor(target, device=logits.device).expand(len(logits)) if isinstance(target, int) else \
        torch.as_tensor(list(target), device=logits.device)  # fmt: skip
    if wanted.shape != (len(logits),) or wanted.min() < 0 or wanted.max() >= logits.shape[1]:
        raise BadInputError(
            f"target is a class 0 ... {logits.shape[1] - 1}, or one for each of {len(logits)} inputs, got {target}"
        )
    return wanted
