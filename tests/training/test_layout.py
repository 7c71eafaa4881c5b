"""The order in which a fit keeps its numbers in memory: faster on a CPU, and the same numbers."""

from __future__ import annotations

import numpy as np
import torch
from torch import nn

from micromask.models import entry_of, example_inputs
from micromask.models.ststnet import STSTNet
from micromask.training.fit import Side, _laid_out, _lay_out_slots, fit
from micromask.training.recipe import Recipe

CPU = torch.device("cpu")
torch.set_num_threads(1)


def strides(tensor: torch.Tensor) -> tuple[int, ...]:
    return tuple(tensor.stride())


def test_flat_convolutions_have_channels_last_and_nothing_else_is_touched():
    network = nn.Sequential(nn.Conv2d(4, 6, 3), nn.Conv3d(4, 6, 3), nn.Linear(5, 4))
    before = [weight.detach().clone() for weight in network.parameters()]
    _laid_out(network, CPU)
    # (6, 4, 3, 3): one step to the next channel, four to the next column, twelve to the next row
    assert strides(network[0].weight) == (36, 1, 12, 4)
    assert strides(network[1].weight) == (108, 27, 9, 3, 1)
    assert all(torch.equal(a, b) for a, b in zip(before, network.parameters(), strict=True))


def test_on_a_gpu_the_order_stays():
    network = nn.Conv2d(4, 6, 3)
    _laid_out(network, torch.device("cuda"))
    assert strides(network.weight) == (36, 9, 3, 1)


def test_what_the_optimiser_remembers_lies_as_its_weights_do():
    network = _laid_out(nn.Conv2d(4, 6, 3), CPU)
    optimiser = torch.optim.Adam(network.parameters())
    network(torch.ones(2, 4, 5, 5)).sum().backward()
    optimiser.step()
    slots = optimiser.state[network.weight]
    value = slots["exp_avg"].clone()
    slots["exp_avg"] = slots["exp_avg"].contiguous()  # as it comes from a checkpoint
    _lay_out_slots(optimiser)
    assert strides(slots["exp_avg"]) == strides(network.weight) == (36, 1, 12, 4)
    assert torch.equal(slots["exp_avg"], value)


def test_a_fit_learns_the_same_as_a_plain_loop_over_the_same_batches():
    # without dropout: its masks are drawn in the order of memory
    given = entry_of("ststnet").input
    inputs, labels = example_inputs(given, 24, seed=1), np.arange(24) % 3
    recipe = Recipe(epochs=3, batch=8, learning_rate=1e-3, loss="cross-entropy")
    fitted = fit(lambda: STSTNet(3, 0.0), given, Side(inputs, labels), 3, recipe, 5, CPU)
    torch.manual_seed(5)
    plain = STSTNet(3, 0.0)
    order = torch.Generator().manual_seed(5)
    optimiser = torch.optim.Adam(plain.parameters(), lr=1e-3)
    for _ in range(3):
        plain.train()
        for batch in torch.split(torch.randperm(24, generator=order), 8):
            optimiser.zero_grad()
            loss = nn.functional.cross_entropy(plain(inputs[batch]), torch.from_numpy(labels)[batch])
            torch.autograd.backward(loss)
            optimiser.step()
    plain.eval()
    with torch.no_grad():
        difference = (plain(inputs) - fitted.network(inputs)).abs().max()
    assert difference < 1e-3
    assert difference < 1e-3 * plain(inputs).abs().max()
