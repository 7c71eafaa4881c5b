"""Which clips a model is most wrong about, and which it is surest of: what to look at before believing a figure."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from micromask.evaluation.tested import Tested, by_clip


def hardest_clips(tested: Tested, most: int = 20) -> list[dict[str, Any]]:
    """Clips that are wrong in more than half of their predictions, the surest mistakes first.

    Every seed, and every fold that tests the clip, gives one prediction of it; frames of a clip are averaged first.
    Ties go by name.

    Returns
    -------
    list of dict
        ``clip``, ``subject``, ``truth``; ``said``: the wrong class named most often; ``wrong``: the share of
        predictions that are wrong; ``certainty``: the mean over its predictions of the probability that went to a wrong
        answer (0 where the answer was right), by which they are sorted; ``p_truth``: the mean probability of the truth.
    """
    rows = [row for row in _clips(tested) if row["wrong"] > 0.5]
    return sorted(rows, key=lambda row: (-row["certainty"], row["clip"]))[:most]


def surest_clips(tested: Tested, most: int = 6) -> list[dict[str, Any]]:
    """Clips that are right in all their predictions, the surest first; the same columns as `hardest_clips`."""
    rows = [row for row in _clips(tested) if row["wrong"] == 0]
    return sorted(rows, key=lambda row: (-row["p_truth"], row["clip"]))[:most]


def _clips(tested: Tested) -> list[dict[str, Any]]:
    clips = by_clip(tested)
    said, right = clips.said, clips.right
    sure = clips.probabilities.max(axis=2)
    true = clips.probabilities[:, np.arange(len(clips.truth)), clips.truth]
    place: dict[str, list[int]] = {}
    for row, name in enumerate(clips.clips.tolist()):
        place.setdefault(name, []).append(row)
    found = []
    for name, rows in place.items():
        wrong = ~right[:, rows]
        found.append(
            {
                "clip": name,
                "subject": str(clips.subjects[rows[0]]),
                "truth": clips.labels[clips.truth[rows[0]]],
                "said": clips.labels[_most_often(said[:, rows], wrong, len(clips.labels))],
                "wrong": float(wrong.mean()),
                "certainty": float((sure[:, rows] * wrong).mean()),
                "p_truth": float(true[:, rows].mean()),
            }
        )
    return found


def _most_often(said: NDArray[np.int64], wrong: NDArray[np.bool_], classes: int) -> int:
    counted = said[wrong] if wrong.any() else said.ravel()
    return int(np.bincount(counted, minlength=classes).argmax())
