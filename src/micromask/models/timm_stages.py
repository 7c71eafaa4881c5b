"""The stages of any network of timm, from the input to the head, as freezing goes by them."""

from __future__ import annotations

from typing import Any

from torch import nn

Stages = tuple[tuple[str, ...], ...]


def stages_of(network: Any) -> Stages:
    """Prefixes of parameter names, a tuple a stage; the last one is the classifier and nothing else.

    timm groups the layers of most networks for itself; where it does not, the top modules are the stages. What stands
    between the last group and the classifier, such as a norm, goes with that group.

    Examples
    --------
    >>> stages_of(nn.Sequential(nn.Conv2d(1, 2, 3), nn.Flatten(), nn.Linear(8, 2)))
    (('0',), ('2',))
    """
    names = [name for name, _ in network.named_parameters()]
    head = [name for name in names if name.startswith(_classifier(network))]
    stage_of = dict.fromkeys(head, -1)
    groups: list[list[str]] = []
    for group in _groups(network, names):
        body = [name for name in group if name not in stage_of]
        if body and len(body) < len(group) and groups:
            groups[-1] += body
        elif body:
            groups.append(body)
    for number, group in enumerate(groups):
        stage_of |= dict.fromkeys(group, number)
    if not head:
        # A network without a classifier of its own: its last group is the head.
        return tuple(tuple(_prefixes(network, stage_of, number)) for number in range(len(groups)))
    return tuple(tuple(_prefixes(network, stage_of, number)) for number in (*range(len(groups)), -1))


def _classifier(network: Any) -> tuple[str, ...]:
    facts = getattr(network, "pretrained_cfg", {})
    named = facts.get("classifier") or ()
    return tuple(f"{each}." for each in ((named,) if isinstance(named, str) else named)) or ("\0",)


def _groups(network: Any, names: list[str]) -> list[list[str]]:
    if hasattr(network, "group_matcher"):
        from timm.models import group_parameters

        found = group_parameters(network, network.group_matcher(coarse=True))
        return [found[number] for number in sorted(found)]
    top: dict[str, list[str]] = {}
    for name in names:
        top.setdefault(name.split(".")[0], []).append(name)
    return list(top.values())


def _prefixes(network: nn.Module, stage_of: dict[str, int], stage: int, at: str = "") -> list[str]:
    """The fewest prefixes that cover the parameters of a stage and no other."""
    found = [at + name for name, _ in network.named_parameters(recurse=False) if stage_of[at + name] == stage]
    for child, module in network.named_children():
        here = {stage_of[f"{at}{child}.{name}"] for name, _ in module.named_parameters()}
        if here == {stage}:
            found.append(at + child)
        elif stage in here:
            found += _prefixes(module, stage_of, stage, f"{at}{child}.")
    return found
