"""Which emotion a motion map shows, with calibrated probabilities. Needs numpy only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from micromask.core.errors import BadInputError
from micromask.models.flow_histogram import (
    HistogramLayout,
    SupportVectorMachine,
    class_scores,
    flow_histograms,
    pair_decisions,
)
from micromask.models.weights_file import read_weights

NAME = "flow-histogram-svm"
SHIPPED = Path(__file__).parents[1] / "models" / "weights" / f"{NAME}.safetensors"
"""The weights that come with the package."""


@dataclass(frozen=True, slots=True, eq=False)
class Recognizer:
    """A fitted recogniser.

    ``classes`` names the columns of its probabilities, ``describe`` says in one line what it is, what it was trained on
    and how well it does on people it has not seen, ``card`` holds all that is known of it. ``temperature`` divides the
    class scores before the softmax.
    """

    classes: tuple[str, ...]
    describe: str
    card: Mapping[str, Any]
    layout: HistogramLayout
    machine: SupportVectorMachine
    temperature: float

    def __post_init__(self) -> None:
        if len(self.classes) != len(self.machine.per_class):
            raise ValueError(f"{len(self.classes)} names for the {len(self.machine.per_class)} classes of the machine")
        if not self.temperature > 0:
            raise ValueError(f"temperature must be positive, got {self.temperature}")
        if self.machine.support.shape[1] != self.layout.length:
            raise ValueError(
                f"support vectors have {self.machine.support.shape[1]} numbers, the layout makes {self.layout.length}"
            )


def load_recognizer(path: Path | None = None) -> Recognizer:
    """The recogniser in a weights file; the one that comes with the package where no path is given.

    Raises
    ------
    BadInputError
        If the file is missing, damaged or another model's.
    """
    path = path or SHIPPED
    tensors, card = read_weights(path, NAME)
    try:
        layout = card["layout"]
        return Recognizer(
            classes=tuple(str(name) for name in card["classes"]),
            describe=str(card["describe"]),
            card=card,
            layout=HistogramLayout(int(layout["cells"]), int(layout["bins"]), bool(layout["soft"])),
            machine=SupportVectorMachine(
                support=tensors["support"],
                per_class=tensors["per_class"],
                dual=tensors["dual"],
                intercept=tensors["intercept"],
                gamma=float(card["gamma"]),
            ),
            temperature=float(card["temperature"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise BadInputError(f"{path}: its tensors and its card do not fit together ({error})") from error


def recognise(recognizer: Recognizer, maps: NDArray[np.uint8]) -> NDArray[np.float64]:
    """How probable each emotion is for each map.

    Parameters
    ----------
    maps : (N, 28, 28, 3) uint8
        Onset to apex: flow right, flow down, strain, each scaled to 0-255 on its own.

    Returns
    -------
    (N, K) float64
        Probabilities over ``recognizer.classes``; each row adds to 1. They were calibrated on micro-expressions of
        people that the fitted folds had not seen; for anything else they are extrapolation.

    Raises
    ------
    ValueError
        If maps are not (N, 28, 28, 3) uint8.
    """
    decisions = pair_decisions(recognizer.machine, flow_histograms(maps, recognizer.layout))
    return softmax(class_scores(decisions, len(recognizer.classes)) / recognizer.temperature)


def softmax(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    """Rows (N, K) of logits to rows of probabilities that add to 1.

    Examples
    --------
    >>> softmax(np.array([[1000.0, 1000.0]]))
    array([[0.5, 0.5]])
    """
    raised = np.exp(logits - logits.max(axis=1, keepdims=True, initial=-np.inf))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True))
