"""Counts that were worked out by hand."""

import pytest
import torch
from torch import nn

from micromask.core.errors import BadInputError
from micromask.models import create, models, multiply_adds, parameter_count
from micromask.models.catalogue import Layer
from micromask.models.cost import blueprint, count_multiply_adds, evaluation_mode, layer_table


class Recurrent(nn.Module):
    def __init__(self, kind):
        super().__init__()
        self.cells = kind(10, 20, 2, batch_first=True)

    def forward(self, steps):
        return self.cells(steps)[0]


class Attention(nn.Module):
    def __init__(self):
        super().__init__()
        self.heads = nn.MultiheadAttention(16, 4, batch_first=True)

    def forward(self, tokens):
        return self.heads(tokens, tokens, tokens, need_weights=False)[0]


class Distances(nn.Module):
    def __init__(self):
        super().__init__()
        self.register_buffer("others", torch.zeros(9, 10))
        self.register_buffer("weights", torch.zeros(9))

    def forward(self, points):
        return torch.cdist(points, self.others) @ self.weights


@pytest.mark.parametrize(
    ("network", "shape", "expected"),
    [
        pytest.param(nn.Linear(10, 3), (10,), 10 * 3, id="linear"),
        pytest.param(nn.Conv2d(3, 8, 5), (3, 12, 10), (8 * 6) * 8 * (3 * 25), id="valid convolution"),
        pytest.param(nn.Conv2d(4, 8, 3, stride=2, padding=1), (4, 8, 8), (4 * 4) * 8 * (4 * 9), id="strided"),
        pytest.param(nn.Conv2d(8, 8, 3, padding=1, groups=8), (8, 6, 6), 36 * 8 * 9, id="depthwise"),
        pytest.param(nn.Conv3d(3, 8, 3), (3, 5, 8, 8), (3 * 6 * 6) * 8 * (3 * 27), id="3D convolution"),
        # Four gates, each reads the step's input and the layer's own state; 7 steps, two layers.
        pytest.param(Recurrent(nn.LSTM), (7, 10), 7 * 4 * 20 * ((10 + 20) + (20 + 20)), id="LSTM"),
        pytest.param(Recurrent(nn.GRU), (7, 10), 7 * 3 * 20 * ((10 + 20) + (20 + 20)), id="GRU"),
        # Query, key, value and output are linear; each head weighs 5 x 5 pairs over 4 numbers, twice.
        pytest.param(Attention(), (5, 16), 4 * 5 * 16 * 16 + 2 * 4 * (5 * 5 * 4), id="attention"),
        pytest.param(Distances(), (10,), 9 * 10 + 9, id="distances, weighed"),
        pytest.param(nn.Sequential(nn.BatchNorm2d(3), nn.ReLU(), nn.MaxPool2d(2)), (3, 8, 8), 0, id="the rest"),
    ],
)
def test_multiply_adds_are_those_worked_out_by_hand(network, shape, expected):
    assert count_multiply_adds(network, shape) == expected


def test_ststnet_costs_what_its_layers_cost():
    model = create("ststnet", 3)
    # 16 filters of 3 x 3 x 3 on 30 x 30 places, then 400 numbers to 3 classes.
    assert multiply_adds(model) == 30 * 30 * 16 * 27 + 400 * 3
    assert parameter_count(model) == (27 + 1) * 16 + 2 * 16 + 400 * 3 + 3


def test_counting_leaves_a_network_as_it_was():
    model = create("ststnet", 3)
    model.network.norm.eval()
    before = {name: each.clone() for name, each in model.state_dict().items()}
    multiply_adds(model)
    layer_table(model)
    assert model.training
    assert model.network.head.training
    assert not model.network.norm.training
    assert all(torch.equal(each, before[name]) for name, each in model.state_dict().items())
    assert not any(module._forward_hooks for module in model.modules())


def test_evaluation_mode_ends_with_an_error_too():
    network = nn.Sequential(nn.Dropout(), nn.Dropout().eval())

    def fail():
        with evaluation_mode(network):
            assert not network[0].training
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert [each.training for each in network] == [True, False]


NETWORKS = sorted(name for name in models if models[name].family != "classical")
CLASSICAL = sorted(set(models) - set(NETWORKS))


@pytest.mark.parametrize("name", NETWORKS)
def test_a_blueprint_has_the_shapes_of_the_model_and_no_numbers(name):
    drawn = blueprint(name, 4)
    assert all(each.is_meta for each in drawn.parameters())
    assert drawn.input == models[name].input
    assert parameter_count(drawn) > 0
    assert multiply_adds(drawn) > 0


@pytest.mark.parametrize("name", CLASSICAL)
def test_a_classical_model_costs_nothing_before_it_is_fitted(name):
    drawn = blueprint(name, 4)
    assert parameter_count(drawn) == 0
    with pytest.raises(BadInputError, match="is not fitted"):
        multiply_adds(drawn)
    assert [row.output for row in layer_table(drawn)] == [()] * len(models[name].layers)


def test_the_layer_table_has_the_paper_beside_ours():
    table = layer_table(create("ststnet", 3))
    assert [row.paper for row in table] == [layer.paper for layer in models["ststnet"].layers]
    rows = {row.ours: row for row in table}
    assert rows["streams"].output == ((16, 30, 30),)
    shapes = {"pool": (16, 10, 10), "average": (16, 5, 5), "head": (3,)}
    assert {name: rows[name].output for name in shapes} == {name: (shape,) for name, shape in shapes.items()}
    assert [rows[name].parameters for name in ("streams", "pool", "average", "head")] == [448, 0, 0, 1203]


def test_a_module_that_is_called_once_a_row_has_each_row_its_own_call(enter_model):
    class Twice(nn.Module):
        def __init__(self):
            super().__init__()
            self.pool = nn.MaxPool2d(2)
            self.head = nn.Linear(3 * 7 * 7, 2)

        def forward(self, maps):
            return self.head(self.pool(self.pool(maps)).flatten(1))

    enter_model(
        "twice", lambda *_: Twice(), layers=(Layer("pool 1", "pool"), Layer("relu", ""), Layer("pool 2", "pool"))
    )
    rows = layer_table(create("twice", 2))
    assert [row.output for row in rows] == [((3, 14, 14),), (), ((3, 7, 7),)]


def test_a_layer_that_the_network_does_not_have_is_found_out(enter_model):
    enter_model("wrong", lambda *_: nn.Flatten(), layers=(Layer("a convolution", "conv9"),))
    with pytest.raises(ValueError, match="wrong has no module conv9"):
        layer_table(create("wrong", 2))
