"""A network of timm as a model of the catalogue: its weights, its input, a new head."""

from __future__ import annotations

from collections import OrderedDict
from functools import lru_cache
from pathlib import Path
from typing import Any

import torch
from torch import nn

from micromask.core.errors import BadInputError
from micromask.models.hub import FILE, imagenet_file, names_in
from micromask.models.imagenet import Grey, ImageNetInput, stem_channels
from micromask.models.inputs import Input
from micromask.models.torchvision_schemas import import_timm


def timm_backbone(name: str, n_classes: int, channels: int = 3, *, pretrained: bool = False, **options: Any) -> Any:
    """A network of timm with a new head; none at all with ``n_classes=0``.

    Parameters
    ----------
    name : str
        With or without the tag of its weights: ``resnet18.tv_in1k``.
    n_classes, channels : int
        One channel sums the weights of the stem over the three.
    pretrained : bool
        Load its weights from the hub's cache or the hub; the head is drawn all the same.
    options
        Handed on to timm, such as ``img_size``.

    Raises
    ------
    BadInputError
        If the weights cannot be had or are not those of this network.
    """
    timm = import_timm()
    if not pretrained:
        return timm.create_model(name, num_classes=n_classes, in_chans=channels, **options)
    facts = timm.get_pretrained_cfg(name)
    path = imagenet_file(name, facts.hf_hub_id, facts.hf_hub_filename or FILE)
    # timm drops the file's head where the numbers of classes differ: so they always do, for 1000 of our own too.
    overlay = {"file": str(path), "num_classes": -1}
    try:
        network = timm.create_model(
            name,
            pretrained=True,
            pretrained_cfg_overlay=overlay,
            num_classes=n_classes,
            in_chans=channels,
            **options,
        )
    except (RuntimeError, KeyError) as error:
        why = str(error).strip().splitlines()[-1].strip()
        raise BadInputError(f"{path} does not hold the weights of {name}: {why}") from error
    _refuse_gaps(network, name, path)
    return network


def _refuse_gaps(network: nn.Module, name: str, path: Path) -> None:
    """timm says nothing where a file lacks tensors; old files name theirs otherwise, and then have some left over."""
    # Inception's file has an auxiliary classifier too, which we leave out.
    heads = (*_head_names(network), "AuxLogits.")
    ours = {each for each, _ in network.named_parameters() if not each.startswith(heads)}
    theirs = {each for each in names_in(path) if not each.startswith(heads)}
    lost = sorted(ours - theirs)
    if lost and not theirs - {each for each, _ in network.state_dict().items()}:
        raise BadInputError(f"{path} lacks {len(lost)} tensors of {name}, such as {lost[0]}: delete it and ask again")


def _head_names(network: Any) -> tuple[str, ...]:
    head = network.pretrained_cfg.get("classifier") or ()
    return tuple(f"{each}." for each in ((head,) if isinstance(head, str) else head))


def build_timm(name: str, given: Input, n_classes: int, pretrained: bool, grey: Grey = "repeat") -> nn.Module:
    """A network of timm behind ImageNet's mean and spread."""
    facts = _facts(name)
    channels = stem_channels(given.channels, grey)
    options = _size_options(name, given.height, given.width)
    if (given.height, given.width) != facts.input_size[1:]:
        _try_size(name, given.height, given.width)
    backbone = timm_backbone(name, n_classes, channels, pretrained=pretrained, **options)
    parts: OrderedDict[str, nn.Module] = OrderedDict(
        scale=ImageNetInput(channels, tuple(facts.mean), tuple(facts.std)), backbone=backbone
    )
    return nn.Sequential(parts)


@lru_cache(maxsize=256)
def _facts(name: str) -> Any:
    return import_timm().get_pretrained_cfg(name)


def _size_options(name: str, height: int, width: int) -> dict[str, Any]:
    return {"img_size": (height, width)} if _facts(name).fixed_input_size else {}


@lru_cache(maxsize=256)
def _try_size(name: str, height: int, width: int) -> None:
    """Send shapes alone through the network, to refuse here what it could only refuse in its first batch."""
    try:
        with torch.device("meta"), torch.no_grad():
            network = import_timm().create_model(name, num_classes=2, **_size_options(name, height, width)).eval()
            network(torch.empty(1, 3, height, width))
    except (AssertionError, RuntimeError, TypeError, ValueError) as error:
        raise BadInputError(
            f"{name} of timm cannot read {height} x {width} px "
            f"({str(error).strip().splitlines()[0] if str(error) else type(error).__name__}): "
            f"ask for another size; its own is {_facts(name).input_size[1]} x {_facts(name).input_size[2]}"
        ) from error
