"""Which device to train on: chosen once, by whoever starts the run, and handed on."""

from __future__ import annotations

import torch

from micromask.core.errors import BadInputError


def choose_device(name: str | None = None) -> torch.device:
    """The device called ``name``, or the GPU where there is one and else the CPU.

    Raises
    ------
    BadInputError
        If no such device is here.

    Examples
    --------
    >>> choose_device("cpu")
    device(type='cpu')
    """
    if name is None:
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(name)
        torch.empty(1, device=device)
    except (RuntimeError, AssertionError, NotImplementedError) as error:
        here = "cpu, cuda" if torch.cuda.is_available() else "cpu"
        raise BadInputError(f"no device {name!r} on this machine: known here are {here}") from error
    return device
