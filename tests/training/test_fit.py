import numpy as np
import pytest
import torch

from micromask.models.shallow_flow import ShallowFlowNet
from micromask.training.fit import Recipe, as_input, fit_network, predict_logits

CPU = torch.device("cpu")
torch.set_num_threads(1)


def planted(n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Noise in which class k has a patch of upward motion in its own third of the rows."""
    rng = np.random.default_rng(seed)
    maps = rng.integers(90, 110, (n, 28, 28, 3), np.uint8)
    labels = np.arange(n) % 3
    for picture, label in zip(maps, labels, strict=True):
        picture[2 + 9 * label : 8 + 9 * label, 8:20, 1] = 20
    return maps, labels


def test_a_planted_pattern_is_learnt_and_found_again():
    maps, labels = planted(60, 0)
    fresh, truth = planted(30, 1)
    fitted = fit_network(ShallowFlowNet, maps, labels, Recipe(epochs=8), 0, CPU, watch=fresh)
    assert fitted.watched.shape == (8, 30, 3)
    assert (fitted.watched[-1].argmax(axis=1) == truth).all()
    np.testing.assert_allclose(predict_logits(fitted.network, as_input(fresh)), fitted.watched[-1], atol=1e-6)


def test_the_same_seed_gives_the_same_network_and_another_seed_another():
    maps, labels = planted(24, 0)
    one, same, other = (
        predict_logits(fit_network(ShallowFlowNet, maps, labels, Recipe(epochs=2), seed, CPU).network, as_input(maps))
        for seed in (3, 3, 4)
    )
    np.testing.assert_array_equal(one, same)
    assert not np.allclose(one, other)


def test_watching_changes_nothing_and_the_generator_is_left_alone():
    maps, labels = planted(24, 0)
    torch.manual_seed(1)
    before = torch.random.get_rng_state()
    alone, watched = (
        fit_network(ShallowFlowNet, maps, labels, Recipe(epochs=3), 0, CPU, watch=watch).network
        for watch in (None, maps)
    )
    assert torch.equal(before, torch.random.get_rng_state())
    np.testing.assert_array_equal(predict_logits(alone, as_input(maps)), predict_logits(watched, as_input(maps)))


def test_fewer_epochs_are_the_beginning_of_more():
    # so the epoch that the inner folds chose can be fitted on its own
    maps, labels = planted(24, 0)
    long = fit_network(ShallowFlowNet, maps, labels, Recipe(epochs=4), 0, CPU, watch=maps)
    short = fit_network(ShallowFlowNet, maps, labels, Recipe(epochs=2), 0, CPU, watch=maps)
    np.testing.assert_array_equal(long.watched[1], short.watched[-1])


def test_input_is_each_channel_less_its_median():
    maps = np.full((1, 28, 28, 3), 100, np.uint8)
    maps[0, 3, 4] = 228, 36, 100
    found = as_input(maps)
    assert found.shape == (1, 3, 28, 28)
    assert found[0, :, 3, 4].tolist() == [2.0, -1.0, 0.0]
    assert found.count_nonzero() == 2


def test_what_cannot_be_fitted_is_refused():
    maps, labels = planted(6, 0)
    with pytest.raises(ValueError, match=r"labels must be \(6,\)"):
        fit_network(ShallowFlowNet, maps, labels[:5], Recipe(), 0, CPU)
    with pytest.raises(ValueError, match="epochs >= 1"):
        Recipe(epochs=0)
