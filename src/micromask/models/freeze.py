"""What of a model is trained: the head, the last block too, or all of it, by the stages that its entry declares.

The policy names what is *trained*: ``head`` trains the head alone and leaves the rest as it is, ``last-block`` the head
and the stage before it, ``all`` everything.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from torch import nn

from micromask.core.errors import BadInputError
from micromask.models.catalogue import Model

Policy = Literal["head", "last-block", "all"]

POLICIES: tuple[Policy, ...] = ("head", "last-block", "all")


def train_only(model: Model, policy: Policy) -> None:
    """Let gradients into what the policy names and into nothing else.

    Make the optimiser afterwards, from the parameters that want gradients, and call `training_mode` where one would
    call ``model.train()``.

    Raises
    ------
    BadInputError
        If there is no such policy.

    Examples
    --------
    >>> from micromask.models import create
    >>> model = create("ststnet", 3)
    >>> train_only(model, "head")
    >>> [name for name, each in model.network.named_parameters() if each.requires_grad]
    ['head.weight', 'head.bias']
    """
    train_last(model, stages_trained(model, policy))


def stages_trained(model: Model, policy: Policy) -> int:
    """How many of the model's stages, counted from its head, a policy trains."""
    if policy not in POLICIES:
        raise BadInputError(f"no policy {policy!r} of what is trained: wanted one of {', '.join(POLICIES)}")
    stages = len(model.stages)
    return {"head": 1, "last-block": min(2, stages), "all": stages}[policy]


def train_last(model: Model, stages: int) -> None:
    """Let gradients into the last ``stages`` stages, the head among them, and into no other.

    Raises
    ------
    ValueError
        If the model has fewer stages, or the stages of its entry do not cover every parameter once.
    """
    if not 1 <= stages <= len(model.stages):
        raise ValueError(f"{model.name} has {len(model.stages)} stages, cannot train the last {stages}")
    first = len(model.stages) - stages
    for name, parameter in model.network.named_parameters():
        found = _stages_with(model, name)
        if len(found) != 1:
            raise ValueError(f"{model.name}: {name} is in {len(found)} stages: mend the stages of its entry")
        parameter.requires_grad_(found[0] >= first)


def training_mode(model: Model) -> None:
    """Put a model in training mode, except what is frozen; to be called wherever one would call ``model.train()``.

    Batch norm and dropout of a frozen stage stay in evaluation mode: a batch norm in training mode would go on to learn
    the mean and the spread of its inputs, which no gradient is needed for. A module without parameters follows the
    stage that names it, else whatever it stands in.
    """
    model.train()
    for name, module in model.network.named_modules():
        if name and not _is_trained(model, name, module):
            module.eval()


def unfreezing(schedule: Mapping[int, int], epoch: int) -> int:
    """How many stages are trained in an epoch, for `train_last`.

    Parameters
    ----------
    schedule : epoch to number of stages
        From which epoch on, counted from 0, how many stages from the head are trained; epoch 0 has to be there.
    epoch : int

    Raises
    ------
    BadInputError
        If the schedule does not say what is trained first, or has fewer stages later on.

    Examples
    --------
    >>> [unfreezing({0: 1, 3: 2, 5: 4}, epoch) for epoch in range(7)]
    [1, 1, 1, 2, 2, 4, 4]
    """
    counts = [schedule[each] for each in sorted(schedule)]
    if 0 not in schedule or min(schedule) < 0 or counts[0] < 1 or counts != sorted(counts):
        raise BadInputError(
            f"a schedule of unfreezing says from which epoch on, 0 first, how many stages are trained, 1 or more and "
            f"never fewer than before, got {dict(schedule)}"
        )
    return schedule[max(each for each in schedule if each <= epoch)]


def _stages_with(model: Model, name: str) -> list[int]:
    return [number for number, stage in enumerate(model.stages) if any(_under(name, prefix) for prefix in stage)]


def _under(name: str, prefix: str) -> bool:
    return not prefix or f"{name}.".startswith(f"{prefix}.")


def _is_trained(model: Model, name: str, module: nn.Module) -> bool:
    own = [each.requires_grad for each in module.parameters()]
    if own:
        return any(own)
    stages = _stages_with(model, name)
    inside = [name.rpartition(".")[0]]
    while not stages and inside[-1]:
        parent = model.network.get_submodule(inside[-1])
        own = [each.requires_grad for each in parent.parameters()]
        if own:
            return any(own)
        inside.append(inside[-1].rpartition(".")[0])
    if not stages:
        return True
    prefixes = model.stages[stages[-1]]
    return any(
        each.requires_grad
        for other, each in model.network.named_parameters()
        if any(_under(other, prefix) for prefix in prefixes)
    )
