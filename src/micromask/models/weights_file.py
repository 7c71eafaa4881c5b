"""Weights on disk: safetensors with a card inside; never pickle. A wrong file is refused and says why."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load, save

from micromask.core.errors import BadInputError, BadOutputError
from micromask.core.whole_file import whole_file

REQUIRED = (
    "name",
    "version",
    "classes",
    "input",
    "preprocessing",
    "label_set",
    "training_data",
    "licence",
    "protocol",
    "metrics",
)
"""What a card must say before weights are written."""

LONGEST_HEADER = 100_000_000
"""Bytes: the format allows no longer header."""

_KEY = "micromask"
_HEADER_LENGTH_BYTES = 8


def checksum(tensors: Mapping[str, NDArray[Any]]) -> str:
    """SHA-256 over the tensors' names, types, shapes and numbers, in the order of the names."""
    digest = hashlib.sha256()
    for name in sorted(tensors):
        array = np.asarray(tensors[name], order="C")
        digest.update(f"{name} {array.dtype.str} {array.shape}\n".encode())
        digest.update(array.tobytes())
    return digest.hexdigest()


def write_weights(path: Path, tensors: Mapping[str, NDArray[Any]], card: Mapping[str, Any]) -> None:
    """Write tensors and their card to one safetensors file; the same input gives the same bytes.

    Parameters
    ----------
    path : Path
        Written beside it under a temporary name and moved, so that no half-written file is left.
    tensors : name to array
    card : Mapping
        JSON values under at least the keys of ``REQUIRED``; the checksum of the tensors is added.

    Raises
    ------
    ValueError
        If the card lacks a required key.
    BadOutputError
        If the file cannot be written.
    """
    missing = [key for key in REQUIRED if key not in card]
    if missing:
        raise ValueError(f"the card of {path.name} lacks {', '.join(missing)}")
    told = {**card, "checksum": checksum(tensors)}
    arrays = {name: np.asarray(tensors[name], order="C") for name in sorted(tensors)}
    # One metadata key: several would be written in an order that differs from run to run.
    content = save(arrays, {_KEY: json.dumps(told, sort_keys=True, ensure_ascii=False)})
    try:
        with whole_file(path) as part:
            part.write_bytes(content)
            part.chmod(0o644)
    except OSError as error:
        raise BadOutputError(f"cannot write the weights {path}: {error.strerror or error}") from error


def read_weights(path: Path, name: str | None = None) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
    """The tensors and the card of a weights file.

    Parameters
    ----------
    path : Path
    name : str
        The model that is wanted; a file of another one is refused. Any model where None.

    Returns
    -------
    tensors, card

    Raises
    ------
    BadInputError
        If the file is missing, is no safetensors file, is cut short, has no card of ours, belongs to another model or
        holds other numbers than it was written with.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise BadInputError(f"cannot read the weights {path}: {error.strerror or error}") from error
    card = _card(path, content)
    if name is not None and card["name"] != name:
        raise BadInputError(f"{path} holds the weights of {card['name']!r}, wanted {name!r}: give that model's file")
    try:
        tensors = load(content)
    except (SafetensorError, ValueError, KeyError) as error:
        raise BadInputError(
            f"{path} is damaged or cut short ({len(content)} bytes; {error}): copy or download it again"
        ) from error
    found = checksum(tensors)
    if found != card["checksum"]:
        raise BadInputError(
            f"{path}: the tensors' checksum is {found[:12]}..., the card says {str(card['checksum'])[:12]}...: "
            "the file was changed or damaged; copy or download it again"
        )
    return tensors, card


def read_card(path: Path) -> dict[str, Any]:
    """The card of a weights file without its tensors, whose checksum is not looked at: for a list of many files.

    Raises
    ------
    BadInputError
        If the file is missing, is no safetensors file or has no card of ours.
    """
    try:
        with path.open("rb") as file:
            head = file.read(_HEADER_LENGTH_BYTES + 1)
            rest = file.read(min(int.from_bytes(head[:_HEADER_LENGTH_BYTES], "little"), LONGEST_HEADER))
    except OSError as error:
        raise BadInputError(f"cannot read the weights {path}: {error.strerror or error}") from error
    return _card(path, head + rest)


def _card(path: Path, content: bytes) -> dict[str, Any]:
    if len(content) < _HEADER_LENGTH_BYTES:
        raise BadInputError(f"{path} is not a weights file: {len(content)} bytes, wanted a .safetensors of micromask")
    length = int.from_bytes(content[:_HEADER_LENGTH_BYTES], "little")
    header_end = _HEADER_LENGTH_BYTES + length
    if content[_HEADER_LENGTH_BYTES : _HEADER_LENGTH_BYTES + 1] != b"{":
        raise BadInputError(f"{path} is not a weights file: wanted a .safetensors of micromask (never pickles)")
    if header_end > len(content):
        raise BadInputError(
            f"{path} is damaged or cut short ({len(content)} bytes, its header alone says {header_end}): "
            "copy or download it again"
        )
    try:
        header = json.loads(content[_HEADER_LENGTH_BYTES:header_end])
        card = json.loads(header["__metadata__"][_KEY])
    except (ValueError, KeyError, TypeError) as error:
        raise BadInputError(
            f"{path} has no card of micromask in it: wanted weights that micromask's own scripts wrote"
        ) from error
    missing = [key for key in (*REQUIRED, "checksum") if not isinstance(card, dict) or key not in card]
    if missing:
        raise BadInputError(f"{path}: its card lacks {', '.join(missing)}: wanted weights of this version of micromask")
    assert isinstance(card, dict)
    if not isinstance(card["name"], str):
        raise BadInputError(f"{path}: its card names no model, got {card['name']!r}: copy or download the file again")
    return card
