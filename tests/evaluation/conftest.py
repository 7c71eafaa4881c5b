"""Motion maps with a pattern that can be learnt, as a run reads them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from micromask.core.results import Sample
from micromask.core.types import SubjectId
from micromask.evaluation.material import Material

LABELS = ("negative", "positive", "surprise")


def planted_material(subjects: int = 4, each: int = 9, seed: int = 0) -> Material:
    """Maps in which class k has a patch of upward motion in its own third of the rows, on noise."""
    rng = np.random.default_rng(seed)
    maps = rng.integers(90, 110, (subjects * each, 28, 28, 3), np.uint8)
    samples = []
    for number, picture in enumerate(maps):
        label = number % 3
        picture[2 + 9 * label : 8 + 9 * label, 8:20, 1] = 20
        name = f"clip{number:02d}"
        samples.append(Sample(name, name, SubjectId("toy", f"p{number // each}"), name, LABELS[label]))
    return Material(tuple(samples), maps, LABELS, "own")


@pytest.fixture(scope="session")
def planted() -> Callable[..., Material]:
    return planted_material
