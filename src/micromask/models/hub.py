"""ImageNet weights: from the cache of the Hugging Face hub, or from the hub into it; never a pickle.

The weights of a network are one safetensors file in a repository of the hub, such as ``model.safetensors`` of
``timm/resnet50.tv_in1k``. They are looked for in the hub's own cache (``HF_HUB_CACHE``, else ``HF_HOME/hub``, else
``~/.cache/huggingface/hub``), which every program that uses the hub shares. ``HF_HUB_OFFLINE=1`` forbids the network.
"""

from __future__ import annotations

import errno
import hashlib
import re
from functools import lru_cache
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

from micromask.core.errors import BadInputError, BadOutputError

if TYPE_CHECKING:
    from torch import Tensor

FILE = "model.safetensors"

PATIENCE = 5.0
"""Seconds that the hub has for its first answer. Its client alone goes on for tens of seconds where there is no way."""

_SHA256 = re.compile(r"[0-9a-f]{64}")


def imagenet_file(network: str, repository: str, file: str = FILE) -> Path:
    """The file of a network's weights in the cache, fetched once where it is not there yet.

    Parameters
    ----------
    network : str
        Who wants it, for the message.
    repository, file : str
        Where it is on the hub.

    Returns
    -------
    Path
        A whole safetensors file; where its name in the cache is its SHA-256, it has been compared.

    Raises
    ------
    BadInputError
        If it is neither in the cache nor can be fetched, or is damaged.
    BadOutputError
        If the cache cannot be written.
    """
    from huggingface_hub import constants, try_to_load_from_cache

    cache = Path(constants.HF_HUB_CACHE)
    found = try_to_load_from_cache(repository, file, cache_dir=cache)
    path = Path(found) if isinstance(found, str) else _fetched(network, repository, file, cache)
    facts = path.stat()
    _check(path, facts.st_size, facts.st_mtime_ns)
    return path


def tensors_of(path: Path, under: str = "") -> dict[str, Tensor]:
    """The tensors of a file whose names begin with ``under``; the others are not read."""
    from safetensors import safe_open

    with safe_open(path, framework="pt") as file:
        return {name: file.get_tensor(name) for name in file.keys() if name.startswith(under)}  # noqa: SIM118


def names_in(path: Path) -> frozenset[str]:
    """The names of the tensors of a file."""
    from safetensors import safe_open

    with safe_open(path, framework="np") as file:
        return frozenset(file.keys())


def sum_channels(stem: Tensor) -> Tensor:
    """The weights (filters, 3, h, w) of a first convolution for a grey picture (filters, 1, h, w).

    What a picture with three equal channels gives with the first, a grey one gives with the second.

    >>> import torch
    >>> sum_channels(torch.tensor([[[[1.0]], [[2.0]], [[4.0]]]])).tolist()
    [[[[7.0]]]]
    """
    return stem.sum(dim=1, keepdim=True)


def _fetched(network: str, repository: str, file: str, cache: Path) -> Path:
    from huggingface_hub import constants, hf_hub_download

    why = "HF_HUB_OFFLINE is set" if constants.HF_HUB_OFFLINE else _why_unreachable(repository, file)
    if why:
        raise BadInputError(_lost(network, repository, file, cache, why))
    try:
        return Path(hf_hub_download(repository, file, cache_dir=cache))
    except Exception as error:
        if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EACCES, errno.EROFS, errno.EDQUOT):
            raise BadOutputError(
                f"cannot keep {file} of {repository} in {cache}: {error.strerror}; name another folder in HF_HUB_CACHE"
            ) from error
        raise BadInputError(_lost(network, repository, file, cache, _first_line(error))) from error


def _why_unreachable(repository: str, file: str) -> str:
    """Why the hub does not answer for a file within `PATIENCE`; empty where it does."""
    from huggingface_hub import get_hf_file_metadata, hf_hub_url

    answers: list[str] = []

    def ask() -> None:
        try:
            get_hf_file_metadata(hf_hub_url(repository, file), timeout=PATIENCE)
        # Which errors come depends on the client's HTTP library, and that has changed between its versions.
        except Exception as error:  # noqa: BLE001
            answers.append(_first_line(error))
        else:
            answers.append("")

    # A thread, because looking up a name takes no timeout and can itself last half a minute.
    thread = Thread(target=ask, daemon=True)
    thread.start()
    thread.join(PATIENCE)
    return answers[0] if answers else f"no answer within {PATIENCE:g} s"


def _lost(network: str, repository: str, file: str, cache: Path, why: str) -> str:
    from huggingface_hub import constants

    return (
        f"{network}: its ImageNet weights, {file} of {repository}, are not in the cache {cache} and cannot be fetched "
        f"from {constants.ENDPOINT} ({why}): copy that cache from a machine that has them, or ask for --weights none"
    )


def _first_line(error: Exception) -> str:
    lines = str(error).splitlines()
    return lines[0].strip().rstrip(".") if lines else type(error).__name__


@lru_cache(maxsize=64)
def _check(path: Path, size: int, modified: int) -> None:
    """Refuse a damaged file; once for a file of this size and time, since a run builds a network in every fold."""
    from safetensors import SafetensorError, safe_open

    again = f"delete {path} and {path.resolve()} and ask again, or ask for --weights none"
    try:
        with safe_open(path, framework="np"):
            pass
    except (SafetensorError, OSError) as error:
        raise BadInputError(f"{path} is damaged or cut short ({size} bytes; {error}): {again}") from error
    # The cache names a large file by its SHA-256 and links to it.
    name = path.readlink().name if path.is_symlink() else ""
    if not _SHA256.fullmatch(name):
        return
    with path.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != name:
        raise BadInputError(f"{path} is damaged: its SHA-256 is {found[:12]}..., wanted {name[:12]}...: {again}")
