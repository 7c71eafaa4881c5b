import numpy as np
import pytest

from micromask.training.temperature import fit_temperature


@pytest.mark.parametrize("true_temperature", [0.3, 1.0, 4.0])
def test_the_temperature_that_made_the_labels_is_found_again(true_temperature):
    rng = np.random.default_rng(0)
    scores = rng.normal(size=(20000, 3)) * 3
    p = np.exp(scores / true_temperature)
    p /= p.sum(axis=1, keepdims=True)
    labels = (rng.random((20000, 1)) > p.cumsum(axis=1)).sum(axis=1).clip(max=2)
    assert fit_temperature(scores, labels) == pytest.approx(true_temperature, rel=0.05)


def test_scores_that_say_nothing_are_flattened():
    scores = np.random.default_rng(0).normal(size=(3000, 3))
    assert fit_temperature(scores, np.arange(3000) % 3) > 10


def test_empty_or_unequal_input_is_refused():
    with pytest.raises(ValueError, match="N >= 1"):
        fit_temperature(np.zeros((0, 3)), np.zeros(0, int))
    with pytest.raises(ValueError, match="got"):
        fit_temperature(np.zeros((2, 3)), np.zeros(3, int))
