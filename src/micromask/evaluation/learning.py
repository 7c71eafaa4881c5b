"""How training went, for a document: losses and accuracies by epoch over all folds and seeds, and the epochs taken."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

CURVES = tuple(f"{side}_{what}" for what in ("loss", "accuracy") for side in ("train", "validation", "test"))
"""What may be known of an epoch; of the test side only where it chose the epoch, which is a leak."""


def curves_by_epoch(rows: Sequence[Mapping[str, float | int | str]]) -> list[dict[str, Any]]:
    """A row an epoch: ``fits`` that reached it, and mean, low and high of each curve over them.

    ``low`` and ``high`` are the 10th and the 90th of a hundred fits. Fits that stopped early are missing from later
    epochs, so that a mean may move without any fit moving.

    >>> rows = [{"epoch": 1.0, "train_loss": 0.5}, {"epoch": 1.0, "train_loss": 1.0}]
    >>> curves_by_epoch(rows)[0]["train_loss"]
    {'mean': 0.75, 'low': 0.55, 'high': 0.95}
    """
    epochs: dict[int, list[Mapping[str, Any]]] = {}
    for row in rows:
        epochs.setdefault(int(row["epoch"]), []).append(row)
    return [
        {
            "epoch": epoch,
            "fits": len(epochs[epoch]),
            **{
                name: _spread([float(row[name]) for row in epochs[epoch] if name in row])
                for name in CURVES
                if any(name in row for row in epochs[epoch])
            },
        }
        for epoch in sorted(epochs)
    ]


def _spread(values: Sequence[float]) -> dict[str, float]:
    low, high = np.percentile(values, [10, 90])
    return {name: round(float(value), 6) for name, value in (("mean", np.mean(values)), ("low", low), ("high", high))}


def chosen_epochs(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any] | None:
    """The lowest, middle and highest epoch taken over all fits; None where nothing was fitted by epochs.

    >>> chosen_epochs([{"epoch": 3}, {"epoch": 9}, {"epoch": 4}])
    {'lowest': 3, 'median': 4.0, 'highest': 9, 'fits': 3}
    """
    taken = [int(row["epoch"]) for row in rows]
    if not any(taken):
        return None
    return {"lowest": min(taken), "median": float(np.median(taken)), "highest": max(taken), "fits": len(taken)}
