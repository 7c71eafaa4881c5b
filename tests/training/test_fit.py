from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from micromask.core.errors import BadInputError
from micromask.models.inputs import Input
from micromask.models.shallow_flow import ShallowFlowNet
from micromask.training.fit import Side, fit, predict_logits
from micromask.training.recipe import Recipe, recipes

CPU = torch.device("cpu")
MAPS = Input("motion", 3, 28, 28, low=-1.0, high=1.0)
MOTION = recipes["motion"]
torch.set_num_threads(1)


def planted(n: int, seed: int) -> Side:
    """Noise in which class k has a patch of upward motion in its own third of the rows."""
    rng = np.random.default_rng(seed)
    maps = torch.from_numpy(rng.normal(0, 0.1, (n, 3, 28, 28)).astype(np.float32))
    labels = np.arange(n) % 3
    for picture, label in zip(maps, labels, strict=True):
        picture[1, 2 + 9 * label : 8 + 9 * label, 8:20] -= 1
    return Side(maps, labels)


def run(recipe: Recipe, seed: int = 0, side: Side | None = None, **kwargs):
    return fit(ShallowFlowNet, MAPS, side or planted(24, 0), 3, recipe, seed, CPU, **kwargs)


def equal(one: nn.Module, other: nn.Module) -> bool:
    return all(torch.equal(a, b) for a, b in zip(one.state_dict().values(), other.state_dict().values(), strict=True))


def test_a_planted_pattern_is_learnt_and_found_again():
    fresh = planted(30, 1)
    fitted = run(replace(MOTION, epochs=8), side=planted(60, 0), watch=fresh.inputs)
    assert fitted.watched.shape == (8, 30, 3)
    assert (fitted.watched[-1].argmax(axis=1) == fresh.labels).all()
    np.testing.assert_allclose(predict_logits(fitted.network, fresh.inputs), fitted.watched[-1], atol=1e-6)
    assert fitted.rows[-1]["train_loss"] < fitted.rows[0]["train_loss"]


@pytest.mark.parametrize(
    "recipe",
    [
        pytest.param(Recipe(epochs=12, optimiser="sgd", learning_rate=0.05, momentum=0.5), id="sgd"),
        pytest.param(Recipe(epochs=12, optimiser="adamw", weight_decay=0.01, schedule="cosine"), id="adamw, cosine"),
        pytest.param(Recipe(epochs=12, loss="focal", balanced=True), id="focal, balanced"),
        pytest.param(Recipe(epochs=12, loss="cross-entropy", schedule="step", augment=("flip",)), id="step, flip"),
    ],
)
def test_every_optimiser_loss_and_schedule_learns_the_pattern(recipe):
    fresh = planted(30, 1)
    fitted = run(replace(recipe, batch=16), side=planted(90, 0))
    assert (predict_logits(fitted.network, fresh.inputs).argmax(axis=1) == fresh.labels).mean() >= 0.9


def test_the_same_seed_gives_the_same_network_and_another_seed_another():
    recipe = replace(MOTION, epochs=2)
    one, same, other = (run(recipe, seed).network for seed in (3, 3, 4))
    assert equal(one, same)
    assert not equal(one, other)


def test_watching_and_validating_change_nothing_and_the_generator_is_left_alone():
    torch.manual_seed(1)
    before = torch.random.get_rng_state()
    recipe = replace(MOTION, epochs=3)
    alone, watched = run(recipe), run(recipe, watch=planted(5, 1).inputs)
    validated = run(recipe, validation=planted(6, 2))
    assert torch.equal(before, torch.random.get_rng_state())
    assert equal(alone.network, watched.network)
    assert [row["train_loss"] for row in validated.rows] == [row["train_loss"] for row in alone.rows]


def test_fewer_epochs_are_the_beginning_of_more():
    # so the epoch that the inner folds chose can be fitted on its own
    watch = planted(9, 1).inputs
    long, short = (run(replace(MOTION, epochs=epochs), watch=watch) for epochs in (4, 2))
    np.testing.assert_array_equal(long.watched[1], short.watched[-1])


