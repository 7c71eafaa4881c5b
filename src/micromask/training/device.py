"""Which device to train on: chosen once, by whoever starts the run, and handed on."""

from __future__ import annotations

import torch

from micromask.core.errors import BadInputError

KINDS = ("cuda", "mps", "cpu")
"""In the order in which they are taken: an NVIDIA GPU, a GPU of Apple, the processor."""


def devices_here() -> dict[str, str]:
    """Names that `choose_device` takes on this machine, the first the one taken, and what each is."""
    found = {}
    if torch.cuda.is_available():
        found = {f"cuda:{number}": torch.cuda.get_device_name(number) for number in range(torch.cuda.device_count())}
    if torch.backends.mps.is_available():
        found["mps"] = "GPU of Apple"
    return found | {"cpu": f"{torch.get_num_threads()} threads"}


def choose_device(name: str | None = None) -> torch.device:
    """The device called ``name``, or a GPU where there is one and else the CPU.

    Parameters
    ----------
    name : str, optional
        ``cpu``, ``cuda``, ``cuda:1``, ``mps``.

    Raises
    ------
    BadInputError
        If no such device is here; the message names those that are.

    Examples
    --------
    >>> choose_device("cpu")
    device(type='cpu')
    """
    if name is None:
        return torch.device(next(iter(devices_here())).partition(":")[0])
    try:
        device = torch.device(name)
        if device.type not in KINDS:
            raise RuntimeError(f"networks are not trained on {device.type}")
        torch.empty(1, device=device)
    except (RuntimeError, AssertionError, NotImplementedError) as error:
        here = ", ".join(f"{each} ({what})" for each, what in devices_here().items())
        raise BadInputError(f"no device {name!r} on this machine: known here are {here}") from error
    return device
