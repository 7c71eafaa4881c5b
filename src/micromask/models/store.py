"""Models on disk: a network's tensors and its promise in one file, read again only where both hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from micromask import __version__
from micromask.core.errors import BadInputError, BadOutputError
from micromask.models.catalogue import Model, create, entry_of
from micromask.models.imagenet import Grey
from micromask.models.inputs import Input
from micromask.models.weights_file import read_weights, write_weights


@dataclass(frozen=True, slots=True)
class Promise:
    """What fitted weights say of themselves, besides what the model knows: name, input and number of classes.

    ``classes`` are in the order of the logits, ``label_set`` is the function that made them (such as ``megc-3``).
    ``preprocessing`` is how pictures became inputs: a line, or settings by name. ``training_data``, ``protocol`` and
    ``metrics`` say what the weights were fitted on, how they were tested and what came out. ``version`` is that of the
    weights.
    """

    classes: tuple[str, ...]
    label_set: str
    preprocessing: str | Mapping[str, Any]
    training_data: str | Mapping[str, Any]
    licence: str
    protocol: str
    metrics: Mapping[str, Any]
    version: str = "1"

    def __post_init__(self) -> None:
        if len(self.classes) < 2 or len(set(self.classes)) < len(self.classes) or not all(self.classes):
            raise ValueError(f"classes must be two or more, each with its own name, got {self.classes}")


def save_model(path: str | Path, model: Model, promise: Promise, *, overwrite: bool = False) -> None:
    """Write a model to one safetensors file with its promise inside; the same model gives the same bytes.

    Parameters
    ----------
    path : path
    model : Model
    promise : Promise
        Kept beside the model's name and input, the version of micromask and a checksum of the tensors.
    overwrite : bool
        Replace a file that is there.

    Raises
    ------
    ValueError
        If the promise names another number of classes than the model has.
    BadOutputError
        If the file is there already or cannot be written; nothing half written is left.
    """
    path = Path(path)
    if len(promise.classes) != model.n_classes:
        raise ValueError(f"{model.name} has {model.n_classes} classes, the promise names {len(promise.classes)}")
    if path.exists() and not overwrite:
        raise BadOutputError(f"{path} exists; choose another name or overwrite it (overwrite=True, --overwrite)")
    tensors = {name: each.detach().cpu().numpy() for name, each in model.network.state_dict().items()}
    card = asdict(promise) | {
        "name": model.name,
        "input": asdict(model.input),
        "grey": model.grey,
        "micromask": __version__,
    }
    write_weights(path, tensors, card)


def load_model(
    path: str | Path,
    *,
    name: str | None = None,
    n_classes: int | None = None,
    classes: Sequence[str] | None = None,
    label_set: str | None = None,
    size: tuple[int, int] | None = None,
    channels: int | None = None,
    grey: Grey | None = None,
) -> tuple[Model, dict[str, Any]]:
    """A model as `save_model` wrote it, ready to be used, and its card.

    Parameters
    ----------
    path : path
    name, n_classes, classes, label_set, size, channels, grey
        What is wanted, where it matters; a file that promises anything else is refused.

    Returns
    -------
    model, card
        The model in evaluation mode, on the CPU; the card has what `Promise` has, and ``name``, ``input``,
        ``grey``, ``micromask`` and ``checksum``. Torch's generator is left as it was.

    Raises
    ------
    BadInputError
        If the file is missing, damaged or no weights file, or holds another model, other classes, another input or
        other tensors than wanted; the message says which.
    """
    path = Path(path)
    tensors, card = read_weights(path, name)
    held, given = _classes(path, card), _input(path, card)
    for what, found, asked in (
        ("label set", card["label_set"], label_set),
        ("classes in this order", held, None if classes is None else tuple(classes)),
        ("number of classes", len(held), n_classes),
        ("size", (given.height, given.width), size),
        ("number of channels", given.channels, channels),
        ("way of one channel into the network", card.get("grey"), grey),
    ):
        if asked is not None and found != asked:
            raise BadInputError(f"{path}: the {what} of these weights is {_say(found)}, wanted {_say(asked)}")
    model = _rebuilt(path, card, held, given)
    _fill(path, model, tensors)
    return model.eval(), card


def _say(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)


def _classes(path: Path, card: Mapping[str, Any]) -> tuple[str, ...]:
    found = card["classes"]
    if not isinstance(found, list) or len(found) < 2 or not all(isinstance(each, str) for each in found):
        raise BadInputError(f"{path}: its card names no classes, got {found!r}: wanted weights that save_model wrote")
    if len(set(found)) < len(found):
        raise BadInputError(
            f"{path}: its card names a class twice, got {found!r}: wanted weights that save_model wrote"
        )
    return tuple(found)


def _input(path: Path, card: Mapping[str, Any]) -> Input:
    try:
        return Input(**card["input"])
    except (TypeError, ValueError) as error:
        raise BadInputError(
            f"{path}: its card declares no input that a model of the catalogue reads, got {card['input']!r}: "
            "wanted weights that save_model wrote"
        ) from error


def _rebuilt(path: Path, card: Mapping[str, Any], classes: tuple[str, ...], given: Input) -> Model:
    """The model that the card names, on the input that it declares, its weights still drawn."""
    name, size = card["name"], (given.height, given.width)
    written = f"micromask {card.get('micromask', 'of an unknown version')}"
    try:
        entry_of(name)
    except BadInputError as error:
        raise BadInputError(f"{path} was written by {written} for a model of its catalogue: {error}") from error
    try:
        with torch.random.fork_rng(devices=[]):
            model = create(name, len(classes), size=size, channels=given.channels, grey=card.get("grey", "repeat"))
    except BadInputError as error:
        raise BadInputError(f"{path} does not fit this version's {name}: {error}") from error
    if model.input != given:
        raise BadInputError(f"{path}: the weights read {given}, {name} of this version reads {model.input}")
    return model


def _fill(path: Path, model: Model, tensors: Mapping[str, NDArray[Any]]) -> None:
    expected = model.network.state_dict()
    lost, more = sorted(expected.keys() - tensors.keys()), sorted(tensors.keys() - expected.keys())
    if lost or more:
        wrong = "; ".join(
            f"{what}, such as {names[0]}"
            for what, names in (
                (f"it lacks {len(lost)} tensors", lost),
                (f"it has {len(more)} tensors that it should not", more),
            )
            if names
        )
        raise BadInputError(f"{path}: its tensors are not those of {model.name}: {wrong}")
    state = {key: torch.from_numpy(np.array(each)) for key, each in tensors.items()}
    try:
        model.network.load_state_dict(state)
    except BadInputError as error:  # of a classical model, whose arrays have no shape of their own
        raise BadInputError(f"{path}: {error}") from error
    except RuntimeError as error:
        different = [key for key in expected if expected[key].shape != state[key].shape]
        if not different:
            raise
        key = different[0]
        raise BadInputError(
            f"{path}: {key} is {tuple(state[key].shape)}, in {model.name} it is {tuple(expected[key].shape)}: "
            "wanted the weights of this version's network"
        ) from error