def test_with_a_validation_side_the_epoch_of_its_lowest_loss_is_kept():
    validation = planted(9, 7)
    validation = Side(validation.inputs, (validation.labels + 1) % 3)  # wrong on purpose: the first epochs hurt least
    fitted = run(replace(MOTION, epochs=6), side=planted(60, 0), validation=validation)
    losses = [row["validation_loss"] for row in fitted.rows]
    assert fitted.epoch == int(np.argmin(losses)) + 1 < 6
    short = run(replace(MOTION, epochs=fitted.epoch), side=planted(60, 0))
    assert equal(fitted.network, short.network)


def test_patience_stops_when_the_validation_loss_falls_no_more():
    validation = planted(9, 7)
    validation = Side(validation.inputs, (validation.labels + 1) % 3)
    fitted = run(replace(MOTION, epochs=30, patience=2), side=planted(60, 0), validation=validation)
    assert len(fitted.rows) == fitted.epoch + 2 < 30


def test_a_fit_that_was_cut_off_goes_on_to_the_same_bytes(tmp_path):
    recipe = replace(MOTION, epochs=6, augment=("shift", "flip", "rescale", "crop"))
    sides = {"side": planted(60, 0), "validation": planted(9, 1), "watch": planted(5, 2).inputs}
    place = tmp_path / "fit.safetensors"

    def cut(row):
        if row["epoch"] == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(recipe, checkpoint=place, on_epoch=cut, **sides)
    again: list[float] = []
    resumed = run(recipe, checkpoint=place, on_epoch=lambda row: again.append(row["epoch"]), **sides)
    whole = run(recipe, **sides)
    assert again == [4, 5, 6]
    assert equal(resumed.network, whole.network)
    assert resumed.rows == whole.rows
    np.testing.assert_array_equal(resumed.watched, whole.watched)


def test_a_checkpoint_of_another_fit_or_a_damaged_one_is_not_gone_on_from(tmp_path):
    recipe, place = replace(MOTION, epochs=2), tmp_path / "fit.safetensors"
    run(recipe, checkpoint=place)
    for change in ({"seed": 1}, {"side": planted(24, 5)}):
        seen: list[float] = []
        run(recipe, checkpoint=place, on_epoch=lambda row, seen=seen: seen.append(row["epoch"]), **change)
        assert seen == [1, 2]
    place.write_bytes(place.read_bytes()[:200])
    assert len(run(recipe, checkpoint=place).rows) == 2


def test_the_stages_hook_is_called_in_place_of_train(tmp_path):
    called: list[int] = []

    def start(network: nn.Module, epoch: int) -> None:
        called.append(epoch)
        network.eval()

    fitted = run(replace(MOTION, epochs=2), start_epoch=start)
    assert called == [0, 1]
    # batch norm was in evaluation mode: its running mean is the one it began with
    assert fitted.network.norm.running_mean.abs().max() == 0


def test_mixed_precision_on_a_cpu_is_full_precision():
    one, other = (run(replace(MOTION, epochs=1, precision=kind)).network for kind in ("full", "mixed"))
    assert equal(one, other)


def test_what_cannot_be_fitted_is_refused():
    side = planted(6, 0)
    with pytest.raises(ValueError, match=r"labels must be \(6,\)"):
        Side(side.inputs, side.labels[:5])
    with pytest.raises(ValueError, match=r"labels must be 0 \.\.\. 1"):
        fit(ShallowFlowNet, MAPS, side, 2, MOTION, 0, CPU)
    with pytest.raises(ValueError, match="epochs >= 1"):
        Recipe(epochs=0)
    with pytest.raises(ValueError, match="optimiser is one of adam, adamw, sgd, got 'adagrad'"):
        Recipe(optimiser="adagrad")
    with pytest.raises(BadInputError, match=r"augmentation 'blur' is not for inputs of 'motion'; those that are: crop"):
        run(Recipe(augment=("blur",)))
    with pytest.raises(BadInputError, match="no augmentation 'flap'; did you mean 'flip'"):
        run(Recipe(augment=("flap",)))
