import pytest
import torch
from torch import nn

from micromask.core.errors import BadInputError
from micromask.models import create, models, parameter_count
from micromask.models.cost import blueprint, layer_table
from micromask.models.hybridmicronet import HybridMicroNet, ResidualAttention, ResidualBlock


def rows_of(name):
    return {row.ours: row for row in layer_table(blueprint(name, 7))}


def test_the_layers_have_the_shapes_that_the_paper_s_numbers_give():
    rows = rows_of("hybridmicronet")
    # (224 + 2 * 2 - 7) // 2 + 1 = 111, (111 - 3) // 2 + 1 = 55, 224 / 2 ** 5 = 7, 55 -> 28 -> 14 -> 7.
    assert rows["stem.0"].output == ((16, 111, 111),)
    assert rows["stem.3"].output == ((16, 55, 55),)
    assert rows["vgg"].output == ((512, 7, 7),)
    assert rows["steps"].output == ((128, 7, 7),)
    assert rows["head"].output == ((7,),)


def test_the_stem_and_the_head_have_the_parameters_that_follow_from_the_paper():
    rows = rows_of("hybridmicronet")
    assert rows["vgg"].parameters == 14_714_688
    assert rows["stem.0"].parameters == 7 * 7 * 3 * 16
    assert rows["stem.1"].parameters == 2 * 16
    assert rows["head"].parameters == (512 + 128) * 7 + 7


def test_the_residual_network_is_light_beside_vgg_16():
    network = blueprint("hybridmicronet", 7).network
    light = parameter_count(network) - parameter_count(network.vgg)
    assert light < parameter_count(network.vgg) / 10


def test_a_mask_of_zero_leaves_the_features_and_a_mask_of_one_doubles_them():
    torch.manual_seed(0)
    attention = ResidualAttention(4).eval()
    nn.init.zeros_(attention.gate.weight)
    maps = torch.rand(2, 4, 9, 9)
    for bias, factor in ((-100.0, 1), (100.0, 2), (0.0, 1.5)):
        nn.init.constant_(attention.gate.bias, bias)
        torch.testing.assert_close(attention(maps), factor * attention.trunk(maps))


def test_a_residual_block_whose_convolutions_give_nothing_hands_its_input_on():
    block = ResidualBlock(3, 3).eval()
    for module in block.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.zeros_(module.weight)
    maps = torch.rand(1, 3, 6, 6)
    torch.testing.assert_close(block(maps), maps)


def test_a_grey_film_gives_what_the_same_film_in_colour_gives():
    torch.manual_seed(0)
    colour, grey = (create("hybridmicronet", 3, size=(64, 64), channels=each).eval() for each in (3, 1))
    grey.load_state_dict(colour.state_dict())
    face = torch.rand(1, 1, 64, 64)
    with torch.no_grad():
        torch.testing.assert_close(grey(face), colour(face.repeat(1, 3, 1, 1)), rtol=0, atol=0)


def test_both_branches_are_learnt():
    torch.manual_seed(0)
    network = HybridMicroNet(2)
    network(torch.rand(2, 3, 64, 64)).square().sum().backward()
    for name in ("vgg.block1.conv1", "stem.0", "steps.2.1.gate", "head"):
        assert network.get_submodule(name).weight.grad.abs().max() > 0, name


def test_the_border_of_three_pixels_may_be_part_of_the_picture():
    with torch.device("meta"):
        rows = {row.ours: row for row in layer_table(create("hybridmicronet", 5, size=(230, 230)))}
    assert rows["steps"].output == ((128, 7, 7),)


def test_training_the_last_block_leaves_vgg_16_as_it_is():
    assert models["hybridmicronet"].stages[-2:] == (("stem", "steps"), ("head",))
    with pytest.raises(BadInputError, match="hybridmicronet halves a picture five times"):
        create("hybridmicronet", 5, size=(24, 24))
