"""What is said of chance is what the fit does: asked of every classical model, the day it is named."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from micromask.evaluation.chance import WITHOUT_CHANCE, seed_matters
from micromask.models import create, entry_of, models
from micromask.training.fit_classical import ClassicalRecipe, fit_classical

CLASSICAL = [name for name in models if entry_of(name).family == "classical"]


def arrays(name: str, seed: int) -> dict[str, np.ndarray]:
    """What a model has learnt of noise in three classes."""
    model = create(name, 3)
    inputs = torch.from_numpy(np.random.default_rng(0).random((12, *model.input.shape), np.float32))
    fit_classical(model, inputs, np.arange(12) % 3, seed=seed, recipe=ClassicalRecipe(passes=3))
    return {key: value.numpy().copy() for key, value in model.state_dict().items()}


@pytest.mark.parametrize("name", CLASSICAL)
def test_a_seed_changes_what_is_learnt_exactly_where_it_is_said_to(name):
    first, same, other = (arrays(name, seed) for seed in (0, 0, 1))
    assert all(np.array_equal(first[key], same[key]) for key in first)
    differs = any(not np.array_equal(first[key], other[key]) for key in first)
    assert differs == seed_matters(name)


def test_both_sorts_are_among_the_classical_models():
    assert {seed_matters(name) for name in CLASSICAL} == {True, False}
    assert set(CLASSICAL) >= WITHOUT_CHANCE


def test_a_seed_matters_to_every_network_and_to_what_nobody_knows():
    assert all(seed_matters(name) for name in models if name not in CLASSICAL)
    assert seed_matters("somebody's net")
