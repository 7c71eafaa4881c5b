import pytest
import torch

from micromask.core.errors import BadInputError
from micromask.models import create, parameter_count
from micromask.models.cost import layer_table
from micromask.models.inputs import Input
from micromask.models.mbcc_cnn_modular import Fuse, MbccCNNModular, NetworkInNetworkModule, ResidualModule, TreeModule


def step(before, after, kernel=3):
    """Numbers of a convolution with bias and of the batch norm behind it."""
    return kernel**2 * before * after + after + 2 * after


def level(before, width):
    residual = step(before, width) + step(before, width) + step(width, width)
    network_in_network = step(width, width) + step(width, width, 1) + (1 + 2 + 3) * step(width, width)
    tree = (1 + 2 + 4 + 1) * step(width, width)
    return residual + network_in_network + tree


def test_the_modules_are_as_wide_as_published_and_shrink_as_their_pools_do():
    table = {row.paper: row.output for row in layer_table(create("mbcc-cnn-modular", 7))}
    # 64 less the border of a valid convolution is 62; a pool of 3 with stride 2 leaves 30, 14, 6 and 2 of it.
    assert table["convolution before the modules"] == ((32, 62, 62),)
    assert table["module 1: residual, with a shortcut"] == ((72, 62, 62),)
    assert table["module 2: four Network-in-Network branches"] == ((72, 62, 62),)
    assert table["module 2: branches fused, pooled"] == ((72, 30, 30),)
    assert table["module 3: tree, four twigs"] == table["module 3: twigs fused, convolution"] == ((72, 14, 14),)
    assert table["module 1 again, twice as wide"] == ((144, 14, 14),)
    assert table["module 2 again"] == ((144, 6, 6),)
    assert table["module 3 again"] == ((144, 2, 2),)
    assert table["cross connection between levels"] == ((72, 2, 2),)
    assert table["convolution after the modules"] == ((288, 2, 2),)
    assert table["global average pooling"] == ((288, 1, 1),)


def test_the_modular_network_has_as_many_parameters_as_by_hand():
    by_hand = step(1, 32) + level(32, 72) + level(72, 144) + step(72 + 144, 288) + (288 * 7 + 7)
    assert parameter_count(create("mbcc-cnn-modular", 7)) == by_hand


def test_the_global_average_makes_the_head_as_large_for_any_size():
    heads = [create("mbcc-cnn-modular", 7, size=size).network.head.weight.shape for size in ((33, 33), (48, 96))]
    assert heads == [(7, 288)] * 2


def test_the_shortcut_passes_the_input_by_where_the_body_is_silent():
    module = ResidualModule(2, 4).eval()
    with torch.no_grad():
        module.body[-1].weight.zero_()
        module.body[-1].bias.zero_()
    planes = torch.rand(1, 2, 6, 6)
    torch.testing.assert_close(module(planes), torch.relu(module.shortcut(planes)))
    assert module(planes).abs().sum() > 0


def test_branches_are_added_as_equation_5_says():
    module = NetworkInNetworkModule(4, "add").eval()
    planes = module.stem(torch.rand(1, 4, 9, 9))
    added = sum(branch(planes) for branch in module.branches)
    torch.testing.assert_close(module.fuse([branch(planes) for branch in module.branches]), added)


def test_concatenated_branches_keep_the_number_of_channels_and_each_counts():
    torch.manual_seed(0)
    fuse = Fuse(4, 4, "concatenate").eval()
    planes = [torch.rand(1, 4, 5, 5) for _ in range(4)]
    whole = fuse(planes)
    assert whole.shape == (1, 4, 5, 5)
    for number in range(4):
        without = [plane * (place != number) for place, plane in enumerate(planes)]
        assert not torch.allclose(fuse(without), whole)


def test_the_branches_of_network_in_network_see_1_3_5_and_7_pixels_far():
    module = NetworkInNetworkModule(2, "add").eval()
    with torch.no_grad():
        for parameter in module.branches.parameters():
            parameter.abs_()  # so that no relu cuts a path
    for branch, reach in zip(module.branches, (1, 3, 5, 7), strict=True):
        planes = torch.rand(1, 2, 15, 15, requires_grad=True)
        branch(planes)[..., 7, 7].sum().backward()
        seen = planes.grad.abs().sum(dim=1)[0].nonzero()
        assert seen.min(dim=0).values.tolist() == [7 - reach // 2] * 2
        assert seen.max(dim=0).values.tolist() == [7 + reach // 2] * 2


def test_two_twigs_hang_on_each_bough_of_the_tree():
    torch.manual_seed(0)
    module = TreeModule(3, "add").eval()
    given = []
    for twig in module.twigs:
        twig.register_forward_hook(lambda _, inputs, __: given.append(inputs[0]))
    module(torch.rand(1, 3, 9, 9))
    assert given[0] is given[1]
    assert given[2] is given[3]
    assert not torch.equal(given[0], given[2])
    assert given[0].shape == (1, 3, 4, 4)


def test_the_cross_connection_carries_the_first_level_past_the_second():
    torch.manual_seed(0)
    model = create("mbcc-cnn-modular", 3, size=(33, 33)).eval()
    with torch.no_grad():
        for parameter in model.network.second.parameters():
            parameter.zero_()
    one, other = model(torch.rand(1, 1, 33, 33)), model(torch.rand(1, 1, 33, 33))
    assert not torch.equal(one, other)


def test_the_other_reading_concatenates_in_every_module_two_and_three():
    given = Input("frame", 1, 64, 64)
    more = parameter_count(MbccCNNModular(given, 7, fusion="concatenate")) - parameter_count(MbccCNNModular(given, 7))
    assert more == 2 * step(4 * 72, 72, 1) + 2 * step(4 * 144, 144, 1)


def test_a_frame_that_is_too_small_is_named():
    with pytest.raises(BadInputError, match="33 x 33 px or more, asked for 32 x 64"):
        create("mbcc-cnn-modular", 7, size=(32, 64))
