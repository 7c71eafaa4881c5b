import pytest
import torch

from micromask.core.errors import BadInputError
from micromask.models import create, parameter_count
from micromask.models.cost import layer_table


def test_two_branches_of_16384_features_make_32768_and_then_128():
    table = {row.paper: row.output for row in layer_table(create("mbcc-cnn", 7))}
    assert table["first branch: flatten, 16,384"] == table["second branch: flatten, 16,384"] == ((16384,),)
    network = create("mbcc-cnn", 7).network
    assert (network.dense.in_features, network.dense.out_features) == (32768, 128)
    assert table["dense, number of classes, softmax"] == ((7,),)


def test_mbcc_cnn_has_as_many_parameters_as_the_paper_gives_by_hand():
    fine = (9 * 1 * 32 + 32) + (9 * 32 * 64 + 64)
    wide = (25 * 1 * 32 + 32) + (25 * 32 * 64 + 64)
    # The figure of the paper has 20 classes.
    assert parameter_count(create("mbcc-cnn", 20)) == fine + wide + (32768 * 128 + 128) + (128 * 20 + 20)


def test_half_of_the_128_units_are_dropped_in_training_only():
    dropout = create("mbcc-cnn", 7).network.dropout
    units = torch.ones(4, 10000)
    assert dropout.train()(units).eq(0).float().mean() == pytest.approx(0.5, abs=0.02)
    assert dropout.eval()(units).eq(1).all()


@pytest.mark.parametrize(("branch", "reach"), [(0, 3), (1, 5)])
def test_the_first_branch_sees_3_pixels_at_a_time_and_the_second_5(branch, reach):
    first = create("mbcc-cnn", 7).network.branches[branch].first
    frame = torch.zeros(1, 1, 64, 64)
    frame[..., 32, 32] = 1
    touched = (first(frame) != first(torch.zeros_like(frame))).any(dim=1)[0].nonzero()
    assert touched.min(dim=0).values.tolist() == [32 - reach // 2] * 2
    assert touched.max(dim=0).values.tolist() == [32 + reach // 2] * 2


@pytest.mark.parametrize("branch", [0, 1])
def test_both_branches_see_the_same_frame_and_reach_the_logits(branch):
    model = create("mbcc-cnn", 7).eval()
    frames = torch.rand(2, 1, 64, 64)
    before = model(frames)
    with torch.no_grad():
        model.network.branches[branch].first.weight.add_(0.5)
    assert not torch.allclose(before, model(frames))


def test_mbcc_cnn_reads_other_sizes_and_says_which_are_too_small():
    # Pools halve 20 and 30 to 10 and 15, and those to 5 and 7.
    assert create("mbcc-cnn", 2, size=(20, 30)).network.dense.in_features == 2 * 64 * 5 * 7
    with pytest.raises(BadInputError, match="4 x 4 px or more, asked for 3 x 64"):
        create("mbcc-cnn", 2, size=(3, 64))
